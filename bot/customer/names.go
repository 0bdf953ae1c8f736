package customer

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"onbehalf/bot/plaintext"
	"onbehalf/bot/sla"
)

// ReadLanguage reads a language as a BCP 47 tag, with underscores too, or by its
// name in English, German, Russian or in itself, and gives the canonical tag. The
// error names the nearest name.
func ReadLanguage(s string) (string, error) {
	if tag, ok := ParseLanguage(s); ok {
		return tag, nil
	}
	names := languageNames()
	if tag, known := names[strings.ToLower(strings.TrimSpace(s))]; known {
		return tag, nil
	}
	near := sla.Nearest(s, slices.Sorted(maps.Keys(names)))
	return "", fmt.Errorf("%q is no language; did you mean %s (%s)?", plaintext.Excerpt(s), near, names[near])
}

// languageNames gives the tags of the languages that people name, by lower-case
// name.
var languageNames = sync.OnceValue(func() map[string]string {
	names := map[string]string{}
	for _, namer := range []display.Namer{display.English.Tags(), display.German.Tags(), display.Russian.Tags(), display.Self} {
		for _, tag := range display.Supported.Tags() {
			if name := namer.Name(tag); name != "" && tag != language.Und {
				canonical, ok := ParseLanguage(tag.String())
				if _, taken := names[strings.ToLower(name)]; ok && !taken {
					names[strings.ToLower(name)] = canonical
				}
			}
		}
	}
	return names
})

// readCountry reads a country as two or three letters, or by its name in English,
// German or Russian, and gives its two letters. The error names the nearest name.
func readCountry(s string) (string, error) {
	if region, err := language.ParseRegion(s); err == nil && len(s) <= 3 && region.IsCountry() {
		return region.Canonicalize().String(), nil
	}
	names := countryNames()
	if code, known := names[strings.ToLower(s)]; known {
		return code, nil
	}
	near := sla.Nearest(s, slices.Sorted(maps.Keys(names)))
	return "", fmt.Errorf("%q is no country; did you mean %s (%s)?", plaintext.Excerpt(s), near, names[near])
}

// countryNames gives the two letters of countries by lower-case name.
var countryNames = sync.OnceValue(func() map[string]string {
	names := map[string]string{}
	for _, namer := range []display.Namer{display.English.Regions(), display.German.Regions(), display.Russian.Regions()} {
		for a := 'A'; a <= 'Z'; a++ {
			for b := 'A'; b <= 'Z'; b++ {
				region, err := language.ParseRegion(string(a) + string(b))
				if err != nil || !region.IsCountry() || region.Canonicalize() != region {
					continue
				}
				if name := namer.Name(region); name != "" {
					names[strings.ToLower(name)] = region.String()
				}
			}
		}
	}
	return names
})
