package dialogs_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"onbehalf/bot/intake"
	"onbehalf/bot/request"
	"onbehalf/bot/teams/teamstest"
)

// right is one move, and who may do it on a ticket that somebody else has.
type right struct {
	verb string
	word string // as it is typed, with what follows the number
	data map[string]any
	// before brings the ticket to where the move is possible.
	before []string
	may    []string
	// what is the entry that it leaves.
	what string
}

// rights are the rules of the desk: Rita filed it, Ines has it, Wolf watches it.
var rights = []right{
	{"ticket/assign", "assign 1 me", map[string]any{"to": "me"}, nil, []string{"Rita", "Wolf", "Otto", "Lena Lead"}, "assigned"},
	{"ticket/release", "release 1", nil, nil, []string{"Ines", "Lena Lead"}, "released"},
	{"ticket/ack", "ack 1", nil, nil, []string{"Ines", "Rita", "Wolf", "Otto", "Lena Lead"}, "acked"},
	{"ticket/file", "file 1 " + case1, map[string]any{"microsoftCase": case1}, nil, []string{"Ines", "Lena Lead"}, "filed"},
	{"ticket/respond", "respond 1 no number yes", map[string]any{"text": "yes", "noNumber": true}, nil, []string{"Ines", "Lena Lead"}, "responded"},
	{"ticket/comment", "comment 1 hello", map[string]any{"text": "hello"}, nil, []string{"Ines", "Rita", "Wolf", "Otto", "Lena Lead"}, "commented"},
	{"ticket/wait", "wait 1", nil, nil, []string{"Ines", "Lena Lead"}, "waiting"},
	{"ticket/resume", "resume 1", nil, []string{"wait"}, []string{"Ines", "Lena Lead"}, "resumed"},
	{"ticket/resolve", "resolve 1", nil, nil, []string{"Ines", "Lena Lead"}, "resolved"},
	{"ticket/close", "close 1 gone", map[string]any{"customerInformed": true}, []string{"resolve"}, []string{"Ines", "Lena Lead"}, "closed"},
	{"ticket/reopen", "reopen 1", nil, []string{"resolve"}, []string{"Ines", "Rita", "Wolf", "Otto", "Lena Lead"}, "reopened"},
	{"ticket/cancel", "cancel 1 x", nil, nil, []string{"Ines", "Rita", "Lena Lead"}, "cancelled"},
	{"ticket/severity", "severity 1 C", map[string]any{"severity": "C"}, nil, []string{"Ines", "Rita", "Lena Lead"}, "severity"},
	{"ticket/watch", "watch 1", nil, nil, []string{"Ines", "Rita", "Otto", "Lena Lead"}, "watched"},
	{"ticket/unwatch", "unwatch 1", nil, nil, []string{"Wolf"}, "unwatched"},
}

// everybody are those who try: four of the ticket's people, another member, a
// guest, somebody of another tenant and somebody without an account.
var everybody = []string{"Ines", "Rita", "Wolf", "Otto", "Lena Lead", "Gast", "Fremd", "Anonym"}

func crowd(c *teamstest.Conversation) map[string]*teamstest.Speaker {
	all := map[string]*teamstest.Speaker{}
	for _, name := range everybody {
		switch name {
		case "Gast":
			all[name] = c.As(name, teamstest.Guest())
		case "Fremd":
			all[name] = c.As(name, teamstest.Foreign())
		case "Anonym":
			all[name] = c.As(name, teamstest.Anonymous())
		default:
			all[name] = c.As(name)
		}
	}
	return all
}

// staffed is a ticket of Rita's that Ines has and Wolf watches, at the status
// that the steps lead to.
func (d *desk) staffed(who map[string]*teamstest.Speaker, steps []string, change ...func(*intake.Answers)) request.Ticket {
	d.testing.Helper()
	n := d.file(who["Rita"], change...).Number
	ctx, rita, ines := d.testing.Context(), d.person("Rita"), d.person("Ines")
	move := func(_ *request.Ticket, err error) {
		d.testing.Helper()
		if err != nil {
			d.testing.Fatal(err)
		}
	}
	move(d.desk.Assign(ctx, rita, request.Move{Number: n}, ines))
	move(d.desk.Watch(ctx, rita, request.Move{Number: n}, d.person("Wolf")))
	for _, step := range steps {
		switch step {
		case "wait":
			move(d.desk.Wait(ctx, ines, request.Move{Number: n}, request.Wait{}, ""))
		case "resolve":
			move(d.desk.Resolve(ctx, ines, request.Move{Number: n}, ""))
		}
	}
	return d.ticket(n)
}

