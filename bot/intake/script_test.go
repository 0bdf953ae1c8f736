package intake

import (
	"onbehalf/bot/customer/customertest"
	"slices"
	"testing"
)

// TestTextInAnotherScriptThanTheSupportLanguageIsWarnedOf looks at the letters
// alone: names, error codes and a quotation do not make another language.
func TestTextInAnotherScriptThanTheSupportLanguageIsWarnedOf(t *testing.T) {
	for name, tc := range map[string]struct {
		language, description string
		warned                bool
	}{
		"Russian, English support":       {"", "С 04:50 все 9 машин останавливаются с ошибкой AllocationFailed.", true},
		"Russian, German support":        {"de", "С 04:50 все 9 машин останавливаются с ошибкой.", true},
		"Russian, Russian support":       {"ru", "С 04:50 все 9 машин останавливаются с ошибкой.", false},
		"English, Russian support":       {"ru", "All nine machines stop with AllocationFailed since 04:50.", false},
		"English log, quoting a name":    {"en", "VM \"Склад\" stops with AllocationFailed, other VMs run on.", false},
		"Japanese, English support":      {"en", "仮想マシンが起動しません。", true},
		"Japanese, Japanese support":     {"ja", "仮想マシンが起動しません。AllocationFailed", false},
		"Greek with accents":             {"en", "Τα εικονικά μηχανήματα δεν ξεκινούν.", true},
		"Turkish letters are Latin":      {"en", "Işıklı çağrılar düşüyor, İstanbul.", false},
		"no letters at all":              {"en", "0x80070005 0x80004005 ???", false},
		"a tag that means nothing":       {"??", "Машины не запускаются.", false},
		"Serbian is written in Cyrillic": {"sr", "Машине се не покрећу.", false},
	} {
		t.Run(name, func(t *testing.T) {
			a := complete()
			a.Language, a.Description = tc.language, tc.description
			var codes []string
			for _, w := range checkForm(a, customertest.Contoso()).Warnings {
				codes = append(codes, w.Code)
			}
			if slices.Contains(codes, "language_text") != tc.warned {
				t.Errorf("warnings %v", codes)
			}
		})
	}
}
