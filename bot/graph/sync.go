package graph

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"reflect"
	"slices"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"onbehalf/bot/customer"
)

// Source is the name that runs are kept under.
const Source = "graph"

// Run is how the runs of a source went.
type Run struct {
	// Holder runs now, until Until if it says nothing more; empty is nobody.
	Holder string
	Until  time.Time
	// Began is when the last run began; Succeeded and Failed are when one ended last so.
	Began, Succeeded, Failed time.Time
	// Failure is why the last run failed, empty when it did not; Forbidden says that a
	// permission is missing.
	Failure   string
	Forbidden bool
	// Told is when leads heard of it last.
	Told time.Time
	// Result is what the last run found.
	Result Result
}

// Result is what a run found and changed.
type Result struct {
	Customers     int `json:"customers"`     // with an active relationship
	Relationships int `json:"relationships"` // of the partner's own making
	ByMicrosoft   int `json:"byMicrosoft"`   // made by Microsoft, and left out
	Added         int `json:"added"`         // customers who were not known
	Changed       int `json:"changed"`
	Same          int `json:"same"`
	// Differing counts customers of whom was typed something else than Microsoft says.
	Differing int `json:"differing"`
	// Renamed are customers whose name is Microsoft's from now on, at most ten of them.
	Renamed []Renamed `json:"renamed,omitempty"`
	// Empty says that Graph had nothing where there was something before, so nothing was
	// taken away.
	Empty bool `json:"empty,omitempty"`

	// Incidents is how many incidents are open, and Whole when all of them were read
	// last; they are of the runs of Health.
	Incidents int       `json:"incidents,omitempty"`
	Whole     time.Time `json:"whole,omitzero"`
}

// Renamed is a customer who had another name here than Microsoft has.
type Renamed struct{ TenantID, Before, After string }

// Store keeps customers, and who syncs.
type Store interface {
	EachCustomer(ctx context.Context, row func(customer.Customer) error) error
	// ChangeCustomers locks customers, gives each to change, and keeps what that says has
	// changed. One who is not known yet has nothing but a tenant id.
	ChangeCustomers(ctx context.Context, tenants []string, change func(c *customer.Customer, known bool) bool) error
	// BeginRun makes this process the one that runs, for a span, and says whether it is;
	// again by the same process makes the span longer.
	BeginRun(ctx context.Context, source string, span time.Duration) (bool, error)
	// EndRun ends the run of this process and notes how it went.
	EndRun(ctx context.Context, source string, result Result, failure error) error
	// LastRun says how the runs went.
	LastRun(ctx context.Context, source string) (Run, error)
	// CustomerOfRelationship gives the tenant of the customer who has a relationship with
	// this id on record, or customer.ErrNoCustomer.
	CustomerOfRelationship(ctx context.Context, id string) (string, error)
}

// ErrBusy means that another process runs at this moment.
var ErrBusy = errors.New("another process brings customers from Microsoft Graph at this moment; try again in a few minutes")

// runLimit is how long a run may be silent before another process takes over.
const runLimit = 15 * time.Minute

// Sync lays what Graph knows over the stored customers.
type Sync struct {
	Client *Client
	Store  Store
	// Cloud is the cloud of the partner's tenant, which new customers get.
	Cloud customer.Cloud
	// Own are the partner's own tenants. With more than one, customers of whom Graph
	// never spoke may be another's, and stay as they were typed.
	Own []string
	Now func() time.Time
	Log *slog.Logger
}

// Run reads everything once and keeps it, unless another process does so: then it is
// ErrBusy. After another error what was read until then is kept.
func (s *Sync) Run(ctx context.Context) (Result, error) {
	mine, err := s.Store.BeginRun(ctx, Source, runLimit)
	if err != nil {
		return Result{}, err
	}
	if !mine {
		return Result{}, ErrBusy
	}
	ctx, span := tracer.Start(ctx, "sync")
	result, failure := s.run(ctx)
	endSync(span, result, failure)
	if err := s.Store.EndRun(context.WithoutCancel(ctx), Source, result, failure); err != nil {
		return result, errors.Join(failure, err)
	}
	return result, failure
}

var tracer = otel.Tracer("onbehalf/bot/graph")

