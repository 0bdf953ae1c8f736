package bot

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"onbehalf/bot/request"
)

// Metrics count what an operator asks about. The endpoint counts turns; the
// desk's dialogs and the notices count through the methods, all of which may be
// called on nil.
type Metrics struct {
	turns     *prometheus.CounterVec
	took      *prometheus.HistogramVec
	tickets   *prometheus.CounterVec
	delivered *prometheus.CounterVec
	lost      *prometheus.CounterVec
	breaches  *prometheus.CounterVec
	away      *prometheus.CounterVec
	waited    prometheus.Histogram
	fired     *prometheus.CounterVec
	late      prometheus.Histogram
	answers   *prometheus.CounterVec
	asked     *prometheus.HistogramVec
	aside     *prometheus.CounterVec
	removed   *prometheus.CounterVec
	cleaned   prometheus.Gauge
	synced    *prometheus.CounterVec
	events    *prometheus.CounterVec
}

// NewMetrics registers the metrics of this program with r.
func NewMetrics(r prometheus.Registerer) *Metrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "onbehalf", Name: name, Help: help}, labels)
	}
	m := &Metrics{
		turns: counter("turns_total", "Requests to the endpoint, by activity type and HTTP status.", "type", "status"),
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: "onbehalf", Name: "turn_seconds", Help: "How long a turn took, by activity type.",
			Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"type"}),
		tickets:   counter("tickets_opened_total", "Tickets opened, by severity.", "severity"),
		delivered: counter("notices_delivered_total", "Messages delivered, by kind: answer, quieted, or the reason of a notice.", "reason"),
		lost:      counter("notices_lost_total", "Messages given up or expired, by kind: answer, quieted, or the reason of a notice.", "reason"),
		away:      counter("turned_away_total", "Requests of senders who took more than their share: person, tenant, or address with bad tokens.", "share"),
		breaches:  counter("breaches_total", "Due times that passed unanswered, by severity.", "severity"),
		waited: prometheus.NewHistogram(prometheus.HistogramOpts{
			Namespace: "onbehalf", Name: "notice_wait_seconds", Help: "How long a notice waited for its delivery.",
			Buckets: []float64{.1, .5, 1, 2, 5, 10, 30, 60, 300, 900, 3600},
		}),
		fired: counter("milestones_total", "Milestones fired, by kind: warn, breach, repeat, escalate, look, ask.", "kind"),
		late: prometheus.NewHistogram(prometheus.HistogramOpts{
			Namespace: "onbehalf", Name: "milestone_late_seconds", Help: "How long after its instant a milestone was fired.",
			Buckets: []float64{.1, .25, .5, 1, 2, 5, 15, 60, 300, 1800, 7200},
		}),
		answers: counter("teams_requests_total", "Requests to Teams, by operation and answer: ok, a status, none, or sign-in.", "op", "answer"),
		asked: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: "onbehalf", Name: "teams_request_seconds", Help: "How long a request to Teams took, by operation.",
			Buckets: []float64{.05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"op"}),
		aside:   counter("unreadable_total", "Rows that could not be read, by what they are.", "row"),
		removed: counter("janitor_removed_total", "Rows that the janitor removed, by what they were.", "what"),
		synced:  counter("sync_runs_total", "Runs of the sync with Microsoft Graph in this process, by result: done, empty, forbidden, failed.", "result"),
		cleaned: prometheus.NewGauge(prometheus.GaugeOpts{
			Namespace: "onbehalf", Name: "janitor_success_timestamp_seconds", Help: "When the janitor last got through everything.",
		}),
		events: counter("partner_center_events_total", "Events of Partner Center, by name and what came of them: opened, unconfirmed, refreshed, seen, unsigned, unfit, failed and others.", "event", "outcome"),
	}
	r.MustRegister(m.turns, m.took, m.tickets, m.delivered, m.lost, m.breaches, m.away, m.waited, m.fired, m.late, m.answers, m.asked, m.aside, m.removed, m.cleaned, m.synced, m.events)
	return m
}

// TicketOpened counts a new ticket; severity is "A", "B", "C" or "noncritical".
func (m *Metrics) TicketOpened(severity string) {
	if m != nil {
		m.tickets.WithLabelValues(severity).Inc()
	}
}

// Delivered counts a message that Teams has, and the time since it was left.
func (m *Metrics) Delivered(kind string, waited time.Duration) {
	if m != nil {
		m.delivered.WithLabelValues(kind).Inc()
		m.waited.Observe(waited.Seconds())
	}
}

// Lost counts a message that nobody gets.
func (m *Metrics) Lost(kind string) {
	if m != nil {
		m.lost.WithLabelValues(kind).Inc()
	}
}

// Breached counts a due time that passed unanswered.
func (m *Metrics) Breached(s request.Severity) {
	if m != nil {
		m.breaches.WithLabelValues(string(s)).Inc()
	}
}

// Fired counts a milestone that was written down, and how late that was.
func (m *Metrics) Fired(kind string, late time.Duration) {
	if m != nil {
		m.fired.WithLabelValues(kind).Inc()
		m.late.Observe(late.Seconds())
	}
}

// Answered counts a request to Teams, as teams.Connector tells of it.
func (m *Metrics) Answered(op, answer string, took time.Duration) {
	if m != nil {
		m.answers.WithLabelValues(op, answer).Inc()
		m.asked.WithLabelValues(op).Observe(took.Seconds())
	}
}

// Unreadable counts a row that could not be read: "message", "ticket" or "sync".
func (m *Metrics) Unreadable(row string) {
	if m != nil {
		m.aside.WithLabelValues(row).Inc()
	}
}

// Removed counts rows that the janitor removed.
func (m *Metrics) Removed(what string, rows int64) {
	if m != nil {
		m.removed.WithLabelValues(what).Add(float64(rows))
	}
}

// Cleaned notes that the janitor got through everything just now.
func (m *Metrics) Cleaned() {
	if m != nil {
		m.cleaned.SetToCurrentTime()
	}
}

// Synced counts a run of the sync with Microsoft Graph: "done", "empty" where it found
// nothing any more, "forbidden" where a permission is missing, or "failed".
func (m *Metrics) Synced(result string) {
	if m != nil {
		m.synced.WithLabelValues(result).Inc()
	}
}

// PartnerEvent counts a delivery of an event of Partner Center, or that one was followed
// up, by what came of it.
func (m *Metrics) PartnerEvent(name, outcome string) {
	if m != nil {
		m.events.WithLabelValues(name, outcome).Inc()
	}
}

func (m *Metrics) turnedAway(share string) {
	if m != nil {
		m.away.WithLabelValues(share).Inc()
	}
}

func (m *Metrics) turn(kind, status string, took time.Duration) {
	if m != nil {
		m.turns.WithLabelValues(kind, status).Inc()
		m.took.WithLabelValues(kind).Observe(took.Seconds())
	}
}
