package ticket

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
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

// column is one column of a customers' file: how a value gets into a record, and
// out of it again.
type column struct {
	name     string
	required bool
	read     func(r *importer, c *Customer, value string) error
	write    func(c Customer) string
}

// columns are all of them, in the order in which they are written.
var columns = []column{
	{"tenant_id", true, (*importer).tenantID, func(c Customer) string { return c.TenantID }},
	{"company_name", true, (*importer).name, func(c Customer) string { return c.Name }},
	{"primary_domain", true, (*importer).primaryDomain, func(c Customer) string { return c.PrimaryDomain }},
	{"custom_domains", false, (*importer).customDomains, func(c Customer) string { return strings.Join(c.CustomDomains, ";") }},
	{"country", false, (*importer).country, func(c Customer) string { return c.Country }},
	{"cloud", false, (*importer).cloud, func(c Customer) string { return string(c.Cloud) }},
	{"relationship", false, oneOf("direct", func(c *Customer) *string { return &c.Relationship }, "direct", "indirect"), func(c Customer) string { return c.Relationship }},
	{"indirect_provider", false, (*importer).provider, func(c Customer) string { return c.IndirectProvider }},
	{"partner_id", false, (*importer).partnerID, func(c Customer) string { return c.PartnerID }},
	{"azure_access", false, oneOf("", func(c *Customer) *string { return &c.AzureAccess }, "owner", "support_contributor", "provider_granted", "none"), func(c Customer) string { return c.AzureAccess }},
	{"admin_relationship", false, oneOf("", func(c *Customer) *string { return &c.AdminRelationship }, "gdap", "expired", "none"), func(c Customer) string { return c.AdminRelationship }},
	{"admin_end_date", false, (*importer).adminEnd, func(c Customer) string { return c.AdminEnd }},
	{"timezone", false, (*importer).zone, func(c Customer) string { return c.Zone }},
	{"support_language", false, (*importer).language, func(c Customer) string { return c.SupportLanguage }},
	{"calendar", false, (*importer).calendar, func(c Customer) string { return c.Calendar }},
	{"status", false, oneOf("active", func(c *Customer) *string { return &c.Status }, "active", "suspended", "trial", "left"), func(c Customer) string { return c.Status }},
	{"subscriptions", false, (*importer).subscriptions, Customer.writeSubscriptions},
}

// ReadCustomers reads a CSV file of customers: UTF-8 with or without BOM, commas
// or semicolons, the columns in any order. It gives the good rows and every fault
// of the others; the error is for a file that can't be read at all, such as one
// without a required column.
func ReadCustomers(r io.Reader, o ImportOptions) ([]Customer, []RowError, error) {
	in := bufio.NewReaderSize(r, 1<<16)
	if err := skipBOM(in); err != nil {
		return nil, nil, err
	}
	comma, err := delimiter(in)
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
			i.faults = append(i.faults, RowError{Line: broken.StartLine, Text: broken.Err.Error()})
			continue
		}
		if err != nil {
			return nil, nil, fmt.Errorf("read customers: %w", err)
		}
		line, _ := rows.FieldPos(0)
		i.row(line, order, record)
	}
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
	case bytes.HasPrefix(start, []byte("\xff\xfe")), bytes.HasPrefix(start, []byte("\xfe\xff")):
		return errors.New("the file is UTF-16; save it as “CSV UTF-8”")
	case len(start) == 0:
		return errors.New("the file is empty")
	}
	return nil
}

