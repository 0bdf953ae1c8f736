package graph

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
)

// Tokens gives the app's token for Graph; *teams.Tokens is the real one.
type Tokens interface {
	Token(ctx context.Context) (string, error)
	// Drop forgets a token that was refused.
	Drop(token string)
}

// Client reads from Microsoft Graph, app-only. Use it by pointer; one goroutine at a time.
type Client struct {
	// URL is Graph's address without a path, such as https://graph.microsoft.com.
	URL    string
	Tokens Tokens
	HTTP   *http.Client                                        // nil is a client of our own
	Now    func() time.Time                                    // nil is time.Now
	Wait   func(ctx context.Context, span time.Duration) error // nil waits by the clock
	Log    *slog.Logger                                        // nil is slog.Default
}

const (
	// callLimit is how long one call may take, connectLimit how long its connection.
	callLimit    = 30 * time.Second
	connectLimit = 10 * time.Second
	// pageLimit is how many bytes a page may have, pagesLimit how many pages a list.
	pageLimit  = 8 << 20
	pagesLimit = 10_000
	// tries is how often a call is made that fails for reasons that may pass.
	tries = 5
	// patience is the longest Retry-After that is waited for.
	patience = 5 * time.Minute
)

// Error is what Graph answered instead of what was asked for, in words for operators. It
// never holds a query, a token or a body.
type Error struct {
	Path   string
	Status int    // 0 when no answer came
	Code   string // Graph's
	// RequestID is what Microsoft's support asks for.
	RequestID string
	// RetryAfter is how long Graph wants to be left alone.
	RetryAfter time.Duration
	Err        error
}

