package intake

import (
	"regexp"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// The shapes of what nobody should type into a request that a channel reads.
var (
	keyShapes = regexp.MustCompile(`-----BEGIN [A-Z ]*PRIVATE KEY-----` +
		`|(?i:account|sharedaccess)(?i:key)=[A-Za-z0-9+/]{20,}` +
		`|[?&]sig=[A-Za-z0-9%+/]{20,}` +
		`|\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.` +
		`|\bAKIA[0-9A-Z]{16}\b` +
		`|[A-Za-z0-9_~.-]{3}[78]Q~[A-Za-z0-9_~.-]{31}` +
		`|\bgh[pousr]_[A-Za-z0-9]{36}\b` +
		`|\b[A-Za-z0-9+/]{86}==`)
	passwordShape = regexp.MustCompile(`(?i)(?:^|[^\p{L}])(?:password|passwort|kennwort|passwd|passphrase|pwd|pass|пароль|пароля|pre-?shared key|psk|client[ _-]?secret|shared secret|secret)` +
		`(\s*[:=]\s*|\s+(?:is|was|ist|lautet|war)\s*:?\s+|\s+)(\S+)`)
	digitRun   = regexp.MustCompile(`[0-9](?:[ -]?[0-9]){12,18}`)
	caseBefore = regexp.MustCompile(`(?i)(?:\bsr|case|ticket|tracking\s*id|request|fall|номер|запрос|обращение|#)[\s.:#№-]*$`)
)

// findSecret says what in a text looks like a secret: the code of the problem and
// the line, counted from 1; an empty code is nothing.
func findSecret(text string) (code string, line int) {
	for i, s := range strings.Split(norm.NFKC.String(text), "\n") {
		switch {
		case keyShapes.MatchString(s):
			return "secret_key", i + 1
		case hasPassword(s):
			return "secret_password", i + 1
		case hasCard(s):
			return "secret_card", i + 1
		}
	}
	return "", 0
}

// hasPassword finds a word for password that is followed by something that looks
// like one, not by the rest of a sentence.
func hasPassword(line string) bool {
	for _, m := range passwordShape.FindAllStringSubmatch(line, -1) {
		value := strings.Trim(m[2], ".,;:…\"'`«»„“”()[]<>")
		if len(value) < 6 || strings.Contains(value, "://") || strings.HasPrefix(value, "AADSTS") || strings.Trim(value, "*•xX") == "" {
			continue
		}
		if needed := 3 - len(strings.Trim(m[1], " \t")); classes(value) >= max(needed, 2) {
			return true
		}
	}
	return false
}

// classes counts the kinds of characters in s: small and capital letters, digits,
// and everything else but the hyphens and dots of ordinary words.
func classes(s string) int {
	var small, capital, digit, other int
	for i, r := range s {
		switch {
		case unicode.IsDigit(r):
			digit = 1
		case unicode.IsUpper(r):
			if i > 0 { // a sentence may begin here
				capital = 1
			}
		case unicode.IsLetter(r):
			small = 1
		case !strings.ContainsRune("-./'’", r):
			other = 1
		}
	}
	return small + capital + digit + other
}

// hasCard finds a payment card's number by its issuer's prefix, length and the
// Luhn check. Microsoft's case numbers are as long; they are known by their date
// or by the word before them.
func hasCard(line string) bool {
	for _, span := range digitRun.FindAllStringIndex(line, -1) {
		run := line[span[0]:span[1]]
		digits := strings.NewReplacer(" ", "", "-", "").Replace(run)
		if !issued(digits) || !luhn(digits) || caseBefore.MatchString(line[:span[0]]) {
			continue
		}
		if _, err := time.Parse("060102", digits[:6]); err == nil && run == digits && digits[0] == '2' {
			continue
		}
		return true
	}
	return false
}

func issued(digits string) bool {
	n := len(digits)
	in := func(from, to string) bool { return digits[:len(from)] >= from && digits[:len(to)] <= to }
	switch {
	case digits[0] == '4':
		return n == 13 || n == 16 || n == 19
	case in("51", "55"), in("2200", "2204"), in("2221", "2720"), in("6011", "6011"), in("644", "659"), in("3528", "3589"):
		return n == 16
	case in("34", "34"), in("37", "37"):
		return n == 15
	case in("36", "36"), in("38", "39"), in("300", "305"):
		return n == 14
	case in("62", "62"):
		return n >= 16
	}
	return false
}

func luhn(digits string) bool {
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}
