package outbox

import (
	"encoding/json"
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

// Window is what one conversation took lately. It belongs to the queue's row and is
// changed by the holder of the lease alone.
type Window struct {
	// Recent are the newest sends, in milliseconds, oldest first.
	Recent []int64 `json:"r,omitempty"`
	// Buckets counts older sends by the half minute that they lie in.
	Buckets []bucket `json:"h,omitempty"`
}

type bucket struct {
	At    int64 `json:"a"` // half minutes since 1970
	Count int   `json:"c"`
}

// Encode writes the window for its column, empty where nothing counts.
func (w Window) Encode() (string, error) {
	if len(w.Recent) == 0 && len(w.Buckets) == 0 {
		return "", nil
	}
	text, err := json.Marshal(w)
	return string(text), err
}

// DecodeWindow reads the column. One that cannot be read is of another release, and
// starts afresh.
func DecodeWindow(text string) Window {
	var w Window
	if text == "" || json.Unmarshal([]byte(text), &w) != nil {
		return Window{}
	}
	return w
}

// prune forgets what no window looks at, and follows a clock that was put back:
// nothing was sent in the future.
func (w *Window) prune(now time.Time) {
	ms := now.UnixMilli()
	longest := windows[len(windows)-1].span.Milliseconds()
	kept := make([]int64, 0, len(w.Recent))
	for _, at := range w.Recent {
		at = min(at, ms)
		if ms-at < longest {
			kept = append(kept, at)
			continue
		}
		w.count(at)
	}
	w.Recent = kept
	present, oldest := ms/bucketSpan.Milliseconds(), now.Add(-hourSpan-bucketSpan).UnixMilli()/bucketSpan.Milliseconds()
	for i := range w.Buckets {
		w.Buckets[i].At = min(w.Buckets[i].At, present)
	}
	w.Buckets = slices.DeleteFunc(w.Buckets, func(b bucket) bool { return b.At < oldest })
}

// Idle says that no limit looks at anything of the window at now.
func (w Window) Idle(now time.Time) bool {
	w.prune(now)
	return len(w.Recent) == 0 && len(w.Buckets) == 0
}

// free is the first instant, now or later, at which one more may be sent.
func (w *Window) free(now time.Time) time.Time {
	w.prune(now)
	at := now.UnixMilli()
	for _, limit := range windows {
		if n := len(w.Recent); n >= limit.most {
			at = max(at, w.Recent[n-limit.most]+limit.span.Milliseconds())
		}
	}
	sum := len(w.Recent)
	for _, b := range slices.Backward(w.Buckets) {
		if sum += b.Count; sum >= hourly {
			// A bucket counts until an hour after its end.
			at = max(at, (b.At+1)*bucketSpan.Milliseconds()+hourSpan.Milliseconds())
			break
		}
	}
	return time.UnixMilli(at).UTC()
}

// Add counts a request, from its answer on: that it may have reached Teams any time
// before makes the wait longer, never too short.
func (w *Window) Add(at time.Time) { w.Recent = append(w.Recent, at.UnixMilli()) }

// count puts a send that only the hourly window looks at into its half minute.
func (w *Window) count(ms int64) {
	key := ms / bucketSpan.Milliseconds()
	if n := len(w.Buckets); n > 0 && w.Buckets[n-1].At >= key {
		w.Buckets[n-1].Count++
		return
	}
	w.Buckets = append(w.Buckets, bucket{At: key, Count: 1})
}
