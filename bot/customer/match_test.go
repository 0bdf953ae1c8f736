package customer

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// called makes customers of names, each with a domain of its own.
func called(names ...string) []Customer {
	var all []Customer
	for i, name := range names {
		all = append(all, Customer{
			TenantID: fmt.Sprintf("%08x-0000-4000-8000-%012x", i+1, i+1), Name: name,
			PrimaryDomain: fmt.Sprintf("obh%d.onmicrosoft.com", i), CustomDomains: []string{fmt.Sprintf("customer-%d.example", i)}, Status: "active",
		})
	}
	return all
}

func namesOf(customers []Customer) string {
	var names []string
	for _, c := range customers {
		names = append(names, c.Name)
	}
	return strings.Join(names, " | ")
}

// TestNamesAsTheyAreTyped says of each name typed who is meant; what begins with "?" has
// to be asked.
func TestNamesAsTheyAreTyped(t *testing.T) {
	for _, desk := range []struct {
		customers []string
		typed     map[string]string
	}{
		{[]string{"Tailspin Toys, Inc.", "Tailspin Toys"}, map[string]string{
			"Tailspin Toys Inc": "Tailspin Toys, Inc.", "tailspin toys, inc": "Tailspin Toys, Inc.", "Tailspin Toys": "Tailspin Toys", "Tailspin Toys Incorporated": "Tailspin Toys, Inc.",
			"Tailspin": "?Tailspin Toys, Inc. | Tailspin Toys", "Tailspin Toys GmbH": "?Tailspin Toys | Tailspin Toys, Inc.", "Tailspin Toys Robotics": "", "Tailspin Toys Inc Robotics": "",
		}},
		{[]string{"Müller Maschinenbau GmbH", "Müller Logistik KG"}, map[string]string{
			"Mueller Maschinenbau": "Müller Maschinenbau GmbH", "Muller Maschinenbau": "Müller Maschinenbau GmbH", "müller masch": "Müller Maschinenbau GmbH",
			"MUELLER MASCHINENBAU G.m.b.H.": "Müller Maschinenbau GmbH", "Logistik": "Müller Logistik KG", "Mueller": "?Müller Maschinenbau GmbH | Müller Logistik KG", "Mueller Bau": "?Müller Maschinenbau GmbH", "Mueller Bauten": "",
			"Maschinenbau Mueller": "?Müller Maschinenbau GmbH", "Müller Maschinenbau AG": "?Müller Maschinenbau GmbH", "üller": "?Müller Maschinenbau GmbH | Müller Logistik KG",
		}},
		{[]string{"Mueller GmbH", "Müller GmbH", "Muller GmbH"}, map[string]string{ // names that really hold "ue" are tried first
			"Mueller GmbH": "Mueller GmbH", "Müller GmbH": "?Müller GmbH | Muller GmbH", "Muller GmbH": "?Müller GmbH | Muller GmbH",
			"Mueller": "?Mueller GmbH | Müller GmbH", "Muller": "?Müller GmbH | Muller GmbH",
		}},
		{[]string{"Bäcker & Söhne", "Baur KG", "Bauer & Sohn"}, map[string]string{
			"Bäcker und Söhne": "Bäcker & Söhne", "Baecker & Soehne": "Bäcker & Söhne", "backer + sohne": "Bäcker & Söhne", "Baecker et Sohne": "Bäcker & Söhne", "BÄCKER UND SÖHNE": "Bäcker & Söhne",
			"Bauer": "Bauer & Sohn", "Baur": "Baur KG", "Bäcker Söhne": "?Bäcker & Söhne",
		}},
		{[]string{"O'Brien", "I.B.M. Handel AG"}, map[string]string{
			"O’Brien": "O'Brien", "OBrien": "O'Brien", "OʼBrien": "O'Brien", "O`Brien": "O'Brien", "o´brien": "O'Brien",
			"IBM Handel": "I.B.M. Handel AG", "i b m handel a.g.": "I.B.M. Handel AG", "I. B. M.": "I.B.M. Handel AG",
		}},
		{[]string{"ООО «Ромашка Цифровая»", "АО «Ёлка и партнёры»", "ТОО «Ромашка»"}, map[string]string{
			"ромашка цифровая": "ООО «Ромашка Цифровая»", "Ромашка Цифровая ООО": "ООО «Ромашка Цифровая»", "ооо\"Ромашка Цифровая\"": "ООО «Ромашка Цифровая»",
			"елка & партнеры": "АО «Ёлка и партнёры»", "Ёлка": "АО «Ёлка и партнёры»", "Ромашка": "?ТОО «Ромашка» | ООО «Ромашка Цифровая»", "ТОО Ромашка": "ТОО «Ромашка»", "ООО Ромашка": "?ТОО «Ромашка» | ООО «Ромашка Цифровая»",
		}},
		{[]string{"İstanbul Işık A.Ş.", "Straßenbau Groß", "Łódź Ørsted Åse", "Café Contoso Sàrl"}, map[string]string{
			"istanbul isik": "İstanbul Işık A.Ş.", "ISTANBUL IŞIK AS": "İstanbul Işık A.Ş.", "strassenbau gross": "Straßenbau Groß", "Strasenbau Gros": "Straßenbau Groß",
			"Lodz Oersted Aase": "Łódź Ørsted Åse", "lodz orsted ase": "Łódź Ørsted Åse", "cafe contoso s.a.r.l.": "Café Contoso Sàrl",
		}},
		{[]string{"Contoso", "Сontoso"}, map[string]string{"Contoso": "Contoso", "contoso": "Contoso", "Сontoso": "Сontoso"}}, // the second begins with a Cyrillic letter
		{[]string{"Contoso Ltd", "Contoso Ltd", "Contoso Ltd Services"}, map[string]string{
			"contoso ltd": "?Contoso Ltd | Contoso Ltd", "contoso ltd s": "Contoso Ltd Services", "Contoso Limited": "?Contoso Ltd | Contoso Ltd",
		}},
		{[]string{"Alpha"}, map[string]string{"Alpha GmbH": "Alpha", "Alpha Inc.": "Alpha", "Alp": "Alpha", "lpha": "?Alpha", "Beta": "", "Alpha Beta": ""}},
		{[]string{"🍀", "GmbH & Co. KG", "Co"}, map[string]string{"🍀": "🍀", "gmbh und co kg": "GmbH & Co. KG", "co": "Co", "!": ""}},
		{[]string{"Alpha Ltd", "Gamma"}, map[string]string{
			"ann@customer-0.example": "Alpha Ltd", "Ann Lee <ann@mail.customer-0.example>": "Alpha Ltd", "mailto:ann@CUSTOMER-0.example.": "Alpha Ltd", "https://www.customer-1.example:8443/shop?x=1#y": "Gamma",
			"https://portal.azure.com/#@obh1.onmicrosoft.com/resource/x": "Gamma", "https://portal.office.com/Partner/BeginClientSession.aspx?CTID=00000001-0000-4000-8000-000000000001&CSDEST=Support": "Alpha Ltd",
			"{00000002-0000-4000-8000-000000000002}": "Gamma", "customer-0": "Alpha Ltd", "customer": "?Alpha Ltd | Gamma", "onmicrosoft.com": "?Alpha Ltd | Gamma", "nobody@elsewhere.example": "?Alpha Ltd | Gamma", "00000002-0000": "Gamma",
		}},
	} {
		all := called(desk.customers...)
		for typed, want := range desk.typed {
			m := Narrow(all, typed, false)
			if m.Loose { // whoever was looked at; the lookup leaves out those who have other words
				m.Customers = slices.DeleteFunc(m.Customers, func(c Customer) bool { return !everyWord(c, typed) })
			}
			got := namesOf(m.Customers)
			if !m.Sure && len(m.Customers) > 0 {
				got = "?" + got
			}
			if want == "?Alpha Ltd | Gamma" && strings.Contains(typed, "@") {
				want = "" // nobody's address
			}
			if got != want {
				t.Errorf("%q: %q, want %q", typed, got, want)
			}
		}
	}
}

