package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"onbehalf/bot"
	"onbehalf/bot/request"
)

// sessionRow is everything that a turn begins with, one column each.
type sessionRow struct {
	answerStatus, twinStatus sql.NullInt64
	answerBody, twinBody     []byte

	language, zone, personal sql.NullString

	conversationID sql.NullString
	place          conversationRow

	memberSeen     instant
	memberDocument sql.NullString

	form  sql.NullString
	draft draftRow
	shown string

	contact   request.Contact
	customers int64
}

// columns are where sessionSelect's columns go, in its order.
func (r *sessionRow) columns() []any {
	c, d := &r.place, &r.draft
	return []any{
		&r.answerStatus, &r.answerBody, &r.language, &r.zone, &r.personal,
		&r.conversationID, &c.Tenant, &c.Kind, &c.ServiceURL, &c.BotID, &c.BotName, &c.Channel, &c.PersonID, &c.SeenAt, &c.RemovedAt, &c.Unreachable,
		&r.memberSeen, &r.memberDocument,
		&r.form, &d.Version, &d.Conversation, &d.Opened, &d.ExpiresAt, &d.Document, &r.shown,
		&r.contact.Name, &r.contact.Email, &r.contact.Phone, &r.customers,
	}
}

// sessionSelect reads a row of each table by its key. That each may be missing is why
// everything is joined to the one row that there always is.
const sessionSelect = `select a.status, a.body, p.language, p.zone, p.personal,
	c.id, coalesce(c.tenant, ''), coalesce(c.kind, ''), coalesce(c.service_url, ''), coalesce(c.bot_id, ''), coalesce(c.bot_name, ''),
	coalesce(c.channel, ''), coalesce(c.person_id, ''), c.seen_at, c.removed_at, coalesce(c.unreachable, ''),
	m.seen_at, m.document,
	d.form, coalesce(d.version, 0), coalesce(d.conversation, ''), coalesce(d.opened, 0), d.expires_at, coalesce(cast(d.document as text), ''),
	coalesce(o.activity, ''), coalesce(k.name, ''), coalesce(k.email, ''), coalesce(k.phone, ''), v.value`

const sessionFrom = ` from counters v
	left join deliveries a on a.conversation = ? and a.activity = ? and a.finished_at > ?
	left join people p on p.person_id = ?
	left join conversations c on c.id = ?
	left join members m on m.tenant = ? and m.person_id = ?
	left join contacts k on k.person_id = ?`

const (
	sessionByForm   = ` left join drafts d on d.form = ? and d.expires_at > ?`
	sessionByPerson = ` left join drafts d on d.person_id = ? and d.conversation = ? and d.opened = 0 and d.expires_at > ?`
	sessionShown    = ` left join posted o on o.handle = 'form:' || d.form`
)

// sessionTwin finds the turn that took so long that Teams delivers it again under
// another id.
const sessionTwin = ` left join (select status, body from deliveries
	where conversation = ? and person_id = ? and said = ? and said <> '' and activity <> ?
	and finished_at > ? and finished_at - came_at > ? order by finished_at desc limit 1) t on true`

// Session reads what a turn begins with, as bot.Store promises.
func (s *Store) Session(ctx context.Context, key bot.SessionKey) (bot.Session, error) {
	now := s.Clock()
	query, from := sessionSelect, sessionFrom
	args := []any{key.Conversation, key.Activity, int64(at(now.Add(-bot.TurnKept))), key.Person, key.Conversation, key.Tenant, key.Person, key.Person}
	var row sessionRow
	into := row.columns()
	if key.Said != "" {
		query, from, into = query+", t.status, t.body", from+sessionTwin, append(into, &row.twinStatus, &row.twinBody)
		args = append(args, key.Conversation, key.Person, key.Said, key.Activity, int64(at(now.Add(-bot.RepeatedWithin))), bot.SlowTurn.Milliseconds())
	}
	if key.Form != "" {
		from, args = from+sessionByForm, append(args, key.Form, int64(at(now)))
	} else {
		from, args = from+sessionByPerson, append(args, key.Person, key.Conversation, int64(at(now)))
	}
	found, err := s.one(ctx, into, query+from+sessionShown+" where v.name = 'customers'", args...)
	if err == nil && !found {
		err = errors.New("the database lacks its counter of customers")
	}
	if err != nil {
		return bot.Session{}, wrap(err, "read session")
	}
	session, err := row.session()
	bound := s.reads
	bound.customers = session.Customers
	session.Reader = bound
	return session, wrap(err, "read session")
}

