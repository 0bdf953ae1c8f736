package customer

import (
	"regexp"
	"strings"

	"golang.org/x/net/idna"

	"onbehalf/bot/plaintext"
)

// The GUIDs that Microsoft uses are of any version, so only the shape counts.
var guidShape = regexp.MustCompile(`^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$`)

// GUIDLength is how many characters a GUID has, without braces.
const GUIDLength = 36

// ZeroGUID is the GUID of nothing; no tenant and no subscription has it.
const ZeroGUID = "00000000-0000-0000-0000-000000000000"

// BareGUID trims blanks and braces and lowers the letters.
func BareGUID(s string) string {
	return strings.ToLower(strings.Trim(strings.TrimSpace(s), "{} \t"))
}

// ParseGUID reads a GUID, with braces or without, and gives it in lower case.
// All zeros are none.
func ParseGUID(s string) (string, bool) {
	s = BareGUID(s)
	return s, guidShape.MatchString(s) && s != ZeroGUID
}

var toASCII = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.VerifyDNSLength(true), idna.StrictDomainName(true))

// ParseDomain reads a domain name and gives it in ASCII (IDNA) and lower case.
// It takes no scheme, port, path or address, and no name of one label.
func ParseDomain(s string) (string, bool) {
	s = strings.TrimSpace(s)
	if !plaintext.IsASCII(s) || strings.Contains(strings.ToLower(s), "xn--") {
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

// DomainOf gives the customer's domain that an address' domain lies in, itself
// or a parent of it (R15).
func (c Customer) DomainOf(domain string) (string, bool) {
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
