package notify

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// windows are what Teams takes from one bot in one conversation, a channel with
// all its threads being one (Microsoft, "Rate limiting for bots"): sends and
// updates together. Each is a little longer here than there, because a request
// may reach Teams later than the one before it did.
var windows = []struct {
	span time.Duration
	most int
}{
	{1250 * time.Millisecond, 7},
	{2500 * time.Millisecond, 8},
	{31 * time.Second, 60},
}

// hourly is the window of an hour, counted by half minutes.
const (
	hourly     = 1800
	hourSpan   = time.Hour
	bucketSpan = 30 * time.Second
)

// recent is how many instants are kept exactly: the most of windows.
const recent = 60

// rate is what one conversation took lately.
type rate struct {
	// Recent are the newest sends, in milliseconds, oldest first.
	Recent []int64 `json:"r,omitempty"`
	// Buckets counts sends by the half minute that they lie in.
	Buckets []bucket `json:"h,omitempty"`
	// Turn is when the last of those who wait may ask again, in milliseconds.
	Turn int64 `json:"t,omitempty"`
}

// sustained is the pace at which the windows open again and again. Threads of one
// channel that wait for it ask one after the other, not all at once.
const sustained = 500 * time.Millisecond

// turn says when somebody who found no place shall ask again. What is urgent asks
// as soon as there is a place.
func (r *rate) turn(now time.Time, urgent bool) time.Time {
	free := r.free(now)
	if urgent {
		return free
	}
	if r.Turn > now.Add(time.Hour).UnixMilli() { // the clock was put back
		r.Turn = 0
	}
	r.Turn = max(free.UnixMilli(), r.Turn+sustained.Milliseconds())
	return time.UnixMilli(r.Turn).UTC()
}

type bucket struct {
	At    int64 `json:"a"` // half minutes since 1970
	Count int   `json:"c"`
}

// settle forgets what no window looks at, and follows a clock that was put
// back: nothing was sent in the future, but for slots given out in advance.
func (r *rate) settle(now time.Time) {
	ms := now.UnixMilli()
	for i, at := range r.Recent {
		if at > now.Add(maxAhead).UnixMilli() {
			r.Recent[i] = ms
		}
	}
	slices.Sort(r.Recent)
	if n := len(r.Recent); n > recent {
		r.Recent = r.Recent[n-recent:]
	}
	present := ms / bucketSpan.Milliseconds()
	for i := range r.Buckets {
		r.Buckets[i].At = min(r.Buckets[i].At, present)
	}
	oldest := now.Add(-hourSpan-bucketSpan).UnixMilli() / bucketSpan.Milliseconds()
	r.Buckets = slices.DeleteFunc(r.Buckets, func(b bucket) bool { return b.At < oldest })
}

// free is the first instant, now or later, at which one more may be sent.
func (r *rate) free(now time.Time) time.Time {
	at := now.UnixMilli()
	for _, w := range windows {
		if n := len(r.Recent); n >= w.most {
			at = max(at, r.Recent[n-w.most]+w.span.Milliseconds())
		}
	}
	sum := 0
	for _, b := range slices.Backward(r.Buckets) {
		if sum += b.Count; sum >= hourly {
			// A bucket counts until an hour after its end.
			at = max(at, (b.At+1)*bucketSpan.Milliseconds()+hourSpan.Milliseconds())
			break
		}
	}
	return time.UnixMilli(at).UTC()
}

func (r *rate) add(at time.Time) {
	ms := at.UnixMilli()
	r.Recent = append(r.Recent, ms)
	slices.Sort(r.Recent)
	key := ms / bucketSpan.Milliseconds()
	if n := len(r.Buckets); n > 0 && r.Buckets[n-1].At >= key {
		r.Buckets[n-1].Count++
		return
	}
	r.Buckets = append(r.Buckets, bucket{At: key, Count: 1})
}

// pace is what one tenant took lately: requests leave it evenly spaced, so that
// no second of any length of burst has more than the rate.
type pace struct {
	// Next is the first instant that nobody has, in microseconds.
	Next int64 `json:"n"`
}