// everyWord says what a database looks for: that every word stands somewhere.
func everyWord(c Customer, typed string) bool {
	text := " " + strings.Join(append(NameTerms(c.Name), c.PrimaryDomain, strings.Join(c.CustomDomains, " "), c.TenantID), " ")
	words := SearchWords(typed)
	for _, spelled := range words {
		if !slices.ContainsFunc(spelled, func(s string) bool { return strings.Contains(text, s) }) {
			return false
		}
	}
	return len(words) > 0
}

var (
	family   = rapid.SampledFrom([]string{"Müller", "Mueller", "Muller", "Contoso", "Сontoso", "O'Brien", "OBrien", "Ёлка", "Елка", "A.B.", "AB", "Groß", "Gross", "Nord", "Alpha", "Alfa", "Bau", "Baur", "Bauer"})
	between  = rapid.SampledFrom([]string{" ", " & ", " und ", "-", ", ", " "})
	lawyer   = rapid.SampledFrom([]string{"", "", " GmbH", " Inc", ", Inc.", " Ltd.", " GmbH & Co. KG", " AG"})
	families = rapid.Custom(func(t *rapid.T) string {
		parts := rapid.SliceOfN(family, 1, 3).Draw(t, "parts")
		name := parts[0]
		for _, part := range parts[1:] {
			name += between.Draw(t, "between") + part
		}
		return name + lawyer.Draw(t, "form")
	})
)

