package dialogs

import (
	"testing"

	"onbehalf/bot"
	"onbehalf/bot/i18n"
	"onbehalf/bot/teams"
)

// typed is a turn in which somebody wrote a line.
func typed(line string) *bot.Turn {
	return &bot.Turn{Activity: &teams.Activity{Type: teams.TypeMessage}, Text: line, Words: i18n.For(i18n.English, nil)}
}

func TestOnlyACommandAndWhatItTakesIsSurelyOne(t *testing.T) {
	for line, want := range map[string]Name{
		"list": List, "LIST.": List, "список": List, "list all": List, "liste meine": List, "list me": List, "list @Rita": List, "list all @Rita Ray": List,
		"status": Status, "status SR-1": Status, "status 1": Status, "статус №1": Status, "status sr 1.": Status,
		"SR-7": Status, "sr7": Status, "#7": Status, "SR 7": Status, "№7": Status,
		"take 3": Take, "assign": Assign, "assign 3 me": Assign, "назначить 3 мне": Assign, "assign SR-3 @Jonas": Assign, "watch 3": Watch,
		"new": New, "neu": New, "find": Find, "yes": Yes, "назад": Back, "cancel": Cancel, "cancel SR-1": Cancel,
		"close 1": Close, "respond 1": Respond, "comment SR-1": Comment, "ack #4": Ack,
		"file 3": File, "file 3 2609140050003837": File, "file 3 SR 2609140050003837 14:05": File,
		"severity 1": Severity, "severity 1 B": Severity, "schweregrad 1 В": Severity,
		"sla": SLA, "sla 1": SLA, "report": Report, "report month": Report, "bericht woche": Report,
		"language": Language, "language ru": Language, "help": Help, "Help?": Help, "help new": Help, "помощь": Help, "help deadlines": Help,
		"Withdraw": Cancel, "withdraw SR-1": Cancel, "Take over": Take, "Übernehmen": Take, "Взять себе": Take, "new request": New, "My requests": List,
		"Next": Yes, "Senden": Yes, "открыть снова": Reopen, "change severity SR-4": Severity,

		"": "", "7": "", "365": "", "7.": "", "list contoso": "", "list all contoso": "", "status of the machines": "", "status SR-1 is wrong": "",
		"new contoso azure B": "", "new laptop": "", "find outlook": "", "take 3 machines down": "", "assign 3 licences": "", "comment SR-1 hello": "",
		"cancel it all": "", "close the ticket": "", "report of the month": "", "language packs": "", "language klingon": "", "yes please": "",
		"help Blue Yonder": "", "help cancel my order": "", "help SR-1": "", "file 3 licences": "", "file share is gone": "", "severity 1 B because": "",
		"take over 5 mailboxes is slow": "", "resolve dns": "", "watch list": "", "next week": "", "SR-7 again": "", "sr": "", "VMs do not start": "",
		"assign 3 @all of the people of the desk": "", "sla 1 of 2": "",
	} {
		c, sure := commandOf(typed(line))
		if sure != (want != "") || sure && c.Name != want {
			t.Errorf("%q is %q, surely %v; want %q", line, c.Name, sure, want)
		}
		if c, sure := commandOf(typed("/" + line)); !sure || !c.Slash {
			t.Errorf("%q with a slash is %q, surely %v", line, c.Name, sure)
		}
	}
}

// Every word alone is a command, whatever form is open.
func TestEveryWordAloneIsSurelyACommand(t *testing.T) {
	for spelled, name := range names {
		if c, sure := commandOf(typed(spelled)); !sure || c.Name != name {
			t.Errorf("%q is %q, surely %v; want %q", spelled, c.Name, sure, name)
		}
	}
	for spelled, b := range labels {
		if c, sure := commandOf(typed(spelled)); !sure || c.Name != b.name || c.OfTicket != b.ofTicket {
			t.Errorf("%q is %+v, surely %v; want %+v", spelled, c, sure, b)
		}
	}
}

// A mention is a person, however many words its name has.
func TestAMentionIsWhatACommandTakes(t *testing.T) {
	turn := typed("assign 3 @Anna Maria of the Desk GmbH")
	turn.Activity.Text = "assign 3 <at>Anna Maria of the Desk GmbH</at>"
	turn.Activity.Entities = []teams.Entity{{Type: "mention", Text: "<at>Anna Maria of the Desk GmbH</at>", Mentioned: teams.NewAccount("29:1anna", "Anna Maria of the Desk GmbH")}}
	if c, sure := commandOf(turn); !sure || c.Name != Assign {
		t.Errorf("%+v, surely %v", c, sure)
	}
	turn.Text += ", who knows it"
	if c, sure := commandOf(turn); sure {
		t.Errorf("%+v is surely a command", c)
	}
}
