package dialogs

import (
	"context"
	"strings"

	"onbehalf/bot"
	"onbehalf/bot/customer"
	"onbehalf/bot/intake"
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
	l := line{Dialogs: d, reader: t.Reader, words: strings.Fields(rest), known: map[int]customer.Match{}}
	n, answer, err := l.customer(ctx)
	if err != nil {
		return a, "", err
	}
	a.Set("customer", answer)
	takeTail(&a, l.words[n:])
	return a, strings.Join(l.words[:n], " "), nil
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

// line is what stands behind "new". Whom its first words name is decided by where
// they can end: before a platform, a product or a severity, and at the end of a
// short line. All of these words have to be used for one customer. Where two ends
// name two customers, or a name goes on in a way that another customer is called,
// the answer names all of them, and the form asks.
type line struct {
	*Dialogs
	reader request.Reader
	words  []string
	known  map[int]customer.Match // by the number of words
}

// customer says how many of the first words are for the customer, and gives the
// answer to the form's question for it.
func (l *line) customer(ctx context.Context) (n int, answer string, err error) {
	if len(l.words) == 0 {
		return 0, "", nil
	}
	ends, leads := l.ends()
	var readings []int
	for _, n := range ends {
		m, err := l.match(ctx, n)
		if err != nil {
			return 0, "", err
		}
		if len(m.Customers) > 0 && !m.Loose && n > 0 {
			readings = append(readings, n)
		}
	}
	switch {
	case len(readings) > 0:
		return l.read(readings)
	case len(ends) > 0 && !leads && (l.platform(ends[0]) || len(l.words) <= shortName):
		return ends[0], strings.Join(l.words[:ends[0]], " "), nil // nobody is called so, and the form says it
	}
	return l.untilTitle(ctx, leads)
}

// ends are the numbers of words after which the customer's name can end. leads says
// that the line begins with a platform: its name is the customer's, or there is none.
func (l *line) ends() (ends []int, leads bool) {
	leads = l.platform(0)
	most := min(len(l.words), nameWords)
	for n := 1; n < len(l.words) && n <= most; n++ {
		if l.platform(n) {
			ends = append(ends, n)
		}
	}
	if len(ends) == 0 && !leads {
		for n := 1; n < most; n++ {
			if _, taken := severityAt(l.words[n:]); taken > 0 {
				ends = append(ends, n)
			}
		}
	}
	if len(l.words) <= shortName && (len(ends) == 0 || !l.platform(ends[0])) && (!leads || len(l.words) > 1) {
		ends = append(ends, len(l.words))
	}
	return ends, leads
}

// platform says whether a platform or a product follows after n words.
func (l *line) platform(n int) bool {
	if n >= len(l.words) {
		return false
	}
	_, taken := platformAt(l.words[n:])
	_, product := productAt(l.words[n:])
	return taken > 0 || product > 0 && n <= shortName
}

func (l *line) match(ctx context.Context, n int) (customer.Match, error) {
	if m, known := l.known[n]; known {
		return m, nil
	}
	typed := strings.Join(l.words[:n], " ")
	if len(typed) > longestName {
		return customer.Match{}, nil
	}
	m, err := l.Desk.MatchCustomer(ctx, l.reader, typed)
	l.known[n] = m
	return m, err
}

// read takes the one reading of the line, or asks who of several is meant.
func (l *line) read(readings []int) (n int, answer string, err error) {
	n = readings[0]
	var meant []customer.Customer
	for _, n := range readings {
		meant = customer.Join(meant, l.known[n].Customers)
	}
	switch m := l.known[n]; {
	case len(readings) > 1 && len(meant) > 1:
		return n, oneOf(meant), nil
	case m.Sure:
		return n, m.Only().TenantID, nil
	}
	return n, strings.Join(l.words[:n], " "), nil
}

// oneOf is the answer that lets the form ask who of several is meant; of very many
// there is no answer yet.
func oneOf(meant []customer.Customer) string {
	if len(meant) > customer.MostAsked {
		return ""
	}
	return customer.Asked(meant)
}

// untilTitle reads a line in which nothing says where the name ends. Only a whole name
// is taken for one; a part of a name may as well be the first word of the title.
func (l *line) untilTitle(ctx context.Context, leads bool) (n int, answer string, err error) {
	first := l.words[:min(len(l.words), nameWords)]
	if len(strings.Join(first, " ")) > longestName {
		return 0, "", nil
	}
	whole, err := l.reader.CustomersNamed(ctx, customer.BeginningTerms(first))
	if err != nil || len(whole) == 0 {
		return 0, "", err
	}
	least := 1
	if leads {
		least = 2 // "azure" alone is the platform, "Azure Interior" may be a name
	}
	for n := len(first); n >= least; n-- {
		typed := strings.Join(first[:n], " ")
		if m := customer.Narrow(whole, typed, false); !m.Whole {
			continue
		}
		m, err := l.match(ctx, n)
		if err != nil {
			return 0, "", err
		}
		longer, err := l.longer(ctx, n)
		switch {
		case err != nil:
			return 0, "", err
		case len(longer) > 0:
			return n, oneOf(customer.Join(m.Customers, longer)), nil
		case m.Sure:
			return n, m.Only().TenantID, nil
		}
		return n, typed, nil
	}
	return 0, "", nil
}

// longer gives the customers whose name goes on with the next word behind n of them.
func (l *line) longer(ctx context.Context, n int) ([]customer.Customer, error) {
	if n == len(l.words) {
		return nil, nil
	}
	m, err := l.match(ctx, n+1)
	if m.Loose {
		return nil, err
	}
	return m.Customers, err
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
