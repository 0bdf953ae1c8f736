package dialogs

import (
	"cmp"
	"context"
	"strconv"
	"strings"

	"onbehalf/bot"
	"onbehalf/bot/request"
	"onbehalf/bot/teams"
	"onbehalf/cards"
)

// history shows a ticket's entries, from the newest or below the one that the
// card ended with.
func (d *Dialogs) history(ctx context.Context, t *bot.Turn, press teams.CardAction) error {
	n, ok := request.ParseNumber(press.Data.String("number"))
	if !ok {
		return d.forged(t)
	}
	found, err := d.Desk.Ticket(ctx, t.Reader, t.Person, n)
	if err != nil {
		return err
	}
	before, err := strconv.ParseInt(press.Data.String("before"), 10, 64)
	if err != nil || before < 0 {
		before = 0
	}
	// One more than is shown tells whether there are older ones.
	entries, err := t.Reader.History(ctx, n, before, cards.HistoryPage+1)
	if err != nil {
		return err
	}
	older := int64(0)
	if len(entries) > cards.HistoryPage {
		entries = entries[:cards.HistoryPage]
		older = entries[cards.HistoryPage-1].ID
	}
	view, err := d.view(ctx, t, found)
	if err != nil {
		return err
	}
	return t.AnswerCard(shown(cards.History(view, entries, older, t.Words)))
}

// details shows everything that was filed.
func (d *Dialogs) details(ctx context.Context, t *bot.Turn, press teams.CardAction) error {
	n, ok := request.ParseNumber(press.Data.String("number"))
	if !ok {
		return d.forged(t)
	}
	found, err := d.Desk.Ticket(ctx, t.Reader, t.Person, n)
	if err != nil {
		return err
	}
	page, err := strconv.Atoi(press.Data.String("page"))
	if err != nil || page < 0 {
		page = 0
	}
	view, err := d.view(ctx, t, found)
	if err != nil {
		return err
	}
	view.View = d.Desk.ShowFiled(*found, view.Viewer)
	return t.AnswerCard(shown(cards.Details(view, page, t.Words)))
}

// sheet shows what is typed into Microsoft's portal, as a card, or as one plain
// text that phones can copy: that one comes as a message beside the card.
func (d *Dialogs) sheet(ctx context.Context, t *bot.Turn, press teams.CardAction) error {
	n, ok := request.ParseNumber(press.Data.String("number"))
	if !ok {
		return d.forged(t)
	}
	d.do(t, func(ctx context.Context, tx bot.Tx) error {
		sheet, err := d.Desk.Sheet(ctx, tx, t.Person, request.Move{Number: n, Revision: revisionOf(press), Origin: t.Origin})
		if err != nil {
			return err
		}
		if press.Data.String("plain") == "true" {
			if err := t.ReplyPrivately(say(cards.HandoverText(sheet, t.Words)), bot.About(n)); err != nil {
				return err
			}
		}
		return t.AnswerCard(shown(cards.Handover(sheet, nil, nil, t.Words)))
	})
	return nil
}

// csvMost is how much of a report goes into one message; more goes into a file, where
// Teams takes one, and is for the administrator's command elsewhere.
const csvMost = 20_000

// report shows how well first responses were kept, this week or this month.
func (d *Dialogs) report(ctx context.Context, t *bot.Turn, c Command) error {
	period, ok := periodOf(c.Rest)
	if !ok {
		return t.Reply(say(t.Words.T("desk.report_which", "word", Report.Typed(t.Words))))
	}
	card, _, err := d.reportCard(ctx, t, period, 0)
	if err != nil {
		return err
	}
	return t.ReplyPrivately(shown(card))
}

func (d *Dialogs) pressedReport(ctx context.Context, t *bot.Turn, press teams.CardAction) error {
	period, ok := periodOf(press.Data.String("period"))
	back, err := strconv.Atoi(cmp.Or(press.Data.String("back"), "0"))
	if !ok || err != nil || back < 0 || back > mostBack {
		return d.forged(t)
	}
	card, report, err := d.reportCard(ctx, t, period, back)
	if err != nil {
		return err
	}
	switch {
	case press.Data.String("file") == "true" && d.files(t):
		err = d.offerReport(t, period, back, report)
	case press.Data.String("csv") == "true":
		err = d.reportText(t, report)
	}
	if err != nil {
		return err
	}
	return t.AnswerCard(shown(card))
}

// reportText sends a report as the text of a message.
func (d *Dialogs) reportText(t *bot.Turn, report request.Report) error {
	var csv strings.Builder
	if err := report.WriteCSV(&csv); err != nil {
		return err
	}
	text := csv.String()
	if len(text) > csvMost {
		text = t.Words.T("desk.csv_too_long")
	}
	return t.ReplyPrivately(say(text))
}

// mostBack is how many weeks or months back a report goes.
const mostBack = 520

// reportCard reads a period, so many before the present one, and the one before
// it to compare with.
func (d *Dialogs) reportCard(ctx context.Context, t *bot.Turn, period string, back int) (cards.Card, request.Report, error) {
	from, to := span(period, back, d.Desk.Now().In(t.Words.Zone()))
	report, err := d.Desk.Report(ctx, t.Reader, t.Person, from, to)
	if err != nil {
		return cards.Card{}, report, err
	}
	earlier, until := span(period, back+1, d.Desk.Now().In(t.Words.Zone()))
	before, err := d.Desk.Report(ctx, t.Reader, t.Person, earlier, until)
	if err != nil {
		return cards.Card{}, report, err
	}
	return cards.Report(cards.ReportView{Report: report, Period: period, Back: back, Before: &before, Files: d.files(t)}, t.Words), report, nil
}
