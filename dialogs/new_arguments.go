package dialogs

import (
	"context"
	"slices"
	"strings"

	"onbehalf/bot"
	"onbehalf/bot/customer"
	"onbehalf/bot/intake"
	"onbehalf/bot/plaintext"
	"onbehalf/bot/request"
)

// newArguments reads what "new" already says: customer, platform, severity, title, in
// this order, each of which may be missing. A customer's name may have several
// words, or stand in quotes. What cannot be told apart goes to the form as it was
// typed, where it can be seen and changed. said are the words for the customer.
func (d *Dialogs) newArguments(ctx context.Context, t *bot.Turn, rest string) (a intake.Answers, said string, err error) {
	if quoted, after, ok := cutQuoted(strings.TrimSpace(rest)); ok {
		a.Set("customer", quoted)
		takeTail(&a, strings.Fields(after))
		return a, quoted, nil
	}
	words := strings.Fields(rest)
	n, meant, err := customerWords(ctx, t.Reader, words)
	if err != nil {
		return a, "", err
	}
	said = strings.Join(words[:n], " ")
	a.Set("customer", said)
	if only := customer.Narrow(meant, said); len(only) == 1 {
		a.Set("customer", only[0].TenantID)
	}
	takeTail(&a, words[n:])
	return a, said, nil
}

const (
	// nameWords is how many words of a customer's name are tried.
	nameWords = 8
	// shortName is how many words may be an unknown customer's name; more are
	// rather a title.
	shortName = 3
	// longestName is how many bytes a customer's name has at most; what is longer
	// names nobody.
	longestName = 1000
)

// customerWords says how many of the first words name the customer: the longest
// beginning that finds some, who are meant by it, else everything before the platform.
func customerWords(ctx context.Context, r request.Reader, words []string) (n int, meant []customer.Customer, err error) {
	if len(words) == 0 {
		return 0, nil, nil
	}
	platform := -1
	for i := range words {
		_, taken := platformAt(words[i:])
		if _, product := productAt(words[i:]); taken > 0 || product > 0 && i <= shortName {
			platform = i
			break
		}
	}
	least := 1
	if platform == 0 {
		least = 2 // "azure" alone is the platform, "Azure Interior" may be a name
	}
	candidates, err := candidatesFor(ctx, r, words[0])
	if err != nil {
		return 0, nil, err
	}
	for n := min(len(words), nameWords); n >= least; n-- {
		typed := strings.Join(words[:n], " ")
		if len(typed) > longestName {
			continue
		}
		for _, c := range candidates {
			if isCalled(c, typed) {
				meant = append(meant, c)
			}
		}
		if len(meant) > 0 {
			return n, meant, nil
		}
	}
	switch {
	case platform >= 0:
		return platform, nil, nil
	case len(words) <= shortName:
		return len(words), nil, nil
	}
	return 0, nil, nil
}

// candidatesFor gives the customers whom a line may mean that begins with a word: part
// of a name, a domain in whatever form people write it, or a tenant id.
func candidatesFor(ctx context.Context, r request.Reader, word string) ([]customer.Customer, error) {
	if len(word) > longestName {
		return nil, nil
	}
	if domain, ok := customer.ParseDomain(word); ok {
		word = domain
	} else if id, ok := customer.ParseGUID(word); ok {
		word = id
	}
	return r.CustomersCalled(ctx, word)
}

// isCalled says whether words at the front of a command may be this customer's
// name: they begin with a word of it, or are a domain or the tenant id.
func isCalled(c customer.Customer, typed string) bool {
	folded := plaintext.Fold(typed)
	if strings.Contains(" "+plaintext.Fold(c.Name), " "+folded) {
		return true
	}
	if id, ok := customer.ParseGUID(typed); ok {
		return id == c.TenantID
	}
	return slices.ContainsFunc(append([]string{c.PrimaryDomain}, c.CustomDomains...), func(domain string) bool {
		typedDomain, ok := customer.ParseDomain(typed)
		return strings.HasPrefix(domain, folded) || ok && domain == typedDomain
	})
}

// takeTail fills platform, product, severity and title. A severity of another scale is
// kept as it was typed: the form then asks which of ours is meant.
func takeTail(a *intake.Answers, words []string) {
	if topic, taken := productAt(words); taken > 0 {
		a.Set("platform", string(topic.Platform))
		a.Set("topic", topic.Code)
		words = words[taken:]
	} else if platform, taken := platformAt(words); taken > 0 {
		a.Set("platform", string(platform))
		words = words[taken:]
		if topic, taken := productAt(words); taken > 0 && topic.Platform == platform {
			a.Set("topic", topic.Code)
			if _, severity := severityAt(words[taken:]); severity > 0 || len(words) == taken {
				words = words[taken:]
			}
		}
	}
	if typed, taken := severityAt(words); taken > 0 {
		a.Set("severity", typed)
		words = words[taken:]
		if len(words) > 0 && strings.Trim(words[0], "-–—:") == "" {
			words = words[1:] // "A - VMs do not start"
		}
	}
	a.Set("title", strings.Join(words, " "))
}

// platformAt reads a platform of one or two words ("office 365") and says how
// many it took.
func platformAt(words []string) (customer.Platform, int) {
	for n := min(2, len(words)); n > 0; n-- {
		if p, ok := customer.ParsePlatform(strings.Join(words[:n], " ")); ok && (n == 1 || endsInNumber(words[1])) {
			return p, n
		}
	}
	return "", 0
}

// productAt reads a product, which says its platform too.
func productAt(words []string) (request.Topic, int) {
	for n := min(2, len(words)); n > 0; n-- {
		if topic, ok := request.ParseProduct(strings.TrimRight(strings.Join(words[:n], " "), ":,")); ok {
			return topic, n
		}
	}
	return request.Topic{}, 0
}

func endsInNumber(word string) bool { return word == "365" }

// severityWords is how many words a severity may have: "A - Critical impact".
const severityWords = 4

// severityAt reads a severity in front of a title, and says how many words it took.
// Small Cyrillic letters, and "a" before more words, are prepositions or articles
// there, and count only when nothing follows.
func severityAt(words []string) (typed string, taken int) {
	for n := min(severityWords, len(words)); n > 0; n-- {
		phrase := strings.TrimRight(strings.Join(words[:n], " "), ":,.")
		if n == 1 && len(words) > 1 && (phrase == "в" || phrase == "с" || phrase == "а") {
			continue
		}
		if severity, ok := request.SeverityPhrase(phrase); ok {
			return string(severity), n
		}
		if request.OtherScale(phrase) {
			return phrase, n
		}
	}
	return "", 0
}
