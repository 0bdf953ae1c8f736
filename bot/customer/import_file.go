package customer

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// sheet is the text of a table as spreadsheets save them, cut down to the header
// row and what follows.
type sheet struct {
	text  []byte
	comma rune
	// above counts the lines over the header row.
	above  int
	header header
}

// readSheet reads a file, finds out how its cells are separated and where its
// header row is. The error says what to do with a file that is no such table.
func readSheet(r io.Reader) (*sheet, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("read customers: %w", err)
	}
	start := text[:min(len(text), 4)]
	text, _ = bytes.CutPrefix(text, []byte("\xef\xbb\xbf"))
	switch {
	case len(start) == 0:
		return nil, errors.New("the file is empty")
	case bytes.HasPrefix(start, []byte("\xff\xfe")), bytes.HasPrefix(start, []byte("\xfe\xff")), bytes.IndexByte(start, 0) >= 0:
		return nil, errors.New("the file is UTF-16; save it as “CSV UTF-8”")
	case bytes.HasPrefix(start, []byte("PK\x03\x04")):
		return nil, errors.New("the file is a workbook; save the sheet as “CSV UTF-8”")
	}
	return findHeader(unixLines(text))
}

// unixLines ends each line by \n alone: old spreadsheets of the Mac write \r.
func unixLines(text []byte) []byte {
	if bytes.IndexByte(text, '\r') < 0 {
		return text
	}
	return bytes.ReplaceAll(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")), []byte("\r"), []byte("\n"))
}

// topLines is how many lines are looked at for the header row; titles and Excel's
// "sep=" stand above it.
const topLines = 30

// separators are what may stand between two cells, the likeliest first.
var separators = []rune{',', ';', '\t'}

// findHeader takes the first line that names the required columns. Without one
// it takes the first line below which the columns can be told by what they hold.
func findHeader(text []byte) (*sheet, error) {
	var best header
	rest := text
	for line := 0; line < topLines && len(rest) > 0; line++ {
		for _, comma := range separators {
			h := nameColumns(cellsOf(rest, comma))
			if len(h.problems) == 0 {
				return &sheet{unquoteFormulas(rest, comma), comma, line, h}, nil
			}
			if h.named() > best.named() {
				best = h
			}
		}
		_, rest, _ = bytes.Cut(rest, []byte("\n"))
	}
	rest = text
	for line := 0; line < topLines && len(rest) > 0; line++ {
		for _, comma := range separators {
			body := unquoteFormulas(rest, comma)
			if h, ok := guessColumns(rowsOf(body, comma, guessRows+1)); ok {
				return &sheet{body, comma, line, h}, nil
			}
		}
		_, rest, _ = bytes.Cut(rest, []byte("\n"))
	}
	if best.named() == 0 {
		var missing []string
		for _, c := range columns {
			if c.required {
				missing = append(missing, c.name)
			}
		}
		return nil, fmt.Errorf("header row: none was found; the first row names the columns, %s and more", strings.Join(missing, ", "))
	}
	return nil, fmt.Errorf("header row: %s", strings.Join(best.problems, "; "))
}

// cellsOf gives the cells of the first line of a text.
func cellsOf(text []byte, comma rune) []string {
	line, _, _ := bytes.Cut(text, []byte("\n"))
	if rows := rowsOf(line, comma, 1); len(rows) == 1 {
		return rows[0]
	}
	return nil
}

// rowsOf gives the first rows of a text that can be read.
func rowsOf(text []byte, comma rune, limit int) (rows [][]string) {
	in := csv.NewReader(bytes.NewReader(text))
	in.Comma, in.FieldsPerRecord = comma, -1
	for len(rows) < limit {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			rows = append(rows, row)
		}
	}
	return rows
}

// unquoteFormulas makes plain cells of those that are written ="…", which keeps a
// spreadsheet from reading an id as a number. Written so, a cell is no RFC 4180:
// its quotes begin in the middle. A quoted cell can't hold the same, as its quotes
// are doubled.
func unquoteFormulas(text []byte, comma rune) []byte {
	const begins = `="`
	if !bytes.Contains(text, []byte(begins)) {
		return text
	}
	var out bytes.Buffer
	for {
		i := bytes.Index(text, []byte(begins))
		if i < 0 {
			out.Write(text)
			return out.Bytes()
		}
		end := bytes.IndexByte(text[i+len(begins):], '"')
		opens := i == 0 || text[i-1] == '\n' || rune(text[i-1]) == comma
		after := i + len(begins) + end + 1
		closes := end >= 0 && (after >= len(text) || text[after] == '\n' || rune(text[after]) == comma)
		out.Write(text[:i])
		if opens && closes {
			text = text[i+1:] // the quotes stay and are the cell's own
			out.Write(text[:after-i-1])
			text = text[after-i-1:]
			continue
		}
		out.WriteString(begins)
		text = text[i+len(begins):]
	}
}

