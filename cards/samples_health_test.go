package cards

import (
	"fmt"
	"time"

	"onbehalf/bot/incident"
	"onbehalf/bot/intake"
	"onbehalf/bot/request"
	"onbehalf/bot/sla"
)

// health are the cards that know what Microsoft says of its services.
func (s world) health() []sample {
	asOf := s.at("2026-11-23T01:30:00+01:00")
	mail := incident.Incident{ID: "EX1234567", Title: "Some users can't send mail from *Outlook on the web*", Service: "Exchange Online", Status: "servicedegradation", Started: s.at("2026-11-22T20:10:00+01:00")}
	teams := incident.Incident{ID: "TM7654321", Title: "Meetings start late for users in Europe, and their recordings may be missing afterwards", Service: "Microsoft Teams", Status: "brandNewStatus", Advisory: true, Started: s.at("2026-11-20T09:00:00+01:00")}
	elsewhere := incident.Incident{ID: "IT1000001", Title: "Enrolment fails", Service: "Microsoft Intune", Status: "investigating"}
	s.incidents = &incident.Known{}
	s.incidents.Set([]incident.Incident{teams, mail, elsewhere}, asOf)
	o := weisswurst()
	answers := func(more ...string) map[string]string {
		all := map[string]string{"customer": o.TenantID, "platform": "office365", "kind": "technical", "severity": "B", "language": "en"}
		for i := 0; i < len(more); i += 2 {
			all[more[i]] = more[i+1]
		}
		return all
	}
	filled := []string{"title", "Mail does not leave", "description", "Since this morning.", "tried", "Another browser.", "criterion", "bug", "contactName", "Ines", "contactEmail", "ines@proactive-cloud.example"}
	many := s
	many.incidents = &incident.Known{}
	var all []incident.Incident
	for i := range 20 {
		one := mail
		one.ID = fmt.Sprintf("EX%07d", 1234500+i)
		all = append(all, one)
	}
	many.incidents.Set(all, asOf)
	view := s.customerView(o, s.listed())
	view.Incidents, view.IncidentsAsOf = all[:6], asOf
	kept := s.filed(s.vms())
	kept.Details.HealthChecked, kept.Details.Incident, kept.IncidentOverAt = "incident", "EX1234567", s.at("2026-11-23T05:32:00+01:00")
	past := AlarmView{TicketView: s.view(kept, request.Viewer{Person: ines}, true), Sent: kept.IncidentOverAt.Add(20 * time.Second),
		Milestone: sla.Milestone{Name: "incident/past/1", Clock: sla.ClockIncident, Kind: sla.Past, At: kept.IncidentOverAt, Due: kept.IncidentOverAt}}
	hidden := past
	fraud := kept
	fraud.Kind, fraud.Severity = request.Fraud, request.NonCritical
	hidden.TicketView = s.view(fraud, request.Viewer{Person: ines}, true)
	news := []request.Event{
		{ID: 3, What: "incident_over", From: "EX1234567", To: "servicerestored", Text: "We've confirmed with telemetry that mail flows.", At: s.at("2026-11-23T05:32:00+01:00")},
		{ID: 2, What: "incident", From: "EX1234567", To: "restoringservice", Text: "We're restarting servers.", At: s.at("2026-11-23T03:32:00+01:00")},
	}
	told := s.view(kept, request.Viewer{Person: ines}, false)
	told.Newest = news
	return []sample{
		{"intake-what-incidents", s.form(s.draft(intake.StepWhat, answers("healthChecked", "EX1234567")), false, &o)},
		{"intake-what-incidents-many", many.form(s.draft(intake.StepWhat, answers()), false, &o)},
		{"intake-review-incident", s.form(s.draft(intake.StepReview, answers(append(filled, "healthChecked", "EX1234567")...)), false, &o)},
		{"customer-incidents", Customer(view, s.w)},
		{"alarm-past", Alarm(past, s.w)},
		{"alarm-past-fraud", Alarm(hidden, s.w)},
		{"ticket-incident", Ticket(told, s.w)},
		{"history-incident", History(told, news, 0, s.w)},
	}
}
