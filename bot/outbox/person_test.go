package outbox_test

import (
	"slices"
	"testing"
	"time"

	"onbehalf/bot/outbox"
	"onbehalf/bot/teams"
	"onbehalf/bot/teams/teamstest"
)

func TestAPersonIsMetOnce(t *testing.T) {
	everyOffice(t, func(o *office) {
		bob := o.teams.Person("Bob")
		o.teams.InstallFor(bob)
		o.leave(o.notice(o.to("Bob"), 1, said{Text: "one"}), o.notice(o.to("Bob"), 2, said{Text: "two"}))
		o.settle()
		o.leave(o.notice(o.to("Bob"), 3, said{Text: "three"}))
		o.settle()
		chat := o.teams.PersonalID(bob)
		o.expect(chat, "one", "two", "three")
		if n := o.requests("create"); n != 1 {
			t.Errorf("met %d times", n)
		}
		if c, err := o.store.PersonalOf(o.Context(), bob.ObjectID); err != nil || c.ID != chat || c.Kind != teams.Personal || c.Tenant != teamstest.Tenant {
			t.Errorf("%+v, %v", c, err)
		}
	})
}

func TestAPersonWhomNobodyInstalledItForIsTriedOnce(t *testing.T) {
	everyOffice(t, func(o *office) {
		group := o.group()
		o.leave(o.notice(o.to("Bob"), 1, said{Text: "one", Next: at(group)}), o.notice(o.to("Bob"), 2, said{Text: "two"}))
		o.settle()
		o.expect(group, "one")
		if n := o.requests("create"); n != 1 || !slices.Equal(o.words.unreachable, []int64{1, 2}) {
			t.Errorf("tried %d times, unreachable %v", n, o.words.unreachable)
		}
		// Installed since, they are met: nothing was marked but the requests.
		o.teams.InstallFor(o.teams.Person("Bob"))
		o.leave(o.notice(o.to("Bob"), 3, said{Text: "three"}))
		o.settle()
		o.expect(o.teams.PersonalID(o.teams.Person("Bob")), "three")
		if !slices.Equal(o.words.delivered, []int64{1, 3}) {
			t.Errorf("delivered %v", o.words.delivered)
		}
	})
}

func TestAClearedHistoryGetsANewConversation(t *testing.T) {
	everyOffice(t, func(o *office) {
		bob := o.teams.Person("Bob")
		o.teams.InstallFor(bob)
		o.leave(o.notice(o.to("Bob"), 1, said{Text: "before"}))
		o.settle()
		old := o.teams.PersonalID(bob)
		o.teams.ClearHistory(bob)
		o.leave(o.notice(o.to("Bob"), 2, said{Text: "one"}), o.notice(o.to("Bob"), 3, said{Text: "two"}))
		o.settle()
		chat := o.teams.PersonalID(bob)
		o.expect(chat, "one", "two")
		if c, err := o.store.PersonalOf(o.Context(), bob.ObjectID); err != nil || c.ID != chat || chat == old || o.reach(chat) != outbox.Reachable {
			t.Errorf("%+v, %v", c, err)
		}
		if n := o.requests("create"); n != 2 {
			t.Errorf("met %d times", n)
		}
	})
}

// TestTheSameConversationAgainCannotBeReached has Teams give a chat that it does not
// know.
func TestTheSameConversationAgainCannotBeReached(t *testing.T) {
	everyOffice(t, func(o *office) {
		bob := o.teams.Person("Bob")
		o.teams.InstallFor(bob)
		chat, group := o.teams.PersonalID(bob), o.group()
		o.teams.Fault(teamstest.Fault{Op: "send", Conversation: chat, Times: -1, Status: 404, Code: "ConversationNotFound"})
		o.leave(o.notice(o.to("Bob"), 1, said{Text: "one", Next: at(group)}))
		o.settle()
		o.expect(group, "one")
		if sends, creates := o.requests("send"), o.requests("create"); sends != 2 || creates != 2 || o.reach(chat) != outbox.Removed {
			t.Errorf("%d sends, met %d times, marked %q", sends, creates, o.reach(chat))
		}
	})
}

// TestAnAnswerWhereNobodyIsAnyMoreIsFinal answers a turn in a chat that Teams has
// forgotten since.
func TestAnAnswerWhereNobodyIsAnyMoreIsFinal(t *testing.T) {
	everyOffice(t, func(o *office) {
		bob := o.teams.Person("Bob")
		o.teams.InstallFor(bob)
		old := o.teams.PersonalID(bob)
		o.remember(outbox.Conversation{ID: old, Kind: teams.Personal, Person: bob.ObjectID, Seen: o.Now()})
		o.teams.ClearHistory(bob)
		answer := o.answer(old, "answer")
		answer.To, answer.Ref = o.to("Bob"), o.ref(old)
		answer.To.Conversation = old
		o.senders[0].DeliverNow(o.Context(), o.turn(o.store, answer))
		o.settle()
		if sends, creates := o.requests("send"), o.requests("create"); sends != 1 || creates != 0 || o.counts.lost != 1 || o.reach(old) != outbox.Removed {
			t.Errorf("%d sends, met %d times, counted %+v, marked %q", sends, creates, o.counts, o.reach(old))
		}
	})
}

