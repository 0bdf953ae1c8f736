package intake

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"onbehalf/bot/customer"
	"onbehalf/bot/customer/customertest"
	"onbehalf/bot/plaintext"
	"onbehalf/bot/request"
	"onbehalf/bot/sla"
)

const (
	tenant       = customertest.Tenant
	ownTenant    = customertest.OwnTenant
	subscription = customertest.Subscription
)

// noon is a Sunday.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// complete is a form with nothing to object to or to warn of.
func complete() Answers {
	return Answers{
		Customer: tenant, Platform: "azure", Kind: "technical", Severity: "B", Language: "en", Title: "VMs do not start",
		Description: "All 14 VMs fail since 00:50.", Tried: "other size", Criterion: "bug", HealthChecked: "nothing reported",
		SubscriptionID: subscription, ContactName: "Ines Kowal", ContactEmail: "ines@partner.example",
	}
}

func checkForm(a Answers, c *customer.Customer, change ...func(*Draft)) Check {
	f := formOf(a).of(c)
	draft := Draft{Answers: a, Zone: "Europe/Berlin", Step: StepReview}
	for _, do := range change {
		do(&draft)
	}
	var found []customer.Customer
	if c != nil {
		found = []customer.Customer{*c}
	}
	return f.check(draft, found, sla.BuiltIn(), noon)
}

func codesOf(problems []request.Problem) []string {
	var codes []string
	for _, p := range problems {
		codes = append(codes, p.Field+":"+p.Code)
	}
	return codes
}

func TestCompleteFormHasNothingAgainstIt(t *testing.T) {
	c := checkForm(complete(), customertest.Contoso())
	if len(c.Problems) > 0 || len(c.Warnings) > 0 || !c.Complete() || c.Next != StepReview || c.Open != "" {
		t.Errorf("problems %v, warnings %v, next %s, open %q", codesOf(c.Problems), c.Warnings, c.Next, c.Open)
	}
	if want := noon.Add(4 * time.Hour); !c.Due.Due.Equal(want) || c.Due.Basis != sla.Published {
		t.Errorf("due %v (%s), want %v (R35)", c.Due.Due, c.Due.Basis, want)
	}
}

