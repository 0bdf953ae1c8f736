package outbox

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"onbehalf/bot/teams"
)

var tracer = otel.Tracer("onbehalf/bot/outbox")

// attempt sends the next message of a queue, and says what came of it. Where nothing
// was sent for a reason of ours the messages stay, and the queue rests a while, so
// that an error does not turn into a busy loop.
func (s *Sender) attempt(ctx context.Context, lease Lease) *Ended {
	ended := &Ended{Lease: lease, Window: lease.Window}
	ctx, span := tracer.Start(ctx, "send")
	defer span.End()
	if err := s.sendNext(ctx, ended); err != nil {
		span.SetStatus(codes.Error, "")
		s.Log.ErrorContext(ctx, "message not sent", "queue", lease.Queue, "err", err)
		*ended = Ended{Lease: ended.Lease, Window: ended.Window, RestUntil: s.now().Add(5 * time.Second)}
	}
	ended.Done = append(ended.Done, ended.ToldAlready(ended.Lease.Messages)...)
	slices.Sort(ended.Done)
	ended.Done = slices.Compact(ended.Done)
	for _, m := range ended.Lease.Messages {
		if slices.Contains(ended.Done, m.ID) {
			continue
		}
		if ended.changed(m.Handle) {
			m.Over = nil // looked for again
		}
		ended.Left = append(ended.Left, m)
	}
	return ended
}

// changed says that the message under a handle is another one, or none, by now.
func (e *Ended) changed(handle string) bool {
	return slices.Contains(e.Gone, handle) || slices.ContainsFunc(e.Posted, func(p Posted) bool { return p.Handle == handle })
}

func (s *Sender) sendNext(ctx context.Context, ended *Ended) error {
	if ended.Lease.Messages == nil {
		var err error
		if ended.Lease.Messages, err = s.Store.Waiting(ctx, ended.Lease); err != nil {
			return err
		}
	}
	waiting := s.unexpired(ready(ended.Lease.Messages, s.now()), ended)
	if len(waiting) == 0 {
		return nil
	}
	at, err := s.address(ctx, waiting[0])
	if err != nil {
		return err
	}
	if first := waiting[0].To; first.Person == "" { // in a channel, of the same thread
		waiting = slices.DeleteFunc(waiting, func(m Message) bool { return m.To != first })
	}
	switch {
	case at.ID == "":
		return s.openPersonalChat(ctx, at, waiting, ended)
	case at.Reach != Reachable && waiting[0].Ref == nil:
		return s.turnedAway(ctx, at, waiting, ended)
	}
	p, err := s.parcel(ctx, at, waiting, ended)
	if err != nil || len(p.Sent) == 0 {
		return err
	}
	if lacks, err := s.lacksTargeted(ctx, at, p); err != nil {
		return err
	} else if lacks {
		return s.otherwise(ctx, at, p, ended)
	}
	if wait := ended.Window.free(s.now()).Sub(s.now()); wait > patience {
		ended.RestUntil = s.now().Add(wait)
		return nil
	} else if err := s.pause(ctx, wait); err != nil {
		return nil // we are stopping: handed back unsent
	}
	if err := s.Pace(ctx, at.Tenant); err != nil {
		return err
	}
	return s.post(ctx, at, p, ended)
}

// unexpired leaves out what is of no use any more.
func (s *Sender) unexpired(due []Message, ended *Ended) []Message {
	now := s.now()
	return slices.DeleteFunc(due, func(m Message) bool {
		if m.Expires.IsZero() || now.Before(m.Expires) {
			return false
		}
		s.lost(m)
		ended.Done = append(ended.Done, m.ID)
		return true
	})
}

func (s *Sender) lost(m Message) {
	s.Log.Warn("message dropped", "kind", m.Kind, "ticket", m.Ticket, "queue", m.Queue, "attempts", m.Attempts)
	if s.Meter != nil {
		s.Meter.Lost(m.Kind)
	}
}

// parcel is the next message as it is sent, and where it goes over.
func (s *Sender) parcel(ctx context.Context, at Conversation, waiting []Message, ended *Ended) (Parcel, error) {
	first := waiting[0]
	p := Parcel{
		Sent: waiting[:1], Body: first.Body, Targeted: first.Targeted, Otherwise: first.Otherwise, Handle: first.Handle, Revision: first.Revision, Update: first.Update, Over: first.Over,
	}
	if first.Body == nil {
		var err error
		if p, err = s.Renderer.Render(ctx, at, waiting); err != nil {
			return p, fmt.Errorf("write %s of ticket %d: %w", first.Kind, first.Ticket, err)
		}
	}
	ended.Done = append(ended.Done, p.Settled...)
	ended.Moved = append(ended.Moved, p.Moved...)
	return p, nil
}

