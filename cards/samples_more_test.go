package cards

import (
	"context"
	"time"

	"onbehalf/bot/customer"
	"onbehalf/bot/request"
	"onbehalf/bot/sla"
)

func (s world) lists() []sample {
	asOf := s.at("2026-11-23T02:14:00+01:00")
	all := s.listed()
	answered := s.answered(s.vms(), "2026-11-23T02:58:00+01:00")
	closed := answered
	closed.Status, closed.ClosedAt = request.Closed, s.at("2026-11-23T02:00:00+01:00")
	me := request.Viewer{Person: ines}
	board := request.Board{
		Late: map[request.Severity]int{"A": 1, "B": 1}, Soon: map[request.Severity]int{"B": 1},
		Running: map[request.Severity]int{"A": 3, "B": 7, "C": 4, "noncritical": 4}, Unassigned: 4, Next: all[:3],
	}
	return []sample{
		{"list-open", List(ListView{Viewer: me, Filter: request.OnlyOpen, Page: request.Page{Tickets: all, Total: 21}, AsOf: asOf}, s.w)},
		{"list-mine-last", List(ListView{Viewer: me, Filter: request.OnlyMine, Page: request.Page{Tickets: []request.Ticket{all[0], answered}, Total: 10, Offset: 8}, AsOf: asOf}, s.w)},
		{"list-customer", List(ListView{Viewer: me, Filter: request.All, Customer: fabrikam(), Page: request.Page{Tickets: []request.Ticket{all[5], closed}, Total: 2}, AsOf: asOf}, s.w)},
		{"list-of", List(ListView{Viewer: me, Filter: request.OnlyMine, Of: jonas, Page: request.Page{Tickets: all[6:7], Total: 1}, AsOf: asOf}, s.w)},
		{"list-found", List(ListView{Viewer: me, Words: "VM india", Page: request.Page{Tickets: all[3:4], Total: 1}, AsOf: asOf}, s.w)},
		{"list-empty", List(ListView{Viewer: me, Filter: request.OnlyBreached, Page: request.Page{}, AsOf: asOf}, s.w)},
		{"customer", Customer(s.customerView(wingtip(), all, closed), s.w)},
		{"customer-rights", Customer(s.customerView(s.synced(), nil), s.w)},
		{"customer-left", Customer(s.customerView(s.gone(), nil), s.w)},
		{"board", Board(board, me, asOf, s.w)},
		{"board-calm", Board(request.Board{Running: map[request.Severity]int{"C": 2}}, me, asOf, s.w)},
	}
}

// customerView is a customer's card in the night of the samples.
func (s world) customerView(c customer.Customer, open []request.Ticket, over ...request.Ticket) CustomerView {
	asOf := s.at("2026-11-23T02:14:00+01:00")
	return CustomerView{
		Viewer: request.Viewer{Person: ines}, Customer: c, Right: c.RightAt("", asOf), AsOf: asOf,
		Open: request.Page{Tickets: open[:min(len(open), CustomerOpen)], Total: len(open)}, Over: request.Page{Tickets: over, Total: len(over)},
	}
}

// synced is a customer whose only relationship was terminated, and gone one who left.
func (s world) synced() customer.Customer {
	c := fabrikam()
	c.Name, c.CustomDomains = "Fabrikam *Residences*", []string{"residences.example"}
	c.Subscriptions = append(c.Subscriptions, customer.Subscription{Branch: "m365", ID: "x", Name: "Microsoft 365 E3", Status: "active", Quantity: 25})
	c.Rights = &customer.Rights{Relationships: []customer.Relationship{
		{ID: "r", Status: "terminated", End: s.at("2027-02-01T00:00:00Z"), Over: s.at("2026-11-20T10:00:00Z"), Roles: []string{customer.ServiceSupportAdministrator}},
	}}
	return c
}

func (s world) gone() customer.Customer {
	c := weisswurst()
	c.Status = "left"
	return c
}

