package graph_test

import (
	"errors"
	"testing"

	"onbehalf/bot/customer"
	"onbehalf/bot/graph"
	"onbehalf/bot/graph/graphtest"
)

// One relationship is read anew: what is known of the customer's others stays.
func TestOneRelationshipIsRefreshed(t *testing.T) {
	each(t, func(t *testing.T, p *partner) {
		end := noon.AddDate(0, 0, 20)
		p.Put(active("a", contoso, "Contoso", end), active("b", contoso, "Contoso", end.AddDate(0, 0, 10)), active("f", fabrikam, "Fabrikam", end))
		p.run()
		calls := len(p.Calls())
		refresh := func(id string, want graph.Refreshed) {
			t.Helper()
			if got, err := p.sync.Refresh(t.Context(), id); err != nil || got != want {
				t.Errorf("%s: %q, %v", id, got, err)
			}
		}
		refresh("a", graph.Same)
		if n := len(p.Calls()) - calls; n != 1 {
			t.Errorf("asked %d times for one relationship", n)
		}
		p.Put(active("a", contoso, "Contoso Group", end.AddDate(0, 0, 180))) // extended
		refresh("a", graph.Changed)
		c := p.customer(contoso)
		if right := c.RightAt("", noon); !right.End.Equal(end.AddDate(0, 0, 180)) || len(c.Rights.Relationships) != 2 || c.Name != "Contoso Group" {
			t.Errorf("%+v of %+v", right, c)
		}
		p.Remove("a")
		refresh("a", graph.Changed)
		if right := p.customer(contoso).RightAt("", noon); right.Standing != customer.May || !right.End.Equal(end.AddDate(0, 0, 10)) {
			t.Errorf("without the longer one: %+v", right)
		}
		refresh("a", graph.Same)
		refresh("never", graph.NotOurs)

		byMicrosoft := active("m", fabrikam, "Fabrikam", end.AddDate(9, 0, 0))
		byMicrosoft.Name = "MLT_1"
		nobodys := active("n", "", "", end)
		p.Put(byMicrosoft, nobodys, active("o", graphtest.Tenant, "We", end))
		for _, id := range []string{"m", "n", "o"} {
			refresh(id, graph.Same)
		}
		if right := p.customer(fabrikam).RightAt("", noon); !right.End.Equal(end) {
			t.Errorf("%+v", right)
		}
		if _, err := p.store.Customer(t.Context(), graphtest.Tenant); !errors.Is(err, customer.ErrNoCustomer) {
			t.Errorf("the partner itself: %v", err)
		}
		p.Permit(false)
		if _, err := p.sync.Refresh(t.Context(), "b"); !graph.Forbidden(err) {
			t.Errorf("%v", err)
		}
	})
}
