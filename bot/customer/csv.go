package customer

import (
	"encoding/csv"
	"fmt"
	"io"
	"iter"
	"regexp"
	"slices"
	"strings"
)

// What a spreadsheet would run: a cell that begins like a formula, behind blanks
// and invisible characters too, and what follows a semicolon, where many countries'
// spreadsheets split a cell in two.
var (
	formula = regexp.MustCompile(`(^|;)([ \x{a0}\p{Cf}]*[=+\-@\t\r\n|%＝＋－＠])`)
	guarded = regexp.MustCompile(`(^|;)'([ \x{a0}\p{Cf}]*[=+\-@\t\r\n|%＝＋－＠])`)
)

// SafeCell keeps a spreadsheet from running a text as a formula: an apostrophe
// goes before it. ReadCustomers takes the apostrophe away again.
func SafeCell(s string) string { return formula.ReplaceAllString(s, "$1'$2") }

// unguard undoes SafeCell.
func unguard(s string) string {
	if !strings.Contains(s, "'") {
		return s
	}
	return guarded.ReplaceAllString(s, "$1$2")
}

// WriteCSV writes rows as RFC 4180 says, every cell safe from being run.
func WriteCSV(w io.Writer, rows iter.Seq[[]string]) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	for row := range rows {
		safe := make([]string, len(row))
		for i, cell := range row {
			safe[i] = SafeCell(cell)
		}
		if err := out.Write(safe); err != nil {
			return fmt.Errorf("write CSV: %w", err)
		}
	}
	out.Flush()
	return out.Error()
}

// WriteCustomers writes customers as ReadCustomers reads them.
func WriteCustomers(w io.Writer, customers iter.Seq[Customer]) error {
	return WriteCSV(w, func(yield func([]string) bool) {
		header := make([]string, len(columns))
		for i, c := range columns {
			header[i] = c.name
		}
		if !yield(header) {
			return
		}
		for customer := range customers {
			row := make([]string, len(columns))
			for i, c := range columns {
				row[i] = c.write(customer)
			}
			if !yield(row) {
				return
			}
		}
	})
}

func (c Customer) writeSubscriptions() string {
	var all []string
	for s := range slices.Values(c.Subscriptions) {
		one := []string{s.Branch, s.ID, s.Name, s.Status}
		if s.Quantity > 0 {
			one = append(one, fmt.Sprintf("qty=%d", s.Quantity))
		}
		if s.Trial {
			one = append(one, "trial")
		}
		all = append(all, strings.Join(one, "|"))
	}
	return strings.Join(all, ";")
}
