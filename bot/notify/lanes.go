package notify

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"onbehalf/bot/teams"
	"onbehalf/bot/ticket"
)

// Connector is what of Teams the lanes use; *teams.Connector is the real one.
type Connector interface {
	Create(ctx context.Context, serviceURL string, p teams.ConversationParameters) (teams.ConversationResource, error)
	Send(ctx context.Context, ref teams.Ref, m teams.Message) (string, error)
	Update(ctx context.Context, ref teams.Ref, activityID string, m teams.Message) error
	Member(ctx context.Context, ref teams.Ref, userID string) (teams.Member, error)
	Members(ctx context.Context, ref teams.Ref, token string) ([]teams.Member, string, error)
}

// Meter counts what an operator asks about. All methods may be called from many
// goroutines.
type Meter interface {
	// Delivered is called for each notice that Teams has, with the time since it
	// was left or was to be sent.
	Delivered(reason ticket.Reason, waited time.Duration)
	// Lost is called for each notice that nobody could be told of.
	Lost(reason ticket.Reason)
	// Breached is called for each breach that was written down.
	Breached(s ticket.Severity)
}

// Lanes delivers notices. Any number of replicas may run it on one database: a
// conversation has at most one message on its way, in the order in which its
// notices were left. A message whose answer was lost is sent again, so it may
// stand twice in Teams; it is never left out.
type Lanes struct {
	Store Store
	Desk  *ticket.Desk
	Teams Connector
	// BotID is the bot's own account ("28:" and the app id), for conversations from
	// which nothing came yet.
	BotID string
	// ServiceURL is the cloud's global one, for a tenant from which nothing came yet.
	ServiceURL string
	// TenantRate is the requests a second for each tenant; 0 is no limit.
	TenantRate int
	// Workers is how many conversations are served at once; 0 is 16.
	Workers int
	Now     func() time.Time // nil is time.Now
	// Pause waits; nil is a timer. It returns early, with the context's error, when
	// the context ends.
	Pause func(ctx context.Context, d time.Duration) error
	Log   *slog.Logger // nil is slog.Default
	Meter Meter        // nil counts nothing

	setUp   sync.Once
	owner   string
	wake    chan struct{}
	held    atomic.Pointer[time.Time]
	members memberships
}

const (
	// leaseFor is how long a lane stays with a replica that does not come back. One
	// message, with its waits, must fit in.
	leaseFor = 30 * time.Second
	// sendWithin bounds one request to Teams, sign-in included.
	sendWithin = 12 * time.Second
	// pollEvery is how often lanes that another replica left are looked for.
	pollEvery = 250 * time.Millisecond
	// holdFor bounds how long nothing is claimed when nobody ends it.
	holdFor = time.Second
	// giveUpAfter bounds how long a message is tried again.
	giveUpAfter = 24 * time.Hour
)