// maxAhead is more than any slot is given out in advance: what lies beyond it was
// written before the clock was put back.
const maxAhead = 5 * time.Second

// slotWait is how far ahead slots are given out.
const slotWait = 2 * time.Second

// ahead is how long the next slot is away; nothing where the clock was put back.
func (p *pace) ahead(now time.Time) time.Duration {
	away := time.UnixMicro(p.Next).Sub(now)
	if away > maxAhead {
		return 0
	}
	return max(away, 0)
}

// take gives the next slot, now or later. Slots lie a tenth further apart than
// the rate says, for requests that overtake each other on the way.
func (p *pace) take(now time.Time, rate int) time.Time {
	if rate <= 0 {
		return now
	}
	at, next := now.UnixMicro(), p.Next
	if next > now.Add(maxAhead).UnixMicro() {
		next = at
	}
	at = max(at, next)
	p.Next = at + 1_100_000/int64(rate)
	return time.UnixMicro(at).UTC()
}

// permit says when one request may go. Until Wait has passed none may, and
// nothing was taken.
type permit struct {
	Wait time.Duration
	// At is the slot that was taken, now or within moments.
	At time.Time
	// Next is when the conversation takes another one.
	Next time.Time
}

// permit takes a place in the windows of the conversation and in the rate of the
// tenant, for all replicas.
func (l *Lanes) permit(ctx context.Context, conversation, tenant string, urgent bool) (permit, error) {
	var given permit
	err := l.Store.Rates(ctx, []string{rateKey(conversation), "tenant " + tenant}, func(states [][]byte) error {
		now := l.now()
		var r rate
		var p pace
		// A state that cannot be read is one of another release: start afresh.
		_ = json.Unmarshal(states[0], &r)
		_ = json.Unmarshal(states[1], &p)
		r.settle(now)
		given = permit{}
		var err error
		if r.free(now).Sub(now) > 0 {
			given.Wait = r.turn(now, urgent).Sub(now) + time.Millisecond // instants are kept in whole ones
			states[0], err = json.Marshal(r)
			return err
		}
		if ahead := p.ahead(now); ahead > slotWait {
			given.Wait = ahead
			return nil
		}
		given.At = p.take(now, l.TenantRate)
		r.add(given.At)
		given.Next = r.free(given.At)
		if states[0], err = json.Marshal(r); err != nil {
			return err
		}
		states[1], err = json.Marshal(p)
		return err
	})
	if err != nil {
		return permit{}, fmt.Errorf("take a place in the rates of %s: %w", conversation, err)
	}
	return given, nil
}

func rateKey(conversation string) string { return "conversation " + channelOf(conversation) }

// Admit takes a place for an answer that is sent at once, past the lanes, so that
// the limits hold for both and for all replicas. When ok is false nothing was
// taken, and wait says when it is worth asking again; otherwise the answer may go
// after wait.
func (l *Lanes) Admit(ctx context.Context, conversation, tenant string) (wait time.Duration, ok bool, err error) {
	given, err := l.permit(ctx, conversation, tenant, true)
	if err != nil || given.Wait > 0 {
		return given.Wait, false, err
	}
	return max(given.At.Sub(l.now()), 0), true, nil
}

// sentLate corrects the windows for a request that took long to reach Teams:
// they count from its answer, not from its start.
func (l *Lanes) sentLate(ctx context.Context, conversation string, started, ended time.Time) error {
	return l.Store.Rates(ctx, []string{rateKey(conversation)}, func(states [][]byte) error {
		var r rate
		_ = json.Unmarshal(states[0], &r) // one of another release: start afresh
		if i := slices.Index(r.Recent, started.UnixMilli()); i >= 0 {
			r.Recent = slices.Delete(r.Recent, i, i+1)
			r.Recent = append(r.Recent, ended.UnixMilli())
			slices.Sort(r.Recent)
		}
		var err error
		states[0], err = json.Marshal(r)
		return err
	})
}
