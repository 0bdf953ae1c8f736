package cards

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"onbehalf/bot/customer"
	"onbehalf/bot/i18n"
	"onbehalf/bot/request"
	"onbehalf/bot/sla"
)

// badlySaid finds what a screen reader stumbles over: doubled or lonely full
// stops, doubled blanks, signs, and sentences that begin small.
var badlySaid = regexp.MustCompile(`\.\.|[✓✗]|\s{2}|\s[.,;:]|[.?!] \p{Ll}`)

func TestWhatIsReadAloudIsMadeOfSentences(t *testing.T) {
	for _, lang := range i18n.Languages() {
		for _, s := range samples(t, lang) {
			if bad := badlySaid.FindString(strings.ReplaceAll(s.card.speak, "Nov. bis ", "November bis ")); bad != "" {
				t.Errorf("%s.%s says %q in %q", s.name, lang, bad, s.card.speak)
			}
		}
	}
}

func TestNoTextHasTwoBlanksOrAnEmptyPlace(t *testing.T) {
	odd := regexp.MustCompile(`\S {2,}\S|\(\)|«»|„“|“”| [,;]`)
	for _, lang := range i18n.Languages() {
		for _, s := range samples(t, lang) {
			each(t, s.card, func(o object, _ []object) {
				for _, place := range []string{"text", "title", "label", "placeholder"} {
					if said, _ := o[place].(string); odd.MatchString(said) && o["type"] != "TextRun" {
						t.Errorf("%s.%s: %s reads %q", s.name, lang, place, said)
					}
				}
			})
		}
	}
}

// TestWordsKeepTheirCapitals holds for what German writes with a capital letter
// inside a sentence too, and for the days of the week.
func TestWordsKeepTheirCapitals(t *testing.T) {
	s := world{t: t, w: i18n.For("de", berlin(t))}
	progress := s.answered(s.vms(), "2026-11-23T02:58:00+01:00")
	if said := Ticket(s.view(progress, request.Viewer{Person: mara}, false), s.w).speak; !strings.Contains(said, "in Arbeit") {
		t.Errorf("the card says %q", said)
	}
	closed := progress
	closed.Status, closed.ClosedAt = request.Closed, s.at("2026-11-23T02:00:00+01:00")
	for lang, want := range map[string]string{"de": "Mo 02:00", "en": "Mon 02:00", "ru": "пн 02:00"} {
		if said := rowSpoken(closed, s.at("2026-11-23T02:14:00+01:00"), i18n.For(lang, berlin(t))); !strings.Contains(said, want) {
			t.Errorf("%s: the row says %q", lang, said)
		}
	}
}

func TestAHiddenCardSaysItsStatusAsTheOthersDo(t *testing.T) {
	for _, lang := range i18n.Languages() {
		s := world{t: t, w: i18n.For(lang, berlin(t))}
		fraud := s.vms()
		fraud.Kind, fraud.Severity = request.Fraud, request.NonCritical
		said := Ticket(s.view(fraud, request.Viewer{Person: mara}, true), s.w).speak
		if want := "SR-128, " + lower(s.w.T("status.open")); !strings.HasPrefix(said, want) {
			t.Errorf("%s: %q begins otherwise than %q", lang, said, want)
		}
	}
}

// TestNobodyIsAddressedAsTheAssigneeButTheAssignee reads the last warning, which
// asks whether the customer has an answer.
func TestNobodyIsAddressedAsTheAssigneeButTheAssignee(t *testing.T) {
	s := world{t: t, w: i18n.For("en", berlin(t))}
	filed := s.filed(s.vms())
	warning := func(by request.Viewer, shared bool) string {
		a := AlarmView{TicketView: s.view(filed, by, shared), Sent: s.at("2026-11-23T03:12:00+01:00"),
			Milestone: sla.Milestone{Clock: sla.ClockResponse, Kind: sla.Warn, Due: filed.Response.Due, Asks: true}}
		encoded, err := Alarm(a, s.w).MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		return string(encoded)
	}
	const question, yours = "Has Microsoft answered?", "You have it."
	if said := warning(request.Viewer{Person: ines}, false); !strings.Contains(said, yours) || !strings.Contains(said, question) {
		t.Error("the assignee is not asked")
	}
	for name, said := range map[string]string{
		"the conversation": warning(request.Viewer{Person: ines}, true),
		"a lead":           warning(request.Viewer{Person: jonas, Lead: true}, false),
	} {
		if strings.Contains(said, yours) || !strings.Contains(said, question) {
			t.Errorf("%s is asked as if it had the request, or not at all", name)
		}
	}
}

