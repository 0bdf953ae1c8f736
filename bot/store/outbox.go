package store

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"onbehalf/bot/notify"
	"onbehalf/bot/outbox"
	"onbehalf/bot/request"
	"onbehalf/bot/teams"
)

// queueRow is a queue of the outbox. Its row is the lock of the queue: whoever adds to
// it, takes from it or sends from it has locked the row first.
type queueRow struct {
	Queue string `gorm:"primaryKey"`
	// Host is the service that its conversation lives at, as far as it is known.
	Host string
	// Rank is the best one that waits.
	Rank int
	// ReadyAt is when the first message may go, 0 at once, nil when nothing waits;
	// RestUntil holds all of them back. Since orders queues of the same rank.
	ReadyAt   *int64
	Since     int64
	RestUntil int64
	Waiting   int
	Lease     string
	Sent      string
}

func (queueRow) TableName() string { return "queues" }

// outgoingRow is a message of the outbox.
type outgoingRow struct {
	ID        int64 `gorm:"primaryKey"`
	Queue     string
	Rank      int
	Kind      string
	Ticket    int64
	Event     int64
	Handle    string
	NotBefore instant
	ExpiresAt instant
	CreatedAt int64 `gorm:"autoCreateTime:false"`
	Attempts  int
	Document  string
	Body      []byte
}

func (outgoingRow) TableName() string { return "outgoing" }

// outgoingDocument is what of a message has no column.
type outgoingDocument struct {
	To        outbox.Target     `json:"to"`
	Update    string            `json:"update,omitempty"`
	Revision  int               `json:"revision,omitempty"`
	Targeted  bool              `json:"targeted,omitempty"`
	Otherwise *outbox.Otherwise `json:"otherwise,omitempty"`
	Payload   json.RawMessage   `json:"payload,omitempty"`
}

func rowOfMessage(m outbox.Message) (outgoingRow, error) {
	document, err := encode(outgoingDocument{To: m.To, Update: m.Update, Revision: m.Revision, Targeted: m.Targeted, Otherwise: m.Otherwise, Payload: m.Payload})
	return outgoingRow{
		Queue: m.Queue, Rank: int(m.Rank), Kind: m.Kind, Ticket: m.Ticket, Event: m.Event, Handle: m.Handle,
		NotBefore: at(m.NotBefore), ExpiresAt: at(m.Expires), CreatedAt: m.Created.UnixMilli(), Attempts: m.Attempts,
		Document: document, Body: deflate(m.Body),
	}, err
}

func (r outgoingRow) message() (outbox.Message, error) {
	var d outgoingDocument
	if err := decode(r.Document, &d); err != nil {
		return outbox.Message{}, wrap(err, "message %d", r.ID)
	}
	body, err := inflate(r.Body)
	if len(body) == 0 {
		body = nil
	}
	return outbox.Message{
		ID: r.ID, Queue: r.Queue, To: d.To, Rank: outbox.Rank(r.Rank), Kind: r.Kind, Ticket: r.Ticket, Event: r.Event, Handle: r.Handle,
		Update: d.Update, Revision: d.Revision, Targeted: d.Targeted, Otherwise: d.Otherwise, Payload: d.Payload, Body: body,
		NotBefore: r.NotBefore.time(), Expires: r.ExpiresAt.time(), Created: instant(r.CreatedAt).time(), Attempts: r.Attempts,
	}, wrap(err, "message %d", r.ID)
}

// Post leaves a message; it joins its queue at the end of the transaction.
func (t *tx) Post(m outbox.Message) {
	m.Queue = m.To.Queue()
	t.left = append(t.left, m)
}

// Here says at which address the conversation is that the turn comes from.
func (t *tx) Here(ref teams.Ref) {
	for i := range t.left {
		if m := &t.left[i]; m.Ref == nil && m.To.Conversation == ref.ConversationID {
			m.Ref = &ref
		}
	}
}

// Notify leaves a notice of a ticket.
func (t *tx) Notify(_ context.Context, n request.Notice) error {
	m, err := notify.Message(n)
	if err != nil {
		return err
	}
	t.Post(m)
	return nil
}

