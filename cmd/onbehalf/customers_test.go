package main

import (
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // for what no store would do

	"onbehalf/bot/customer"
	"onbehalf/bot/request"
	"onbehalf/bot/store/storetest"
)

// statement does to a database what the program never would.
func statement(t testing.TB, address, text string) {
	t.Helper()
	db := opened(t, address)
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), text); err != nil {
		t.Fatal(err)
	}
}

// opened is a database without the store.
func opened(t testing.TB, address string) *sql.DB {
	t.Helper()
	driver, source := "sqlite", strings.TrimPrefix(address, "sqlite:")+"?_pragma=busy_timeout(30000)"
	if u, err := url.Parse(address); err == nil && u.Scheme == "postgres" {
		driver, source = "pgx", address
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// written makes a file with this content.
func written(t testing.TB, name, content string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

const (
	contosoID  = "3ceaaf30-8142-48ea-91d9-3080f9b439fc"
	fabrikamID = "7e02ff05-b7c1-4ce2-bf76-95f56fced11d"
)

func TestCustomersAreImportedListedAndUpdated(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, address string) {
		t.Setenv("DATABASE_URL", address)
		first := written(t, "customers.csv", "\xef\xbb\xbfprimary_domain;tenant_id;company_name;timezone\r\n"+
			"contoso.example;"+contosoID+";\"Contoso; \"\"Ltd\"\"\";Europe/Berlin\r\n")
		command(t, "customers", "import", first).done(t, "1 added, 0 updated, 0 bad rows skipped")
		command(t, "customers", "list").done(t, contosoID, `Contoso; "Ltd"`, "contoso.example", "Europe/Berlin")

		second := written(t, "more.csv", "tenant_id,company_name,primary_domain,status\n"+
			contosoID+",Contoso AG,contoso.example,left\n"+fabrikamID+",\"Fabrikam\nInc\x1b[31m\",fabrikam.example,\n")
		command(t, "customers", "import", second).done(t, "1 added, 1 updated")
		got := command(t, "customers", "list")
		got.done(t, "Contoso AG", "left", "Fabrikam Inc")
		if lines := strings.Count(got.out, "\n"); lines != 3 || strings.Contains(got.out, "\x1b") {
			t.Errorf("%d lines:\n%q", lines, got.out)
		}
	})
}

func TestImportingTwiceChangesNothingAndSaysSo(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, address string) {
		t.Setenv("DATABASE_URL", address)
		command(t, "customers", "import", "sample/customers.csv").done(t, "60 added, 0 updated")
		listed := command(t, "customers", "list", "--csv")
		command(t, "customers", "import", "sample/customers.csv").done(t, "0 added, 0 updated, 0 bad rows skipped, 60 unchanged; everything was so before")
		if again := command(t, "customers", "list", "--csv"); again.out != listed.out {
			t.Error("the second import changed something")
		}
	})
}

func TestPartnerCentersExportKeepsWhatItDoesNotSpeakOf(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, address string) {
		t.Setenv("DATABASE_URL", address)
		command(t, "customers", "import", "sample/customers.csv").done(t)
		export := written(t, "Customers.csv", "\xef\xbb\xbfMicrosoft ID,Company name,Primary domain name,Relationship,Tags\r\n"+
			strings.ToUpper(contosoID)+",Contoso Group,obhcontoso.onmicrosoft.com,Cloud Reseller,\r\n"+
			"9c7c1f5e-6f0d-4a55-9c1e-0f1b6d2a7e03,\"Tailspin Toys, Inc.\",tailspintoys.onmicrosoft.com,Cloud Reseller,\r\n")
		dry := command(t, "customers", "import", "--dry-run", "--complete", export)
		dry.done(t, "left out: Relationship, Tags", "the file has no cloud (global), timezone (UTC)", "add     9c7c1f5e-", `company_name "Contoso Ltd" becomes "Contoso Group"`,
			"left    ", "1 would be added, 1 would be updated, 0 bad rows skipped, 58 would be marked as left, 0 unchanged; nothing was changed")
		if listed := command(t, "customers", "list"); strings.Contains(listed.out, "Contoso Group") || strings.Contains(listed.out, "Tailspin Toys, Inc.") {
			t.Error("a dry run changed something")
		}
		own := "--partner-tenants=" + fabrikamID
		command(t, "customers", "import", "--complete", own, export).done(t, "1 added, 1 updated, 0 bad rows skipped, 57 marked as left, 0 unchanged")
		listed := command(t, "customers", "list")
		for _, line := range strings.Split(listed.out, "\n") {
			switch {
			case strings.HasPrefix(line, contosoID):
				if !strings.Contains(line, "Contoso Group") || !strings.Contains(line, "America/Los_Angeles") || !strings.Contains(line, "active") {
					t.Errorf("what the file does not speak of is lost: %s", line)
				}
			case strings.HasPrefix(line, fabrikamID):
				if strings.Contains(line, "left") {
					t.Errorf("the partner's own tenant has left: %s", line)
				}
			}
		}
		command(t, "customers", "import", "sample/customers.csv").done(t, "0 added, 58 updated") // they are back
	})
}

