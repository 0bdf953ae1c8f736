package notify

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"onbehalf/bot/outbox"
	"onbehalf/bot/request"
	"onbehalf/bot/sla"
	"onbehalf/bot/teams"
)

var _ outbox.Renderer = (*Renderer)(nil)

// Renderer writes what notices say, as the tickets are by then, and finds the next
// place for what cannot be delivered. It is safe for many goroutines.
type Renderer struct {
	Store Store
	Desk  *request.Desk
	Teams Connector
	// Pace waits for this process's turn in the rate of a tenant, before Teams is asked
	// for members.
	Pace func(ctx context.Context, tenant string) error
	Now  func() time.Time // nil is time.Now
	Log  *slog.Logger     // nil is slog.Default
	// Lost is called for each notice that nobody can be told of; nil counts nothing.
	Lost func(kind string)

	setUp   sync.Once
	members memberships
	readers readers
}

func (l *Renderer) ready() {
	l.setUp.Do(func() {
		if l.Log == nil {
			l.Log = slog.Default()
		}
	})
}

func (l *Renderer) now() time.Time {
	if l.Now != nil {
		return l.Now()
	}
	return time.Now()
}

// parcel is the next message of a queue, with everything that it settles.
type parcel struct {
	// notices are those that this one message delivers.
	notices []request.Notice
	message teams.Message
	// handle and revision are of the card that the message draws; over is that card as
	// it was sent, where it was.
	handle   string
	revision int
	over     *outbox.Posted
	// seen is what was posted under the first message's handle when it was left.
	seen *outbox.Posted
	// thread begins a thread, root is the message in whose thread it goes instead.
	thread bool
	root   *outbox.Posted
	// ticket is kept with the handle of a warning.
	ticket request.Number
	// also are the warnings that a bundle stands for besides, gone those that it stood for.
	also []outbox.Posted
	gone []string
	// becomes is the handle of what warns no more.
	becomes string
	// moved are left at once, after when the message has arrived.
	moved, after []outbox.Message
	// through is the entry of the history up to which a change line tells.
	through int64
	settled []int64
}

func (p *parcel) empty() bool { return len(p.notices) == 0 }

// short is what goes out where the card is too big: its one sentence.
func (p *parcel) short() teams.Message {
	if p.message.Card == nil {
		m := p.message
		m.Text = excerpt(m.Text, 4000)
		return m
	}
	return teams.Message{Text: p.message.Summary, TextFormat: teams.Plain, Locale: p.message.Locale}
}

// bundleFrom is how many tickets make a bundle of what would be single warnings.
const bundleFrom = 3

// Render writes the next message of a queue, in the order of its notices. What has
// become pointless by now is settled without a message, and so is what cannot be read.
func (l *Renderer) Render(ctx context.Context, at outbox.Conversation, waiting []outbox.Message) (outbox.Parcel, error) {
	l.ready()
	p := parcel{seen: waiting[0].Over}
	rest := l.notices(ctx, waiting, &p)
	for len(rest) > 0 && p.empty() {
		group, others := together(rest, at.Kind != teams.TeamsChannel)
		err := l.fill(ctx, at, &p, group)
		switch {
		case errors.Is(err, request.ErrNotFound), errors.Is(err, errUnreadable):
			l.Log.ErrorContext(ctx, "notice dropped", "ticket", group[0].Ticket, "reason", group[0].Reason, "err", err)
			for _, n := range group {
				l.lost(string(n.Reason))
			}
		case err != nil:
			return outbox.Parcel{}, err
		}
		if p.empty() {
			p.settled = append(p.settled, ids(group)...)
		}
		rest = others
	}
	return p.outgoing(waiting)
}

// notices reads those that come before the next answer.
func (l *Renderer) notices(ctx context.Context, waiting []outbox.Message, p *parcel) []request.Notice {
	var all []request.Notice
	for _, m := range waiting {
		if m.Body != nil {
			break
		}
		n, err := notice(m)
		if err != nil {
			l.Log.ErrorContext(ctx, "notice dropped", "message", m.ID, "err", err)
			l.lost(m.Kind)
			p.settled = append(p.settled, m.ID)
			continue
		}
		all = append(all, n)
	}
	return all
}

