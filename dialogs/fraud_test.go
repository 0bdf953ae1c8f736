package dialogs_test

import (
	"fmt"
	"strings"
	"testing"

	"onbehalf/bot/request"
	"onbehalf/bot/teams/teamstest"
)

// Who is concerned by a fraud case cannot be read from the list of those who get
// a view of their own, in a small conversation or a large one.
func TestASharedFraudCardNamesNobody(t *testing.T) {
	for name, members := range map[string]int{"few": 0, "many": 60} {
		t.Run(name, func(t *testing.T) {
			everyDesk(t, func(t *testing.T, d *desk) {
				room := d.Conversation(teamstest.Channel)
				room.As("Rita").Say("@onbehalf help")
				who := crowd(room)
				for i := range members {
					room.As(fmt.Sprint("Member ", i))
				}
				n := d.staffed(who, nil, fraud).Number
				d.settle()
				who["Otto"].ExpectCard(n.String())
				who["Otto"].Say("@onbehalf status 1").ExpectCard(n.String())
				found := who["Rita"].Invoke("composeExtension/query", map[string]any{
					"commandId": "find", "parameters": []any{map[string]any{"name": "q", "value": "SR-1"}},
				})
				messages := []string{string(found.Response.Body)}
				cards := 0
				for _, m := range d.Messages(room.ChannelID()) {
					if m.Recipient == "" {
						messages = append(messages, string(m.Raw))
					}
					if m.Card != nil && strings.Contains(string(m.Raw), "SR-1") {
						cards++
						refresh, redraws := m.Card["refresh"].(map[string]any)
						if redraws != (members == 0) && m.Recipient == "" || refresh["userIds"] != nil && m.Recipient == "" {
							t.Errorf("views for %v", refresh)
						}
					}
				}
				if cards < 2 {
					t.Errorf("%d cards", cards)
				}
				for _, shown := range messages {
					for _, name := range []string{"Rita", "Ines", "Wolf"} {
						for _, id := range []string{who[name].Person.ID, who[name].ObjectID, name} {
							if strings.Contains(shown, id) {
								t.Errorf("%s can be read from %s", name, shown)
							}
						}
					}
				}
				if got := d.ticket(n); got.Kind != request.Fraud {
					t.Errorf("it is no fraud case: %+v", got)
				}
			})
		})
	}
}
