package teams

import (
	"errors"
	"net/http"
	"time"
)

// httpClient returns base, or a client of our own, that follows no redirect
// and gives up after ten seconds when base sets no limit.
func httpClient(base *http.Client) *http.Client {
	c := http.Client{}
	if base != nil {
		c = *base
	}
	if c.Timeout == 0 {
		c.Timeout = 10 * time.Second
	}
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return errRedirect }
	return &c
}

var errRedirect = errors.New("redirects are not followed")
