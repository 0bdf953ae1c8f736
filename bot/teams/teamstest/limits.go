package teamstest

import (
	"fmt"
	"net/http"
	"slices"
	"time"
)

// window is how many requests may come within a time.
type window struct {
	most int
	per  time.Duration
}

var (
	sendWindows   = []window{{7, time.Second}, {8, 2 * time.Second}, {60, 30 * time.Second}, {1800, time.Hour}}
	memberWindows = []window{{14, time.Second}, {16, 2 * time.Second}, {120, 30 * time.Second}, {3600, time.Hour}}
	tenantWindow  = []window{{50, time.Second}}
)

// limit counts a request against the limits of its conversation and tenant.
// Updates and deletes count as sends. A refused request does not count.
func (t *Teams) limit(q *request) *refusal {
	key, windows := "send "+q.channel, sendWindows
	switch q.Op {
	case "create":
		key = "create " + q.Conversation
	case "member", "members":
		key, windows = "members "+q.channel, memberWindows
	}
	tenant := "tenant"
	if c, ok := t.conversations[q.channel]; ok {
		tenant = "tenant " + c.tenant
	}
	for _, l := range []struct {
		key     string
		windows []window
	}{{key, windows}, {tenant, tenantWindow}} {
		w, over := t.over(l.key, l.windows)
		if !over {
			continue
		}
		t.violations = append(t.violations, fmt.Sprintf("%s: more than %d in %s", l.key, w.most, w.per))
		if t.enforce {
			no := refuse(http.StatusTooManyRequests, "Throttled", "API calls quota exceeded")
			no.after = fmt.Sprint(max(1, int(w.per.Seconds())))
			return no
		}
	}
	now := t.now()
	t.windows[key] = append(t.windows[key], now)
	t.windows[tenant] = append(t.windows[tenant], now)
	return nil
}

func (t *Teams) over(key string, windows []window) (window, bool) {
	now := t.now()
	longest := windows[len(windows)-1].per
	t.windows[key] = slices.DeleteFunc(t.windows[key], func(at time.Time) bool { return now.Sub(at) >= longest })
	for _, w := range windows {
		count := 0
		for _, at := range t.windows[key] {
			if now.Sub(at) < w.per {
				count++
			}
		}
		if count >= w.most {
			return w, true
		}
	}
	return window{}, false
}

// Violations returns each time that a limit of Teams was passed.
func (t *Teams) Violations() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.violations)
}
