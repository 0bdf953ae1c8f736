package bot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"go.opentelemetry.io/otel/trace"

	"onbehalf/bot/i18n"
	"onbehalf/bot/outbox"
	"onbehalf/bot/request"
	"onbehalf/bot/teams"
)

// ErrDelivered means that another delivery of the same activity was committed; its
// answer stands in the next Session.
var ErrDelivered = errors.New("delivered before")

// plan decides what comes of an activity.
type plan struct {
	make func(ctx context.Context, t *Turn) error
	// once says that the activity may be delivered several times and is to be done
	// once. Where nothing is changed and nothing is said, nothing has to be kept.
	once bool
	// reads says that nobody is told that the conversation exists: searches from the
	// compose box come from conversations that the bot is not in, and what only reads
	// leaves no trace.
	reads bool
}

// run makes the plan, as a part of the turn's trace.
func (p plan) run(ctx context.Context, t *Turn) error {
	ctx, span := tracer.Start(ctx, "plan")
	defer span.End()
	return p.make(ctx, t)
}

// outcome is what a request gets, and what may be sent once it has it.
type outcome struct {
	StoredAnswer
	leases []outbox.Lease
	// reference names the turn in the log, and to the person where it failed; empty for a
	// request that is none.
	reference string
	// span is the turn's in a trace, for what happens after it.
	span trace.SpanContext
	// retryAfter is when the sender may come again, in seconds; empty says nothing.
	retryAfter string
}

func status(code int) outcome { return outcome{StoredAnswer: StoredAnswer{Status: code}} }

// dispatch answers an activity that may come in. What is not known is taken and
// ignored; an edited message is never run again.
func (s *Server) dispatch(ctx context.Context, a *teams.Activity) outcome {
	switch a.Type {
	case teams.TypeMessage:
		if !a.IsPersonal() && !a.MentionsBot() && !a.Targeted() && !a.IsCardAction() {
			return status(http.StatusOK) // not for us
		}
		return s.run(ctx, a, plan{make: s.message, once: true})
	case teams.TypeInvoke:
		return s.invoke(ctx, a)
	case teams.TypeInstallationUpdate, teams.TypeConversationUpdate:
		if a.BotAdded() || a.BotRemoved() || a.Deleted() != "" || a.Restored() != "" {
			return s.run(ctx, a, plan{make: s.moved, reads: true})
		}
	}
	return status(http.StatusOK)
}

// invoke runs an invoke by its name. Those that only read leave no delivery: they come
// with every letter that somebody types, and from every client that shows a card again.
func (s *Server) invoke(ctx context.Context, a *teams.Activity) outcome {
	switch a.Name {
	case teams.InvokeCardAction:
		press, err := a.CardAction()
		automatic := err == nil && press.Automatic
		return s.run(ctx, a, plan{make: s.message, once: !automatic, reads: automatic})
	case teams.InvokeDialogFetch, teams.InvokeDialogSubmit:
		return s.run(ctx, a, plan{make: s.message, once: true})
	case teams.InvokeExtensionFetch, teams.InvokeExtensionSubmit:
		return s.run(ctx, a, plan{make: s.extensionAction, once: true, reads: true})
	case teams.InvokeSearch:
		return s.run(ctx, a, plan{make: s.search, reads: true})
	case teams.InvokeExtensionQuery:
		return s.run(ctx, a, plan{make: s.extension, reads: true})
	case teams.InvokeFileConsent:
		return s.run(ctx, a, plan{make: s.fileConsent, once: true})
	case teams.InvokeLink:
		return s.run(ctx, a, plan{make: s.unfurl, reads: true})
	case teams.InvokeAnonymousLink:
		return status(http.StatusOK) // nobody knows who asks
	}
	return status(http.StatusNotImplemented)
}

// tries is how often a turn is planned whose ground changed before its commit; each
// means that another one got through.
const tries = 20

// run takes one activity from the first read to the commit, within its limit, also when
// the caller hangs up meanwhile. A database that is away is 503, so that Teams delivers
// again; everything else that nobody foresaw, panics too, is logged in full and answered
// with a reference. Of what failed nothing is kept.
func (s *Server) run(ctx context.Context, a *teams.Activity, p plan) (done outcome) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), TurnLimit)
	defer cancel()
	wait, ended := s.overShare(a)
	defer ended()
	if wait > 0 {
		return s.tooFast(ctx, a, wait)
	}
	t, err := s.newTurn(a), error(nil)
	reference := referenceOf(t)
	ctx, span := tracer.Start(ctx, "turn", trace.WithSpanKind(trace.SpanKindServer))
	defer func() {
		done.reference, done.span = reference, span.SpanContext()
		endTurn(span, a, done)
	}()
	for range tries {
		var done outcome
		if done, err = s.try(ctx, t, p); err == nil {
			return done
		}
		if !errors.Is(err, request.ErrStale) && !errors.Is(err, ErrDelivered) || ctx.Err() != nil {
			break
		}
		t = s.newTurn(a)
	}
	if s.away(ctx, err) {
		s.log().ErrorContext(ctx, "the database is away", "activity", t.Origin, "reference", reference, "err", err)
		return status(http.StatusServiceUnavailable)
	}
	s.log().ErrorContext(ctx, "turn failed", "activity", t.Origin, "reference", reference, "err", err)
	return s.fault(ctx, a, t.Words.T("turn.fault", "reference", reference))
}

// away says whether a turn failed for a reason that passes by itself. A service of
// Microsoft that cannot be reached is none: the person is told.
func (s *Server) away(ctx context.Context, err error) bool {
	elsewhere := (*teams.Error)(nil)
	return !errors.As(err, &elsewhere) && (ctx.Err() != nil || s.Store.Away(err))
}