func (r *sessionRow) session() (bot.Session, error) {
	s := bot.Session{
		Settings: bot.Settings{Language: r.language.String, Zone: r.zone.String, Personal: r.personal.String},
		Contact:  r.contact, Customers: r.customers,
	}
	var err error
	if r.answerStatus.Valid {
		if s.Answer, err = answerOf(r.answerStatus.Int64, r.answerBody); err != nil {
			return s, err
		}
	} else if r.twinStatus.Valid {
		if s.Answer, err = answerOf(r.twinStatus.Int64, r.twinBody); err != nil {
			return s, err
		}
	}
	if r.conversationID.Valid {
		r.place.ID = r.conversationID.String
		known := r.place.conversation()
		s.Conversation = &known
	}
	if r.memberDocument.Valid {
		var m bot.Member
		if err := decode(r.memberDocument.String, &memberDocument{Member: &m}); err != nil {
			return s, wrap(err, "member")
		}
		m.Seen = r.memberSeen.time()
		s.Member = &m
	}
	if r.form.Valid {
		r.draft.Form = r.form.String
		if s.Draft, err = r.draft.draft(); err != nil {
			return s, wrap(err, "form")
		}
		s.FormMessage = r.shown
	}
	return s, nil
}

func answerOf(status int64, body []byte) (*bot.StoredAnswer, error) {
	text, err := inflate(body)
	return &bot.StoredAnswer{Status: int(status), Body: text}, wrap(err, "stored answer")
}

// memberDocument is what of a member has no column. A Person's own id stays in
// it: it is not always the one that was asked by.
type memberDocument struct {
	*bot.Member
	Seen covered `json:",omitempty"`
}

// KeepMember keeps what the connector told of somebody.
func (t *tx) KeepMember(ctx context.Context, tenant string, m bot.Member) error {
	document, err := encode(memberDocument{Member: &m})
	if err != nil {
		return err
	}
	return t.later(ctx, "keep member", nil, `insert into members (tenant, person_id, seen_at, document) values (?, ?, ?, ?)
		on conflict (tenant, person_id) do update set seen_at = excluded.seen_at, document = excluded.document`, tenant, m.ID, at(m.Seen), document)
}

// Known gives those whom KeepMember kept.
func (s reads) Known(ctx context.Context, limit int) ([]request.Person, error) {
	var known []request.Person
	err := s.query(ctx, func(scan func(into ...any) error) error {
		var document string
		if err := scan(&document); err != nil {
			return err
		}
		var m bot.Member
		if err := decode(document, &memberDocument{Member: &m}); err != nil {
			return wrap(err, "member")
		}
		if !slices.ContainsFunc(known, func(p request.Person) bool { return p.Is(m.Person) }) { // one in the conversations of two tenants
			known = append(known, m.Person)
		}
		return nil
	}, "select document from members where seen_at is not null order by seen_at desc, person_id limit ?", limit)
	return known, wrap(err, "find known people")
}

// personRow is what one person chose or brought along.
type personRow struct {
	PersonID string `gorm:"primaryKey"`
	Language string
	Zone     string
	Personal string
}

func (personRow) TableName() string { return "people" }

// SaveSettings changes what is not empty in changed and leaves the rest.
func (t *tx) SaveSettings(ctx context.Context, personID string, changed bot.Settings) error {
	if changed == (bot.Settings{}) {
		return nil
	}
	return t.later(ctx, "save settings", nil, insertPerson, personID, changed.Language, changed.Zone, changed.Personal)
}

var insertPerson = `insert into people (person_id, language, zone, personal) values (?, ?, ?, ?) on conflict (person_id) do update set ` +
	unlessEmpty("people", "language", "zone", "personal")

// Reader gives a person's own language and zone.
func (s *Store) Reader(ctx context.Context, personID string) (language, zone string, err error) {
	var row personRow
	err = take(s.db.WithContext(ctx), &row, errUnknown, "person_id = ?", personID)
	if errors.Is(err, errUnknown) {
		err = nil
	}
	return row.Language, row.Zone, wrap(err, "load settings")
}

var errUnknown = errors.New("nothing is kept under this key")
