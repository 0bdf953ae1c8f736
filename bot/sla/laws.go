package sla

import (
	"maps"
	"slices"
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
	"github.com/rickar/cal/v2/ie"
	"github.com/rickar/cal/v2/it"
	"github.com/rickar/cal/v2/jp"
	"github.com/rickar/cal/v2/nl"
	"github.com/rickar/cal/v2/nz"
	"github.com/rickar/cal/v2/pl"
	"github.com/rickar/cal/v2/ru"
	"github.com/rickar/cal/v2/se"
	"github.com/rickar/cal/v2/us"
	"github.com/rickar/cal/v2/za"
)

// laws are the holiday lists that a policy can name with "holidays": the
// library's, with what the law says otherwise. The lead's document lists them, and a
// test holds both together.
//
// The library is a snapshot of laws, so a list counts as known only in the years in
// which it was compared with the law. To add a year, compare it and raise
// lastChecked.
var laws = map[string]*holidays{
	"at":     checked(at.Holidays, easterSunday, whitSunday),
	"au-nsw": checked(au.HolidaysNSW, onDates("Anzac Day, additional day", "2026-04-27", "2027-04-26")), // order of February 2026
	"br":     checked(without(br.Holidays, br.Carnaval, br.CorpusChristi), blackAwarenessDay, easterSunday),
	"ch-zh":  checked(ch.HolidaysZH, easterSunday, whitSunday),
	"de":     german(de.Holidays),
	"de-bb":  german(de.HolidaysBB),
	"de-be":  german(de.HolidaysBE, onDates("75. Jahrestag des Aufstandes vom 17. Juni", "2028-06-17")), // GVBl. Berlin 2024
	"de-bw":  german(de.HolidaysBW),
	"de-by":  german(de.HolidaysBY, de.MariaHimmelfahrt), // in most places, Munich among them
	"de-hb":  german(de.HolidaysHB),
	"de-he":  german(de.HolidaysHE),
	"de-hh":  german(de.HolidaysHH),
	"de-mv":  german(de.HolidaysMV, womensDay), // since 2023
	"de-ni":  german(de.HolidaysNI),
	"de-nw":  german(de.HolidaysNW),
	"de-rp":  german(de.HolidaysRP),
	"de-sh":  german(de.HolidaysSH),
	"de-sl":  german(de.HolidaysSL),
	"de-sn":  german(de.HolidaysSN),
	"de-st":  german(de.HolidaysST),
	"de-th":  german(de.HolidaysTH),
	"dk":     checked(without(dk.Holidays, dk.Grundlovsdag), easterSunday, whitSunday), // 5 June is by agreement
	"es":     checked(es.Holidays, easterSunday),
	"fr":     checked(fr.Holidays, easterSunday, whitSunday),
	"gb":     checked(gb.Holidays, easterSunday), // England and Wales
	"gb-nir": checked(gb.Holidays, easterSunday, saintPatrick, boyne),
	"gb-sct": checked(without(gb.Holidays, gb.EasterMonday, gb.SummerHoliday), easterSunday, secondJanuary, gb.SummerHolidayScotland, saintAndrew),
	"ie":     checked(ie.Holidays, easterSunday),
	"it":     checked(it.Holidays, easterSunday, saintFrancis),
	"jp":     checked(jp.Holidays),
	"nl":     checked(without(nl.Holidays, nl.GoedeVrijdag, nl.BevrijdingsDag), easterSunday, whitSunday), // both by agreement
	"nz":     checked(nz.Holidays, easterSunday, matariki),
	"pl":     checked(pl.Holidays, polishChristmasEve, easterSunday, whitSunday),
	// The yearly order for 2026 gives 3 and 4 January back on 9 January and 31
	// December. That of a later year belongs here once it is published.
	"ru": until(2026, without(ru.Holidays, ru.UnionDay), append(russianNewYear, unityDay,
		onDates("Перенос выходного дня", "2026-01-09"), onDates("Перенос выходного дня", "2026-12-31"))...),
	"se": checked(se.Holidays, easterSunday, whitSunday), // with the eves, which are off in practice
	// Under martial law no holiday is a day off and none is moved (law 2136-IX). Nobody knows for
	// how long, so this is said for the present year only.
	"ua": until(2026, nil),
	"us": checked(us.Holidays), // federal: many private offices work on some
	"za": checked(za.Holidays, easterSunday),
}

