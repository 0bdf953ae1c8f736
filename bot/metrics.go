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
	waited    prometheus.Histogram
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
		breaches:  counter("breaches_total", "Due times that passed unanswered, by severity.", "severity"),
		waited: prometheus.NewHistogram(prometheus.HistogramOpts{
			Namespace: "onbehalf", Name: "notice_wait_seconds", Help: "How long a notice waited for its delivery.",
			Buckets: []float64{.1, .5, 1, 2, 5, 10, 30, 60, 300, 900, 3600},
		}),
	}
	r.MustRegister(m.turns, m.took, m.tickets, m.delivered, m.lost, m.breaches, m.waited)
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

func (m *Metrics) turn(kind, status string, took time.Duration) {
	if m != nil {
		m.turns.WithLabelValues(kind, status).Inc()
		m.took.WithLabelValues(kind).Observe(took.Seconds())
	}
}