// endSync ends the span of a run with what it found. Customers have no names in it.
func endSync(span trace.Span, r Result, failure error) {
	span.SetAttributes(attribute.Int("onbehalf.customers", r.Customers), attribute.Int("onbehalf.relationships", r.Relationships),
		attribute.Int("onbehalf.added", r.Added), attribute.Int("onbehalf.changed", r.Changed))
	if failure != nil {
		span.SetStatus(codes.Error, "")
	}
	span.End()
}

func (s *Sync) run(ctx context.Context) (Result, error) {
	read, failure := s.read(ctx)
	switch {
	case ctx.Err() != nil:
		return Result{}, ctx.Err()
	case errors.Is(failure, ErrBusy): // this process was silent for too long
		return Result{}, failure
	}
	result, err := s.keep(ctx, read)
	return result, errors.Join(failure, err)
}

// reading is what was read; whole says that nothing is missing in it.
type reading struct {
	names         map[string]string // of customers, by tenant
	relationships map[string][]customer.Relationship
	ids           map[string]string // of relationships, to tenants
	byMicrosoft   map[string]bool
	whole         bool
}

func newReading() *reading {
	return &reading{names: map[string]string{}, relationships: map[string][]customer.Relationship{}, ids: map[string]string{}, byMicrosoft: map[string]bool{}}
}

// read reads both lists, each anew once where its pages are not kept any more.
func (s *Sync) read(ctx context.Context) (*reading, error) {
	r := newReading()
	alive := func() error {
		mine, err := s.Store.BeginRun(ctx, Source, runLimit)
		if err == nil && !mine {
			err = ErrBusy
		}
		return err
	}
	again := func(list func() error) error {
		err := list()
		if expired(err) {
			err = list()
		}
		return err
	}
	noCustomers := again(func() error {
		return s.Client.Customers(ctx, func(page []Customer) error {
			for _, c := range page {
				r.names[c.TenantID] = c.Name
			}
			return alive()
		})
	})
	noRelationships := again(func() error {
		return s.Client.Relationships(ctx, func(page []Relationship) error {
			for _, one := range page {
				r.add(one)
			}
			return alive()
		})
	})
	r.whole = noCustomers == nil && noRelationships == nil
	if noCustomers != nil && noRelationships != nil && Forbidden(noCustomers) {
		return r, noCustomers // one line for one cause
	}
	return r, errors.Join(noCustomers, noRelationships)
}

// add takes a relationship, the later one of two with the same id.
func (r *reading) add(one Relationship) {
	switch tenant := one.Customer.TenantID; {
	case one.MadeByMicrosoft():
		r.byMicrosoft[one.ID] = true
	case tenant == "":
	default:
		if before, again := r.ids[one.ID]; again {
			r.relationships[before] = slices.DeleteFunc(r.relationships[before], func(o customer.Relationship) bool { return o.ID == one.ID })
		}
		r.ids[one.ID] = tenant
		r.relationships[tenant] = append(r.relationships[tenant], one.Relationship)
		if r.names[tenant] == "" && one.Customer.Name != "" && one.Usable(time.Time{}) {
			r.names[tenant] = one.Customer.Name
		}
	}
}

