package teamstest

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
)

var errCut = errors.New("connection was cut")

// memory is a transport that calls the handler, without a network.
type memory struct{ handler http.Handler }

func (m memory) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		r.Body.Close()
	}
	in := httptest.NewRequestWithContext(r.Context(), r.Method, r.URL.String(), bytes.NewReader(body))
	in.Header, in.RemoteAddr = r.Header.Clone(), "127.0.0.1:50000"
	if r.Host != "" {
		in.Host = r.Host
	}
	if trace := httptrace.ContextClientTrace(r.Context()); trace != nil && trace.GotConn != nil {
		trace.GotConn(httptrace.GotConnInfo{})
	}
	answer := make(chan *http.Response, 1)
	go func() {
		defer close(answer)
		defer func() {
			if gone := recover(); gone != nil && gone != http.ErrAbortHandler {
				panic(gone)
			}
		}()
		w := httptest.NewRecorder()
		m.handler.ServeHTTP(w, in)
		answer <- w.Result()
	}()
	select {
	case <-r.Context().Done():
		return nil, r.Context().Err()
	case resp, ok := <-answer:
		if !ok {
			return nil, errCut
		}
		resp.Request = r
		return resp, nil
	}
}
