package customer

import (
	"os"
	"slices"
	"strings"
	"testing"

	"onbehalf/bot/sla"
)

// saved reads a file as a spreadsheet saved it.
func saved(t *testing.T, name string) Import {
	t.Helper()
	file, err := os.Open("testdata/import/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	read, err := ReadCustomers(file, ImportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return read
}

const (
	alphaID = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
	betaID  = "8b7c1f5e-6f0d-4a55-9c1e-0f1b6d2a7e02"
)

func TestFilesAsSpreadsheetsSaveThem(t *testing.T) {
	for name, want := range map[string][]Customer{
		"invisible.csv":     {{Name: "Alpha GmbH", PrimaryDomain: "alpha.example"}},
		"equals-quoted.csv": {{Name: "Alpha GmbH", PrimaryDomain: "alpha.example", PartnerID: "6175761"}},
		"title-row.csv":     {{Name: "Alpha", PrimaryDomain: "alpha.example"}},
		"domains.csv":       {{Name: "Alpha GmbH", PrimaryDomain: "alpha.example"}, {Name: "Beta AG", PrimaryDomain: "beta.example"}},
		"dates.csv": {
			{Name: "Alpha GmbH", PrimaryDomain: "alpha.example", AdminEnd: "2027-03-31"},
			{Name: "Beta AG", PrimaryDomain: "beta.example", AdminEnd: "2027-03-31"},
			{Name: "Gamma", PrimaryDomain: "gamma.example", AdminEnd: "2027-03-31"},
		},
		"zones.csv": {
			{Name: "Alpha", PrimaryDomain: "alpha.example", Zone: "Europe/Berlin", Country: "DE", SupportLanguage: "de"},
			{Name: "Beta", PrimaryDomain: "beta.example", Zone: "Europe/Kiev", Country: "DE", SupportLanguage: "de-de"},
		},
	} {
		read := saved(t, name)
		if len(read.Faults) > 0 || len(read.Customers) != len(want) || read.Customers[0].TenantID != alphaID {
			t.Errorf("%s: %+v", name, read)
			continue
		}
		for i, c := range read.Customers {
			got := Customer{Name: c.Name, PrimaryDomain: c.PrimaryDomain, PartnerID: c.PartnerID, AdminEnd: c.AdminEnd, Zone: c.Zone, Country: c.Country, SupportLanguage: c.SupportLanguage}
			if diff := differences(got, want[i], columns); len(diff) > 0 {
				t.Errorf("%s: %+v", name, diff)
			}
		}
	}
}

func TestACodePageIsRefusedWithWhatToDo(t *testing.T) {
	read := saved(t, "ansi.csv")
	if len(read.Customers) != 0 || len(read.Faults) != 1 || read.Faults[0].Line != 2 || !strings.Contains(read.Faults[0].Text, "CSV UTF-8") {
		t.Errorf("%+v", read)
	}
}

func TestDaysInAllSpellings(t *testing.T) {
	for text, want := range map[string]string{
		"2027-03-31": "2027-03-31", "2027-03-31T00:00:00Z": "2027-03-31", "2027-03-31T23:59:59.1234567+02:00": "2027-03-31", "2027-03-31 00:00": "2027-03-31",
		"31.03.2027": "2027-03-31", "31. 3. 2027": "2027-03-31", "1.2.2027": "2027-02-01", "31.03.2027 00:00:00": "2027-03-31",
		"3/31/2027": "2027-03-31", "31/3/2027": "2027-03-31", "3/31/2027 12:00:00 AM": "2027-03-31", "5/5/2027": "2027-05-05", "31-03-2027": "2027-03-31",
		"2027/03/31": "2027-03-31", "": "", "0001-01-01T00:00:00": "", "29.2.2028": "2028-02-29",
	} {
		if got, err := readDate(text); err != nil || got != want {
			t.Errorf("%s: %s, %v, want %s", text, got, err, want)
		}
	}
	for text, says := range map[string]string{
		"3/4/2027": "2027-03-04 or 2027-04-03", "03-04-2027": "2027-03-04 or 2027-04-03",
		"29.2.2027": "no date", "2/29/2027": "no date", "31.03.27": "no date", "46477": "no date", "soon": "no date", "13/13/2027": "no date",
	} {
		if got, err := readDate(text); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %s, %v, want %s", text, got, err, says)
		}
	}
}

func TestDomainsAsPeopleWriteThem(t *testing.T) {
	for text, want := range map[string]string{
		"https://www.contoso.example/start": "contoso.example", "WWW.Contoso.Example": "contoso.example", "contoso.example.": "contoso.example",
		"@contoso.example": "contoso.example", "www.example": "www.example",
	} {
		if got, err := readDomain(text); err != nil || got != want {
			t.Errorf("%s: %s, %v", text, got, err)
		}
	}
	if _, err := readDomain("admin@contoso.example"); err == nil || !strings.Contains(err.Error(), "such as contoso.example") {
		t.Error(err)
	}
}

func TestABadRowNeverHidesTheMendedOne(t *testing.T) {
	read, err := ReadCustomers(strings.NewReader(plainHeader+",timezone\n"+id1+",Contoso,contoso.example,Moon\n"+id1+",Contoso,contoso.example,Europe/Berlin\n"), ImportOptions{})
	if err != nil || len(read.Customers) != 1 || read.Customers[0].Zone != "Europe/Berlin" || len(read.Faults) != 1 || read.Faults[0].Line != 2 {
		t.Errorf("%+v, %v", read, err)
	}
}