func TestTheAssigneeOfAWarningIsMentionedInBold(t *testing.T) {
	s := world{t: t, w: i18n.For("en", berlin(t))}
	all := s.alarms()
	i := slices.IndexFunc(all, func(s sample) bool { return s.name == "alarm-warning" })
	found := false
	each(t, all[i].card, func(o object, _ []object) {
		if said, _ := o["text"].(string); o["type"] == "TextBlock" && strings.HasPrefix(said, "<at>") {
			found = o["weight"] == "Bolder"
		}
	})
	if !found {
		t.Error("the mention is not bold")
	}
}

func TestABundleOfQuestionsAsksOnce(t *testing.T) {
	for _, lang := range i18n.Languages() {
		s := world{t: t, w: i18n.For(lang, berlin(t))}
		all := s.alarms()
		i := slices.IndexFunc(all, func(s sample) bool { return s.name == "alarms-look" })
		encoded, err := json.Marshal(all[i].card)
		if err != nil {
			t.Fatal(err)
		}
		if single := s.w.T("alarm.look", "number", "SR-133"); strings.Contains(string(encoded), single) {
			t.Errorf("%s: a row repeats %q", lang, single)
		}
	}
}

func TestOneOfMyOwnIsNotCounted(t *testing.T) {
	for _, lang := range i18n.Languages() {
		s := world{t: t, w: i18n.For(lang, berlin(t))}
		filed := s.filed(s.vms())
		mine := AlarmView{TicketView: s.view(filed, request.Viewer{Person: ines}, false), Sent: s.at("2026-11-23T03:12:00+01:00"),
			Milestone: sla.Milestone{Clock: sla.ClockResponse, Kind: sla.Warn, Due: filed.Response.Due}}
		other := mine
		other.TicketView = s.view(s.outlook(), request.Viewer{Person: ines}, false)
		titles := func(all ...AlarmView) string {
			encoded, err := Alarms(all, false, s.w).MarshalJSON()
			if err != nil {
				t.Fatal(err)
			}
			return string(encoded)
		}
		if said := titles(mine, other); !strings.Contains(said, `"`+s.w.T("press.ack_mine")+`"`) {
			t.Errorf("%s: one request of my own is counted", lang)
		}
		if said := titles(mine, mine); !strings.Contains(said, `"`+s.w.T("press.ack_my", "n", 2)+`"`) {
			t.Errorf("%s: two requests of my own are not counted", lang)
		}
	}
}

func TestAProductThatSaysTheKindStandsAlone(t *testing.T) {
	for _, c := range []struct {
		topic string
		kind  request.Kind
		want  string
	}{
		{"az.bill", request.Billing, "Azure · Выставление счетов"},
		{"az.sub", request.Subscribing, "Azure · Управление подпиской"},
		{"az.bill", request.Subscribing, "Azure · Выставление счетов · Подписка"},
		{"az.vm", request.Billing, "Azure · Виртуальные машины · Счета"},
		{"az.vm", request.Technical, "Azure · Виртуальные машины"},
		{"", request.Fraud, "Azure · Мошенничество"},
	} {
		w := i18n.For("ru", berlin(t))
		if got := about(request.Ticket{Platform: customer.Azure, Topic: c.topic, Kind: c.kind}, w); got != c.want {
			t.Errorf("%s, %s: %q, want %q", c.topic, c.kind, got, c.want)
		}
	}
	w := i18n.For("de", berlin(t))
	for _, kind := range []request.Kind{request.Billing, request.Subscribing} {
		if got, want := about(request.Ticket{Platform: customer.Office365, Topic: "m.bill", Kind: kind}, w), "Microsoft 365 · Abrechnung und Abonnements"; got != want {
			t.Errorf("%s: %q, want %q", kind, got, want)
		}
	}
}

// TestANameKeepsItsSignInEveryLanguage holds for the texts of clients that can't
// draw the card: "&" begins an entity there, and "and" is no German word.
func TestANameKeepsItsSignInEveryLanguage(t *testing.T) {
	if got, want := withoutMarkdown("Weißwurst & Söhne &lt;b&gt;"), "Weißwurst ＆ Söhne ＆lt;b＆gt;"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestALateTimeSaysWhatItIsWorth(t *testing.T) {
	s := world{t: t, w: i18n.For("en", berlin(t))}
	for basis, want := range map[sla.Basis]string{
		sla.Published: "First response was due", sla.Estimate: "First response was due (estimate)", sla.UpTo: "First response was due, at the latest",
	} {
		late := s.vms()
		late.Response.Basis = basis
		a := AlarmView{TicketView: s.view(late, request.Viewer{Person: ines}, false), Sent: late.Response.Due,
			Milestone: sla.Milestone{Clock: sla.ClockResponse, Kind: sla.Breach, Due: late.Response.Due}}
		if got := a.first(s.w).label; got != want {
			t.Errorf("%s: %q, want %q", basis, got, want)
		}
	}
}