// TestWhoMayDoWhat tries every move by word and by button, as everybody.
func TestWhoMayDoWhat(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		who := crowd(d.Conversation(teamstest.GroupChat))
		for _, r := range rights {
			for _, name := range everybody {
				may := slices.Contains(r.may, name)
				for _, typed := range []bool{false, true} {
					if typed && may && name != r.may[0] {
						continue // the button has shown the right; one word is enough
					}
					n := d.staffed(who, r.before).Number
					before, had := d.ticket(n), len(d.entries(n))
					d.move(time.Minute)
					answer := ""
					if typed {
						line := strings.Replace(r.word, " 1", " "+n.String(), 1)
						turn := who[name].Say("@onbehalf /" + line)
						if !may && !slices.Contains([]string{"watch", "unwatch", "assign"}, strings.Fields(line)[0]) {
							turn.ExpectText()
						}
					} else {
						answer = d.pressed(who[name], n, before.Revision, r.verb, r.data)
					}
					did := d.entries(n)[had:]
					switch {
					case may && !slices.Equal(did, []string{r.what}):
						t.Errorf("%s may %s (typed %v), but it did %q and said %s", name, r.verb, typed, did, answer)
					case !may && (len(did) != 0 || d.ticket(n).Revision != before.Revision):
						t.Errorf("%s must not %s (typed %v), but it did %q", name, r.verb, typed, did)
					case !may && !typed && !strings.Contains(answer, "Nothing was changed") && r.verb != "ticket/watch" && r.verb != "ticket/unwatch" &&
						r.verb != "ticket/assign" && !slices.Contains([]string{"Gast", "Fremd", "Anonym"}, name):
						t.Errorf("%s is refused %s without saying that nothing was changed: %s", name, r.verb, answer)
					}
				}
			}
		}
	})
}

// TestFraudIsNobodyElses tries everything there is on a fraud case as people whom
// it does not concern: nothing is shown but number and status, nothing is done,
// and nothing is told them (R5).
func TestFraudIsNobodyElses(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		room := d.Conversation(teamstest.Channel)
		room.As("Rita").Say("@onbehalf help") // begins the thread
		who := crowd(room)
		n := d.staffed(who, nil, fraud).Number
		d.settle()
		secrets := []string{"Stolen", "Invoices", "Contoso", "Ines", contoso}
		clean := func(by, what, shown string) {
			t.Helper()
			for _, secret := range secrets {
				if strings.Contains(shown, secret) {
					t.Errorf("%s by %s shows %q: %.1500s", what, by, secret, shown)
				}
			}
		}
		clean("the channel", "filing", d.messagesOf(room.ChannelID(), ""))
		before, had := d.ticket(n), d.entries(n)
		for _, name := range []string{"Otto", "Gast", "Fremd", "Anonym"} {
			for _, r := range rights {
				clean(name, r.verb, d.pressed(who[name], n, before.Revision, r.verb, r.data))
				clean(name, "old "+r.verb, d.pressed(who[name], n, 1, r.verb, map[string]any{"ask": true}))
				d.move(time.Minute)
				who[name].Say("@onbehalf /" + r.word)
			}
			for verb, data := range map[string]map[string]any{
				"ticket/show": nil, "ticket/refresh": nil, "ticket/history": nil, "ticket/sheet": {"plain": true},
				"list/page": {"filter": "all", "offset": 0, "of": d.person("Rita").ID}, "sla/board": {}, "sla/ack": {"numbers": []int{int(n)}},
				"report/show": {"period": "week", "back": 0, "csv": true},
			} {
				clean(name, verb, d.pressed(who[name], n, before.Revision, verb, data))
			}
			for _, line := range []string{
				"status 1", "list all", "list @Rita", "list all contoso.example", "find stolen", "find SR-1", "find " + contoso, "sla", "sla 1", "report", "report month",
			} {
				d.move(time.Minute)
				if name == "Anonym" && line == "list @Rita" {
					continue
				}
				who[name].Say("@onbehalf /" + line)
			}
			for _, words := range []string{"SR-1", "stolen", "", "contoso"} {
				found := who[name].Invoke("composeExtension/query", map[string]any{
					"commandId": "find", "parameters": []any{map[string]any{"name": "q", "value": words}},
				})
				clean(name, "the compose box", string(found.Response.Body))
			}
		}
		d.settle()
		// What people typed themselves is no message of the bot.
		for _, reader := range []string{"", who["Otto"].Person.ID, who["Gast"].Person.ID} {
			for _, m := range d.Messages(room.ChannelID()) {
				switch {
				case m.Recipient == "":
					clean("the channel", "a message", string(m.Raw))
				case m.Recipient == reader: // who lists a customer reads its name in the heading
					clean("an asker", "a message", strings.NewReplacer("Contoso Ltd", "", contoso, "").Replace(string(m.Raw)))
				}
			}
		}
		if chat := d.messagesOf(d.PersonalID(who["Otto"].Person), who["Otto"].Person.ID); strings.Contains(chat, "Stolen") {
			t.Errorf("Otto was told %s", chat)
		}
		if now := d.ticket(n); now.Revision != before.Revision || !slices.Equal(d.entries(n), had) {
			t.Errorf("strangers moved it: %v", d.entries(n))
		}
		report, err := d.desk.Report(t.Context(), d.person("Otto"), d.Now().Add(-24*time.Hour), d.Now().Add(time.Hour))
		if raw, _ := json.Marshal(report); err != nil || strings.Contains(string(raw), "Contoso") {
			t.Errorf("Otto's report counts it: %s %v", raw, err)
		}

		// Its people see and move it, and what they say of it stays among them.
		d.move(time.Minute)
		who["Wolf"].Say("@onbehalf status 1").ExpectCard("Stolen card")
		for _, line := range []string{"file 1 " + case1, "comment 1 Called the Stolen bank", "respond 1"} {
			d.move(time.Minute)
			who["Ines"].Say("@onbehalf " + line)
		}
		d.move(time.Minute)
		who["Wolf"].Say("@onbehalf resolve 1") // refused, with Ines' name
		d.settle()
		for _, m := range d.Messages(room.ChannelID()) {
			if m.Recipient == "" {
				clean("the channel", "a message", string(m.Raw))
			}
		}
		if strings.Contains(d.messagesOf(room.ChannelID(), ""), case1) {
			t.Error("the channel hears Microsoft's number")
		}
		if got := d.ticket(n); got.Status != request.InProgress || got.MicrosoftCase != case1 {
			t.Errorf("its people could not move it: %+v", got)
		}
	})
}