// try is one pass: what came in is decided on a read, then done, answered and its
// messages left in one transaction with one commit.
func (s *Server) try(ctx context.Context, t *Turn, p plan) (done outcome, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	delivery := t.delivery()
	key := SessionKey{Delivery: delivery, Tenant: t.ref.TenantID, Form: t.form()}
	if t.Session, err = s.Store.Session(ctx, key); err != nil {
		return done, err
	}
	if p.once && t.Session.Answer != nil {
		return outcome{StoredAnswer: *t.Session.Answer}, nil
	}
	t.Reader, t.reads = t.Session.Reader, p.reads
	t.readWords()
	if err := p.run(ctx, t); err != nil {
		return done, err
	}
	if len(t.works) == 0 && len(t.left) == 0 {
		done.StoredAnswer, err = t.response()
		return done, err
	}
	if !p.once {
		delivery.Activity = ""
	}
	return s.commit(ctx, t, delivery)
}

// commit is the transaction of a turn.
func (s *Server) commit(ctx context.Context, t *Turn, delivery Delivery) (done outcome, err error) {
	delivery.Done = s.now()
	done.leases, err = s.Store.Turn(ctx, t.Session, delivery, func(ctx context.Context, tx Tx) (StoredAnswer, error) {
		t.Reader = tx
		for len(t.works) > 0 { // work may leave more of it
			work := t.works[0]
			t.works = t.works[1:]
			if err := work(ctx, tx); err != nil {
				return StoredAnswer{}, err
			}
		}
		for _, m := range t.left {
			tx.Post(m)
		}
		tx.Here(t.ref)
		done.StoredAnswer, err = t.response()
		return done.StoredAnswer, err
	})
	if err != nil {
		return outcome{}, err
	}
	for _, do := range t.after {
		do()
	}
	return done, nil
}

func (s *Server) newTurn(a *teams.Activity) *Turn {
	t := &Turn{
		Activity: a, Person: personOf(a.From), Text: a.SpokenText(), Origin: a.ID, At: s.now(),
		server: s, ref: a.Ref(),
	}
	if added := a.ChannelData.Settings.SelectedChannel.ID; added != "" && a.IsChannel() && a.BotAdded() {
		t.ref.ConversationID = added
	}
	if channel := a.MovedIn(); channel != "" {
		t.ref.ConversationID = channel
	}
	if a.Name == teams.InvokeExtensionFetch {
		if press, err := a.CardAction(); err == nil && press.Extension.Message != nil {
			t.ref.ConversationID = press.Extension.Message.Thread(t.ref.ConversationID)
		}
	}
	t.Speak(i18n.Match(a.Language()), a.Zone())
	return t
}

func (t *Turn) delivery() Delivery {
	d := Delivery{Conversation: t.ref.ConversationID, Activity: t.Origin, Person: t.Person.ID, At: t.At}
	if t.Activity.Type == teams.TypeMessage && t.Text != "" {
		digest := sha256.Sum256([]byte(t.Text))
		d.Said = hex.EncodeToString(digest[:])
	}
	return d
}

// form is the form that a press names.
func (t *Turn) form() string {
	if !t.Activity.IsCardAction() {
		return ""
	}
	press, err := t.Activity.CardAction()
	if err != nil {
		return ""
	}
	return press.Data.String("form")
}

// fault tells the person that something of ours broke.
func (s *Server) fault(ctx context.Context, a *teams.Activity, sentence string) outcome {
	said := outcome{StoredAnswer: StoredAnswer{Status: http.StatusInternalServerError}}
	t := s.newTurn(a)
	switch a.Type {
	case teams.TypeInvoke:
		answer := teams.ErrorAnswer(http.StatusInternalServerError, "ServiceError", sentence)
		switch {
		case a.Name == teams.InvokeExtensionQuery:
			answer = teams.ExtensionMessage(sentence)
		case a.Name == teams.InvokeLink:
			answer = teams.NoAnswer()
		case a.IsDialog():
			answer = teams.DialogMessage(sentence)
		}
		t.answer = &answer
		if stored, err := t.response(); err == nil {
			said.StoredAnswer = stored
		}
	case teams.TypeMessage:
		later, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepLimit)
		defer cancel()
		err := t.Reply(teams.Message{Text: sentence, TextFormat: teams.Plain})
		if err == nil {
			var told outcome
			told, err = s.commit(later, t, Delivery{})
			said.leases = told.leases
		}
		if err != nil {
			s.log().WarnContext(ctx, "the fault cannot be told", "activity", t.Origin, "err", err)
		}
	}
	return said
}

// referenceOf is what a person can name to the operator: short, and to be found
// in the log.
func referenceOf(t *Turn) string {
	digest := sha256.Sum256([]byte(t.Activity.Conversation.ID + "\x00" + t.Origin + t.At.String()))
	return strings.ToUpper(hex.EncodeToString(digest[:4]))
}

// keepNew keeps what the activity says that is new, of somebody who may use the bot:
// of strangers nothing is kept.
func (t *Turn) keepNew() {
	t.keepZone()
	if !t.reads {
		t.remember()
	}
}

// remember keeps what is new of the conversation. That it was heard of is kept once an
// hour.
func (t *Turn) remember() {
	c, known := t.conversation(), t.Session.Conversation
	if known != nil && t.At.Sub(known.Seen) < time.Hour {
		seen := c
		seen.Seen, seen.Person, seen.Team = known.Seen, known.Person, known.Team
		if seen.Channel == "" {
			seen.Channel = known.Channel
		}
		personal := c.Person == "" || c.Person == known.Person && t.Session.Settings.Personal == c.ID
		if seen == *known && personal {
			return
		}
	}
	t.Do(func(ctx context.Context, tx Tx) error { return tx.Remember(ctx, t.conversation()) })
}
