package store

import (
	"context"
	"time"

	"gorm.io/gorm/clause"

	"onbehalf/bot/graph"
	"onbehalf/bot/incident"
	"onbehalf/bot/request"
)

var _ graph.HealthStore = (*Store)(nil)

// incidentRow is an incident as the table keeps it.
type incidentRow struct {
	ID         string `gorm:"primaryKey"`
	State      string
	ModifiedAt int64
	Document   string
}

func (incidentRow) TableName() string { return "incidents" }

// The states of an incident.
const (
	incidentOpen     = "open"
	incidentUnlisted = "unlisted"
	incidentOver     = "over"
)

func incidentRowOf(i incident.Incident) (incidentRow, error) {
	row := incidentRow{ID: i.ID, State: incidentOpen, ModifiedAt: int64(at(i.Modified))}
	switch {
	case i.Over:
		row.State = incidentOver
	case i.Unlisted:
		row.State = incidentUnlisted
	}
	var err error
	row.Document, err = encode(i)
	return row, err
}

func (r *incidentRow) incident() (i incident.Incident, err error) {
	err = decode(r.Document, &i)
	return i, wrap(err, "incident %s", r.ID)
}

// incidentsOf reads incidents, all that can be read. The others are as good as new when
// Microsoft speaks of them again.
func (s reads) incidentsOf(rows []incidentRow) []incident.Incident {
	all := make([]incident.Incident, 0, len(rows))
	for n := range rows {
		i, err := rows[n].incident()
		if err != nil {
			s.store.unreadable("incident", err)
			continue
		}
		all = append(all, i)
	}
	return all
}

// IncidentsByID gives those of the incidents that are kept, over or not.
func (s reads) IncidentsByID(ctx context.Context, ids []string) (map[string]incident.Incident, error) {
	kept := map[string]incident.Incident{}
	if len(ids) == 0 {
		return kept, nil
	}
	var rows []incidentRow
	if err := s.db.WithContext(ctx).Where("id in ?", ids).Find(&rows).Error; err != nil {
		return nil, wrap(err, "read incidents")
	}
	for _, i := range s.incidentsOf(rows) {
		kept[i.ID] = i
	}
	return kept, nil
}

// OpenIncidents gives those that Microsoft lists and has not ended, by their ids.
func (s reads) OpenIncidents(ctx context.Context) ([]incident.Incident, error) {
	var rows []incidentRow
	if err := s.db.WithContext(ctx).Where("state = ?", incidentOpen).Order("id").Find(&rows).Error; err != nil {
		return nil, wrap(err, "read open incidents")
	}
	return s.incidentsOf(rows), nil
}

// NewestIncident is when Microsoft changed one last that is kept; zero for none.
func (s reads) NewestIncident(ctx context.Context) (time.Time, error) {
	var newest instant
	_, err := s.one(ctx, []any{&newest}, "select max(modified_at) from incidents")
	return newest.time(), wrap(err, "look for the newest incident")
}

// KeepIncidents adds incidents, or replaces those with the same id.
func (s *Store) KeepIncidents(ctx context.Context, all []incident.Incident) error {
	if len(all) == 0 {
		return nil
	}
	rows := make([]incidentRow, len(all))
	for n, i := range all {
		var err error
		if rows[n], err = incidentRowOf(i); err != nil {
			return err
		}
	}
	return wrap(s.inTx(ctx, func(t *tx) error {
		return t.with(ctx).Clauses(clause.OnConflict{UpdateAll: true}).CreateInBatches(rows, 100).Error
	}), "keep incidents")
}

// WithIncident gives the requests that keep an incident and are not done with, in the order
// of their numbers. One that cannot be read is none of them.
func (s reads) WithIncident(ctx context.Context, id string) ([]request.Number, error) {
	kept := "document->>'$.details.incident'"
	if s.postgres {
		kept = "document->'details'->>'incident'"
	}
	var rows []ticketRow
	err := s.db.WithContext(ctx).Where(kept+" = ? and "+kept+" is not null and status not in ('resolved', 'closed', 'cancelled')", id).
		Order("number").Find(&rows).Error
	if err != nil {
		return nil, wrap(err, "look for the requests with an incident")
	}
	var all []request.Number
	for _, t := range s.ticketsOf(rows) {
		all = append(all, t.Number)
	}
	return all, nil
}
