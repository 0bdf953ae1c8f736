package notify

import (
	"strings"
	"testing"
	"time"

	"onbehalf/bot/customer"
	"onbehalf/bot/i18n"
	"onbehalf/bot/request"
	"onbehalf/cards"
)

// changeLine is what a conversation hears of one entry, so long after it.
func changeLine(lang string, e request.Event, later time.Duration) string {
	v := view{words: i18n.For(lang, time.UTC), now: e.At.Add(later)}
	v.TicketView = cards.TicketView{Shared: true, View: request.View{Ticket: request.Ticket{
		Number: 128, Title: "VMs do not start", Customer: customer.Customer{Name: "Contoso"}, MicrosoftCase: "2611230010000417",
	}}}
	return v.lines([]request.Event{e})
}

func TestALateChangeLineSaysItsTimeInASentenceOfItsOwn(t *testing.T) {
	happened := time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)
	for _, lang := range i18n.Languages() {
		for what := range told {
			e := request.Event{What: what, By: request.Person{ID: "1", Name: "Ines Kowal"}, From: "B", To: "Jonas Weber", At: happened, Text: "Zone 3 works."}
			if what == "severity" {
				e.To = "A"
			}
			soon, late := changeLine(lang, e, 0), changeLine(lang, e, time.Hour)
			if at := i18n.For(lang, time.UTC).Time(happened); strings.Contains(soon, at) || !strings.HasSuffix(late, " "+at+".") {
				t.Errorf("%s: %q at once, %q an hour later", lang, soon, late)
			}
			for _, line := range []string{soon, late} {
				if strings.Contains(line, "))") || strings.Contains(line, "  ") || !strings.HasPrefix(line, "SR-128") || !strings.Contains(line, "Zone 3 works.") {
					t.Errorf("%s: %q", lang, line)
				}
			}
		}
	}
}