// delimiter looks at the header row, whose names contain neither of them.
func delimiter(in *bufio.Reader) (rune, error) {
	start, err := in.Peek(4096)
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, fmt.Errorf("read customers: %w", err)
	}
	header, _, _ := bytes.Cut(start, []byte("\n"))
	if bytes.Count(header, []byte(";")) > bytes.Count(header, []byte(",")) {
		return ';', nil
	}
	return ',', nil
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
	if len(record) == 1 && strings.TrimSpace(record[0]) == "" {
		return
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
		case value == "" && col.required:
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

// oneOf reads a value that is one of a few words; empty is the one given.
func oneOf(empty string, field func(*Customer) *string, words ...string) func(*importer, *Customer, string) error {
	return func(_ *importer, c *Customer, value string) error {
		value = strings.ToLower(value)
		if value == "" {
			value = empty
		} else if !slices.Contains(words, value) {
			return fmt.Errorf("%q is none of %s", excerpt(value), strings.Join(words, ", "))
		}
		*field(c) = value
		return nil
	}
}

func (*importer) tenantID(c *Customer, value string) error {
	id, ok := ParseGUID(value)
	if !ok {
		return fmt.Errorf("%q is no tenant id (a GUID)", excerpt(value))
	}
	c.TenantID = id
	return nil
}

func (*importer) name(c *Customer, value string) error {
	if _, gone := cut(value, Limit("customer")); gone > 0 {
		return fmt.Errorf("%d characters too long", gone)
	}
	c.Name = value
	return nil
}

func (*importer) primaryDomain(c *Customer, value string) error {
	domain, err := readDomain(value)
	c.PrimaryDomain = domain
	return err
}

func (*importer) customDomains(c *Customer, value string) error {
	for _, v := range strings.FieldsFunc(value, func(r rune) bool { return r == ';' || r == ',' || r == ' ' }) {
		domain, err := readDomain(v)
		if err != nil {
			return err
		}
		c.CustomDomains = append(c.CustomDomains, domain)
	}
	return nil
}

func readDomain(value string) (string, error) {
	domain, ok := ParseDomain(value)
	switch {
	case ok:
		return domain, nil
	case strings.Contains(value, "://"):
		return "", fmt.Errorf("%q: write the domain without https://", excerpt(value))
	}
	return "", fmt.Errorf("%q is no domain", excerpt(value))
}

var (
	countryShape  = regexp.MustCompile(`^[A-Z]{2}$`)
	partnerShape  = regexp.MustCompile(`^[0-9]{5,10}$`)
	calendarShape = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,31}$`)
)

func (*importer) country(c *Customer, value string) error {
	c.Country = strings.ToUpper(value)
	if value != "" && !countryShape.MatchString(c.Country) {
		return fmt.Errorf("%q is no country of two letters", excerpt(value))
	}
	return nil
}

func (*importer) cloud(c *Customer, value string) error {
	switch cloud := Cloud(strings.ToLower(value)); cloud {
	case "":
	case "usgov":
		c.Cloud = GCCHigh
	case Global, GCC, GCCHigh, DoD, Germany, China:
		c.Cloud = cloud
	default:
		return fmt.Errorf("%q is none of global, gcc, gcchigh, dod, germany, china", excerpt(value))
	}
	return nil
}

func (*importer) provider(c *Customer, value string) error {
	c.IndirectProvider, _ = cut(value, Limit("customer"))
	return nil
}

func (*importer) partnerID(c *Customer, value string) error {
	if value != "" && !partnerShape.MatchString(value) {
		return fmt.Errorf("%q is no partner id (5 to 10 digits)", excerpt(value))
	}
	c.PartnerID = value
	return nil
}

func (i *importer) adminEnd(c *Customer, value string) error {
	if value == "" {
		return nil
	}
	day, err := time.Parse(time.DateOnly, value)
	if err != nil {
		return fmt.Errorf("%q is no date such as 2027-03-31", excerpt(value))
	}
	c.AdminEnd = day.AddDate(0, 0, i.options.Days).Format(time.DateOnly)
	return nil
}

func (i *importer) zone(c *Customer, value string) error {
	known, looked := i.zones[value]
	if !looked {
		_, err := time.LoadLocation(value)
		known = err == nil && value != "Local"
		i.zones[value] = known
	}
	if !known {
		return fmt.Errorf("%q is no IANA time zone such as Europe/Berlin", excerpt(value))
	}
	c.Zone = value
	return nil
}

func (i *importer) language(c *Customer, value string) error {
	known, looked := i.tags[value]
	if !looked {
		_, known = ParseLanguage(value)
		i.tags[value] = known || value == ""
		known = i.tags[value]
	}
	if !known {
		return fmt.Errorf("%q is no language tag such as de-de", excerpt(value))
	}
	c.SupportLanguage = strings.ToLower(value)
	return nil
}

func (*importer) calendar(c *Customer, value string) error {
	c.Calendar = strings.ToLower(value)
	if value != "" && !calendarShape.MatchString(c.Calendar) {
		return fmt.Errorf("%q is no calendar's code", excerpt(value))
	}
	return nil
}

// subscriptions reads "branch|guid|name|status[|qty=N][|trial]", several of them
// separated by semicolons.
func (*importer) subscriptions(c *Customer, value string) error {
	for _, v := range strings.Split(value, ";") {
		if strings.TrimSpace(v) == "" {
			continue
		}
		parts := strings.Split(v, "|")
		for n := range parts {
			parts[n] = strings.TrimSpace(parts[n])
		}
		if len(parts) < 4 {
			return fmt.Errorf("%q is not branch|guid|name|status", excerpt(v))
		}
		id, ok := ParseGUID(parts[1])
		if !ok {
			return fmt.Errorf("%q is no subscription id (a GUID)", excerpt(parts[1]))
		}
		s := Subscription{Branch: strings.ToLower(parts[0]), ID: id, Name: parts[2], Status: strings.ToLower(parts[3])}
		if !slices.Contains([]string{"azure", "m365", "d365", "ems"}, s.Branch) {
			return fmt.Errorf("%q is none of azure, m365, d365, ems", excerpt(parts[0]))
		}
		for _, extra := range parts[4:] {
			quantity, isQuantity := strings.CutPrefix(extra, "qty=")
			n, err := strconv.Atoi(quantity)
			switch {
			case isQuantity && err == nil && n >= 0:
				s.Quantity = n
			case extra == "trial":
				s.Trial = true
			default:
				return fmt.Errorf("%q is neither qty=N nor trial", excerpt(extra))
			}
		}
		c.Subscriptions = append(c.Subscriptions, s)
	}
	return nil
}