// Wake makes Run look at once, after a commit that left notices. It never waits.
func (l *Lanes) Wake() {
	l.ready()
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// Hold keeps new messages back until Release, and no longer than a second. Those
// that are on their way go on.
func (l *Lanes) Hold() {
	until := time.Now().Add(holdFor) // not the clock of Now: that may be put back
	l.held.Store(&until)
}

// Release ends what Hold began, and makes Run look at once.
func (l *Lanes) Release() {
	l.held.Store(nil)
	l.Wake()
}

// Run delivers until the context ends, then lets the messages that are on their
// way arrive, and returns. Errors of the database are logged and tried again.
func (l *Lanes) Run(ctx context.Context) {
	l.ready()
	workers := l.workers()
	slots := make(chan struct{}, workers)
	var busy sync.WaitGroup
	defer busy.Wait()
	clock := l.now()
	for ctx.Err() == nil {
		clock = l.follow(ctx, clock)
		claimed := l.claim(ctx, workers-len(slots))
		for _, lane := range claimed {
			slots <- struct{}{}
			busy.Go(func() {
				defer func() { <-slots; l.Wake() }()
				l.serve(ctx, lane)
			})
		}
		if len(claimed) == 0 || len(slots) == workers {
			l.idle(ctx)
		}
	}
}

// Serve delivers what is ready now, one conversation after another, and returns
// how many times it served one. It is Run without waiting.
func (l *Lanes) Serve(ctx context.Context) (served int) {
	l.ready()
	for ctx.Err() == nil {
		lanes := l.claim(ctx, 1)
		if len(lanes) == 0 {
			return served
		}
		l.serve(ctx, lanes[0])
		served++
	}
	return served
}

func (l *Lanes) ready() {
	l.setUp.Do(func() {
		l.owner = rand.Text()
		l.wake = make(chan struct{}, 1)
		if l.Log == nil {
			l.Log = slog.Default()
		}
	})
}

func (l *Lanes) workers() int {
	if l.Workers > 0 {
		return l.Workers
	}
	return 16
}

func (l *Lanes) now() time.Time {
	if l.Now != nil {
		return l.Now()
	}
	return time.Now()
}

func (l *Lanes) pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	if l.Pause != nil {
		return l.Pause(ctx, d)
	}
	return pause(ctx, d)
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// idle waits for work: until a lane has rested, something wakes us, or another
// replica may have left some.
func (l *Lanes) idle(ctx context.Context) {
	wait := pollEvery
	now := l.now()
	if next, err := l.Store.NextReady(ctx, now); err == nil && next.After(now) {
		wait = min(wait, next.Sub(now))
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-l.wake:
	case <-timer.C:
	case <-ctx.Done():
	}
}

// follow notices a clock that was put back since before, and moves what waits
// along with it. Steps that a lease or a pause bridges anyway are left alone.
func (l *Lanes) follow(ctx context.Context, before time.Time) time.Time {
	now := l.now()
	// Round drops the monotonic reading: both are what the machine's clock says.
	if back := before.Round(0).Sub(now.Round(0)); back > time.Second {
		l.Log.WarnContext(ctx, "clock was put back", "by", back)
		if err := l.Store.Rewind(ctx, now, back); err != nil {
			l.Log.ErrorContext(ctx, "lanes not moved with the clock", "err", err)
			return before
		}
	}
	return now
}

func (l *Lanes) claim(ctx context.Context, n int) []Lane {
	if until := l.held.Load(); n <= 0 || until != nil && time.Now().Before(*until) {
		return nil
	}
	lanes, err := l.Store.Claim(ctx, l.owner, l.now(), leaseFor, n)
	if err != nil && ctx.Err() == nil {
		l.Log.ErrorContext(ctx, "lanes not claimed", "err", err)
	}
	return lanes
}

// serve sends at most one message of a lane and gives the lane back. When ctx
// ends, a message that is on its way may still arrive.
func (l *Lanes) serve(ctx context.Context, lane Lane) {
	outcome, err := l.deliver(ctx, lane)
	if errors.Is(err, errHandedOver) {
		l.Wake()
		return
	}
	switch {
	case err != nil && ctx.Err() != nil: // we are stopping: handed back unsent
		outcome = Outcome{}
	case err != nil:
		// Nothing was sent. The notices stay, and an error of ours must not turn into
		// a busy loop.
		l.Log.ErrorContext(ctx, "notice not delivered", "conversation", lane.Key, "err", err)
		outcome = Outcome{RestUntil: l.now().Add(5 * time.Second)}
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendWithin)
	defer cancel()
	switch err := l.Store.Finish(ctx, lane, outcome); {
	case errors.Is(err, ErrLeaseLost):
		l.Log.WarnContext(ctx, "lane was taken over", "conversation", lane.Key)
	case err != nil:
		l.Log.ErrorContext(ctx, "outcome not kept", "conversation", lane.Key, "err", err)
	}
}

// deliver takes the next message of a lane and sends it. An error means that
// nothing was sent, for a reason of our own.
func (l *Lanes) deliver(ctx context.Context, lane Lane) (Outcome, error) {
	place, err := l.address(ctx, lane)
	if err != nil {
		return Outcome{}, err
	}
	if place.ID == "" {
		return l.meet(ctx, lane, place)
	}
	if place.Reach != Reachable {
		return l.turnedAway(ctx, place, lane.Notices)
	}
	p, err := l.pack(ctx, place, lane.Notices)
	if err != nil {
		return Outcome{}, err
	}
	if p.empty() {
		return p.outcome, nil
	}
	return l.send(ctx, place, p)
}

// send asks for a place in the rates, waits for it, sends, and says what came of
// it.
func (l *Lanes) send(ctx context.Context, place Conversation, p parcel) (Outcome, error) {
	given, err := l.permit(ctx, place.ID, place.Tenant, p.urgent())
	if err != nil {
		return Outcome{}, err
	}
	if given.Wait > 0 {
		p.outcome.RestUntil = l.now().Add(given.Wait)
		return p.outcome, nil
	}
	if err := l.pause(ctx, given.At.Sub(l.now())); err != nil {
		return p.outcome, nil // we are stopping: handed back unsent
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendWithin)
	defer cancel()
	started := l.now()
	sent, err := l.post(ctx, place, p)
	if wrong := (*teams.Error)(nil); errors.As(err, &wrong) && wrong.WrongHost() {
		place.ServiceURL = teams.GCCServiceURL
		if err := l.Store.KeepConversation(ctx, place); err != nil {
			return Outcome{}, fmt.Errorf("keep host of conversation: %w", err)
		}
		sent, err = l.post(ctx, place, p)
	}
	if ended := l.now(); ended.Sub(started) > 100*time.Millisecond {
		if err := l.sentLate(ctx, place.ID, given.At, ended); err != nil {
			l.Log.WarnContext(ctx, "rates not corrected", "err", err)
		}
	}
	if err != nil {
		return l.failed(ctx, place, p, err)
	}
	return l.arrived(ctx, p, sent, given), nil
}

// sent is the message as Teams knows it; Activity is empty where Teams did not
// say.
type sent struct{ conversation, activity string }

// post is one attempt, in the short form where the message is too big.
func (l *Lanes) post(ctx context.Context, place Conversation, p parcel) (sent, error) {
	s, err := l.postOnce(ctx, place, p, p.message)
	tooBig := (*teams.Error)(nil)
	if errors.Is(err, teams.ErrTooBig) || errors.As(err, &tooBig) && tooBig.Status == 413 {
		return l.postOnce(ctx, place, p, p.short())
	}
	return s, err
}

func (l *Lanes) postOnce(ctx context.Context, place Conversation, p parcel, m teams.Message) (sent, error) {
	ref := place.ref()
	switch {
	case p.update != "":
		ref.ConversationID = p.updateIn
		return sent{p.updateIn, p.update}, l.Teams.Update(ctx, ref, p.update, m)
	case p.thread:
		made, err := l.Teams.Create(ctx, place.ServiceURL, teams.ConversationParameters{
			TenantID: place.Tenant, BotID: place.BotID, ChannelID: place.ID, Message: m,
		})
		return sent{made.ID, made.ActivityID}, err
	}
	id, err := l.Teams.Send(ctx, ref, m)
	return sent{place.ID, id}, err
}

// arrived says that Teams has the message. A card whose id Teams did not say
// can't be redrawn; the next state goes out as a new one.
func (l *Lanes) arrived(ctx context.Context, p parcel, s sent, given permit) Outcome {
	o := p.outcome
	now := l.now()
	for _, n := range p.notices {
		o.Done = append(o.Done, n.ID)
		if slices.Contains(p.unreachable, n.To.Person.ID) {
			if err := l.markReached(ctx, n.Ticket, n.To.Person); err != nil {
				l.Log.WarnContext(ctx, "person is still marked", "err", err)
			}
		}
		if l.Meter != nil {
			l.Meter.Delivered(n.Reason, now.Sub(later(n.Created, n.NotBefore)))
		}
	}
	if p.card != nil && s.activity != "" {
		card := *p.card
		card.Conversation, card.Activity = s.conversation, s.activity
		o.Cards = append(o.Cards, card)
	}
	// Resting until now puts the lane behind those that have waited longer.
	o.RestUntil = later(now, given.Next)
	return o
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
