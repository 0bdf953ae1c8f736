package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"onbehalf/bot/customer"
	"onbehalf/bot/request"
	"onbehalf/bot/store"
	"onbehalf/bot/store/storetest"
)

func tenant(n int) string { return fmt.Sprintf("%08x-0000-4000-8000-%012x", n*2654435761%(1<<32), n) }

func put(t testing.TB, s *store.Store, customers ...customer.Customer) (added, updated int) {
	t.Helper()
	added, updated, err := s.PutCustomers(t.Context(), customers)
	if err != nil {
		t.Fatal(err)
	}
	return added, updated
}

func names(customers []customer.Customer) string {
	var all []string
	for _, c := range customers {
		all = append(all, c.Name)
	}
	return strings.Join(all, ", ")
}

func search(t testing.TB, s *store.Store, query string, limit int) string {
	t.Helper()
	found, err := s.SearchCustomers(t.Context(), query, limit)
	if err != nil {
		t.Fatal(err)
	}
	return names(found)
}

func TestCustomerComesBackAsItWasImported(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		full := filled[customer.Customer]()
		full.TenantID = tenant(1)
		added, updated := put(t, s, full, customer.Customer{TenantID: tenant(2), Name: "Bare"})
		if added != 2 || updated != 0 {
			t.Errorf("added %d, updated %d", added, updated)
		}
		got, err := s.Customer(t.Context(), strings.ToUpper(full.TenantID))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(&full, got); diff != "" {
			t.Error(diff)
		}
		if _, err := s.Customer(t.Context(), "x"); !errors.Is(err, customer.ErrNoCustomer) {
			t.Error(err)
		}
		added, updated = put(t, s, full, customer.Customer{TenantID: tenant(3), Name: "Old"}, customer.Customer{TenantID: tenant(3), Name: "New"})
		if added != 1 || updated != 1 {
			t.Errorf("added %d, updated %d", added, updated)
		}
		if got, err := s.Customer(t.Context(), tenant(3)); err != nil || got.Name != "New" {
			t.Errorf("of two rows the later counts: %v, %v", got, err)
		}
	})
}

func TestSearchCustomers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		put(t, s,
			customer.Customer{TenantID: tenant(1), Name: "Contoso Ltd", PrimaryDomain: "obhcontoso.onmicrosoft.com", CustomDomains: []string{"shop.example", "xn--bcher-kva.example"}},
			customer.Customer{TenantID: tenant(2), Name: "Contoso Pharmaceuticals", PrimaryDomain: "pharma.onmicrosoft.com"},
			customer.Customer{TenantID: tenant(3), Name: "Über-Werke Zürich GmbH", PrimaryDomain: "werke.example"},
			customer.Customer{TenantID: tenant(4), Name: "ООО «Ёлка»", PrimaryDomain: "elka.example"},
			customer.Customer{TenantID: tenant(5), Name: "東京 商事", PrimaryDomain: "tokyo.example"},
			customer.Customer{TenantID: tenant(6), Name: "Contoso Gone", PrimaryDomain: "gone.example", Status: "left"},
			customer.Customer{TenantID: tenant(7), Name: "100% Pure_Water", PrimaryDomain: "pure.example", Own: true},
			customer.Customer{TenantID: tenant(8), Name: "Alt Contoso", PrimaryDomain: "alt.example"},
		)
		for query, want := range map[string]string{
			"contoso": "Contoso Ltd, Contoso Pharmaceuticals, Alt Contoso", "CONTOSO P": "Contoso Pharmaceuticals",
			"c": "Contoso Ltd, Contoso Pharmaceuticals", "pharma contoso": "Contoso Pharmaceuticals", "gone": "", tenant(6): "",
			"shop": "Contoso Ltd", "bcher": "Contoso Ltd", "bücher": "Contoso Ltd", "BÜCHER.exam": "Contoso Ltd", "xn--b": "Contoso Ltd", "obh": "Contoso Ltd", "onmicrosoft": "Contoso Ltd, Contoso Pharmaceuticals",
			tenant(2): "Contoso Pharmaceuticals", strings.ToUpper(tenant(2)): "Contoso Pharmaceuticals", tenant(2)[:6]: "Contoso Pharmaceuticals",
			"uber": "Über-Werke Zürich GmbH", "ÜBER": "Über-Werke Zürich GmbH", "zurich": "Über-Werke Zürich GmbH", "gmbh zu": "Über-Werke Zürich GmbH",
			"ооо": "ООО «Ёлка»", "елка": "ООО «Ёлка»", "Ёл": "ООО «Ёлка»", "東京": "東京 商事", "東": "東京 商事",
			"100%": "100% Pure_Water", "%": "", "re_wa": "100% Pure_Water", "re%wa": "", "e_w": "100% Pure_Water", `\`: "", "'": "", `"`: "",
			"  contoso   ltd ": "Contoso Ltd", "contosoltd": "", "pure.example": "100% Pure_Water", "con\x00toso l": "Contoso Ltd",
		} {
			if got := search(t, s, query, 10); got != want {
				t.Errorf("%q:\n got %q\nwant %q", query, got, want)
			}
		}
		if got := search(t, s, "contoso", 2); got != "Contoso Ltd, Contoso Pharmaceuticals" {
			t.Errorf("limit: %q", got)
		}
		if got := search(t, s, "", 3); got != "100% Pure_Water, Alt Contoso, Contoso Ltd" {
			t.Errorf("nothing typed: %q", got)
		}

		// A new name is found and the old one is not; who leaves is found no more.
		put(t, s, customer.Customer{TenantID: tenant(1), Name: "Fabrikam", PrimaryDomain: "fabrikam.example"},
			customer.Customer{TenantID: tenant(2), Name: "Contoso Pharmaceuticals", Status: "left"},
			customer.Customer{TenantID: tenant(6), Name: "Contoso Back", Status: "active"})
		for query, want := range map[string]string{"contoso": "Contoso Back, Alt Contoso", "shop": "", "fabrikam": "Fabrikam", "pharma": ""} {
			if got := search(t, s, query, 10); got != want {
				t.Errorf("after the import, %q: %q, want %q", query, got, want)
			}
		}
		if c, err := s.Customer(t.Context(), tenant(2)); err != nil || c.Status != "left" {
			t.Errorf("who left is kept for old tickets: %v, %v", c, err)
		}
	})
}

