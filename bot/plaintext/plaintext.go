package plaintext

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Line gives what was typed as one line: NFC, line breaks and tabs as one
// blank, no control characters, no blanks around it.
func Line(s string) string {
	if IsASCII(s) {
		return strings.TrimSpace(s)
	}
	return strings.Join(strings.FieldsFunc(clean(s), breaksLine), " ")
}

func breaksLine(r rune) bool { return r == '\n' || r == '\t' }

// Lines gives what was typed as text of several lines: NFC, every line break
// as \n, no other control characters than that and the tab.
func Lines(s string) string { return strings.TrimSpace(clean(s)) }

// lineBreaks are read as \n.
var lineBreaks = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\v", "\n", "\f", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n")

func clean(s string) string {
	s = norm.NFC.String(lineBreaks.Replace(strings.ToValidUTF8(s, "\uFFFD")))
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, s))
}

// Cut keeps the first limit characters of s and says how many went.
func Cut(s string, limit int) (string, int) {
	length := utf8.RuneCountInString(s)
	if length <= limit {
		return s, 0
	}
	kept := 0
	for i := range s {
		if kept == limit {
			return s[:i], length - limit
		}
		kept++
	}
	return s, 0
}

// Mask leaves the last four characters of a contract or phone number, as it is
// shown once the form is sent.
func Mask(s string) string {
	runes := []rune(s)
	if len(runes) <= 4 {
		return strings.Repeat("•", len(runes))
	}
	return "••••" + string(runes[len(runes)-4:])
}

// MaskID leaves the last seven characters of a GUID, enough to tell two
// subscriptions of a customer apart.
func MaskID(s string) string {
	if len(s) <= 7 || !IsASCII(s) {
		return Mask(s)
	}
	return "…" + s[len(s)-7:]
}

// Excerpt is enough of what was typed to recognise it in a sentence.
func Excerpt(s string) string {
	kept, gone := Cut(Line(s), 60)
	if gone > 0 {
		return kept + "…"
	}
	return kept
}