// Each case changes one thing of a complete form, or of its customer, and lists
// the problems that come of it.
func TestProblems(t *testing.T) {
	for name, tc := range map[string]struct {
		answers  func(*Answers)
		customer func(*customer.Customer)
		want     []string
	}{
		"nothing typed":                     {answers: func(a *Answers) { *a = Answers{} }, want: []string{"customer:required", "platform:required", "kind:required", "title:required", "description:required", "contactName:required", "contactEmail:required"}},
		"no severity (R31)":                 {answers: func(a *Answers) { a.Severity = "" }, want: []string{"severity:required"}},
		"three letters (R34)":               {answers: func(a *Answers) { a.Severity = "АВС" }, want: []string{"severity:choice"}},
		"Cyrillic severity":                 {answers: func(a *Answers) { a.Severity = "В" }},
		"billing asks no severity (R4)":     {answers: func(a *Answers) { a.Kind, a.Severity = "billing", "" }},
		"unknown platform (R22)":            {answers: func(a *Answers) { a.Platform, a.SubscriptionID = "windows", "" }, want: []string{"platform:choice"}},
		"platform by another name":          {answers: func(a *Answers) { a.Platform, a.SubscriptionID = "M365", "" }},
		"title of blanks":                   {answers: func(a *Answers) { a.Title = " \n\t " }, want: []string{"title:required"}},
		"title of two lines":                {answers: func(a *Answers) { a.Title = "VMs\ndown" }},
		"subscription missing (R13)":        {answers: func(a *Answers) { a.SubscriptionID = "" }, want: []string{"subscriptionId:required"}},
		"subscription short (R13)":          {answers: func(a *Answers) { a.SubscriptionID = subscription[1:] }, want: []string{"subscriptionId:subscription_length"}},
		"subscription wrong letter (R13)":   {answers: func(a *Answers) { a.SubscriptionID = "x" + subscription[1:] }, want: []string{"subscriptionId:subscription_shape"}},
		"subscription zeros (R13)":          {answers: func(a *Answers) { a.SubscriptionID = customer.ZeroGUID }, want: []string{"subscriptionId:subscription_zeros"}},
		"subscription in braces":            {answers: func(a *Answers) { a.SubscriptionID = "{" + strings.ToUpper(subscription) + "}" }},
		"subscription only for Azure":       {answers: func(a *Answers) { a.Platform, a.SubscriptionID = "office365", "nonsense" }},
		"topic of another platform (R22)":   {answers: func(a *Answers) { a.Topic = "m.exo" }, want: []string{"topic:topic_platform"}},
		"topic unknown (R22)":               {answers: func(a *Answers) { a.Topic = "az.nonsense" }, want: []string{"topic:choice"}},
		"topic fits (R17)":                  {answers: func(a *Answers) { a.Topic = "az.vm" }},
		"language unknown (R37)":            {answers: func(a *Answers) { a.Language = "klingonese" }, want: []string{"language:language_unknown"}},
		"language empty is English":         {answers: func(a *Answers) { a.Language = "" }},
		"contact of the customer (R15)":     {answers: func(a *Answers) { a.ContactEmail = "ann@mail.contoso.example" }, want: []string{"contactEmail:email_customer"}},
		"contact with a name (R15)":         {answers: func(a *Answers) { a.ContactEmail = "Ann <ann@partner.example>" }, want: []string{"contactEmail:email_name"}},
		"phone (R40, T7)":                   {answers: func(a *Answers) { a.ContactPhone = "030 12345" }, want: []string{"contactPhone:phone_shape"}},
		"phone with blanks":                 {answers: func(a *Answers) { a.ContactPhone = "+49 30 123 4567" }},
		"password in the description":       {answers: func(a *Answers) { a.Description = "x\npassword: Sommer2026" }, want: []string{"description:secret_password"}},
		"card in the title (R5)":            {answers: func(a *Answers) { a.Title = "charged on 4111111111111111" }, want: []string{"title:secret_card"}},
		"criterion forged":                  {answers: func(a *Answers) { a.Criterion = "boredom" }, want: []string{"criterion:choice"}},
		"incident in small letters (E2)":    {answers: func(a *Answers) { a.Incident = "ex 123456." }},
		"incident of Azure (E2)":            {answers: func(a *Answers) { a.Incident = "vt60-rc0" }},
		"no incident's ID (E2)":             {answers: func(a *Answers) { a.Incident = "foo" }, want: []string{"incident:incident_shape"}},
		"a case's number (E2)":              {answers: func(a *Answers) { a.Incident = "2609140050003837" }, want: []string{"incident:incident_shape"}},
		"too many digits (E2)":              {answers: func(a *Answers) { a.Incident = "EX12345678" }, want: []string{"incident:incident_shape"}},
		"a message, no incident (E2)":       {answers: func(a *Answers) { a.Incident = "mc123456" }, want: []string{"incident:incident_message"}},
		"reported in the future":            {answers: func(a *Answers) { a.ReportedAt = "2026-11-22T12:03:00Z" }, want: []string{"reportedAt:time_future"}},
		"reported later today":              {answers: func(a *Answers) { a.ReportedAt = "14:30" }, want: []string{"reportedAt:time_future"}}, // 13:00 in Berlin
		"reported yesterday, so said":       {answers: func(a *Answers) { a.ReportedAt = "yesterday 2:30 PM" }},
		"gestern gemeldet":                  {answers: func(a *Answers) { a.ReportedAt = "gestern um 14:30 Uhr" }},
		"сообщено вчера":                    {answers: func(a *Answers) { a.ReportedAt = "вчера в 14:30" }},
		"reported eight days ago":           {answers: func(a *Answers) { a.ReportedAt = "2026-11-14T12:00:00Z" }, want: []string{"reportedAt:time_old"}},
		"reported unreadably":               {answers: func(a *Answers) { a.ReportedAt = "recently" }, want: []string{"reportedAt:time_shape"}},
		"own Azure wants a plan (R43)":      {customer: func(c *customer.Customer) { c.Own = true }, want: []string{"supportPlan:plan_required"}},
		"own Azure with the CSP plan (R25)": {customer: func(c *customer.Customer) { c.Own = true }, answers: func(a *Answers) { a.SupportPlan = "Cloud Solution Provider" }, want: []string{"supportPlan:plan_csp"}},
		"own Azure, German for CSP (R25)":   {customer: func(c *customer.Customer) { c.Own = true }, answers: func(a *Answers) { a.SupportPlan = "Cloud Lösungsanbieter" }, want: []string{"supportPlan:plan_csp"}},
		"own Azure, Russian for CSP (R25)":  {customer: func(c *customer.Customer) { c.Own = true }, answers: func(a *Answers) { a.SupportPlan = "План поддержки CSP" }, want: []string{"supportPlan:plan_csp"}},
		"own Azure, CSP in short (R25)":     {customer: func(c *customer.Customer) { c.Own = true }, answers: func(a *Answers) { a.SupportPlan = "CSP-Support-Plan" }, want: []string{"supportPlan:plan_csp"}},
		"own Azure, a number with CSP":      {customer: func(c *customer.Customer) { c.Own = true }, answers: func(a *Answers) { a.SupportPlan = "CSP-4711-22" }},
		"own Azure with a plan (R44)":       {customer: func(c *customer.Customer) { c.Own = true }, answers: func(a *Answers) { a.SupportPlan, a.PlanKind = "MPN 1234567", "mpn_contract" }},
		"own Azure with two lines (R43)":    {customer: func(c *customer.Customer) { c.Own = true }, answers: func(a *Answers) { a.SupportPlan = "1234\n5678" }, want: []string{"supportPlan:one_line"}},
		"own Office 365 needs none (R26)":   {customer: func(c *customer.Customer) { c.Own = true }, answers: func(a *Answers) { a.Platform = "office365" }},
		"own tenant, own address (R15)":     {customer: func(c *customer.Customer) { c.Own = true }, answers: func(a *Answers) { a.Platform, a.ContactEmail = "ems", "ann@contoso.example" }},
		"plan kind forged (R44)":            {customer: func(c *customer.Customer) { c.Own = true }, answers: func(a *Answers) { a.SupportPlan, a.PlanKind = "1", "free" }, want: []string{"planKind:choice"}},
	} {
		t.Run(name, func(t *testing.T) {
			a, customer := complete(), customertest.Contoso()
			if tc.customer != nil {
				tc.customer(customer)
			}
			if tc.answers != nil {
				tc.answers(&a)
			}
			if a.Customer == "" {
				customer = nil
			}
			c := checkForm(a, customer)
			if got := codesOf(c.Problems); !slices.Equal(got, tc.want) {
				t.Errorf("problems %v, want %v", got, tc.want)
			}
			for _, fault := range c.faults() {
				t.Error(fault)
			}
		})
	}
}

