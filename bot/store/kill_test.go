package store_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	osexec "os/exec"
	"testing"
	"time"

	"onbehalf/bot"
	"onbehalf/bot/intake"
	"onbehalf/bot/outbox"
	"onbehalf/bot/request"
	"onbehalf/bot/store"
	"onbehalf/bot/store/storetest"
)

// openOne is what submitting a form keeps: ticket, first entry, finished form, a notice
// and the answer of the delivery.
func openOne(ctx context.Context, s *store.Store, draft *intake.Draft) (request.Number, error) {
	opened, form := newTicket(draft.Form), draft.Form
	_, err := s.Turn(ctx, bot.Session{}, delivery(form, time.Now()), func(ctx context.Context, tx bot.Tx) (bot.StoredAnswer, error) {
		answer := bot.StoredAnswer{Status: 200}
		if err := tx.InsertTicket(ctx, opened); err != nil {
			return answer, err
		}
		answer.Body = []byte(opened.Number.String())
		if err := tx.Record(ctx, &request.Event{Ticket: opened.Number, At: monday, By: ines, What: "opened", Text: form}); err != nil {
			return answer, err
		}
		tx.Post(notice("queue", int64(opened.Number)))
		return answer, tx.FinishDraft(ctx, draft, opened.Number)
	})
	return opened.Number, err
}

const childURL = "ONBEHALF_STORE_TEST_CHILD"

// TestChildThatIsKilled is the program that TestKilledInTheMiddle kills; by
// itself it has nothing to do.
func TestChildThatIsKilled(t *testing.T) {
	url := os.Getenv(childURL)
	if url == "" {
		return
	}
	s, err := store.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; ; i++ {
		form := fmt.Sprint(os.Getpid(), " ", i)
		d := newDraft(form, ines)
		d.Expires = time.Now().Add(time.Hour)
		d.Conversation = form // the form of one who was killed may be unfinished
		save(t, s, d)
		n, err := openOne(t.Context(), s, d)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Printf("kept %d %s\n", n, form)
	}
}

// A process that is killed leaves whole tickets, and every one that it answered
// for.
func TestKilledInTheMiddle(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		s := storetest.Open(t, url)
		answered := map[string]request.Number{}
		for round := range 3 {
			child := osexec.Command(os.Args[0], "-test.run", "^TestChildThatIsKilled$")
			child.Env = append(os.Environ(), childURL+"="+url)
			out, err := child.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := child.Start(); err != nil {
				t.Fatal(err)
			}
			lines := bufio.NewScanner(out)
			for line := 0; lines.Scan(); line++ {
				if line == 5+7*round {
					if err := child.Process.Kill(); err != nil {
						t.Fatal(err)
					}
				}
				var n request.Number
				var process, turn int
				if _, err := fmt.Sscanf(lines.Text(), "kept %d %d %d", &n, &process, &turn); err == nil {
					answered[fmt.Sprint(process, " ", turn)] = n
				} else {
					t.Log("child: ", lines.Text())
				}
			}
			_ = child.Wait() // killed
		}
		page, err := s.Tickets(t.Context(), request.Query{Viewer: lead, Limit: 10000})
		if err != nil || page.Total < len(answered) || len(answered) < 10 {
			t.Fatalf("%d tickets, %d answered for, %v", page.Total, len(answered), err)
		}
		for _, kept := range page.Tickets {
			if got, want := answer(t, s, delivery(kept.Form, time.Now())), "200 "+kept.Number.String(); got != want {
				t.Errorf("%s: its delivery is answered with %q", kept.Number, got)
			}
		}
		claim(t, s, monday, 1) // sees the leases of the dead
		later := time.Now().Add(outbox.LeaseFor)
		s.Now = func() time.Time { return later }
		notices := map[request.Number]int{}
		for leases := claim(t, s, monday, 1); len(leases) > 0; leases = claim(t, s, monday, 1) {
			for _, m := range leases[0].Messages {
				notices[request.Number(m.Ticket)]++
			}
			settle(t, s, leases[0], outbox.Ended{Done: ids(leases[0].Messages)})
		}
		for _, kept := range page.Tickets {
			if int(kept.Number) > page.Total {
				t.Errorf("%s of %d: a gap", kept.Number, page.Total)
			}
			if events, err := s.History(t.Context(), kept.Number, 0, 9); err != nil || len(events) != 1 {
				t.Errorf("%s: %d entries, %v", kept.Number, len(events), err)
			}
			if d := byForm(t, s, kept.Form); d == nil || d.Opened != kept.Number {
				t.Errorf("%s: its form is not finished: %+v", kept.Number, d)
			}
			if notices[kept.Number] != 1 {
				t.Errorf("%s: %d notices", kept.Number, notices[kept.Number])
			}
			if n, ok := answered[kept.Form]; ok && n != kept.Number {
				t.Errorf("%s was answered as %s", kept.Number, n)
			}
			delete(answered, kept.Form)
		}
		if len(answered) > 0 {
			t.Errorf("answered for and lost: %v", answered)
		}
	})
}