// post makes the request, and one more at the other host when Teams says that the
// conversation lives there.
func (s *Sender) post(ctx context.Context, at Conversation, p Parcel, ended *Ended) error {
	over, known, err := s.over(ctx, p)
	if err != nil {
		return err
	}
	noOlder := over.Revision > 0 && over.Revision >= p.Revision
	if known && over.Activity == "" && !noOlder {
		// Posted, but Teams did not say its id, so it cannot be changed.
		for _, m := range p.Sent {
			s.lost(m)
		}
	}
	nothingThere := !known && p.Handle != "" && p.Sent[0].Kind == QuietKind
	if known && over.Activity == "" || noOlder || nothingThere {
		ended.finish(p)
		return nil
	}
	trace.SpanFromContext(ctx).SetAttributes(
		attribute.String("onbehalf.kind", p.Sent[0].Kind), attribute.Int64("onbehalf.ticket", p.Ticket),
		attribute.Int("onbehalf.messages", len(p.Sent)), attribute.Bool("onbehalf.update", over.Activity != ""),
	)
	host := hostOf(at.ServiceURL)
	s.hosts.enter(host)
	defer s.hosts.leave(host)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendWithin)
	defer cancel()
	sent, err := s.request(ctx, at, p, over, ended)
	if wrong := (*teams.Error)(nil); errors.As(err, &wrong) && wrong.WrongHost() && at.ServiceURL != teams.GCCServiceURL {
		at.ServiceURL = teams.GCCServiceURL
		if sent, err = s.request(ctx, at, p, over, ended); err == nil {
			ended.Places = append(ended.Places, at)
		}
	}
	if err != nil {
		return s.failed(ctx, at, p, over, err, ended)
	}
	s.arrived(ctx, p, sent, ended)
	return nil
}

// over is the message that a parcel replaces; known says that it was sent before.
func (s *Sender) over(ctx context.Context, p Parcel) (over Posted, known bool, err error) {
	switch {
	case p.Handle == "":
		return Posted{Activity: p.Update}, p.Update != "", nil
	case p.Over != nil:
		return *p.Over, p.Over.Conversation != "", nil
	}
	over, known, err = s.Store.Posted(ctx, p.Handle)
	if err != nil {
		return over, known, fmt.Errorf("find message %s: %w", p.Handle, err)
	}
	return over, known, nil
}

// request is one attempt, in the short form where the message is too big.
func (s *Sender) request(ctx context.Context, at Conversation, p Parcel, over Posted, ended *Ended) (Posted, error) {
	sent, err := s.requestOnce(ctx, at, p, over, ended)
	tooBig := (*teams.Error)(nil)
	if p.Short != nil && errors.As(err, &tooBig) && tooBig.Status == 413 {
		p.Body = p.Short
		return s.requestOnce(ctx, at, p, over, ended)
	}
	return sent, err
}

func (s *Sender) requestOnce(ctx context.Context, at Conversation, p Parcel, over Posted, ended *Ended) (Posted, error) {
	defer func() { ended.Window.Add(s.now()) }()
	ref := at.Ref()
	sent := Posted{Handle: p.Handle, Revision: p.Revision, Ticket: p.Ticket, Conversation: at.ID, Activity: over.Activity}
	var err error
	switch {
	case over.Activity != "":
		if over.Conversation != "" {
			ref.ConversationID, sent.Conversation = over.Conversation, over.Conversation
		}
		body, targeted := p.Body, p.Targeted
		if targeted { // whom it is for never changes, and in the person's own chat it is for nobody else
			body, targeted = withoutRecipient(body), ref.ConversationID == at.ID
		}
		err = s.Teams.Update(ctx, ref, over.Activity, body, targeted)
	case p.Thread:
		var made teams.ConversationResource
		made, err = s.Teams.Create(ctx, at.ServiceURL, teams.ConversationParameters{
			TenantID: at.Tenant, BotID: at.BotID, ChannelID: at.ID, First: p.Body,
		})
		if made.ID != "" {
			sent.Conversation = made.ID
		}
		sent.Activity = made.ActivityID
	default:
		if p.Root != nil {
			ref.ConversationID, sent.Conversation = p.Root.Conversation, p.Root.Conversation
		}
		sent.Activity, err = s.Teams.Send(ctx, ref, p.Body, p.Targeted)
	}
	return sent, err
}

// arrived says that Teams has the message.
func (s *Sender) arrived(ctx context.Context, p Parcel, sent Posted, ended *Ended) {
	ended.finish(p)
	if p.Becomes != "" {
		ended.Gone, sent.Handle = append(ended.Gone, p.Handle), p.Becomes
	}
	if p.Handle != "" {
		ended.Posted = append(ended.Posted, sent)
	}
	for _, also := range p.Also {
		also.Conversation, also.Activity = sent.Conversation, sent.Activity
		ended.Posted = append(ended.Posted, also)
	}
	ended.Gone = append(ended.Gone, p.Gone...)
	if s.Meter != nil {
		for _, m := range p.Sent {
			s.Meter.Delivered(m.Kind, s.now().Sub(later(m.Created, m.NotBefore)))
		}
	}
	if s.Renderer != nil && p.Sent[0].Body == nil {
		s.Renderer.Delivered(ctx, p.Sent)
	}
}

// finish ends the messages of a parcel that is over and done with.
func (e *Ended) finish(p Parcel) {
	for _, m := range p.Sent {
		e.Done = append(e.Done, m.ID)
	}
	e.Told = append(e.Told, p.Told...)
	e.Moved = append(e.Moved, p.After...)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// hostOf is the service that a conversation lives at.
func hostOf(serviceURL string) string {
	u, err := url.Parse(serviceURL)
	if err != nil {
		return ""
	}
	return u.Host
}
