package outbox_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"onbehalf/bot/outbox"
	"onbehalf/bot/teams"
	"onbehalf/bot/teams/teamstest"
)

func TestMessagesArriveInTheOrderOfTheirCommits(t *testing.T) {
	everyOffice(t, func(o *office) {
		o.addReplica(o.open())
		group := o.group()
		var want []string
		for i := range 20 {
			want = append(want, fmt.Sprintf("answer %d", i))
			o.leave(o.answer(group, want[i]))
		}
		o.settle()
		o.expect(group, want...)
		if o.counts.delivered != 20 || o.counts.lost != 0 {
			t.Errorf("counted %+v", o.counts)
		}
	})
}

func TestAnswersGoFirstThenSeverityA(t *testing.T) {
	everyOffice(t, func(o *office) {
		group := o.group()
		urgent := o.notice(at(group), 2, said{Text: "urgent"})
		urgent.Rank = outbox.Urgent
		related := o.answer(group, "an answer about the first")
		related.Ticket = 1
		o.leave(o.notice(at(group), 3, said{Text: "ordinary"}), o.notice(at(group), 1, said{Text: "the first"}), urgent, o.answer(group, "an answer"), related)
		o.settle()
		o.expect(group, "the first", "an answer", "an answer about the first", "urgent", "ordinary")
	})
}

// TestTheTurnsProcessSendsAtOnce asks nobody else, and needs no look at the queues.
func TestTheTurnsProcessSendsAtOnce(t *testing.T) {
	everyOffice(t, func(o *office) {
		one, two := o.group(), o.group()
		other := o.addReplica(o.open())
		leases := o.turn(o.store, o.answer(one, "a"), o.answer(two, "b"), o.answer(one, "c"))
		if served := other.Serve(o.Context()); served != 0 {
			t.Errorf("another replica took %d queues", served)
		}
		o.senders[0].DeliverNow(o.Context(), leases)
		o.expect(one, "a", "c")
		o.expect(two, "b")
		o.senders[0].Deliver(o.Context(), o.turn(o.store, o.answer(one, "d")))
		o.teams.WaitFor(func(e teamstest.Event) bool { return e.Message != nil && e.Message.Text == "d" })
	})
}

func TestAnAnswerExpires(t *testing.T) {
	everyOffice(t, func(o *office) {
		group := o.group()
		o.leave(o.answer(group, "too late"))
		o.move(10 * time.Minute)
		o.leave(o.answer(group, "in time"))
		o.settle()
		o.expect(group, "in time")
		if o.counts.lost != 1 || o.counts.delivered != 1 {
			t.Errorf("counted %+v", o.counts)
		}
	})
}

// TestADeadProcessLosesNothing has it die between commit and send, and between send and
// note.
func TestADeadProcessLosesNothing(t *testing.T) {
	everyOffice(t, func(o *office) {
		unsent, sent := o.group(), o.group()
		gone := o.open()
		o.turn(gone, o.answer(unsent, "left"))
		dying := o.addReplica(neverNotes{gone})
		dying.DeliverNow(o.Context(), o.turn(gone, o.answer(sent, "sent, and not noted")))
		o.senders = o.senders[:1]
		if served := o.senders[0].Serve(o.Context()); served != 0 {
			t.Fatal("a queue in hand was served")
		}
		o.move(outbox.LeaseFor)
		o.settle()
		o.expect(unsent, "left")
		o.expect(sent, "sent, and not noted", "sent, and not noted")
		if next, err := o.store.NextReady(o.Context()); err != nil || !next.IsZero() {
			t.Errorf("something waits until %s, %v", next, err)
		}
	})
}

// neverNotes is a database as a process sees it that dies before it notes anything.
type neverNotes struct{ outbox.Store }

func (neverNotes) Finish(_ context.Context, _ time.Time, ended []*outbox.Ended) ([]*outbox.Lease, []outbox.Lease, error) {
	return make([]*outbox.Lease, len(ended)), nil, nil
}

// TestADatabaseThatIsAwayForAWhileDoublesNothing fails as often as it takes some seconds.
func TestADatabaseThatIsAwayForAWhileDoublesNothing(t *testing.T) {
	everyOffice(t, func(o *office) {
		group := o.group()
		away := &awayFor{Store: o.store, left: 6}
		o.senders = nil
		o.addReplica(away)
		o.leave(o.answer(group, "one"), o.answer(group, "two"))
		o.settle()
		o.expect(group, "one", "two")
		if away.left != 0 {
			t.Errorf("%d failures are left", away.left)
		}
	})
}

type awayFor struct {
	outbox.Store
	left int
}

func (a *awayFor) Finish(ctx context.Context, now time.Time, ended []*outbox.Ended) ([]*outbox.Lease, []outbox.Lease, error) {
	if a.left > 0 {
		a.left--
		return nil, nil, errors.New("away")
	}
	return a.Store.Finish(ctx, now, ended)
}

