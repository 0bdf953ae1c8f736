package notify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"onbehalf/bot/teams"
	"onbehalf/bot/ticket"
)

// errHandedOver means that the notices moved to the lane of another
// conversation, and this lane is not ours any more.
var errHandedOver = errors.New("notices moved to another lane")

func (c Conversation) ref() teams.Ref {
	return teams.Ref{
		ServiceURL: c.ServiceURL, ConversationID: c.ID, Kind: c.Kind, TenantID: c.Tenant, BotID: c.BotID, BotName: c.BotName,
	}
}

func (c Conversation) personal() bool { return c.Kind == teams.Personal || c.Person != "" }

// address says where a lane leads. Without an ID it is a person to whom a
// conversation has still to be created.
func (l *Lanes) address(ctx context.Context, lane Lane) (Conversation, error) {
	if who, waiting := strings.CutPrefix(lane.Key, PersonLane("")); waiting {
		return l.complete(ctx, Conversation{Person: who, Kind: teams.Personal})
	}
	known, err := l.Store.Conversation(ctx, lane.Key)
	if errors.Is(err, ErrNoConversation) {
		known, err = &Conversation{ID: lane.Key, Kind: kindOf(lane.Key)}, nil
	}
	if err != nil {
		return Conversation{}, fmt.Errorf("load conversation: %w", err)
	}
	return l.complete(ctx, *known)
}

// complete fills in what a conversation needs that nothing was heard from: the
// desk's own tenant, and the newest service URL of that tenant, else the cloud's.
func (l *Lanes) complete(ctx context.Context, c Conversation) (Conversation, error) {
	if c.Tenant == "" {
		c.Tenant = l.Desk.OwnTenant
	}
	if c.BotID == "" {
		c.BotID = l.BotID
	}
	if c.ServiceURL == "" {
		newest, err := l.Store.NewestServiceURL(ctx, c.Tenant)
		if err != nil {
			return c, fmt.Errorf("find service URL: %w", err)
		}
		c.ServiceURL = newest
	}
	if c.ServiceURL == "" {
		c.ServiceURL = l.ServiceURL
	}
	return c, nil
}

// kindOf tells what a conversation is by the shape of its id, for those from
// which nothing came yet.
func kindOf(id string) string {
	switch {
	case strings.Contains(id, "@thread.tacv2"):
		return teams.TeamsChannel
	case strings.HasPrefix(id, "19:"):
		return teams.GroupChat
	}
	return teams.Personal
}

// opensThread says whether messages there begin a new thread: in channels that
// the configuration names. In threads and chats they are sent.
func (l *Lanes) opensThread(place Conversation) bool {
	configured := place.ID == l.Desk.DeskConversation || place.ID == l.Desk.EscalationConversation
	return configured && strings.HasSuffix(place.ID, "@thread.tacv2")
}

// meet creates the conversation with somebody whose notices wait for one. Their
// notices then move to its lane.
func (l *Lanes) meet(ctx context.Context, lane Lane, place Conversation) (Outcome, error) {
	waiting := parcel{notices: lane.Notices}
	who := ticket.Person{ID: place.Person}
	for _, n := range lane.Notices {
		if n.To.Person.Is(who) {
			who = n.To.Person
		}
	}
	if who.Tenant != "" && who.Tenant != place.Tenant {
		var err error
		if place, err = l.complete(ctx, Conversation{Person: who.ID, Kind: teams.Personal, Tenant: who.Tenant}); err != nil {
			return Outcome{}, err
		}
	}
	made, rest, err := l.create(ctx, &place, who)
	switch e := (*teams.Error)(nil); {
	case rest > 0:
		return Outcome{RestUntil: l.now().Add(rest)}, nil
	case err == nil:
		return Outcome{}, l.handOver(ctx, place, made)
	case !errors.As(err, &e):
		return Outcome{}, err
	case e.Retryable() || e.NeedsOperator():
		return l.tryLater(ctx, waiting, e)
	default:
		l.Log.WarnContext(ctx, "person cannot be reached", "person", who.ID, "status", e.Status, "code", e.Code)
		return l.turnedAway(ctx, place, lane.Notices)
	}
}

// meetAgain follows somebody who cleared the history: Teams forgot the
// conversation and gives another one. It is asked once; the same id again means
// that they can't be reached.
func (l *Lanes) meetAgain(ctx context.Context, place Conversation, p parcel) (Outcome, error) {
	who := ticket.Person{ID: place.Person}
	for _, n := range p.notices {
		if n.To.Person.Is(who) {
			who = n.To.Person
		}
	}
	made, rest, err := l.create(ctx, &place, who)
	switch e := (*teams.Error)(nil); {
	case rest > 0:
		p.outcome.RestUntil = l.now().Add(rest)
		return p.outcome, nil
	case err == nil && made != place.ID:
		return Outcome{}, l.handOver(ctx, place, made)
	case err == nil:
		return l.final(ctx, place, p, &teams.Error{Op: "send", Status: 404, Code: "ConversationNotFound"})
	case !errors.As(err, &e):
		return Outcome{}, err
	case e.Retryable() || e.NeedsOperator():
		return l.tryLater(ctx, p, e)
	default:
		return l.final(ctx, place, p, e)
	}
}

