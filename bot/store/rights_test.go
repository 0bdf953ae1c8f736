package store_test

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"onbehalf/bot/customer"
	"onbehalf/bot/store"
	"onbehalf/bot/store/storetest"
)

// withRights is a customer with one relationship that ends so many days after monday.
func withRights(n int, name string, days int, extends bool) customer.Customer {
	c := customer.Customer{TenantID: tenant(n), Name: name, Status: "active", Rights: &customer.Rights{Relationships: []customer.Relationship{{
		ID: name, Status: "active", End: monday.AddDate(0, 0, days), Extends: extends, Roles: []string{customer.ServiceSupportAdministrator},
	}}}}
	c.Rights.Settle(monday)
	return c
}

func typed(n int, name, relationship, end string) customer.Customer {
	return customer.Customer{TenantID: tenant(n), Name: name, Status: "active", AdminRelationship: relationship, AdminEnd: end}
}

func TestRightsAreListedByTheirEnd(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		gone := withRights(90, "Left", -1, false)
		gone.Status = "left"
		put(t, s,
			withRights(1, "Ended", -2, false), withRights(2, "Week", 7, false), withRights(3, "Month", 30, false),
			withRights(4, "Months", 60, false), withRights(5, "Later", 61, false), withRights(6, "Itself", 5, true),
			typed(7, "Today", "gdap", "2026-11-23"), typed(8, "Yesterday", "gdap", "2026-11-22"), typed(9, "Never", "gdap", ""),
			typed(10, "None", "none", ""), typed(11, "Expired", "expired", "2030-01-01"), typed(12, "Unknown", "", ""), gone,
			typed(13, "Own", "none", ""))
		ask := func(part customer.RightsPart, offset int) customer.RightsPage {
			t.Helper()
			page, err := s.Rights(t.Context(), customer.RightsQuery{Part: part, Now: monday, Except: []string{tenant(13)}, Offset: offset, Limit: 4})
			if err != nil {
				t.Fatal(err)
			}
			return page
		}
		page := ask(customer.RightsBlocked, 0)
		want := map[customer.RightsPart]int{"blocked": 4, "7": 2, "30": 3, "60": 4, "unknown": 1}
		if !maps.Equal(page.Counts, want) || page.All != 12 {
			t.Errorf("%v of %d", page.Counts, page.All)
		}
		for part, c := range map[customer.RightsPart]struct {
			names string
			total int
		}{
			"blocked": {"Expired, None, Ended, Yesterday", 4}, "7": {"Today, Itself, Week", 3}, "30": {"Today, Itself, Week, Month", 4}, "unknown": {"Unknown", 1},
		} {
			if page := ask(part, 0); names(page.Customers) != c.names || page.Total != c.total {
				t.Errorf("%s: %s, %d", part, names(page.Customers), page.Total)
			}
		}
		if page := ask(customer.RightsMonths, 4); names(page.Customers) != "Months" || page.Total != 5 {
			t.Errorf("second page: %s of %d", names(page.Customers), page.Total)
		}
		var between []customer.Customer
		err := s.RightsBetween(t.Context(), customer.RightsSpan{From: monday.AddDate(0, 0, -30), To: monday.AddDate(0, 0, 30)},
			func(c customer.Customer) error { between = append(between, c); return nil })
		if got := names(between); err != nil || got != "Ended, Yesterday, Today, Itself, Week, Month" {
			t.Errorf("%s, %v", got, err)
		}
		one, err := s.Customer(t.Context(), tenant(6))
		if err != nil || !one.RightAt("", monday).Extends {
			t.Errorf("%+v, %v", one, err)
		}
	})
}

func TestRightsBetweenGoesOverManyPages(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		var all []customer.Customer
		for i := range 1201 {
			all = append(all, withRights(i, fmt.Sprintf("Customer %04d", i), 1+i%3, false))
		}
		put(t, s, all...)
		seen := map[string]bool{}
		err := s.RightsBetween(t.Context(), customer.RightsSpan{From: monday, To: monday.Add(240 * time.Hour)},
			func(c customer.Customer) error { seen[c.TenantID] = true; return nil })
		if err != nil || len(seen) != len(all) {
			t.Errorf("%d, %v", len(seen), err)
		}
	})
}