func (s world) asks() []sample {
	me := request.Viewer{Person: ines}
	filed := s.view(s.filed(s.vms()), me, false)
	open := s.view(assigned(s.vms(), ines), me, false)
	resolved := s.answered(s.vms(), "2026-11-23T02:58:00+01:00")
	resolved.Status, resolved.ResolvedAt = request.Resolved, s.at("2026-11-23T07:45:00+01:00")
	list := []sample{
		{"ask-assign-problem", Ask(TicketAssign, filed, Question{Problem: &request.Problem{Field: "person", Code: "person_required"}, Typed: map[string]string{"text": "Jo"}}, s.w)},
		{"ask-assign-known", Ask(TicketAssign, filed, Question{People: []request.Person{{ID: "0e1c", Name: "Ines Kowal"}, {ID: "0e1d", Name: "[x](https://evil.example)"}}}, s.w)},
		{"ask-file-problem", Ask(TicketFile, open, Question{Problem: &request.Problem{Field: "microsoftCase", Code: "case_length", Args: map[string]any{"length": 3, "least": 8, "most": 16}},
			Typed: map[string]string{"microsoftCase": "123", "text": "01:44"}}, s.w)},
		{"ask-file-time", Ask(TicketFile, open, Question{Problem: &request.Problem{Field: "time", Code: "time_future"}, Typed: map[string]string{"microsoftCase": "2611230010000417", "text": "23:59"}}, s.w)},
		{"ask-severity", Ask(TicketSeverity, filed, Question{}, s.w)},
		{"ask-severity-reason", Ask(TicketSeverity, s.view(s.outlook(), me, false), Question{Problem: &request.Problem{Field: "reason", Code: "reason_severity", Rule: "R32", Args: map[string]any{"from": "B", "to": "A"}},
			Typed: map[string]string{"severity": "A"}}, s.w)},
		{"ask-close", Ask(TicketClose, s.view(resolved, me, false), Question{Problem: &request.Problem{Field: "reason", Code: "not_informed", Rule: "E10", Args: map[string]any{"customer": "Wingtip Toys"}}, First: true}, s.w)},
		{"ask-respond-first", Ask(TicketRespond, open, Question{Problem: &request.Problem{Field: "microsoftCase", Code: "case_first"}, Typed: map[string]string{"text": "They asked for logs"}, First: true}, s.w)},
		{"ask-respond-number", Ask(TicketRespond, open, Question{Problem: &request.Problem{Field: "microsoftCase", Code: "case_first"}}, s.w)},
	}
	for _, verb := range []string{"respond", "comment", "wait", "resume", "resolve", "reopen", "cancel", "assign", "watch", "file"} {
		list = append(list, sample{"ask-" + verb, Ask(verb, filed, Question{}, s.w)})
	}
	list = append(list, sample{"details", Details(s.view(s.filed(s.vms()), me, false), 0, s.w)})
	events := []request.Event{
		{ID: 5, At: s.at("2026-11-23T03:20:00+01:00"), By: jonas, What: "commented", Text: "Microsoft sees a capacity limit in zone 2.\nIt moves us to zone 3."},
		{ID: 4, At: s.at("2026-11-23T02:58:00+01:00"), By: ines, What: "responded", From: "filed"},
		{ID: 3, At: s.at("2026-11-23T02:32:00+01:00"), What: "warned"},
		{ID: 2, At: s.at("2026-11-23T01:44:00+01:00"), By: ines, What: "filed", To: "2611230010000417"},
		{ID: 1, At: s.at("2026-11-23T01:32:00+01:00"), By: ines, What: "opened", To: "open"},
	}
	all := []request.Event{}
	for i, what := range []string{"assigned", "acked", "waiting", "resumed", "resolved", "closed", "reopened", "cancelled", "watched", "unwatched", "breached", "escalated", "unreachable", "migrated"} {
		e := request.Event{ID: int64(40 - i), At: s.at("2026-11-23T05:00:00+01:00"), By: ines, What: what, To: jonas.Name}
		if what == "breached" || what == "escalated" || what == "unreachable" {
			e.By = request.Person{}
		}
		all = append(all, e)
	}
	all = append(all, request.Event{At: s.at("2026-11-23T05:00:00+01:00"), By: ines, What: "severity", From: "B", To: "A", Text: "The shop is down."})
	return append(list,
		sample{"history", History(filed, events, 0, s.w)},
		sample{"history-more", History(filed, all, 26, s.w)},
		sample{"history-clocks", History(filed, s.milestones(), 0, s.w)})
}

