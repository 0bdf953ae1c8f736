package request

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"

	edlib "github.com/hbollon/go-edlib"

	"onbehalf/bot/customer"
	"onbehalf/bot/plaintext"
)

const (
	// nearLimit is how many customers are offered for a mistyped name.
	nearLimit = 5
	// nearCandidates is how many customers each piece of a mistyped word may bring.
	nearCandidates = 100
	// nearWord and nearWords bound what is compared: a longer word, or a line of more
	// words, is no mistyped name.
	nearWord, nearWords = 40, 8
)

// NearCustomers gives up to five customers for words that mean none: those called as the
// first of the words, whom a longer name may not mean, and those of a name with typing
// mistakes, the nearest first: each word typed differs from a word of the name, or of a
// domain, by one letter, from eight letters on by two. It asks the database four times at
// most. Customers who left are not among them.
func (d *Desk) NearCustomers(ctx context.Context, r Reader, typed string) ([]customer.Customer, error) {
	typed = plaintext.SearchText(plaintext.Line(typed))
	namesakes, err := r.CustomersNamed(ctx, customer.BeginningTerms(strings.Fields(typed)))
	if err != nil {
		return nil, fmt.Errorf("customers called as the first words: %w", err)
	}
	mistyped, err := d.mistyped(ctx, r, typed)
	near := customer.Join(namesakes, mistyped)
	return near[:min(len(near), nearLimit)], err
}

// mistyped gives the customers of a name with typing mistakes.
func (d *Desk) mistyped(ctx context.Context, r Reader, typed string) ([]customer.Customer, error) {
	words := nameParts(typed)
	longest := 0
	for i, word := range words {
		if len([]rune(word)) > nearWord {
			return nil, nil
		}
		if len([]rune(word)) > len([]rune(words[longest])) {
			longest = i
		}
	}
	if len(words) == 0 || len(words) > nearWords || mistakes(words[longest]) == 0 {
		return nil, nil
	}
	var found []near
	for _, piece := range pieces(words[longest]) {
		candidates, err := d.SearchCustomers(ctx, r, piece, nearCandidates)
		if err != nil {
			return nil, fmt.Errorf("customers near a name: %w", err)
		}
		for _, c := range candidates {
			distance, ok := distanceTo(c, words)
			if ok && !slices.ContainsFunc(found, func(n near) bool { return n.TenantID == c.TenantID }) {
				found = append(found, near{c, distance})
			}
		}
	}
	slices.SortFunc(found, func(a, b near) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(plaintext.Fold(a.Name), plaintext.Fold(b.Name)), cmp.Compare(a.TenantID, b.TenantID))
	})
	var customers []customer.Customer
	for _, n := range found[:min(len(found), nearLimit)] {
		customers = append(customers, n.Customer)
	}
	return customers, nil
}

// near is a customer, and by how many letters what was typed differs.
type near struct {
	customer.Customer
	distance int
}

// mistakes is how many wrong letters a word of this length may have.
func mistakes(word string) int {
	switch n := len([]rune(word)); {
	case n < 4:
		return 0
	case n < 8:
		return 1
	}
	return 2
}

// pieces cuts a word into one piece more than it may have mistakes, so that one of them
// was typed right.
func pieces(word string) []string {
	letters, n := []rune(word), mistakes(word)+1
	var all []string
	for i := range n {
		all = append(all, string(letters[i*len(letters)/n:(i+1)*len(letters)/n]))
	}
	return all
}

// distanceTo adds up by how many letters each word differs from the nearest one of the
// customer's; it is false where one of them is not near any.
func distanceTo(c customer.Customer, words []string) (int, bool) {
	parts := nameParts(c.Name)
	for _, domain := range append([]string{c.PrimaryDomain}, c.CustomDomains...) {
		parts = append(parts, nameParts(domain)...)
	}
	sum := 0
	for _, word := range words {
		least := mistakes(word) + 1
		for _, part := range parts {
			if len(part) <= 4*nearWord {
				least = min(least, edlib.OSADamerauLevenshteinDistance(word, part))
			}
		}
		if least > mistakes(word) {
			return 0, false
		}
		sum += least
	}
	return sum, true
}

// nameParts gives the folded words of a name or a domain, without what stands between
// them.
func nameParts(name string) []string {
	return strings.FieldsFunc(plaintext.Fold(name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) })
}
