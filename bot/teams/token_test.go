package teams_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"onbehalf/bot/teams"
	"onbehalf/bot/teams/teamstest"
)

func TestTokenIsKeptUntilItsMargin(t *testing.T) {
	for _, c := range []struct{ lifetime, kept time.Duration }{
		{time.Hour, 55 * time.Minute},
		{10 * time.Minute, 5 * time.Minute},
		{4 * time.Minute, 2 * time.Minute},
		{2 * time.Second, time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			fake := teamstest.New(t, teamstest.InMemory())
			fake.TokenLifetime(c.lifetime)
			tokens := fake.Tokens()
			first := token(t, tokens)
			time.Sleep(c.kept - time.Nanosecond)
			token(t, tokens)
			synctest.Wait()
			if token(t, tokens) != first {
				t.Errorf("%s: not kept for %s", c.lifetime, c.kept)
			}
			time.Sleep(time.Nanosecond)
			token(t, tokens) // the first still, or the next where little is left of it
			synctest.Wait()
			if token(t, tokens) == first {
				t.Errorf("%s: kept longer than %s", c.lifetime, c.kept)
			}
		})
	}
}

func token(t *testing.T, tokens *teams.Tokens) string {
	t.Helper()
	token, err := tokens.Token(t.Context())
	if err != nil || token == "" {
		t.Fatalf("token %q, %v", token, err)
	}
	return token
}

func TestSignInFailuresAreToldApart(t *testing.T) {
	entra := func(code, text string) string {
		return `{"error":"invalid_client","error_description":"AADSTS` + code + `: ` + text + `","error_codes":[` + code + `]}`
	}
	for what, c := range map[string]struct {
		fault     teamstest.Fault
		code      string
		advice    string
		temporary bool
	}{
		"wrong secret":    {teamstest.Fault{Status: 401, Body: entra("7000215", "Invalid client secret")}, "AADSTS7000215", "MICROSOFT_APP_PASSWORD", false},
		"expired secret":  {teamstest.Fault{Status: 401, Body: entra("7000222", "expired")}, "AADSTS7000222", "expired", false},
		"wrong tenant":    {teamstest.Fault{Status: 400, Body: entra("700016", "not found")}, "AADSTS700016", "MICROSOFT_APP_TYPE", false},
		"no such tenant":  {teamstest.Fault{Status: 400, Body: entra("90002", "not found")}, "AADSTS90002", "MICROSOFT_APP_TENANT_ID", false},
		"only the number": {teamstest.Fault{Status: 400, Body: `{"error":"invalid_client","error_codes":[7000222]}`}, "AADSTS7000222", "expired", false},
		"unknown code":    {teamstest.Fault{Status: 400, Body: entra("1", "x")}, "AADSTS1", "", false},
		"throttled":       {teamstest.Fault{Status: 429, RetryAfter: "7"}, "", "", true},
		"server error":    {teamstest.Fault{Status: 500, Body: "oops"}, "", "", true},
		"empty token":     {teamstest.Fault{Status: 200, Body: `{"access_token":"","expires_in":3600}`}, "", "", true},
		"no token":        {teamstest.Fault{Status: 200, Body: `{}`}, "", "", true},
		"garbage":         {teamstest.Fault{Status: 200, Body: `<html>`}, "", "", true},
		"cut":             {teamstest.Fault{CutBefore: true}, "", "", true},
		"redirect":        {teamstest.Fault{Status: 302, Location: "https://evil.example/"}, "", "", true},
	} {
		time0 := newClock()
		fake := teamstest.New(t, teamstest.WithClock(time0.Now))
		c.fault.Op = "token"
		fake.Fault(c.fault)
		tokens := fake.Tokens()
		_, err := tokens.Token(t.Context())
		var failure *teams.TokenError
		if !errors.As(err, &failure) {
			t.Errorf("%s: %v", what, err)
			continue
		}
		if failure.Code != c.code || !strings.Contains(failure.Advice, c.advice) || failure.Temporary() != c.temporary {
			t.Errorf("%s: %+v", what, failure)
		}
		if strings.Contains(err.Error(), teamstest.Password) {
			t.Errorf("%s: the error tells the password", what)
		}
		time0.Advance(7 * time.Second) // as long as the longest of them is remembered
		if good := token(t, tokens); good == "" {
			t.Errorf("%s: no token after it passed", what)
		}
		if what == "throttled" && failure.RetryAfter != 7*time.Second {
			t.Errorf("retry after %s", failure.RetryAfter)
		}
	}
}