func TestAnErrorOfOursRestsTheQueue(t *testing.T) {
	everyOffice(t, func(o *office) {
		group := o.group()
		o.words.fails = errors.New("no words")
		o.leave(o.notice(at(group), 1, said{Text: "hello"}))
		o.within(time.Second)
		if o.requests("send") != 0 {
			t.Error("something was sent")
		}
		o.words.fails = nil
		if served := o.senders[0].Serve(o.Context()); served != 0 {
			t.Errorf("the queue does not rest")
		}
		o.settle()
		o.expect(group, "hello")
	})
}

// TestAChangeDuringTheSendIsToldOnce leaves one while the message is written: what the
// message tells is not told again, what came later is.
func TestAChangeDuringTheSendIsToldOnce(t *testing.T) {
	everyOffice(t, func(o *office) {
		group := o.group()
		change := func(event int64) outbox.Message {
			m := o.notice(at(group), 7, said{Text: fmt.Sprint("from ", event)})
			m.Kind, m.Event = changeKind, event
			return m
		}
		o.words.newest = 3
		o.words.during = func() {
			o.words.during = nil
			o.leave(change(3), change(4))
			o.words.newest = 4
		}
		o.leave(change(1), change(2))
		o.settle()
		o.expect(group, "from 1", "from 4")
	})
}

func TestHoldKeepsOrdinaryMessagesBack(t *testing.T) {
	everyOffice(t, func(o *office) {
		s, group, other, third := o.senders[0], o.group(), o.group(), o.group()
		urgent := o.notice(at(other), 1, said{Text: "urgent"})
		urgent.Rank = outbox.Urgent
		o.leave(o.notice(at(group), 2, said{Text: "ordinary"}), urgent, o.answer(third, "answer"))
		s.Hold()
		s.Serve(o.Context())
		o.expect(group)
		o.expect(other, "urgent")
		o.expect(third, "answer")
		s.Release()
		s.Serve(o.Context())
		o.expect(group, "ordinary")
	})
}

func TestARunningSenderStopsAndStarts(t *testing.T) {
	everyOffice(t, func(o *office) {
		group, s := o.group(), o.senders[0]
		ctx, cancel := context.WithCancel(o.Context())
		done := make(chan struct{})
		go func() { defer close(done); s.Run(ctx) }()
		o.leave(o.answer(group, "while it runs"))
		s.Wake()
		o.teams.WaitFor(func(e teamstest.Event) bool { return e.Op == "send" })
		cancel()
		<-done
		o.leave(o.answer(group, "while it is down"))
		o.senders = nil
		o.addReplica(o.open())
		o.settle()
		o.expect(group, "while it runs", "while it is down")
	})
}

// TestStoppingLetsTheMessageOnItsWayArrive and hands the rest of the queue back, which
// nobody has to wait for.
func TestStoppingLetsTheMessageOnItsWayArrive(t *testing.T) {
	everyOffice(t, func(o *office) {
		group, s := o.group(), o.senders[0]
		h := holding{s.Teams, make(chan struct{}), make(chan struct{})}
		s.Teams = h
		ctx, cancel := context.WithCancel(o.Context())
		done := make(chan struct{})
		go func() { defer close(done); s.Run(ctx) }()
		o.leave(o.answer(group, "one"), o.answer(group, "two"))
		s.Wake()
		<-h.asked
		cancel()
		h.release <- struct{}{}
		select {
		case <-h.asked: // it had gone on before it saw the end
			h.release <- struct{}{}
			<-done
		case <-done:
		}
		o.senders = nil
		o.addReplica(o.open())
		o.settle()
		o.expect(group, "one", "two")
	})
}

// holding is a Teams that says when it is asked to send, and then waits.
type holding struct {
	outbox.Connector
	asked, release chan struct{}
}

func (h holding) Send(ctx context.Context, ref teams.Ref, body json.RawMessage, targeted bool) (string, error) {
	h.asked <- struct{}{}
	<-h.release
	return h.Connector.Send(ctx, ref, body, targeted)
}

// TestAStepDoublesNothingThatIsOnItsWay puts the clock of a machine forward and back
// while one replica waits for Teams: no other one sends the message as well.
func TestAStepDoublesNothingThatIsOnItsWay(t *testing.T) {
	everyOffice(t, func(o *office) {
		group, slow := o.group(), o.senders[0]
		h := holding{slow.Teams, make(chan struct{}), make(chan struct{})}
		slow.Teams = h
		other := o.addReplica(o.open())
		o.leave(o.answer(group, "once"))
		done := make(chan struct{})
		go func() { defer close(done); slow.Serve(o.Context()) }()
		<-h.asked
		for _, step := range []time.Duration{3 * time.Hour, -6 * time.Hour, time.Minute} {
			o.move(step)
			if served := other.Serve(o.Context()); served != 0 {
				t.Errorf("after %s the message on its way was sent again", step)
			}
			other = o.addReplica(o.open()) // one that has seen no other time
		}
		close(h.release)
		<-done
		o.expect(group, "once")
	})
}