func TestWarningsAndNotes(t *testing.T) {
	for name, tc := range map[string]struct {
		answers  func(*Answers)
		customer func(*customer.Customer)
		warn     []string
		note     []string
	}{
		"nothing":                              {},
		"nothing tried (R2, E3)":               {answers: func(a *Answers) { a.Tried = "" }, warn: []string{"tried"}},
		"no criterion (R3)":                    {answers: func(a *Answers) { a.Criterion = "" }, warn: []string{"criterion"}},
		"no criterion, but a reason (R3)":      {answers: func(a *Answers) { a.Criterion, a.Reason = "", "they insist" }},
		"health not checked (E2)":              {answers: func(a *Answers) { a.HealthChecked = "" }, warn: []string{"health"}},
		"A and nobody reachable (T16)":         {answers: func(a *Answers) { a.Severity = "A" }, warn: []string{"reachable"}},
		"A and reachable (T16)":                {answers: func(a *Answers) { a.Severity, a.Reachable = "A", "true" }},
		"no role on record (T2, T8)":           {customer: func(c *customer.Customer) { c.AzureAccess = "none" }, warn: []string{"azure_role"}},
		"no role is needed beside Azure (R11)": {customer: func(c *customer.Customer) { c.AzureAccess = "none" }, answers: func(a *Answers) { a.Platform = "office365" }, note: []string{"fee_none"}},
		"the provider is asked, not the role":  {customer: func(c *customer.Customer) { c.AzureAccess, c.Relationship = "none", "indirect" }, warn: []string{"access"}, note: []string{"access_request"}},
		"own tenant has its roles":             {customer: func(c *customer.Customer) { c.AzureAccess, c.Own = "none", true }, answers: func(a *Answers) { a.SupportPlan = "1" }, note: []string{"own_plan", "fee_azure", "benefit"}},
		"through a provider (R10, T3)":         {customer: func(c *customer.Customer) { c.Relationship, c.IndirectProvider = "indirect", "Relecloud" }, warn: []string{"access"}, note: []string{"access_request"}},
		"through a provider, granted (R10)":    {customer: func(c *customer.Customer) { c.Relationship = "indirect" }, answers: func(a *Answers) { a.AccessConfirmed = "true" }},
		"no such grant beside Azure (R11)":     {customer: func(c *customer.Customer) { c.Relationship = "indirect" }, answers: func(a *Answers) { a.Platform = "office365" }, note: []string{"fee_none"}},
		"no relationship (T2)":                 {customer: func(c *customer.Customer) { c.AdminRelationship, c.AdminEnd = "none", "" }, warn: []string{"relation_missing"}},
		"relationship ended (T2)":              {customer: func(c *customer.Customer) { c.AdminEnd = "2026-11-21" }, warn: []string{"relation_ended"}},
		"relationship marked ended (T2)":       {customer: func(c *customer.Customer) { c.AdminRelationship, c.AdminEnd = "expired", "" }, warn: []string{"relation_ended_undated"}},
		"relationship ends today (T15)":        {customer: func(c *customer.Customer) { c.AdminEnd = "2026-11-22" }, warn: []string{"relation_ends"}},
		"relationship ends in 30 days":         {customer: func(c *customer.Customer) { c.AdminEnd = "2026-12-22" }, warn: []string{"relation_ends"}},
		"relationship ends in 31 days":         {customer: func(c *customer.Customer) { c.AdminEnd = "2026-12-23" }},
		"a role that may not file, for Azure":  {customer: withRole("f2ef992c-3afb-46b9-b7cf-a126ee74c451", 90)},
		"a role that may not file (T2)":        {customer: withRole("f2ef992c-3afb-46b9-b7cf-a126ee74c451", 90), answers: func(a *Answers) { a.Platform = "office365" }, warn: []string{"relation_roleless"}, note: []string{"fee_none"}},
		"Microsoft knows of none (T2)":         {customer: func(c *customer.Customer) { c.Rights = &customer.Rights{} }, warn: []string{"relation_missing"}},
		"Microsoft says that it ends (T15)":    {customer: withRole(customer.ServiceSupportAdministrator, 7), warn: []string{"relation_ends"}},
		"it extends itself (T15)": {customer: func(c *customer.Customer) {
			withRole(customer.ServiceSupportAdministrator, 7)(c)
			c.Rights.Relationships[0].Extends = true
		}},
		"terminated (T2)": {customer: func(c *customer.Customer) {
			withRole(customer.ServiceSupportAdministrator, 7)(c)
			c.Rights.Relationships[0].Status = "terminated"
		}, warn: []string{"relation_terminated"}},
		"not approved yet (T2)": {customer: func(c *customer.Customer) {
			c.Rights = &customer.Rights{Relationships: []customer.Relationship{{Status: "approvalpending"}}}
		}, warn: []string{"relation_awaited"}},
		"relationship not on record":       {customer: func(c *customer.Customer) { c.AdminRelationship, c.AdminEnd = "", "" }},
		"Dynamics 365 (T4)":                {answers: func(a *Answers) { a.Platform = "dynamics365" }, warn: []string{"dynamics_agreement"}, note: []string{"fee_none"}},
		"subscription not on record":       {answers: func(a *Answers) { a.SubscriptionID = "66080f17-4c96-48e2-9cbd-0ba3a1a6bcde" }, warn: []string{"subscription_unknown"}},
		"Turkish is not offered (R37)":     {answers: func(a *Answers) { a.Language = "tr" }, warn: []string{"language_not_offered"}, note: []string{"language_estimate"}},
		"German is an estimate (R38)":      {answers: func(a *Answers) { a.Language = "de" }, note: []string{"language_estimate"}},
		"A in German gives up hours (R37)": {answers: func(a *Answers) { a.Language, a.Severity, a.Reachable = "de", "A", "true" }, note: []string{"language_a"}},
		"billing is free (R30, R39, T11)":  {answers: func(a *Answers) { a.Kind = "billing" }, note: []string{"severity_dropped", "fee_included", "billing_where", "business_day"}},
		"subscriptions are free (R30)":     {answers: func(a *Answers) { a.Kind = "subscription" }, note: []string{"severity_dropped", "fee_included", "business_day"}},
		"fraud (R5)":                       {answers: func(a *Answers) { a.Kind = "fraud" }, note: []string{"severity_dropped", "fraud", "business_day"}},
		"billing, no severity given (R33)": {answers: func(a *Answers) { a.Kind, a.Severity = "billing", "" }, note: []string{"fee_included", "billing_where", "business_day"}},
		"billing, as noncritical (R33)":    {answers: func(a *Answers) { a.Kind, a.Severity = "billing", "noncritical" }, note: []string{"fee_included", "billing_where", "business_day"}},
		"noncritical (R39)":                {answers: func(a *Answers) { a.Severity = "noncritical" }, note: []string{"business_day"}},
		"EMS takes no fee (R26)":           {answers: func(a *Answers) { a.Platform = "ems" }, note: []string{"fee_none"}},
		"own Azure takes a fee (R27, R28)": {customer: func(c *customer.Customer) { c.Own = true }, answers: func(a *Answers) { a.SupportPlan = "1" }, note: []string{"own_plan", "fee_azure", "benefit"}},
		"trial (R29)":                      {customer: func(c *customer.Customer) { c.Status = "trial" }, note: []string{"trial"}},
		"suspended":                        {customer: func(c *customer.Customer) { c.Status = "suspended" }, note: []string{"suspended"}},
		"China":                            {customer: func(c *customer.Customer) { c.Cloud = customer.China }, note: []string{"china"}},
		"unavailable suggests A (E5)":      {answers: func(a *Answers) { a.Criterion = "unavailable" }, note: []string{"suggest_a"}},
		"network suggests A (E7)":          {answers: func(a *Answers) { a.Criterion = "network" }, note: []string{"suggest_a"}},
		"A where the questions say B (R32)": {answers: func(a *Answers) {
			a.Production, a.Loss, a.Workaround, a.Severity, a.Reachable = "partly", "minimal", "yes", "A", "true"
		}, note: []string{"severity_differs"}},
		"C where the questions say A (R32)":     {answers: func(a *Answers) { a.Production, a.Severity = "down", "C" }, note: []string{"severity_differs"}},
		"B where the questions say A (R32)":     {answers: func(a *Answers) { a.Production = "down" }, note: []string{"severity_differs"}},
		"another severity, and why (R32)":       {answers: func(a *Answers) { a.Production, a.Severity, a.Reason = "down", "C", "only the test site" }},
		"another severity, of a question (R33)": {answers: func(a *Answers) { a.Production, a.Kind = "down", "billing" }, note: []string{"severity_dropped", "fee_included", "billing_where", "business_day"}},
		"regional (E8)":                         {answers: func(a *Answers) { a.Criterion = "regional" }, note: []string{"regional"}},
		"incident without its id (E12)":         {answers: func(a *Answers) { a.HealthChecked = "incident" }, note: []string{"incident_which"}},
		"incident with its id (E12)":            {answers: func(a *Answers) { a.HealthChecked, a.Incident = "incident", "EX123456" }, note: []string{"incident"}},
		"health says which (E2, E12)":           {answers: func(a *Answers) { a.HealthChecked = " EX123456 " }, note: []string{"incident"}},
		"known incident (E12)":                  {answers: func(a *Answers) { a.Incident = "EX123456" }, note: []string{"incident"}},
	} {
		t.Run(name, func(t *testing.T) {
			a, customer := complete(), customertest.Contoso()
			if tc.customer != nil {
				tc.customer(customer)
			}
			if tc.answers != nil {
				tc.answers(&a)
			}
			c := checkForm(a, customer)
			var warn, note []string
			for _, w := range c.Warnings {
				warn = append(warn, w.Code)
				if StepOf(w.Field) == "" {
					t.Errorf("warning %s stands at no input: %q", w.Code, w.Field)
				}
			}
			for _, n := range c.Notes {
				note = append(note, n.Code)
			}
			if !slices.Equal(warn, tc.warn) || !slices.Equal(note, tc.note) {
				t.Errorf("warnings %v, notes %v; want %v and %v", warn, note, tc.warn, tc.note)
			}
			if !c.Complete() {
				t.Errorf("a warning stops nothing, but %v", codesOf(c.Problems))
			}
			for _, fault := range c.faults() {
				t.Error(fault)
			}
		})
	}
}

