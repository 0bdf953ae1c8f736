package cards

import (
	"time"

	"onbehalf/bot/customer"
	"onbehalf/bot/intake"
)

// related is a customer with relationships, as Microsoft gave them.
func related(name string, relationships ...customer.Relationship) customer.Customer {
	return customer.Customer{
		TenantID: "22ee091e-e4be-4d78-aabe-c259243fb7ec", Name: name, Cloud: customer.Global, Status: "active",
		Rights: &customer.Rights{Name: name, Relationships: relationships},
	}
}

func (s world) rights() []sample {
	asOf := s.at("2026-11-23T02:14:00+01:00")
	active := func(days int, roles ...string) customer.Relationship {
		return customer.Relationship{Status: "active", End: asOf.AddDate(0, 0, days), Roles: roles}
	}
	const reader, license = "f2ef992c-3afb-46b9-b7cf-a126ee74c451", "4d6ac14f-3453-41d0-bef9-a3e0c569773a"
	support := customer.ServiceSupportAdministrator
	extending := active(5, support)
	extending.Extends = true
	terminated := customer.Relationship{Status: "terminated", End: asOf.AddDate(0, 0, 200), Over: asOf.AddDate(0, 0, -2)}
	differing := related("Woodgrove Bank")
	differing.AdminRelationship, differing.AdminEnd, differing.PrimaryDomain = "gdap", "2027-03-31", "woodgrovebank.example"
	blocked := []customer.Customer{
		related("Bellows College", active(300, reader, license)), related("Lucky 8 🍀 *Spa*", active(300)), differing,
		related("World Wide Importers", customer.Relationship{Status: "approvalpending"}),
		related("Litware, Inc.", customer.Relationship{Status: "active", End: asOf.AddDate(0, 0, -1)}), related("Coho Winery", terminated),
	}
	counts := map[customer.RightsPart]int{"blocked": 14, "7": 1, "30": 3, "60": 9, "unknown": 2}
	page := customer.RightsPage{Customers: blocked, Counts: counts, Total: 14, All: 61, Synced: s.at("2026-11-22T02:30:00+01:00")}
	soon := customer.RightsPage{
		Customers: []customer.Customer{related("Alpine Ski House", extending), wingtip(), related("Tailspin Toys", active(25, support))},
		Counts:    map[customer.RightsPart]int{"30": 2, "60": 2}, Total: 11, Offset: 8, All: 61,
	}
	calm := customer.RightsPage{Counts: map[customer.RightsPart]int{}, All: 3, Synced: asOf.Add(-time.Hour)}
	who := map[string]string{"customer": wingtip().TenantID, "platform": "office365", "kind": "technical", "language": "en"}
	refused := related("Bellows College", active(300, reader))
	return []sample{
		{"rights-blocked", Rights(RightsView{Part: customer.RightsBlocked, Page: page, AsOf: asOf}, s.w)},
		{"rights-soon", Rights(RightsView{Part: customer.RightsMonth, Page: soon, AsOf: asOf}, s.w)},
		{"rights-calm", Rights(RightsView{Part: customer.RightsBlocked, Page: calm, AsOf: asOf}, s.w)},
		{"rights-due", RightsDue(append(soon.Customers[1:], blocked[4:]...), asOf, s.w)},
		{"rights-due-many", RightsDue(append(append(soon.Customers[1:], blocked[4:]...), append(soon.Customers[1:], append(blocked[4:], blocked[4:]...)...)...), asOf, s.w)},
		{"rights-acked", RightsAcked(3, s.w)},
		{"intake-who-roleless", s.form(s.draft(intake.StepWho, who), false, &refused)},
		{"intake-what-terminated", s.form(s.draft(intake.StepWhat, who), false, new(related("Coho Winery", terminated)))},
	}
}
