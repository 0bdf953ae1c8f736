package customer

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"

	"onbehalf/bot/plaintext"
)

// spaces makes plain blanks of those that look the same and drops characters
// that nobody sees. Those that shape a script, such as joiners, stay.
var spaces = strings.NewReplacer("\u00a0", " ", "\u202f", " ", "\u2007", " ", "\u200b", "", "\u2060", "", "\ufeff", "", "\u00ad", "")

// machineText gives a value that is no text of people, such as an id or a domain,
// without anything invisible in it.
func machineText(s string) string {
	if plaintext.IsASCII(s) {
		return strings.TrimSpace(s)
	}
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Cf, r), unicode.IsControl(r) && r != '\n' && r != '\t':
			return -1
		case unicode.Is(unicode.Zs, r):
			return ' '
		}
		return r
	}, s))
}

var formulaText = regexp.MustCompile(`^\s*="(.*)"\s*$`)

// unformula gives the text of a cell that is written as the formula ="…".
func unformula(cell string) string {
	if !strings.Contains(cell, `="`) {
		return cell
	}
	if m := formulaText.FindStringSubmatch(cell); m != nil {
		return strings.ReplaceAll(m[1], `""`, `"`)
	}
	return cell
}

// readDomain reads a domain as people write it down: with a scheme, "www.", an
// at-sign before it or the root's dot behind it.
func readDomain(value string) (string, error) {
	s := strings.ToLower(value)
	if _, rest, isURL := strings.Cut(s, "://"); isURL {
		s, _, _ = strings.Cut(rest, "/")
	}
	s = strings.TrimSuffix(strings.TrimPrefix(strings.TrimSuffix(s, "/"), "@"), ".")
	if shorter, www := strings.CutPrefix(s, "www."); www && strings.Contains(shorter, ".") {
		s = shorter
	}
	if domain, ok := ParseDomain(s); ok {
		return domain, nil
	}
	if _, domain, isAddress := strings.Cut(s, "@"); isAddress {
		return "", fmt.Errorf("%q is an address; write the domain alone, such as %s", plaintext.Excerpt(value), plaintext.Excerpt(domain))
	}
	return "", fmt.Errorf("%q is no domain such as contoso.example", plaintext.Excerpt(value))
}

var (
	timeOfDay    = regexp.MustCompile(`^(\S*\d)[T ]\d{1,2}:\d{2}.*$`)
	yearFirst    = regexp.MustCompile(`^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$`)
	dayFirst     = regexp.MustCompile(`^(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})$`)
	eitherFirst  = regexp.MustCompile(`^(\d{1,2})[-/](\d{1,2})[-/](\d{4})$`)
	errAmbiguous = errors.New("ambiguous")
)

// noDate is what Microsoft's systems write where there is no date.
const noDate = "0001-01-01"

// readDate reads a day as 2027-03-31, 2027-03-31T00:00:00Z, 31.03.2027, 3/31/2027
// or 31/3/2027, with or without a time of day, and gives it as "2006-01-02"; empty
// for none. It refuses what could be two days.
func readDate(value string) (string, error) {
	text := value
	if m := timeOfDay.FindStringSubmatch(text); m != nil {
		text = m[1]
	}
	var day time.Time
	var err error
	if m := yearFirst.FindStringSubmatch(text); m != nil {
		day, err = dayOf(m[1], m[2], m[3])
	} else if m := dayFirst.FindStringSubmatch(text); m != nil {
		day, err = dayOf(m[3], m[2], m[1])
	} else if m := eitherFirst.FindStringSubmatch(text); m != nil {
		american, notAmerican := dayOf(m[3], m[1], m[2])
		british, notBritish := dayOf(m[3], m[2], m[1])
		switch {
		case notAmerican != nil:
			day, err = british, notBritish
		case notBritish != nil || american.Equal(british):
			day = american
		default:
			return "", fmt.Errorf("%q: %w, it can be %s or %s; write one of these", plaintext.Excerpt(value), errAmbiguous, american.Format(time.DateOnly), british.Format(time.DateOnly))
		}
	} else if text != "" {
		err = errors.New("no date")
	}
	switch text = day.Format(time.DateOnly); {
	case err != nil:
		return "", fmt.Errorf("%q is no date such as 2027-03-31", plaintext.Excerpt(value))
	case text == noDate:
		return "", nil
	}
	return text, nil
}

// dayOf refuses what is in no calendar, such as 29 February of most years.
func dayOf(year, month, day string) (time.Time, error) {
	return time.Parse("2006-1-2", strings.Join([]string{year, month, day}, "-"))
}
