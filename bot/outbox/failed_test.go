package outbox_test

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"testing"
	"time"

	"onbehalf/bot/outbox"
	"onbehalf/bot/teams"
	"onbehalf/bot/teams/teamstest"
)

func TestRetryAfterStopsItsQueueAndNoOther(t *testing.T) {
	for name, header := range map[string]func(o *office) string{
		"seconds": func(*office) string { return "40" },
		"date":    func(o *office) string { return o.Now().Add(40 * time.Second).Format(http.TimeFormat) },
	} {
		t.Run(name, func(t *testing.T) {
			everyOffice(t, func(o *office) {
				one, other := o.group(), o.group()
				o.teams.Fault(teamstest.Fault{Op: "send", Conversation: one, Status: 429, Code: "Throttled", RetryAfter: header(o)})
				start := o.Now()
				o.leave(o.answer(one, "one"), o.answer(one, "two"), o.answer(other, "other"))
				o.settle()
				o.expect(one, "one", "two")
				o.expect(other, "other")
				for _, e := range o.teams.Events("send") {
					took := e.At.Sub(start)
					if e.Conversation == one && e.Status == http.StatusCreated && took < 39*time.Second {
						t.Errorf("the stopped queue sent after %s", took)
					}
					if e.Conversation == other && took > 5*time.Second {
						t.Errorf("the other queue waited %s", took)
					}
				}
			})
		})
	}
}

// TestWhatMaySucceedLaterIsTriedAgain has an outage of some minutes: nothing is lost, in
// order, and Teams is not asked without end.
func TestWhatMaySucceedLaterIsTriedAgain(t *testing.T) {
	for name, fault := range map[string]teamstest.Fault{
		"412": {Status: 412, Code: "PreconditionFailed"}, "429": {Status: 429}, "502": {Status: 502, Body: "<html>no</html>"}, "503": {Status: 503}, "504": {Status: 504},
		"cut": {CutBefore: true}, "no permission": {Status: 403, Code: "NotEnoughPermissions"}, "no registration": {Status: 401, Code: "BotNotRegistered"},
	} {
		t.Run(name, func(t *testing.T) {
			everyOffice(t, func(o *office) {
				group := o.group()
				fault.Times = -1
				fault.Op = "create send update"
				o.teams.Fault(fault)
				o.teams.InstallFor(o.teams.Person("Bob"))
				o.leave(o.answer(group, "answer"), o.notice(at(group), 1, said{Text: "notice"}), o.notice(o.to("Bob"), 2, said{Text: "for Bob"}))
				o.within(5 * time.Minute)
				if n := o.requests("send", "create"); n < 4 || n > 100 {
					t.Errorf("%d attempts in five minutes", n)
				}
				o.expect(group)
				if o.reach(group) != outbox.Reachable || o.counts.lost != 0 || len(o.words.given) > 0 {
					t.Errorf("marked %q, counted %+v, given up %v", o.reach(group), o.counts, o.words.given)
				}
				o.teams.ClearFaults()
				o.settle()
				o.expect(group, "answer", "notice")
				o.expect(o.teams.PersonalID(o.teams.Person("Bob")), "for Bob")
			})
		})
	}
}

func TestWhatIsTriedForADayIsGivenUp(t *testing.T) {
	everyOffice(t, func(o *office) {
		group, other := o.group(), o.group()
		o.teams.Fault(teamstest.Fault{Op: "send", Conversation: group, Times: -1, Status: 503})
		o.leave(o.answer(group, "answer"), o.notice(at(group), 1, said{Text: "notice", Next: at(other)}))
		o.settle()
		o.expect(group)
		o.expect(other, "notice")
		if o.counts.lost != 1 || o.reach(group) != outbox.Reachable || len(o.words.unreachable) > 0 {
			t.Errorf("counted %+v, marked %q", o.counts, o.reach(group))
		}
	})
}

func TestALostAnswerOfTeamsDoublesAtMostThatMessage(t *testing.T) {
	everyOffice(t, func(o *office) {
		group := o.group()
		o.teams.Fault(teamstest.Fault{Op: "send", Conversation: group, CutAfter: true, Times: 2})
		o.leave(o.answer(group, "one"), o.answer(group, "two"))
		o.settle()
		o.expect(group, "one", "one", "one", "two")
	})
}

// TestAMessageWithoutAnIDIsNotSentAgain neither as it is, nor as the next state of the
// same card.
func TestAMessageWithoutAnIDIsNotSentAgain(t *testing.T) {
	everyOffice(t, func(o *office) {
		group := o.group()
		o.teams.Fault(teamstest.Fault{Op: "send", Times: 2, NoID: true})
		o.leave(o.answer(group, "answer"), o.notice(at(group), 1, said{Text: "card", Handle: "desk:1", Revision: 1}))
		o.settle()
		o.leave(o.notice(at(group), 1, said{Text: "card again", Handle: "desk:1", Revision: 2}))
		o.settle()
		o.expect(group, "answer", "card")
		if p := o.posted("desk:1"); p.Handle == "" || p.Activity != "" {
			t.Errorf("posted %+v", p)
		}
		if o.counts.lost != 1 {
			t.Errorf("counted %+v, want the second state as lost", o.counts)
		}
	})
}