// create asks Teams for the personal conversation with somebody; asking again
// gives the same one. rest is set when the rates have no room yet.
func (l *Lanes) create(ctx context.Context, place *Conversation, who ticket.Person) (id string, rest time.Duration, err error) {
	given, err := l.permit(ctx, PersonLane(place.Person), place.Tenant, true)
	if err != nil || given.Wait > 0 {
		return "", given.Wait, err
	}
	if err := l.pause(ctx, given.At.Sub(l.now())); err != nil {
		return "", time.Second, nil // we are stopping
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendWithin)
	defer cancel()
	p := teams.ConversationParameters{TenantID: place.Tenant, BotID: place.BotID, UserID: who.TeamsID}
	if p.UserID == "" {
		p.UserID = who.ID
	}
	made, err := l.Teams.Create(ctx, place.ServiceURL, p)
	if wrong := (*teams.Error)(nil); errors.As(err, &wrong) && wrong.WrongHost() {
		place.ServiceURL = teams.GCCServiceURL
		made, err = l.Teams.Create(ctx, place.ServiceURL, p)
	}
	return made.ID, 0, err
}

// handOver keeps a person's new conversation, which moves their notices to it.
func (l *Lanes) handOver(ctx context.Context, place Conversation, id string) error {
	place.ID, place.Kind, place.Reach, place.Heard = id, teams.Personal, Reachable, l.now()
	if err := l.Store.KeepConversation(ctx, place); err != nil {
		return fmt.Errorf("keep conversation: %w", err)
	}
	return errHandedOver
}

// nextPlaces gives the notice its next target, when its own can't be reached:
// for a person the ticket's thread, for the thread the person who works on it,
// then the desk's conversation and that of escalations. Only what somebody must
// hear goes on: the thread has every change already, and cards are drawn where
// they stand. Where the next target of a milestone has a notice of its own it goes
// no further, if this one's place is marked: of two that fail at once, the later
// one sees the mark of the other and goes on.
func (l *Lanes) nextPlaces(ctx context.Context, n ticket.Notice, marked bool) ([]ticket.Notice, error) {
	if n.Reason != ticket.Assigned && n.Reason != ticket.MilestoneDue {
		return nil, nil
	}
	t, err := l.Desk.Store.Ticket(ctx, n.Ticket)
	if err != nil {
		return nil, fmt.Errorf("load %s: %w", n.Ticket, err)
	}
	if n.Reason == ticket.Assigned && !n.To.Person.Nobody() && !t.Home.Personal {
		return nil, nil // the thread has a mention of its own
	}
	n.Tried = append(slices.Clone(n.Tried), targetKey(n.To))
	targets := []ticket.Target{{Conversation: t.Home.Conversation}}
	if n.To.Person.Nobody() {
		targets = append(targets, ticket.Target{Person: t.Assignee}, ticket.Target{Person: t.Requester})
	}
	targets = append(targets,
		ticket.Target{Conversation: l.Desk.DeskConversation}, ticket.Target{Conversation: l.Desk.EscalationConversation})
	for _, to := range targets {
		key := targetKey(to)
		if key == "" || slices.Contains(n.Tried, key) {
			continue
		}
		if marked && l.named(ctx, t, n)[key] {
			out, err := l.outOfReach(ctx, t, to)
			if err != nil {
				return nil, err
			}
			if !out {
				return nil, nil
			}
			continue
		}
		n.ID, n.To, n.Attempts, n.NotBefore = 0, to, 0, time.Time{}
		return []ticket.Notice{n}, nil
	}
	l.Log.ErrorContext(ctx, "nobody can be told", "ticket", n.Ticket, "reason", n.Reason, "milestone", n.Milestone)
	if l.Meter != nil {
		l.Meter.Lost(n.Reason)
	}
	return nil, nil
}

// named gives the places that a notice's milestone names itself, by targetKey.
func (l *Lanes) named(ctx context.Context, t *ticket.Ticket, n ticket.Notice) map[string]bool {
	all := map[string]bool{}
	p := newPlaces(l.Desk, t)
	for _, m := range policyOf(ctx, l.Desk, t, l.Log).Milestones(t.State()) {
		if n.Reason != ticket.MilestoneDue || m.Name != n.Milestone {
			continue
		}
		for _, name := range m.To {
			for _, to := range p.of(name) {
				all[targetKey(to)] = true
			}
		}
	}
	return all
}

// outOfReach says whether a place is marked as one that can't be written to.
func (l *Lanes) outOfReach(ctx context.Context, t *ticket.Ticket, to ticket.Target) (bool, error) {
	if to.Conversation == "" {
		return slices.Contains(t.Unreachable, to.Person.ID), nil
	}
	place, err := l.address(ctx, Lane{Key: to.Conversation})
	return place.Reach != Reachable, err
}

func targetKey(to ticket.Target) string {
	if to.Conversation != "" {
		return to.Conversation
	}
	return to.Person.ID
}
