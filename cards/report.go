package cards

import (
	"strconv"
	"strings"
	"time"

	"onbehalf/bot/i18n"
	"onbehalf/bot/request"
)

// ReportView is a report with the one before it.
type ReportView struct {
	request.Report
	// Period is "week" or "month", Back how many of them ago.
	Period string
	Back   int
	// Before is the period before, nil where it was not read.
	Before *request.Report
	// Files says that the reader can have a file.
	Files bool
}

// reportLate is how many late requests a report explains.
const reportLate = 5

// Report says how well first responses were kept. The heading is the result; the
// table is always there, the chart an extra where the client draws one.
func Report(v ReportView, w i18n.Words) Card {
	name := periodName(v.Period, v.From, w)
	title := w.T("report.heading_none", "period", name)
	if decided := v.Total.Decided(); decided > 0 {
		title = w.T("report.heading", "period", name, "intime", v.Total.InTime, "decided", decided)
	}
	summary := w.T("report.summary", "from", w.DayMonth(v.From), "to", w.Date(v.To.Add(-time.Second)),
		"opened", v.Total.Opened, "intime", v.Total.InTime, "late", v.Total.Late)
	if v.Total.Running+v.Total.NoTarget > 0 {
		summary += " " + w.T("report.running", "running", v.Total.Running, "notarget", v.Total.NoTarget)
	}
	if v.Total.Unanswered > 0 {
		summary += " " + w.T("report.unanswered", "n", v.Total.Unanswered)
	}
	if v.Before != nil && v.Before.Total.Decided() > 0 {
		summary += " " + w.T("report.before", "period", periodName(v.Period, v.Before.From, w),
			"intime", v.Before.Total.InTime, "decided", v.Before.Total.Decided())
	}
	// No Markdown: "1. Nov." at the start of a line would become a list.
	body := []element{heading(title, "Large"), rich(say(summary).quiet()).space("None")}
	speak := title + ". " + summary
	if v.Total.Opened > 0 {
		body = append(body, v.chart(w), v.table(w))
	}
	body = append(body, v.late(w)...)
	if most := v.most(); most != "" {
		body = append(body, rich(say(w.T("report.most")+" ").quiet(), say(most)).space("Medium"))
	}
	other, otherTitle := "month", w.T("report.press_month")
	if v.Period == "month" {
		other, otherTitle = "week", w.T("report.press_week")
	}
	buttons := []button{
		{title: otherTitle, verb: ReportShow, data: Data{"period": other, "back": 0}, alone: true},
		{title: w.T("report.press_before_" + v.period()), verb: ReportShow, data: Data{"period": v.period(), "back": v.Back + 1}, alone: true},
		{title: w.T("report.press_csv"), verb: ReportShow, data: Data{"period": v.period(), "back": v.Back, "csv": true}, alone: true},
	}
	if v.Files {
		buttons = append(buttons, button{title: w.T("report.press_file"), verb: ReportShow, data: Data{"period": v.period(), "back": v.Back, "file": true}, alone: true})
	}
	return newCard(w, speak, append(body, pack(buttons...))...)
}

func (v ReportView) period() string {
	if v.Period == "month" {
		return "month"
	}
	return "week"
}

func periodName(period string, from time.Time, w i18n.Words) string {
	if period == "month" {
		return capital(w.Month(from))
	}
	_, week := from.In(w.Zone()).ISOWeek()
	return w.T("report.week", "n", week)
}

func (v ReportView) table(w i18n.Words) element {
	line := func(label string, c request.Count) []string {
		return []string{label, strconv.Itoa(c.Opened), strconv.Itoa(c.InTime), strconv.Itoa(c.Late)}
	}
	var rows [][]string
	for _, s := range order {
		rows = append(rows, line(severityLabel(s, w), v.BySeverity[s]))
	}
	rows = append(rows, line(w.T("report.total"), v.Total))
	return numbers([]string{w.T("table.severity"), w.T("report.opened"), w.T("report.in_time"), w.T("report.late")}, rows, true)
}

// chart is drawn where the client can. It never carries a fact alone.
type chart struct {
	Type     string      `json:"type"`
	Title    string      `json:"title"`
	ColorSet string      `json:"colorSet"`
	Data     []chartBars `json:"data"`
	Fallback string      `json:"fallback"`
}

type chartBars struct {
	Title string     `json:"title"`
	Data  []chartBar `json:"data"`
}

type chartBar struct {
	Legend string `json:"legend"`
	Value  int    `json:"value"`
	Color  string `json:"color"`
}

func (chart) element() {}

func (v ReportView) chart(w i18n.Words) element {
	c := chart{Type: "Chart.HorizontalBar.Stacked", Title: w.T("report.chart"), ColorSet: "categorical", Fallback: "drop"}
	for _, s := range order {
		label := string(s)
		if s == request.NonCritical {
			label = severityLabel(s, w)
		}
		count := v.BySeverity[s]
		c.Data = append(c.Data, chartBars{label, []chartBar{
			{w.T("report.in_time"), count.InTime, "good"}, {w.T("report.late"), count.Late, "attention"},
		}})
	}
	return c
}

// late says in words why each was late.
func (v ReportView) late(w i18n.Words) []element {
	if len(v.LateOnes) == 0 {
		return nil
	}
	all := []element{rich(say(w.T("report.late_ones", "count", v.Total.Late)).bold()).space("Large")}
	for i, l := range v.LateOnes {
		if i == reportLate {
			all = append(all, small(w.T("report.more", "count", v.Total.Late-reportLate)).space("Small"))
			break
		}
		mark := l.Number.String() + " "
		if l.Severity != request.NonCritical {
			mark += string(l.Severity) + " "
		}
		all = append(all, rich(say(mark).bold(), UserText(l.Customer).run(nameCut),
			say(" · "+w.T("report.by", "span", w.DurationShort(l.By), "why", whyLate(l, w))).quiet()).space("Small"))
	}
	return all
}

func whyLate(l request.LateTicket, w i18n.Words) string {
	span := ""
	if minutes, ok := l.Args["minutes"].(int); ok {
		span = w.DurationShort(time.Duration(minutes) * time.Minute)
	}
	return w.T("late."+l.Code, "span", span)
}

// most names the customers with the most requests.
func (v ReportView) most() string {
	var names []string
	for i, c := range v.ByCustomer {
		if i == 3 {
			break
		}
		names = append(names, UserText(c.Name).line(nameCut)+" "+strconv.Itoa(c.Opened))
	}
	return strings.Join(names, ", ")
}