// Years in which the lists were compared with the law.
const firstChecked, lastChecked = 2026, 2028

// checked is a list that was compared with the law in all of these years.
func checked(list []*cal.Holiday, more ...*cal.Holiday) *holidays {
	return until(lastChecked, list, more...)
}

// until is checked for a list of which later years are not known yet.
func until(last int, list []*cal.Holiday, more ...*cal.Holiday) *holidays {
	return &holidays{list: slices.Concat(list, more), known: years{firstChecked, last}}
}

// german is a list of Germany or of one of its Länder. Easter and Whit Sunday
// matter to desks that open on Sundays.
func german(list []*cal.Holiday, more ...*cal.Holiday) *holidays {
	return checked(slices.Concat(list, more), easterSunday, whitSunday)
}

// without leaves holidays out that the law does not give to everybody.
func without(list []*cal.Holiday, out ...*cal.Holiday) []*cal.Holiday {
	return slices.DeleteFunc(slices.Clone(list), func(h *cal.Holiday) bool { return slices.Contains(out, h) })
}

// HolidayLists gives the names that "holidays" in a policy takes, sorted, each
// with the last year that it is known for.
func HolidayLists() (names []string, until map[string]int) {
	until = map[string]int{}
	for name, law := range laws {
		until[name] = law.known.last
	}
	return slices.Sorted(maps.Keys(laws)), until
}

// What the library's lists lack, by the law of the country.
var (
	easterSunday = &cal.Holiday{Name: "Easter Sunday", Func: cal.CalcEasterOffset}
	whitSunday   = &cal.Holiday{Name: "Whit Sunday", Offset: 49, Func: cal.CalcEasterOffset}
	womensDay    = &cal.Holiday{Name: "Internationaler Frauentag", Month: time.March, Day: 8, Func: cal.CalcDayOfMonth}

	// Legge 8 ottobre 2025, n. 151.
	saintFrancis = &cal.Holiday{Name: "San Francesco d'Assisi", Month: time.October, Day: 4, StartYear: 2026, Func: cal.CalcDayOfMonth}

	// Te Kāhui o Matariki Public Holiday Act 2022, schedule 1.
	matariki = onDates("Matariki", "2026-07-10", "2027-06-25", "2028-07-14")

	// Banking and Financial Dealings Act 1971, and the orders under it.
	toMonday      = []cal.AltDay{{Day: time.Saturday, Offset: 2}, {Day: time.Sunday, Offset: 1}}
	secondJanuary = &cal.Holiday{
		Name: "2nd January", Month: time.January, Day: 2, Func: cal.CalcDayOfMonth,
		Observed: []cal.AltDay{{Day: time.Saturday, Offset: 2}, {Day: time.Sunday, Offset: 2}, {Day: time.Monday, Offset: 1}},
	}
	saintPatrick = &cal.Holiday{Name: "St Patrick's Day", Month: time.March, Day: 17, Func: cal.CalcDayOfMonth, Observed: toMonday}
	boyne        = &cal.Holiday{Name: "Battle of the Boyne", Month: time.July, Day: 12, Func: cal.CalcDayOfMonth, Observed: toMonday}
	saintAndrew  = &cal.Holiday{Name: "St Andrew's Day", Month: time.November, Day: 30, Func: cal.CalcDayOfMonth, Observed: toMonday}

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
	// The library misspells it.
	unityDay = ru.UnionDay.Clone(&cal.Holiday{Name: "День народного единства"})
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

// onDates is a holiday of single dates, "2006-01-02", at most one a year.
func onDates(name string, dates ...string) *cal.Holiday {
	byYear := map[int]time.Time{}
	for _, date := range dates {
		day, err := time.Parse(time.DateOnly, date)
		if err != nil {
			panic(err) // it is part of the program
		}
		byYear[day.Year()] = day
	}
	return &cal.Holiday{Name: name, Func: func(_ *cal.Holiday, year int) time.Time { return byYear[year] }}
}
