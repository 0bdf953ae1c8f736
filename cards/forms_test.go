package cards

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"onbehalf/bot/customer"
	"onbehalf/bot/i18n"
	"onbehalf/bot/intake"
	"onbehalf/bot/request"
	"onbehalf/bot/sla"
)

// shown is all that a card says, in order.
func shown(t *testing.T, c Card) string {
	t.Helper()
	var said []string
	each(t, c, func(o object, _ []object) {
		for _, key := range []string{"text", "title", "label", "value", "placeholder"} {
			if text, ok := o[key].(string); ok {
				said = append(said, text)
			}
		}
		if inlines, ok := o["inlines"].([]any); ok {
			line := ""
			for _, r := range inlines {
				line += r.(object)["text"].(string)
			}
			said = append(said, line)
		}
	})
	return strings.Join(said, "\n")
}

func english(t *testing.T) world { return world{t: t, w: i18n.For(i18n.English, berlin(t))} }

// choicesOf are the titles of one list.
func choicesOf(t *testing.T, c Card, id string) []string {
	t.Helper()
	var titles []string
	each(t, c, func(o object, _ []object) {
		if o["id"] != id {
			return
		}
		for _, one := range o["choices"].([]any) {
			titles = append(titles, one.(object)["title"].(string))
		}
	})
	return titles
}

func TestLanguagesSayWhichHoursCount(t *testing.T) {
	s := english(t)
	business, err := sla.Parse("business.yaml", []byte("english: business\n"))
	if err != nil {
		t.Fatal(err)
	}
	untimed, err := sla.Parse("untimed.yaml", []byte("clocks: {response: {targets: {}}}\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, kind string
		policy     *sla.Policy
		en, de     string
		hours      string
	}{
		{"technical", "technical", sla.BuiltIn(), "English (day and night)", "German (business hours, estimate)", "day and night in English"},
		{"business hours in English", "technical", business, "English (business hours)", "German (business hours, estimate)", "Only business hours count"},
		{"billing", "billing", sla.BuiltIn(), "English (business hours)", "German (business hours)", ""},
		{"nothing promised", "technical", untimed, "English", "German", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := s.draft(intake.StepWho, map[string]string{"kind": c.kind, "platform": "azure"})
			desk := &request.Desk{Policy: c.policy, Now: func() time.Time { return s.at("2026-11-23T01:32:00+01:00") }}
			check, err := intake.Desk{Desk: desk}.Check(t.Context(), known{}, d)
			if err != nil {
				t.Fatal(err)
			}
			card := IntakeForm(Form{Draft: d, Check: check}, s.w)
			titles := choicesOf(t, card, "language")
			if !slices.Contains(titles, c.en) || !slices.Contains(titles, c.de) {
				t.Errorf("%v, want %q and %q", titles, c.en, c.de)
			}
			said := shown(t, card)
			if c.hours != "" && !strings.Contains(said, c.hours) || c.hours == "" && strings.Contains(said, "hours run day and night") {
				t.Errorf("the hours are explained by\n%s", said)
			}
		})
	}
}

// TestTheReviewReadsWell looks for what a sentence with values goes wrong by: no
// name on record, a date whose month ends with a point, a language in the middle.
func TestTheReviewReadsWell(t *testing.T) {
	for _, lang := range i18n.Languages() {
		s, f := world{t: t, w: i18n.For(lang, berlin(t))}, fabrikam()
		f.IndirectProvider, f.AdminEnd = "", "2026-12-01"
		answers := map[string]string{"customer": f.TenantID, "platform": "azure", "kind": "technical", "severity": "A", "language": "de", "title": "x", "description": "y"}
		for _, ended := range []bool{false, true} {
			if ended {
				f.AdminRelationship = "expired"
			}
			said := shown(t, s.form(s.draft(intake.StepReview, answers), false, &f))
			for _, wrong := range []string{" .", " ,", "..", "  ", "Hello ,", ", !", "«»", "“”"} {
				if strings.Contains(strings.ReplaceAll(said, "…", ""), wrong) {
					t.Errorf("%s: %q stands in\n%s", lang, wrong, said)
				}
			}
			if lang == "ru" && strings.Contains(said, "поддержки Немецкий") {
				t.Errorf("a language in a sentence is written large\n%s", said)
			}
		}
	}
}

