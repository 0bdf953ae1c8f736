package store

import (
	"context"
	"database/sql"
	"errors"

	"gorm.io/gorm"

	"onbehalf/bot"
	"onbehalf/bot/ticket"
)

// sessionRow is everything that a turn begins with, one column each.
type sessionRow struct {
	AnswerStatus sql.NullInt64
	AnswerBody   []byte
	TwinStatus   sql.NullInt64
	TwinBody     []byte

	Language, Zone, Personal sql.NullString

	ConversationID sql.NullString
	Tenant         string
	Kind           string
	ServiceURL     string
	BotID          string
	BotName        string
	Channel        string
	PersonID       string
	SeenAt         instant
	RemovedAt      instant
	Unreachable    string

	MemberSeen     instant
	MemberDocument sql.NullString

	Form      sql.NullString
	Version   int
	DraftIn   string
	Opened    int64
	ExpiresAt instant
	Document  string
	Shown     string

	ContactName, ContactEmail, ContactPhone string

	Customers int64
}

// sessionSelect reads a row of each table by its key. That each may be missing is why
// everything is joined to nothing.
const sessionSelect = `select a.status as answer_status, a.body as answer_body, p.language, p.zone, p.personal,
	c.id as conversation_id, coalesce(c.tenant, '') as tenant, coalesce(c.kind, '') as kind, coalesce(c.service_url, '') as service_url,
	coalesce(c.bot_id, '') as bot_id, coalesce(c.bot_name, '') as bot_name, coalesce(c.channel, '') as channel,
	coalesce(c.person_id, '') as person_id, c.seen_at, c.removed_at, coalesce(c.unreachable, '') as unreachable,
	m.seen_at as member_seen, m.document as member_document,
	d.form, coalesce(d.version, 0) as version, coalesce(d.conversation, '') as draft_in, coalesce(d.opened, 0) as opened,
	d.expires_at, coalesce(cast(d.document as text), '') as document,
	coalesce(o.activity, '') as shown, coalesce(k.name, '') as contact_name, coalesce(k.email, '') as contact_email, coalesce(k.phone, '') as contact_phone,
	v.value as customers`

const sessionFrom = ` from counters v
	left join deliveries a on a.conversation = @conversation and a.activity = @activity and a.finished_at > @kept
	left join people p on p.person_id = @person
	left join conversations c on c.id = @conversation
	left join members m on m.tenant = @tenant and m.person_id = @person
	left join contacts k on k.person_id = @person`

// sessionTwin finds the turn that took so long that Teams delivers it again under
// another id.
const sessionTwin = ` left join (select status, body from deliveries
	where conversation = @conversation and person_id = @person and said = @said and activity <> @activity
	and finished_at > @repeated and finished_at - came_at > @slow order by finished_at desc limit 1) t on true`

// Session reads what a turn begins with, as bot.Store promises.
func (s *Store) Session(ctx context.Context, key bot.SessionKey) (bot.Session, error) {
	now := s.Clock()
	query, from := sessionSelect, sessionFrom
	if key.Said != "" {
		query, from = query+", t.status as twin_status, t.body as twin_body", from+sessionTwin
	}
	if key.Form != "" {
		from += " left join drafts d on d.form = @form and d.expires_at > @now"
	} else {
		from += " left join drafts d on d.person_id = @person and d.conversation = @conversation and d.opened = 0 and d.expires_at > @now"
	}
	from += " left join posted o on o.handle = 'form:' || d.form"
	var row sessionRow
	err := s.db.WithContext(ctx).Raw(query+from+" where v.name = 'customers'", map[string]any{
		"conversation": key.Conversation, "activity": key.Activity, "person": key.Person, "tenant": key.Tenant,
		"said": key.Said, "form": key.Form, "now": int64(at(now)), "kept": int64(at(now.Add(-bot.TurnKept))),
		"repeated": int64(at(now.Add(-bot.RepeatedWithin))), "slow": bot.SlowTurn.Milliseconds(),
	}).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
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
		Settings:  bot.Settings{Language: r.Language.String, Zone: r.Zone.String, Personal: r.Personal.String},
		Contact:   ticket.Contact{Name: r.ContactName, Email: r.ContactEmail, Phone: r.ContactPhone},
		Customers: r.Customers,
	}
	var err error
	if r.AnswerStatus.Valid {
		if s.Answer, err = answerOf(r.AnswerStatus.Int64, r.AnswerBody); err != nil {
			return s, err
		}
	} else if r.TwinStatus.Valid {
		if s.Answer, err = answerOf(r.TwinStatus.Int64, r.TwinBody); err != nil {
			return s, err
		}
	}
	if r.ConversationID.Valid {
		known := placeRow{
			ID: r.ConversationID.String, Tenant: r.Tenant, Kind: r.Kind, ServiceURL: r.ServiceURL, BotID: r.BotID, BotName: r.BotName,
			Channel: r.Channel, PersonID: r.PersonID, SeenAt: r.SeenAt, RemovedAt: r.RemovedAt, Unreachable: r.Unreachable,
		}.conversation()
		s.Conversation = &known
	}
	if r.MemberDocument.Valid {
		var m bot.Member
		if err := decode(r.MemberDocument.String, &memberDocument{Member: &m}); err != nil {
			return s, wrap(err, "member")
		}
		m.Seen = r.MemberSeen.time()
		s.Member = &m
	}
	if r.Form.Valid {
		row := draftRow{Form: r.Form.String, Version: r.Version, Conversation: r.DraftIn, Opened: r.Opened, ExpiresAt: r.ExpiresAt, Document: r.Document}
		if s.Draft, err = row.draft(); err != nil {
			return s, wrap(err, "form")
		}
		s.FormMessage = r.Shown
	}
	return s, nil
}

func answerOf(status int64, body []byte) (*bot.StoredAnswer, error) {
	text, err := inflate(body)
	return &bot.StoredAnswer{Status: int(status), Body: text}, wrap(err, "stored answer")
}

// memberRow is somebody of a conversation, by the conversation's tenant.
type memberRow struct {
	Tenant   string `gorm:"primaryKey"`
	PersonID string `gorm:"primaryKey"`
	SeenAt   instant
	Document string
}

func (memberRow) TableName() string { return "members" }

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
	return wrap(upsert(t.with(ctx), &memberRow{Tenant: tenant, PersonID: m.ID, SeenAt: at(m.Seen), Document: document}), "keep member")
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
	return wrap(saveSettings(t.with(ctx), personID, changed), "save settings")
}

func saveSettings(db *gorm.DB, personID string, changed bot.Settings) error {
	row := personRow{PersonID: personID, Language: changed.Language, Zone: changed.Zone, Personal: changed.Personal}
	var columns []string
	for column, value := range map[string]string{"language": row.Language, "zone": row.Zone, "personal": row.Personal} {
		if value != "" {
			columns = append(columns, column)
		}
	}
	if len(columns) == 0 {
		return nil
	}
	return db.Clauses(onConflict([]string{"person_id"}, columns)).Create(&row).Error
}

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
