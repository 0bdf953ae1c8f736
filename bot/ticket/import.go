package ticket

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// ImportOptions change how customers are read.
type ImportOptions struct {
	// Days moves the end dates of relationships by so many days, so that sample data
	// stays fresh.
	Days int
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

// ReadCustomers reads a CSV file of customers: UTF-8 with or without BOM, commas
// or semicolons, with Excel's "sep=" line or without, the columns in any order. It gives the good rows and every fault
// of the others; the error is for a file that can't be read at all, such as one
// without a required column.
func ReadCustomers(r io.Reader, o ImportOptions) ([]Customer, []RowError, error) {
	in := bufio.NewReaderSize(r, 1<<16)
	if err := skipBOM(in); err != nil {
		return nil, nil, err
	}
	comma, above, err := delimiter(in)
	if err != nil {
		return nil, nil, err
	}
	rows := csv.NewReader(in)
	rows.Comma, rows.FieldsPerRecord, rows.ReuseRecord = comma, -1, true
	header, err := rows.Read()
	if err != nil {
		return nil, nil, fmt.Errorf("header row: %w", err)
	}
	order, err := arrange(header)
	if err != nil {
		return nil, nil, err
	}
	i := &importer{options: o, seen: map[string]int{}, zones: map[string]bool{}, tags: map[string]bool{}}
	for {
		record, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return i.customers, i.faults, nil
		}
		var broken *csv.ParseError
		if errors.As(err, &broken) {
			i.faults = append(i.faults, unreadable(broken, above))
			continue
		}
		if err != nil {
			return nil, nil, fmt.Errorf("read customers: %w", err)
		}
		line, _ := rows.FieldPos(0)
		i.row(line+above, order, record)
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

func skipBOM(in *bufio.Reader) error {
	start, err := in.Peek(3)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read customers: %w", err)
	}
	switch {
	case bytes.HasPrefix(start, []byte("\xef\xbb\xbf")):
		_, err = in.Discard(3)
		return err
	case bytes.HasPrefix(start, []byte("\xff\xfe")), bytes.HasPrefix(start, []byte("\xfe\xff")), bytes.IndexByte(start, 0) >= 0:
		return errors.New("the file is UTF-16; save it as “CSV UTF-8”")
	case len(start) == 0:
		return errors.New("the file is empty")
	}
	return nil
}

// delimiter looks at the header row, whose names contain neither of them. A line
// "sep=;" above it is Excel's, which reads past it; above counts it.
func delimiter(in *bufio.Reader) (comma rune, above int, err error) {
	start, err := in.Peek(4096)
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, 0, fmt.Errorf("read customers: %w", err)
	}
	header, _, _ := bytes.Cut(start, []byte("\n"))
	if named := bytes.Trim(header, "\" \r"); len(named) == 5 && bytes.EqualFold(named[:4], []byte("sep=")) && strings.ContainsRune(",;\t", rune(named[4])) {
		_, err := in.Discard(min(len(header)+1, len(start)))
		return rune(named[4]), 1, err
	}
	if bytes.Count(header, []byte(";")) > bytes.Count(header, []byte(",")) {
		return ';', 0, nil
	}
	return ',', 0, nil
}

// arrange finds the column of each field.
func arrange(header []string) ([]column, error) {
	order := make([]column, len(header))
	var problems []string
	given := map[string]bool{}
	for i, name := range header {
		name = strings.ToLower(strings.TrimSpace(name))
		at := slices.IndexFunc(columns, func(c column) bool { return c.name == name })
		switch {
		case at < 0:
			problems = append(problems, fmt.Sprintf("unknown column %q", name))
		case given[name]:
			problems = append(problems, fmt.Sprintf("column %s is there twice", name))
		default:
			order[i] = columns[at]
		}
		given[name] = true
	}
	for _, c := range columns {
		if c.required && !given[c.name] {
			problems = append(problems, fmt.Sprintf("column %s is missing", c.name))
		}
	}
	if len(problems) > 0 {
		return nil, fmt.Errorf("header row: %s", strings.Join(problems, "; "))
	}
	return order, nil
}

// importer gathers what the rows give.
type importer struct {
	options   ImportOptions
	customers []Customer
	faults    []RowError
	seen      map[string]int // tenant id → line
	zones     map[string]bool
	tags      map[string]bool
}

func (i *importer) row(line int, order []column, record []string) {
	if !slices.ContainsFunc(record, func(value string) bool { return strings.TrimSpace(value) != "" }) {
		return // a spreadsheet leaves such rows at the end
	}
	if len(record) != len(order) {
		i.faults = append(i.faults, RowError{Line: line, Text: fmt.Sprintf("%d fields; the header has %d", len(record), len(order))})
		return
	}
	c := Customer{Cloud: Global}
	before := len(i.faults)
	for n, col := range order {
		value := unguard(cleanLine(record[n]))
		fault := ""
		switch {
		case !utf8.ValidString(record[n]):
			fault = "not UTF-8"
		case col.required && Fold(value) == "": // invisible characters are nothing
			fault = "missing"
		default:
			if err := col.read(i, &c, value); err != nil {
				fault = err.Error()
			}
		}
		if fault != "" {
			i.faults = append(i.faults, RowError{Line: line, Column: col.name, Text: fault})
		}
	}
	if c.TenantID != "" {
		if first, again := i.seen[c.TenantID]; again {
			i.faults = append(i.faults, RowError{Line: line, Column: "tenant_id", Text: fmt.Sprintf("is in line %d already", first)})
		} else {
			i.seen[c.TenantID] = line
		}
	}
	if len(i.faults) == before {
		c.Relationship, c.Status = orElse(c.Relationship, "direct"), orElse(c.Status, "active")
		i.customers = append(i.customers, c)
	}
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