// TestAnswersAboutOtherTicketsArePrivate types moves in a thread that is not the
// ticket's: neither success nor refusal is shown to the channel.
func TestAnswersAboutOtherTicketsArePrivate(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		room := d.Conversation(teamstest.Channel)
		room.As("Rita").Say("@onbehalf help")
		who := crowd(room)
		d.staffed(who, nil)
		d.staffed(who, nil)
		if _, err := d.desk.File(t.Context(), d.person("Ines"), request.Move{Number: 2}, case1, time.Time{}); err != nil {
			t.Fatal(err)
		}
		d.settle()
		elsewhere := room.NewThread()
		otto, ines, carol := elsewhere.As("Otto"), elsewhere.As("Ines"), elsewhere.As("Carol")
		for _, line := range []string{
			"resolve 1", "comment 1 hello", "assign 1", "assign 1 nobody of this name", "watch 1", "unwatch 1", "status 1", "sla 1", "list all", "list @Rita", "find vms", "report", "sla",
		} {
			d.move(time.Minute)
			otto.Say("@onbehalf " + line)
			carol.ExpectNothing()
		}
		d.move(time.Minute)
		list := otto.Say("@onbehalf list @Rita").ExpectCard("Rita", "SR-1", "SR-2")
		list.Press("list/page", "filter", "all").Expect("SR-1")
		for _, line := range []string{"file 1 " + case1, "respond 1", "wait 1", "resume 1", "severity 1 A", "severity 1 A down", "resolve 1", "close 1", "close 1 gone"} {
			d.move(time.Minute)
			ines.Say("@onbehalf " + line)
			carol.ExpectNothing()
		}
		// In its own thread everybody hears what was done, but not of the other ticket.
		d.move(time.Minute)
		mark := len(d.Messages(room.ChannelID()))
		who["Rita"].Say("@onbehalf reopen 1")
		who["Ines"].Say("@onbehalf file 1 " + case1 + " 02:40").ExpectText(case1)
		who["Ines"].ExpectCard("SR-2 too")
		for _, m := range d.Messages(room.ChannelID())[mark:] {
			if m.Recipient == "" && strings.Contains(string(m.Raw), "SR-2") {
				t.Errorf("the thread of SR-1 hears of SR-2: %s", m.Raw)
			}
		}
	})
}
