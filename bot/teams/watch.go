package teams

import (
	"context"
	"errors"
	"net/http"
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

// ClockAhead says how far this machine's clock is ahead of that of the service at an
// address, by the date of its answer, which has whole seconds; half of the round trip is
// taken off. It is 0 where the answer has no date.
func ClockAhead(ctx context.Context, address string) (time.Duration, error) {
	if err := CheckAddress(address); err != nil {
		return 0, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, err
	}
	began := time.Now()
	resp, err := NewClient().Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	theirs, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		return 0, nil
	}
	ours := began.Add(time.Since(began) / 2).Round(0)
	return ours.Sub(theirs), nil
}
