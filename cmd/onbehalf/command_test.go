package main

import (
	"archive/zip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"onbehalf/bot/store/storetest"
	"onbehalf/bot/teams/teamstest"
)

func TestEveryCommandExplainsItself(t *testing.T) {
	for _, name := range []string{"", "demo", "serve", "migrate", "customers", "customers import", "customers list", "customers sync", "sla", "sla due", "report", "export", "backup", "restore", "manifest", "doctor", "docs", "version"} {
		command(t, append(strings.Fields(name), "--help")...).done(t, "Usage: onbehalf "+name)
	}
	flags := map[string][]string{
		"demo": {"--fresh", "--no-playground"}, "customers import": {"<file.csv>", "--skip-bad"}, "report": {"--from", "--to"}, "manifest": {"-o,"},
		"sla due": {"--severity", "--kind", "--language", "--calendar", "--opened"},
		"serve":   {"--listen-addr", "LISTEN_ADDR", "--microsoft-app-password-file", "--teams-tenant-rate"},
	}
	for name, wants := range flags {
		command(t, append(strings.Fields(name), "--help")...).done(t, wants...)
	}
}

func TestWrongUsageIsStatusTwo(t *testing.T) {
	opened := "--opened=2026-11-24T16:00:00+01:00"
	for _, c := range []struct{ line, want string }{
		{"", "expected one of"},
		{"nonsense", "nonsense"},
		{"serve --nonsense", "--nonsense"},
		{"serve now", "now"},
		{"customers", "import"},
		{"customers import", "file.csv"},
		{"sla due --severity A", "--opened"},
		{"sla due --severity A --opened yesterday", "offset"},
		{"sla due --severity A --opened 2026-11-24T16:00:00", "offset"},
		{"sla due --severity D " + opened, "noncritical"},
		{"sla due " + opened, "--severity"},
		{"sla due --severity A --kind broken " + opened, "--kind"},
		{"sla due --severity A --kind billing " + opened, "only technical requests have a severity"},
		{"sla due --severity A --calendar nope " + opened, "did you mean"},
		{"sla due --severity A --calendar dee " + opened, "did you mean de?"},
		{"sla due --severity A --language germn " + opened, "did you mean german (de)?"},
		{"sla due --severity A --zone Europe/Berln " + opened, "did you mean Europe/Berlin?"},
		{"sla due --severity A --clock microsoft " + opened, "--clock"},
		{"report --from 2026-11-16", "--to"},
		{"report --from 16.11.2026 --to 2026-11-22", "--from"},
		{"report --from 2026-11-22 --to 2026-11-16", "before"},
		{"report --from 2026-11-16 --to 2026-11-31", "--to"},
		{"report --from 2026-11-16 --to 2026-11-22 --zone Berlin", "--zone"},
		{"export", "--output"},
		{"export -o x.jsonl --closed-before yesterday", "--closed-before"},
		{"export -o x.jsonl --closed-before 2026-01-01 --zone Berlin", "--zone"},
		{"manifest", "--output"},
		{"demo --port many", "--port"},
		{"docs holidays", "there are administrator, customers"},
	} {
		t.Run(c.line, func(t *testing.T) { command(t, strings.Fields(c.line)...).fails(t, exitUsage, c.want) })
	}
}

