package outbox_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"onbehalf/bot"
	"onbehalf/bot/outbox"
	"onbehalf/bot/teams/teamstest"
)

// TestARefusedUpdateMarksNothing posts the state anew, whatever the refusal says.
func TestARefusedUpdateMarksNothing(t *testing.T) {
	for name, fault := range map[string]teamstest.Fault{
		"deleted": {Status: 404, Code: "ActivityNotFoundInConversation"}, "expired": {Status: 404, Code: "TARGETED_MESSAGE_EXPIRED_OR_DELETED"},
		"gone": {Status: 403, Code: "ServiceError"}, "unknown": {Status: 403, Code: "Unknown"}, "not ours": {Status: 403, Code: "ForbiddenOperationException"},
		"no conversation": {Status: 404, Code: "ConversationNotFound"}, "thrown out": {Status: 403, Code: "BotNotInConversationRoster"}, "split": {Status: 400, Code: "BadSyntax"},
	} {
		t.Run(name, func(t *testing.T) {
			everyOffice(t, func(o *office) {
				group := o.group()
				o.leave(o.notice(at(group), 1, said{Text: "card", Handle: "desk:1", Revision: 1}), o.answer(group, "question"))
				o.settle()
				question := o.teams.Messages(group)[0].ID
				first := o.posted("desk:1")
				fault.Op, fault.Times = "update", 2
				o.teams.Fault(fault)
				over := o.answer(group, "answered")
				over.Update = question
				o.leave(o.notice(at(group), 1, said{Text: "card again", Handle: "desk:1", Revision: 2}), over)
				o.settle()
				shown := o.texts(group)
				slices.Sort(shown)
				if !slices.Equal(shown, []string{"answered", "card", "card again", "question"}) || o.reach(group) != outbox.Reachable || len(o.words.given) > 0 {
					t.Errorf("shows %q, marked %q, given up %v", shown, o.reach(group), o.words.given)
				}
				if p := o.posted("desk:1"); p.Activity == first.Activity || p.Activity == "" || p.Revision != 2 {
					t.Errorf("posted %+v", p)
				}
				// The new one is the card from now on.
				o.leave(o.notice(at(group), 1, said{Text: "card for the third time", Handle: "desk:1", Revision: 3}))
				o.settle()
				if n := len(o.texts(group)); n != 4 {
					t.Errorf("shows %q", o.texts(group))
				}
			})
		})
	}
}

// TestOnlyTheNewMessageMarks has the bot thrown out: the update is refused, the new
// message too, and that one marks.
func TestOnlyTheNewMessageMarks(t *testing.T) {
	everyOffice(t, func(o *office) {
		place := o.teams.Conversation(teamstest.GroupChat)
		o.leave(o.notice(at(place.ID()), 1, said{Text: "card", Handle: "desk:1", Revision: 1}))
		o.settle()
		place.Uninstall()
		o.leave(o.notice(at(place.ID()), 1, said{Text: "card again", Handle: "desk:1", Revision: 2}))
		o.settle()
		if updates, sends := o.requests("update"), o.requests("send"); updates != 1 || sends != 2 || o.reach(place.ID()) != outbox.Removed {
			t.Errorf("%d updates, %d sends, marked %q", updates, sends, o.reach(place.ID()))
		}
	})
}

func TestAnUpdateThatTeamsFailsAtIsTriedLater(t *testing.T) {
	everyOffice(t, func(o *office) {
		group := o.group()
		o.leave(o.notice(at(group), 1, said{Text: "card", Handle: "desk:1", Revision: 1}))
		o.settle()
		o.teams.Fault(teamstest.Fault{Op: "update", Times: 3, Status: 500, Code: "ServiceError"})
		o.leave(o.notice(at(group), 1, said{Text: "card again", Handle: "desk:1", Revision: 2}))
		o.settle()
		o.expect(group, "card again")
		if n := o.requests("update"); n != 4 {
			t.Errorf("%d attempts", n)
		}
	})
}

// TestAnOlderStateNeverReplacesANewerOne nor is the same drawn again.
func TestAnOlderStateNeverReplacesANewerOne(t *testing.T) {
	everyOffice(t, func(o *office) {
		group := o.group()
		state := func(revision int) outbox.Message {
			m := o.answer(group, fmt.Sprint("state ", revision))
			m.Handle, m.Revision = "form:f", revision
			return m
		}
		for _, revision := range []int{0, 0, 3, 2, 3, 0, 4} {
			o.leave(state(revision))
			o.settle()
		}
		o.expect(group, "state 4")
		if updates := o.requests("update"); updates != 3 {
			t.Errorf("%d updates", updates)
		}
		if p := o.posted("form:f"); p.Revision != 4 {
			t.Errorf("posted %+v", p)
		}
	})
}

func TestAThreadIsBegunAndItsMessageFoundAgain(t *testing.T) {
	everyOffice(t, func(o *office) {
		channel := o.teams.Conversation(teamstest.Channel).ChannelID()
		o.leave(o.notice(at(channel), 1, said{Text: "card", Handle: "desk:1", Revision: 1, Thread: true}))
		o.settle()
		p := o.posted("desk:1")
		if p.Activity == "" || !strings.HasPrefix(p.Conversation, channel+";messageid=") || o.requests("create") != 1 {
			t.Errorf("posted %+v", p)
		}
		o.leave(o.notice(at(channel), 1, said{Text: "card again", Handle: "desk:1", Revision: 2, Thread: true}))
		o.settle()
		o.expect(p.Conversation, "card again")
	})
}

// postedAs says which message is under a handle, as a turn does.
func (o *office) postedAs(p outbox.Posted) {
	o.Helper()
	o.tx(func(tx bot.Tx) error { return tx.Posted(o.Context(), p) })
}

// TestAnUpdateGoesWhereTheMessageIs has a card in another thread than its notices.
func TestAnUpdateGoesWhereTheMessageIs(t *testing.T) {
	everyOffice(t, func(o *office) {
		channel := o.teams.Conversation(teamstest.Channel).ChannelID()
		home, other := channel+";messageid=1", channel+";messageid=2"
		o.leave(o.answer(home, "form"))
		o.settle()
		o.postedAs(outbox.Posted{Handle: "form:f", Conversation: home, Activity: o.teams.Messages(home)[0].ID})
		o.leave(o.notice(at(other), 1, said{Text: "card", Handle: "form:f", Revision: 1}))
		o.settle()
		o.expect(home, "card")
		o.expect(other)
	})
}

// TestACardThatATurnChangesTwiceIsOneMessage leaves both states in one commit, which saw
// no message yet, or one that was deleted since.
func TestACardThatATurnChangesTwiceIsOneMessage(t *testing.T) {
	everyOffice(t, func(o *office) {
		group := o.group()
		states := func(from int) []outbox.Lease {
			first, second := o.answer(group, fmt.Sprint("state ", from)), o.notice(at(group), 1, said{Text: fmt.Sprint("state ", from+1), Handle: "form:f", Revision: from + 1})
			first.Handle, first.Revision = "form:f", from
			return o.turn(o.store, first, second)
		}
		o.senders[0].DeliverNow(o.Context(), states(1))
		o.expect(group, "state 2")
		o.teams.Delete(group, o.posted("form:f").Activity)
		o.senders[0].DeliverNow(o.Context(), states(3))
		o.expect(group, "state 4")
		if sends := o.requests("send"); sends != 2 {
			t.Errorf("%d messages were posted\n%s", sends, o.events())
		}
	})
}
