package bot

import (
	"net/http"
	"sync"

	"golang.org/x/time/rate"
)

// Links are followed by hand, so a few a second for a whole desk are many. What comes
// faster tries out numbers.
const (
	linksASecond = 10
	linksAtOnce  = 40
)

// linkLimit bounds how often links are followed.
type linkLimit struct {
	once    sync.Once
	limiter *rate.Limiter
}

func (l *linkLimit) allow() bool {
	l.once.Do(func() { l.limiter = rate.NewLimiter(linksASecond, linksAtOnce) })
	return l.limiter.Allow()
}

// link answers a link to a request that is opened in a browser: it leads to the
// person's own chat with the bot, where Teams knows who they are. The request is not
// looked for, so nobody learns from the answer whether there is one.
func (s *Server) link(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	if !s.links.allow() {
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(http.StatusTooManyRequests)
		return
	}
	w.Header().Set("Referrer-Policy", "no-referrer")
	http.Redirect(w, r, s.Chat, http.StatusFound)
}