// milestones are entries of what the bot said by the clock, newest first.
func (s world) milestones() []request.Event {
	var all []request.Event
	for i, entry := range [][2]string{
		{"breached", "microsoft/breach"}, {"escalated", "response/ladder/2"}, {"warned", "response/repeat/1"}, {"breached", "response/breach"},
		{"warned", "response/warn/1"}, {"warned", "handoff/repeat/1"}, {"breached", "handoff/breach"}, {"warned", "handoff/warn/1"},
	} {
		all = append(all, request.Event{ID: int64(20 - i), At: s.at("2026-11-23T03:44:00+01:00").Add(-time.Duration(i) * 12 * time.Minute), What: entry[0], To: entry[1]})
	}
	return all
}

func (s world) alarms() []sample {
	sent := s.at("2026-11-23T03:12:00+01:00")
	in := func(t request.Ticket, by request.Viewer, shared bool, clock sla.Clock, kind sla.MilestoneKind, due time.Time, sent time.Time) AlarmView {
		return AlarmView{TicketView: s.view(t, by, shared), Sent: sent,
			Milestone: sla.Milestone{Name: string(clock) + "/" + string(kind), Clock: clock, Kind: kind, At: due, Due: due}}
	}
	me := request.Viewer{Person: ines}
	filed := s.filed(s.vms())
	nobody := s.vms()
	nobody.Number, nobody.Severity, nobody.Title, nobody.Topic = 133, request.SeverityB, "Public website answers 502", "az.app"
	nobody.Customer.Name, nobody.Customer.Zone, nobody.Response.Due = `The "Phone" Company`, "Europe/Berlin", s.at("2026-11-23T02:05:00+01:00")
	estimate := assigned(s.outlook(), jonas)
	fraud := s.vms()
	fraud.Kind, fraud.Severity = request.Fraud, request.NonCritical
	due := s.vms().Response.Due

	warning := in(filed, me, true, sla.ClockResponse, sla.Warn, due, sent)
	asks := in(filed, me, false, sla.ClockResponse, sla.Warn, due, sent)
	asks.Milestone.Asks = true
	breach := in(nobody, me, true, sla.ClockResponse, sla.Breach, nobody.Response.Due, nobody.Response.Due)
	breach.Next = sla.Milestone{Name: "response/ladder/2", At: s.at("2026-11-23T02:35:00+01:00"), To: []string{sla.ToLeads}}
	repeat := in(filed, me, false, sla.ClockResponse, sla.Repeat, due, s.at("2026-11-23T04:02:00+01:00"))
	repeat.Next = sla.Milestone{Name: "response/ladder/3", At: s.at("2026-11-23T04:32:00+01:00"), To: []string{sla.ToEscalation}}
	ladder := in(filed, request.Viewer{Person: jonas, Lead: true}, false, sla.ClockResponse, sla.Ladder, due, s.at("2026-11-23T04:02:00+01:00"))
	ladder.Next = sla.Milestone{Name: "response/repeat/2", At: s.at("2026-11-23T04:32:00+01:00"), To: []string{sla.ToAssignee}}
	delayed := in(nobody, me, true, sla.ClockResponse, sla.Breach, nobody.Response.Due, s.at("2026-11-23T02:41:00+01:00"))
	handoff := in(assigned(s.vms(), ines), me, true, sla.ClockHandoff, sla.Breach, s.vms().Handoff.Due, s.vms().Handoff.Due)
	byMicrosoft := in(filed, me, false, sla.ClockMicrosoft, sla.Breach, filed.Microsoft.Due, filed.Microsoft.Due)

	var many []AlarmView
	rows := s.listed()
	for _, t := range rows[:7] {
		kind := sla.Warn
		if t.Late(sent) {
			kind = sla.Breach
		}
		many = append(many, in(t, me, true, sla.ClockResponse, kind, t.Response.Due, sent))
	}
	hiddenOne := in(fraud, me, true, sla.ClockResponse, sla.Warn, due, sent)
	personal := []AlarmView{}
	for _, a := range append(many[:4:4], many...) {
		a.Shared, a.View.Role = false, request.RoleOther
		personal = append(personal, a)
	}
	health := func(t request.Ticket) request.Ticket {
		t.Details.HealthChecked, t.Details.Incident = "incident", "EX123456"
		return t
	}
	again := s.at("2026-11-23T05:32:00+01:00")
	look := in(health(filed), me, true, sla.ClockIncident, sla.Look, again, again)
	look.Next = sla.Milestone{Name: "incident/look/2", At: s.at("2026-11-23T09:32:00+01:00"), To: []string{sla.ToHandler, sla.ToThread}}
	unfiled := in(health(nobody), me, false, sla.ClockIncident, sla.Look, again, s.at("2026-11-23T07:00:00+01:00"))
	hiddenLook := in(health(fraud), me, true, sla.ClockIncident, sla.Look, again, again)
	waits := filed
	waits.Status, waits.WaitingSince = request.Waiting, s.at("2026-11-23T02:10:00+01:00")
	waits.Wait = request.Wait{For: request.ForMicrosoft, AskAgainAt: again}
	answerCame := in(waits, me, false, sla.ClockWaiting, sla.Ask, again, again)
	waits.Assignee, waits.Wait.For = request.Person{}, request.ForOther
	answersCame := in(waits, me, true, sla.ClockWaiting, sla.Ask, again, s.at("2026-11-23T07:00:00+01:00"))
	shared, own := s.view(filed, me, true), s.view(filed, me, false)
	did := func(what, to string) request.Event {
		return request.Event{What: what, By: ines, To: to, At: s.at("2026-11-23T04:05:00+01:00")}
	}
	return []sample{
		{"alarm-wait", Alarm(answerCame, s.w)},
		{"alarm-wait-nobody", Alarm(answersCame, s.w)},
		{"alarm-wait-many", Alarms([]AlarmView{answerCame, answersCame, answerCame}, false, s.w)},
		{"alarm-look", Alarm(look, s.w)},
		{"alarm-look-nobody", Alarm(unfiled, s.w)},
		{"alarm-look-fraud", Alarm(hiddenLook, s.w)},
		{"alarms-look", Alarms([]AlarmView{look, unfiled, hiddenLook}, false, s.w)},
		{"alarm-warning", Alarm(warning, s.w)},
		{"alarm-warning-asks", Alarm(asks, s.w)},
		{"alarm-warning-estimate", Alarm(in(estimate, me, true, sla.ClockResponse, sla.Warn, estimate.Response.Due, s.at("2026-11-23T12:40:00+01:00")), s.w)},
		{"alarm-breach", Alarm(breach, s.w)},
		{"alarm-repeat", Alarm(repeat, s.w)},
		{"alarm-ladder", Alarm(ladder, s.w)},
		{"alarm-delayed", Alarm(delayed, s.w)},
		{"alarm-handoff", Alarm(handoff, s.w)},
		{"alarm-microsoft", Alarm(byMicrosoft, s.w)},
		{"alarm-fraud-shared", Alarm(hiddenOne, s.w)},
		{"alarm-over", AlarmOver(shared, did("filed", "2611230010000417"), s.w)},
		{"alarm-over-you", AlarmOver(own, did("acked", ""), s.w)},
		{"alarm-over-fraud", AlarmOver(hiddenOne.TicketView, did("acked", ""), s.w)},
		{"alarm-replaced", AlarmReplaced(128, s.w)},
		{"alarms-shared", Alarms(append(many, hiddenOne), false, s.w)},
		{"alarms-personal", Alarms(personal, false, s.w)},
		{"alarms-fewer", Alarms(personal[:1], true, s.w)},
		{"alarms-over", AlarmsOver(s.w)},
		{"alarms-acked", Acked(12, nil, s.w)},
		{"alarms-acked-left", Acked(61, []request.Number{131, 140}, s.w)},
		{"alarms-all-late", Alarms([]AlarmView{repeat, delayed}, false, s.w)},
	}
}

