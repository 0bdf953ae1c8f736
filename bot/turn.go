package bot

import (
	"context"
	"fmt"
	"time"

	"onbehalf/bot/i18n"
	"onbehalf/bot/outbox"
	"onbehalf/bot/request"
	"onbehalf/bot/teams"
)

// Handler decides what the bot does with what people say. Its methods plan: they read,
// and may ask Teams, but change nothing. What is to be changed they leave with Turn.Do,
// which runs in the turn's transaction, what is to be said with Reply and the answers,
// which leave with it. A plan whose ground has changed by then is made anew, with a new
// Turn.
//
// An error is one that nobody foresaw: the endpoint logs it and answers with a
// reference, or with 503 when the database is away, and the turn may come again. What
// the person can do something about is the handler's to say.
type Handler interface {
	// Free says whether this turn neither shows nor changes anything of the desk's,
	// such as the help. Such a turn is answered to everybody in the conversation;
	// every other one only to the partner's own people, who have been looked up
	// before Message, Press, Search, Extension, Link or File is called.
	Free(t *Turn) bool
	// Message is called when somebody typed; t.Text is without the bot's mention.
	// Files that came along are seen by t.Activity.HasFiles.
	Message(ctx context.Context, t *Turn) error
	// Press is called for a button, whether the client sent Action.Execute or
	// Action.Submit, and for a client that refreshes its view. Answer with
	// t.AnswerCard or t.AnswerText.
	Press(ctx context.Context, t *Turn, press teams.CardAction) error
	// Search gives the choices of an input while somebody types.
	Search(ctx context.Context, t *Turn, q teams.SearchQuery) ([]teams.Choice, error)
	// Extension gives the hits of a search from the compose box.
	Extension(ctx context.Context, t *Turn, q teams.ExtensionQuery) ([]teams.ExtensionResult, error)
	// Link gives what a link in a message shows; nil leaves it a link, for requests that
	// do not exist as for those that the person may not see.
	Link(ctx context.Context, t *Turn, address string) (*teams.ExtensionResult, error)
	// Absent is called instead of Press when an action of the message extension is opened
	// where the bot is neither in the conversation nor in a chat with the person, so that
	// nobody can be looked up. Answer with what adds the bot; nothing may be changed, and
	// nothing of the desk's shown.
	Absent(ctx context.Context, t *Turn, press teams.CardAction) error
	// File does what follows from the answer to a file that was offered.
	File(ctx context.Context, t *Turn, consent teams.FileConsent) error
	// Installed greets a conversation that the bot has just come into. It is called
	// once for each install, inside of the transaction.
	Installed(ctx context.Context, t *Turn) error
}

// Turn is one activity, what is known for it, and what is to come of it. It belongs
// to one goroutine.
type Turn struct {
	Activity *teams.Activity
	// Person is who did it. TeamsID, tenant, name and address are as Teams knows
	// them; the text never says who somebody is.
	Person request.Person
	// Words are the person's: their own language and zone.
	Words i18n.Words
	// Zone is the person's IANA zone, empty when it is not known.
	Zone string
	// Text is what was typed, without the bot's mention and trimmed.
	Text string
	// Origin is the activity's id.
	Origin string
	// Press is the button, nil when the activity is none.
	Press *teams.CardAction
	// At is when the activity came in.
	At time.Time
	// Session is what was read at the beginning, and Reader reads the rest: outside of
	// any transaction while the turn is planned, inside of it while Do's work runs.
	Session Session
	Reader  request.Reader

	server *Server
	ref    teams.Ref
	reads  bool
	// elsewhere: see Elsewhere.
	elsewhere bool
	works     []func(ctx context.Context, tx Tx) error
	left      []outbox.Message
	after     []func()
	answer    *teams.InvokeResponse
}

// TurnLimit is how long a turn may take, its commit included. Teams delivers a turn
// again that is not answered within 15 seconds, and shows an invoke as failed sooner.
const TurnLimit = 4 * time.Second