func TestPrefixBeyondManyTermsOfOneCustomer(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		many := customer.Customer{TenantID: tenant(1), Name: "aa"}
		for i := range 40 {
			many.CustomDomains = append(many.CustomDomains, fmt.Sprintf("aa%02d.example", i))
		}
		put(t, s, many, customer.Customer{TenantID: tenant(2), Name: "aaz"})
		if got := search(t, s, "aa", 5); got != "aa, aaz" {
			t.Error(got)
		}
	})
}

func TestImportThatFailsKeepsNothing(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		s := storetest.Open(t, url)
		var customers []customer.Customer
		for i := range 1200 {
			customers = append(customers, customer.Customer{TenantID: tenant(i), Name: fmt.Sprint("Customer ", i)})
		}
		exec(t, url, "insert into customers (tenant_id, document, fold) values ('zz', '{}', '')")
		exec(t, url, "alter table customer_terms rename to elsewhere")
		if added, updated, err := s.PutCustomers(t.Context(), customers); err == nil || added != 0 || updated != 0 {
			t.Errorf("added %d, updated %d, %v", added, updated, err)
		}
		exec(t, url, "alter table elsewhere rename to customer_terms")
		n := 0
		if err := s.EachCustomer(t.Context(), func(customer.Customer) error { n++; return nil }); err != nil || n != 1 {
			t.Errorf("%d customers, %v", n, err)
		}
		if added, _ := put(t, s, customers...); added != 1200 {
			t.Errorf("added %d", added)
		}
	})
}

func TestEveryCustomerByName(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		var customers []customer.Customer
		var want []string
		for i := range 1203 {
			name := fmt.Sprintf("Customer %03d", i/3) // three of each name
			customers = append(customers, customer.Customer{TenantID: tenant(i), Name: name, Status: []string{"active", "left"}[i%2]})
			want = append(want, name)
		}
		put(t, s, customers...)
		var got []string
		err := s.EachCustomer(t.Context(), func(c customer.Customer) error {
			got = append(got, c.Name)
			_, err := s.Customer(t.Context(), c.TenantID) // the store is free meanwhile
			return err
		})
		slices.Sort(want)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%d of %d, %v", len(got), len(want), err)
		}
		sorry := errors.New("sorry")
		if err := s.EachCustomer(t.Context(), func(customer.Customer) error { return sorry }); !errors.Is(err, sorry) {
			t.Error(err)
		}
	})
}