func (s world) talk() []sample {
	v := s.view(s.filed(s.vms()), request.Viewer{Person: mara}, false)
	said := Sentence(s.w, "refused.only_assignee", map[string]any{"number": "SR-128", "verb": "resolve", "names": "Ines Kowal"})
	list := []sample{
		{"help", Help("", someWords, s.w)},
		{"help-called", Help("", someWords, s.w.Called("onbehalf"))},
		{"welcome", Welcome(s.w)},
		{"welcome-called", Welcome(s.w.Called("onbehalf"))},
		{"refusal", Refusal(said, &v, s.w)},
		{"refusal-bare", Refusal(Sentence(s.w, "refused.hidden", map[string]any{"number": "SR-128", "status": "open"}), nil, s.w)},
	}
	outlook := s.outlook()
	outlook.Response = sla.BuiltIn().Start(sla.ClockResponse, sla.Terms{Kind: "technical", Severity: "C", Language: "de", Calendar: "de"}, s.at("2026-12-23T15:00:00+01:00"))
	unknown := outlook
	unknown.Response = sla.BuiltIn().Start(sla.ClockResponse, sla.Terms{Kind: "technical", Severity: "C", Language: "de", Calendar: "*nowhere*", Zone: "Asia/Kolkata"}, outlook.Response.Start)
	for name, t := range map[string]request.Ticket{"why-wall": s.vms(), "why-business": outlook, "why-unknown": unknown} {
		v := s.view(t, request.Viewer{Person: mara}, false)
		list = append(list, sample{name, Why(v, sla.BuiltIn().Explain(t.Response), s.w)})
	}
	for _, topic := range []string{"request", "follow", "work", "sla", "handover", "rights"} {
		list = append(list, sample{"help-" + topic, Help(topic, someWords, s.w)})
	}
	return list
}

