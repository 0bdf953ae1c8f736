package customer

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func sample(t testing.TB) []byte {
	t.Helper()
	text, err := os.ReadFile("testdata/customers.csv")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// readGood reads a file without faults.
func readGood(t testing.TB, text string, o ImportOptions) []Customer {
	t.Helper()
	read, err := ReadCustomers(strings.NewReader(text), o)
	if err != nil || len(read.Faults) > 0 {
		t.Fatalf("%v, %v", read.Faults, err)
	}
	return read.Customers
}

func TestSampleCustomersAreRead(t *testing.T) {
	customers := readGood(t, string(sample(t)), ImportOptions{Days: 3})
	if len(customers) != 60 {
		t.Fatalf("%d customers", len(customers))
	}
	byName := map[string]Customer{}
	for _, c := range customers {
		byName[c.Name] = c
	}
	for _, name := range []string{
		"=Fourth Coffee", "*Wide* _World_ [Importers](https://evil.example/)", `The "Phone" Company`, "<at>Everyone</at> Events AG",
		"АО «Ёлка и партнёры»", "İstanbul Işık Lojistik A.Ş.", "康托索（上海）有限公司", "Lucky 8 🍀 Spa", "Café Contoso Sàrl",
	} {
		if _, ok := byName[name]; !ok {
			t.Errorf("%s is missing", name)
		}
	}
	phone := byName[`The "Phone" Company`]
	if phone.AdminEnd != "2026-12-04" || phone.Zone != "Europe/Dublin" || phone.Cloud != Global || phone.Subscriptions[0].Branch != "azure" {
		t.Errorf("%+v", phone)
	}
	lamna := byName["Contoso Pharmaceuticals"]
	if lamna.Relationship != "indirect" || lamna.IndirectProvider != "Relecloud Distribution" || lamna.Subscriptions[0].Quantity != 1200 {
		t.Errorf("%+v", lamna)
	}
}

func TestCustomersComeBackAsTheyWereWritten(t *testing.T) {
	customers := readGood(t, string(sample(t)), ImportOptions{})
	var out bytes.Buffer
	if err := WriteCustomers(&out, slices.Values(customers)); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out.String(), ",=Fourth") || !strings.Contains(out.String(), "'=Fourth Coffee") {
		t.Error("a formula was written")
	}
	if again := readGood(t, out.String(), ImportOptions{}); fmt.Sprint(again) != fmt.Sprint(customers) {
		t.Error("came back changed")
	}
}

const (
	plainHeader = "tenant_id,company_name,primary_domain"
	id1         = "3ceaaf30-8142-48ea-91d9-3080f9b439fc"
	id2         = "7e02ff05-b7c1-4ce2-bf76-95f56fced11d"
)

