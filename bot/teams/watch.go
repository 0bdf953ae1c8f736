package teams

import (
	"errors"
	"strconv"
	"time"
)

// Until is when the bot's own token ends, zero where there is none.
func (t *Tokens) Until() time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.token == "" {
		return time.Time{}
	}
	return t.endsAt
}

// Loaded is when the signing keys were loaded, zero where they never were.
func (v *Verifier) Loaded() time.Time {
	v.keys.mu.Lock()
	defer v.keys.mu.Unlock()
	return v.keys.loaded
}

// answerOf is what came of a request, for metrics: "ok", the status, "none" where no
// answer came, and "sign-in" where the bot got no token to ask with.
func answerOf(err error) string {
	failed, signIn := (*Error)(nil), (*TokenError)(nil)
	switch {
	case err == nil:
		return "ok"
	case errors.As(err, &signIn):
		return "sign-in"
	case errors.As(err, &failed) && failed.Status != 0:
		return strconv.Itoa(failed.Status)
	}
	return "none"
}