// TestAFinalRefusalMarksAndFallsBack makes one attempt.
func TestAFinalRefusalMarksAndFallsBack(t *testing.T) {
	for name, c := range map[string]struct {
		fault teamstest.Fault
		reach outbox.Reach
	}{
		"blocked by an administrator": {teamstest.Fault{Status: 403, Code: "BotDisabledByAdmin"}, outbox.Blocked},
		"blocked by the person":       {teamstest.Fault{Status: 403, Code: "ConversationBlockedByUser"}, outbox.Blocked},
		"blocked, in the other shape": {teamstest.Fault{Status: 403, Body: `{"errorCode":209,"message":"{\r\n \"subCode\": \"MessageWritesBlocked\"}"}`}, outbox.Blocked},
		"thrown out":                  {teamstest.Fault{Status: 403, Code: "BotNotInConversationRoster"}, outbox.Removed},
		"forbidden":                   {teamstest.Fault{Status: 403, Code: "ForbiddenOperationException"}, outbox.Removed},
		"gone":                        {teamstest.Fault{Status: 404, Code: "ConversationNotFound"}, outbox.Removed},
	} {
		t.Run(name, func(t *testing.T) {
			everyOffice(t, func(o *office) {
				group, next := o.group(), o.group()
				o.remember(outbox.Conversation{ID: group, Kind: teams.GroupChat, Seen: o.Now()})
				c.fault.Op, c.fault.Conversation, c.fault.Times = "send", group, -1
				o.teams.Fault(c.fault)
				o.leave(o.answer(group, "answer"), o.notice(at(group), 1, said{Text: "notice", Next: at(next)}), o.notice(at(group), 2, said{Text: "dropped"}))
				o.settle()
				if n := o.requests("send"); n != 2 { // and one in the next place
					t.Errorf("%d attempts\n%s", n, o.events())
				}
				o.expect(next, "notice")
				if got := o.reach(group); got != c.reach || o.counts.lost != 1 || !slices.Equal(o.words.unreachable, []int64{1, 2}) {
					t.Errorf("marked %q, counted %+v, unreachable %v", got, o.counts, o.words.unreachable)
				}
				if got := o.reach(next); got != outbox.Reachable {
					t.Errorf("the next place is marked %q", got)
				}
				// Only what comes from there lifts the mark; an answer to it is tried anyway.
				o.teams.ClearFaults()
				o.leave(o.notice(at(group), 3, said{Text: "still marked"}))
				o.settle()
				spoke := o.answer(group, "to whom spoke")
				spoke.Ref = o.ref(group)
				o.senders[0].DeliverNow(o.Context(), o.turn(o.store, spoke))
				o.remember(outbox.Conversation{ID: group, Seen: o.Now()})
				o.leave(o.notice(at(group), 4, said{Text: "reachable"}))
				o.settle()
				o.expect(group, "to whom spoke", "reachable")
			})
		})
	}
}

// TestARefusalInAThreadMarksNotTheChannel has one thread refuse.
func TestARefusalInAThreadMarksNotTheChannel(t *testing.T) {
	everyOffice(t, func(o *office) {
		channel := o.teams.Conversation(teamstest.Channel).ChannelID()
		threads := []string{channel + ";messageid=1", channel + ";messageid=2"}
		o.teams.Fault(teamstest.Fault{Op: "send", Conversation: threads[0], Times: -1, Status: 404, Code: "ConversationNotFound"})
		o.leave(o.notice(at(threads[0]), 1, said{Text: "refused"}), o.notice(at(threads[1]), 2, said{Text: "taken"}))
		o.settle()
		o.expect(channel, "taken")
		if a, b := o.reach(threads[0]), o.reach(threads[1]); a != outbox.Removed || b != outbox.Reachable {
			t.Errorf("marked %q and %q", a, b)
		}
	})
}

func TestAMessageThatTeamsDoesNotUnderstandIsGivenUp(t *testing.T) {
	everyOffice(t, func(o *office) {
		group, next := o.group(), o.group()
		o.teams.Fault(teamstest.Fault{Op: "send", Conversation: group, Times: 2, Status: 400, Code: "BadSyntax"})
		o.leave(o.answer(group, "answer"), o.notice(at(group), 1, said{Text: "notice", Next: at(next)}), o.notice(at(group), 2, said{Text: "fine"}))
		o.settle()
		o.expect(group, "fine")
		o.expect(next, "notice")
		if o.counts.lost != 1 || len(o.words.unreachable) > 0 || o.reach(group) != outbox.Reachable {
			t.Errorf("counted %+v, marked %q", o.counts, o.reach(group))
		}
	})
}

