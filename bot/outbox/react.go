package outbox

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"onbehalf/bot/teams"
)

// Reactor puts reactions on messages. They are decoration, for what a person sees
// elsewhere too: one that fails, or cannot be put at once, is dropped on purpose, because a
// ✅ that comes late confirms another message than the one that the person looks at. Where
// Teams wants to be left alone (429), none is tried before that is over; whoever turned
// them off is not asked again for a day. Its fields are set before it is used.
type Reactor struct {
	Store LackStore
	Teams ReactionConnector
	Now   func() time.Time // nil is time.Now
	Log   *slog.Logger     // nil is slog.Default

	once  sync.Once
	limit *rate.Limiter
	// alone is until when Teams wants to be left alone, in milliseconds of Unix.
	alone atomic.Int64
}

// LackStore remembers what conversations lack.
type LackStore interface {
	Lacks(ctx context.Context, conversation string, feature Feature, now time.Time) (bool, error)
	KeepLack(ctx context.Context, l Lack) error
}

// ReactionConnector is what of Teams reactions use; *teams.Connector is the real one.
type ReactionConnector interface {
	React(ctx context.Context, ref teams.Ref, activityID, reaction string) error
}

// reactionsRest is how long none is tried where Teams refused one for their number and did
// not say until when.
const reactionsRest = 5 * time.Second

// reactionsASecond is what Teams takes from a bot, over all conversations.
const reactionsASecond = 2

// React puts a reaction on a message, without waiting for it.
func (r *Reactor) React(ctx context.Context, ref teams.Ref, activityID, reaction string) {
	go r.ReactNow(context.WithoutCancel(ctx), ref, activityID, reaction)
}

// ReactNow is React that returns when it is done.
func (r *Reactor) ReactNow(ctx context.Context, ref teams.Ref, activityID, reaction string) {
	r.once.Do(func() { r.limit = rate.NewLimiter(reactionsASecond, reactionsASecond) })
	ctx, cancel := context.WithTimeout(ctx, sendWithin)
	defer cancel()
	if err := r.react(ctx, ref, activityID, reaction); err != nil {
		r.log().DebugContext(ctx, "reaction dropped", "err", err)
	}
}

func (r *Reactor) react(ctx context.Context, ref teams.Ref, activityID, reaction string) error {
	place := Channel(ref.ConversationID)
	if lacks, err := r.Store.Lacks(ctx, place, Reactions, r.now()); err != nil || lacks {
		return err
	}
	if now := r.now(); now.UnixMilli() < r.alone.Load() || !r.limit.AllowN(now, 1) {
		return errors.New("too many at once")
	}
	err := r.Teams.React(ctx, ref, activityID, reaction)
	var refused *teams.Error
	if !errors.As(err, &refused) {
		return err
	}
	switch refused.Status {
	case http.StatusTooManyRequests:
		r.alone.Store(r.now().Add(cmp.Or(refused.RetryAfter, reactionsRest)).UnixMilli())
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusMethodNotAllowed, http.StatusNotImplemented:
		return errors.Join(err, r.Store.KeepLack(ctx, Lack{place, Reactions, r.now().Add(lackFor)}))
	}
	return err
}

func (r *Reactor) now() time.Time {
	if r.Now != nil {
		return r.Now()
	}
	return time.Now()
}

func (r *Reactor) log() *slog.Logger {
	if r.Log != nil {
		return r.Log
	}
	return slog.Default()
}