// enqueue puts what the transaction left into the queues. The queues' rows are locked
// first, in the order of their names, so that ids rise in the order of commits. Where
// send is set, the queues that are free and not resting are leased to this process,
// as far as something in them may go at once: leased gives them once the statements have
// been flushed.
func (t *tx) enqueue(ctx context.Context, send bool) (leased func() []outbox.Lease, err error) {
	nothing := func() []outbox.Lease { return nil }
	if len(t.left) == 0 {
		return nothing, nil
	}
	queues := map[string]*queueRow{}
	now := int64(at(t.store.Clock()))
	for i, m := range t.left {
		q := queues[m.Queue]
		if q == nil {
			q = &queueRow{Queue: m.Queue, Rank: int(m.Rank), Since: now}
			queues[m.Queue] = q
		}
		q.add(&t.left[i])
		if send && m.NotBefore.IsZero() {
			q.Lease = t.store.token()
		}
	}
	var locked []queueRow
	if err := t.lockQueues(ctx, queues, now, &locked); err != nil {
		return nothing, err
	}
	slices.SortStableFunc(t.left, func(a, b outbox.Message) int { return cmp.Compare(a.Queue, b.Queue) })
	for batch := range slices.Chunk(t.left, 500) {
		if err := t.insertMessages(ctx, batch); err != nil {
			return nothing, err
		}
	}
	return func() []outbox.Lease { return t.leased(queues, locked) }, nil
}

// insertMessages keeps messages, and sees which of them have a message to replace: the
// queue is locked, so that it stays the one until they are sent.
func (t *tx) insertMessages(ctx context.Context, messages []outbox.Message) error {
	const marks = "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
	var args []any
	for _, m := range messages {
		row, err := rowOfMessage(m)
		if err != nil {
			return err
		}
		args = append(args, row.Queue, row.Rank, row.Kind, row.Ticket, row.Event, row.Handle, row.NotBefore, row.ExpiresAt, row.CreatedAt,
			row.Attempts, row.Document, row.Body)
	}
	i := 0
	return t.laterRows(ctx, "leave messages", func(scan func(into ...any) error) error {
		m := &messages[i]
		i++
		over := outbox.Posted{Handle: m.Handle}
		if err := scan(&m.ID, &over.Conversation, &over.Activity, &over.Revision); err != nil {
			return err
		}
		if m.Handle != "" {
			m.Over = &over
		}
		return nil
	}, nil, `insert into outgoing (queue, rank, kind, ticket, event, handle, not_before, expires_at, created_at, attempts, document, body)
		values `+rowsOfMarks(len(messages), marks)+` returning id, coalesce((select p.conversation from posted p where p.handle = outgoing.handle), ''),
		coalesce((select p.activity from posted p where p.handle = outgoing.handle), ''),
		coalesce((select p.revision from posted p where p.handle = outgoing.handle), 0)`, args...)
}

// add counts a message into its queue.
func (q *queueRow) add(m *outbox.Message) {
	q.Waiting++
	q.Rank = min(q.Rank, int(m.Rank))
	if from := int64(at(m.NotBefore)); q.ReadyAt == nil || from < *q.ReadyAt {
		q.ReadyAt = &from
	}
	if m.Ref != nil {
		q.Host = hostOf(m.Ref.ServiceURL)
	}
}

func hostOf(serviceURL string) string {
	u, err := url.Parse(serviceURL)
	if err != nil {
		return ""
	}
	return u.Host
}

// lockQueues makes queues ready for their new messages, and leases those that ask for
// it and are free. Once flushed, locked has them.
func (t *tx) lockQueues(ctx context.Context, queues map[string]*queueRow, now int64, locked *[]queueRow) error {
	var args []any
	for _, name := range slices.Sorted(maps.Keys(queues)) {
		q := queues[name]
		args = append(args, q.Queue, q.Host, q.Rank, *q.ReadyAt, q.Since, q.Waiting, q.Lease)
	}
	return t.laterRows(ctx, "lock queues", func(scan func(into ...any) error) error {
		var q queueRow
		err := scan(&q.Queue, &q.Waiting, &q.Lease, &q.Sent)
		*locked = append(*locked, q)
		return err
	}, nil, `insert into queues (queue, host, rank, ready_at, since, waiting, lease) values `+
		rowsOfMarks(len(queues), "(?, ?, ?, ?, ?, ?, ?)")+`
		on conflict (queue) do update set
			host = case when excluded.host <> '' then excluded.host else queues.host end,
			rank = case when queues.waiting = 0 or excluded.rank < queues.rank then excluded.rank else queues.rank end,
			ready_at = case when queues.ready_at < excluded.ready_at then queues.ready_at else excluded.ready_at end,
			since = case when queues.waiting = 0 then excluded.since else queues.since end,
			waiting = queues.waiting + excluded.waiting,
			lease = case when queues.lease = '' and queues.rest_until <= ? then excluded.lease else queues.lease end
		returning queue, waiting, lease, sent`, append(args, now)...)
}