func (e *Error) Error() string {
	text := "Microsoft Graph " + e.Path
	if e.Status != 0 {
		text += ": status " + strconv.Itoa(e.Status)
	}
	if e.Code != "" {
		text += " " + e.Code
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	if e.RetryAfter > patience {
		text += ": it wants to be left alone for " + e.RetryAfter.String()
	}
	if e.RequestID != "" {
		text += " (request-id " + e.RequestID + ")"
	}
	return text
}

func (e *Error) Unwrap() error { return e.Err }

// Forbidden says whether the app lacks a permission, or the consent to it.
func Forbidden(err error) bool {
	e := (*Error)(nil)
	return errors.As(err, &e) && e.Status == http.StatusForbidden
}

// NotOffered says whether this cloud's Graph does not know the list.
func NotOffered(err error) bool {
	e := (*Error)(nil)
	return errors.As(err, &e) && e.Status == http.StatusNotFound
}

// passes says whether another try may go better.
func (e *Error) passes() bool {
	switch e.Status {
	case 0, http.StatusOK, http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway,
		http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// list reads a list page by page. each gets the entries of a page and may end the reading
// with an error. What was handed on before an error is what there was.
func list[T any](ctx context.Context, c *Client, first string, each func([]T) error) error {
	at, err := url.Parse(c.URL + first)
	if err != nil {
		return fmt.Errorf("address of Microsoft Graph: %w", err)
	}
	origin := *at
	seen := map[string]bool{}
	for range pagesLimit {
		var page struct {
			Value *[]T   `json:"value"`
			Next  string `json:"@odata.nextLink"`
		}
		if err := c.get(ctx, at, &page); err != nil {
			return err
		}
		if page.Value == nil {
			return &Error{Path: at.Path, Err: errors.New("the answer holds no list")}
		}
		if err := each(*page.Value); err != nil {
			return err
		}
		if page.Next == "" {
			return nil
		}
		next, err := url.Parse(page.Next)
		switch {
		case err != nil || next.Scheme != origin.Scheme || next.Host != origin.Host:
			return &Error{Path: at.Path, Err: errors.New("the next page is at another address")}
		case seen[page.Next]:
			return &Error{Path: at.Path, Err: errors.New("the next page is one that was read before")}
		}
		seen[page.Next], at = true, next
	}
	return &Error{Path: origin.Path, Err: fmt.Errorf("the list has more than %d pages", pagesLimit)}
}

// get reads one answer, trying again as Graph wants it.
func (c *Client) get(ctx context.Context, at *url.URL, into any) error {
	renewed := false
	for try := 1; ; try++ {
		token, err := c.Tokens.Token(ctx)
		if err != nil {
			return fmt.Errorf("sign in for Microsoft Graph: %w", err)
		}
		failed := c.call(ctx, at, token, into)
		if failed == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		// A permission that was given just now is not in a token from before.
		refused := failed.Status == http.StatusUnauthorized || failed.Status == http.StatusForbidden
		if refused && !renewed {
			renewed = true
			c.Tokens.Drop(token)
			continue
		}
		if !failed.passes() || try >= tries || failed.RetryAfter > patience {
			return failed
		}
		wait := cmp.Or(failed.RetryAfter, backoff(try))
		c.log().InfoContext(ctx, "Microsoft Graph is asked again", "path", at.Path, "status", failed.Status, "code", failed.Code,
			"request", failed.RequestID, "wait", wait)
		if err := c.wait(ctx, wait); err != nil {
			return err
		}
	}
}

// backoff is 1, 2, 4, 8 seconds, each up to a quarter longer.
func backoff(try int) time.Duration {
	span := time.Second << (try - 1)
	more, err := rand.Int(rand.Reader, big.NewInt(int64(span/4)))
	if err != nil {
		return span
	}
	return span + time.Duration(more.Int64())
}

func (c *Client) call(ctx context.Context, at *url.URL, token string, into any) *Error {
	ctx, span := tracer.Start(ctx, "graph", trace.WithSpanKind(trace.SpanKindClient))
	defer span.End()
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	failed := &Error{Path: at.Path}
	defer func() { span.SetAttributes(attribute.Int("http.response.status_code", failed.Status)) }()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), nil)
	if err != nil {
		failed.Err = err
		return failed
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "onbehalf")
	req.Header.Set("client-request-id", uuid.NewString())
	resp, err := c.client().Do(req)
	if err != nil {
		failed.Err = plain(err)
		return failed
	}
	defer resp.Body.Close()
	failed.Status, failed.RequestID = resp.StatusCode, resp.Header.Get("request-id")
	body, err := io.ReadAll(io.LimitReader(resp.Body, pageLimit+1))
	switch {
	case err != nil:
		failed.Err = plain(err)
		return failed
	case len(body) > pageLimit:
		failed.Err = errors.New("the answer is too long")
		return failed
	case resp.StatusCode != http.StatusOK:
		failed.Code, failed.RetryAfter = codeOf(body), retryAfter(resp.Header.Get("Retry-After"), c.now())
		return failed
	}
	if err := json.Unmarshal(body, into); err != nil {
		failed.Err = errors.New("the answer cannot be read")
		return failed
	}
	return nil
}

// plain is an error of the network without the address, which may hold a query.
func plain(err error) error {
	if asked := (*url.Error)(nil); errors.As(err, &asked) {
		return asked.Err
	}
	return err
}

// codeOf is the code of Graph's error, empty for what a gateway wrote.
func codeOf(body []byte) string {
	var answer struct {
		Error struct {
			Code string `json:"code"`
		} `json:"error"`
	}
	if json.Unmarshal(body, &answer) != nil {
		return ""
	}
	return strings.Map(func(r rune) rune {
		if r == '_' || r == '.' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
			return r
		}
		return -1
	}, answer.Error.Code)
}

// retryAfter reads seconds or a date of HTTP; 0 for none.
func retryAfter(value string, now time.Time) time.Duration {
	if seconds, err := strconv.Atoi(strings.TrimSpace(value)); err == nil {
		return max(0, time.Duration(seconds)*time.Second)
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}

func (c *Client) now() time.Time {
	if c.Now != nil {
		return c.Now()
	}
	return time.Now()
}

func (c *Client) log() *slog.Logger {
	if c.Log != nil {
		return c.Log
	}
	return slog.Default()
}

func (c *Client) wait(ctx context.Context, span time.Duration) error {
	if c.Wait != nil {
		return c.Wait(ctx, span)
	}
	timer := time.NewTimer(span)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (c *Client) client() *http.Client {
	if c.HTTP != nil {
		return c.HTTP
	}
	return standard
}

// standard follows no redirect.
var standard = &http.Client{
	Transport: &http.Transport{
		Proxy: http.ProxyFromEnvironment, DialContext: (&net.Dialer{Timeout: connectLimit}).DialContext,
		TLSHandshakeTimeout: connectLimit, ForceAttemptHTTP2: true, IdleConnTimeout: time.Minute,
	},
	CheckRedirect: func(*http.Request, []*http.Request) error { return errors.New("redirects are not followed") },
}

// expired says whether a list has to be begun anew because its next page is not kept any
// more.
func expired(err error) bool {
	e := (*Error)(nil)
	return errors.As(err, &e) && strings.EqualFold(e.Code, "Directory_ExpiredPageToken")
}
