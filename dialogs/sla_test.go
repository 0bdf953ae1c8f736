package dialogs_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"onbehalf/bot/intake"
	"onbehalf/bot/request"
	"onbehalf/bot/teams/teamstest"
)

// TestWhyIsAskedInThreeLanguages asks about a request of Christmas Eve in German:
// half an hour that day, an hour and a half on Monday, and three days between that
// do not count, for readers of three languages and zones.
func TestWhyIsAskedInThreeLanguages(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		room := d.Conversation(teamstest.GroupChat)
		rita := room.As("Rita")
		d.move(time.Date(2026, 12, 24, 15, 30, 0, 0, time.UTC).Sub(d.Now()))
		d.file(rita, func(a *intake.Answers) { a.Set("language", "de"); a.Set("severity", "A") })
		d.settle()
		for _, reader := range []struct {
			name, locale, zone, line string
			words                    []string
		}{
			{"Ines", "en-US", "Asia/Yekaterinburg", "sla SR-1", []string{
				"Mon 28 Dec, 14:30 (UTC+5)", "Mon 28 Dec, 10:30 (UTC+1)", "2 hours, counted in business hours", "Europe/Berlin",
				"Thu 24 Dec, 20:30–21:00 (UTC+5): 30 minutes, 1 hour 30 minutes left", "Mon 28 Dec, 13:00–14:30 (UTC+5): 1 hour 30 minutes, then",
				"Thu 24 Dec, 16:30–17:00 (UTC+1)", "Mon 28 Dec, 09:00–10:30 (UTC+1)",
				"Fri 25 Dec: ", "Sat 26 Dec: ", "Zweiter Weihnachtsfeiertag", "Sun 27 Dec: ", "day off",
			}},
			{"Otto", "de-DE", "Europe/Berlin", "frist 1", []string{
				"Mo 28. Dez., 10:30 (UTC+1)", "2 Stunden", "Do 24. Dez., 16:30–17:00 (UTC+1): 30 Minuten", "Fr 25. Dez.: ", "So 27. Dez.: arbeitsfrei",
			}},
			{"Vera", "ru-RU", "Europe/Moscow", "срок sr 1", []string{
				"28 дек., 12:30 (UTC+3)", "10:30 (UTC+1)", "18:30–19:00 (UTC+3)", "25 дек", "26 дек", "27 дек",
			}},
		} {
			room.As(reader.name, teamstest.Speaking(reader.locale), teamstest.InZone(reader.zone)).Say("@onbehalf " + reader.line).ExpectCard(reader.words...)
		}
	})
}

// TestABundleOfManyIsAcknowledgedAsAWhole presses the button of a card that names
// as many as one can.
func TestABundleOfManyIsAcknowledgedAsAWhole(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		d.Patience = time.Minute // seventy cards take their time on a busy machine
		who := crowd(d.Conversation(teamstest.GroupChat))
		const many = 70
		for range many {
			n := d.file(who["Rita"]).Number
			if _, err := d.desk.Assign(t.Context(), d.person("Rita"), request.Move{Number: n}, d.person("Ines")); err != nil {
				t.Fatal(err)
			}
		}
		d.settle()
		d.sweep(4*time.Hour + time.Minute)
		card := who["Ines"].ExpectCard("sla/ack", fmt.Sprint(many)).Press("sla/ack")
		for slices.Contains(card.Buttons(), "sla/ack") { // a slow machine does them in several presses
			card = card.Press("sla/ack")
		}
		for n := range request.Number(many) {
			if d.ticket(n + 1).BreachAckedAt.IsZero() {
				t.Errorf("%s was not acknowledged", n+1)
			}
		}
	})
}
