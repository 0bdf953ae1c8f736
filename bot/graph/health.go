package graph

import (
	"context"
	"errors"
	"fmt"
	"time"

	"onbehalf/bot/incident"
)

// HealthSource is the name that the runs of Health are kept under.
const HealthSource = "health"

const (
	// healthEvery is how often it is looked for what has changed, and pause after a
	// permission was missing.
	healthEvery = 15 * time.Minute
	// healthWhole is how often everything that is open is read.
	healthWhole = 24 * time.Hour
)

// HealthStore keeps incidents, and who reads them.
type HealthStore interface {
	// BeginRun, EndRun and LastRun are those of Store.
	BeginRun(ctx context.Context, source string, span time.Duration) (bool, error)
	EndRun(ctx context.Context, source string, result Result, failure error) error
	LastRun(ctx context.Context, source string) (Run, error)
	// IncidentsByID gives those of the incidents that are kept, over or not.
	IncidentsByID(ctx context.Context, ids []string) (map[string]incident.Incident, error)
	// OpenIncidents gives those that Microsoft lists and has not ended.
	OpenIncidents(ctx context.Context) ([]incident.Incident, error)
	// NewestIncident is when Microsoft changed one last that is kept; zero for none.
	NewestIncident(ctx context.Context) (time.Time, error)
	// KeepIncidents adds incidents, or replaces those with the same id.
	KeepIncidents(ctx context.Context, all []incident.Incident) error
}

// Health brings the incidents of Microsoft's services, as the partner's own tenant sees
// them (E2).
type Health struct {
	Client *Client
	Store  HealthStore
	// Tell tells those who follow an incident what is new of it. It comes before the
	// incident is kept, and again after a failure, so it must say the same thing once.
	Tell func(ctx context.Context, i incident.Incident) error
	Now  func() time.Time
}

// HealthDue says whether it is time for a run of Health.
func (r Run) HealthDue(now time.Time) bool {
	wait := healthEvery
	if r.Forbidden {
		wait = pause
	}
	if r.Failed.After(r.Succeeded) {
		return !now.Before(r.Failed.Add(wait))
	}
	return !now.Before(r.Succeeded.Add(healthEvery))
}

// Run reads what has changed since the last run, and once a day everything that is open,
// unless another process does so: then it is ErrBusy. What was read before an error is
// kept, and nothing is taken away by one.
func (h *Health) Run(ctx context.Context) (Result, error) {
	mine, err := h.Store.BeginRun(ctx, HealthSource, runLimit)
	if err != nil {
		return Result{}, err
	}
	if !mine {
		return Result{}, ErrBusy
	}
	result, failure := h.run(ctx)
	if err := h.Store.EndRun(context.WithoutCancel(ctx), HealthSource, result, failure); err != nil {
		return result, errors.Join(failure, err)
	}
	return result, failure
}

func (h *Health) run(ctx context.Context) (Result, error) {
	last, err := h.Store.LastRun(ctx, HealthSource)
	if err != nil {
		return Result{}, err
	}
	since, err := h.Store.NewestIncident(ctx)
	if err != nil {
		return Result{}, err
	}
	now := h.now()
	result := Result{Whole: last.Result.Whole}
	whole := since.IsZero() || now.Sub(result.Whole) >= healthWhole
	seen := map[string]bool{}
	take := func(page []incident.Incident) error {
		for _, i := range page {
			seen[i.ID] = true
		}
		if err := h.keep(ctx, page); err != nil {
			return err
		}
		mine, err := h.Store.BeginRun(ctx, HealthSource, runLimit)
		if err == nil && !mine {
			err = ErrBusy
		}
		return err
	}
	if !since.IsZero() {
		if err := h.Client.IssuesSince(ctx, since, take); err != nil {
			return result, err
		}
	}
	if whole {
		clear(seen)
		if err := h.Client.OpenIssues(ctx, take); err != nil {
			return result, err
		}
		if err := h.unlist(ctx, seen); err != nil {
			return result, err
		}
		result.Whole = now
	}
	open, err := h.Store.OpenIncidents(ctx)
	result.Incidents = len(open)
	return result, err
}

// keep tells of what is new in a page, and keeps it. Whoever follows an incident that was
// not known until now hears of it only when it is over.
func (h *Health) keep(ctx context.Context, page []incident.Incident) error {
	ids := make([]string, len(page))
	for n, i := range page {
		ids[n] = i.ID
	}
	kept, err := h.Store.IncidentsByID(ctx, ids)
	if err != nil {
		return err
	}
	var changed []incident.Incident
	for _, i := range page {
		was, known := kept[i.ID]
		if known && was == i {
			continue
		}
		if known && was.News() != i.News() || !known && i.Over {
			if err := h.Tell(ctx, i); err != nil {
				return fmt.Errorf("tell of incident %s: %w", i.ID, err)
			}
		}
		changed = append(changed, i)
	}
	return h.Store.KeepIncidents(ctx, changed)
}

// unlist marks the incidents that are open as far as is known, and that a whole reading did
// not name. An empty reading says nothing about any of them.
func (h *Health) unlist(ctx context.Context, listed map[string]bool) error {
	if len(listed) == 0 {
		return nil
	}
	open, err := h.Store.OpenIncidents(ctx)
	if err != nil {
		return err
	}
	var gone []incident.Incident
	for _, i := range open {
		if !listed[i.ID] {
			i.Unlisted = true
			gone = append(gone, i)
		}
	}
	return h.Store.KeepIncidents(ctx, gone)
}

func (h *Health) now() time.Time {
	if h.Now != nil {
		return h.Now()
	}
	return time.Now()
}