func TestTheReviewSaysWhenCountingBegins(t *testing.T) {
	s, o := english(t), weisswurst()
	answers := map[string]string{"customer": o.TenantID, "platform": "office365", "kind": "technical", "severity": "B", "language": "de", "title": "x", "description": "y"}
	if said := shown(t, s.form(s.draft(intake.StepReview, answers), false, &o)); !strings.Contains(said, "Counted from Mon 09:00") {
		t.Errorf("nothing says that counting begins on Monday at nine\n%s", said)
	}
	answers["language"] = "en"
	if said := shown(t, s.form(s.draft(intake.StepReview, answers), false, &o)); strings.Contains(said, "Counted from") {
		t.Errorf("day and night count at once\n%s", said)
	}
}

func TestAChosenCustomerKeepsNameAndDomain(t *testing.T) {
	customers := []customer.Customer{
		{TenantID: "1", Name: "Wingtip Toys", PrimaryDomain: "obhwingtip.onmicrosoft.com"},
		{TenantID: "2", Name: "Contoso Ltd", PrimaryDomain: "contoso-uk.example"},
		{TenantID: "3", Name: "Weißwurst & Söhne Straßenbau GmbH", PrimaryDomain: "weisswurst.example"},
		{TenantID: "4", Name: "Proactive Cloud"},
	}
	want := []string{"Wingtip Toys · obhwingtip.onmic…", "Contoso Ltd · contoso-uk.example", "Weißwurst… · weisswurst.example", "Proactive Cloud"}
	for i, c := range customerChoices(customers, 9, shortChoice) {
		if c.Title != want[i] || utf8.RuneCountInString(c.Title) > shortChoice {
			t.Errorf("%q, want %q", c.Title, want[i])
		}
	}
}

func TestQuotesAreThoseOfTheLanguage(t *testing.T) {
	for lang, want := range map[string]string{"en": "“Token”", "ru": "«Token»", "de": "„Token“"} {
		w := i18n.For(lang, berlin(t))
		d := intake.Draft{Form: "f", Answers: intake.Answers{Title: "Token"}}
		card := OutOfScope(d, intake.OutOfScope{Code: "left", Field: "customer", Args: map[string]any{"customer": "Litware"}}, w)
		if said := shown(t, card); !strings.Contains(said, want) {
			t.Errorf("%s: %s stands nowhere in\n%s", lang, want, said)
		}
	}
}

func TestThePlainSheetNamesTheLanguage(t *testing.T) {
	s := english(t)
	for tag, want := range map[string]string{"en": "English", "de": "German", "fr-ca": "Canadian French"} {
		tk := assigned(s.vms(), ines)
		tk.Language = tag
		sheet := s.sheet(tk, ines)
		if said := HandoverText(sheet, s.w); !strings.Contains(said, "Support language: "+want+"\n") {
			t.Errorf("%s reads\n%s", tag, said)
		}
		if !strings.Contains(sheet.Text(), "Support language: "+tag) {
			t.Errorf("the desk's own sheet was changed:\n%s", sheet.Text())
		}
	}
}

func TestASpanOfOneDayNamesItOnce(t *testing.T) {
	s := english(t)
	tk := s.outlook()
	tk.Response = sla.BuiltIn().Start(sla.ClockResponse, sla.Terms{Kind: "technical", Severity: "C", Language: "de", Calendar: "de"}, s.at("2026-12-23T15:00:00+01:00"))
	card := Why(s.view(tk, request.Viewer{Person: mara}, false), sla.BuiltIn().Explain(tk.Response), s.w)
	if said := shown(t, card); !strings.Contains(said, "Wed 23 Dec, 15:00–17:00 (UTC+1): 2 hours, 6 hours left") {
		t.Errorf("the first span reads\n%s", said)
	}
}