func TestScopeStopsTheForm(t *testing.T) {
	for name, tc := range map[string]struct {
		answers  func(*Answers)
		customer func(*customer.Customer)
		code     string
		link     bool
	}{
		"marketplace (T5)":     {answers: func(a *Answers) { a.Topic = "x.market" }, code: "marketplace", link: true},
		"Partner Center (T10)": {answers: func(a *Answers) { a.Topic = "x.pc" }, code: "partner_center", link: true},
		"vulnerability (T9)":   {answers: func(a *Answers) { a.Topic = "x.sec" }, code: "vulnerability", link: true},
		"on-premises (R22)":    {answers: func(a *Answers) { a.Topic = "x.onprem" }, code: "on_premises", link: true},
		"closed cloud (R1)":    {customer: func(c *customer.Customer) { c.Cloud = customer.Germany }, code: "germany"},
		"left":                 {customer: func(c *customer.Customer) { c.Status = "left" }, code: "left"},
	} {
		t.Run(name, func(t *testing.T) {
			a, customer := complete(), customertest.Contoso()
			if tc.customer != nil {
				tc.customer(customer)
			}
			if tc.answers != nil {
				tc.answers(&a)
			}
			c := checkForm(a, customer)
			if c.Scope == nil || c.Scope.Code != tc.code || c.Next != StepScope || c.Complete() {
				t.Fatalf("scope %+v, next %s", c.Scope, c.Next)
			}
			if c.Scope.Link.None() == tc.link || tc.link && !strings.HasPrefix(c.Scope.Link.URL, "https://") {
				t.Errorf("link %+v", c.Scope.Link)
			}
			if StepOf(c.Scope.Field) == "" {
				t.Errorf("no way back: %q", c.Scope.Field)
			}
			for _, fault := range c.faults() {
				t.Error(fault)
			}
		})
	}
}

