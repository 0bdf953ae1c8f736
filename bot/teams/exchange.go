package teams

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

var tracer = otel.Tracer("onbehalf/bot/teams")

const userAgent = "onbehalf"

// do performs a call: checks where the token would go, gets one, and asks once
// more with a fresh one when it is refused.
func (c *Connector) do(ctx context.Context, r call, into any) error {
	address, err := r.address()
	if err != nil {
		return fmt.Errorf("%s: %w", r.op, err)
	}
	if err := c.Hosts.Allowed(r.service); err != nil {
		return fmt.Errorf("%s: %w", r.op, err)
	}
	refusedToken, err := c.timed(ctx, r, address, into)
	if refusedToken != "" {
		c.Tokens.Drop(refusedToken)
		_, err = c.timed(ctx, r, address, into)
	}
	return err
}

// timed is attempt, told to Answered.
func (c *Connector) timed(ctx context.Context, r call, address string, into any) (refusedToken string, err error) {
	ctx, span := tracer.Start(ctx, "teams "+r.op, trace.WithSpanKind(trace.SpanKindClient))
	defer span.End()
	began := time.Now()
	refusedToken, err = c.attempt(ctx, r, address, into)
	answer := answerOf(err)
	if c.Answered != nil {
		c.Answered(r.op, answer, time.Since(began))
	}
	span.SetAttributes(attribute.String("onbehalf.answer", answer))
	if err != nil {
		span.SetStatus(codes.Error, "")
	}
	return refusedToken, err
}

// attempt is one request. When the token was refused it returns that token.
func (c *Connector) attempt(ctx context.Context, r call, address string, into any) (refusedToken string, err error) {
	token := ""
	if c.Tokens != nil {
		if token, err = c.Tokens.Token(ctx); err != nil {
			return "", signInError(r.op, err)
		}
	}
	connected := new(atomic.Bool)
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connected.Store(true) }})
	req, err := http.NewRequestWithContext(ctx, r.method, address, bytes.NewReader(r.body))
	if err != nil {
		return "", fmt.Errorf("%s: %w", r.op, err)
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", userAgent)
	if r.body != nil {
		req.Header.Set("Content-Type", "application/json; charset=utf-8")
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := httpClient(c.Client).Do(req)
	if err != nil {
		// Before there was a connection nothing can have been delivered.
		return "", &Error{Op: r.op, Err: err, Ambiguous: r.method == http.MethodPost && connected.Load()}
	}
	defer resp.Body.Close()
	body, readErr := io.ReadAll(io.LimitReader(resp.Body, documentLimit))
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		e := errorOf(resp, body, c.now())
		e.Op, e.Ambiguous = r.op, r.method == http.MethodPost && e.ambiguousStatus()
		if resp.StatusCode == http.StatusUnauthorized {
			return token, e
		}
		return "", e
	}
	if into == nil {
		return "", nil
	}
	if r.method == http.MethodPost {
		// It is accepted, whatever became of the answer: without an id the
		// message cannot be updated, but sending it again would double it.
		_ = json.Unmarshal(body, into)
		return "", nil
	}
	if readErr == nil {
		readErr = json.Unmarshal(body, into)
	}
	if readErr != nil {
		return "", &Error{Op: r.op, Status: resp.StatusCode, Err: readErr}
	}
	return "", nil
}
