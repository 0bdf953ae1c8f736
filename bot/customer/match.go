package customer

import (
	"slices"

	"onbehalf/bot/plaintext"
)

// Narrow keeps the best matches of what was typed.
func Narrow(found []Customer, typed string) []Customer {
	want := plaintext.Fold(typed)
	domain, _ := ParseDomain(typed)
	var exact, prefix []Customer
	for _, c := range found {
		name := plaintext.Fold(c.Name)
		switch {
		case name == want || domain != "" && (domain == c.PrimaryDomain || slices.Contains(c.CustomDomains, domain)):
			exact = append(exact, c)
		case len(name) > len(want) && name[:len(want)] == want:
			prefix = append(prefix, c)
		}
	}
	switch {
	case len(exact) > 0:
		return exact
	case len(prefix) == 1:
		return prefix
	}
	return found
}