// header says which column each cell of a row belongs to.
type header struct {
	// order has a column for each cell, one without a name where it is ignored.
	order []column
	// ignored are the names of cells that nothing is known about.
	ignored []string
	// assumed says what columns were taken for because of what they hold.
	assumed  []string
	problems []string
}

// named counts the columns that were recognised.
func (h header) named() int {
	n := 0
	for _, c := range h.order {
		if c.name != "" {
			n++
		}
	}
	return n
}

// has says whether the file has a column.
func (h header) has(name string) bool {
	return slices.ContainsFunc(h.order, func(c column) bool { return c.name == name })
}

// partnerCenter is what Partner Center's own export calls the columns.
var partnerCenter = map[string]string{"microsoft_id": "tenant_id", "company_name": "company_name", "primary_domain_name": "primary_domain"}

// partnerCenterOnly are columns of that export which mean something else than a
// column of ours with the same name: its "Relationship" is a text such as "Cloud
// Reseller".
var partnerCenterOnly = []string{"relationship", "tags"}

// nameColumns finds the column of each cell by its name, ours or Partner
// Center's, in any letter case.
func nameColumns(cells []string) header {
	h := header{order: make([]column, len(cells))}
	names := make([]string, len(cells))
	for i, cell := range cells {
		names[i] = strings.Join(strings.FieldsFunc(strings.ToLower(machineText(unformula(cell))), func(r rune) bool { return r == ' ' || r == '_' || r == '-' }), "_")
	}
	exported := slices.Contains(names, "microsoft_id")
	for i, name := range names {
		if ours, known := partnerCenter[name]; known {
			name = ours
		}
		at := slices.IndexFunc(columns, func(c column) bool { return c.name == name })
		switch {
		case name == "":
		case at < 0 || exported && slices.Contains(partnerCenterOnly, name):
			h.ignored = append(h.ignored, machineText(cells[i]))
		case h.has(name):
			h.problems = append(h.problems, fmt.Sprintf("column %s is there twice", name))
		default:
			h.order[i] = columns[at]
		}
	}
	for _, c := range columns {
		if c.required && !h.has(c.name) {
			h.problems = append(h.problems, fmt.Sprintf("column %s is missing", c.name))
		}
	}
	return h
}

// guessRows is how many rows are looked at to tell a column by what it holds.
const guessRows = 50

// guessColumns recognises the required columns of a table whose header is in
// another language, by what stands in them: tenant ids, domains, and the first
// other text that no row leaves empty. It says what it assumed.
func guessColumns(rows [][]string) (header, bool) {
	if len(rows) < 2 {
		return header{}, false
	}
	names, body := rows[0], rows[1:]
	h := nameColumns(names)
	if slices.ContainsFunc(h.problems, func(p string) bool { return strings.HasSuffix(p, "twice") }) {
		return h, false
	}
	h.problems = nil
	holds := func(i int, is func(string) bool) bool {
		return !slices.ContainsFunc(body, func(row []string) bool { return i >= len(row) || !is(machineText(unformula(row[i]))) })
	}
	isID := func(s string) bool { _, ok := ParseGUID(s); return ok }
	isDomain := func(s string) bool { _, err := readDomain(s); return err == nil }
	isText := func(s string) bool { return s != "" && !isID(s) && !isDomain(s) }
	for _, wanted := range []struct {
		name string
		is   func(string) bool
	}{{"tenant_id", isID}, {"primary_domain", isDomain}, {"company_name", isText}} {
		if h.has(wanted.name) {
			continue
		}
		at := -1
		for i := range names {
			if h.order[i].name == "" && holds(i, wanted.is) {
				at = i
				break
			}
		}
		if at < 0 {
			return h, false
		}
		title := machineText(names[at])
		h.order[at] = columns[slices.IndexFunc(columns, func(c column) bool { return c.name == wanted.name })]
		h.ignored = slices.DeleteFunc(h.ignored, func(name string) bool { return name == title })
		h.assumed = append(h.assumed, fmt.Sprintf("column %q was taken for %s", title, wanted.name))
	}
	return h, true
}
