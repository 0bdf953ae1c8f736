package dialogs_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"onbehalf/bot/teams/teamstest"
)

// nonces are what differs between two cards of the same form.
var nonces = regexp.MustCompile(`f-[a-z0-9]{20,}|[a-z]+-[a-z0-9]{6,8}"`)

// What others read offers no customer and tells nothing of one, whatever was
// typed; the answer to its owner alone does.
func TestAFormThatOthersReadKnowsNoCustomer(t *testing.T) {
	for _, kind := range []string{teamstest.GroupChat, teamstest.Channel} {
		t.Run(kind, func(t *testing.T) {
			everyDesk(t, func(t *testing.T, d *desk) {
				var empty string
				for i, c := range []struct{ typed, value string }{
					{"", ""}, {"", ""}, {" contoso", "contoso"}, {" contoso.example", "contoso.example"}, {" nobody inc", "nobody inc"},
					{" " + gone + " azure B Slow", gone}, {" “Azure Interior”", "Azure Interior"},
				} {
					room := d.Conversation(kind)
					alice, guest := room.As("Alice"), room.As("Gast", teamstest.Guest())
					card := alice.Say("@onbehalf new"+c.typed).ExpectCard("customer").ExpectValue("customer", c.value)
					seen := guest.See(card)
					input := seen.Input("customer")
					if choices, ok := input["choices"].([]any); !ok || len(choices) != 0 || input["choices.data"] == nil || input["style"] != "filtered" {
						t.Errorf("%q offers %v", c.typed, input)
					}
					raw, err := json.Marshal(seen.Content)
					if err != nil {
						t.Fatal(err)
					}
					shown := strings.ReplaceAll(string(raw), c.value, "")
					for _, secret := range []string{"Contoso", "Fabrikam", "Interior", "Tailspin", "obh", "fits", "no customer", contoso, contosoUK, fabrikam, interior, gone} {
						if c.value == "" && strings.Contains(string(raw), secret) || strings.Contains(shown, secret) {
							t.Errorf("%q shows %q: %s", c.typed, secret, raw)
						}
					}
					// A case that was filed in private changes no byte of it.
					if i == 0 {
						empty = nonces.ReplaceAllString(string(raw), "")
						d.file(d.Conversation(teamstest.Personal).As("Alice"), fraud)
					} else if i == 1 && nonces.ReplaceAllString(string(raw), "") != empty {
						t.Errorf("the form depends on what its readers may not see:\n%s\n%s", empty, raw)
					}
					next := card.Press("intake/next", "ask", "")
					if c.value != gone && len(next.Input("customer")["choices"].([]any)) < 3 {
						t.Errorf("its owner is offered %v", next.Input("customer")["choices"])
					}
					if c.value == "contoso" {
						next.Expect("obhcontoso.", "obhcontosouk.")
					}
				}
			})
		})
	}
}

func TestWhatASharedFormAsksTellsNothingOfTheCustomer(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		for _, typed := range []string{"contoso.example", hostile, teamstest.Tenant} {
			room := d.Conversation(teamstest.GroupChat)
			form := room.As("Alice").Say("@onbehalf new "+typed+" azure B Slow").ExpectCard("description", typed)
			raw := fmt.Sprint(room.As("Gast", teamstest.Guest()).See(form).Content)
			for _, secret := range []string{"Contoso", contosoSub, "Azure plan", "Relecloud", "Ёлка", "evil", "accessConfirmed", "supportPlan", "own tenant"} {
				if strings.Contains(raw, secret) {
					t.Errorf("%s: %q stands in %s", typed, secret, raw)
				}
			}
			own := form.Fill("description", "All of it").Press("intake/next")
			if typed == "contoso.example" {
				own = own.Press("intake/back") // the only subscription was filled in for its owner
			}
			own.ExpectInput("subscriptionId").ExpectValue("description", "All of it").ExpectValue("title", "Slow")
		}
	})
}

func TestChoicesStayWhereOnePersonReads(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		room := d.Conversation(teamstest.GroupChat)
		d.Conversation(teamstest.Personal).As("Alice").Say("new").ExpectCard("customer").Expect("Fabrikam")
		room.As("Bob").Slash("new").ExpectCard("customer").Expect("Fabrikam")
		again := room.As("Carol")
		again.Say("@onbehalf new").ExpectCard("customer").ExpectNot("Fabrikam")
		turn := again.Say("@onbehalf new")
		turn.ExpectCard("customer", "Fabrikam")
		for _, m := range d.Messages(room.ID()) {
			if m.Recipient == "" && strings.Contains(string(m.Raw), "Fabrikam") {
				t.Errorf("the chat reads %s", m.Raw)
			}
		}
	})
}
