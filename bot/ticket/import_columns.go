package ticket

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

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