func TestOpenQuestionIsTheFirstRequiredWithoutValue(t *testing.T) {
	a := Answers{Kind: "technical", Language: "en", ContactName: "Ines", ContactEmail: "ines@partner.example"}
	for _, step := range []struct {
		open  string
		value string
		at    Step
		next  Step
	}{
		{"customer", tenant, StepWho, StepWho}, {"platform", "azure", StepWho, StepWho}, {"severity", "A", StepWho, StepWho},
		{"", "", StepWho, StepWhat}, {"title", "VMs do not start", StepWhat, StepWhat}, {"description", "Since 8:40", StepWhat, StepWhat},
		{"subscriptionId", subscription, StepWhat, StepWhat}, {"", "", StepWhat, StepReview}, {"", "", StepReview, StepReview},
	} {
		customer := customertest.Contoso()
		if a.Customer == "" {
			customer = nil
		}
		c := checkForm(a, customer, func(d *Draft) { d.Step = step.at })
		if c.Open != step.open || c.Next != step.next {
			t.Fatalf("on %s the open question is %q and next %q, want %q and %q", step.at, c.Open, c.Next, step.open, step.next)
		}
		if step.open != "" && !a.Set(step.open, step.value) {
			t.Fatalf("can't set %s", step.open)
		}
	}
}

