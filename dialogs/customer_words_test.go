package dialogs_test

import (
	"fmt"
	"strings"
	"testing"

	"onbehalf/bot/customer"
	"onbehalf/bot/intake"
	"onbehalf/bot/teams/teamstest"
)

// keepCalled keeps a customer for each name, and gives their ids.
func (d *desk) keepCalled(names ...string) map[string]string {
	d.testing.Helper()
	ids := map[string]string{}
	var all []customer.Customer
	for i, name := range names {
		c := customers()[0]
		c.TenantID, c.Name = fmt.Sprintf("%08x-0000-4000-8000-%012x", i+1, i+1), name
		c.PrimaryDomain, c.CustomDomains = fmt.Sprintf("obhnamed%d.onmicrosoft.com", i), []string{fmt.Sprintf("named-%d.example", i)}
		ids[name] = c.TenantID
		all = append(all, c)
	}
	if _, _, err := d.store.PutCustomers(d.testing.Context(), all); err != nil {
		d.testing.Fatal(err)
	}
	return ids
}

// TestALineNamesOneCustomerOrAsks reads lines behind "new". Words that are left over
// between a name and a platform name nobody, and what may mean two customers is asked.
func TestALineNamesOneCustomerOrAsks(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		ids := d.keepCalled("Alpha", "Alpha Azure", "Alpha Logistik GmbH", "Tailspin Toys, Inc.", "Müller Maschinenbau GmbH", "Müller Logistik KG", "O'Brien", "Global Backup Services", "Beta Ltd", "Beta Teams AG")
		for line, want := range map[string]struct {
			intake.Answers
			asks string
		}{
			"Tailspin Toys Inc azure A It is down":     {intake.Answers{Customer: "Tailspin Toys, Inc.", Platform: "azure", Severity: "A", Title: "It is down"}, ""},
			"Mueller Maschinenbau ems B Slow":          {intake.Answers{Customer: "Müller Maschinenbau GmbH", Platform: "ems", Severity: "B", Title: "Slow"}, ""},
			"O’Brien exchange C Slow":                  {intake.Answers{Customer: "O'Brien", Platform: "office365", Severity: "C", Title: "Slow"}, ""},
			"Müller log ems":                           {intake.Answers{Customer: "Müller Logistik KG", Platform: "ems"}, ""},
			"ann@named-6.example ems B Slow":           {intake.Answers{Customer: "O'Brien", Platform: "ems", Severity: "B", Title: "Slow"}, ""},
			"https://named-6.example/a?b ems B Slow":   {intake.Answers{Customer: "O'Brien", Platform: "ems", Severity: "B", Title: "Slow"}, ""},
			"Alpha ems B Slow":                         {intake.Answers{Customer: "Alpha", Platform: "ems", Severity: "B", Title: "Slow"}, ""},
			"Alpha printers do not print":              {intake.Answers{Customer: "Alpha", Title: "printers do not print"}, ""},
			"Alpha Logistik printers do not print":     {intake.Answers{Customer: "Alpha Logistik GmbH", Title: "printers do not print"}, ""},
			"Alpha B printers do not print":            {intake.Answers{Customer: "Alpha", Severity: "B", Title: "printers do not print"}, ""},
			"Global Backup Services B it fails":        {intake.Answers{Customer: "Global Backup Services", Severity: "B", Title: "it fails"}, ""},
			"backup fails since this morning":          {intake.Answers{Title: "backup fails since this morning"}, ""},
			"Alpha Robotics ems B Slow":                {intake.Answers{Customer: "?Alpha Robotics", Platform: "ems", Severity: "B", Title: "Slow"}, "found no customer “Alpha Robotics”. Do you mean one of these?"},
			"Alpha Robotics":                           {intake.Answers{Customer: "?Alpha Robotics"}, "found no customer “Alpha Robotics”"},
			"Tailspin Toys Inc Robotics azure A Down":  {intake.Answers{Customer: "?Tailspin Toys Inc Robotics", Platform: "azure", Severity: "A", Title: "Down"}, "found no customer"},
			"Mueller Bauten ems":                       {intake.Answers{Customer: "?Mueller Bauten", Platform: "ems"}, "found no customer “Mueller Bauten”"},
			"Mueller ems":                              {intake.Answers{Customer: "?Mueller", Platform: "ems"}, "It fits 2 customers"},
			"Beta GmbH ems":                            {intake.Answers{Customer: "?Beta GmbH", Platform: "ems"}, "found no customer “Beta GmbH”"},
			"Alpha azure ems B Slow":                   {intake.Answers{Customer: "?two", Platform: "azure", Title: "ems B Slow"}, "Which customer do you mean"},
			"Alpha azure B Slow":                       {intake.Answers{Customer: "Alpha", Platform: "azure", Severity: "B", Title: "Slow"}, ""},
			"Alpha Log printers do not print":          {intake.Answers{Customer: "?two", Title: "Log printers do not print"}, "Which customer do you mean"},
			"Beta teams printers do not print at all!": {intake.Answers{Customer: "?Beta", Platform: "office365", Title: "printers do not print at all!"}, "It fits 2 customers"},
		} {
			alice := d.Conversation(teamstest.Personal).As("Alice " + line)
			form := alice.Say("/new " + line).ExpectCard("intake/next")
			a := d.draft(alice).Answers
			chosen := ids[want.Customer]
			switch name, asks := strings.CutPrefix(want.Customer, "?"); {
			case asks && name == "two":
				if several, ok := customer.ParseAsked(a.Customer); !ok || len(several) < 2 {
					t.Errorf("%s: nobody is asked about: %q", line, a.Customer)
				}
				chosen = a.Customer
			case asks:
				chosen = name
			}
			if want.asks != "" {
				form.Expect(want.asks)
			}
			if a.Customer != chosen || a.Platform != want.Platform || a.Severity != want.Severity || a.Title != want.Title {
				t.Errorf("%s: %+v, want %+v", line, a, want.Answers)
			}
		}
	})
}

// TestAskedWhichCustomerItIsOneToPress chooses among customers whom a line may mean.
func TestAskedWhichCustomerItIsOneToPress(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		ids := d.keepCalled("Alpha", "Alpha Azure")
		alice := d.Conversation(teamstest.Personal).As("Alice")
		form := alice.Say("new Alpha azure ems B Slow").ExpectCard("Which customer do you mean", "obhnamed0", "obhnamed1")
		form.Press("intake/next", "ask", "").Expect("Which customer do you mean").
			Fill("customer", ids["Alpha Azure"]).Fill("severity", "B").Press("intake/next", "ask", "").Expect("Alpha Azure")
		room := d.Conversation(teamstest.GroupChat)
		bob := room.As("Bob")
		bob.Say("@onbehalf new Alpha azure ems B Slow").ExpectCard("customer").ExpectNot("obhnamed", "Alpha Azure")
		carol := d.Conversation(teamstest.Personal).As("Carol")
		carol.Say("list Alpha Robotics").ExpectText("found no customer “Alpha Robotics”", "Alpha · obhnamed0")
		carol.Say("list lpha Azure").ExpectText("found no customer", "Alpha Azure")
		carol.Say("list contoso").ExpectText("Which customer is “contoso”?")
		carol.Say("list Alphaa").ExpectText("found no customer “Alphaa”", "Alpha · ")
		carol.Say("list nobody at all").ExpectText("no customer “nobody at all”")
	})
}
