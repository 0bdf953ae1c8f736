package customer

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"onbehalf/bot/plaintext"
	"onbehalf/bot/sla"
)

// ImportOptions change how customers are read.
type ImportOptions struct {
	// Days moves the end dates of relationships by so many days, so that sample data
	// stays fresh.
	Days int
	// Policy has the calendars that may be named; nil is the built-in one.
	Policy *sla.Policy
}

// Import is what a file of customers says.
type Import struct {
	// Customers are the good rows, in the file's order, one for each tenant.
	Customers []Customer
	// Faults are all that is wrong with the other rows, by line.
	Faults []RowError
	// Ignored are the names of columns that nothing is known about.
	Ignored []string
	// Assumed has a sentence for each column that was recognised by what it holds.
	Assumed []string

	given []column // the columns that the file has
}

// RowError says what is wrong with one value of a customers' file. Line counts
// from 1, as an editor does; Column is empty where the whole line is meant.
type RowError struct {
	Line   int
	Column string
	Text   string
}

func (e RowError) Error() string {
	if e.Column == "" {
		return fmt.Sprintf("line %d: %s", e.Line, e.Text)
	}
	return fmt.Sprintf("line %d, %s: %s", e.Line, e.Column, e.Text)
}

// ReadCustomers reads a CSV file of customers as spreadsheets and Partner Center
// write them: UTF-8 with or without BOM, separated by commas, semicolons or tabs,
// with any line ends, lines of title above the header row, empty columns, and
// cells missing at the end of a row. The columns are ours or those of Partner
// Center's export, in any order. It gives the good rows and every fault of the
// others; the error is for a file that can't be read at all, such as one without
// a required column.
func ReadCustomers(r io.Reader, o ImportOptions) (Import, error) {
	s, err := readSheet(r)
	if err != nil {
		return Import{}, err
	}
	if o.Policy == nil {
		o.Policy = sla.BuiltIn()
	}
	i := &importer{options: o, seen: map[string]int{}, read: map[string]reading{}}
	rows := csv.NewReader(bytes.NewReader(s.text))
	rows.Comma, rows.FieldsPerRecord, rows.ReuseRecord = s.comma, -1, true
	for first := true; ; first = false {
		record, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return i.done(s.header), nil
		}
		var broken *csv.ParseError
		if errors.As(err, &broken) {
			i.faults = append(i.faults, unreadable(broken, s.above))
			continue
		}
		if err != nil {
			return Import{}, fmt.Errorf("read customers: %w", err)
		}
		if !first {
			line, _ := rows.FieldPos(0)
			i.row(line+s.above, s.header.order, record)
		}
	}
}

// unreadable says where a row begins whose quotes don't close, and how far it was
// read: rows in between were taken for a part of it.
func unreadable(e *csv.ParseError, above int) RowError {
	fault := RowError{Line: e.StartLine + above, Text: e.Err.Error()}
	if e.Line > e.StartLine {
		fault.Text += fmt.Sprintf("; nothing was read up to line %d", e.Line+above)
	}
	return fault
}

// importer gathers what the rows give.
type importer struct {
	options ImportOptions
	rows    []row
	faults  []RowError
	seen    map[string]int     // tenant id → its first good row
	read    map[string]reading // what was looked up before: zones, languages and the like
}

// row is a good row. One that says otherwise than another of the same tenant is
// at odds, and neither is taken.
type row struct {
	line     int
	customer Customer
	odds     bool
}

// reading is what a value was read as.
type reading struct {
	value string
	err   error
}

// once reads a value that many rows have.
func (i *importer) once(kind, value string, read func(string) (string, error)) (string, error) {
	known, done := i.read[kind+value]
	if !done {
		known.value, known.err = read(value)
		i.read[kind+value] = known
	}
	return known.value, known.err
}

func (i *importer) row(line int, order []column, record []string) {
	if !slices.ContainsFunc(record, func(value string) bool { return machineText(value) != "" }) {
		return // a spreadsheet leaves such rows at the end
	}
	for n := len(order); n < len(record); n++ {
		if machineText(record[n]) != "" {
			i.faults = append(i.faults, RowError{Line: line, Text: fmt.Sprintf("%d fields; the header has %d", len(record), len(order))})
			return
		}
	}
	c := Customer{Cloud: Global, Relationship: "direct", Status: "active"}
	before := len(i.faults)
	for n, col := range order {
		if col.name == "" {
			continue
		}
		cell := "" // those at the end of a row may be missing
		if n < len(record) {
			cell = record[n]
		}
		if err := i.cell(&c, col, cell); err != nil {
			i.faults = append(i.faults, RowError{Line: line, Column: col.name, Text: err.Error()})
		}
	}
	if len(i.faults) == before {
		i.keep(row{line: line, customer: c})
	}
}

// cell reads one value into a record.
func (i *importer) cell(c *Customer, col column, cell string) error {
	if !utf8.ValidString(cell) {
		return errors.New("not UTF-8 but a code page of Windows; save the file as “CSV UTF-8”, in Excel with Save as")
	}
	value := unformula(cell)
	if !plaintext.IsASCII(value) {
		value = spaces.Replace(value)
	}
	if value = unguard(plaintext.Line(value)); !col.text {
		value = machineText(value)
	}
	if col.required && plaintext.Fold(value) == "" { // invisible characters are nothing
		return errors.New("missing")
	}
	return col.read(i, c, value)
}

// keep takes a good row. The same row again is one; Partner Center lists customers
// twice whom it knows as direct and as indirect.
func (i *importer) keep(r row) {
	first, again := i.seen[r.customer.TenantID]
	if !again {
		i.seen[r.customer.TenantID] = len(i.rows)
		i.rows = append(i.rows, r)
		return
	}
	other := &i.rows[first]
	differing := differences(other.customer, r.customer, columns)
	if len(differing) == 0 {
		return
	}
	names := make([]string, len(differing))
	for n, d := range differing {
		names[n] = d.Column
	}
	fault := func(line, beside int) RowError {
		return RowError{Line: line, Column: "tenant_id", Text: fmt.Sprintf("is in line %d too, with another %s; neither was taken, leave one of them", beside, strings.Join(names, ", "))}
	}
	i.faults = append(i.faults, fault(r.line, other.line))
	if !other.odds {
		i.faults = append(i.faults, fault(other.line, r.line))
	}
	other.odds = true
}

// done gives what was gathered.
func (i *importer) done(h header) Import {
	result := Import{Faults: i.faults, Ignored: h.ignored, Assumed: h.assumed}
	for _, r := range i.rows {
		if !r.odds {
			result.Customers = append(result.Customers, r.customer)
		}
	}
	for _, c := range h.order {
		if c.name != "" {
			result.given = append(result.given, c)
		}
	}
	slices.SortStableFunc(result.Faults, func(a, b RowError) int { return cmp.Compare(a.Line, b.Line) })
	return result
}