func (l *Renderer) lost(kind string) {
	if l.Lost != nil {
		l.Lost(kind)
	}
}

// outgoing is the parcel as the outbox sends it.
func (p *parcel) outgoing(waiting []outbox.Message) (outbox.Parcel, error) {
	out := outbox.Parcel{
		Settled: p.settled, Handle: p.handle, Revision: p.revision, Over: p.over, Thread: p.thread,
		Root: p.root, Ticket: int64(p.ticket), Moved: p.moved, After: p.after, Also: p.also, Gone: p.gone, Becomes: p.becomes,
	}
	if p.empty() {
		return out, nil
	}
	done := ids(p.notices)
	for _, m := range waiting {
		if slices.Contains(done, m.ID) {
			out.Sent = append(out.Sent, m)
		}
	}
	if p.through > 0 {
		first := out.Sent[0]
		out.Told = []outbox.Told{{Kind: first.Kind, Ticket: first.Ticket, To: first.To, Through: p.through}}
	}
	var err error
	if out.Short, err = p.short().Encode(); err != nil {
		return out, fmt.Errorf("write the short form: %w", err)
	}
	if out.Body, err = p.message.Encode(); errors.Is(err, teams.ErrTooBig) {
		out.Body, err = out.Short, nil
	}
	return out, err
}

func ids(notices []request.Notice) []int64 {
	all := make([]int64, len(notices))
	for i, n := range notices {
		all[i] = n.ID
	}
	return all
}

// errUnreadable is a notice that another release wrote.
var errUnreadable = errors.New("notice cannot be read")

// fill writes the message of notices that belong together; it leaves the parcel
// empty when there is nothing to say any more.
func (l *Renderer) fill(ctx context.Context, place outbox.Conversation, p *parcel, group []request.Notice) error {
	switch group[0].Reason {
	case request.RedrawCard:
		return l.packCard(ctx, place, p, group, homeCard)
	case request.DeskCard:
		return l.packCard(ctx, place, p, group, deskCard)
	case request.ChangeLine:
		return l.packChanges(ctx, place, p, group)
	case request.Assigned:
		return l.packAssigned(ctx, place, p, group)
	case request.MilestoneDue:
		return l.packMilestones(ctx, place, p, group)
	case request.QuietAlarm:
		return l.packQuiet(ctx, place, p, group)
	case request.RightsDue:
		return l.packRights(ctx, place, p, group)
	case request.SyncForbidden, request.HealthForbidden:
		return l.packForbidden(ctx, p, group)
	}
	return fmt.Errorf("%w: reason %q", errUnreadable, group[0].Reason)
}

// together takes the notices that one message can deliver with the first:
// redraws, changes and milestones of the same ticket, because the message shows
// the newest state; and the milestones of all tickets, where they are many.
// Reminders go with those of their own kind only: they never stand for a breach.
// In a channel nothing is bundled: what is about a request is in its thread.
func together(notices []request.Notice, bundles bool) (group, others []request.Notice) {
	first := notices[0]
	bundle := bundles && first.Reason == request.MilestoneDue && ticketsDue(notices, reminderOf(first)) >= bundleFrom
	for i, n := range notices {
		same := n.Reason == first.Reason && reminderOf(n) == reminderOf(first) && (n.Ticket == first.Ticket || bundle)
		if n.Reason == request.QuietAlarm { // a bundle has one handle for all of its requests
			same = n.Reason == first.Reason && n.Handle == first.Handle
		}
		if i == 0 || same {
			group = append(group, n)
		} else {
			others = append(others, n)
		}
	}
	return group, others
}

func ticketsDue(notices []request.Notice, reminder sla.Clock) int {
	numbers := map[request.Number]bool{}
	for _, n := range notices {
		if n.Reason == request.MilestoneDue && reminderOf(n) == reminder {
			numbers[n.Ticket] = true
		}
	}
	return len(numbers)
}
