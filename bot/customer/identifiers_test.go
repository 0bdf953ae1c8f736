package customer

import (
	"strings"
	"testing"
)

func TestGUIDs(t *testing.T) {
	for typed, want := range map[string]string{
		"06bfd9d3-516b-d5c6-5802-169c800dec89":     "06bfd9d3-516b-d5c6-5802-169c800dec89", // not version 4
		"{3CEAAF30-8142-48EA-91D9-3080F9B439FC}":   "3ceaaf30-8142-48ea-91d9-3080f9b439fc",
		" 3ceaaf30-8142-48ea-91d9-3080f9b439fc \n": "3ceaaf30-8142-48ea-91d9-3080f9b439fc",
	} {
		if got, ok := ParseGUID(typed); !ok || got != want {
			t.Errorf("ParseGUID(%q) = %q, %v, want %q", typed, got, ok, want)
		}
	}
	for _, typed := range []string{
		"00000000-0000-0000-0000-000000000000", "3ceaaf30814248ea91d93080f9b439fc", "3ceaaf30-8142-48ea-91d9-3080f9b439fg",
		"3ceaaf30-8142-48ea-91d9-3080f9b439f", "", "3ceaaf30-8142-48ea-91d9-3080f9b439fc x",
	} {
		if got, ok := ParseGUID(typed); ok {
			t.Errorf("ParseGUID(%q) = %q, want none", typed, got)
		}
	}
}

func TestDomains(t *testing.T) {
	for typed, want := range map[string]string{
		"Contoso.OnMicrosoft.com": "contoso.onmicrosoft.com", "bücher.example": "xn--bcher-kva.example",
		"BÜCHER.example": "xn--bcher-kva.example", "contoso。example": "contoso.example",
	} {
		if got, ok := ParseDomain(typed); !ok || got != want {
			t.Errorf("ParseDomain(%q) = %q, %v, want %q", typed, got, ok, want)
		}
	}
	for _, typed := range []string{
		"https://contoso.example/", "-bad.example", "bad-.example", "a..example", "localhost", "contoso.example:443",
		"contoso.example/path", "a@contoso.example", "10.0.0.1", "con toso.example", ".", "", strings.Repeat("a", 64) + ".example",
		strings.Repeat("abcdefgh.", 30) + "example", "under_score.example", "contoso.example.",
	} {
		if got, ok := ParseDomain(typed); ok {
			t.Errorf("ParseDomain(%q) = %q, want none", typed, got)
		}
	}
}

func TestDomainsAreShownAsPeopleWriteThem(t *testing.T) {
	for ascii, want := range map[string]string{
		"xn--bcher-kva.example": "bücher.example", "mail.xn--bcher-kva.example": "mail.bücher.example", "contoso.example": "contoso.example",
		"xn--.example": "xn--.example", "": "",
	} {
		if got := UnicodeDomain(ascii); got != want {
			t.Errorf("UnicodeDomain(%q) = %q, want %q", ascii, got, want)
		}
	}
}