func TestFailuresAreOneLineAndStatusOne(t *testing.T) {
	dir := t.TempDir()
	junk := filepath.Join(dir, "junk.db")
	if err := os.WriteFile(junk, []byte(strings.Repeat("no database at all ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	policy := filepath.Join(dir, "policy.yaml")
	if err := os.WriteFile(policy, []byte("english: wall\ntargets: {}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	sqlite := "--database-url=sqlite:" + filepath.Join(dir, "new.db")
	for _, c := range []struct {
		line  string
		wants []string
	}{
		{"migrate --database-url mysql://x", []string{"sqlite:"}},
		{"migrate --database-url sqlite:" + filepath.Join(dir, "no", "such", "folder.db"), []string{"folder", "create it"}},
		{"migrate --database-url sqlite:" + junk, []string{"not a SQLite database"}},
		{"migrate --database-url postgres://nobody:secret@127.0.0.1:1/x", []string{"can't be reached"}},
		{"serve --listen-addr=127.0.0.1:0 --database-url sqlite:" + junk, []string{"not a SQLite database"}},
		{"serve --listen-addr=192.0.2.1:80 --microsoft-app-id=" + appID + " --microsoft-app-password=x --microsoft-app-tenant-id=" + tenant + " " + sqlite, []string{"LISTEN_ADDR", "of this machine"}},
		{"serve --listen-addr=127.0.0.1:0 " + sqlite + " --sla-policy=" + policy, []string{policy + ":2", "targets"}},
		{"serve --listen-addr=127.0.0.1:0 " + sqlite + " --sla-policy=" + filepath.Join(dir, "none.yaml"), []string{"none.yaml"}},
		{"sla due --severity A --opened 2026-11-24T16:00:00+01:00 --sla-policy=" + policy, []string{"targets"}},
		{"customers import " + filepath.Join(dir, "none.csv"), []string{"none.csv"}},
		{"manifest -o " + filepath.Join(dir, "app.zip"), []string{"MICROSOFT_APP_ID"}},
		{"manifest --microsoft-app-id=me -o " + filepath.Join(dir, "app.zip"), []string{"GUID"}},
		{"manifest --microsoft-app-id=" + appID + " -o " + filepath.Join(dir, "no", "app.zip"), []string{"app.zip"}},
		{"manifest --microsoft-app-id=" + appID + " --website=http://x --version=1 -o " + filepath.Join(dir, "app.zip"), []string{"website", "version"}},
	} {
		t.Run(c.line, func(t *testing.T) {
			got := command(t, strings.Fields(c.line)...)
			got.fails(t, exitFailed, c.wants...)
			if strings.Contains(got.err, "secret") {
				t.Errorf("the password is told: %s", got.err)
			}
		})
	}
	if _, err := os.Stat(filepath.Join(dir, "app.zip")); err == nil {
		t.Error("a package was written that Teams would refuse")
	}
}

func TestAllProblemsWithTheSettingsAreToldAtOnce(t *testing.T) {
	t.Setenv("CLOUD", "moon")
	t.Setenv("LOG_LEVEL", "loud")
	t.Setenv("LEADS", "ines")
	command(t, "serve", "--teams-tenant-rate=fast", "--listen-addr=:3978").
		fails(t, exitFailed, "CLOUD", "LOG_LEVEL", "LEADS", "TEAMS_TENANT_RATE", "LISTEN_ADDR")
}

func TestAFlagWinsOverTheEnvironment(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("DATABASE_URL", "sqlite:"+filepath.Join(dir, "environment.db"))
	t.Setenv("CLOUD", "")
	command(t, "migrate", "--database-url=sqlite:"+filepath.Join(dir, "flag.db")).done(t, "up to date")
	if made, err := filepath.Glob(filepath.Join(dir, "*.db")); err != nil || len(made) != 1 || filepath.Base(made[0]) != "flag.db" {
		t.Errorf("made %v, %v", made, err)
	}
	command(t, "customers", "list").done(t, "TENANT") // the environment's own is another one
	if _, err := os.Stat(filepath.Join(dir, "environment.db")); err != nil {
		t.Error(err)
	}
	t.Setenv("LEADS", "somebody")
	command(t, "doctor", "--leads=").done(t, "ok    configuration") // set to nothing is set
}

func TestAVariableThatIsSetToNothingIsNotSet(t *testing.T) {
	for _, name := range []string{"LISTEN_ADDR", "DATABASE_URL", "MICROSOFT_APP_ID", "MICROSOFT_APP_TYPE", "CLOUD", "TEAMS_TENANT_RATE", "LOG_LEVEL", "LOG_FORMAT"} {
		t.Setenv(name, "")
	}
	t.Chdir(t.TempDir())
	command(t, "migrate").done(t)
	command(t, "doctor").done(t, "ok    configuration")
	if _, err := os.Stat("onbehalf.db"); err != nil {
		t.Error(err)
	}
}

func TestTheAppIDIsComparedInLowerCase(t *testing.T) {
	s := plain()
	s.AppID, s.AppPassword, s.AppTenant = strings.ToUpper(appID), "secret", strings.ToUpper(tenant)
	c, err := s.config()
	if err != nil {
		t.Fatal(err)
	}
	if c.AppID != appID || c.PartnerTenants[0] != tenant {
		t.Errorf("app id %s, tenants %s", c.AppID, c.PartnerTenants)
	}
}

func TestMigrateTwiceAndNeverBack(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		for range 2 {
			command(t, "migrate", "--database-url="+url).done(t, "up to date")
		}
		statement(t, url, "insert into goose_db_version (version_id, is_applied) values (99999, true)")
		for _, name := range []string{"migrate", "serve --listen-addr=127.0.0.1:0", "customers list"} {
			command(t, append(strings.Fields(name), "--database-url="+url)...).fails(t, exitFailed, "newer than this program", "99999")
		}
	})
}

func TestAnAddressInUseIsSaidBeforeTheDatabaseIsTouched(t *testing.T) {
	dir := t.TempDir()
	first := serving(t, map[string]string{"DATABASE_URL": "sqlite:" + filepath.Join(dir, "first.db")})
	taken := strings.TrimPrefix(first.URL, "http://")
	second := "--database-url=sqlite:" + filepath.Join(dir, "second.db")
	var held []string // elsewhere it is not known by whom
	if runtime.GOOS == "linux" {
		held = []string{filepath.Base(os.Args[0]) + " serve (process " + strconv.Itoa(first.cmd.Process.Pid) + ")"}
	}
	command(t, "serve", "--listen-addr="+taken, second).fails(t, exitFailed, append([]string{"LISTEN_ADDR", "in use by "}, held...)...)
	command(t, "serve", "--listen-addr=127.0.0.1:0", "--admin-addr="+taken, second).fails(t, exitFailed, append([]string{"ADMIN_ADDR", "in use by "}, held...)...)
	if _, err := os.Stat(filepath.Join(dir, "second.db")); err == nil {
		t.Error("a database was made by a program that can't serve it")
	}
}

func TestManifestIsAZipOfTheRegistration(t *testing.T) {
	file := filepath.Join(t.TempDir(), "app.zip")
	command(t, "manifest", "-o", file, "--microsoft-app-id="+appID, "--developer=Nordwind", "--version=2.0.1", "--website=https://nordwind.example").
		done(t, file, "NOT READY", "--privacy, --terms still lead to https://example.org")
	ready := command(t, "manifest", "-o", file, "--microsoft-app-id="+appID, "--developer=Nordwind", "--version=2.0.1",
		"--website=https://nordwind.example", "--privacy=https://nordwind.example/privacy", "--terms=https://nordwind.example/terms")
	if ready.done(t, "upload it"); strings.Contains(ready.out, "NOT READY") {
		t.Error(ready.out)
	}
	z, err := zip.OpenReader(file)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	var names []string
	for _, f := range z.File {
		names = append(names, f.Name)
	}
	if got := fmt.Sprint(names); got != "[manifest.json color.png outline.png ru.json de.json]" {
		t.Errorf("the package holds %s", got)
	}
	r, err := z.File[0].Open()
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	var m struct {
		ID, Version string
		Bots        []struct{ BotID string }
	}
	if err := json.Unmarshal(text, &m); err != nil || m.ID != appID || m.Version != "2.0.1" || m.Bots[0].BotID != appID {
		t.Errorf("%+v, %v", m, err)
	}
}

func TestThePackageHasTheVersionOfTheBuild(t *testing.T) {
	for version, want := range map[string]string{
		"v1.4.2": "1.4.2", "v1.4.3-0.20261128083054-f55c1bf4e1a2": "1.4.3", "v1.4.2+dirty": "1.4.2", "v1.4.3-0.20261128083054-f55c1bf4e1a2+dirty": "1.4.3",
		"v0.0.0-20261128083054-f55c1bf4e1a2": "", "(devel)": "", "": "",
	} {
		if got := releaseOf(version); got != want {
			t.Errorf("%q is version %q, want %q", version, got, want)
		}
	}
}

// TestDoctorComparesAPackageWithTheBot: a package that was uploaded before the bot got
// another address, or its program another release, is named as what it is.
func TestDoctorComparesAPackageWithTheBot(t *testing.T) {
	fake := teamstest.New(t)
	dir := t.TempDir()
	command(t, "migrate", "--database-url=sqlite:"+filepath.Join(dir, "desk.db")).done(t)
	for name, value := range with(fake.Env(), "DATABASE_URL", "sqlite:"+filepath.Join(dir, "desk.db")) {
		t.Setenv(name, value)
	}
	file, pages := filepath.Join(dir, "app.zip"), []string{"--website=https://n.example", "--privacy=https://n.example/p", "--terms=https://n.example/t"}
	for _, kind := range [][]string{nil, {"--compatible"}} {
		command(t, append(append([]string{"manifest", "-o", file, "--version=1.2.3", "--developer=Nordwind"}, pages...), kind...)...).done(t, "upload it")
		command(t, "doctor", "--package="+file).done(t, "ok    package file "+file+", version 1.2.3", "all is well")
		command(t, "doctor", "--package="+file, "--public-url=https://desk.nordwind.example/").fails(t, exitFailed, "must be mended")
	}
	t.Setenv("PUBLIC_URL", "https://desk.nordwind.example")
	differs := command(t, "doctor", "--package="+file)
	for _, want := range []string{"MEND  package file: manifest.json: composeExtensions[0].messageHandlers is missing", "desk.nordwind.example", "--version above 1.2.3"} {
		if !strings.Contains(differs.out, want) {
			t.Errorf("%q is not said:\n%s", want, differs.out)
		}
	}
	command(t, "manifest", "-o", file).done(t, "NOT READY")
	if out := command(t, "doctor", "--package="+file).out; !strings.Contains(out, "still lead to https://example.org") {
		t.Errorf("placeholders are well:\n%s", out)
	}
	for _, gone := range []string{filepath.Join(dir, "none.zip"), filepath.Join(dir, "desk.db")} {
		if out := command(t, "doctor", "--package="+gone).out; !strings.Contains(out, "MEND  package file") {
			t.Errorf("%s is well:\n%s", gone, out)
		}
	}
}

func TestDoctor(t *testing.T) {
	fake := teamstest.New(t)
	dir := t.TempDir()
	url := "sqlite:" + filepath.Join(dir, "desk.db")
	command(t, "migrate", "--database-url="+url).done(t)
	for name, value := range with(fake.Env(), "DATABASE_URL", url) {
		t.Setenv(name, value)
	}
	healthy := command(t, "doctor")
	healthy.done(t, "ok    configuration", "ok    database", "ok    policy built in", "ok    signing keys "+fake.MetadataURL(), "ok    token endpoint "+fake.LoginURL(), "ok    package", "ok    conversations", "ok    customers", "\n\nall is well\n")
	if lines := strings.Count(healthy.out, "\n"); lines > 16 {
		t.Errorf("%d lines hide the verdict:\n%s", lines, healthy.out)
	}
	if strings.Contains(healthy.out, "MEND") || strings.Contains(healthy.out, "the next seven days") || strings.Contains(healthy.out, teamstest.Password) {
		t.Errorf("a healthy bot:\n%s", healthy.out)
	}

	calendars := filepath.Join(dir, "policy.yaml")
	if err := os.WriteFile(calendars, []byte("calendars:\n  office:\n    zone: Europe/Berlin\n    hours: {mon-fri: [\"09:00-12:30\", \"13:00-24:00\"]}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	command(t, "doctor", "--calendars", "--sla-policy="+calendars).done(t, "the next seven days", "ok    policy "+calendars, "office (Europe/Berlin)", "09:00-12:30, 13:00-24:00", "\n\nall is well\n")
	command(t, "doctor", "--desk-conversation=19:abc_1@thread.tacv2", "--escalation-conversation=a:1xY-_z").done(t, "ok    conversations")

	orphans := written(t, "customers.csv", "tenant_id,company_name,primary_domain,calendar\n"+contosoID+",Contoso,contoso.example,office\n"+fabrikamID+",Fabrikam,fabrikam.example,de\n")
	command(t, "customers", "import", "--sla-policy="+calendars, orphans).done(t)
	if got := command(t, "doctor"); got.status != exitFailed || !strings.Contains(got.out, "MEND  customers: the policy has no calendar for Contoso (office): they get Mon-Fri 09-17") {
		t.Errorf("a calendar that is gone:\n%s", got.out)
	}
	command(t, "customers", "import", "sample/customers.csv").done(t)

	for what, c := range map[string]struct{ flag, mend string }{
		"configuration":      {"--leads=ines", "MEND  configuration: LEADS"},
		"conversations":      {"--desk-conversation=foo", "MEND  conversations: DESK_CONVERSATION is \"foo\", which is no conversation's id such as 19:…@thread.tacv2"},
		"database missing":   {"--database-url=sqlite:" + filepath.Join(dir, "none.db"), "MEND  database: " + filepath.Join(dir, "none.db") + " does not exist yet: run onbehalf migrate"},
		"database elsewhere": {"--database-url=postgres://x@127.0.0.1:1/x", "MEND  database: PostgreSQL at 127.0.0.1:1 can't be reached"},
		"policy":             {"--sla-policy=" + filepath.Join(dir, "none.yaml"), "MEND  policy:"},
		"signing keys":       {"--to-bot-from-channel-openid-metadata-url=" + fake.LoginURL(), "MEND  signing keys:"},
		"token endpoint":     {"--to-channel-from-bot-login-url=" + fake.MetadataURL(), "MEND  token endpoint:"},
		"password":           {"--microsoft-app-password=hunter2", "MEND  token endpoint:"},
		"cloud":              {"--cloud=moon", "MEND  configuration: CLOUD"},
		"package":            {"--microsoft-app-id=me", "MEND  package:"},
	} {
		t.Run(what, func(t *testing.T) {
			got := command(t, "doctor", c.flag)
			got.fails(t, exitFailed, "must be mended")
			if !strings.Contains(got.out, c.mend) {
				t.Errorf("no %q in:\n%s", c.mend, got.out)
			}
			if strings.Contains(got.out, "hunter2") {
				t.Errorf("the password is told:\n%s", got.out)
			}
		})
	}
	if _, err := os.Stat(filepath.Join(dir, "none.db")); err == nil {
		t.Error("the doctor made a database")
	}
	empty := filepath.Join(dir, "empty.db")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := command(t, "doctor", "--database-url=sqlite:"+empty); !strings.Contains(got.out, "MEND  database: the database is older than this program: it is empty; run onbehalf migrate") {
		t.Errorf("an empty database:\n%s", got.out)
	}
	statement(t, url, "insert into goose_db_version (version_id, is_applied) values (99999, 1)")
	if got := command(t, "doctor"); !strings.Contains(got.out, "MEND  database: the database is newer") {
		t.Errorf("a newer database:\n%s", got.out)
	}
}