func TestRealSignInMistakes(t *testing.T) {
	fake := teamstest.New(t)
	for code, change := range map[string]func(*teams.Tokens){
		"AADSTS7000215": func(s *teams.Tokens) { s.Credential = teams.Secret("wrong") },
		"AADSTS700016": func(s *teams.Tokens) {
			s.LoginURL = strings.Replace(s.LoginURL, teamstest.Tenant, "botframework.com", 1)
		},
		"AADSTS1002012": func(s *teams.Tokens) { s.Scope = "https://graph.microsoft.com/.default" },
	} {
		tokens := fake.Tokens()
		change(tokens)
		_, err := tokens.Token(t.Context())
		var failure *teams.TokenError
		if !errors.As(err, &failure) || failure.Code != code {
			t.Errorf("%s: %v", code, err)
		}
	}
}

func TestSignInThatCannotBeReached(t *testing.T) {
	fake := teamstest.New(t)
	for _, address := range []string{"http://127.0.0.1:1/token", "https://login.invalid/token", "http://login.example/token", "::", ""} {
		tokens := fake.Tokens()
		tokens.LoginURL, tokens.Client = address, nil
		if got, err := tokens.Token(t.Context()); err == nil || got != "" {
			t.Errorf("%q: %q, %v", address, got, err)
		}
	}
}

func TestManyCallersSignInOnce(t *testing.T) {
	fake := teamstest.New(t)
	open := make(chan struct{})
	fake.Fault(teamstest.Fault{Op: "token", Hold: open})
	tokens := fake.Tokens()
	var group sync.WaitGroup
	waiting := make(chan struct{}, 20)
	for range 20 {
		group.Go(func() {
			waiting <- struct{}{}
			if _, err := tokens.Token(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	for range 20 {
		<-waiting
	}
	close(open)
	group.Wait()
	if n := len(fake.Events("token")); n != 1 {
		t.Errorf("signed in %d times", n)
	}
}

func TestGoodTokenServesWhileSignInIsDown(t *testing.T) {
	for _, what := range []string{"refuses", "hangs"} {
		synctest.Test(t, func(t *testing.T) {
			mended := make(chan struct{})
			defer close(mended)
			fault := teamstest.Fault{Op: "token", Times: -1, Status: 503}
			if what == "hangs" {
				fault.Hold = mended
			}
			fake := teamstest.New(t, teamstest.InMemory())
			tokens := fake.Tokens()
			first := token(t, tokens)
			fake.Fault(fault)
			time.Sleep(55 * time.Minute)
			for range 289 { // until eleven seconds before its end
				began := time.Now()
				if token(t, tokens) != first || !time.Now().Equal(began) {
					t.Errorf("%s: another token, or after %s", what, time.Since(began))
				}
				time.Sleep(time.Second)
			}
			if n := len(fake.Events("token")); n > 18 {
				t.Errorf("%s: %d sign-ins in five minutes", what, n)
			}
			time.Sleep(time.Minute)
			if got, err := tokens.Token(t.Context()); err == nil {
				t.Errorf("%s: token %q after its end", what, got)
			}
		})
	}
}

func TestFailedSignInIsRememberedForSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := teamstest.New(t, teamstest.InMemory())
		tokens := fake.Tokens()
		fake.Fault(teamstest.Fault{Op: "token", Status: 401, Times: -1, Body: `{"error":"invalid_client","error_codes":[7000222]}`})
		ask := func() *teams.TokenError {
			t.Helper()
			_, err := tokens.Token(t.Context())
			var failure *teams.TokenError
			if !errors.As(err, &failure) || failure.Code != "AADSTS7000222" || failure.Temporary() {
				t.Errorf("%v", err)
			}
			return failure
		}
		// 1+2+4+8+16+30 s: the first six ask, all others hear what those heard.
		var group sync.WaitGroup
		for range 600 {
			for range 5 {
				group.Go(func() { ask() })
			}
			group.Wait()
			time.Sleep(100 * time.Millisecond)
		}
		if n := len(fake.Events("token")); n != 6 {
			t.Errorf("%d sign-ins in a minute", n)
		}
		if failure := ask(); failure.RetryAfter != time.Second {
			t.Errorf("another sign-in after %s", failure.RetryAfter)
		}
		fake.ClearFaults()
		time.Sleep(time.Second)
		first := token(t, tokens)
		// The next failure begins with a short pause again.
		tokens.Drop(first)
		fake.Fault(teamstest.Fault{Op: "token", Status: 503})
		if _, err := tokens.Token(t.Context()); err == nil {
			t.Error("no failure")
		}
		time.Sleep(time.Second)
		token(t, tokens)
	})
}

func TestRetryAfterOfTheSignInIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := teamstest.New(t, teamstest.InMemory())
		tokens := fake.Tokens()
		fake.Fault(teamstest.Fault{Op: "token", Status: 429, RetryAfter: "7"})
		for left := 7 * time.Second; left > 0; left -= time.Second {
			_, err := tokens.Token(t.Context())
			var failure *teams.TokenError
			if !errors.As(err, &failure) || failure.RetryAfter != left {
				t.Errorf("with %s left: %v", left, err)
			}
			time.Sleep(time.Second)
		}
		token(t, tokens)
		if n := len(fake.Events("token")); n != 2 {
			t.Errorf("%d sign-ins", n)
		}
	})
}

