package bot

import (
	"context"
	"net/http"
	"time"

	"onbehalf/bot/i18n"
	"onbehalf/bot/teams"
	"onbehalf/bot/ticket"
)

// Handler is what the bot does with what people say. An error that it returns
// is one that nobody foresaw: the endpoint logs it and answers with a reference,
// or with 503 when the database is away, and the turn may come again. What the
// person can do something about is the handler's to say.
type Handler interface {
	// Free says whether this turn neither shows nor changes anything of the desk's,
	// such as the help. Such a turn is answered to everybody in the conversation;
	// every other one only to the partner's own people, who have been looked up
	// before Message, Press, Search or Extension is called.
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
	// Installed greets a conversation that the bot has just come into. It is called
	// once for each install.
	Installed(ctx context.Context, t *Turn) error
}

// Turn is one activity and everything that is needed to answer it. It belongs
// to one goroutine and ends within [TurnLimit].
type Turn struct {
	Activity *teams.Activity
	// Person is who did it. TeamsID, tenant, name and address are as Teams knows
	// them; the text never says who somebody is.
	Person ticket.Person
	// Words are the person's: their own language and zone.
	Words i18n.Words
	// Zone is the person's IANA zone, empty when it is not known.
	Zone string
	// Text is what was typed, without the bot's mention and trimmed.
	Text string
	// Origin is the activity's id. A turn that is delivered again under the same id
	// has the same.
	Origin string
	// Press is the button, nil when the activity is none.
	Press *teams.CardAction
	// At is when the activity came in.
	At time.Time

	server *Server
	ref    teams.Ref
	// deadline is when sends of this turn stop and join the lane.
	deadline time.Time
	answer   *teams.InvokeResponse
	// queued says that an answer of this turn joined the lane; the later ones then
	// follow it, so that they arrive in order.
	queued bool
}

// TurnLimit is how long a turn may take. Teams delivers a turn again that is
// not answered within 15 seconds, and shows an invoke as failed sooner.
const TurnLimit = 5 * time.Second

// sendMargin is what is kept of TurnLimit for leaving a send to its lane.
const sendMargin = 700 * time.Millisecond

// Personal says whether this is the chat of one person with the bot.
func (t *Turn) Personal() bool { return t.Activity.IsPersonal() }

// Shared says whether other people see what is posted here.
func (t *Turn) Shared() bool { return !t.Personal() }

// IsInvoke says whether the answer stands in the HTTP response.
func (t *Turn) IsInvoke() bool { return t.Activity.Type == teams.TypeInvoke }

// Conversation is the id of the conversation; in a channel it names the thread.
func (t *Turn) Conversation() string { return t.ref.ConversationID }

// AnswerCard answers a press with a card that takes the place of the one that
// was pressed, in the view of the presser alone; that is why it may show what
// the person typed. Clients without universal actions get it in another way
// that nobody else sees. Summary is used only there. For a message it is
// ReplyPrivately.
func (t *Turn) AnswerCard(ctx context.Context, m teams.Message) error {
	return t.answerWith(ctx, teams.CardAnswer(m.Card), m)
}

// AnswerText answers a press with a short line that only the presser sees, and
// leaves the card as it is.
func (t *Turn) AnswerText(ctx context.Context, text string) error {
	return t.answerWith(ctx, teams.MessageAnswer(text), teams.Message{Text: text, TextFormat: teams.Plain})
}

func (t *Turn) answerWith(ctx context.Context, r teams.InvokeResponse, m teams.Message) error {
	if t.IsInvoke() {
		t.answer = &r
		return nil
	}
	if t.Press != nil && t.Personal() && m.Card != nil && t.Press.MessageID != "" {
		return t.Update(ctx, t.Press.MessageID, m)
	}
	return t.ReplyPrivately(ctx, m)
}

// Answered says whether the invoke has its answer.
func (t *Turn) Answered() bool { return t.answer != nil }

// response is what the HTTP response says in the end.
func (t *Turn) response() teams.InvokeResponse {
	if t.answer != nil {
		return *t.answer
	}
	return teams.InvokeResponse{Status: http.StatusOK}
}