func TestWrongRequiredAnswerIsAskedAgain(t *testing.T) {
	a := complete()
	a.SubscriptionID = "nonsense"
	if c := checkForm(a, customertest.Contoso(), func(d *Draft) { d.Step = StepWhat }); c.Open != "subscriptionId" {
		t.Errorf("open question is %q", c.Open)
	}
	a = complete()
	a.Set("title", strings.Repeat("x", 300))
	if c := checkForm(a, customertest.Contoso(), func(d *Draft) { d.Step = StepWhat }); c.Open != "" {
		t.Errorf("a title that was only cut is given, but the open question is %q", c.Open)
	}
}

func TestInputsOfStepsAreThoseThatApply(t *testing.T) {
	azure := Inputs(StepWhat, checkForm(complete(), customertest.Contoso()))
	if !slices.Contains(azure, "subscriptionId") || slices.Contains(azure, "accessConfirmed") || slices.Contains(azure, "supportPlan") {
		t.Errorf("Azure, direct: %v", azure)
	}
	indirect := customertest.Contoso()
	indirect.Relationship = "indirect"
	if got := Inputs(StepWhat, checkForm(complete(), indirect)); !slices.Contains(got, "accessConfirmed") {
		t.Errorf("Azure, indirect (R10): %v", got)
	}
	own := customertest.Contoso()
	own.Own = true
	if got := Inputs(StepWhat, checkForm(complete(), own)); !slices.Contains(got, "supportPlan") || !slices.Contains(got, "planKind") {
		t.Errorf("own tenant (R43): %v", got)
	}
	a := complete()
	a.Kind = "billing"
	if got := Inputs(StepWho, checkForm(a, customertest.Contoso())); slices.Contains(got, "severity") {
		t.Errorf("billing asks for a severity: %v", got)
	}
	if got := Inputs(StepReview, checkForm(complete(), customertest.Contoso())); !slices.Equal(got, []string{"takeIt"}) {
		t.Errorf("review of a B asks for %v", got)
	}
}

