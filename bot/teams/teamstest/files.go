package teamstest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"onbehalf/bot/teams"
)

const (
	consentType  = "application/vnd.microsoft.teams.card.file.consent"
	fileInfoType = "application/vnd.microsoft.teams.card.file.info"
)

// checkFile is strict about what offers or shows a file.
func checkFile(contentType, name, contentURL string, content map[string]any) *refusal {
	filled := func(keys ...string) bool {
		for _, key := range keys {
			if content[key] == nil || content[key] == "" || content[key] == float64(0) {
				return false
			}
		}
		return name != ""
	}
	switch {
	case contentType == consentType && filled("description", "sizeInBytes", "acceptContext", "declineContext"):
	case contentType == fileInfoType && contentURL != "" && filled("uniqueId", "fileType"):
	default:
		return refuse(http.StatusBadRequest, "BadSyntax", "attachment of type %q lacks something", contentType)
	}
	return nil
}

func (m *incoming) hasFile() bool {
	return len(m.Attachments) > 0 && m.Attachments[0].ContentType != teams.CardType
}

// upload is OneDrive's side: an address that takes one file, whole, without a token.
func (t *Teams) upload(w http.ResponseWriter, r *http.Request) {
	content, err := io.ReadAll(r.Body)
	t.mu.Lock()
	defer t.mu.Unlock()
	size, wanted := len(content), t.uploads[r.PathValue("session")]
	switch {
	case err != nil, r.Header.Get("Authorization") != "", r.Header.Get("Content-Range") != fmt.Sprintf("bytes 0-%d/%d", size-1, size):
		w.WriteHeader(http.StatusBadRequest)
	case !wanted:
		w.WriteHeader(http.StatusNotFound)
	default:
		delete(t.uploads, r.PathValue("session"))
		t.stored = append(t.stored, content)
		w.WriteHeader(http.StatusCreated)
	}
}

// Stored are the files that the bot put into somebody's OneDrive, oldest first.
func (t *Teams) Stored() [][]byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([][]byte(nil), t.stored...)
}

// ExpectOffer waits for a message that offers a file.
func (s *Speaker) ExpectOffer() Message {
	s.teams.TB.Helper()
	e, ok := s.teams.wait(s.since, func(e Event) bool {
		return isNew(e) && s.sees(e) && e.Message != nil && strings.Contains(string(e.Message.Raw), consentType)
	})
	if !ok {
		s.teams.TB.Fatalf("no file is offered:\n%s", s.teams.dump(s.since))
	}
	return *e.Message
}

// Consent answers the offer of a file as Teams' client does. Where OneDrive is full, the
// address that Teams names takes nothing.
func (s *Speaker) Consent(offer Message, accept, full bool) *Turn {
	s.teams.TB.Helper()
	var sent struct {
		Attachments []struct {
			Name    string
			Content struct{ AcceptContext, DeclineContext json.RawMessage }
		}
	}
	if err := json.Unmarshal(offer.Raw, &sent); err != nil || len(sent.Attachments) != 1 {
		s.teams.TB.Fatalf("no offer: %v: %s", err, offer.Raw)
	}
	file := sent.Attachments[0]
	value := map[string]any{"type": "fileUpload", "action": "decline", "context": file.Content.DeclineContext}
	if accept {
		session := "session-" + offer.ID
		s.teams.mu.Lock()
		if s.teams.uploads == nil {
			s.teams.uploads = map[string]bool{}
		}
		s.teams.uploads[session] = !full
		s.teams.mu.Unlock()
		value["action"], value["context"] = "accept", file.Content.AcceptContext
		value["uploadInfo"] = map[string]any{
			"name": file.Name, "uploadUrl": s.teams.base + "/onedrive/" + session, "contentUrl": s.teams.base + "/files/" + file.Name,
			"uniqueId": "1150D938-8870-4044-9F2C-5BBDEBA70C8C", "fileType": "csv",
		}
	}
	a := s.Activity("invoke")
	a["name"], a["value"], a["replyToId"] = teams.InvokeFileConsent, value, offer.ID
	return s.turn(a)
}
