package customer

import (
	"net/url"
	"regexp"
	"slices"
	"strings"

	"onbehalf/bot/plaintext"
)

// Match is whom words may mean.
type Match struct {
	// Customers are those who may be meant, the likeliest first.
	Customers []Customer
	// Sure says that there is one, and that nobody else can be meant. What is not sure
	// is asked: a request filed for the wrong customer cannot be called back.
	Sure bool
	// Whole says that a whole name, a domain or an id was typed, and Loose that words
	// only stand somewhere.
	Whole, Loose bool
}

// Only is the one customer who is meant for sure, nil while that has to be asked.
func (m Match) Only() *Customer {
	if !m.Sure {
		return nil
	}
	return &m.Customers[0]
}

// Join gives the customers of two lists, each once.
func Join(some, more []Customer) []Customer {
	all := slices.Clone(some)
	for _, c := range more {
		if !slices.ContainsFunc(all, func(k Customer) bool { return k.TenantID == c.TenantID }) {
			all = append(all, c)
		}
	}
	return all
}

// asked begins an answer that names several customers of whom one has to be chosen.
const asked = "?"

// MostAsked is how many customers one answer can name.
const MostAsked = 6

// Asked is the answer that names customers of whom one has to be chosen, the first ones
// of many: what was typed may mean each of them.
func Asked(customers []Customer) string {
	var ids []string
	for _, c := range customers[:min(len(customers), MostAsked)] {
		ids = append(ids, c.TenantID)
	}
	return asked + strings.Join(ids, " ")
}

// ParseAsked reads what Asked gives.
func ParseAsked(answer string) (ids []string, ok bool) {
	list, ok := strings.CutPrefix(answer, asked)
	if !ok {
		return nil, false
	}
	for id := range strings.FieldsSeq(list) {
		id, ok := ParseGUID(id)
		if !ok || len(ids) == MostAsked {
			return nil, false
		}
		ids = append(ids, id)
	}
	return ids, len(ids) > 0
}

// Exact gives those whose id, domain or whole name was typed, punctuation and case left
// aside (R7). It needs no more candidates than those who are found by ExactTerms.
func Exact(candidates []Customer, typed string) Match {
	var m Match
	ids := identifiersIn(typed)
	n := nameOf(typed)
	for _, c := range candidates {
		if slices.Contains(ids.tenants, c.TenantID) || len(n.words) > 0 && plain(nameOf(c.Name).words) == plain(n.words) {
			m.Customers = append(m.Customers, c)
		}
	}
	for _, chain := range ids.domains {
		m.Customers = Join(m.Customers, owners(candidates, chain))
	}
	m.Sure, m.Whole = len(m.Customers) == 1, len(m.Customers) > 0
	return m
}

// ExactTerms are the terms by which a customer is looked up whose id, domain or whole
// name was typed.
func ExactTerms(typed string) []string {
	ids := identifiersIn(typed)
	terms := slices.Concat(ids.tenants, slices.Concat(ids.domains...))
	for _, term := range append(NameTerms(typed), plaintext.Fold(typed)) {
		if term != "" && !slices.Contains(terms, term) {
			terms = append(terms, term)
		}
	}
	return terms
}

// nameWords is how many words of a line are read as a name.
const nameWords = 8

// BeginningTerms are the terms by which a customer is looked up whose name, domain or id
// is the beginning of a line, whole or without its legal form.
func BeginningTerms(words []string) []string {
	var terms []string
	for n := 1; n <= min(len(words), nameWords); n++ {
		for _, term := range ExactTerms(strings.Join(words[:n], " ")) {
			if !slices.Contains(terms, term) {
				terms = append(terms, term)
			}
		}
	}
	return terms
}

// Identifiers gives the tenant ids and domains, parents included, that stand in what was
// pasted.
func Identifiers(typed string) []string {
	ids := identifiersIn(typed)
	return slices.Concat(ids.tenants, slices.Concat(ids.domains...))
}

// Narrow says who of the candidates is meant. A whole name, as it was typed and then in
// another spelling, decides alone. A name without its legal form, or a part of a name of
// which every typed word is used, decides when it fits one customer only; another legal
// form than the typed one, or words in another order, never do. cut says that there are
// candidates who were not looked at, so that nothing but a whole name is sure.
func Narrow(candidates []Customer, typed string, cut bool) Match {
	if m := Exact(candidates, typed); m.Whole {
		return m
	}
	n := nameOf(typed)
	if len(n.words) == 0 {
		return Match{}
	}
	var spelled, sameForm, bare, otherForm, part, loose []Customer
	for _, c := range candidates {
		known := nameOf(c.Name)
		switch {
		case sameWords(known.words, n.words):
			spelled = append(spelled, c)
		case !sameWords(known.core(), n.core()):
			if known.has(n.words) || c.begins(typed) {
				part = append(part, c)
			} else {
				loose = append(loose, c)
			}
		case known.form == n.form:
			sameForm = append(sameForm, c)
		case known.form == "" || n.form == "":
			bare = append(bare, c)
		default:
			otherForm = append(otherForm, c)
		}
	}
	var m Match
	switch {
	case len(spelled) > 0:
		m.Customers, m.Whole = spelled, true
		m.Sure = len(spelled) == 1 && !cut
	case len(sameForm) > 0:
		m.Customers, m.Whole = append(sameForm, part...), true
		m.Sure = len(m.Customers) == 1 && !cut
	case len(bare) > 0:
		m.Customers, m.Whole = slices.Concat(bare, otherForm, part), true
		m.Sure = len(m.Customers) == 1 && !cut
	case len(otherForm) > 0:
		m.Customers = slices.Concat(otherForm, part)
	case len(part) > 0:
		m.Customers = part
		m.Sure = len(part) == 1 && !cut && n.form == "" // a name with its legal form is a whole one
	default:
		m.Customers, m.Loose = loose, true
	}
	return m
}

