package graph_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"onbehalf/bot/graph"
	"onbehalf/bot/graph/graphtest"
	"onbehalf/bot/incident"
	"onbehalf/bot/store"
	"onbehalf/bot/store/storetest"
)

// health is a partner's view of Microsoft's services.
type health struct {
	*partner
	health *graph.Health
	told   []string
	deaf   bool // whoever is told fails
}

func newHealth(t testing.TB, s *store.Store) *health {
	h := &health{partner: newPartner(t, s)}
	h.health = &graph.Health{Client: h.sync.Client, Store: s, Now: func() time.Time { return h.now }, Tell: func(_ context.Context, i incident.Incident) error {
		if h.deaf {
			return errors.New("deaf")
		}
		h.told = append(h.told, fmt.Sprint(i.ID, " ", i.Status, " ", i.Over, " ", i.Post))
		return nil
	}}
	return h
}

// eachHealth runs a test on each database.
func eachHealth(t *testing.T, test func(t *testing.T, h *health)) {
	storetest.Each(t, func(t *testing.T, s *store.Store) { test(t, newHealth(t, s)) })
}

// look runs once, some time later, and gives the ids that are open.
func (h *health) look(later time.Duration) []string {
	h.t.Helper()
	h.now = h.now.Add(later)
	h.told = nil
	if _, err := h.health.Run(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
	return h.open()
}

func (h *health) open() (ids []string) {
	h.t.Helper()
	open, err := h.store.OpenIncidents(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	for _, i := range open {
		ids = append(ids, i.ID)
	}
	return ids
}

// mail is an incident of Exchange Online that changed at an instant.
func mail(id, status string, at time.Time) graphtest.Issue {
	return graphtest.Issue{
		ID: id, Title: "Some users can't send mail", Service: "Exchange Online", Status: status, Started: noon.Add(-2 * time.Hour), Modified: at,
		Resolved: new(false), Posts: []graphtest.Post{
			{At: at.Add(-time.Hour), HTML: "Title: Some users can't send mail<br>Current status: We look."},
			{At: at, HTML: "Title: Some users can't send mail<br><br>User impact: <b>All</b>.<br><br>Current status: We're reviewing <i>logs</i>.<script>x</script>"},
		},
	}
}

func TestIncidentsComeFromServiceHealthAndAreToldOnce(t *testing.T) {
	eachHealth(t, func(t *testing.T, h *health) {
		over := mail("TM100001", "ServiceRestored", noon.Add(-time.Hour))
		over.Resolved, over.Ended = new(true), noon
		post := mail("MC123456", "Investigating", noon) // a message, no incident
		h.PutIssues(mail("EX100001", "ServiceDegradation", noon), over, post)
		if open := h.look(0); !slices.Equal(open, []string{"EX100001"}) || len(h.told) > 0 {
			t.Errorf("%v, told %q", open, h.told)
		}
		kept, err := h.store.IncidentsByID(t.Context(), []string{"EX100001", "TM100001"})
		if i := kept["EX100001"]; err != nil || len(kept) != 1 || i.Title != "Some users can't send mail" || i.Post != "We're reviewing logs." ||
			!i.Posted.Equal(noon) || i.Status != "servicedegradation" || i.Advisory {
			t.Errorf("%+v, %v", kept, err)
		}
		if h.look(15 * time.Minute); len(h.told) > 0 {
			t.Errorf("nothing is new, told %q", h.told)
		}

		// A field of no interest, then a new post, then the end: it is not listed as open any more.
		quiet := mail("EX100001", "ServiceDegradation", noon)
		quiet.Modified, quiet.Title = noon.Add(20*time.Minute), "Some users cannot send mail"
		h.PutIssues(quiet)
		if h.look(15 * time.Minute); len(h.told) > 0 {
			t.Errorf("told %q", h.told)
		}
		h.PutIssues(mail("EX100001", "restoringService", noon.Add(40*time.Minute)))
		if open := h.look(15 * time.Minute); !slices.Equal(h.told, []string{"EX100001 restoringservice false We're reviewing logs."}) || len(open) != 1 {
			t.Errorf("told %q, open %v", h.told, open)
		}
		ended := mail("EX100001", "restoringService", noon.Add(50*time.Minute))
		ended.Resolved, ended.Ended = new(true), noon.Add(50*time.Minute)
		h.PutIssues(ended)
		if open := h.look(15 * time.Minute); len(open) > 0 || len(h.told) != 1 || !strings.Contains(h.told[0], " true ") {
			t.Errorf("told %q, open %v", h.told, open)
		}
		last, err := h.store.LastRun(t.Context(), graph.HealthSource)
		if err != nil || last.Holder != "" || !last.Succeeded.Equal(h.now) || last.Result.Incidents != 0 {
			t.Errorf("%+v, %v", last, err)
		}
	})
}

func TestWhatIsNotListedAnyMoreIsKeptAndMarked(t *testing.T) {
	eachHealth(t, func(t *testing.T, h *health) {
		var all []graphtest.Issue
		for n := range 250 { // three pages
			all = append(all, mail(fmt.Sprintf("EX%06d", 100_000+n), "investigating", noon))
		}
		h.PutIssues(all...)
		if open := h.look(0); len(open) != 250 {
			t.Errorf("%d are open", len(open))
		}
		h.RemoveIssues(all[7].ID)
		if open := h.look(23 * time.Hour); len(open) != 250 {
			t.Errorf("only a whole reading can miss one: %d", len(open))
		}
		if open := h.look(2 * time.Hour); len(open) != 249 || len(h.told) > 0 {
			t.Errorf("%d, told %q", len(open), h.told)
		}
		kept, err := h.store.IncidentsByID(t.Context(), []string{all[7].ID})
		if i := kept[all[7].ID]; err != nil || !i.Unlisted || i.Over || i.Title == "" {
			t.Errorf("%+v, %v", i, err)
		}
		for _, i := range all {
			h.RemoveIssues(i.ID)
		}
		if open := h.look(25 * time.Hour); len(open) != 249 {
			t.Errorf("an empty answer took away all but %d", len(open))
		}
		h.PutIssues(mail(all[7].ID, "investigating", h.now)) // listed again
		if open := h.look(15 * time.Minute); len(open) != 250 {
			t.Errorf("%d", len(open))
		}
	})
}

func TestABrokenReadingOfIncidentsTakesNothingAway(t *testing.T) {
	for name, answer := range map[string]graphtest.Answer{
		"503": {Status: 503, Body: "<html>"}, "no list": {Status: 200, Body: `{}`}, "cut": {Cut: true, Body: `{"value":[`},
		"forbidden": {Status: 403, Body: graphtest.Refusal("Forbidden", "no")},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHealth(t, storetest.Open(t, storetest.SQLite(t)))
			h.PutIssues(mail("EX100001", "investigating", noon))
			h.look(0)
			h.PutIssues(mail("EX100001", "resolved", noon.Add(time.Minute)), mail("EX100002", "investigating", noon.Add(time.Minute)))
			h.RemoveIssues("EX100001")
			h.Script(func(c graphtest.Call) graphtest.Answer {
				if c.Query.Get("$filter") == "endDateTime eq null" {
					return answer
				}
				return graphtest.Answer{}
			})
			h.now = h.now.Add(25 * time.Hour)
			_, err := h.health.Run(t.Context())
			if open := h.open(); err == nil || !slices.Equal(open, []string{"EX100001", "EX100002"}) {
				t.Errorf("%v, open %v", err, open)
			}
			last, noRun := h.store.LastRun(t.Context(), graph.HealthSource)
			if noRun != nil || last.Failure == "" || last.Forbidden != (name == "forbidden") || strings.Contains(last.Failure, "filter") || last.Holder != "" {
				t.Errorf("%+v, %v", last, noRun)
			}
			h.Script(nil)
			if open := h.look(2 * time.Hour); !slices.Equal(open, []string{"EX100002"}) {
				t.Errorf("the next run reads all: %v", open)
			}
		})
	}
}