// listed are the rows of lists.
func (s world) listed() []request.Ticket {
	mk := func(n request.Number, severity request.Severity, due, title, customer string, owner request.Person, status request.Status) request.Ticket {
		t := s.vms()
		t.Number, t.Severity, t.Title, t.Customer.Name, t.Assignee, t.Status = n, severity, title, customer, owner, status
		t.Response.Due = s.at(due)
		return t
	}
	nobody := request.Person{}
	return []request.Ticket{
		mk(129, "A", "2026-11-23T01:58:00+01:00", "Exchange Online: no mail in or out", "Woodgrove Bank", ines, request.Filed),
		mk(133, "B", "2026-11-23T02:05:00+01:00", "Public website answers 502", `The "Phone" Company`, nobody, request.Open),
		mk(136, "B", "2026-11-23T02:40:00+01:00", "Site recovery stuck at 40 %", "Adventure Works Cycles | EMEA", nobody, request.Open),
		mk(128, "A", "2026-11-23T03:32:00+01:00", "VMs in Central India do not start", "Wingtip Toys", ines, request.Filed),
		mk(131, "A", "2026-11-23T03:32:00+01:00", "Не запускаются виртуальные машины", "АО «Ёлка и партнёры»", request.Person{ID: "x", Name: "Aigerim Sadykova"}, request.Open),
		mk(130, "B", "2026-11-23T04:20:00+01:00", "VPN to head office drops", "Fabrikam Residences", nobody, request.Open),
		mk(119, "B", "2026-11-23T13:00:00+01:00", "Outlook fragt alle paar Minuten nach dem Kennwort", "Weißwurst & Söhne Straßenbau GmbH", jonas, request.Open),
		mk(121, "noncritical", "2026-12-01T12:00:00+01:00", "Move subscription to new billing profile", "*Wide* _World_ [Importers](https://evil.example/)", mara, request.Filed),
	}
}

// sheet is what the desk gives to hand a ticket over.
func (s world) sheet(t request.Ticket, by request.Person) request.Sheet {
	s.t.Helper()
	t.PolicyID = sla.BuiltIn().ID()
	desk := &request.Desk{Policy: sla.BuiltIn(), Now: func() time.Time { return s.at("2026-11-23T01:35:00+01:00") }}
	sheet, err := desk.Sheet(context.Background(), known{ticket: &t}, by, request.Move{Number: t.Number})
	if err != nil {
		s.t.Fatal(err)
	}
	return sheet
}

