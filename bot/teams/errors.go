package teams

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Error is a call that the connector did not do, or may not have done.
type Error struct {
	Op         string
	Status     int    // 0 when no answer came
	Code       string // such as ConversationNotFound; empty when the body said none
	SubCode    string
	Message    string
	RetryAfter time.Duration // 0 when Teams did not say
	Ambiguous  bool          // a message that may have been delivered all the same
	Err        error         // of the network, or of the sign-in
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("teams " + e.Op)
	if e.Status != 0 {
		fmt.Fprintf(&b, ": status %d", e.Status)
	}
	for _, s := range []string{e.Code, e.SubCode, e.Message} {
		if s != "" {
			b.WriteString(" " + s)
		}
	}
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	return b.String()
}

func (e *Error) Unwrap() error { return e.Err }

// Retryable reports that the same call may succeed later, after RetryAfter or
// with growing pauses: 412, 429, 502, 503, 504, and no answer. A 500 is not
// among them. Of messages, Ambiguous ones may then stand twice.
func (e *Error) Retryable() bool {
	if e.Status == 0 {
		if signIn := (*TokenError)(nil); errors.As(e.Err, &signIn) {
			return signIn.Temporary()
		}
		return !errors.Is(e.Err, errRedirect)
	}
	switch e.Status {
	case http.StatusPreconditionFailed, http.StatusTooManyRequests:
		return true
	}
	return e.ambiguousStatus()
}

func (e *Error) ambiguousStatus() bool {
	switch e.Status {
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return e.Status >= 200 && e.Status <= 299
}

// Final reports that nothing can be said in this conversation until something
// comes from there: 403 and 404, but for the cases that Gone, WrongHost and
// MemberMissing tell apart. ConversationGone is final too, except that a
// personal conversation may be created again once.
func (e *Error) Final() bool {
	return (e.Status == http.StatusForbidden || e.Status == http.StatusNotFound) && !e.Gone() && !e.WrongHost() && !e.MemberMissing()
}

// Gone reports that the message to update does not exist any more; a new one
// can be sent.
func (e *Error) Gone() bool {
	return e.Status == http.StatusNotFound && (e.Code == "ActivityNotFoundInConversation" || e.Code == "TARGETED_MESSAGE_EXPIRED_OR_DELETED")
}

// ConversationGone reports that the conversation does not exist. A personal
// one whose person cleared the history can be created again.
func (e *Error) ConversationGone() bool {
	return e.Status == http.StatusNotFound && e.Code == "ConversationNotFound"
}

// MemberMissing reports that the person is not in the conversation.
func (e *Error) MemberMissing() bool {
	return e.Status == http.StatusNotFound && e.Op == "member" && e.Code != "ConversationNotFound"
}

// WrongHost reports that the conversation lives at GCCServiceURL: store that
// and try once more.
func (e *Error) WrongHost() bool {
	return e.Status == http.StatusForbidden && e.Code == "InvalidBotApiHost"
}

// NotInstalled reports that the bot is not in the conversation (any more).
func (e *Error) NotInstalled() bool {
	return e.Status == http.StatusForbidden && e.Code == "BotNotInConversationRoster"
}

// Blocked reports that the person, or an administrator, does not want the bot
// to write.
func (e *Error) Blocked() bool {
	return e.Status == http.StatusForbidden && (e.Code == "BotDisabledByAdmin" || e.Code == "ConversationBlockedByUser")
}

// NeedsOperator reports what only the operator can mend: a refused
// registration, missing permissions, a failed sign-in.
func (e *Error) NeedsOperator() bool {
	if signIn := (*TokenError)(nil); errors.As(e.Err, &signIn) {
		return !signIn.Temporary()
	}
	return e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden && e.Code == "NotEnoughPermissions"
}

// errorOf reads an answer that is not a success. The body comes in two shapes,
// or in none.
func errorOf(resp *http.Response, body []byte, now time.Time) *Error {
	e := &Error{Status: resp.StatusCode, RetryAfter: retryAfter(resp.Header, now)}
	answer, err := takeApart(body)
	if err != nil {
		return e
	}
	if inner, err := takeApart(answer["error"]); err == nil {
		e.Code, e.Message = inner.text("code"), cut(inner.text("message"), 300)
		return e
	}
	e.Code, e.Message = Values(answer).String("errorCode"), answer.text("message")
	if inner, err := takeApart([]byte(e.Message)); err == nil { // JSON in a string
		e.SubCode, e.Message = inner.text("subCode"), ""
	}
	if e.SubCode == "MessageWritesBlocked" {
		e.Code = "ConversationBlockedByUser"
	}
	e.Message = cut(e.Message, 300)
	return e
}

// signInError is a call that was never made, because the bot has no token.
func signInError(op string, err error) *Error {
	e := &Error{Op: op, Err: err}
	if signIn := (*TokenError)(nil); errors.As(err, &signIn) {
		e.RetryAfter = signIn.RetryAfter
	}
	return e
}

// maxRetryAfter bounds what a service can ask for.
const maxRetryAfter = time.Hour

// retryAfter reads the header in either form, seconds or a date (RFC 9110
// 10.2.3).
func retryAfter(h http.Header, now time.Time) time.Duration {
	value := strings.TrimSpace(h.Get("Retry-After"))
	var wait time.Duration
	if seconds, err := strconv.ParseFloat(value, 64); err == nil && seconds < 1e9 {
		wait = time.Duration(seconds * float64(time.Second))
	} else if at, err := http.ParseTime(value); err == nil {
		wait = at.Sub(now)
	}
	return min(max(wait, 0), maxRetryAfter)
}
