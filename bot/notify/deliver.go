package notify

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"onbehalf/bot/i18n"
	"onbehalf/bot/outbox"
	"onbehalf/bot/request"
	"onbehalf/bot/sla"
	"onbehalf/bot/teams"
	"onbehalf/cards"
)

// view is a ticket as somebody is shown it, in one place.
type view struct {
	cards.TicketView
	words i18n.Words
	now   time.Time
	// whole is the ticket itself, of which View may hold less.
	whole *request.Ticket
}

// shown loads a ticket and what of it may be seen in a place: by one person in
// their own chat, in their language and zone; by everybody elsewhere, in the
// requester's. A fraud case is number and status to whom it does not concern, and
// to a conversation.
func (l *Renderer) shown(ctx context.Context, place outbox.Conversation, n request.Notice) (view, error) {
	now := l.now()
	t, newest, err := l.load(ctx, n, now)
	if err != nil {
		return view{}, err
	}
	reader := l.readerOf(*t, place, n)
	v := view{words: wordsOf(*t).AsOf(now), now: now, whole: t}
	if !reader.Nobody() {
		if v.words, err = l.wordsFor(ctx, reader, v.words); err != nil {
			return view{}, err
		}
	}
	viewer := l.Desk.Viewer(reader)
	v.TicketView = cards.TicketView{
		View: l.Desk.Show(*t, viewer, reader.Nobody()), Viewer: viewer, Shared: reader.Nobody(),
		Newest: newest, RefreshFor: peopleOf(*t), Late: t.Late(now),
	}
	return v, nil
}

// load gives a ticket and its newest entries, no older than the notice.
func (l *Renderer) load(ctx context.Context, n request.Notice, now time.Time) (*request.Ticket, []request.Event, error) {
	if n.Revision > 0 {
		if t, newest, ok := l.Desk.Recent.Get(n.Ticket, n.Revision, now); ok {
			return t, newest, nil
		}
	}
	t, err := l.Store.Ticket(ctx, n.Ticket)
	if err != nil {
		return nil, nil, fmt.Errorf("load %s: %w", n.Ticket, err)
	}
	newest, err := l.Store.History(ctx, t.Number, 0, 5)
	if err != nil {
		return nil, nil, fmt.Errorf("load history of %s: %w", t.Number, err)
	}
	l.Desk.Recent.Put(t, newest, now)
	return t, newest, nil
}

// readerOf is the one person who reads along, nobody where several do.
func (l *Renderer) readerOf(t request.Ticket, place outbox.Conversation, n request.Notice) request.Person {
	switch {
	case !place.Personal():
		return request.Person{}
	case !n.To.Person.Nobody():
		return n.To.Person
	case t.Home.Personal && place.ID == t.Home.Conversation:
		return t.Requester
	}
	return request.Person{ID: place.Person}
}

// wordsOf is the language and zone that several people read: the requester's;
// where their zone is not known, the customer's.
func wordsOf(t request.Ticket) i18n.Words {
	zone, known := sla.Location(t.Zone)
	if !known {
		zone = t.Customer.Location()
	}
	return i18n.For(t.UILanguage, zone)
}

// wordsFor is a person's own language and zone, as far as they are known.
func (l *Renderer) wordsFor(ctx context.Context, who request.Person, otherwise i18n.Words) (i18n.Words, error) {
	language, zone, err := l.reader(ctx, who.ID)
	if err != nil {
		return otherwise, fmt.Errorf("load words of a person: %w", err)
	}
	if language == "" {
		language = otherwise.Lang()
	}
	place := otherwise.Zone()
	if known, ok := sla.Location(zone); ok {
		place = known
	}
	return i18n.For(language, place).AsOf(l.now()), nil
}

// peopleOf are the Teams ids of those who get their own view of a ticket's card.
func peopleOf(t request.Ticket) []string {
	var all []string
	for _, p := range t.People() {
		all = append(all, cmp.Or(p.TeamsID, p.ID))
	}
	return all
}

// role says what a card is for.
type role int

const (
	// homeCard is the card where the ticket was filed: the form's message at first,
	// another one when that was deleted. A ticket that was filed in no conversation has one
	// with each lead.
	homeCard role = iota
	// deskCard is the card in the desk's conversation.
	deskCard
)

// handleOf names the message of a ticket's card.
func handleOf(t request.Ticket, r role) string {
	if r == deskCard {
		return fmt.Sprintf("desk:%d", t.Number)
	}
	return request.Handle(t.Form)
}