func TestACompleteFileMustBeWhole(t *testing.T) {
	t.Setenv("DATABASE_URL", storetest.EmptySQLite(t))
	command(t, "customers", "import", "sample/customers.csv").done(t)
	bad := written(t, "bad.csv", "tenant_id,company_name,primary_domain\nme,Contoso,contoso.example\n"+contosoID+",Contoso Ltd,obhcontoso.onmicrosoft.com\n")
	if got := command(t, "customers", "import", "--complete", "--skip-bad", bad); got.status != exitFailed || !strings.Contains(got.err, "has not left") {
		t.Errorf("status %d: %s", got.status, got.err)
	}
	command(t, "customers", "import", "--complete", written(t, "none.csv", "tenant_id,company_name,primary_domain\n")).fails(t, exitFailed, "no customers")
	command(t, "customers", "import", "sample/customers.csv").done(t, "60 unchanged")
}

func TestADryRunMakesNoDatabase(t *testing.T) {
	file := filepath.Join(t.TempDir(), "none.db")
	t.Setenv("DATABASE_URL", "sqlite:"+file)
	command(t, "customers", "import", "--dry-run", "sample/customers.csv").done(t, "60 would be added")
	if _, err := os.Stat(file); err == nil {
		t.Error("a database was made")
	}
}

func TestListedCustomersCanBeImportedAgain(t *testing.T) {
	t.Setenv("DATABASE_URL", "sqlite:"+filepath.Join(t.TempDir(), "first.db"))
	command(t, "customers", "import", "../../bot/customer/testdata/customers.csv").done(t, "60 added")
	listed := command(t, "customers", "list", "--csv")
	listed.done(t, "tenant_id", "'=Fourth Coffee")
	t.Setenv("DATABASE_URL", "sqlite:"+filepath.Join(t.TempDir(), "second.db"))
	command(t, "customers", "import", written(t, "listed.csv", listed.out)).done(t, "60 added")
	if again := command(t, "customers", "list", "--csv"); again.out != listed.out {
		t.Error("the second database lists other customers than the first")
	}
}

func TestABadRowKeepsAllOut(t *testing.T) {
	t.Setenv("DATABASE_URL", storetest.EmptySQLite(t))
	file := written(t, "customers.csv", "tenant_id,company_name,primary_domain,timezone\n"+
		contosoID+",Contoso,contoso.example,Europe/Berlin\n"+
		"me,Fabrikam,fabrikam.example,\n"+
		"\n"+
		fabrikamID+",\"Fabrikam\nInc\",not a domain,Moon/Sea\n")
	got := command(t, "customers", "import", file)
	if got.status != exitFailed || !strings.Contains(got.err, "nothing was imported") {
		t.Errorf("status %d: %s", got.status, got.err)
	}
	for _, want := range []string{file + ": line 3, tenant_id:", file + ": line 5, primary_domain:", file + ": line 5, timezone:"} {
		if !strings.Contains(got.err, want) {
			t.Errorf("%q is not in:\n%s", want, got.err)
		}
	}
	if listed := command(t, "customers", "list"); strings.Contains(listed.out, "Contoso") {
		t.Errorf("imported all the same:\n%s", listed.out)
	}

	got = command(t, "customers", "import", "--skip-bad", file)
	if got.status != exitDone || !strings.Contains(got.out, "1 added, 0 updated, 2 bad rows skipped") || !strings.Contains(got.err, "line 3") {
		t.Errorf("status %d: %s%s", got.status, got.out, got.err)
	}
	command(t, "customers", "list").done(t, "Contoso")
}

