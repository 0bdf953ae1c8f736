package store_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"onbehalf/bot/incident"
	"onbehalf/bot/request"
	"onbehalf/bot/store/storetest"
)

func TestIncidentsAndTheRequestsThatKeepThem(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		s := storetest.Open(t, url)
		s.Now = func() time.Time { return monday }
		if newest, err := s.NewestIncident(t.Context()); err != nil || !newest.IsZero() {
			t.Errorf("%s, %v", newest, err)
		}
		old := monday.AddDate(0, 0, -100)
		all := []incident.Incident{
			{ID: "EX100001", Title: "Mail \x00", Status: "investigating", Modified: old},
			{ID: "EX100002", Modified: old, Over: true}, {ID: "EX100003", Modified: old, Unlisted: true}, {ID: "EX100004", Modified: monday, Over: true},
		}
		for range 2 { // again is harmless
			if err := s.KeepIncidents(t.Context(), all); err != nil {
				t.Fatal(err)
			}
		}
		newest, err := s.NewestIncident(t.Context())
		if err != nil || !newest.Equal(monday) {
			t.Errorf("%s, %v", newest, err)
		}
		if open, err := s.OpenIncidents(t.Context()); err != nil || len(open) != 1 || open[0].ID != "EX100001" {
			t.Errorf("%+v, %v", open, err)
		}
		if removed := clean(t, s, 0); removed["incidents"] != 2 {
			t.Errorf("%v", removed)
		}
		if kept, err := s.IncidentsByID(t.Context(), []string{"EX100001", "EX100002", "EX100003", "EX100004"}); err != nil || len(kept) != 2 {
			t.Errorf("%+v, %v", kept, err)
		}

		keeps := func(form, id string, status request.Status) {
			do(t, s, func(tx request.Tx) error {
				n := newTicket(form)
				n.Details.Incident, n.Status = id, status
				if status == request.Closed {
					n.RespondedAt = monday
				}
				return tx.InsertTicket(t.Context(), n)
			})
		}
		keeps("f1", "EX100001", request.Open)
		keeps("f2", "EX100002", request.Open)
		keeps("f3", "EX100001", request.Closed)
		keeps("f4", "", request.Open)
		keeps("f5", "EX100001", request.Waiting)
		if numbers, err := s.WithIncident(t.Context(), "EX100001"); err != nil || !slices.Equal(numbers, []request.Number{1, 5}) {
			t.Errorf("%v, %v", numbers, err)
		}

		// One row that cannot be read hides no other.
		heard := reported(s)
		if err := s.KeepIncidents(t.Context(), []incident.Incident{{ID: "EX100009", Modified: monday}}); err != nil {
			t.Fatal(err)
		}
		exec(t, url, "update incidents set document = '{\"id\": 7}' where id = 'EX100009'")
		set := "json_set(document, '$.watchers', 7)"
		if strings.HasPrefix(url, "postgres") {
			set = "jsonb_set(document, '{watchers}', '7')"
		}
		exec(t, url, "update tickets set document = "+set+" where number = 1")
		if numbers, err := s.WithIncident(t.Context(), "EX100001"); err != nil || !slices.Equal(numbers, []request.Number{5}) {
			t.Errorf("%v, %v", numbers, err)
		}
		if open, err := s.OpenIncidents(t.Context()); err != nil || len(open) != 1 || len(*heard) != 2 {
			t.Errorf("%+v, %v, reported %q", open, err, *heard)
		}
	})
}