func TestNewsThatCouldNotBeToldComeAgain(t *testing.T) {
	eachHealth(t, func(t *testing.T, h *health) {
		h.PutIssues(mail("EX100001", "investigating", noon))
		h.look(0)
		h.PutIssues(mail("EX100001", "restoringservice", noon.Add(time.Minute)))
		h.deaf = true
		if _, err := h.health.Run(t.Context()); err == nil {
			t.Error("nobody could be told, and nothing is said")
		}
		h.deaf = false
		if h.look(15 * time.Minute); len(h.told) != 1 {
			t.Errorf("told %q", h.told)
		}
	})
}

func TestServiceHealthIsReadEachQuarterOfAnHour(t *testing.T) {
	for _, c := range []struct {
		run  graph.Run
		want time.Duration // after noon
	}{
		{graph.Run{}, 0},
		{graph.Run{Succeeded: noon}, 15 * time.Minute},
		{graph.Run{Succeeded: noon.Add(-time.Hour), Failed: noon}, 15 * time.Minute},
		{graph.Run{Succeeded: noon.Add(-time.Hour), Failed: noon, Forbidden: true}, time.Hour},
		{graph.Run{Succeeded: noon, Failed: noon.Add(-time.Minute), Forbidden: true}, 15 * time.Minute},
	} {
		if at := noon.Add(c.want); !c.run.HealthDue(at) || c.want > 0 && c.run.HealthDue(at.Add(-time.Second)) {
			t.Errorf("%+v is not due after %s", c.run, c.want)
		}
	}
}
