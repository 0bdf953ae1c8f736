package customer

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"onbehalf/bot/plaintext"
	"onbehalf/bot/sla"
)

// column is one column of a customers' file: how a value gets into a record, and
// out of it again.
type column struct {
	name     string
	required bool
	// text says that people name something here, so that what shapes their script
	// stays in it.
	text  bool
	read  func(r *importer, c *Customer, value string) error
	write func(c Customer) string
	copy  func(to *Customer, from Customer)
}

// columns are all of them, in the order in which they are written.
var columns = []column{
	{
		name: "tenant_id", required: true,
		read:  (*importer).tenantID,
		write: func(c Customer) string { return c.TenantID },
		copy:  func(to *Customer, from Customer) { to.TenantID = from.TenantID },
	},
	{
		name: "company_name", required: true, text: true,
		read:  (*importer).name,
		write: func(c Customer) string { return c.Name },
		copy:  func(to *Customer, from Customer) { to.Name = from.Name },
	},
	{
		name: "primary_domain", required: true,
		read:  (*importer).primaryDomain,
		write: func(c Customer) string { return c.PrimaryDomain },
		copy:  func(to *Customer, from Customer) { to.PrimaryDomain = from.PrimaryDomain },
	},
	{
		name:  "custom_domains",
		read:  (*importer).customDomains,
		write: func(c Customer) string { return strings.Join(c.CustomDomains, ";") },
		copy:  func(to *Customer, from Customer) { to.CustomDomains = from.CustomDomains },
	},
	{
		name:  "country",
		read:  (*importer).country,
		write: func(c Customer) string { return c.Country },
		copy:  func(to *Customer, from Customer) { to.Country = from.Country },
	},
	{
		name:  "cloud",
		read:  (*importer).cloud,
		write: func(c Customer) string { return string(c.Cloud) },
		copy:  func(to *Customer, from Customer) { to.Cloud = from.Cloud },
	},
	{
		name:  "relationship",
		read:  oneOf("direct", func(c *Customer) *string { return &c.Relationship }, "direct", "indirect"),
		write: func(c Customer) string { return c.Relationship },
		copy:  func(to *Customer, from Customer) { to.Relationship = from.Relationship },
	},
	{
		name: "indirect_provider", text: true,
		read:  (*importer).provider,
		write: func(c Customer) string { return c.IndirectProvider },
		copy:  func(to *Customer, from Customer) { to.IndirectProvider = from.IndirectProvider },
	},
	{
		name:  "partner_id",
		read:  (*importer).partnerID,
		write: func(c Customer) string { return c.PartnerID },
		copy:  func(to *Customer, from Customer) { to.PartnerID = from.PartnerID },
	},
	{
		name:  "azure_access",
		read:  oneOf("", func(c *Customer) *string { return &c.AzureAccess }, "owner", "support_contributor", "provider_granted", "none"),
		write: func(c Customer) string { return c.AzureAccess },
		copy:  func(to *Customer, from Customer) { to.AzureAccess = from.AzureAccess },
	},
	{
		name:  "admin_relationship",
		read:  oneOf("", func(c *Customer) *string { return &c.AdminRelationship }, "gdap", "expired", "none"),
		write: func(c Customer) string { return c.AdminRelationship },
		copy:  func(to *Customer, from Customer) { to.AdminRelationship = from.AdminRelationship },
	},
	{
		name:  "admin_end_date",
		read:  (*importer).adminEnd,
		write: func(c Customer) string { return c.AdminEnd },
		copy:  func(to *Customer, from Customer) { to.AdminEnd = from.AdminEnd },
	},
	{
		name:  "timezone",
		read:  (*importer).zone,
		write: func(c Customer) string { return c.Zone },
		copy:  func(to *Customer, from Customer) { to.Zone = from.Zone },
	},
	{
		name:  "support_language",
		read:  (*importer).language,
		write: func(c Customer) string { return c.SupportLanguage },
		copy:  func(to *Customer, from Customer) { to.SupportLanguage = from.SupportLanguage },
	},
	{
		name:  "calendar",
		read:  (*importer).calendar,
		write: func(c Customer) string { return c.Calendar },
		copy:  func(to *Customer, from Customer) { to.Calendar = from.Calendar },
	},
	{
		name:  "status",
		read:  oneOf("active", func(c *Customer) *string { return &c.Status }, "active", "suspended", "trial", "left"),
		write: func(c Customer) string { return c.Status },
		copy:  func(to *Customer, from Customer) { to.Status = from.Status },
	},
	{
		name: "subscriptions", text: true,
		read:  (*importer).subscriptions,
		write: func(c Customer) string { return c.writeSubscriptions() },
		copy:  func(to *Customer, from Customer) { to.Subscriptions = from.Subscriptions },
	},
}

