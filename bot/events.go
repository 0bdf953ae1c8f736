package bot

import (
	"errors"
	"net/http"

	"onbehalf/bot/partnercenter"
	"onbehalf/bot/teams"
)

// Events takes events of Partner Center; *partnercenter.Receiver is the real one.
type Events interface {
	// Take takes a request; a *partnercenter.Refused says what is wrong with it. After any
	// other error nothing was kept.
	Take(r *http.Request) error
}

// partnerEvent answers Partner Center by the status alone, which it tells from: what was
// not 200 comes again. Who sends bad signatures is a stranger like one with bad tokens.
func (s *Server) partnerEvent(w http.ResponseWriter, r *http.Request) {
	done := status(http.StatusOK)
	err := s.Events.Take(r)
	refused := (*partnercenter.Refused)(nil)
	switch {
	case errors.As(err, &refused):
		done = s.refuseStranger(r, &teams.AuthError{Status: refused.Status, Reason: refused.Reason})
	case err != nil:
		s.log().ErrorContext(r.Context(), "an event of Partner Center was not kept", "err", err)
		done = status(http.StatusServiceUnavailable)
	}
	if done.retryAfter != "" {
		w.Header().Set("Retry-After", done.retryAfter)
	}
	w.WriteHeader(done.Status)
}