// has says whether words stand in the name one behind the other, the last of them at
// least begun.
func (n name) has(words []word) bool {
	last := len(words) - 1
	for from := 0; from+last < len(n.words); from++ {
		if sameWords(n.words[from:from+last], words[:last]) && words[last].begins(n.words[from+last]) {
			return true
		}
	}
	return false
}

// Continues says whether typed words are a part of the customer's name, or the beginning
// of a domain, and not the whole of it.
func (c Customer) Continues(typed string) bool {
	n := nameOf(typed)
	return len(n.words) > 0 && (nameOf(c.Name).has(n.words) || c.begins(typed))
}

// begins says whether a domain or the tenant id begins with what was typed.
func (c Customer) begins(typed string) bool {
	folded := plaintext.Fold(typed)
	if len(folded) < 2 || strings.Contains(folded, " ") {
		return false
	}
	if len(folded) >= idBeginning && strings.HasPrefix(c.TenantID, folded) {
		return true
	}
	return slices.ContainsFunc(append([]string{c.PrimaryDomain}, c.CustomDomains...), func(known string) bool {
		return strings.HasPrefix(known, folded) || strings.HasPrefix(plaintext.Fold(UnicodeDomain(known)), folded)
	})
}

// idBeginning is from how many letters on the beginning of a tenant id is one, and not a
// word: "cafe" may be both.
const idBeginning = 8

// identifiers are the tenant ids, and the domains with their parents, that stand in what
// was pasted.
type identifiers struct {
	tenants []string
	domains [][]string
}

var (
	guidInside = regexp.MustCompile(`(?i)[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}`)
	// angled is an address behind the name of a person, "Ann Lee <ann@contoso.example>".
	angled = regexp.MustCompile(`<([^<>\s]+@[^<>\s]+)>\s*$`)
)

// identifiersIn reads a tenant id, a domain, an e-mail address or a URL. The pages of
// Microsoft's portals name the customer behind the host. What has more than one word is
// none, but for an address with a person's name.
func identifiersIn(typed string) (found identifiers) {
	typed = strings.TrimSpace(typed)
	if at := angled.FindStringSubmatch(typed); at != nil {
		typed = at[1]
	}
	if typed == "" || len(typed) > longestPaste || len(strings.Fields(typed)) != 1 {
		return found
	}
	if id, ok := ParseGUID(typed); ok {
		found.tenants = append(found.tenants, id)
		return found
	}
	typed = strings.TrimRight(strings.Trim(typed, `<>"'“”«»„()[]`), ".,;:!?")
	pieces := []string{typed}
	if strings.ContainsAny(typed, ":/@") {
		if text, err := url.PathUnescape(typed); err == nil {
			typed = text
		}
		for _, id := range guidInside.FindAllString(typed, 2) {
			if id, ok := ParseGUID(id); ok && !slices.Contains(found.tenants, id) {
				found.tenants = append(found.tenants, id)
			}
		}
		pieces = strings.FieldsFunc(typed, func(r rune) bool { return strings.ContainsRune(":/@?#&=<>", r) })
	}
	for _, piece := range pieces[:min(len(pieces), mostPieces)] {
		var chain []string
		domain, ok := ParseDomain(strings.TrimSuffix(piece, "."))
		for ok && strings.Contains(domain, ".") {
			chain = append(chain, domain)
			_, domain, ok = strings.Cut(domain, ".")
		}
		if chain != nil {
			found.domains = append(found.domains, chain)
		}
	}
	return found
}

const (
	// longestPaste is how many bytes are looked through for an id or a domain, and
	// mostPieces how many pieces of them.
	longestPaste, mostPieces = 2000, 16
)

// owners gives those whose domain is the first one of a chain that is anybody's: who owns
// uk.contoso.example is meant before who owns contoso.example.
func owners(candidates []Customer, chain []string) []Customer {
	for _, domain := range chain {
		var found []Customer
		for _, c := range candidates {
			if slices.ContainsFunc(append([]string{c.PrimaryDomain}, c.CustomDomains...), func(known string) bool { return strings.EqualFold(known, domain) }) {
				found = append(found, c)
			}
		}
		if found != nil {
			return found
		}
	}
	return nil
}

// LegalForm says whether words begin with the legal form of a company.
func LegalForm(words string) bool {
	n := nameOf(words)
	for count := min(longestForm, len(n.words)); count > 0; count-- {
		if _, ok := legalForms[plain(n.words[:count])]; ok {
			return true
		}
	}
	return false
}