// Do leaves work for the turn's transaction; several run in their order. Work has no
// network. When it fails, nothing of the turn is kept.
func (t *Turn) Do(work func(ctx context.Context, tx Tx) error) { t.works = append(t.works, work) }

// Upload puts a file where a consent to it says, while the turn is planned, and says
// whether it is there.
func (t *Turn) Upload(ctx context.Context, consent teams.FileConsent, content []byte) bool {
	err := t.server.Connector.Upload(ctx, consent.UploadURL, content)
	if err != nil {
		t.server.log().WarnContext(ctx, "file was not stored", "activity", t.Origin, "err", err)
	}
	return err == nil
}

// AfterCommit leaves what is to be done once the turn is kept.
func (t *Turn) AfterCommit(do func()) { t.after = append(t.after, do) }

// Done puts the bot's ✅ on what was typed, once the turn is kept. Where reactions are off
// nothing is seen, so it is for what shows elsewhere too.
func (t *Turn) Done(ctx context.Context) {
	if react := t.server.React; react != nil {
		t.AfterCommit(func() { react(ctx, t.ref, t.Origin, teams.ReactionDone) })
	}
}

// Personal says whether this is the chat of one person with the bot. Where the message
// extension is used in a conversation that the bot is not in, it is: the turn then belongs
// there.
func (t *Turn) Personal() bool { return t.ref.Kind == teams.Personal }

// Shared says whether other people see what is posted here.
func (t *Turn) Shared() bool { return !t.Personal() }

// IsInvoke says whether the answer stands in the HTTP response.
func (t *Turn) IsInvoke() bool { return t.Activity.Type == teams.TypeInvoke }

// Dialog says whether the answer stands in a dialog, which its person alone sees.
func (t *Turn) Dialog() bool { return t.Activity.IsDialog() }

// Conversation is the id of the conversation; in a channel it names the thread.
func (t *Turn) Conversation() string { return t.ref.ConversationID }

// AnswerCard answers a press with a card that takes the place of the one that
// was pressed, in the view of the presser alone; that is why it may show what
// the person typed. In a dialog it is the dialog's next card. Clients without universal
// actions get it in another way that nobody else sees. Summary is used only there. For a
// message it is ReplyPrivately.
func (t *Turn) AnswerCard(m teams.Message) error {
	if t.Dialog() {
		card := m.Card
		if c, ok := card.(forDialog); ok {
			card = c.ForDialog()
		}
		return t.answerWith(teams.DialogCard(t.Words.T("dialog.title"), card), m)
	}
	return t.answerWith(teams.CardAnswer(m.Card), m)
}

// forDialog is a card that is drawn otherwise in a dialog, which sends Action.Submit alone.
type forDialog interface{ ForDialog() any }

// AnswerText answers a press with a short line that only the presser sees, and
// leaves the card as it is. A dialog ends with the line.
func (t *Turn) AnswerText(text string) error {
	answer := teams.MessageAnswer(text)
	if t.Dialog() {
		answer = teams.DialogMessage(text)
	}
	return t.answerWith(answer, teams.Message{Text: text, TextFormat: teams.Plain})
}

// CloseDialog ends a dialog without a word.
func (t *Turn) CloseDialog() {
	closed := teams.DialogClosed()
	t.answer = &closed
}

func (t *Turn) answerWith(r teams.InvokeResponse, m teams.Message) error {
	if t.IsInvoke() {
		t.answer = &r
		return nil
	}
	if t.Press != nil && t.Personal() && m.Card != nil && t.Press.MessageID != "" {
		return t.Reply(m, Over(t.Press.MessageID))
	}
	return t.ReplyPrivately(m)
}

// response is what the HTTP response says in the end.
func (t *Turn) response() (StoredAnswer, error) {
	if t.answer == nil {
		return StoredAnswer{Status: 200}, nil
	}
	body, err := t.answer.Encode()
	if err != nil {
		return StoredAnswer{}, fmt.Errorf("encode answer: %w", err)
	}
	return StoredAnswer{Status: t.answer.Status, Body: body}, nil
}