func TestTheSameTenantTwice(t *testing.T) {
	same := id1 + ",Contoso,contoso.example\n"
	if got := readGood(t, plainHeader+"\n"+same+same, ImportOptions{}); len(got) != 1 {
		t.Errorf("%+v", got)
	}
	read, err := ReadCustomers(strings.NewReader(plainHeader+"\n"+same+id2+",Good,good.example\n"+id1+",Contoso AG,contoso.example\n"+same), ImportOptions{})
	if err != nil || len(read.Customers) != 1 || read.Customers[0].Name != "Good" {
		t.Fatalf("%+v, %v", read, err)
	}
	var got []string
	for _, f := range read.Faults {
		got = append(got, f.Error())
	}
	want := []string{
		"line 2, tenant_id: is in line 4 too, with another company_name; neither was taken, leave one of them",
		"line 4, tenant_id: is in line 2 too, with another company_name; neither was taken, leave one of them",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func TestPartnerCentersExportIsTakenAsItIs(t *testing.T) {
	read, err := ReadCustomers(strings.NewReader("\xef\xbb\xbfMicrosoft ID,Company name,Primary domain name,Relationship,Tags\r\n"+
		id1+",\"Tailspin Toys, Inc.\",tailspintoys.onmicrosoft.com,Cloud Reseller,\r\n"+
		id1+",\"Tailspin Toys, Inc.\",tailspintoys.onmicrosoft.com,Indirect Reseller,\r\n"), ImportOptions{})
	if err != nil || len(read.Faults) > 0 || len(read.Customers) != 1 {
		t.Fatalf("%+v, %v", read, err)
	}
	if c := read.Customers[0]; c.Name != "Tailspin Toys, Inc." || c.Relationship != "direct" || c.Cloud != Global || c.Status != "active" {
		t.Errorf("%+v", c)
	}
	if !slices.Equal(read.Ignored, []string{"Relationship", "Tags"}) || !slices.Contains(read.Missing(), "cloud") || !slices.Contains(read.Missing(), "timezone") {
		t.Errorf("ignored %q, missing %q", read.Ignored, read.Missing())
	}
	elsewhere, err := ReadCustomers(strings.NewReader("Kennung\tFirma\tDomäne\n"+id1+"\tContoso\tcontoso.example\n"), ImportOptions{})
	if err != nil || len(elsewhere.Assumed) != 3 || !strings.Contains(elsewhere.Assumed[2], `"Firma" was taken for company_name`) || len(elsewhere.Ignored) > 0 {
		t.Errorf("%+v, %v", elsewhere, err)
	}
}

func TestOnlyThePolicysCalendarsCanBeNamed(t *testing.T) {
	text := plainHeader + ",calendar\n" + id1 + ",Contoso,contoso.example,offce\n"
	read, err := ReadCustomers(strings.NewReader(text), ImportOptions{})
	if err != nil || len(read.Faults) != 1 || !strings.Contains(read.Faults[0].Text, "did you mean") {
		t.Errorf("%+v, %v", read, err)
	}
	policy, err := sla.Parse("policy.yaml", []byte(`calendars: {offce: {zone: UTC, hours: {mon: ["09:00-10:00"]}}}`))
	if err != nil {
		t.Fatal(err)
	}
	readGood(t, text, ImportOptions{Policy: policy})
}

func TestAPlanSaysWhatAnImportChanges(t *testing.T) {
	read, err := ReadCustomers(strings.NewReader("Microsoft ID,Company name,Primary domain name\n"+
		alphaID+",Alpha AG,alpha.example\n"+betaID+",Beta,beta.example\n"+id1+",Contoso,contoso.example\n"+id2+",Back,back.example\n"), ImportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	customer := func(id, name, domain, status string) Customer {
		return Customer{TenantID: id, Name: name, PrimaryDomain: domain, Status: status, Cloud: GCCHigh, Zone: "Europe/Berlin", Relationship: "direct"}
	}
	stored := []Customer{
		customer(alphaID, "Alpha GmbH", "alpha.example", "active"), customer(betaID, "Beta", "beta.example", "suspended"),
		customer("9c7c1f5e-6f0d-4a55-9c1e-0f1b6d2a7e03", "Gone", "gone.example", "active"),
		customer("9c7c1f5e-6f0d-4a55-9c1e-0f1b6d2a7e04", "Ours", "ours.example", "active"),
		customer("9c7c1f5e-6f0d-4a55-9c1e-0f1b6d2a7e05", "Gone before", "before.example", "left"),
		customer(id2, "Back", "back.example", "left"),
	}
	p := read.Plan(slices.Values(stored), true, "9c7c1f5e-6f0d-4a55-9c1e-0f1b6d2a7e04")
	if len(p.Added) != 1 || p.Added[0].Name != "Contoso" || len(p.Left) != 1 || p.Left[0].Name != "Gone" || p.Left[0].Status != "left" || p.Same != 1 || len(p.Changed) != 2 {
		t.Fatalf("%+v", p)
	}
	// What the file has no column for stays.
	after := p.Changed[0].After
	if !slices.Equal(p.Changed[0].Differences, []Difference{{"company_name", "Alpha GmbH", "Alpha AG"}}) || after.Cloud != GCCHigh || after.Zone != "Europe/Berlin" {
		t.Errorf("%+v", p.Changed[0])
	}
	if !slices.Equal(p.Changed[1].Differences, []Difference{{"status", "left", "active"}}) {
		t.Errorf("%+v", p.Changed[1])
	}
	if again := read.Plan(slices.Values(append(p.Customers(), stored[1])), true); len(again.Customers()) > 1 || again.Same != 4 {
		t.Errorf("the same again changes %+v", again)
	}
	if p := read.Plan(slices.Values(stored), false); len(p.Left) != 0 {
		t.Errorf("an incomplete file makes %+v leave", p.Left)
	}
}
