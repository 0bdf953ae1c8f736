package intake

import (
	"net/mail"
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"onbehalf/bot/customer"
)

// parseEmail reads a bare e-mail address. It gives the code of the problem, or
// none together with the address and its domain in ASCII.
func parseEmail(s string) (address, domain, problem string) {
	s = strings.TrimSpace(s)
	parsed, err := mail.ParseAddress(s)
	switch {
	case err != nil || len(s) > 254 || strings.ContainsAny(s, "\r\n\""):
		return "", "", "email_shape"
	case parsed.Name != "" || parsed.Address != s:
		return "", "", "email_name"
	}
	at := strings.LastIndexByte(s, '@')
	domain, ok := customer.ParseDomain(s[at+1:])
	if !ok {
		return "", "", "email_shape"
	}
	return s[:at+1] + domain, domain, ""
}

var phoneShape = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

// ParsePhone reads an E.164 number; blanks, hyphens, brackets and dots between
// the digits are left out.
func ParsePhone(s string) (string, bool) {
	s = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || strings.ContainsRune("-‐‑–().[]/", r) {
			return -1
		}
		return r
	}, norm.NFKC.String(s))
	return s, phoneShape.MatchString(s)
}
