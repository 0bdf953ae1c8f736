package sla

import (
	"sync"
	"time"

	"github.com/rickar/cal/v2"
)

// Years for which a list is asked at all. Nobody promises the holidays of the next
// century.
const firstLawYear, lastLawYear = 2000, 2099

// holidays are the public holidays of one country or region. A nil one has none
// and knows of no year.
type holidays struct {
	list []*cal.Holiday
	// known are the years in which the list was compared with the law. In others it
	// is used as well, but days may be missing.
	known years
	years sync.Map // int to map[date]string, filled when a year is first asked for
}

// calculating guards the library: some of its rules write to the holiday they
// compute, and it reads the zone of the machine from a variable.
var calculating sync.Mutex

func (h *holidays) knows(year int) bool {
	return h != nil && h.known.covers(year)
}

// on gives the name of the holiday that a date is, or is the substitute for.
func (h *holidays) on(day date) (name string, holiday bool) {
	if h == nil {
		return "", false
	}
	year := day.year()
	if year < firstLawYear || year > lastLawYear {
		return "", false
	}
	days, ready := h.years.Load(year)
	if !ready {
		days, _ = h.years.LoadOrStore(year, h.calculate(year))
	}
	name, holiday = days.(map[date]string)[day]
	return name, holiday
}

// calculate lists a year's holidays on the day itself and on the substitute. The
// neighbouring years are asked too: New Year's Day on a Saturday may be given
// back on the Friday before.
func (h *holidays) calculate(year int) map[date]string {
	calculating.Lock()
	defer calculating.Unlock()
	cal.DefaultLoc = time.UTC // else a machine whose midnight is skipped moves a holiday

	days := map[date]string{}
	for of := year - 1; of <= year+1; of++ {
		for _, holiday := range h.list {
			actual, observed := holiday.Calc(of)
			for _, t := range []time.Time{actual, observed} {
				if t.Year() == year {
					days[dateAt(t.Date())] = holiday.Name
				}
			}
		}
	}
	return days
}
