package ticket

import (
	"net/mail"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

// ownDigits is how many digits a number of ours has at most; what is longer is
// Microsoft's, also behind "SR".
const ownDigits = 6

// ParseNumber reads a ticket's number as people type it: "SR-1", "sr1", "SR 1",
// "#1" or "1".
func ParseNumber(s string) (Number, bool) {
	s = strings.ToLower(strings.TrimSpace(norm.NFKC.String(s)))
	if rest, ok := strings.CutPrefix(s, "#"); ok {
		s = rest
	}
	if rest, ok := strings.CutPrefix(s, "sr"); ok {
		s = strings.TrimLeft(rest, " -‐‑–—#")
	}
	if s == "" || len(s) > ownDigits || strings.TrimLeft(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return Number(n), err == nil && n > 0
}

// ParseKind reads a kind of request by its id.
func ParseKind(s string) (Kind, bool) {
	switch k := Kind(strings.ToLower(strings.TrimSpace(s))); k {
	case Technical, Billing, Subscribing, Fraud:
		return k, true
	}
	return "", false
}

var (
	// incidentShape is the id of an incident as the service health of Microsoft 365
	// writes it, trackingShape as Azure's does.
	incidentShape = regexp.MustCompile(`^[A-Z]{2}[0-9]{5,7}$`)
	trackingShape = regexp.MustCompile(`^[A-Z0-9_]{4}-[A-Z0-9_]{3}$`)
	// messageShape is a post of the message center, which is no incident.
	messageShape = regexp.MustCompile(`^MC[0-9]+$`)
)

// ParseIncident reads the id of an incident, such as EX123456 or Azure's VT60-RC0, in
// any letter case and with blanks in it, and gives it as service health writes it (E2).
func ParseIncident(s string) (string, bool) {
	id := incidentID(s)
	return id, !IsMessagePost(id) && (incidentShape.MatchString(id) || trackingShape.MatchString(id))
}

// IsMessagePost says whether an id is that of a post in the message center, such as
// MC123456, which is no incident.
func IsMessagePost(s string) bool { return messageShape.MatchString(incidentID(s)) }

func incidentID(s string) string {
	return strings.ToUpper(strings.Join(strings.Fields(strings.TrimRight(s, ".,:;")), ""))
}

// The GUIDs that Microsoft uses are of any version, so only the shape counts.
var guidShape = regexp.MustCompile(`^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$`)

const guidLength = 36

const zeros = "00000000-0000-0000-0000-000000000000"

// bareGUID trims blanks and braces and lowers the letters.
func bareGUID(s string) string {
	return strings.ToLower(strings.Trim(strings.TrimSpace(s), "{} \t"))
}

// ParseGUID reads a GUID, with braces or without, and gives it in lower case.
// All zeros are none.
func ParseGUID(s string) (string, bool) {
	s = bareGUID(s)
	return s, guidShape.MatchString(s) && s != zeros
}

var toASCII = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.VerifyDNSLength(true), idna.StrictDomainName(true))

// ParseDomain reads a domain name and gives it in ASCII (IDNA) and lower case.
// It takes no scheme, port, path or address, and no name of one label.
func ParseDomain(s string) (string, bool) {
	s = strings.TrimSpace(s)
	if !plain(s) || strings.Contains(strings.ToLower(s), "xn--") {
		ascii, err := toASCII.ToASCII(s)
		if err != nil {
			return "", false
		}
		s = ascii
	}
	s = strings.ToLower(s)
	labels, number := 0, false
	for rest, more := s, true; more; labels++ {
		var label string
		label, rest, more = strings.Cut(rest, ".")
		if !hostLabel(label) {
			return "", false
		}
		number = strings.Trim(label, "0123456789") == ""
	}
	if labels < 2 || len(s) > 253 || number {
		return "", false
	}
	return s, true
}

// UnicodeDomain gives a domain as people write it: "bücher.example" for
// "xn--bcher-kva.example". What is no such name stays as it is.
func UnicodeDomain(ascii string) string {
	if !strings.Contains(ascii, "xn--") {
		return ascii
	}
	name, err := idna.Display.ToUnicode(ascii)
	if same, ok := ParseDomain(name); err != nil || !ok || same != ascii {
		return ascii
	}
	return name
}

// hostLabel says whether s is 1 to 63 letters, digits and inner hyphens.
func hostLabel(s string) bool {
	if s == "" || len(s) > 63 || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	for i := range len(s) {
		if c := s[i]; c != '-' && (c < '0' || c > '9') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}

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
	domain, ok := ParseDomain(s[at+1:])
	if !ok {
		return "", "", "email_shape"
	}
	return s[:at+1] + domain, domain, ""
}

// domainOf gives the customer's domain that an address' domain lies in, itself
// or a parent of it (R15).
func (c Customer) domainOf(domain string) (string, bool) {
	for {
		for _, own := range append([]string{c.PrimaryDomain}, c.CustomDomains...) {
			if ascii, ok := ParseDomain(own); ok && ascii == domain {
				return own, true
			}
		}
		_, parent, more := strings.Cut(domain, ".")
		if !more {
			return "", false
		}
		domain = parent
	}
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

// offered are the languages in which Microsoft gives support, by primary tag;
// true means that it matters which kind of them.
var offered = map[string]bool{
	"en": false, "es": false, "fr": false, "de": false, "it": false, "ja": false, "ko": false, "ru": false, "pt": true, "zh": true,
}

// ParseLanguage reads a BCP 47 tag and gives it in its canonical spelling;
// English is always "en".
func ParseLanguage(s string) (string, bool) {
	tag, err := language.Parse(strings.TrimSpace(s))
	if err != nil || tag == language.Und {
		return "", false
	}
	if base, _ := tag.Base(); base.String() == "en" {
		return "en", true
	}
	return tag.String(), true
}

// Offered says whether Microsoft gives support in the language (R37, R38).
func Offered(tag string) bool {
	_, ok := offered[primary(tag)]
	return ok
}

// offeredAs gives the spelling under which an offered language is offered: "fr"
// for "fr-fr", but "zh-TW" for "zh-tw".
func offeredAs(tag string) string {
	if base := primary(tag); !offered[base] {
		return base
	}
	canonical, _ := ParseLanguage(tag)
	return canonical
}

// primary is the primary tag of a language, empty for what is none.
func primary(tag string) string {
	parsed, err := language.Parse(tag)
	if err != nil {
		return ""
	}
	base, _ := parsed.Base()
	return base.String()
}

// args pairs names with values.
func args(pairs ...any) map[string]any {
	m := make(map[string]any, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		m[pairs[i].(string)] = pairs[i+1]
	}
	return m
}
