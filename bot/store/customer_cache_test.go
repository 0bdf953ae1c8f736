package store_test

import (
	"testing"

	"onbehalf/bot/customer"
	"onbehalf/bot/store"
)

// TestAnImportIsSeenByEveryReplica imports on one replica what the other remembers: each
// turn sees the customers as they were when it began, or newer.
func TestAnImportIsSeenByEveryReplica(t *testing.T) {
	replicas(t, func(t *testing.T, a, b *store.Store) {
		contoso := customer.Customer{TenantID: tenant(1), Name: "Contoso", PrimaryDomain: "contoso.example", Status: "active"}
		look := func(s *store.Store) (name, called string) {
			read := session(t, s).Reader
			c, err := read.Customer(t.Context(), contoso.TenantID)
			if err != nil {
				t.Fatal(err)
			}
			found, _, err := read.CustomersCalled(t.Context(), [][]string{{"contoso"}, {"example"}})
			if err != nil {
				t.Fatal(err)
			}
			return c.Name, names(found)
		}
		for _, name := range []string{"Contoso", "Contoso Ltd", "Contoso AG"} {
			contoso.Name = name
			put(t, a, contoso)
			for range 2 { // read, and remembered
				for _, s := range []*store.Store{b, a} {
					if byID, called := look(s); byID != name || called != name {
						t.Errorf("%q and %q, want %q", byID, called, name)
					}
				}
			}
		}
	})
}

// TestWhatATurnRemembersCostsNothing counts statements.
func TestWhatATurnRemembersCostsNothing(t *testing.T) {
	replicas(t, func(t *testing.T, a, b *store.Store) {
		put(t, a, customer.Customer{TenantID: tenant(1), Name: "Contoso", Status: "active"})
		statements := 0
		b.Trace = func(string) error { statements++; return nil }
		for turn, want := range []int{4, 1, 1} { // the session, the customer, the word, the name
			statements = 0
			read := session(t, b).Reader
			if _, err := read.Customer(t.Context(), tenant(1)); err != nil {
				t.Fatal(err)
			}
			if _, _, err := read.CustomersCalled(t.Context(), [][]string{{"contoso"}}); err != nil {
				t.Fatal(err)
			}
			if _, err := read.CustomersNamed(t.Context(), []string{"contoso"}); err != nil {
				t.Fatal(err)
			}
			if statements != want {
				t.Errorf("turn %d: %d statements, want %d", turn, statements, want)
			}
		}
		// A turn that began before an import does not bring the old ones back.
		old := session(t, b).Reader
		put(t, a, customer.Customer{TenantID: tenant(1), Name: "Fabrikam", Status: "active"})
		fresh := session(t, b).Reader
		if c, err := fresh.Customer(t.Context(), tenant(1)); err != nil || c.Name != "Fabrikam" {
			t.Errorf("%+v, %v", c, err)
		}
		if _, err := old.Customer(t.Context(), tenant(1)); err != nil {
			t.Error(err)
		}
		if c, err := session(t, b).Reader.Customer(t.Context(), tenant(1)); err != nil || c.Name != "Fabrikam" {
			t.Errorf("%+v, %v", c, err)
		}
	})
}
