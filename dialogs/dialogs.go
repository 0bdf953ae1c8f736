package dialogs

import (
	"context"
	"strings"

	"onbehalf/bot"
	"onbehalf/bot/i18n"
	"onbehalf/bot/intake"
	"onbehalf/bot/plaintext"
	"onbehalf/bot/request"
	"onbehalf/bot/sla"
	"onbehalf/bot/teams"
	"onbehalf/cards"
)

// Dialogs talks with people about the desk's tickets. It implements bot.Handler
// and is safe for many turns at once.
type Dialogs struct {
	Desk    *request.Desk
	Metrics *bot.Metrics // nil counts nothing
	// Files says that Teams takes files from this bot in personal chats.
	Files bool

	commands map[Name]command
	verbs    map[string]verb
}

// command does what somebody typed; verb what somebody pressed.
type (
	command func(ctx context.Context, t *bot.Turn, c Command) error
	verb    func(ctx context.Context, t *bot.Turn, press teams.CardAction) error
)

// NewDialogs makes the dialogs of a desk.
func NewDialogs(desk *request.Desk, metrics *bot.Metrics) *Dialogs {
	d := &Dialogs{Desk: desk, Metrics: metrics}
	d.commands = map[Name]command{
		New:      d.startIntake,
		Back:     d.typedBack,
		Cancel:   d.typedCancel,
		Yes:      d.typedYes,
		Status:   d.status,
		List:     d.list,
		Find:     d.find,
		Help:     d.help,
		Language: d.language,
		SLA:      d.sla,
		Report:   d.report,
		Where:    d.where,
		Rights:   d.rights,
		Customer: d.customerCard,
		Press:    d.typedPress,
		restart:  d.typedRestart,
		ackMine:  d.ackMine,
	}
	d.verbs = map[string]verb{
		cards.IntakeStart:   d.pressedStart,
		cards.IntakeNext:    d.onForm(d.next),
		cards.IntakeBack:    d.onForm(d.back),
		cards.IntakeContact: d.onForm(d.contact),
		cards.IntakeSubmit:  d.onForm(d.submit),
		cards.IntakeResume:  d.onForm(d.resume),
		cards.IntakeRestart: d.onForm(d.restart),
		cards.IntakeCancel:  d.onForm(d.cancel),
		cards.ListPage:      d.listPage,
		cards.CustomerShow:  d.pressedCustomer,
		cards.TicketShow:    d.show,
		cards.TicketRefresh: d.refresh,
		cards.HelpShow:      d.helpTopic,
		cards.TicketHistory: d.history,
		cards.TicketDetails: d.details,
		cards.TicketSheet:   d.sheet,
		cards.SLABoard:      d.pressedBoard,
		cards.ReportShow:    d.pressedReport,
		cards.RightsShow:    d.pressedRights,
		cards.RightsAck:     d.ackRights,
		cards.SLAAck:        d.ackAll,
	}
	for name, move := range actions {
		if name != Cancel { // alone it ends the form
			d.commands[name] = d.typedMove
		}
		if move.verb != "" {
			d.verbs[move.verb] = d.pressedMove(move)
		}
	}
	return d
}

// Free lets everybody have the help, and nothing else: the command that Message
// runs whatever form is open, and its button. A search is never free, whatever
// words come along with it.
func (d *Dialogs) Free(t *bot.Turn) bool {
	switch {
	case t.Press != nil:
		return t.Press.Verb == cards.HelpShow
	case t.IsInvoke():
		return false
	}
	c, sure := commandOf(t)
	return sure && c.Name == Help
}

// Message does what was typed, or takes it as the answer to a form's open
// question. A line with a slash is always a command, and so is one that is nothing
// but a command.
func (d *Dialogs) Message(ctx context.Context, t *bot.Turn) error {
	return d.explain(ctx, t, d.message(ctx, t))
}

func (d *Dialogs) message(ctx context.Context, t *bot.Turn) error {
	if t.Activity.HasFiles() {
		if err := t.Reply(say(t.Words.T("talk.no_files"))); err != nil {
			return err
		}
		if t.Text == "" {
			return nil
		}
	}
	c, sure := commandOf(t)
	if !sure && t.Session.Draft != nil {
		return d.typedAnswer(ctx, t, t.Session.Draft)
	}
	if run, ok := d.commands[c.Name]; ok {
		return run(ctx, t, c)
	}
	return d.unknown(ctx, t, c)
}