// packCard draws the ticket's card of a role anew: over the message that shows it, or
// as a new message where there is none. What shows this state already is left alone.
func (l *Renderer) packCard(ctx context.Context, place outbox.Conversation, p *parcel, group []request.Notice, r role) error {
	v, err := l.shown(ctx, place, group[0])
	if err != nil {
		return err
	}
	t := v.View.Ticket
	if r == homeCard {
		if err := l.quiet(ctx, p, v.whole); err != nil {
			return err
		}
	}
	handle := handleOf(*v.whole, r)
	if r == homeCard && !group[0].To.Person.Nobody() {
		handle = request.LeadHandle(t.Number, group[0].To.Person)
	}
	over, known, err := l.posted(ctx, handle, p)
	if err != nil {
		return fmt.Errorf("find card of %s: %w", t.Number, err)
	}
	if known && over.Revision >= t.Revision {
		return nil
	}
	v.RefreshAll = v.Shared && l.fewReadAlong(ctx, place)
	p.notices, p.message = group, cardMessage(cards.Ticket(v.TicketView, v.words), v.words)
	p.handle, p.revision, p.over, p.ticket = handle, t.Revision, &over, t.Number
	p.thread = !known && l.opensThread(place)
	return nil
}

// posted finds the message of a card, as the commit that left the notice saw it, or as
// it is now.
func (l *Renderer) posted(ctx context.Context, handle string, p *parcel) (outbox.Posted, bool, error) {
	if seen := p.seen; seen != nil && seen.Handle == handle {
		return *seen, seen.Conversation != "", nil
	}
	return l.Store.Posted(ctx, handle)
}

// packAssigned tells somebody that a ticket is theirs: in a conversation with a
// real mention, in their own chat with the ticket's card.
func (l *Renderer) packAssigned(ctx context.Context, place outbox.Conversation, p *parcel, group []request.Notice) error {
	v, err := l.shown(ctx, place, group[0])
	if err != nil {
		return err
	}
	t := v.View.Ticket
	if t.Assignee.Nobody() || t.Over() || !group[0].To.Person.Nobody() && v.personal() && !group[0].To.Person.Is(t.Assignee) {
		return nil // it went on to somebody else, who has a notice of their own
	}
	if who := group[0].To.Person; !who.Nobody() && len(group[0].Tried) == 0 && !t.Home.Personal && l.readsAlong(ctx, t, who) {
		return nil // the mention in the thread reaches them
	}
	p.notices, p.message = group, v.assigned()
	return l.placeIn(ctx, place, p, t.Number)
}

// assigned tells the assignee that the ticket is theirs, others who has it.
func (v view) assigned() teams.Message {
	t := v.View.Ticket
	switch {
	case v.View.Hidden:
		return v.hiddenChange()
	case v.personal() && v.Viewer.Is(t.Assignee):
		m := cardMessage(cards.Ticket(v.TicketView, v.words), v.words)
		m.Summary = v.words.T("notices.assigned_you", "number", t.Number)
		return m
	case v.personal():
		text := v.words.T("notices.unreached", "who", oneLine(t.Assignee.Name), "number", t.Number)
		return teams.Message{Text: text, TextFormat: teams.Plain, Locale: v.words.Lang()}
	}
	who := mentionOf(t.Assignee)
	key, args := "notices.assigned", []any{"who", who.Text, "number", t.Number}
	if !t.Response.None() && t.RespondedAt.IsZero() {
		key, args = "notices.assigned_due", append(args, "due", t.Response.Due)
	}
	return teams.Message{Text: v.words.T(key, args...), Mentions: []teams.Mention{who}, Locale: v.words.Lang()}
}

// personal says that one person reads along.
func (v view) personal() bool { return !v.Shared }

func cardMessage(c cards.Card, w i18n.Words) teams.Message {
	return teams.Message{Card: c, Summary: c.Summary(), Locale: w.Lang()}
}

// mentionOf is a real mention, which notifies. Somebody without a name is
// mentioned by number.
func mentionOf(p request.Person) teams.Mention {
	id, name := p.TeamsID, cards.Mentionable(p.Name) // the message is Markdown
	if id == "" {
		id = p.ID
	}
	if name == "" {
		name = p.ID
	}
	return teams.NewMention(id, name)
}

// oneLine is what a stranger wrote, without line breaks, controls and marks that
// turn the direction of writing.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r):
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// excerpt cuts a text at a word, and says so with "…".
func excerpt(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	cut := string([]rune(s)[:most])
	if at := strings.LastIndexByte(cut, ' '); at > most/2 {
		cut = cut[:at]
	}
	return strings.TrimRight(cut, " ,;:") + "…"
}