// oneOf reads a value that is one of a few words; empty is the one given.
func oneOf(empty string, field func(*Customer) *string, words ...string) func(*importer, *Customer, string) error {
	return func(_ *importer, c *Customer, value string) error {
		value = strings.ToLower(value)
		if value == "" {
			value = empty
		} else if !slices.Contains(words, value) {
			return fmt.Errorf("%q is none of %s", plaintext.Excerpt(value), strings.Join(words, ", "))
		}
		*field(c) = value
		return nil
	}
}

func (*importer) tenantID(c *Customer, value string) error {
	id, ok := ParseGUID(value)
	if !ok {
		return fmt.Errorf("%q is no tenant id (a GUID)", plaintext.Excerpt(value))
	}
	c.TenantID = id
	return nil
}

func (*importer) name(c *Customer, value string) error {
	if _, gone := plaintext.Cut(value, NameLimit); gone > 0 {
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

var partnerShape = regexp.MustCompile(`^[0-9]{5,10}$`)

func (i *importer) country(c *Customer, value string) (err error) {
	if value != "" {
		c.Country, err = i.once("country ", value, readCountry)
	}
	return err
}

func (*importer) cloud(c *Customer, value string) error {
	switch cloud := Cloud(strings.ToLower(value)); cloud {
	case "":
	case "usgov":
		c.Cloud = GCCHigh
	case Global, GCC, GCCHigh, DoD, Germany, China:
		c.Cloud = cloud
	default:
		return fmt.Errorf("%q is none of global, gcc, gcchigh, dod, germany, china", plaintext.Excerpt(value))
	}
	return nil
}

func (*importer) provider(c *Customer, value string) error {
	c.IndirectProvider, _ = plaintext.Cut(value, NameLimit)
	return nil
}

func (*importer) partnerID(c *Customer, value string) error {
	if value != "" && !partnerShape.MatchString(value) {
		return fmt.Errorf("%q is no partner id (5 to 10 digits)", plaintext.Excerpt(value))
	}
	c.PartnerID = value
	return nil
}

func (i *importer) adminEnd(c *Customer, value string) error {
	date, err := readDate(value)
	if err != nil || date == "" {
		return err
	}
	day, err := time.Parse(time.DateOnly, date)
	c.AdminEnd = day.AddDate(0, 0, i.options.Days).Format(time.DateOnly)
	return err
}

func (i *importer) zone(c *Customer, value string) (err error) {
	if value != "" {
		c.Zone, err = i.once("zone ", value, func(value string) (string, error) {
			zone, err := sla.Zone(value)
			if err != nil {
				return "", err
			}
			return zone.String(), nil
		})
	}
	return err
}

func (i *importer) language(c *Customer, value string) (err error) {
	if value == "" {
		return nil
	}
	c.SupportLanguage, err = i.once("language ", value, func(value string) (string, error) {
		tag, err := ReadLanguage(value)
		if _, isTag := ParseLanguage(value); isTag {
			tag = strings.ReplaceAll(value, "_", "-") // with the region that English loses
		}
		return strings.ToLower(tag), err
	})
	return err
}

func (i *importer) calendar(c *Customer, value string) (err error) {
	c.Calendar, err = i.once("calendar ", strings.ToLower(value), func(value string) (string, error) {
		return value, i.options.Policy.CheckCalendar(value)
	})
	return err
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
			return fmt.Errorf("%q is not branch|guid|name|status", plaintext.Excerpt(v))
		}
		id, ok := ParseGUID(parts[1])
		if !ok {
			return fmt.Errorf("%q is no subscription id (a GUID)", plaintext.Excerpt(parts[1]))
		}
		s := Subscription{Branch: strings.ToLower(parts[0]), ID: id, Name: parts[2], Status: strings.ToLower(parts[3])}
		if !slices.Contains([]string{"azure", "m365", "d365", "ems"}, s.Branch) {
			return fmt.Errorf("%q is none of azure, m365, d365, ems", plaintext.Excerpt(parts[0]))
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
				return fmt.Errorf("%q is neither qty=N nor trial", plaintext.Excerpt(extra))
			}
		}
		c.Subscriptions = append(c.Subscriptions, s)
	}
	return nil
}