// TestNoWrongCustomerIsTakenSilently makes families of names that are beginnings of each
// other, with and without legal forms, umlauts and twins in another alphabet, and types
// some name for one of them or for nobody. Whoever is taken for sure has every word that
// was typed, and nobody else is called so.
func TestNoWrongCustomerIsTakenSilently(t *testing.T) {
	for range 20 {
		rapid.Check(t, noWrongCustomer)
	}
}

func noWrongCustomer(t *rapid.T) {
	all := called(rapid.SliceOfN(families, 1, 8).Draw(t, "customers")...)
	typed := families.Draw(t, "typed")
	m := Narrow(all, typed, false)
	exact := slices.DeleteFunc(slices.Clone(all), func(c Customer) bool {
		return strings.Join(strings.Fields(c.Name), " ") != strings.Join(strings.Fields(typed), " ")
	})
	if len(exact) == 1 && len(m.Customers) == 0 {
		t.Fatalf("%q is called exactly so, and is not found", typed)
	}
	if m.Sure && len(m.Customers) != 1 {
		t.Fatalf("sure of %q", namesOf(m.Customers))
	}
	if !m.Sure {
		return
	}
	taken := *m.Only()
	if len(exact) > 0 && taken.Name != exact[0].Name {
		t.Fatalf("typed %q, taken %q, but %q is called so", typed, taken.Name, exact[0].Name)
	}
	for _, w := range nameOf(typed).core() {
		if w[0] != and && !slices.ContainsFunc(nameOf(taken.Name).words, w.begins) {
			t.Fatalf("typed %q, taken %q without %q", typed, taken.Name, w)
		}
	}
	if form := nameOf(taken.Name).form; form != "" && nameOf(typed).form != "" && form != nameOf(typed).form {
		t.Fatalf("typed %q, taken %q", typed, taken.Name)
	}
	for _, c := range all {
		if c.TenantID != taken.TenantID && plain(nameOf(c.Name).words) == plain(nameOf(typed).words) {
			t.Fatalf("typed %q, taken %q, and %q is called so too", typed, taken.Name, c.Name)
		}
	}
	// One word more, which nobody has, and nobody is meant any more.
	if m := Narrow(all, typed+" Robotics", false); m.Sure {
		t.Fatalf("%q means %q", typed+" Robotics", m.Only().Name)
	}
}

func FuzzNarrow(f *testing.F) {
	for _, s := range []string{"", "'", "&", "ß", "I.B.M.", "gmbh & co kg", "ООО", "https://x.example/{", "<a@b.example>", "%zz@x", "\xff", "a\u0308", "\u200b", "🍀"} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, name, typed string) {
		all := called(name, "Contoso Ltd")
		m := Narrow(all, typed, false)
		if m.Sure && len(m.Customers) != 1 {
			t.Fatalf("sure of %d", len(m.Customers))
		}
		if own := Narrow(all[:1], name, false); len(nameOf(name).words) > 0 && (!own.Sure || !own.Whole) {
			t.Fatalf("%q does not find itself", name)
		}
		if cut := Narrow(all, typed, true); cut.Sure && !cut.Whole {
			t.Fatalf("sure of %q, though not everybody was looked at", typed)
		}
		Identifiers(typed)
		SearchWords(typed)
	})
}
