package notify_test

import (
	"fmt"
	"testing"
	"time"

	"onbehalf/bot/request"
	"onbehalf/bot/store/storetest"
	"onbehalf/bot/teams/teamstest"
)

// TestSteppingClocksNeitherDoubleNorLose puts the clock back and forth around the
// breach, before it is fired, between firing and sending, and after.
func TestSteppingClocksNeitherDoubleNorLose(t *testing.T) {
	for name, step := range map[string]time.Duration{"back": -3 * time.Hour, "a bit back": -20 * time.Second, "forth": 3 * time.Hour} {
		for _, when := range []string{"before the sweep", "before sending", "afterwards"} {
			t.Run(name+" "+when, func(t *testing.T) {
				everyDesk(t, func(d *desk) {
					bob := d.person("Bob")
					d.teams.InstallFor(d.teams.Person("Bob"))
					opened := d.open(assignedTo(bob), func(t *request.Ticket) {
						t.Home = request.Place{Conversation: d.teams.Conversation(teamstest.GroupChat).ID()}
					})
					d.move(time.Hour)
					if when == "before the sweep" {
						d.step(step)
					}
					d.sweep()
					if when == "before sending" {
						d.step(step)
					}
					d.deliverWithin(10 * time.Minute)
					if when == "afterwards" {
						d.step(step)
					}
					d.settle()
					// Then the clock is mended, and time goes on.
					d.step(-step)
					d.settle()
					d.move(time.Minute)
					d.settle()

					breaches := 0
					for _, what := range d.history(opened.Number) {
						if what == "breached" {
							breaches++
						}
					}
					if breaches != 1 {
						t.Errorf("history %v", d.history(opened.Number))
					}
					for _, place := range []string{d.chat("Bob"), opened.Home.Conversation} {
						if n := len(d.in(place, "SR-1 is")); n == 0 || n > 2 {
							t.Errorf("%d alarms in %s\n%s", n, place, d.events())
						}
					}
				})
			})
		}
	}
}

// step moves the clock as an operator would; a running replica follows it as a
// test of the sender shows.
func (d *desk) step(by time.Duration) {
	d.Helper()
	d.move(by)
	if by < 0 {
		if err := d.store.Rewind(d.Context(), d.Now(), -by); err != nil {
			d.Fatal(err)
		}
	}
}

// TestReplicasWithDifferentClocks has two machines whose clocks are apart, for a
// whole breach: each place hears of it once, no later than the slower of them.
func TestReplicasWithDifferentClocks(t *testing.T) {
	for _, apart := range []time.Duration{-7 * time.Minute, -3 * time.Second, 3 * time.Second, 7 * time.Minute} {
		t.Run(apart.String(), func(t *testing.T) {
			storetest.EachURL(t, func(t *testing.T, url string) {
				d := newDesk(t, storetest.Open(t, url))
				d.teams.InstallFor(d.teams.Person("Bob"))
				other := d.addReplica(storetest.Open(t, url))
				theirs := func() time.Time { return d.Now().Add(apart) }
				other.sender.Now, other.renderer.Now, other.sweeper.Now = theirs, theirs, theirs
				var homes []string
				for range 4 {
					home := d.teams.Conversation(teamstest.GroupChat).ID()
					d.open(assignedTo(d.person("Bob")), func(t *request.Ticket) { t.Home = request.Place{Conversation: home} })
					homes = append(homes, home)
				}
				due := d.ticket(4).Response.Due
				d.move(due.Sub(d.Now()) + max(-apart, 0))
				for range 60 {
					d.sweep()
					for _, r := range d.replicas {
						r.sender.Serve(d.Context())
					}
					d.move(time.Second)
				}
				for _, home := range homes {
					d.expect(home, "late")
				}
				if n := len(d.in(d.chat("Bob"), "late")); n == 0 {
					t.Errorf("nothing told to the assignee\n%s", d.events())
				}
				for n := range request.Number(4) {
					if got := fmt.Sprint(d.history(n + 1)); got != "[breached]" && got != "[warned breached]" {
						t.Errorf("%s: history %s", n+1, got)
					}
				}
			})
		})
	}
}

func TestTheDesksChannelIsReachedWithNoMessageBefore(t *testing.T) {
	everyDesk(t, func(d *desk) {
		fresh := d.teams.Conversation(teamstest.Channel).ChannelID()
		chat := d.teams.Conversation(teamstest.GroupChat).ID()
		d.desk.DeskConversation, d.desk.EscalationConversation = fresh, chat
		d.teams.InstallFor(d.teams.Person("Alice"))
		d.open(func(t *request.Ticket) { t.Home = request.Place{Conversation: d.chat("Alice"), Personal: true} })
		d.move(10 * time.Hour)
		d.settle()
		d.expect(fresh, "SR-1", "is late")
		d.expect(chat, "SR-1", "late")
		if n := len(d.teams.Events("create")); n < 2 {
			t.Errorf("%d threads made in the desk's channel, want one for the card and one for the alarm\n%s", n, d.events())
		}
	})
}

// TestTwoReplicasSweepAtOnce fires each milestone once, whoever is faster.
func TestTwoReplicasSweepAtOnce(t *testing.T) {
	everyDesk(t, func(d *desk) {
		d.addReplica(d.store)
		for range 40 {
			d.open(func(t *request.Ticket) {
				t.Home = request.Place{Conversation: d.teams.Conversation(teamstest.GroupChat).ID()}
			})
		}
		d.move(time.Hour)
		fired, errs := make(chan int, 4), make(chan error, 4)
		for i := range 4 {
			go func() {
				n, err := d.replicas[i%2].sweeper.Sweep(d.Context())
				fired <- n
				errs <- err
			}()
		}
		sum := 0
		for range 4 {
			sum += <-fired
			if err := <-errs; err != nil {
				t.Error(err)
			}
		}
		d.sweep()
		if sum != 40 {
			t.Errorf("%d tickets fired, want 40", sum)
		}
		for n := range request.Number(40) {
			if got := fmt.Sprint(d.history(n + 1)); got != "[breached]" {
				t.Errorf("%s: history %s", n+1, got)
			}
		}
	})
}
