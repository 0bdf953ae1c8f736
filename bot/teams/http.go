package teams

import (
	"errors"
	"net/http"
	"time"
)

// httpClient returns base, or a client of our own, that follows no redirect
// and gives up after ten seconds when base sets no limit.
func httpClient(base *http.Client) *http.Client {
	c := http.Client{Transport: transport}
	if base != nil {
		c = *base
	}
	if c.Timeout == 0 {
		c.Timeout = 10 * time.Second
	}
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return errRedirect }
	return &c
}

// NewClient is a client of our own, for whoever else asks an address that was configured:
// it follows no redirect and gives up after ten seconds.
func NewClient() *http.Client { return httpClient(nil) }

// transport keeps more connections to one host than Go's default of two: all
// conversations share the connector's.
var transport = func() http.RoundTripper {
	standard, ok := http.DefaultTransport.(*http.Transport)
	if !ok { // somebody replaced it, and means it
		return http.DefaultTransport
	}
	t := standard.Clone()
	t.MaxIdleConnsPerHost = 32
	return t
}()

var errRedirect = errors.New("redirects are not followed")
