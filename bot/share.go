package bot

import (
	"context"
	"math"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"onbehalf/bot/teams"
)

// Share is how much of the bot one sender may take, so that nobody is kept waiting by
// somebody else's client that has gone mad.
type Share struct {
	// AtOnce are turns that may run at the same time and do not count: who waits for each
	// answer keeps nobody waiting, however quick they are.
	AtOnce int
	// Of those that count, Burst may come together, and Rate a second over a longer time.
	Burst int
	Rate  float64
	// Rest is how long a sender who has taken more is turned away.
	Rest time.Duration
}

// Shares are the limits of senders. Each process has its own; the zero value limits
// nobody.
type Shares struct {
	// Person is the share of one person. A client that shows a channel anew asks for
	// each card that it sees, so a burst is no sign of trouble.
	Person Share
	// Tenant is the share of one of the partner's tenants, where there are several.
	Tenant Share
	// Stranger is the share in refused tokens of one network address; who has a good
	// token is never counted.
	Stranger Share

	mu      sync.Mutex
	senders map[string]*sender
}

// DefaultShares are generous to people: what they stop is a program that sends without
// waiting for answers.
func DefaultShares() *Shares {
	return &Shares{
		Person:   Share{AtOnce: 4, Burst: 300, Rate: 10, Rest: 5 * time.Second},
		Tenant:   Share{AtOnce: 64, Burst: 2000, Rate: 100, Rest: 2 * time.Second},
		Stranger: Share{Burst: 1000, Rate: 2, Rest: 30 * time.Second},
	}
}

// sender is what is remembered of one.
type sender struct {
	limit   *rate.Limiter
	running int
	rests   time.Time // until then everything is refused
	told    time.Time // when it was last said in the conversation
}

const (
	// sendersKept bounds the memory; beyond it those who are at rest are forgotten,
	// and where that is not enough everybody.
	sendersKept = 10_000
	// tellEvery is how often somebody is told in the conversation that they wait.
	tellEvery = time.Minute
)

// take begins one turn of a sender and says how long the sender has to wait first, nothing
// where the share has something left. done ends the turn.
func (s *Shares) take(share Share, key string, now time.Time) (wait time.Duration, done func()) {
	if s == nil || share.Burst == 0 {
		return 0, func() {}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	who := s.senders[key]
	if who == nil {
		s.forget(now)
		who = &sender{limit: rate.NewLimiter(rate.Limit(share.Rate), share.Burst)}
		s.senders[key] = who
	}
	if wait = who.rests.Sub(now); wait > 0 && wait <= share.Rest { // more is a clock that was put back
		return wait, func() {}
	}
	if who.running >= share.AtOnce && !who.limit.AllowN(now, 1) {
		who.rests = now.Add(share.Rest)
		return share.Rest, func() {}
	}
	who.running++
	return 0, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		who.running--
	}
}

// tell says whether a sender is to be told now that they wait, at most once a minute.
func (s *Shares) tell(key string, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	who := s.senders[key]
	if who == nil || now.Sub(who.told).Abs() < tellEvery {
		return false
	}
	who.told = now
	return true
}

// forget makes room for one more sender.
func (s *Shares) forget(now time.Time) {
	if s.senders == nil {
		s.senders = map[string]*sender{}
	}
	if len(s.senders) < sendersKept {
		return
	}
	for key, who := range s.senders {
		if who.running == 0 && now.After(who.rests) && now.Sub(who.told) >= tellEvery && who.limit.TokensAt(now) >= float64(who.limit.Burst()) {
			delete(s.senders, key)
		}
	}
	if len(s.senders) >= sendersKept {
		clear(s.senders)
	}
}

// overShare says how long the sender of an activity has to wait, nothing where person
// and tenant have something of their shares left; done ends the turn then.
func (s *Server) overShare(a *teams.Activity) (wait time.Duration, done func()) {
	if s.Shares == nil || a.Type != teams.TypeMessage && a.Type != teams.TypeInvoke {
		return 0, func() {}
	}
	now := s.now()
	wait, person := s.Shares.take(s.Shares.Person, personKey(a), now)
	if wait > 0 {
		s.Metrics.turnedAway("person")
		return wait, person
	}
	if len(s.Tenants) < 2 {
		return 0, person
	}
	wait, tenant := s.Shares.take(s.Shares.Tenant, "tenant "+a.Ref().TenantID, now)
	if wait > 0 {
		s.Metrics.turnedAway("tenant")
	}
	return wait, func() { person(); tenant() }
}

func personKey(a *teams.Activity) string { return "person " + personOf(a.From).ID }

// tooFast answers somebody who is over a share: an invoke by the message of its kind, a
// message by one line at most once a minute. Nothing else of it is done or kept.
func (s *Server) tooFast(ctx context.Context, a *teams.Activity, wait time.Duration) outcome {
	sentence := s.newTurn(a).Words.T("turn.too_fast", "count", seconds(wait))
	var answer teams.InvokeResponse
	switch {
	case a.Type == teams.TypeMessage && !s.Shares.tell(personKey(a), s.now()):
		return status(http.StatusOK)
	case a.Type == teams.TypeInvoke && a.Name == teams.InvokeCardAction:
		answer = teams.MessageAnswer(sentence)
	case a.Type == teams.TypeInvoke && a.Name == teams.InvokeSearch:
		answer = teams.SearchAnswer(nil) // a list of choices has no place for a sentence
	default:
		told := s.fault(ctx, a, sentence)
		told.Status = http.StatusOK
		return told
	}
	body, err := answer.Encode()
	if err != nil {
		s.log().ErrorContext(ctx, "answer cannot be written", "activity", a.ID, "err", err)
		return status(http.StatusOK)
	}
	return outcome{StoredAnswer: StoredAnswer{Status: answer.Status, Body: body}}
}

// seconds are those to wait, never too few.
func seconds(wait time.Duration) int { return int(math.Ceil(wait.Seconds())) }

// refuseStranger turns a request with a bad token away, by 429 where its network address
// has sent too many of them.
func (s *Server) refuseStranger(r *http.Request, err error) outcome {
	done := s.refuseFor(r, err)
	if done.Status != http.StatusUnauthorized || s.Shares == nil {
		return done
	}
	key, now := "address "+network(r.RemoteAddr), s.now()
	wait, counted := s.Shares.take(s.Shares.Stranger, key, now)
	counted()
	if wait == 0 {
		return done
	}
	s.Metrics.turnedAway("address")
	if s.Shares.tell(key, now) {
		s.log().WarnContext(r.Context(), "many requests with bad tokens", "remote", r.RemoteAddr)
	}
	done = status(http.StatusTooManyRequests)
	done.retryAfter = strconv.Itoa(seconds(wait))
	return done
}

// network is the part of a remote address that one sender has: of IPv6 the first half.
func network(remote string) string {
	at, err := netip.ParseAddrPort(remote)
	if err != nil {
		return remote
	}
	address := at.Addr().Unmap()
	if prefix, err := address.Prefix(64); address.Is6() && err == nil {
		return prefix.String()
	}
	return address.String()
}