// keep changes the customers whom the reading says something new of.
func (s *Sync) keep(ctx context.Context, r *reading) (Result, error) {
	now := s.now()
	result := Result{Customers: len(r.names), Relationships: len(r.ids), ByMicrosoft: len(r.byMicrosoft)}
	if r.whole && len(r.ids) == 0 {
		r.whole, result.Empty = false, true // Graph answers so where somebody lacks rights, too
	}
	stale := map[string]bool{}
	known := map[string]bool{}
	err := s.Store.EachCustomer(ctx, func(c customer.Customer) error {
		known[c.TenantID] = true
		after := c
		if !s.over(&after, r, now) || reflect.DeepEqual(c, after) {
			result.Same++
		} else {
			stale[c.TenantID] = true
			result.Changed++
			if after.Name != c.Name && len(result.Renamed) < 10 {
				result.Renamed = append(result.Renamed, Renamed{c.TenantID, c.Name, after.Name})
			}
		}
		if after.RightsDiffer(now) {
			result.Differing++
		}
		return nil
	})
	if err != nil {
		return result, fmt.Errorf("compare with the customers that are known: %w", err)
	}
	for tenant := range r.names {
		if !known[tenant] && !s.own(tenant) {
			stale[tenant] = true
			result.Added++
		}
	}
	for tenants := range slices.Chunk(slices.Sorted(maps.Keys(stale)), 1000) {
		err := s.Store.ChangeCustomers(ctx, tenants, func(c *customer.Customer, known bool) bool {
			if !known {
				*c = customer.Customer{TenantID: c.TenantID, Cloud: s.Cloud, Relationship: "direct", Status: "active"}
			}
			before := *c
			return s.over(c, r, now) && !reflect.DeepEqual(before, *c)
		})
		if err != nil {
			return result, fmt.Errorf("keep the customers: %w", err)
		}
		if _, err := s.Store.BeginRun(ctx, Source, runLimit); err != nil {
			return result, err
		}
	}
	return result, nil
}

// over lays what was read over a customer; false says that nothing was read of them.
func (s *Sync) over(c *customer.Customer, r *reading, now time.Time) bool {
	name, listed := r.names[c.TenantID]
	read, related := r.relationships[c.TenantID]
	// Whoever is missing from a whole reading has no rights to give, if Graph speaks of
	// all customers.
	missing := r.whole && (c.Rights != nil || len(s.Own) <= 1 && sameGraph(c.Cloud, s.Cloud) && c.Status != "left")
	if s.own(c.TenantID) || !listed && !related && !missing {
		return false
	}
	if name != "" {
		c.Name = name
	}
	if c.Rights == nil && !related && !r.whole {
		return true // listed, and of the relationships nothing was read yet
	}
	rights := &customer.Rights{Name: name}
	if c.Rights != nil && name == "" {
		rights.Name = c.Rights.Name
	}
	rights.Relationships = together(c.Rights, read, r, now)
	rights.Settle(now)
	c.Rights = rights
	return true
}

// together are the relationships that were read, and of those that were stored the ones
// that were not read. After a whole reading the latter are gone.
func together(stored *customer.Rights, read []customer.Relationship, r *reading, now time.Time) []customer.Relationship {
	all := slices.Clone(read)
	if stored != nil {
		for _, one := range stored.Relationships {
			if _, again := r.ids[one.ID]; again {
				continue
			}
			if r.whole {
				all = append(all, gone(one, now)...)
				continue
			}
			all = append(all, one)
		}
	}
	return withoutHistory(all, now)
}

// gone is what is left of a relationship that Graph does not know any more: nothing of one
// that was never approved.
func gone(one customer.Relationship, now time.Time) []customer.Relationship {
	switch {
	case one.Terminated() || one.Status == "expired":
	case one.Awaited():
		return nil
	default:
		one.Status, one.Over = customer.StatusGone, now.UTC().Truncate(time.Second)
	}
	return []customer.Relationship{one}
}

// withoutHistory leaves of the relationships that are over the latest one, and nothing of
// its roles: more is never shown.
func withoutHistory(all []customer.Relationship, now time.Time) []customer.Relationship {
	var kept []customer.Relationship
	var last *customer.Relationship
	when := func(r customer.Relationship) time.Time {
		if !r.Over.IsZero() {
			return r.Over
		}
		return r.End
	}
	for _, one := range all {
		if one.Usable(now) || one.Awaited() {
			kept = append(kept, one)
			continue
		}
		if last == nil || when(one).After(when(*last)) {
			one.Roles = nil
			last = &one
		}
	}
	if last != nil {
		kept = append(kept, *last)
	}
	return kept
}

func (s *Sync) own(tenant string) bool { return slices.Contains(s.Own, tenant) }

func (s *Sync) now() time.Time {
	if s.Now != nil {
		return s.Now()
	}
	return time.Now()
}

// sameGraph says whether customers of two clouds are known to one Graph.
func sameGraph(a, b customer.Cloud) bool {
	of := func(c customer.Cloud) customer.Cloud {
		if c == customer.GCC || c == "" {
			return customer.Global
		}
		return c
	}
	return of(a) == of(b)
}
