package request

import (
	"slices"
	"strings"

	"onbehalf/bot/plaintext"
	"onbehalf/bot/sla"
)

// Role is what somebody is to a ticket. The first that fits counts: an assignee
// who leads the desk is its assignee.
type Role string

// The roles.
const (
	RoleAssignee  Role = "assignee"
	RoleLead      Role = "lead"
	RoleRequester Role = "requester"
	RoleWatcher   Role = "watcher"
	RoleOther     Role = "other"
)

// RoleOf says what a person is to the ticket.
func (t Ticket) RoleOf(v Viewer) Role {
	switch {
	case t.Assignee.Is(v.Person):
		return RoleAssignee
	case v.Lead:
		return RoleLead
	case t.Requester.Is(v.Person):
		return RoleRequester
	case t.watches(v.Person):
		return RoleWatcher
	}
	return RoleOther
}

// People are those who follow the ticket: requester, assignee, watchers, each once.
func (t Ticket) People() []Person {
	var people []Person
	add := func(p Person) {
		if !p.Nobody() && !slices.ContainsFunc(people, p.Is) {
			people = append(people, p)
		}
	}
	add(t.Requester)
	add(t.Assignee)
	for _, w := range t.Watchers {
		add(w.Person)
	}
	return people
}

func (t Ticket) watches(p Person) bool {
	return slices.ContainsFunc(t.Watchers, func(w Watcher) bool { return w.Is(p) })
}

// VisibleTo says whether somebody may see more of a ticket than its number and
// status. Fraud cases are for the requester, the assignee, the leads, and the
// watchers whom somebody else added (R5): on such a ticket only the first three
// may add one, so a watcher who is there by their own doing was there before it
// was one. Every card, list, report, notice and link asks this one function.
func VisibleTo(t Ticket, v Viewer) bool {
	if t.Kind != Fraud {
		return true
	}
	if v.Nobody() {
		return false
	}
	return v.Lead || t.Requester.Is(v.Person) || t.Assignee.Is(v.Person) ||
		slices.ContainsFunc(t.Watchers, func(w Watcher) bool { return w.Is(v.Person) && w.AddedBy != "" && w.AddedBy != w.ID })
}

// reduced is what is left of a ticket for those who may not see it: number,
// status, and the times of the band, without what they were computed from.
func reduced(t Ticket) Ticket {
	return Ticket{
		Number: t.Number, Revision: t.Revision, Status: t.Status, UILanguage: t.UILanguage, Zone: t.Zone, Home: t.Home,
		Response:    sla.Run{Clock: t.Response.Clock, Due: t.Response.Due, Basis: t.Response.Basis},
		RespondedAt: t.RespondedAt, WaitingSince: t.WaitingSince, ResolvedAt: t.ResolvedAt, ClosedAt: t.ClosedAt,
		UpdatedAt: t.UpdatedAt,
	}
}

// hidden refuses a ticket to somebody who may not see it.
func hidden(t Ticket) *Refused {
	r := reduced(t)
	return &Refused{Code: "hidden", Args: Args("number", t.Number.String(), "status", string(t.Status)), Ticket: &r}
}

// View is a ticket as one person, or a conversation, may see it: contract ids and
// phone numbers masked, a fraud case reduced to number and status.
type View struct {
	Ticket
	// Hidden says that only number, status and the times of the band are there.
	Hidden bool
	Role   Role
	// Moves are the verbs ("ticket/resolve") that the person may do now. A card that
	// offers only these is never refused while it is up to date.
	Moves []string
	// Link is the request's address, empty where the bot has none.
	Link string
}

// Show gives what a viewer sees. Shared means that several people see the same
// card, which then has nobody's own moves, and nothing of a fraud case.
func (d *Desk) Show(t Ticket, by Viewer, shared bool) View {
	if !VisibleTo(t, by) || shared && t.Kind == Fraud {
		return View{Ticket: reduced(t), Hidden: true, Role: RoleOther}
	}
	v := View{Ticket: t, Role: t.RoleOf(by), Link: d.Link(t.Number)}
	if shared {
		v.Role, by = RoleOther, Viewer{Person: Person{ID: "everybody"}}
	}
	v.Contact.Phone = maskIfAny(t.Contact.Phone)
	v.Details.SupportPlan = maskIfAny(t.Details.SupportPlan)
	for _, m := range moves {
		if refusal := m.refusal(t, by); refusal == nil && m.useful(t, by) {
			v.Moves = append(v.Moves, "ticket/"+m.verb)
		}
	}
	return v
}

// ShowFiled is Show for one person who reads what was filed: those with the right to
// the ticket get the contact's number whole, because they file with it.
func (d *Desk) ShowFiled(t Ticket, by Viewer) View {
	v := d.Show(t, by, false)
	if !v.Hidden && owners.holds(t, by) {
		v.Contact.Phone = t.Contact.Phone
	}
	return v
}

func maskIfAny(s string) string {
	if s == "" {
		return ""
	}
	return plaintext.Mask(s)
}

// MaySee says whether a person may see more of a ticket than number and status.
func (d *Desk) MaySee(t Ticket, p Person) bool { return VisibleTo(t, d.Viewer(p)) }

// MayDo says whether a person may do a move, given as "ticket/resolve", on the
// ticket as it is; the *Refused tells why not. A verb that moves nothing, such as
// "ticket/history", is for everybody who may see the ticket.
func (d *Desk) MayDo(t Ticket, p Person, verb string) error {
	m, moves := moveOf(strings.TrimPrefix(verb, "ticket/"))
	if !moves {
		m = move{right: anyone}
	}
	if refusal := m.refusal(t, d.Viewer(p)); refusal != nil {
		return refusal
	}
	return nil
}

// right says who may do a move.
type right int

const (
	// anyone who may see the ticket.
	anyone right = iota
	// workers: the assignee and leads; anyone while nobody has it.
	workers
	// owners: requester, assignee and leads, at any time.
	owners
)

// holds says whether a viewer has the right.
func (r right) holds(t Ticket, v Viewer) bool {
	role := t.RoleOf(v)
	switch r {
	case anyone:
		return true
	case workers:
		return role == RoleAssignee || role == RoleLead || t.Assignee.Nobody()
	default:
		return role == RoleAssignee || role == RoleLead || t.Requester.Is(v.Person)
	}
}

// ends are the verbs that end a ticket, and where: once more they change nothing.
var ends = map[string]Status{"resolve": Resolved, "close": Closed, "cancel": Cancelled}

// refusal says why a viewer may not do a move on the ticket as it is; nil is that
// they may.
func (m move) refusal(t Ticket, v Viewer) *Refused {
	if !VisibleTo(t, v) {
		return hidden(t)
	}
	number := t.Number.String()
	if !m.in(t.Status) {
		code := "status"
		if ends[m.verb] == t.Status {
			code = "already"
		}
		return refused(t, code, "number", number, "verb", m.verb, "status", string(t.Status))
	}
	if m.right.holds(t, v) {
		return nil
	}
	if m.right == workers {
		return refused(t, "only_assignee", "number", number, "verb", m.verb, "names", t.Assignee.Name)
	}
	names := []string{t.Requester.Name}
	if !t.Assignee.Nobody() && !t.Assignee.Is(t.Requester) {
		names = append(names, t.Assignee.Name)
	}
	return refused(t, "only_requester", "number", number, "verb", m.verb, "names", strings.Join(names, ", "))
}

// refused refuses a move on a ticket that the person may see.
func refused(t Ticket, code string, pairs ...any) *Refused {
	return &Refused{Code: code, Args: Args(pairs...), Ticket: &t}
}
