package cards

import (
	"strings"
	"testing"

	"onbehalf/bot/i18n"
	"onbehalf/bot/request"
)

// TestTheHistoryTellsWhichClockRanOut holds because each clock has its own breach:
// a late filing is no late first response.
func TestTheHistoryTellsWhichClockRanOut(t *testing.T) {
	w := i18n.For("en", berlin(t))
	when := at(t, "2026-11-23T01:47:00+01:00")
	for name, c := range map[string]struct{ what, want string }{
		"response/warn/1":   {"warned", "I warned of the due time on Mon 23 Nov, 01:47."},
		"response/repeat/2": {"warned", "I said again on Mon 23 Nov, 01:47 that it is late."},
		"response/breach":   {"breached", "The first response became late on Mon 23 Nov, 01:47."},
		"response/ladder/2": {"escalated", "I told further people on Mon 23 Nov, 01:47."},
		"handoff/warn/1":    {"warned", "I sent a reminder to file it with Microsoft on Mon 23 Nov, 01:47."},
		"handoff/repeat/1":  {"warned", "I sent a reminder to file it with Microsoft on Mon 23 Nov, 01:47."},
		"handoff/breach":    {"breached", "Your own goal for filing passed on Mon 23 Nov, 01:47."},
		"microsoft/breach":  {"breached", "Microsoft’s answer became late on Mon 23 Nov, 01:47."},
		"incident/look/1":   {"reminded", "I asked on Mon 23 Nov, 01:47 whether it is still broken."},
		"":                  {"breached", "The first response became late on Mon 23 Nov, 01:47."},
	} {
		if got := entrySentence(request.Event{At: when, What: c.what, To: name}, w); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestNoEntryOfTheHistoryShowsAMilestonesName(t *testing.T) {
	for _, lang := range i18n.Languages() {
		for _, what := range []string{"warned", "breached", "escalated", "reminded"} {
			for _, name := range []string{"handoff/breach", "response/ladder/2", "sms/warn/1"} {
				if said := entrySentence(request.Event{At: at(t, "2026-11-23T01:47:00+01:00"), What: what, To: name}, i18n.For(lang, berlin(t))); strings.Contains(said, "/") {
					t.Errorf("%s: %s of %s reads %q", lang, what, name, said)
				}
			}
		}
	}
}

func TestWhoDoesItToThemselvesIsNamedOnce(t *testing.T) {
	when := at(t, "2026-11-23T01:47:00+01:00")
	for _, what := range []string{"assigned", "watched", "unwatched"} {
		for _, lang := range i18n.Languages() {
			w := i18n.For(lang, berlin(t))
			if said := entrySentence(request.Event{At: when, By: ines, What: what, To: ines.Name}, w); strings.Count(said, ines.Name) != 1 {
				t.Errorf("%s: %s reads %q", lang, what, said)
			}
			if said := entrySentence(request.Event{At: when, By: ines, What: what, To: jonas.Name}, w); !strings.Contains(said, jonas.Name) || !strings.Contains(said, ines.Name) {
				t.Errorf("%s: %s another reads %q", lang, what, said)
			}
		}
	}
}

func TestASentenceAboutSomebodyUnnamedBeginsWithACapital(t *testing.T) {
	nameless := request.Event{At: at(t, "2026-11-23T01:47:00+01:00"), By: request.Person{ID: "11111111-0000-4000-8000-00000000000f"}, What: "commented"}
	for lang, want := range map[string]string{"en": "Somebody commented", "de": "Jemand hat kommentiert", "ru": "пн 23 нояб., 01:47, кто-то: "} {
		if got := entrySentence(nameless, i18n.For(lang, berlin(t))); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %q, want it to begin with %q", lang, got, want)
		}
	}
}