// do leaves work for the turn's transaction. What its author can do something about is
// said, and changes nothing.
func (d *Dialogs) do(t *bot.Turn, work func(ctx context.Context, tx bot.Tx) error) {
	t.Do(func(ctx context.Context, tx bot.Tx) error { return d.explain(ctx, t, work(ctx, tx)) })
}

// Press does what a button says, from whichever client it comes.
func (d *Dialogs) Press(ctx context.Context, t *bot.Turn, press teams.CardAction) error {
	run, ok := d.verbs[press.Verb]
	if press.Extension != nil && press.Extension.Fetch {
		run, ok = d.startDialog, knownActions[press.Extension.CommandID]
	}
	switch _, moves := actionOf(press.Verb); {
	case !ok, press.Automatic && (press.Verb == cards.SLAAck || press.Verb == cards.RightsAck):
		return d.forged(t)
	case press.Automatic && (moves || press.Verb == cards.TicketSheet):
		run = d.refresh // a client that redraws by itself changes nothing
	}
	return d.explain(ctx, t, run(ctx, t, press))
}

// Installed greets a conversation.
func (d *Dialogs) Installed(ctx context.Context, t *bot.Turn) error {
	return t.Reply(shown(cards.Welcome(t.Words)))
}

// unknown takes what is no command for what it most likely means: a filter of the
// list, a case of Microsoft's, a greeting. Else it names the nearest command.
func (d *Dialogs) unknown(ctx context.Context, t *bot.Turn, c Command) error {
	if strings.Trim(c.Word, punctuation) == "" {
		return d.help(ctx, t, Command{Name: Help})
	}
	if _, ok := filterOf(strings.TrimRight(c.Word, punctuation)); ok && c.Alone() {
		return d.list(ctx, t, Command{Name: List, Word: c.Word, Rest: strings.TrimRight(c.Word, punctuation)})
	}
	if _, ok := request.CaseIn(t.Text); ok {
		return d.ofCase(ctx, t, t.Text)
	}
	if talked, err := d.smallTalk(t); talked {
		return err
	}
	if near := nearest(c.Word, t.Words.Lang()); near != "" {
		return t.Reply(say(t.Words.T("talk.nearest", "word", excerpt(c.Word), "nearest", near.Spelled(t.Words.Lang()), "help", Help.Typed(t.Words))))
	}
	return t.Reply(say(t.Words.T("talk.unknown", "word", excerpt(c.Word), "new", New.Typed(t.Words), "help", Help.Typed(t.Words))))
}

// language changes the language that the bot speaks with this person.
func (d *Dialogs) language(ctx context.Context, t *bot.Turn, c Command) error {
	for _, lang := range i18n.Languages() {
		if plaintext.Fold(c.Rest) != lang {
			continue
		}
		t.ChooseLanguage(lang)
		return t.Reply(say(t.Words.T("talk.language_set")))
	}
	return t.Reply(say(t.Words.T("talk.language_which", "word", Language.Typed(t.Words))))
}

// help shows the words, or more about one of them.
func (d *Dialogs) help(ctx context.Context, t *bot.Turn, c Command) error {
	return t.Reply(shown(cards.Help(topicOf(c.Rest), helpWords(t.Words), t.Words)))
}

func (d *Dialogs) helpTopic(ctx context.Context, t *bot.Turn, press teams.CardAction) error {
	return t.AnswerCard(shown(cards.Help(topicOf(press.Data.String("topic")), helpWords(t.Words), t.Words)))
}

// topicOf gives the help's topic for a command in any language; the overview for
// anything else.
func topicOf(typed string) string {
	if name := Parse(typed).Name; name != "" {
		return string(name)
	}
	return plaintext.Fold(excerpt(typed))
}

// say is a message of words; they may hold what strangers typed, so it is plain
// text.
func say(text string) teams.Message { return teams.Message{Text: text, TextFormat: teams.Plain} }

// shown is a message that is a card.
func shown(c cards.Card) teams.Message { return teams.Message{Card: c, Summary: c.Summary()} }

// excerpt is enough of what was typed to recognise it.
func excerpt(s string) string {
	const most = 40
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return s
}

// readers are the words of the conversation for what several people see: those of
// the one who filed the ticket.
func readers(v request.Ticket) i18n.Words {
	zone, known := sla.Location(v.Zone)
	if !known {
		zone = v.Customer.Location()
	}
	return i18n.For(v.UILanguage, zone)
}

// intake is the desk that takes forms in.
func (d *Dialogs) intake() intake.Desk { return intake.Desk{Desk: d.Desk} }
