package i18n

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n/template"
)

// placeholder is the only thing that a sentence may hold besides words. It is
// text/template's notation, as translators' tools know it, without its language:
// no functions, no conditions.
var placeholder = regexp.MustCompile(`\{\{\s*\.([A-Za-z]+)\s*\}\}`)

// names gives the placeholders of a sentence, in order.
func names(src string) []string {
	var found []string
	for _, match := range placeholder.FindAllStringSubmatch(src, -1) {
		found = append(found, match[1])
	}
	return found
}

// placeholders parses sentences, once each; go-i18n keeps what it gives.
type placeholders struct{}

func (placeholders) Cacheable() bool { return true }

// Parse refuses braces that are no placeholder, so that a slip of the pen does
// not reach a reader.
func (placeholders) Parse(src, _, _ string) (template.ParsedTemplate, error) {
	var parsed sentence
	rest := 0
	for _, at := range placeholder.FindAllStringSubmatchIndex(src, -1) {
		parsed = append(parsed, piece{text: src[rest:at[0]]}, piece{name: src[at[2]:at[3]]})
		rest = at[1]
	}
	parsed = append(parsed, piece{text: src[rest:]})
	for _, p := range parsed {
		if strings.Contains(p.text, "{{") || strings.Contains(p.text, "}}") {
			return nil, fmt.Errorf("braces without a placeholder in %q", src)
		}
	}
	return parsed, nil
}

// sentence is a parsed sentence: texts and placeholders in turn.
type sentence []piece

type piece struct{ text, name string }

// Execute puts the values in. What has no value reads "…", and the error says so.
func (s sentence) Execute(data any) (string, error) {
	values, _ := data.(map[string]any)
	var b strings.Builder
	var missing error
	for _, p := range s {
		if p.name == "" {
			b.WriteString(p.text)
			continue
		}
		value, ok := values[p.name]
		switch value := value.(type) {
		case nil:
			b.WriteString("…")
			if !ok {
				missing = fmt.Errorf("no value for {{.%s}}", p.name)
			}
		case string:
			b.WriteString(value)
		default:
			fmt.Fprint(&b, value)
		}
	}
	return b.String(), missing
}
