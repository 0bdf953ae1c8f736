package request

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"onbehalf/bot/plaintext"
)

// casePrefix is what people copy along with Microsoft's number.
var casePrefix = regexp.MustCompile(`^(?i:(?:` + caseLabels + `)[\s.:#№-]*|[#:\s]+)`)

// caseLabels are the words that stand before Microsoft's number in the portals and in
// mails.
const caseLabels = `tracking\s*id|support\s+request(?:\s+(?:number|id))?|service\s+request|sr|case(?:\s+(?:number|id|no\b))?|` +
	`ticket(?:nummer)?|fallnummer|fall|supportanfrage|request|nr|no|номер\s+запроса|запрос|обращение|№`

var (
	trackingLabel = regexp.MustCompile(`(?i)tracking\s*id[\s.:#№-]*`)
	anyCaseLabel  = regexp.MustCompile(`(?i)(?:^|[^\pL])(?:` + caseLabels + `)[\s.:#№-]*`)
)

const (
	leastCase = 7
	mostCase  = 20
	// caseDigits is how many digits a case has today; a task split off one has three
	// more, behind those of its case.
	caseDigits, taskDigits = 16, 19
)

// ParseCase reads Microsoft's case number out of what people paste, such as a whole
// mail subject, and gives its digits. It refuses what is no number of 7
// to 20 digits, and several different ones; the problem is a code of CodeTable.
func ParseCase(s string) (digits string, problem *Problem) {
	s = strings.TrimSpace(norm.NFKC.String(s))
	if found := casesIn(s); len(found) > 1 {
		var numbers []string
		for _, f := range found {
			numbers = append(numbers, f.digits)
		}
		return "", &Problem{Field: "microsoftCase", Code: "case_many", Args: Args("numbers", strings.Join(numbers, ", "))}
	} else if len(found) == 1 {
		return found[0].digits, nil
	}
	for {
		rest := casePrefix.ReplaceAllString(s, "")
		if rest == s {
			break
		}
		s = rest
	}
	digits = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.Pd, r) {
			return -1
		}
		return r
	}, strings.TrimRight(s, ".,;:)]"))
	switch {
	case digits == "":
		return "", &Problem{Field: "microsoftCase", Code: "required"}
	case strings.Trim(digits, "0123456789") != "":
		return "", &Problem{Field: "microsoftCase", Code: "case_shape"}
	case len(digits) < leastCase || len(digits) > mostCase:
		return "", &Problem{Field: "microsoftCase", Code: "case_length", Args: Args("length", len(digits), "least", leastCase, "most", mostCase)}
	}
	return digits, nil
}

// CutCase parts what was typed behind a request's number: Microsoft's number with what
// was pasted along, and when it was filed.
func CutCase(text string) (number, when string) {
	text = strings.TrimSpace(norm.NFKC.String(text))
	end := 0
	if found := casesIn(text); len(found) > 0 {
		end = found[len(found)-1].end
	} else if first := strings.IndexAny(text, "0123456789"); first >= 0 {
		end = first + len(strings.Fields(text[first:])[0])
	} else {
		return text, ""
	}
	when = strings.TrimLeft(text[end:], " \t\n,.;:)]")
	if !strings.ContainsAny(when, "0123456789") {
		when = "" // words of the mail that came along
	}
	return text[:end], when
}

// CaseIn says whether a text that is searched for names a case of Microsoft's, and
// gives the digits by which it and the tasks split off it are found.
func CaseIn(text string) (digits string, ok bool) {
	text = plaintext.SearchText(text)
	digits, problem := ParseCase(text)
	if problem != nil {
		return "", false
	}
	if len(digits) == taskDigits {
		digits = digits[:caseDigits]
	}
	return digits, true
}

// SearchWords gives what has to be found for a search: the number where it names a
// case in any spelling that filing takes, else every word.
func SearchWords(s string) []string {
	if digits, ok := CaseIn(s); ok {
		return []string{digits}
	}
	return plaintext.FoldWords(s)
}

// foundCase is a number in a text, and where it ends.
type foundCase struct {
	digits string
	end    int
}

// casesIn finds Microsoft's numbers in a text: those behind "TrackingID", else those
// behind another label, else bare ones of today's shape.
func casesIn(text string) []foundCase {
	behind := func(label *regexp.Regexp, fits func(string) bool) (found []foundCase) {
		for _, at := range label.FindAllStringIndex(text, -1) {
			if f := runAt(text, at[1]); fits(f.digits) {
				found = append(found, f)
			}
		}
		return distinct(found)
	}
	if found := behind(trackingLabel, func(s string) bool { return len(s) >= caseDigits && len(s) <= taskDigits }); len(found) > 0 {
		return found
	}
	labelled := behind(anyCaseLabel, knownShape)
	bare := distinct(bareCases(text))
	if len(labelled) > 0 && len(bare) <= len(labelled) {
		return labelled
	}
	return bare
}

// bareCases are the runs of 16 or 19 digits that begin with a date.
func bareCases(text string) (found []foundCase) {
	for at := 0; at < len(text); {
		first := strings.IndexAny(text[at:], "0123456789")
		if first < 0 {
			break
		}
		at += first
		f := runAt(text, at)
		if dated(f.digits) {
			found = append(found, f)
		}
		at = max(f.end, at+1)
	}
	return found
}

func dated(digits string) bool {
	if len(digits) != caseDigits && len(digits) != taskDigits {
		return false
	}
	day, err := time.Parse("060102", digits[:6])
	return err == nil && day.Year() >= 2015
}

// knownShape says whether digits look like a case of today, or of the years before.
func knownShape(digits string) bool {
	return dated(digits) || len(digits) == 15 && (digits[0] == '1' || digits[0] == '6')
}

// runAt reads the digits that begin at a place, in groups or not. Groups count where
// they come to a shape that Microsoft uses; else it is the first run alone.
func runAt(text string, at int) foundCase {
	var digits strings.Builder
	first, known, end := foundCase{end: at}, foundCase{}, at
	for at < len(text) {
		from := at
		for at < len(text) && text[at] >= '0' && text[at] <= '9' {
			at++
		}
		if at == from {
			break
		}
		digits.WriteString(text[from:at])
		end = at
		if first.digits == "" {
			first = foundCase{digits.String(), end}
		}
		if s := digits.String(); knownShape(s) && known.digits == "" && !(at < len(text) && text[at] == ':') {
			known = foundCase{s, end}
		}
		if digits.Len() >= taskDigits {
			break
		}
		next := strings.TrimLeftFunc(text[at:], func(r rune) bool { return r == ' ' || unicode.Is(unicode.Pd, r) })
		at = len(text) - len(next)
	}
	if known.digits != "" {
		return known
	}
	return first
}

// distinct drops numbers that are there already, or are the case of a task that is.
func distinct(found []foundCase) []foundCase {
	var kept []foundCase
	for _, f := range found {
		i := slices.IndexFunc(kept, func(k foundCase) bool { return k.digits == f.digits })
		if i >= 0 {
			kept[i].end = f.end
			continue
		}
		kept = append(kept, f)
	}
	return kept
}
