package cards

import (
	"strings"
	"testing"

	"onbehalf/bot/customer"
	"onbehalf/bot/i18n"
	"onbehalf/bot/intake"
	"onbehalf/bot/request"
)

func TestANameThatEndsInAPointEndsTheSentence(t *testing.T) {
	for _, lang := range i18n.Languages() {
		w := i18n.For(lang, nil)
		for _, key := range []string{"problem.email_customer", "warning.relation_missing", "warning.subscription_unknown"} {
			said := sentence(w, key, map[string]any{"customer": "Fabrikam, Inc.", "domain": "fabrikam.example"})
			if strings.Contains(said, "..") || !strings.Contains(said, "Fabrikam, Inc.") {
				t.Errorf("%s: %s", lang, said)
			}
		}
		for name, want := range map[string]string{"Fabrikam, Inc.": " Fabrikam, Inc.", "Contoso": " Contoso."} {
			var said strings.Builder
			for _, r := range directoryLine(customer.Link{Directory: name}, w).(richText).Inlines {
				said.WriteString(r.Text)
			}
			if !strings.HasSuffix(said.String(), want) || strings.HasSuffix(said.String(), "..") {
				t.Errorf("%s: %s", lang, said.String())
			}
		}
	}
}

func TestQuestionsThatNeedAChangeAreListedWithoutTheirMarks(t *testing.T) {
	form := Form{ShowProblems: true, Draft: intake.Draft{Step: intake.StepImpact}, Check: intake.Check{
		Asked:    map[string]bool{"production": true, "loss": true, "workaround": true},
		Problems: []request.Problem{{Field: "production", Code: "required"}, {Field: "workaround", Code: "required"}},
	}}
	for _, lang := range i18n.Languages() {
		if _, rest := form.summary(i18n.For(lang, nil)); strings.ContainsRune(rest, '?') || rest == "" {
			t.Errorf("%s: %s", lang, rest)
		}
	}
}
