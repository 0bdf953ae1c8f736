package store_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"onbehalf/bot/customer"
	"onbehalf/bot/request"
	"onbehalf/bot/sla"
	"onbehalf/bot/store"
	"onbehalf/bot/store/storetest"
)

// namesakes are customers of many kinds of names, some of which are beginnings of others.
func namesakes() []customer.Customer {
	var all []customer.Customer
	for _, first := range []string{"Contoso", "Müller", "Mueller", "O'Brien", "ООО «Ёлка»", "A.B.C.", "Bäcker & Söhne", "Nord-West", "Straßenbau", "東京"} {
		for _, rest := range []string{"", " Ltd", ", Inc.", " Logistik", " Logistik GmbH", " und Partner AG"} {
			n := len(all)
			all = append(all, customer.Customer{
				TenantID: tenant(n), Name: first + rest, PrimaryDomain: fmt.Sprintf("obh%d.onmicrosoft.com", n),
				CustomDomains: []string{fmt.Sprintf("shop-%d.example", n), "xn--mller-kva-" + fmt.Sprint(n) + ".example"}, Status: "active",
			})
		}
	}
	return all
}

// TestALookupMissesNobodyWhoIsMeant types names in many spellings: what the database is
// asked for gives the same answer as looking at every customer would.
func TestALookupMissesNobodyWhoIsMeant(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		all := namesakes()
		put(t, s, all...)
		desk := storetest.Desk{Store: s, Desk: &request.Desk{Policy: sla.BuiltIn()}}
		spell := strings.NewReplacer("ü", "ue", "ä", "ae", "ö", "oe", "ß", "ss")
		bare := strings.NewReplacer("ü", "u", "ä", "a", "ö", "o", "ё", "е", "Ё", "Е", "'", "’", "-", " ", ",", "", ".", "", "«", "", "»", "", "&", "und", "ООО ", "")
		sure := 0
		for i, c := range all {
			for _, typed := range []string{
				c.Name, strings.ToUpper(c.Name), spell.Replace(c.Name), bare.Replace(c.Name), strings.TrimSuffix(c.Name, " GmbH"), c.Name + " KG", c.Name[:len(c.Name)/2],
				c.Name + " Nord", c.PrimaryDomain, "ann@www." + c.CustomDomains[0], "https://" + c.CustomDomains[0] + "/a?b", c.PrimaryDomain[:7], fmt.Sprint("shop-", i), c.TenantID, c.TenantID[:9],
				strings.ReplaceAll(c.Name, "'", ""), strings.ReplaceAll(c.Name, " ", "\u00a0"),
			} {
				found, err := desk.MatchCustomer(t.Context(), typed)
				if err != nil {
					t.Fatal(err)
				}
				want := customer.Narrow(all, typed, false)
				if want.Loose { // who is asked about then depends on who was looked at
					if found.Sure || found.Whole || !found.Loose && len(found.Customers) > 0 {
						t.Errorf("%q: %q, sure %t", typed, names(found.Customers), found.Sure)
					}
					continue
				}
				if found.Sure != want.Sure || found.Whole != want.Whole || tenantsOf(found.Customers) != tenantsOf(want.Customers) {
					t.Errorf("%q: %q, sure %t; all customers give %q, sure %t", typed, names(found.Customers), found.Sure, names(want.Customers), want.Sure)
				}
				if found.Sure {
					sure++
				}
			}
		}
		if sure < 300 {
			t.Errorf("only %d names were clear", sure)
		}
	})
}

// tenantsOf gives tenant ids in any order.
func tenantsOf(customers []customer.Customer) string {
	set := map[string]bool{}
	for _, c := range customers {
		set[c.TenantID] = true
	}
	return fmt.Sprint(set)
}

// TestTheTypeaheadKnowsEverySpelling finds customers while somebody types.
func TestTheTypeaheadKnowsEverySpelling(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		put(t, s,
			customer.Customer{TenantID: tenant(1), Name: "Müller Maschinenbau GmbH", PrimaryDomain: "mueller.example"},
			customer.Customer{TenantID: tenant(2), Name: "O'Brien & Söhne, Inc.", PrimaryDomain: "obrien-uk.example"},
			customer.Customer{TenantID: tenant(3), Name: "Trey#Research", PrimaryDomain: "trey.example", Status: "left"},
		)
		for typed, want := range map[string]string{
			"Mueller Masch": "Müller Maschinenbau GmbH", "muller": "Müller Maschinenbau GmbH", "müller gmbh": "Müller Maschinenbau GmbH", "obrien": "O'Brien & Söhne, Inc.", "O’Brien": "O'Brien & Söhne, Inc.",
			"obrien und soehne": "O'Brien & Söhne, Inc.", "Sohne Inc": "O'Brien & Söhne, Inc.", "ann@mail.obrien-uk.example": "O'Brien & Söhne, Inc.", "https://mueller.example/x": "Müller Maschinenbau GmbH",
			"uk": "", "obrien-uk": "O'Brien & Söhne, Inc.", "trey": "", "trey.example": "", "x@trey.example": "",
		} {
			if got := search(t, s, typed, 5); got != want {
				t.Errorf("%q: %q, want %q", typed, got, want)
			}
		}
	})
}

// TestCustomersOfAnOlderReleaseAreWrittenDownAnew puts customers as the release before
// does, which knows fewer spellings: the next start brings them up to date, once.
func TestCustomersOfAnOlderReleaseAreWrittenDownAnew(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		s := storetest.Open(t, url)
		put(t, s, namesakes()...)
		before := termsIn(t, s)
		older := func() {
			exec(t, url, "delete from customer_terms where term like 'mueller%'")
			exec(t, url, "update counters set value = value + 1 where name = 'customers'")
		}
		older()
		if diff := cmp.Diff(before, termsIn(t, s)); diff == "" {
			t.Fatal("the older release changed nothing")
		}
		put(t, s, customer.Customer{TenantID: tenant(900), Name: "Fabrikam"}) // this release, beside the older one
		for range 2 {
			if _, err := s.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			after := termsIn(t, s)
			delete(after, tenant(900)+" fabrikam")
			delete(after, tenant(900)+" "+tenant(900))
			if diff := cmp.Diff(before, after); diff != "" {
				t.Error(diff)
			}
			if got := search(t, s, "mueller log", 1); !strings.HasPrefix(got, "M") {
				t.Errorf("found %q", got)
			}
		}
	})
}

func termsIn(t *testing.T, s *store.Store) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	rows, err := s.Terms(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		all[row] = true
	}
	return all
}