func TestTwoImportsAtOnce(t *testing.T) {
	replicas(t, func(t *testing.T, a, b *store.Store) {
		var customers []customer.Customer
		for i := range 800 {
			customers = append(customers, customer.Customer{TenantID: tenant(i), Name: fmt.Sprint("Customer ", i)})
		}
		backwards := slices.Clone(customers)
		slices.Reverse(backwards)
		for _, err := range atOnce(2, func(i int) error {
			_, _, err := []*store.Store{a, b}[i].PutCustomers(t.Context(), [][]customer.Customer{customers, backwards}[i])
			return err
		}) {
			if err != nil {
				t.Error(err)
			}
		}
		if got := search(t, a, "customer 799", 1); got != "Customer 799" {
			t.Errorf("got %q", got)
		}
	})
}

func TestRecentCustomers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for i, name := range []string{"A", "B", "C", "D"} {
			c := customer.Customer{TenantID: tenant(i), Name: name}
			if name == "D" {
				c.Status = "left"
			}
			put(t, s, c)
			for j := range 2 {
				opened := newTicket(fmt.Sprint(name, j))
				opened.Customer, opened.OpenedAt = c, monday.Add(time.Duration(i+10*j)*time.Minute)
				if name == "B" {
					opened.Requester = pavel
				}
				insert(t, s, opened)
			}
		}
		for _, c := range []struct {
			person string
			limit  int
			want   string
		}{{ines.ID, 5, "C, A"}, {ines.ID, 1, "C"}, {pavel.ID, 5, "B"}, {lena.ID, 5, ""}} {
			if got, err := s.RecentCustomers(t.Context(), c.person, c.limit); err != nil || names(got) != c.want {
				t.Errorf("%s: %q, %v", c.person, names(got), err)
			}
		}
	})
}

// TestCustomersWhoLeftAreFoundAsOthersAreWhileTheyHaveRequests looks through more than one
// batch of those who left.
func TestCustomersWhoLeftAreFoundAsOthersAreWhileTheyHaveRequests(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		gone := []customer.Customer{
			{TenantID: tenant(1), Name: "Müller Maschinenbau GmbH", PrimaryDomain: "mueller.example", Status: "left"},
			{TenantID: tenant(2), Name: "O'Brien & Söhne, Inc.", PrimaryDomain: "obrien-uk.example", CustomDomains: []string{"xn--shne-5qa.example"}, Status: "left"},
		}
		for i := range 600 {
			gone = append(gone, customer.Customer{TenantID: tenant(10 + i), Name: fmt.Sprint("Left ", i), Status: "left"})
		}
		put(t, s, append(gone, customer.Customer{TenantID: tenant(3), Name: "Müller Logistik KG"}, customer.Customer{TenantID: tenant(4), Name: "Müller Gone", Status: "left"})...)
		do(t, s, func(tx request.Tx) error {
			for i, c := range gone {
				opened := newTicket(fmt.Sprint("left", i))
				opened.Customer = c
				if err := tx.InsertTicket(t.Context(), opened); err != nil {
					return err
				}
			}
			return nil
		})
		for typed, want := range map[string]string{
			"mueller": "Müller Maschinenbau GmbH", "Masch Müller": "Müller Maschinenbau GmbH", "x@mueller.example": "Müller Maschinenbau GmbH",
			"obrien und soehne": "O'Brien & Söhne, Inc.", "uk obrien": "O'Brien & Söhne, Inc.", "https://www.söhne.example/a": "O'Brien & Söhne, Inc.",
			tenant(2): "O'Brien & Söhne, Inc.", "left 599": "Left 599", "nobody": "", "": "", "müller gone": "",
		} {
			found, cut, err := s.CustomersLeft(t.Context(), customer.ExactTerms(typed), customer.SearchWords(typed))
			if err != nil || cut || names(found) != want {
				t.Errorf("%q: %q, cut %v, %v", typed, names(found), cut, err)
			}
		}
		if found, cut, err := s.CustomersLeft(t.Context(), nil, customer.SearchWords("left")); err != nil || !cut || len(found) != 200 {
			t.Errorf("%d of 600, cut %v, %v", len(found), cut, err)
		}
	})
}