func TestTheReviewNamesThePlanOfOnesOwn(t *testing.T) {
	s := english(t)
	own := customer.Customer{TenantID: "0f9b0c2e-3b0c-4a37-9f0e-5d3b0e0f9b0c", Name: "Proactive Cloud", Cloud: customer.Global, Status: "active", Own: true}
	answers := map[string]string{"customer": own.TenantID, "platform": "azure", "kind": "technical", "severity": "C", "title": "x", "description": "y", "supportPlan": "SP-12345"}
	for kind, want := range map[string]string{"azure_plan": "Azure support plan ••••2345", "": "\n••••2345"} {
		answers["planKind"] = kind
		if said := shown(t, s.form(s.draft(intake.StepReview, answers), false, &own)); !strings.Contains(said, want) {
			t.Errorf("%q: %q stands nowhere in\n%s", kind, want, said)
		}
	}
}

// TestThePortalsButtonFitsAPhone opens each portal there is, the customer's and
// the partner's own.
func TestThePortalsButtonFitsAPhone(t *testing.T) {
	for _, lang := range i18n.Languages() {
		s := world{t: t, w: i18n.For(lang, berlin(t))}
		for _, platform := range []customer.Platform{customer.Azure, customer.Office365, customer.Dynamics, customer.EMS} {
			for _, topic := range []string{"", "e.intune", "e.entra", "m.sec", "d.pp"} {
				for _, own := range []bool{true, false} {
					tk := assigned(s.vms(), ines)
					tk.Platform, tk.Topic, tk.Customer.Own = platform, topic, own
					obey(t, string(platform)+" "+topic+"."+lang, Handover(s.sheet(tk, ines), nil, nil, s.w))
				}
			}
		}
	}
}

// Every button that sends the inputs of a form names exactly those that its card
// shows, so that the emptied ones are known.
func TestButtonsOfAFormNameItsInputs(t *testing.T) {
	looked := 0
	for _, s := range english(t).forms() {
		var ids, named []string
		each(t, s.card, func(o object, _ []object) {
			kind, _ := o["type"].(string)
			if id, _ := o["id"].(string); strings.HasPrefix(kind, "Input.") && intake.StepOf(id) != "" {
				ids = append(ids, id)
			}
			data, _ := o["data"].(object)
			if verb, _ := o["verb"].(string); o["associatedInputs"] != "none" && slices.Contains([]string{IntakeNext, IntakeBack, IntakeSubmit, IntakeContact}, verb) {
				shown, _ := data["shown"].(string)
				named = append(named, shown)
			}
		})
		if len(ids) == 0 {
			continue // a card beside the form, or a review without a question
		}
		looked++
		slices.Sort(ids)
		for _, shown := range named {
			if got := strings.Split(shown, ","); !slices.Equal(slices.Sorted(slices.Values(got)), ids) {
				t.Errorf("%s: a button names %v, the card shows %v", s.name, got, ids)
			}
		}
	}
	if looked < 10 {
		t.Errorf("only %d forms have inputs", looked)
	}
}

// TestTheUsualRequestHasFewStops goes through the second step with the keyboard: what can
// be focused before Next is what nearly everybody fills in, and the way to the rest.
func TestTheUsualRequestHasFewStops(t *testing.T) {
	s, w := english(t), wingtip()
	card := s.form(s.draft(intake.StepWhat, map[string]string{"customer": w.TenantID, "platform": "azure", "severity": "B", "kind": "technical", "language": "en"}), false, &w)
	var stops []string
	each(t, card, func(o object, above []object) {
		kind := kindOf(o)
		if slices.ContainsFunc(append(above, o), func(a object) bool { return a["isVisible"] == false }) || kind == "Action.Submit" {
			return
		}
		if id, ok := o["id"].(string); ok && strings.HasPrefix(kind, "Input.") {
			stops = append(stops, id)
		} else if title, ok := o["title"].(string); ok && strings.HasPrefix(kind, "Action.") {
			stops = append(stops, title)
		}
	})
	if want := []string{"title", "description", "tried", "subscriptionId", "More details", "Next", "Back", "Cancel"}; !slices.Equal(stops, want) {
		t.Errorf("the stops are %q, want %q", stops, want)
	}
}
