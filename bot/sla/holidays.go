package sla

import (
	"sync"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/aa"
	"github.com/rickar/cal/v2/at"
	"github.com/rickar/cal/v2/au"
	"github.com/rickar/cal/v2/br"
	"github.com/rickar/cal/v2/ch"
	"github.com/rickar/cal/v2/de"
	"github.com/rickar/cal/v2/dk"
	"github.com/rickar/cal/v2/es"
	"github.com/rickar/cal/v2/fr"
	"github.com/rickar/cal/v2/gb"
	"github.com/rickar/cal/v2/it"
	"github.com/rickar/cal/v2/jp"
	"github.com/rickar/cal/v2/nl"
	"github.com/rickar/cal/v2/nz"
	"github.com/rickar/cal/v2/pl"
	"github.com/rickar/cal/v2/ru"
	"github.com/rickar/cal/v2/se"
	"github.com/rickar/cal/v2/ua"
	"github.com/rickar/cal/v2/us"
	"github.com/rickar/cal/v2/za"
)

// laws are the public holidays that a policy can name with "holidays". They are
// the library's national lists, or those of the region that the built-in zone
// lies in where a country has none that holds everywhere. Days that a government
// moves by decree from year to year are in none of them; a policy adds those to
// closed and open.
var laws = map[string]*holidays{
	"at":     {list: at.Holidays},
	"au-nsw": {list: au.HolidaysNSW},
	"br":     {list: append(br.Holidays[:len(br.Holidays):len(br.Holidays)], blackAwarenessDay)},
	"ch-zh":  {list: ch.HolidaysZH},
	"de":     {list: de.Holidays},
	"dk":     {list: dk.Holidays},
	"es":     {list: es.Holidays},
	"fr":     {list: fr.Holidays},
	"gb":     {list: gb.Holidays},
	"it":     {list: it.Holidays},
	"jp":     {list: jp.Holidays},
	"nl":     {list: nl.Holidays},
	"nz":     {list: nz.Holidays},
	"pl":     {list: append(pl.Holidays[:len(pl.Holidays):len(pl.Holidays)], polishChristmasEve)},
	"ru":     {list: append(ru.Holidays[:len(ru.Holidays):len(ru.Holidays)], russianNewYear...)},
	"se":     {list: se.Holidays},
	"ua":     {list: ua.Holidays},
	"us":     {list: us.Holidays},
	"za":     {list: za.Holidays},
}

// What the library's lists lack, by the law of the country.
var (
	// Lei 14.759/2023.
	blackAwarenessDay = &cal.Holiday{
		Name: "Dia Nacional de Zumbi e da Consciência Negra", StartYear: 2024,
		Month: time.November, Day: 20, Func: cal.CalcDayOfMonth,
	}
	// Dz.U. 2024 poz. 1965.
	polishChristmasEve = &cal.Holiday{
		Name: "Wigilia Bożego Narodzenia", StartYear: 2025,
		Month: time.December, Day: 24, Func: cal.CalcDayOfMonth,
	}
	// Labour Code of the Russian Federation, article 112: 1 to 6 and 8 January.
	russianNewYear = func() []*cal.Holiday {
		var days []*cal.Holiday
		for _, day := range []int{2, 3, 4, 5, 6, 8} {
			days = append(days, aa.NewYear.Clone(&cal.Holiday{Name: "Новогодние каникулы", StartYear: 2013}))
			days[len(days)-1].Day = day
		}
		return days
	}()
)

// Years for which the lists are taken to hold. Laws change; nobody promises the
// holidays of the next century.
const firstLawYear, lastLawYear = 2000, 2099

// holidays are the public holidays of one country or region. A nil one has none
// and knows of no year.
type holidays struct {
	list  []*cal.Holiday
	years sync.Map // int to map[date]string, filled when a year is first asked for
}

// calculating guards the library: some of its rules write to the holiday they
// compute, and it reads the zone of the machine from a variable.
var calculating sync.Mutex

func (h *holidays) knows(year int) bool {
	return h != nil && firstLawYear <= year && year <= lastLawYear
}

// on gives the name of the holiday that a date is, or is the substitute for.
func (h *holidays) on(day date) (name string, holiday bool) {
	if h == nil {
		return "", false
	}
	year := day.year()
	if !h.knows(year) {
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