func TestASendThatTeamsFailsAtIsNotTriedAgain(t *testing.T) {
	everyOffice(t, func(o *office) {
		group := o.group()
		o.teams.Fault(teamstest.Fault{Op: "send", Times: -1, Status: 500, Code: "ServiceError"})
		o.leave(o.answer(group, "answer"))
		o.settle()
		if n := o.requests("send"); n != 1 || o.counts.lost != 1 || o.reach(group) != outbox.Reachable {
			t.Errorf("%d attempts, counted %+v, marked %q", n, o.counts, o.reach(group))
		}
	})
}

func TestTheShortFormGoesOutWhereTheMessageIsTooBig(t *testing.T) {
	everyOffice(t, func(o *office) {
		group := o.group()
		o.teams.Fault(teamstest.Fault{Op: "send", Status: 413, Code: "MessageSizeTooBig"})
		o.leave(o.notice(at(group), 1, said{Text: "long", Short: "short"}))
		o.settle()
		o.expect(group, "short")
	})
}

// wrongHost is a Teams that takes nothing at the host that the bot knows.
type wrongHost struct {
	outbox.Connector
	here  string
	asked *[]string
}

func (g wrongHost) Send(ctx context.Context, ref teams.Ref, body json.RawMessage, targeted bool) (string, error) {
	*g.asked = append(*g.asked, ref.ServiceURL)
	if ref.ServiceURL != teams.GCCServiceURL {
		return "", &teams.Error{Op: "send", Status: 403, Code: "InvalidBotApiHost"}
	}
	ref.ServiceURL = g.here
	return g.Connector.Send(ctx, ref, body, targeted)
}

func (g wrongHost) Create(ctx context.Context, url string, p teams.ConversationParameters) (teams.ConversationResource, error) {
	*g.asked = append(*g.asked, url)
	if url != teams.GCCServiceURL {
		return teams.ConversationResource{}, &teams.Error{Op: "create", Status: 403, Code: "InvalidBotApiHost"}
	}
	return g.Connector.Create(ctx, g.here, p)
}

func TestAConversationOfTheGovernmentCloudIsKeptAtItsHost(t *testing.T) {
	everyOffice(t, func(o *office) {
		group, bob := o.group(), o.teams.Person("Bob")
		o.teams.InstallFor(bob)
		var asked []string
		o.senders[0].Teams = wrongHost{o.senders[0].Teams, o.teams.ServiceURL(), &asked}
		for _, text := range []string{"first", "second"} {
			o.leave(o.answer(group, text))
			o.settle()
		}
		o.expect(group, "first", "second")
		o.leave(o.notice(o.to("Bob"), 1, said{Text: "for Bob"}))
		o.settle()
		o.expect(o.teams.PersonalID(bob), "for Bob")
		if want := []string{o.teams.ServiceURL(), teams.GCCServiceURL}; !slices.Equal(asked[:2], want) || slices.Contains(asked[2:], o.teams.ServiceURL()) {
			t.Errorf("asked %v", asked)
		}
		if c, err := o.store.Conversation(o.Context(), group); err != nil || c.ServiceURL != teams.GCCServiceURL || c.Reach != outbox.Reachable {
			t.Errorf("%+v, %v", c, err)
		}
	})
}

// TestTheNewestHostOfTheTenantServesWhatIsNotKnown names a conversation that nothing
// came from: it is written to where the tenant was heard of last, else at the cloud's
// own host.
func TestTheNewestHostOfTheTenantServesWhatIsNotKnown(t *testing.T) {
	everyOffice(t, func(o *office) {
		fresh := o.group()
		o.senders[0].ServiceURL = "https://smba.trafficmanager.net/teams"
		for i, url := range []string{"https://old.example/amer", o.teams.ServiceURL()} {
			o.remember(outbox.Conversation{ID: "19:known" + url, ServiceURL: url, Seen: o.Now().Add(time.Duration(i) * time.Hour)})
		}
		o.remember(outbox.Conversation{ID: "19:other", Tenant: teamstest.OtherTenant, ServiceURL: "https://elsewhere.example", Seen: o.Now().Add(9 * time.Hour)})
		o.leave(o.answer(fresh, "hello"))
		o.settle()
		o.expect(fresh, "hello")
	})
}

func TestAHostThatIsNotAllowedGetsNothing(t *testing.T) {
	everyOffice(t, func(o *office) {
		o.remember(outbox.Conversation{ID: "19:strange", ServiceURL: "https://strange.example/", Seen: o.Now()})
		o.leave(o.answer("19:strange", "secret"), o.notice(at("19:strange"), 1, said{Text: "secret"}))
		o.settle()
		if o.counts.lost != 1 || !slices.Equal(o.words.given, []int64{1}) || len(o.words.unreachable) > 0 {
			t.Errorf("counted %+v, given up %v, unreachable %v", o.counts, o.words.given, o.words.unreachable)
		}
	})
}
