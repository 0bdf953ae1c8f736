package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"time"

	"github.com/google/uuid"
)

// patience is how long a user waits for an answer or a message.
const patience = 30 * time.Second

// user is one connection over which people speak, one after the other. Nothing
// in it is shared, so that users cost little beside what they load.
type user struct {
	*bench
	candidate *candidate
	address   string
	token     string

	conn  net.Conn
	reads *bufio.Reader
	out   []byte
	turns []turn
	forms []time.Duration
	fails int
}

// turn is one delivery and its answer.
type turn struct {
	ended time.Time
	took  time.Duration
	asked int // bytes
	bytes int // of the answer
}

// turn delivers an activity and returns the answer.
func (u *user) turn(activity []byte) ([]byte, error) {
	began := time.Now()
	answer, err := u.post(activity)
	if err != nil {
		if u.conn != nil {
			_ = u.conn.Close() // it is of no use any more
			u.conn = nil
		}
		return nil, err
	}
	ended := time.Now()
	u.turns = append(u.turns, turn{ended, ended.Sub(began), len(activity), len(answer)})
	return answer, nil
}

// post is one request over the connection that is kept. Go's own client would
// take two more goroutines for it.
func (u *user) post(body []byte) (_ []byte, err error) {
	if u.conn == nil {
		if u.conn, err = net.DialTimeout("tcp", u.address, patience); err != nil {
			return nil, err
		}
		u.reads = bufio.NewReaderSize(u.conn, 32<<10)
	}
	if err := u.conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return nil, err
	}
	u.out = fmt.Appendf(u.out[:0], "POST /api/messages HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\n"+
		"Content-Type: application/json; charset=utf-8\r\nContent-Length: %d\r\n\r\n", u.address, u.token, len(body))
	u.out = append(u.out, body...)
	if _, err := u.conn.Write(u.out); err != nil {
		return nil, err
	}
	resp, err := http.ReadResponse(u.reads, nil)
	if err != nil {
		return nil, err
	}
	answer, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("status %d", resp.StatusCode)
	}
	return answer, errors.Join(err, resp.Body.Close())
}

// activity is what Teams posts when a person does something in their own chat;
// rest is what the kind of activity adds.
func (u *user) activity(p *person, kind, id, rest string) []byte {
	return fmt.Appendf(nil, `{"type":%q,"id":%q,"channelId":"msteams","serviceUrl":%q,"timestamp":%q,"locale":"en-US","localTimezone":"Europe/Berlin",`+
		`"from":{"id":%q,"name":%q,"aadObjectId":%q},"recipient":{"id":%q,"name":"Onbehalf"},`+
		`"conversation":{"conversationType":"personal","tenantId":%q,"id":%q},"channelData":{"tenant":{"id":%q}},`+
		`"entities":[{"type":"clientInfo","locale":"en-US","platform":"Windows","timezone":"Europe/Berlin"}],%s}`,
		kind, id, u.teams.serviceURL(), time.Now().UTC().Format("2006-01-02T15:04:05.0000000Z07:00"),
		p.id, p.name, p.object, botID, tenant, p.chat, tenant, rest)
}

// say types a line. It must need no escapes.
func (u *user) say(p *person, text string) error {
	rest := fmt.Sprintf(`"text":%q,"textFormat":"plain","attachments":[{"contentType":"text/html","content":"<p>%s</p>"}]`, text, text)
	_, err := u.turn(u.activity(p, "message", u.teams.nextID(), rest))
	return err
}

// press presses the button with this verb of a card in a message, with these
// values in those of its inputs that the card has, and returns the next card.
func (u *user) press(p *person, messageID string, from card, verb string, fills map[string]string) (card, error) {
	value, err := from.press(verb, fills)
	if err != nil {
		return nil, err
	}
	rest := fmt.Sprintf(`"name":"adaptiveCard/action","replyToId":%q,"value":%s`, messageID, value)
	answer, err := u.turn(u.activity(p, "invoke", "f:"+uuid.NewString(), rest))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", verb, err)
	}
	u.sample.keep(answer)
	next, err := answeredCard(answer)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", verb, err)
	}
	return next, nil
}

// form waits for the message with a form.
func (p *person) form() (form card, messageID string, err error) {
	late := time.After(patience)
	for {
		select {
		case m := <-p.inbox:
			if card(m.body).offers("intake/next") {
				return m.body, m.id, nil
			}
		case <-late:
			return nil, "", errors.New("the form did not come")
		}
	}
}

// forget empties the inbox of what came in earlier conversations.
func (p *person) forget() {
	for len(p.inbox) > 0 {
		<-p.inbox
	}
}

// life is what is done with a request once it is filed. The first press for Microsoft's
// answer is asked for the number.
var life = []string{"ticket/assign", "ticket/respond", "ticket/respond", "ticket/comment", "ticket/resolve"}

// steps is how many steps a form may have.
const steps = 6

// conversation files a request about a customer under a title and works on it
// until it is resolved. filed is called before and after the answer to the
// submit.
func (u *user) conversation(p *person, customer, subscription, title string, filed func(answered bool)) error {
	p.forget()
	began := time.Now()
	if err := u.say(p, "new "+customer+" azure A "+title); err != nil {
		return fmt.Errorf("new: %w", err)
	}
	shown, message, err := p.form()
	if err != nil {
		return err
	}
	u.forms = append(u.forms, time.Since(began))
	fills := map[string]string{
		"description": "Since this morning none of the machines in West Europe starts.\nThe portal says that the allocation failed.",
		"tried":       "Stopped and started them again, another size, another zone", "impact": "Nobody in the branch can work",
		"subscriptionId": subscription, "criterion": "unavailable", "healthChecked": "none", "reachable": "true",
	}
	for i := 0; i < steps && !shown.offers("intake/submit"); i++ {
		if shown, err = u.press(p, message, shown, "intake/next", fills); err != nil {
			return err
		}
	}
	filed(false)
	if shown, err = u.press(p, message, shown, "intake/submit", fills); err != nil {
		return err
	}
	if !bytes.Contains(shown, []byte("SR-")) {
		return fmt.Errorf("the submit was answered without a number: %.300s", shown)
	}
	filed(true)
	for _, verb := range life {
		said := map[string]string{"text": "Done and said: " + verb, "microsoftCase": fmt.Sprintf("26%014d", rand.Int64N(1e14))}
		if shown, err = u.press(p, message, shown, verb, said); err != nil {
			return err
		}
	}
	return nil
}
