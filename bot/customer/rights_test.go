package customer_test

import (
	"testing"
	"time"

	"onbehalf/bot/customer"
)

var noon = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

const globalReader = "f2ef992c-3afb-46b9-b7cf-a126ee74c451"

// relationship is one that is active for so many days more, with roles.
func relationship(id string, days int, roles ...string) customer.Relationship {
	return customer.Relationship{ID: id, Status: "active", End: noon.AddDate(0, 0, days), Roles: roles}
}

func TestRightFollowsTheRelationships_T2_T15(t *testing.T) {
	support := customer.ServiceSupportAdministrator
	extending := relationship("x", 5, support)
	extending.Extends = true
	terminated := relationship("t", 200, support)
	terminated.Status, terminated.Over = "terminated", noon.AddDate(0, 0, -3)
	awaited := customer.Relationship{ID: "w", Status: "approvalpending"}
	pending := relationship("p", 100, support)
	pending.Pending = true
	gone := relationship("g", 50, support)
	gone.Status, gone.Over = customer.StatusGone, noon.AddDate(0, 0, -1)
	for name, c := range map[string]struct {
		all      []customer.Relationship
		platform customer.Platform
		want     customer.Standing
		days     int // of End, from noon
		extends  bool
		key      string
	}{
		"none":                                 {want: customer.Missing, key: "0"},
		"one":                                  {all: []customer.Relationship{relationship("a", 40, support)}, want: customer.May, days: 40, key: "2027-01-07T12:00:00Z"},
		"the latest end counts":                {all: []customer.Relationship{relationship("a", 40, support), relationship("b", 90, support)}, want: customer.May, days: 90, key: "2027-02-26T12:00:00Z"},
		"one extends itself":                   {all: []customer.Relationship{extending, relationship("b", 90, support)}, want: customer.May, days: 90, extends: true, key: "2027-02-26T12:00:00Z+"},
		"the one that lasts has no role":       {all: []customer.Relationship{relationship("a", 40, support), relationship("b", 90, globalReader)}, want: customer.May, days: 40, key: "2027-01-07T12:00:00Z"},
		"no role may file":                     {all: []customer.Relationship{relationship("a", 40, globalReader, "unknown")}, want: customer.Roleless, key: "0"},
		"any role is enough for Azure":         {all: []customer.Relationship{relationship("a", 40, globalReader)}, platform: customer.Azure, want: customer.May, days: 40, key: "0"},
		"ended":                                {all: []customer.Relationship{relationship("a", -2, support), relationship("b", -9, support)}, want: customer.Ended, days: -2, key: "2026-11-26T12:00:00Z"},
		"terminated":                           {all: []customer.Relationship{relationship("a", -9, support), terminated}, want: customer.Terminated, days: -3, key: "2026-11-25T12:00:00Z"},
		"gone":                                 {all: []customer.Relationship{gone}, want: customer.Terminated, days: -1, key: "2026-11-27T12:00:00Z"},
		"awaited":                              {all: []customer.Relationship{awaited}, want: customer.Awaited, key: "0"},
		"the partner's own consent is missing": {all: []customer.Relationship{pending}, want: customer.Awaited, key: "0"},
		"ended and asked for again":            {all: []customer.Relationship{awaited, relationship("a", -2, support)}, want: customer.Ended, days: -2, key: "2026-11-26T12:00:00Z"},
		"terminated beside a good one":         {all: []customer.Relationship{terminated, relationship("a", 40, support)}, want: customer.May, days: 40, key: "2027-01-07T12:00:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			rights := &customer.Rights{Relationships: c.all}
			rights.Settle(noon)
			got := customer.Customer{Rights: rights, AdminRelationship: "none"}.RightAt(c.platform, noon)
			var end time.Time
			if c.days != 0 {
				end = noon.AddDate(0, 0, c.days)
			}
			if got.Standing != c.want || !got.End.Equal(end) || got.Extends != c.extends || !got.Synced {
				t.Errorf("%+v", got)
			}
			if rights.FilesUntil != c.key {
				t.Errorf("key %q", rights.FilesUntil)
			}
		})
	}
}

func TestTypedRightLastsToTheEndOfItsDay(t *testing.T) {
	c := customer.Customer{AdminRelationship: "gdap", AdminEnd: "2026-11-28"}
	for at, want := range map[string]customer.Standing{
		"2026-11-28T23:59:59Z": customer.May, "2026-11-29T00:00:00Z": customer.Ended, "2026-11-29T01:00:00+02:00": customer.May,
	} {
		now, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.RightAt("", now); got.Standing != want || got.Synced {
			t.Errorf("%s: %+v", at, got)
		}
	}
	if got := (customer.Customer{}).RightAt("", noon); got.Standing != customer.Unknown || !got.May() {
		t.Errorf("nothing is known: %+v", got)
	}
	if got := (customer.Customer{AdminRelationship: "none", Own: true}).RightAt("", noon); !got.May() {
		t.Errorf("the partner's own tenant: %+v", got)
	}
}

func TestWhatWasTypedAndMicrosoftSaysIsCompared(t *testing.T) {
	synced := &customer.Rights{Relationships: []customer.Relationship{relationship("a", 40, customer.ServiceSupportAdministrator)}}
	for _, c := range []struct {
		relationship, end string
		differ            bool
	}{{"gdap", "2027-01-07", false}, {"gdap", "2027-01-08", true}, {"gdap", "", false}, {"none", "", true}, {"", "", false}} {
		one := customer.Customer{Rights: synced, AdminRelationship: c.relationship, AdminEnd: c.end}
		if got := one.RightsDiffer(noon); got != c.differ {
			t.Errorf("%s %s: %v", c.relationship, c.end, got)
		}
	}
}
