package notify_test

import (
	"context"
	"testing"
	"time"

	"onbehalf/bot/notify"
	"onbehalf/bot/teams"
	"onbehalf/bot/teams/teamstest"
)

// government is a Teams that takes nothing at the host that the bot knows.
type government struct {
	notify.Connector
	here  string
	asked *[]string
}

func (g government) Send(ctx context.Context, ref teams.Ref, m teams.Message) (string, error) {
	*g.asked = append(*g.asked, ref.ServiceURL)
	if ref.ServiceURL != teams.GCCServiceURL {
		return "", &teams.Error{Op: "send", Status: 403, Code: "InvalidBotApiHost"}
	}
	ref.ServiceURL = g.here
	return g.Connector.Send(ctx, ref, m)
}

func TestAConversationOfTheGovernmentCloudIsKeptAtItsHost(t *testing.T) {
	everyDesk(t, func(d *desk) {
		group := d.teams.Conversation(teamstest.GroupChat).ID()
		var asked []string
		l := d.replicas[0].lanes
		l.Teams = government{l.Teams, d.teams.ServiceURL(), &asked}
		for _, text := range []string{"first", "second"} {
			d.leave(d.answerTo(group, text))
			d.settle()
			d.expect(group, text)
		}
		if len(asked) != 3 || asked[1] != teams.GCCServiceURL || asked[2] != teams.GCCServiceURL {
			t.Errorf("asked %v", asked)
		}
		if c, err := d.store.Conversation(d.Context(), group); err != nil || c.ServiceURL != teams.GCCServiceURL || c.Reach != notify.Reachable {
			t.Errorf("%+v, %v", c, err)
		}
	})
}

// TestTheNewestHostOfTheTenantServesWhatIsNotKnown names a conversation that
// nothing came from: it is written to where the tenant was heard of last, else at
// the cloud's own host.
func TestTheNewestHostOfTheTenantServesWhatIsNotKnown(t *testing.T) {
	everyDesk(t, func(d *desk) {
		fresh := d.teams.Conversation(teamstest.GroupChat).ID()
		for _, r := range d.replicas {
			r.lanes.ServiceURL = "https://smba.trafficmanager.net/teams"
		}
		for i, url := range []string{"https://old.example/amer", d.teams.ServiceURL()} {
			c := notify.Conversation{ID: "19:known" + url, Tenant: teamstest.Tenant, ServiceURL: url, Heard: d.Now().Add(time.Duration(i) * time.Hour)}
			if err := d.store.KeepConversation(d.Context(), c); err != nil {
				t.Fatal(err)
			}
		}
		other := notify.Conversation{ID: "19:other", Tenant: teamstest.OtherTenant, ServiceURL: "https://elsewhere.example", Heard: d.Now().Add(9 * time.Hour)}
		if err := d.store.KeepConversation(d.Context(), other); err != nil {
			t.Fatal(err)
		}
		d.leave(d.answerTo(fresh, "hello"))
		d.settle()
		d.expect(fresh, "hello")
	})
}

// TestTheDesksOwnChannelHearsInItsThread has a request that was filed in the
// desk's channel, which nobody has: thread and desk are one place.
func TestTheDesksOwnChannelHearsInItsThread(t *testing.T) {
	everyDesk(t, func(d *desk) {
		d.desk.DeskConversation, d.desk.EscalationConversation = d.channel.ChannelID(), d.channel.ChannelID()
		opened := d.open()
		d.move(time.Hour)
		d.settle()
		d.expect(opened.Home.Conversation, "SR-1 is late")
		d.move(time.Hour)
		d.settle()
		if n := len(d.in(opened.Home.Conversation, "SR-1", "Acknowledge")); n != 2 {
			t.Errorf("%d alarms in the thread, want breach and last state\n%s", n, d.events())
		}
		created := 0
		for _, e := range d.teams.Events("create") {
			if e.Message != nil {
				created++
			}
		}
		if created != 0 {
			t.Errorf("%d new threads in the desk's channel\n%s", created, d.events())
		}
	})
}
