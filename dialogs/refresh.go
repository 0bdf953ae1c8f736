package dialogs

import (
	"context"
	"sync"
	"time"

	"onbehalf/bot"
	"onbehalf/bot/teams"
	"onbehalf/bot/ticket"
	"onbehalf/cards"
)

// refresh answers a client that redraws somebody's view by itself. When a card in
// a channel changes, every client that shows it asks at once, so what was read for
// one serves the others for some seconds; each is drawn with its own rights.
func (d *Dialogs) refresh(ctx context.Context, t *bot.Turn, press teams.CardAction) error {
	n, ok := ticket.ParseNumber(press.Data.String("number"))
	if !ok {
		return d.forged(t)
	}
	seen, known := d.sights.get(n, revisionOf(press), d.Desk.Now())
	if !known {
		var err error
		if seen.ticket, err = t.Reader.Ticket(ctx, n); err != nil {
			return err
		}
		if seen.newest, err = t.Reader.History(ctx, n, 0, newest); err != nil {
			return err
		}
		d.sights.put(seen, d.Desk.Now())
	}
	return t.AnswerCard(shown(cards.Ticket(d.viewWith(t, seen.ticket, seen.newest), t.Words)))
}

// sight is a ticket as it was read for a client. Nobody changes it.
type sight struct {
	ticket *ticket.Ticket
	newest []ticket.Event
	at     time.Time
}

// sights are the tickets that were read for clients lately. They only spare the
// database, so every replica has its own.
type sights struct {
	mu   sync.Mutex
	seen map[ticket.Number]sight
}

const (
	sightLife  = 3 * time.Second
	sightsKept = 1000
)

// get gives nothing that is older than the card that asks.
func (s *sights) get(n ticket.Number, revision int, now time.Time) (sight, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, ok := s.seen[n]
	return found, ok && now.Sub(found.at).Abs() < sightLife && found.ticket.Revision >= revision
}

func (s *sights) put(seen sight, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seen == nil || len(s.seen) >= sightsKept {
		s.seen = make(map[ticket.Number]sight)
	}
	seen.at = now
	s.seen[seen.ticket.Number] = seen
}

// forget is for whoever has just changed a ticket here.
func (s *sights) forget(n ticket.Number) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.seen, n)
}