// TestARunningSenderFollowsAClockThatIsPutBack leaves an answer by the old clock, before
// the step and just after it.
func TestARunningSenderFollowsAClockThatIsPutBack(t *testing.T) {
	for _, back := range []time.Duration{10 * time.Minute, 10 * time.Hour} {
		t.Run(back.String(), func(t *testing.T) {
			everyOffice(t, func(o *office) {
				group, s := o.group(), o.senders[0]
				ctx, cancel := context.WithCancel(o.Context())
				done := make(chan struct{})
				go func() { defer close(done); s.Run(ctx) }()
				defer func() { cancel(); <-done }()
				arrives := func(text string) {
					s.Wake()
					o.teams.WaitFor(func(e teamstest.Event) bool { return e.Message != nil && e.Message.Text == text })
				}
				o.leave(o.answer(group, "before"))
				arrives("before")
				held := o.answer(group, "held by the old clock")
				held.NotBefore, held.Expires = o.Now().Add(time.Second), time.Time{}
				o.leave(held)
				o.move(-back)
				o.leave(o.answer(group, "after the step"))
				arrives("after the step")
				// Who was at work sees the step a moment later, and takes it for a little less.
				going := time.NewTicker(10 * time.Millisecond)
				defer going.Stop()
				go func() {
					for {
						select {
						case <-done:
							return
						case <-going.C:
							o.move(time.Second)
							s.Wake()
						}
					}
				}()
				arrives("held by the old clock")
			})
		})
	}
}

// burst is half of what TestABurstIsDeliveredOnce sends.
var burst = flag.Int("burst", 100, "messages into one channel, and as many into fifty chats, that are due at once")

// TestABurstIsDeliveredOnce has half of it in the threads of one channel.
func TestABurstIsDeliveredOnce(t *testing.T) {
	everyOffice(t, func(o *office) {
		for range 3 {
			o.addReplica(o.open())
		}
		channel := o.teams.Conversation(teamstest.Channel).ChannelID()
		var places []string
		for range 50 {
			places = append(places, o.group())
		}
		var messages []outbox.Message
		for i := range *burst {
			messages = append(messages,
				o.notice(at(channel), int64(i+1), said{Text: fmt.Sprint("thread ", i)}),
				o.notice(at(places[i%50]), int64(1000+i), said{Text: fmt.Sprint("chat ", i)}))
		}
		o.leave(messages...)
		o.settle()
		var want []string
		for i := range *burst {
			want = append(want, fmt.Sprint("thread ", i))
		}
		o.expect(channel, want...)
		for i, place := range places {
			var want []string
			for j := i; j < *burst; j += 50 {
				want = append(want, fmt.Sprint("chat ", j))
			}
			o.expect(place, want...)
		}
		if o.counts.delivered != 2*(*burst) || o.counts.lost != 0 {
			t.Errorf("counted %+v", o.counts)
		}
	})
}

// TestAnAnswerArrivesAsItWasWritten sends bodies of every form.
func TestAnAnswerArrivesAsItWasWritten(t *testing.T) {
	everyOffice(t, func(o *office) {
		alice := o.teams.Person("Alice")
		place := o.teams.Conversation(teamstest.GroupChat)
		place.Add(alice)
		mention := teams.NewMention(alice.ID, "Alice <a> & co")
		account := alice.Account()
		for _, m := range []teams.Message{
			{Text: "plain *words*", TextFormat: teams.Plain},
			{Text: mention.Text + ", look", Mentions: []teams.Mention{mention}},
			{Text: "for you alone", Recipient: &account},
			{Card: map[string]any{"type": "AdaptiveCard", "version": "1.5", "body": []any{}}, Summary: "a card"},
		} {
			left := o.answer(place.ID(), "replaced")
			var err error
			if left.Body, err = m.Encode(); err != nil {
				t.Fatal(err)
			}
			left.Targeted = m.Recipient != nil
			o.leave(left)
		}
		o.settle()
		shown := o.teams.Messages(place.ID())
		if len(shown) != 4 {
			t.Fatal(o.events())
		}
		if m := shown[0]; m.TextFormat != "plain" || m.Text != "plain *words*" {
			t.Errorf("format %q of %q", m.TextFormat, m.Text)
		}
		if m := shown[1]; !slices.Equal(m.Mentioned, []string{alice.ID}) || !strings.HasSuffix(m.Text, ", look") {
			t.Errorf("mentions %v in %s", m.Mentioned, m.Raw)
		}
		if m := shown[2]; m.Recipient != alice.ID {
			t.Errorf("sent to %q", m.Recipient)
		}
		if m := shown[3]; m.Card == nil || m.Summary != "a card" {
			t.Errorf("no card in %s", m.Raw)
		}
	})
}
