package request_test

import (
	"encoding/csv"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"onbehalf/bot/intake"
	"onbehalf/bot/request"
)

func TestReportCountsFirstResponses(t *testing.T) {
	d := openDesk(t)
	formula := contoso()
	formula.TenantID, formula.Name, formula.PrimaryDomain = "7e02ff05-b7c1-4ce2-bf76-95f56fced11d", "=Fourth Coffee", "obhfourth.onmicrosoft.com"
	formula.CustomDomains = nil
	d.put(formula)
	severity := func(s string) func(*intake.Answers) { return func(a *intake.Answers) { a.Severity = s } }
	move := func(opened *request.Ticket) request.Move { return request.Move{Number: opened.Number} }
	nobody := d.file(severity("A"))                                                  // 1: unanswered, nobody has it
	inTime := d.file(severity("B"))                                                  // 2
	late := d.file(severity("A"))                                                    // 3: filed too late
	withdrawn := d.file(severity("C"))                                               // 4
	d.file(severity("C"), func(a *intake.Answers) { a.Customer = formula.TenantID }) // 5: runs
	numberAfter := d.file(severity("B"))                                             // 6: number typed after a late answer
	solved := d.file(severity("C"))                                                  // 7: resolved without a first response
	d.must(d.Resolve(t.Context(), bob, move(solved), ""))
	d.must(d.Take(t.Context(), bob, move(late)))
	d.must(d.Take(t.Context(), bob, move(numberAfter)))
	d.must(d.Cancel(t.Context(), alice, move(withdrawn), ""))
	d.pass(time.Hour)
	d.must(d.Respond(t.Context(), bob, move(inTime), ""))
	d.pass(2 * time.Hour)
	d.must(d.File(t.Context(), bob, move(late), "2611220010000417", time.Time{}))
	d.pass(time.Minute)
	d.must(d.Respond(t.Context(), bob, move(late), ""))
	d.pass(2 * time.Hour)
	d.must(d.Respond(t.Context(), bob, move(numberAfter), ""))
	d.pass(time.Minute)
	d.must(d.File(t.Context(), bob, move(numberAfter), "2611220010000418", time.Time{}))

	r, err := d.Report(t.Context(), dave, sunday, sunday.Add(24*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if want := (request.Count{Opened: 7, InTime: 1, Late: 3, Unanswered: 1, Running: 1, NoTarget: 1, Open: 5}); r.Total != want {
		t.Errorf("total %+v, want %+v", r.Total, want)
	}
	if a := r.BySeverity[request.SeverityA]; a.Opened != 2 || a.Late != 2 {
		t.Errorf("A: %+v", a)
	}
	if len(r.ByCustomer) != 2 || r.ByCustomer[0].Name != "Contoso Ltd" || r.ByCustomer[0].Opened != 6 {
		t.Errorf("customers %+v", r.ByCustomer)
	}
	want := map[request.Number]string{nobody.Number: "nobody", late.Number: "filed_late", numberAfter.Number: "number_after"}
	got := map[request.Number]string{}
	for _, l := range r.LateOnes {
		got[l.Number] = l.Code
		documented := slices.ContainsFunc(intake.CodeTable, func(e intake.CodeEntry) bool {
			return e.Family == intake.LateCode && e.Name == l.Code && slices.Equal(e.Args, slices.Collect(maps.Keys(l.Args)))
		})
		if !documented || l.By <= 0 {
			t.Errorf("%+v", l)
		}
	}
	if !maps.Equal(got, want) || r.LateOnes[0].Number != nobody.Number || r.LateOnes[2].Severity != request.SeverityB {
		t.Errorf("late %+v, want %v, A first", r.LateOnes, want)
	}
	var out strings.Builder
	if err := r.WriteCSV(&out); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(out.String())).ReadAll()
	if err != nil || len(rows) != 1+1+4+2+3 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	if !strings.Contains(out.String(), "'=Fourth Coffee") || strings.Contains(out.String(), ",=Fourth") {
		t.Errorf("a formula in\n%s", out.String())
	}
	empty, err := d.Report(t.Context(), dave, sunday.Add(-48*time.Hour), sunday)
	if err != nil || empty.Total != (request.Count{}) || len(empty.BySeverity) != 4 {
		t.Errorf("the day before: %+v, %v", empty.Total, err)
	}
}

func TestOperatorsReportSeesEverything(t *testing.T) {
	d := openDesk(t)
	d.file(fraud)
	for _, by := range []struct {
		person request.Person
		want   int
	}{{dave, 0}, {alice, 1}, {lena, 1}} {
		if r, err := d.Report(t.Context(), by.person, sunday, sunday.Add(time.Hour)); err != nil || r.Total.Opened != by.want {
			t.Errorf("%s counts %d, want %d (%v)", by.person.Name, r.Total.Opened, by.want, err)
		}
	}
	if r, err := d.ReportForAll(t.Context(), d.Store, sunday, sunday.Add(time.Hour)); err != nil || r.Total.Opened != 1 {
		t.Errorf("all: %d (%v)", r.Total.Opened, err)
	}
}
