package cards

import (
	"strings"
	"time"

	"onbehalf/bot/i18n"
	"onbehalf/bot/incident"
	"onbehalf/bot/request"
)

// IncidentStatus is Microsoft's status of an incident in our words; one that is not known
// here stays as Microsoft writes it.
func IncidentStatus(status string, w i18n.Words) string {
	if key := "incident.status_" + status; w.Has(key) {
		return w.T(key)
	}
	return UserText(status).line(nameCut)
}

// offeredIncidents and shownIncidents are how many open incidents a form offers, and a
// customer's card shows.
const (
	offeredIncidents = 15
	shownIncidents   = 4
)

// incidentTitle is a choice's title, and a fact: the id, and what it is about.
func incidentTitle(i incident.Incident) string {
	return join(i.ID, UserText(i.Title).line(nameCut))
}

// incidentID is the id in an answer to "service health checked?", which may be a choice's
// title; empty for any other answer.
func incidentID(answer string) string {
	first, _, _ := strings.Cut(answer, " · ")
	id, ok := request.ParseIncident(first)
	if !ok {
		return ""
	}
	return id
}

// incidentsSeen says whose view the incidents are, and of when.
func incidentsSeen(asOf time.Time, w i18n.Words) textBlock {
	return small(w.T("incident.seen", "time", w.Time(asOf)))
}

// incidents are the open incidents on a customer's card.
func (v CustomerView) incidents(w i18n.Words) []element {
	if len(v.Incidents) == 0 {
		return nil
	}
	all := []element{heading(w.T("customer.incidents"), "Default")}
	for _, i := range v.Incidents[:min(len(v.Incidents), shownIncidents)] {
		below := join(UserText(i.Service).line(nameCut), IncidentStatus(i.Status, w))
		if !i.Started.IsZero() {
			below = join(below, w.T("incident.since", "time", w.Short(i.Started, v.AsOf)))
		}
		all = append(all, rich(say(i.ID+" ").bold(), UserText(i.Title).run(excerpt)).space("Small"), small(below).space("None"))
	}
	if more := len(v.Incidents) - shownIncidents; more > 0 {
		all = append(all, small(w.T("customer.more_incidents", "n", more)).space("None"))
	}
	return append(all, incidentsSeen(v.IncidentsAsOf, w).space("Small"))
}