func TestEveryInputCanBeSetAndRead(t *testing.T) {
	var a Answers
	fields := reflect.TypeFor[Answers]()
	for i := range fields.NumField() {
		id, _, _ := strings.Cut(fields.Field(i).Tag.Get("json"), ",")
		if id == "cut" {
			continue
		}
		if !a.Set(id, "value of "+id) || a.Get(id) == "" {
			t.Errorf("%s can't be set", id)
		}
		if StepOf(id) == "" || Limit(id) == 0 {
			t.Errorf("%s stands on no step, or has no limit", id)
		}
	}
	if a.Set("verb", "x") || a.Get("verb") != "" || StepOf("verb") != "" {
		t.Error("an input that does not exist was taken")
	}
}

func TestProposedSeverity_R32_R34_R35_R36(t *testing.T) {
	for _, tc := range []struct {
		production, loss, workaround string
		want                         request.Severity
	}{
		{"down", "", "", request.SeverityA}, {"no", "significant", "yes", request.SeverityA}, {"down", "minimal", "yes", request.SeverityA},
		{"partly", "minimal", "yes", request.SeverityB}, {"no", "moderate", "yes", request.SeverityB}, {"no", "minimal", "with_workaround", request.SeverityB},
		{"no", "minimal", "yes", request.SeverityC}, {"no", "minimal", "no", request.SeverityC}, {"partly", "", "", ""}, {"", "", "", ""},
	} {
		if got, ok := Propose(tc.production, tc.loss, tc.workaround); got != tc.want || ok != (tc.want != "") {
			t.Errorf("Propose(%s, %s, %s) = %q, want %q", tc.production, tc.loss, tc.workaround, got, tc.want)
		}
	}
	for _, tc := range []struct {
		from, to request.Severity
		want     bool
	}{
		{request.SeverityB, request.SeverityA, true}, {request.SeverityC, request.SeverityA, true}, {request.SeverityA, request.SeverityC, true}, {request.SeverityA, request.SeverityB, true},
		{request.SeverityC, request.SeverityB, false}, {request.SeverityB, request.SeverityB, false}, {request.NonCritical, request.SeverityB, true}, {request.SeverityC, request.NonCritical, false},
	} {
		if got := request.NeedsReason(tc.from, tc.to); got != tc.want {
			t.Errorf("NeedsReason(%s, %s) = %v", tc.from, tc.to, got)
		}
	}
}

func TestOffers(t *testing.T) {
	c := checkForm(complete(), customertest.Contoso())
	if len(c.Subscriptions) != 1 || c.Subscriptions[0].ID != subscription {
		t.Errorf("subscriptions %v", c.Subscriptions)
	}
	if want := []string{"en", "de", "ru", "fr"}; !slices.Equal(c.Languages, want) {
		t.Errorf("languages %v, want %v", c.Languages, want)
	}
	turkish := customertest.Contoso()
	turkish.SupportLanguage = "tr-tr"
	if got := checkForm(complete(), turkish).Languages; slices.Contains(got, "tr") {
		t.Errorf("Microsoft does not offer Turkish, but %v (R37)", got)
	}
	for _, topic := range c.Topics {
		if topic.Platform != customer.Azure && topic.Platform != "" {
			t.Errorf("%s is offered for Azure", topic.Code)
		}
	}
	first, last := c.Topics[0], c.Topics[len(c.Topics)-1]
	if first.More || !last.More {
		t.Errorf("usual topics come first (R18): %v … %v", first.Code, last.Code)
	}
	if got := c.Promised[request.SeverityA].Budget; got != 2*time.Hour {
		t.Errorf("A promises %v (R34)", got)
	}
	if got := c.Promised[request.SeverityC].Budget; got != 8*time.Hour {
		t.Errorf("C promises %v (R36)", got)
	}
}

