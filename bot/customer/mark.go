package customer

import "time"

// Mark is how far the end of the right to file for a customer is: what people are told of
// once, until the next one.
type Mark string

// marksKept is for how many days a right that has ended is news.
const marksKept = 30

// MarkAt gives the mark of a customer at an instant: 60, 30 or 7 days before the end, the
// end, or that somebody ended the relationship before its time. It is empty where the end
// is further away, unknown or long past, and where it moves by itself. Another end has
// other marks.
func (c Customer) MarkAt(now time.Time) Mark {
	right := c.RightAt("", now)
	if right.End.IsZero() {
		return ""
	}
	end := "@" + right.Day.Format(time.DateOnly)
	switch right.Standing {
	case Ended, Terminated:
		if right.DaysLeft(now) < -marksKept {
			return ""
		}
		return Mark("0" + end)
	case May:
		for _, part := range []RightsPart{RightsWeek, RightsMonth, RightsMonths} {
			if right.EndsWithin(part.Days(), now) {
				return Mark(string(part) + end)
			}
		}
	}
	return ""
}

// Marked is the span in which a right has to end to have a mark.
func Marked(now time.Time, except []string) RightsSpan {
	return RightsSpan{From: EndOfDays(now, -marksKept-2), To: EndOfDays(now, RightsMonths.Days()), Except: except}
}