func TestDropForgetsThatTokenAlone(t *testing.T) {
	fake := teamstest.New(t)
	tokens := fake.Tokens()
	first := token(t, tokens)
	tokens.Drop(first)
	second := token(t, tokens)
	if second == first {
		t.Error("dropped, yet used")
	}
	tokens.Drop(first)
	if token(t, tokens) != second {
		t.Error("dropping the old one cost the new one")
	}
}

func TestImpatientCallerDoesNotEndTheSignIn(t *testing.T) {
	fake := teamstest.New(t)
	open := make(chan struct{})
	fake.Fault(teamstest.Fault{Op: "token", Hold: open})
	tokens := fake.Tokens()
	ctx, leave := context.WithCancel(t.Context())
	leave()
	_, err := tokens.Token(ctx)
	var failure *teams.TokenError
	if !errors.As(err, &failure) || !failure.Temporary() || !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	close(open)
	token(t, tokens)
}

func TestLifetimeInQuotes(t *testing.T) {
	fake := teamstest.New(t)
	fake.Fault(teamstest.Fault{Op: "token", Status: http.StatusOK, Body: `{"access_token":"quoted","expires_in":"3599"}`})
	tokens := fake.Tokens()
	for range 2 {
		if got := token(t, tokens); got != "quoted" {
			t.Errorf("token %q", got)
		}
	}
}

func TestTokenWithoutLifetimeIsUsedOnce(t *testing.T) {
	fake := teamstest.New(t)
	fake.Fault(teamstest.Fault{Op: "token", Status: http.StatusOK, Body: `{"access_token":"brief"}`})
	tokens := fake.Tokens()
	if token(t, tokens) != "brief" || token(t, tokens) == "brief" {
		t.Error("kept")
	}
}

func TestOneCredentialServesSeveralScopes(t *testing.T) {
	const graph = "https://graph.microsoft.com/.default"
	fake := teamstest.New(t)
	fake.AllowScope(graph)
	bot := fake.Tokens()
	other := bot.For(fake.LoginURL(), graph)
	forGraph, forTeams := token(t, other), token(t, bot)
	if !fake.ValidToken(forGraph, graph) || !fake.ValidToken(forTeams, teamstest.Scope) || fake.ValidToken(forGraph, teamstest.Scope) {
		t.Errorf("token %q for Graph, %q for Teams", forGraph, forTeams)
	}
	other.Drop(forGraph)
	if token(t, bot) != forTeams || token(t, other) == forGraph {
		t.Error("the tokens of two scopes are not kept apart")
	}
}
