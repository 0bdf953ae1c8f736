package dialogs_test

import (
	"net/http"
	"strings"
	"testing"

	"onbehalf/bot/teams/teamstest"
)

// A report becomes a file where Teams takes one, and is text everywhere else.
func TestAReportAsAFile(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		d.talk.Files = true
		chat := d.Conversation(teamstest.Personal)
		alice := chat.As("Alice")
		d.file(alice)
		own := d.PersonalID(d.Person("Alice"))
		report := alice.Say("report week").ExpectCard("Week 48")
		offer := report.Press("report/show", "file", "true").ExpectOffer()
		if !strings.Contains(string(offer.Raw), `"name":"onbehalf-2026-11-23-2026-11-29.csv"`) {
			t.Errorf("offered as %s", offer.Raw)
		}
		if got := alice.Consent(offer, true, false); got.Response.Status != http.StatusOK || len(got.Response.Body) > 0 {
			t.Errorf("answered with %d %s", got.Response.Status, got.Response.Body)
		}
		stored := d.Stored()
		if len(stored) != 1 || !strings.HasPrefix(string(stored[0]), "\uFEFFof,key,name,opened") || !strings.Contains(string(stored[0]), "\nall,,,1,") {
			t.Fatalf("stored %q", stored)
		}
		said := d.messagesOf(own, "")
		if !strings.Contains(said, "is in your OneDrive") || !strings.Contains(said, "card.file.info") || strings.Contains(said, "card.file.consent") {
			t.Errorf("the chat shows %s", said)
		}

		declined := report.Press("report/show", "file", "true").ExpectOffer()
		alice.Consent(declined, false, false)
		full := report.Press("report/show", "file", "true").ExpectOffer()
		alice.Consent(full, true, true).ExpectText("of,key,name,opened")
		if said := d.messagesOf(own, ""); len(d.Stored()) != 1 || !strings.Contains(said, "No file was stored.") || !strings.Contains(said, "did not take the file") {
			t.Errorf("%d files, and the chat shows %s", len(d.Stored()), said)
		}
		alice.Invoke("fileConsent/invoke", map[string]any{"type": "fileUpload", "action": "accept", "context": map[string]any{"period": "week", "back": "0"},
			"uploadInfo": map[string]any{"name": "x.csv", "uploadUrl": "https://evil.example/x", "contentUrl": "https://evil.example/x", "uniqueId": "1", "fileType": "csv"}})
		alice.ExpectText("did not take the file")

		shared := d.Conversation(teamstest.Channel).As("Alice")
		card := shared.Say("@onbehalf report week").ExpectCard("Week 48")
		for _, title := range card.Buttons() {
			if title == "As a file" {
				t.Error("a file is offered in a channel")
			}
		}
	})
}
