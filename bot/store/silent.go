package store

import (
	"context"
	"time"

	"onbehalf/bot/outbox"
)

// Silent is a conversation in which the bot cannot speak although it has to.
type Silent struct {
	Conversation string
	Person       string // whose own chat it is, empty for others
	Reach        outbox.Reach
	// Since is when the bot was removed there, zero where Teams refuses it or that is not
	// known.
	Since time.Time
}

// SilentConversations finds those among the conversations and the people's own chats that
// are named, and among those in which the card of an unfinished request stands, at most
// limit.
func (s *Store) SilentConversations(ctx context.Context, conversations, people []string, limit int) ([]Silent, error) {
	named := func(values []string) (string, []any) {
		args := make([]any, len(values))
		for i, v := range values {
			args[i] = v
		}
		if len(values) == 0 {
			return "(null)", nil
		}
		return "(" + rowsOfMarks(len(values), "?") + ")", args
	}
	ids, args := named(conversations)
	who, more := named(people)
	var silent []Silent
	err := s.query(ctx, func(scan func(into ...any) error) error {
		var row conversationRow
		if err := scan(&row.ID, &row.PersonID, &row.RemovedAt, &row.Unreachable); err != nil {
			return err
		}
		silent = append(silent, Silent{Conversation: row.ID, Person: row.PersonID, Reach: row.reach(), Since: row.RemovedAt.time()})
		return nil
	}, `select c.id, c.person_id, c.removed_at, c.unreachable from conversations c
		where (c.unreachable <> '' or c.removed_at is not null) and (c.id in `+ids+`
			or c.id in (select p.personal from people p where p.person_id in `+who+`)
			or exists (select 1 from posted m join tickets t on t.number = m.ticket
				where m.conversation = c.id and t.status not in ('resolved', 'closed', 'cancelled')))
		order by c.id limit ?`, append(append(args, more...), limit)...)
	return silent, wrap(err, "look for conversations that are silent")
}
