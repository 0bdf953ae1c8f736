package incident

import (
	"cmp"
	"slices"
	"sync/atomic"
	"time"

	"onbehalf/bot/customer"
)

// Known are the open incidents that this process knows by heart, so that no turn has to read
// them. Whoever watches the database sets them anew; other replicas do the same, so they
// differ for a minute at most. The zero value and nil know of none. It is safe for many
// goroutines.
type Known struct{ now atomic.Pointer[reading] }

type reading struct {
	open []Incident
	asOf time.Time
}

// oldest is how old a reading may be that people are shown.
const oldest = 24 * time.Hour

// Set replaces what is known. The incidents are those that are open, and asOf is when
// Microsoft said so.
func (k *Known) Set(open []Incident, asOf time.Time) {
	open = slices.Clone(open)
	// What users cannot work with comes first, then the newest.
	slices.SortFunc(open, func(a, b Incident) int {
		if a.Advisory != b.Advisory {
			if b.Advisory {
				return -1
			}
			return 1
		}
		return cmp.Or(b.Started.Compare(a.Started), cmp.Compare(a.ID, b.ID))
	})
	k.now.Store(&reading{open, asOf})
}

// AsOf is when Microsoft said what is known, zero where it never did.
func (k *Known) AsOf() time.Time {
	if k == nil || k.now.Load() == nil {
		return time.Time{}
	}
	return k.now.Load().asOf
}

// On gives the open incidents that concern one of the platforms, those of services that are
// not known here last; without a platform it gives all. What is older than a day is nobody's
// present view and is left out.
func (k *Known) On(now time.Time, platforms ...customer.Platform) (open []Incident, asOf time.Time) {
	asOf = k.AsOf()
	if asOf.IsZero() || now.Sub(asOf) > oldest {
		return nil, time.Time{}
	}
	var unknown []Incident
	for _, i := range k.now.Load().open {
		_, known := i.Concerns("")
		concerns := len(platforms) == 0 || slices.ContainsFunc(platforms, func(p customer.Platform) bool {
			c, _ := i.Concerns(p)
			return c
		})
		switch {
		case concerns && known:
			open = append(open, i)
		case concerns:
			unknown = append(unknown, i)
		}
	}
	return append(open, unknown...), asOf
}