// private is an answer for Alice alone, in a group.
func (o *office) private(group, text string) outbox.Message {
	o.Helper()
	account := o.teams.Person("Alice").Account()
	body, err := teams.Message{Text: text, TextFormat: teams.Plain, Recipient: &account}.Encode()
	if err != nil {
		o.Fatal(err)
	}
	m := o.answer(group, text)
	m.Body, m.Targeted = body, true
	m.Otherwise = &outbox.Otherwise{To: o.to("Alice"), Told: o.body("it went to your chat"), NoWayOut: o.body("I can't write to you")}
	return m
}

func TestAPrivateAnswerIsForOnePerson(t *testing.T) {
	everyOffice(t, func(o *office) {
		place, alice := o.teams.Conversation(teamstest.GroupChat), o.teams.Person("Alice")
		place.Add(alice)
		o.leave(o.private(place.ID(), "for you alone"))
		o.settle()
		o.expect(place.ID(), "for you alone")
		if m := o.teams.Messages(place.ID())[0]; m.Recipient != alice.ID {
			t.Errorf("everybody sees it: %s", m.Raw)
		}
	})
}

// TestAPrivateAnswerThatTeamsDoesNotTakeGoesToTheChat whether there is one yet or not.
func TestAPrivateAnswerThatTeamsDoesNotTakeGoesToTheChat(t *testing.T) {
	for name, met := range map[string]bool{"met before": true, "not met yet": false} {
		t.Run(name, func(t *testing.T) {
			everyOffice(t, func(o *office) {
				group, alice := o.group(), o.teams.Person("Alice")
				o.teams.InstallFor(alice)
				chat := o.teams.PersonalID(alice)
				if met {
					o.remember(outbox.Conversation{ID: chat, Kind: teams.Personal, Person: alice.ObjectID, Seen: o.Now()})
				}
				o.teams.Fault(teamstest.Fault{Op: "send", Conversation: group, Status: 400, Code: "BadArgument"})
				o.leave(o.private(group, "for you alone"))
				o.settle()
				o.expect(group, "it went to your chat")
				o.expect(chat, "for you alone")
				if o.reach(group) != outbox.Reachable || o.counts.lost != 0 {
					t.Errorf("marked %q, counted %+v", o.reach(group), o.counts)
				}
			})
		})
	}
}

// TestARefusalOfPrivateAnswersIsRememberedForADay: Teams is asked once, in whichever
// thread, and again when administrators may have changed their minds. A refusal that
// is about one message, or about the bot, says nothing of the others.
func TestARefusalOfPrivateAnswersIsRememberedForADay(t *testing.T) {
	everyOffice(t, func(o *office) {
		place, alice := o.teams.Conversation(teamstest.GroupChat), o.teams.Person("Alice")
		place.Add(alice)
		o.teams.InstallFor(alice)
		group := place.ID()
		chat := o.teams.PersonalID(alice)
		asked := func() (n int) {
			for _, e := range o.teams.Events("send") {
				if e.Conversation == group && e.Status >= 400 {
					n++
				}
			}
			return n
		}
		refusal := teamstest.Fault{Op: "send", Conversation: group, Status: 403, Code: "TargetedMessagesNotAllowed"}
		o.teams.Fault(refusal)
		for _, text := range []string{"first", "second", "third"} {
			o.leave(o.private(group, text))
			o.settle()
			o.move(time.Minute)
		}
		o.expect(chat, "first", "second", "third")
		if n := asked(); n != 1 {
			t.Errorf("Teams was asked %d times", n)
		}
		o.move(24 * time.Hour)
		o.leave(o.private(group, "fourth"))
		o.settle()
		if n := len(o.teams.Messages(group)); n != 4 || o.teams.Messages(group)[3].Text != "fourth" {
			t.Errorf("a day later it is not tried again: %v", o.teams.Messages(group))
		}
		if _, err := o.store.Clean(o.Context(), 0); err != nil {
			t.Fatal(err)
		}
		for _, about := range []teamstest.Fault{
			{Op: "send", Conversation: group, Status: 400, Code: "INVALID_TARGETED_MESSAGE_ID"}, {Op: "send", Conversation: group, Status: 500, Code: "ServiceError"},
		} {
			o.teams.Fault(about)
			o.leave(o.private(group, "odd"), o.private(group, "after "+about.Code))
			o.settle()
			if !slices.ContainsFunc(o.teams.Messages(group), func(m teamstest.Message) bool {
				return m.Text == "after "+about.Code && m.Recipient == alice.ID
			}) {
				t.Errorf("after %s nothing private is tried", about.Code)
			}
			o.move(time.Minute)
		}
	})
}

func TestAPrivateAnswerWithoutAnyWay(t *testing.T) {
	everyOffice(t, func(o *office) {
		group := o.group() // Alice has not installed the bot, and is not in the group
		o.leave(o.private(group, "for you alone"))
		o.settle()
		o.expect(group, "I can't write to you")
		if o.counts.lost != 1 {
			t.Errorf("counted %+v", o.counts)
		}
	})
}

func TestAPrivateAnswerThatWaitsStaysPrivate(t *testing.T) {
	everyOffice(t, func(o *office) {
		place, alice := o.teams.Conversation(teamstest.GroupChat), o.teams.Person("Alice")
		place.Add(alice)
		o.teams.Fault(teamstest.Fault{Op: "send", Status: 503, Times: 2})
		o.leave(o.private(place.ID(), "for you alone"))
		o.settle()
		o.expect(place.ID(), "for you alone")
		if m := o.teams.Messages(place.ID())[0]; m.Recipient != alice.ID {
			t.Errorf("everybody sees it: %s", m.Raw)
		}
	})
}