func (s world) sheets() []sample {
	azure := assigned(s.vms(), ines)
	azure.Details.Reachable = true
	outlook := assigned(s.outlook(), ines)
	outlook.Contact = request.Contact{Name: ines.Name, Email: ines.Email, Phone: "+493012345678"}
	outlook.Handoff.Budget, outlook.Handoff.Due = 30*time.Minute, outlook.OpenedAt.Add(30*time.Minute)
	own := azure
	own.Customer = customer.Customer{TenantID: "0f9b0c2e-3b0c-4a37-9f0e-5d3b0e0f9b0c", Name: "Proactive Cloud", PrimaryDomain: "proactive-cloud.example", Cloud: customer.Global, Own: true}
	own.Details.PlanKind, own.Details.SupportPlan = "azure_plan", "SP-12345"
	return []sample{
		{"handover-azure", Handover(s.sheet(azure, ines), nil, nil, s.w)},
		{"handover-office", Handover(s.sheet(outlook, ines), nil, nil, s.w)},
		{"handover-own", Handover(s.sheet(own, ines), &request.Problem{Field: "microsoftCase", Code: "case_shape"}, map[string]string{"microsoftCase": "SR 12"}, s.w)},
	}
}

func (s world) reports() []sample {
	week := request.Report{
		From: s.at("2026-11-16T00:00:00+01:00"), To: s.at("2026-11-23T00:00:00+01:00"), Total: request.Count{Opened: 41, InTime: 38, Late: 3},
		BySeverity: map[request.Severity]request.Count{
			"A": {Opened: 9, InTime: 8, Late: 1}, "B": {Opened: 16, InTime: 14, Late: 2}, "C": {Opened: 9, InTime: 9}, "noncritical": {Opened: 7, InTime: 7},
		},
		ByCustomer: []request.CustomerCount{
			{Name: "Wingtip Toys", Count: request.Count{Opened: 7}}, {Name: "Woodgrove Bank", Count: request.Count{Opened: 5}},
			{Name: "*Wide* _World_ [Importers](https://evil.example/)", Count: request.Count{Opened: 4}}, {Name: "Coho Winery", Count: request.Count{Opened: 1}},
		},
		LateOnes: []request.LateTicket{
			{Number: 97, Severity: "A", Customer: "Woodgrove Bank", By: 42 * time.Minute, Code: "filed_late", Args: map[string]any{"minutes": 60}},
			{Number: 104, Severity: "B", Customer: `The "Phone" Company`, By: 70 * time.Minute, Code: "nobody"},
			{Number: 101, Severity: "B", Customer: "Coho Winery", By: 5 * time.Minute, Code: "number_after"},
		},
	}
	before := request.Report{From: week.From.AddDate(0, 0, -7), To: week.From, Total: request.Count{Opened: 9, InTime: 8, Late: 1}}
	month := week
	month.From, month.To = s.at("2026-11-01T00:00:00+01:00"), s.at("2026-12-01T00:00:00+01:00")
	month.Total.Running, month.Total.NoTarget, month.Total.Late = 4, 1, 9
	for _, code := range []string{"unanswered", "not_filed", "waiting", "answered_late"} {
		month.LateOnes = append(month.LateOnes, request.LateTicket{Number: 110, Severity: "noncritical", Customer: "Northwind Traders", By: 50 * time.Hour, Code: code})
	}
	month.LateOnes = month.LateOnes[1:]
	empty := request.Report{From: week.From, To: week.To}
	return []sample{
		{"report-week", Report(ReportView{Report: week, Period: "week", Before: &before}, s.w)},
		{"report-month", Report(ReportView{Report: month, Period: "month", Back: 1, Files: true}, s.w)},
		{"report-empty", Report(ReportView{Report: empty, Period: "week", Before: &empty}, s.w)},
	}
}

// someWords are words of two topics of the help.
var someWords = map[string][]string{"file": {"new", "yes", "back", "cancel"}, "sla": {"sla", "ack"}}
