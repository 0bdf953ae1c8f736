package ticket

import (
	"net/mail"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/net/idna"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

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
	if s == "" || len(s) > 18 || strings.TrimLeft(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return Number(n), err == nil && n > 0
}

// cyrillic are the letters that look like A, B and C.
var cyrillic = strings.NewReplacer("а", "a", "в", "b", "с", "c", "А", "a", "В", "b", "С", "c")

// ParseSeverity reads a severity; Cyrillic А, В and С count as A, B and C.
func ParseSeverity(s string) (Severity, bool) {
	switch cyrillic.Replace(strings.ToLower(strings.TrimSpace(s))) {
	case "a":
		return SeverityA, true
	case "b":
		return SeverityB, true
	case "c":
		return SeverityC, true
	case "noncritical", "non-critical":
		return NonCritical, true
	}
	return "", false
}

var platforms = map[string]Platform{
	"azure": Azure, "office365": Office365, "office": Office365, "o365": Office365, "m365": Office365, "microsoft365": Office365,
	"dynamics365": Dynamics, "dynamics": Dynamics, "d365": Dynamics, "crm": Dynamics, "ems": EMS, "intune": EMS,
	// The names that Microsoft gave them, then and now.
	"microsoftazure": Azure, "dynamicscrmonline": Dynamics, "microsoftdynamicscrmonline": Dynamics, "microsoftdynamics365": Dynamics,
	"powerplatform": Dynamics, "enterprisemobilitysuite": EMS, "enterprisemobility+security": EMS, "e+s": EMS, "ems(intune)": EMS,
	"ms365": Office365, "microsoftoffice365": Office365, "microsoftintune": EMS,
}

// ParsePlatform reads a platform by its id or by one of the names people use.
func ParsePlatform(s string) (Platform, bool) {
	p, ok := platforms[strings.ReplaceAll(Fold(s), " ", "")]
	return p, ok
}

// ParseKind reads a kind of request by its id.
func ParseKind(s string) (Kind, bool) {
	switch k := Kind(strings.ToLower(strings.TrimSpace(s))); k {
	case Technical, Billing, Subscribing, Fraud:
		return k, true
	}
	return "", false
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

// casePrefix is what people copy along with Microsoft's number.
var casePrefix = regexp.MustCompile(`^(?i:(?:tracking\s*id|support request|service request|sr|case|ticket|request|nr|no|№)[\s.:#-]*|[#:\s]+)`)

const (
	leastCase = 7
	mostCase  = 20
)

// ParseCase reads Microsoft's case number and gives its digits. It refuses what
// is no number of 7 to 20 digits; the problem is a code of CodeTable.
func ParseCase(s string) (digits string, problem *Problem) {
	s = strings.TrimSpace(norm.NFKC.String(s))
	for {
		rest := casePrefix.ReplaceAllString(s, "")
		if rest == s {
			break
		}
		s = rest
	}
	digits = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '-' {
			return -1
		}
		return r
	}, s)
	switch {
	case digits == "":
		return "", &Problem{Field: "microsoftCase", Code: "required"}
	case strings.Trim(digits, "0123456789") != "":
		return "", &Problem{Field: "microsoftCase", Code: "case_shape"}
	case len(digits) < leastCase || len(digits) > mostCase:
		return "", &Problem{Field: "microsoftCase", Code: "case_length", Args: args("length", len(digits), "least", leastCase, "most", mostCase)}
	}
	return digits, nil
}

// caseWarning says what is unusual about Microsoft's number, if anything is.
func caseWarning(platform Platform, digits string) *Warning {
	date := ""
	switch {
	case len(digits) == 15 && (digits[0] == '1' || digits[0] == '6'):
		date = digits[1:7]
	case len(digits) == 16:
		date = digits[:6]
	case platform != Azure && len(digits) >= 8 && len(digits) <= 16:
		return nil
	default:
		return &Warning{Code: "case_unusual", Field: "microsoftCase"}
	}
	if month, _ := strconv.Atoi(date[2:4]); month < 1 || month > 12 {
		return &Warning{Code: "case_month", Field: "microsoftCase", Args: args("month", month)}
	}
	if _, err := time.Parse("060102", date); err != nil {
		return &Warning{Code: "case_unusual", Field: "microsoftCase"}
	}
	return nil
}

// times are the layouts of a local date and time, as people of the three
// languages write them.
var times = []string{
	"2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2.1.2006 15:04", "2/1/2006 15:04",
}

// daysOfAYear are the layouts that lack the year.
var daysOfAYear = []string{"2.1. 15:04", "2.1 15:04", "2 Jan 15:04"}

// ParseTime reads an instant: RFC 3339 with its offset, or a local date and time
// in zone. Without the year, or as a time of day alone, it is the last time that
// the calendar or the clock showed it.
func ParseTime(s string, zone *time.Location, now time.Time) (time.Time, bool) {
	s = strings.Join(strings.Fields(strings.ReplaceAll(s, ",", " ")), " ")
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t, sane(t)
	}
	for _, layout := range times {
		if t, err := time.ParseInLocation(layout, s, zone); err == nil {
			return t, sane(t)
		}
	}
	today := now.In(zone)
	for _, layout := range daysOfAYear {
		if t, err := time.Parse(layout, s); err == nil {
			last := lastBefore(now, func(back int) time.Time {
				return time.Date(today.Year()-back, t.Month(), t.Day(), t.Hour(), t.Minute(), 0, 0, zone)
			})
			return last, last.Day() == t.Day() // most years have no 29 February
		}
	}
	if t, err := time.Parse("15:04", s); err == nil {
		return lastBefore(now, func(back int) time.Time {
			return time.Date(today.Year(), today.Month(), today.Day()-back, t.Hour(), t.Minute(), 0, 0, zone)
		}), true
	}
	return time.Time{}, false
}

// lastBefore gives the first of two candidates that is not in the future; clocks
// that run some minutes ahead are forgiven.
func lastBefore(now time.Time, candidate func(back int) time.Time) time.Time {
	if t := candidate(0); !t.After(now.Add(clockSkew)) {
		return t
	}
	return candidate(1)
}

func sane(t time.Time) bool { return t.Year() >= 2000 && t.Year() < 2200 }

// clockSkew is how far in the future an instant may lie that somebody typed.
const clockSkew = 2 * time.Minute

// args pairs names with values.
func args(pairs ...any) map[string]any {
	m := make(map[string]any, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		m[pairs[i].(string)] = pairs[i+1]
	}
	return m
}