func TestAnotherLanguageShowsWhatEnglishWouldGive_R37_R38(t *testing.T) {
	a := complete()
	a.Language = "de"
	c := checkForm(a, customertest.Contoso())
	// Sunday noon: the four business hours count from Monday 09:00 in Berlin.
	if want := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC); !c.Due.Due.Equal(want) || c.Due.Basis != sla.Estimate {
		t.Errorf("due %v (%s), want %v as an estimate", c.Due.Due, c.Due.Basis, want)
	}
	if want := noon.Add(4 * time.Hour); !c.English.Due.Equal(want) {
		t.Errorf("in English %v, want %v", c.English.Due, want)
	}
}

func TestReportedAtStartsTheClock(t *testing.T) {
	a := complete()
	a.ReportedAt = "2026-11-22 12:00" // in Berlin, an hour ago
	if c := checkForm(a, customertest.Contoso()); !c.Due.Due.Equal(noon.Add(3 * time.Hour)) {
		t.Errorf("due %v", c.Due.Due)
	}
}

// What strangers type must neither break the form nor come out longer than it may.
func FuzzCheck(f *testing.F) {
	f.Add("title", "VM\nnot starting", "azure")
	f.Add("contactEmail", "ann@mail.contoso.example", "office365")
	f.Add("description", strings.Repeat("ё", 5000), "ems")
	f.Add("subscriptionId", "{3CEAAF30-8142-48EA-91D9-3080F9B439FC}", "azure")
	f.Add("reportedAt", "12:00", "dynamics365")
	f.Add("language", "zh-Hans-CN-x-y", "azure")
	f.Add("supportPlan", "CSP\x00", "azure")
	f.Fuzz(func(t *testing.T, id, value, platform string) {
		a := complete()
		a.Set("platform", platform)
		known := a.Set(id, value)
		c := checkForm(a, customertest.Contoso())
		for _, fault := range c.faults() {
			t.Fatal(fault)
		}
		for _, p := range c.Problems {
			if !c.Asked[p.Field] || StepOf(p.Field) == "" {
				t.Fatalf("problem %+v at an input that is not asked for", p)
			}
		}
		if known && utf8.RuneCountInString(plaintext.Lines(a.Get(id))) > Limit(id) {
			t.Fatalf("%s keeps more than %d characters", id, Limit(id))
		}
		if !c.Complete() {
			return
		}
		ticket := formOf(a.only(c.Asked)).ticket(Draft{Answers: a}, c, request.Person{ID: "ines"}, noon)
		if strings.ContainsAny(ticket.Title, "\n\t\x00") || ticket.Title == "" || !utf8.ValidString(ticket.Title) {
			t.Fatalf("title %q", ticket.Title)
		}
		if _, domain, problem := parseEmail(ticket.Contact.Email); problem != "" {
			t.Fatalf("contact %q was taken: %s", ticket.Contact.Email, problem)
		} else if _, theirs := customertest.Contoso().DomainOf(domain); theirs {
			t.Fatalf("contact %q is the customer's", ticket.Contact.Email)
		}
		if code, _ := findSecret(ticket.Title + "\n" + ticket.Description); code != "" {
			t.Fatalf("a secret was taken: %s", code)
		}
	})
}

func TestSetKeepsClosedListsById(t *testing.T) {
	for _, c := range []struct{ id, typed, want string }{
		{"severity", " А ", "A"}, {"severity", "в", "B"}, {"severity", "АВС", "АВС"}, {"severity", "NonCritical", "noncritical"},
		{"platform", "Office 365", "office365"}, {"platform", "Enterprise Mobility Suite", "ems"}, {"platform", "EMS (Intune)", "ems"},
		{"platform", "Microsoft Dynamics CRM Online", "dynamics365"}, {"platform", "Microsoft Azure", "azure"}, {"platform", "Enterprise Mobility + Security", "ems"},
		{"platform", "xbox", "xbox"},
		{"kind", "Fraud", "fraud"}, {"language", "EN-us", "en"}, {"language", "?", "?"},
		{"title", "А", "А"}, {"incident", "ex 123456", "EX123456"}, {"incident", "foo", "foo"},
	} {
		var a Answers
		a.Set(c.id, c.typed)
		if got := a.Get(c.id); got != c.want {
			t.Errorf("%s typed as %q is kept as %q, want %q", c.id, c.typed, got, c.want)
		}
	}
}

// withRole gives a customer one relationship with a role, as Microsoft told of it.
func withRole(role string, days int) func(*customer.Customer) {
	return func(c *customer.Customer) {
		c.Rights = &customer.Rights{Relationships: []customer.Relationship{{Status: "active", End: noon.AddDate(0, 0, days), Roles: []string{role}}}}
	}
}
