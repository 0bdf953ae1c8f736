package cards

import (
	"strconv"
	"time"

	"onbehalf/bot/i18n"
	"onbehalf/bot/request"
)

// order is how severities follow each other in tables.
var order = []request.Severity{request.SeverityA, request.SeverityB, request.SeverityC, request.NonCritical}

// Board says what is late and next to be late. Its heading is the answer.
func Board(b request.Board, viewer request.Viewer, asOf time.Time, w i18n.Words) Card {
	w = w.AsOf(asOf)
	late, soon, later := sum(b.Late), sum(b.Soon), sum(b.Running)
	title := w.T("board.heading", "late", late, "soon", soon)
	if late+soon == 0 {
		title = w.T("board.calm")
	}
	line := []run{say(w.T("board.as_of", "count", late+soon+later, "time", w.Time(asOf)) + " ").quiet()}
	if b.Unassigned > 0 {
		line = append(line, say(w.T("board.nobodys", "count", b.Unassigned)).bold())
	}
	var rows [][]string
	for _, s := range order {
		rows = append(rows, []string{severityLabel(s, w), strconv.Itoa(b.Late[s]), strconv.Itoa(b.Soon[s]), strconv.Itoa(b.Running[s])})
	}
	body := []element{
		heading(title, "Medium"), rich(line...).space("None"),
		numbers([]string{w.T("table.severity"), w.T("board.late"), w.T("board.soon"), w.T("board.later")}, rows, false),
	}
	speak := w.T("board.speak", "late", late, "soon", soon, "later", later, "nobody", b.Unassigned)
	if len(b.Next) > 0 {
		body = append(body, rich(say(w.T("board.next")).bold()).space("Large"))
		for _, t := range b.Next {
			body = append(body, row(t, viewer.Person, asOf, w))
		}
		speak += " " + w.T("list.speak_first", "row", rowSpoken(b.Next[0], asOf, w))
	}
	var list []button
	if b.Unassigned > 0 {
		list = append(list, button{title: w.T("press.nobodys", "n", b.Unassigned), verb: ListPage,
			data: listData(ListView{Filter: request.OnlyUnassigned}, 0), filled: true, alone: true})
	}
	if late > 0 {
		list = append(list, button{title: w.T("press.late", "n", late), verb: ListPage,
			data: listData(ListView{Filter: request.OnlyBreached}, 0), alone: true})
	}
	list = append(list, button{title: w.T("press.refresh"), verb: SLABoard, alone: true})
	return newCard(w, speak, append(body, pack(list...))...)
}

func sum(counts map[request.Severity]int) int {
	total := 0
	for _, n := range counts {
		total += n
	}
	return total
}