func TestFilesOfAllSorts(t *testing.T) {
	for name, text := range map[string]string{
		"BOM":                     "\xef\xbb\xbf" + plainHeader + "\n" + id1 + ",Contoso,contoso.example\n",
		"semicolons":              "tenant_id;company_name;primary_domain\n" + id1 + ";Contoso;contoso.example\n",
		"BOM, semicolons, quotes": "\xef\xbb\xbf\"tenant_id\";\"company_name\";\"primary_domain\"\r\n\"{" + strings.ToUpper(id1) + "}\";\"Contoso\";\"Contoso.Example\"\r\n",
		"other order":             "company_name,primary_domain,tenant_id\nContoso,contoso.example," + id1,
		"capitals in the header":  "Tenant_ID, Company_Name ,PRIMARY_DOMAIN\n" + id1 + ",Contoso,contoso.example",
		"Excel's own line":        "sep=;\r\ntenant_id;company_name;primary_domain\r\n" + id1 + ";Contoso;contoso.example\r\n",
		"the same with a BOM":     "\xef\xbb\xbf\"sep=;\"\r\ntenant_id;company_name;primary_domain\r\n" + id1 + ";Contoso;contoso.example\r\n",
		"a row of nothing":        plainHeader + "\r\n" + id1 + ",Contoso,contoso.example\r\n,,\r\n, ,\r\n",
		"CR alone":                plainHeader + "\r" + id1 + ",Contoso,contoso.example\r",
		"tabs":                    "tenant_id\tcompany_name\tprimary_domain\n" + id1 + "\tContoso\tcontoso.example\n",
		"a title above":           "Customers of 2026-11-22, all\r\n\r\n;;\r\n" + plainHeader + "\n" + id1 + ",Contoso,contoso.example\n",
		"empty columns":           plainHeader + ",,\n" + id1 + ",Contoso,contoso.example,,\n",
		"a comma too many":        plainHeader + ",\n" + id1 + ",Contoso,contoso.example\n",
		"cells missing":           plainHeader + ",cloud,timezone,status\n" + id1 + ",Contoso,contoso.example\n",
		"formulas":                plainHeader + "\n=\"" + id1 + "\",\"=\"\"Contoso\"\"\",=\"contoso.example\"\n",
		"invisible characters":    "\u200btenant_id\u00a0,company_name,primary_domain\n\u200b" + id1 + "\u00a0,\ufeffContoso\u00a0,contoso\u00ad.example\u00a0\n",
		"Partner Center's own":    "Microsoft ID,Company name,Primary domain name,Relationship,Tags\n" + id1 + ",Contoso,contoso.example,Cloud Reseller,\n",
		"a header of elsewhere":   "Kennung,Firma,Standarddomäne,Beziehung\n" + id1 + ",Contoso,contoso.example,Cloud Reseller\n",
		"blank lines":             plainHeader + "\n\n" + id1 + ",Contoso,contoso.example\n\n",
	} {
		read, err := ReadCustomers(strings.NewReader(text), ImportOptions{})
		if err != nil || len(read.Faults) > 0 || len(read.Customers) != 1 {
			t.Errorf("%s: %+v, %v", name, read, err)
			continue
		}
		if c := read.Customers[0]; c.TenantID != id1 || c.Name != "Contoso" || c.PrimaryDomain != "contoso.example" || c.Cloud != Global || c.Status != "active" || c.Relationship != "direct" {
			t.Errorf("%s: %+v", name, c)
		}
	}
}

func TestValuesAreBroughtToOneSpelling(t *testing.T) {
	text := plainHeader + ",cloud,custom_domains,support_language,calendar,country,subscriptions\n" +
		id1 + `,"Con` + "\n" + `toso",bücher.example,usgov,"A.example;b.EXAMPLE",DE-de,DE,de,"Azure|{` + strings.ToUpper(id2) + `}|Azure plan|Active|qty=3|trial"` + "\n"
	c := readGood(t, text, ImportOptions{})[0]
	if c.Name != "Con toso" || c.PrimaryDomain != "xn--bcher-kva.example" || c.Cloud != GCCHigh || c.CustomDomains[1] != "b.example" ||
		c.SupportLanguage != "de-de" || c.Calendar != "de" || c.Country != "DE" || c.Subscriptions[0] != (Subscription{"azure", id2, "Azure plan", "active", 3, true}) {
		t.Errorf("%+v", c)
	}
}

