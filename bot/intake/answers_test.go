package intake

import (
	"strings"
	"testing"
	"unicode/utf8"

	"onbehalf/bot/request"
)

func TestLimitsCountCharacters(t *testing.T) {
	a := Answers{}
	a.Set("title", strings.Repeat("я", 250))
	if len(a.Cut) != 0 || a.Title != strings.Repeat("я", 250) {
		t.Fatalf("250 characters are fine, but %v were cut", a.Cut)
	}
	a.Set("title", strings.Repeat("я", 250)+"🍀!")
	if a.Title != strings.Repeat("я", 250) || a.Cut["title"] != 2 {
		t.Fatalf("kept %d characters, cut %v", utf8.RuneCountInString(a.Title), a.Cut)
	}
	check := checkForm(a, nil)
	var found request.Problem
	for _, p := range check.Problems {
		if p.Field == "title" {
			found = p
		}
	}
	if found.Code != "too_long" || found.Args["limit"] != 250 || found.Args["length"] != 252 || found.Args["cut"] != 2 {
		t.Errorf("problem of a title that was cut: %+v", found)
	}
	a.Set("title", a.Title) // the form comes back with what was kept
	for _, p := range checkForm(a, nil).Problems {
		if p.Field == "title" {
			t.Errorf("the title that was kept is refused again: %+v", p)
		}
	}
}

func TestLinesOfBlanksDoNotFillTheForm(t *testing.T) {
	a := Answers{}
	a.Set("description", strings.Repeat(" \x00", 100_000)+"x")
	if a.Description != "x" {
		t.Errorf("kept %d bytes", len(a.Description))
	}
}

func TestSecretsAreFoundWithTheirLine(t *testing.T) {
	for text, want := range map[string]struct {
		code string
		line int
	}{
		"Since 21 Nov the VPN drops.\nPre-shared key Kx7!pQ2z…\nTried: new gateway": {"secret_password", 2},
		"password: Sommer2026":                                                {"secret_password", 1},
		"Das Kennwort lautet Geheim!99":                                       {"secret_password", 1},
		"a\nb\nпароль: Qwerty12":                                              {"secret_password", 3},
		"pwd=hunter2hunter2":                                                  {"secret_password", 1},
		"-----BEGIN RSA PRIVATE KEY-----":                                     {"secret_key", 1},
		"AccountKey=abcdefghijklmnopqrstuvwxyz0123456==":                      {"secret_key", 1},
		"https://x.blob.example/c?sv=1&sig=abcdefghijklmnopqrstuvwx%3D":       {"secret_key", 1},
		"Authorization: Bearer eyJ0eXAiOiJKV1QiLCJh.eyJhdWQiOiJodHRwczov.abc": {"secret_key", 1},
		"card 4111 1111 1111 1111":                                            {"secret_card", 1},
		"x\n5500-0000-0000-0004 was charged":                                  {"secret_card", 2},
		"378282246310005":                                                     {"secret_card", 1},
	} {
		if code, line := findSecret(text); code != want.code || line != want.line {
			t.Errorf("findSecret(%q) = %q in line %d, want %q in line %d", text, code, line, want.code, want.line)
		}
	}
	for _, text := range []string{
		"Users must enter their password every few minutes", "password reset fails with AADSTS50126", "Password hash sync is stuck",
		"the password is expired", "Kennwort: vergessen", "password policy: see https://contoso.example/P4ssw0rd!",
		"case 2401150050001234 is ours", "4111 1111 1111 1112", "subscription 9dfb369b-ab13-4fae-a276-55daa05f1119",
		"error 0x80070005 at 2026-11-22T23:50:00Z", "SR 615112491169010", "IP 10.0.0.1, MAC 00-11-22-33-44-55", "", "pass-through authentication",
	} {
		if code, line := findSecret(text); code != "" {
			t.Errorf("findSecret(%q) = %q in line %d, want nothing", text, code, line)
		}
	}
}

func TestAnInputNeverKeepsMoreThanItsLimit(t *testing.T) {
	for _, in := range inputs {
		for _, typed := range []string{
			strings.Repeat("\xff", 3*in.limit), strings.Repeat("\xffa", in.limit), strings.Repeat("ä", 2*in.limit), strings.Repeat(" ", 2*in.limit) + "x",
			"a" + strings.Repeat("\u0301", 3*in.limit), strings.Repeat("\x00", 3*in.limit), strings.Repeat("é", in.limit),
		} {
			var a Answers
			a.Set(in.id, typed)
			if kept := a.Get(in.id); !utf8.ValidString(kept) || utf8.RuneCountInString(kept) > in.limit {
				t.Errorf("%s keeps %d characters of %d, %q…", in.id, utf8.RuneCountInString(kept), in.limit, typed[:4])
			}
		}
	}
}