// leased gives the leases that this transaction took. A lease that has all messages of
// its queue needs no further reading.
func (t *tx) leased(queues map[string]*queueRow, locked []queueRow) []outbox.Lease {
	var leases []outbox.Lease
	for _, row := range locked {
		if asked := queues[row.Queue].Lease; asked == "" || row.Lease != asked {
			continue
		}
		lease := outbox.Lease{Queue: row.Queue, Token: row.Lease, Window: outbox.DecodeWindow(row.Sent), Waiting: row.Waiting}
		if row.Waiting == queues[row.Queue].Waiting {
			for _, m := range t.left {
				if m.Queue == row.Queue {
					lease.Messages = append(lease.Messages, m)
				}
			}
		}
		leases = append(leases, lease)
	}
	return leases
}

// token names a lease, for this one time.
func (s *Store) token() string { return s.owner + " " + strconv.FormatInt(s.tokens.Add(1), 36) }

// postedRow is a message of the bot that changes over time.
type postedRow struct {
	Handle       string `gorm:"primaryKey"`
	Conversation string
	Activity     string
	Revision     int
	Ticket       int64
}

func (postedRow) TableName() string { return "posted" }

// Posted says which message is the one under a handle.
func (t *tx) Posted(ctx context.Context, p outbox.Posted) error {
	return t.keepPosted(ctx, []outbox.Posted{p})
}

// Unpost forgets a handle.
func (t *tx) Unpost(ctx context.Context, handle string) error {
	return t.later(ctx, "forget message", nil, "delete from posted where handle = ?", handle)
}

func (t *tx) keepPosted(ctx context.Context, posted []outbox.Posted) error {
	if len(posted) == 0 {
		return nil
	}
	var args []any
	for _, p := range posted {
		args = append(args, p.Handle, p.Conversation, p.Activity, p.Revision, p.Ticket)
	}
	return t.later(ctx, "note messages", nil, "insert into posted (handle, conversation, activity, revision, ticket) values "+rowsOfMarks(len(posted), "(?, ?, ?, ?, ?)")+
		` on conflict (handle) do update set conversation = excluded.conversation, activity = excluded.activity, revision = excluded.revision,
			ticket = case when excluded.ticket <> 0 then excluded.ticket else posted.ticket end
		where posted.revision <= excluded.revision`, args...)
}

// Posted finds a message by its handle.
func (s *Store) Posted(ctx context.Context, handle string) (outbox.Posted, bool, error) {
	var row postedRow
	result := s.db.WithContext(ctx).Where("handle = ?", handle).Limit(1).Find(&row)
	return outbox.Posted(row), result.RowsAffected > 0, wrap(result.Error, "find message")
}

// Shown gives the requests that messages of a conversation show, by their numbers: those
// named, or all in the thread, the one that it hangs under included.
func (s reads) Shown(ctx context.Context, conversation string, messages []string) ([]request.Number, error) {
	where, args := "conversation = ?", []any{conversation}
	channel, root, thread := strings.Cut(conversation, ";messageid=")
	switch {
	case len(messages) > 0:
		where = "conversation in (?, ?) and activity in (" + rowsOfMarks(len(messages), "?") + ")"
		args = []any{conversation, channel}
		for _, m := range messages {
			args = append(args, m)
		}
	case thread:
		where = "(conversation = ? or conversation = ? and activity = ?)"
		args = append(args, channel, root)
	}
	var numbers []request.Number
	err := s.query(ctx, func(scan func(into ...any) error) error {
		var n int64
		err := scan(&n)
		numbers = append(numbers, request.Number(n))
		return err
	}, "select distinct ticket from posted where ticket <> 0 and "+where+" order by ticket", args...)
	return numbers, wrap(err, "look for what messages show")
}

// PostedOf gives the messages that were kept with a ticket's number, by their handles.
func (s *Store) PostedOf(ctx context.Context, n request.Number) ([]outbox.Posted, error) {
	var rows []postedRow
	err := s.db.WithContext(ctx).Where("ticket = ? and ticket <> 0", n).Order("handle").Find(&rows).Error
	return postedOf(rows), wrap(err, "find messages of %s", n)
}

// PostedAt gives everything that one message is kept under, by the handles.
func (s *Store) PostedAt(ctx context.Context, conversation, activity string) ([]outbox.Posted, error) {
	var rows []postedRow
	err := s.db.WithContext(ctx).Where("conversation = ? and activity = ?", conversation, activity).Order("handle").Find(&rows).Error
	return postedOf(rows), wrap(err, "find handles of a message")
}

func postedOf(rows []postedRow) []outbox.Posted {
	all := make([]outbox.Posted, len(rows))
	for i, row := range rows {
		all[i] = outbox.Posted(row)
	}
	return all
}