func TestEveryFaultIsNamedWithItsLine(t *testing.T) {
	text := plainHeader + ",cloud,timezone,admin_end_date,status,partner_id,subscriptions,support_language,country,calendar\n" + // 1
		id1 + ",Contoso,contoso.example,,,,,,,,,\n" + // 2: good
		"nonsense,,localhost,moon,Mars/Olympus,31.11.2026,asleep,12,x,klingonese,Absurdistan,d e\n" + // 3: everything
		id2 + ",\"two\nlines\",a.example,,,,,,,,,\n" + // 4 and 5: good
		"7E02FF05-b7c1-4ce2-bf76-95f56fced11c,Again,again.example,,,,,,,,,,surplus\n" + // 6: more cells than the header
		id2[:35] + "e,Short\n" + // 7: fields are missing
		"7e02ff05-b7c1-4ce2-bf76-95f56fced11f,Https,admin@contoso.example,,,,,,\"azure|x|y|z\",,,\n" + // 8
		"7e02ff05-b7c1-4ce2-bf76-95f56fced110,\xff\xfe,b.example,,Local,,,,,,,\n" // 9
	read, err := ReadCustomers(strings.NewReader(text), ImportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range read.Faults {
		got = append(got, fmt.Sprintf("%d:%s", f.Line, f.Column))
	}
	want := []string{
		"3:tenant_id", "3:company_name", "3:primary_domain", "3:cloud", "3:timezone", "3:admin_end_date", "3:status", "3:partner_id",
		"3:subscriptions", "3:support_language", "3:country", "3:calendar", "6:", "7:primary_domain", "8:primary_domain", "8:subscriptions",
		"9:company_name", "9:timezone",
	}
	if !slices.Equal(got, want) {
		t.Errorf("faults at %v,\nwant %v", got, want)
	}
	if len(read.Customers) != 2 || read.Customers[1].Name != "two lines" {
		t.Errorf("good rows: %+v", read.Customers)
	}
}

func TestFilesThatCannotBeRead(t *testing.T) {
	for text, want := range map[string]string{
		"":                            "empty",
		"tenant_id,company_name\n":    "primary_domain is missing",
		"Ask the boss\nfor this list": "header row: none was found; the first row names the columns, tenant_id, company_name, primary_domain",
		"PK\x03\x04":                  "workbook",
		plainHeader + ",tenant_id\n":  "twice",
		"\xff\xfet\x00e\x00":          "UTF-16",
		"t\x00e\x00n\x00":             "UTF-16",
		"\x00t\x00e\x00n":             "UTF-16",
		"sep=;\n":                     "header row",
		"\xef\xbb\xbf":                "header row",
	} {
		if _, err := ReadCustomers(strings.NewReader(text), ImportOptions{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

func TestUnclosedQuoteSaysWhatItSwallowed(t *testing.T) {
	rows := func(lines ...string) string { return plainHeader + "\r\n" + strings.Join(lines, "\r\n") + "\r\n" }
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"to the end": {rows(id1+",\"Contoso,contoso.example", id2+",Good,good.example"), []string{`line 2: extraneous or missing " in quoted-field; nothing was read up to line 3`}},
		"up to the next quote": {
			"sep=,\r\n" + rows(id1+",\"Contoso,contoso.example", id2+",\"Good\",good.example", "x,\"two\r\nlines\",y.example"),
			[]string{
				`line 3: extraneous or missing " in quoted-field; nothing was read up to line 4`,
				`line 5, tenant_id: "x" is no tenant id (a GUID)`,
			},
		},
		"behind rows of several lines": {rows(id1+",\"a\r\nb\r\nc\",x.example", "\"\r\n\",\"\r\n\",z", id2+",Good,good.example"), []string{
			`line 5, tenant_id: missing`, `line 5, company_name: missing`, `line 5, primary_domain: "z" is no domain such as contoso.example`,
		}},
		"a bare quote":      {rows(id1+",Con\"toso,contoso.example", "x,Good,good.example"), []string{`line 2: bare " in non-quoted-field`, `line 3, tenant_id: "x" is no tenant id (a GUID)`}},
		"an invisible name": {rows(id1 + ",\u200b\u2060,contoso.example"), []string{"line 2, company_name: missing"}},
	} {
		read, err := ReadCustomers(strings.NewReader(c.text), ImportOptions{})
		var got []string
		for _, f := range read.Faults {
			got = append(got, f.Error())
		}
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %q (%v), want %q", name, got, err, c.want)
		}
	}
}

// many gives a file of n customers.
func many(n int) []byte {
	var b bytes.Buffer
	b.WriteString("tenant_id,company_name,primary_domain,custom_domains,country,cloud,relationship,timezone,support_language,calendar,status,subscriptions\n")
	for i := range n {
		fmt.Fprintf(&b, "%08x-0000-4000-8000-000000000001,\"Ёлка %d, Inc.\",obh%d.onmicrosoft.com,c%d.example;bücher%d.example,DE,global,direct,Europe/Berlin,de-de,de,active,azure|%08x-0000-4000-8000-000000000002|Azure plan|active\n", i+1, i, i, i, i, i+1)
	}
	return b.Bytes()
}

func TestAHundredThousandCustomersAreRead(t *testing.T) {
	if customers := readGood(t, string(many(100_000)), ImportOptions{}); len(customers) != 100_000 {
		t.Fatalf("%d customers", len(customers))
	}
}

func BenchmarkReadCustomers(b *testing.B) {
	text := many(10_000)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ReadCustomers(bytes.NewReader(text), ImportOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}

func TestCellsAreNoFormulas(t *testing.T) {
	for cell, want := range map[string]string{
		"=1+1": "'=1+1", "+49": "'+49", "-x": "'-x", "@SUM": "'@SUM", "\t=x": "'\t=x", "＝1": "'＝1", "  =x": "'  =x", "a=b": "a=b", "": "", "'x": "'x",
		"Foo;=1+1": "Foo;'=1+1", "a; @x;+y;z": "a;' @x;'+y;z", "\ufeff=x": "'\ufeff=x", "a, -b": "a, -b", "a;b": "a;b",
	} {
		if got := SafeCell(cell); got != want {
			t.Errorf("SafeCell(%q) = %q, want %q", cell, got, want)
		} else if back := unguard(got); cell != "'x" && back != cell {
			t.Errorf("%q comes back as %q", cell, back)
		}
	}
}

func FuzzReadCustomers(f *testing.F) {
	f.Add(plainHeader + "\n" + id1 + ",=Contoso,contoso.example\n")
	f.Add("\xef\xbb\xbftenant_id;company_name;primary_domain;subscriptions\r\n" + id1 + ";\"a\"\"b\";x.example;\"azure|" + id2 + "|n|active|qty=2\"")
	f.Add(plainHeader + ",cloud,timezone\n" + id1 + ",x,y.example,usgov,Europe/Berlin\n" + id1 + ",x,y.example,,\n")
	f.Fuzz(func(t *testing.T, text string) {
		read, err := ReadCustomers(strings.NewReader(text), ImportOptions{})
		if err != nil {
			return
		}
		ids := map[string]bool{}
		for _, c := range read.Customers {
			if _, ok := ParseGUID(c.TenantID); !ok || ids[c.TenantID] {
				t.Fatalf("tenant id %q", c.TenantID)
			}
			ids[c.TenantID] = true
			if domain, ok := ParseDomain(c.PrimaryDomain); !ok || domain != c.PrimaryDomain {
				t.Fatalf("domain %q", c.PrimaryDomain)
			}
			if c.Name == "" || !utf8.ValidString(c.Name) || strings.ContainsAny(c.Name, "\r\n\x00") {
				t.Fatalf("name %q", c.Name)
			}
			if _, err := time.LoadLocation(c.Zone); err != nil {
				t.Fatalf("zone %q", c.Zone)
			}
		}
		for _, fault := range read.Faults {
			if fault.Line < 1 || fault.Line > strings.Count(text, "\n")+strings.Count(text, "\r")+1 {
				t.Fatalf("fault %v in a text of fewer lines", fault)
			}
		}
		var out bytes.Buffer
		if err := WriteCustomers(&out, slices.Values(read.Customers)); err != nil {
			t.Fatal(err)
		}
		again, err := ReadCustomers(&out, ImportOptions{})
		if err != nil || len(again.Faults) > 0 || fmt.Sprint(again.Customers) != fmt.Sprint(read.Customers) {
			t.Fatalf("came back as %v, not %v (%v)", again, read.Customers, err)
		}
	})
}