func TestAFileThatIsNoTableOfCustomersIsRefused(t *testing.T) {
	t.Setenv("DATABASE_URL", storetest.EmptySQLite(t))
	for content, want := range map[string]string{
		"": "empty", "\xff\xfet\x00": "UTF-16", "tenant_id,company_name\n": "primary_domain",
		"tenant_id,company_name,primary_domain,primary_domain\n": "primary_domain",
	} {
		command(t, "customers", "import", "--skip-bad", written(t, "customers.csv", content)).fails(t, exitFailed, want)
	}
}

func TestTheSampleCustomersAreGood(t *testing.T) {
	t.Setenv("DATABASE_URL", storetest.EmptySQLite(t))
	command(t, "customers", "import", "sample/customers.csv").done(t, " 0 bad rows skipped")
}

func TestReportIsCSV(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, address string) {
		t.Setenv("DATABASE_URL", address)
		command(t, "report", "--from=2026-11-16", "--to=2026-11-22").done(t, "of,key,name,opened,", "\nall,,,0,")
		st := storetest.Open(t, address)
		monday := time.Date(2026, 11, 16, 0, 30, 0, 0, time.UTC)
		for i, at := range []time.Time{monday, monday.Add(7*24*time.Hour - time.Hour), monday.Add(7 * 24 * time.Hour)} {
			one := &request.Ticket{
				Form: fmt.Sprint(i), Status: request.Open, Kind: request.Technical, Severity: []request.Severity{"A", "B", "C"}[i], OpenedAt: at, UpdatedAt: at,
				Customer: customer.Customer{TenantID: contosoID, Name: "=cmd|' /C calc'!A0"},
			}
			if err := st.InTx(t.Context(), func(tx request.Tx) error { return tx.InsertTicket(t.Context(), one) }); err != nil {
				t.Fatal(err)
			}
		}
		got := command(t, "report", "--from=2026-11-16", "--to=2026-11-22")
		got.done(t, "all,,,2,", "severity,A,,1,", "severity,B,,1,", "severity,C,,0,", "'=cmd|")
		if strings.Contains(got.out, "\n=") || strings.Contains(got.out, ",=") {
			t.Errorf("a formula gets out:\n%s", got.out)
		}
		command(t, "report", "--from=2026-11-16", "--to=2026-11-22", "--zone=America/Los_Angeles").
			done(t, "all,,,2,", "severity,A,,0,", "severity,B,,1,", "severity,C,,1,")
	})
}

// BenchmarkImport is the import of 100,000 customers, as a whole.
func BenchmarkImport(b *testing.B) {
	const rows = 100_000
	var text strings.Builder
	text.WriteString("tenant_id,company_name,primary_domain,custom_domains,country,timezone,subscriptions\n")
	for i := range rows {
		fmt.Fprintf(&text, "%08x-8142-48ea-91d9-3080f9b439fc,Customer %d GmbH,c%d.example,www.c%d.example;mail.c%d.example,DE,Europe/Berlin,azure|%08x-ab13-4fae-a276-55daa05f1119|Azure plan|active\n", i, i, i, i, i, i)
	}
	file := written(b, "customers.csv", text.String())
	for name, address := range map[string]func(testing.TB) string{"sqlite": storetest.SQLite, "postgres": storetest.Postgres} {
		if name == "postgres" && os.Getenv(storetest.Variable) == "" {
			continue
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				var out, errOut strings.Builder
				if status := run(b.Context(), []string{"customers", "import", file, "--database-url=" + address(b)}, &out, &errOut); status != exitDone {
					b.Fatal(errOut.String())
				}
			}
			b.ReportMetric(rows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
