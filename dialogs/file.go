package dialogs

import (
	"bytes"
	"context"
	"strconv"
	"time"

	"onbehalf/bot"
	"onbehalf/bot/request"
	"onbehalf/bot/teams"
)

// files says whether the person can have a file here: Teams takes those of a bot in
// personal chats alone.
func (d *Dialogs) files(t *bot.Turn) bool { return d.Files && t.Personal() }

// byteOrderMark tells spreadsheets that a file is UTF-8.
const byteOrderMark = "\uFEFF"

// reportFile is a report as a file for spreadsheets, and what it is called.
func reportFile(report request.Report, zone *time.Location) (name string, content []byte, err error) {
	var csv bytes.Buffer
	csv.WriteString(byteOrderMark)
	err = report.WriteCSV(&csv)
	first, last := report.From.In(zone), report.To.Add(-time.Second).In(zone)
	return "onbehalf-" + first.Format(time.DateOnly) + "-" + last.Format(time.DateOnly) + ".csv", csv.Bytes(), err
}

// offerReport asks whether the report may be put into the person's OneDrive.
func (d *Dialogs) offerReport(t *bot.Turn, period string, back int, report request.Report) error {
	name, content, err := reportFile(report, t.Words.Zone())
	if err != nil {
		return err
	}
	return t.Reply(teams.Message{Offer: &teams.FileOffer{
		Name: name, Description: t.Words.T("report.file_why"), Size: len(content),
		Context: map[string]string{"period": period, "back": strconv.Itoa(back)},
	}})
}

// File puts the report that was offered where the person lets it, counted anew, and shows
// it. Where that does not work the report comes as text. The offer becomes a line.
func (d *Dialogs) File(ctx context.Context, t *bot.Turn, consent teams.FileConsent) error {
	return d.explain(ctx, t, d.afterOffer(ctx, t, consent))
}

func (d *Dialogs) afterOffer(ctx context.Context, t *bot.Turn, consent teams.FileConsent) error {
	end := func(key string) error {
		line := say(t.Words.T(key, "name", consent.File.Name))
		if consent.MessageID == "" {
			return t.Reply(line)
		}
		return t.Reply(line, bot.Over(consent.MessageID))
	}
	if !consent.Accepted {
		return end("report.file_declined")
	}
	period, ok := periodOf(consent.Context.String("period"))
	back, err := strconv.Atoi(consent.Context.String("back"))
	if !ok || err != nil || back < 0 || back > mostBack || !d.files(t) {
		return t.Reply(say(t.Words.T("turn.forged", "at", t.Words.Front())))
	}
	_, report, err := d.reportCard(ctx, t, period, back)
	if err != nil {
		return err
	}
	name, content, err := reportFile(report, t.Words.Zone())
	if err != nil {
		return err
	}
	if consent.File.Name == "" {
		consent.File.Name = name
	}
	if !t.Upload(ctx, consent, content) {
		if err := end("report.file_failed"); err != nil {
			return err
		}
		return d.reportText(t, report)
	}
	if err := end("report.file_stored"); err != nil {
		return err
	}
	return t.Reply(teams.Message{Stored: &consent.File})
}
