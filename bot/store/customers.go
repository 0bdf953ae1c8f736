package store

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"onbehalf/bot/customer"
	"onbehalf/bot/plaintext"
)

// customerRow is a customer; what is searched for them stands in customer_terms
// and customer_texts.
type customerRow struct {
	ID       int64 `gorm:"primaryKey"`
	TenantID string
	Document string
	Fold     string
}

func (customerRow) TableName() string { return "customers" }

// customerDocument is a customer without the key.
type customerDocument struct {
	*customer.Customer
	TenantID covered `json:"tenantId,omitempty"`
}

// left is the status of a customer who can't be picked any more.
const left = "left"

func (r customerRow) customer() (*customer.Customer, error) {
	var c customer.Customer
	if err := decode(r.Document, &customerDocument{Customer: &c}); err != nil {
		return nil, wrap(err, "customer %s", r.TenantID)
	}
	c.TenantID = r.TenantID
	return &c, nil
}

func customersOf(rows []customerRow) ([]customer.Customer, error) {
	customers := make([]customer.Customer, len(rows))
	for i, row := range rows {
		c, err := row.customer()
		if err != nil {
			return nil, err
		}
		customers[i] = *c
	}
	return customers, nil
}

// Customer finds a customer by tenant id, those who left included, or returns
// ErrNoCustomer.
func (s reads) Customer(ctx context.Context, tenantID string) (*customer.Customer, error) {
	tenantID = strings.ToLower(tenantID)
	if known := s.store.cache.of(s.customers); known != nil {
		if c, ok := known.byID(tenantID); ok {
			return &c, nil
		}
	}
	var row customerRow
	if err := take(s.db.WithContext(ctx), &row, customer.ErrNoCustomer, "tenant_id = ?", tenantID); err != nil {
		return nil, wrap(err, "load customer")
	}
	c, err := row.customer()
	if err == nil {
		s.store.cache.of(s.customers).keep(*c)
	}
	return c, err
}

// calledLimit is how many customers a lookup by name gives at most.
const calledLimit = 200

// CustomersNamed gives the customers who are kept under one of the terms, whole: a name
// with or without its legal form, a domain, a tenant id. They come by name, at most 200.
func (s reads) CustomersNamed(ctx context.Context, terms []string) ([]customer.Customer, error) {
	terms = slices.DeleteFunc(slices.Clone(terms), func(term string) bool { return sanitizeText(term) != term })
	if len(terms) == 0 {
		return nil, nil
	}
	found, _, err := s.customersBy(ctx, "named "+strings.Join(terms, "\n"), "select tenant_id from customer_terms where term in ?", terms)
	return found, err
}

// CustomersCalled gives the customers of whom every word stands somewhere in name,
// domains or tenant id, in one of its spellings; one of less than three letters begins a
// word there. They come by name, at most 200: cut says that there are more.
func (s reads) CustomersCalled(ctx context.Context, words [][]string) (found []customer.Customer, cut bool, err error) {
	words, beginning := cleanWords(words)
	if len(words) == 0 {
		return nil, false, nil
	}
	key := fmt.Sprintf("called %q", words)
	if !slices.ContainsFunc(words, long) {
		return s.customersBy(ctx, key, "select tenant_id from customer_terms where term >= ? and term < ?", beginning, beginning+"\U0010FFFF")
	}
	var condition string
	var args []any
	query := "select tenant_id from customers where id in (select rowid from customer_texts where %s limit 1000)"
	if s.postgres {
		query = "select tenant_id from (select tenant_id from customer_texts where %s limit 1000) m"
		condition, args = likeAny("text", words)
	} else {
		condition, args = matchAny("customer_texts", "text", words)
	}
	return s.customersBy(ctx, key, fmt.Sprintf(query, condition), args...)
}

// CustomersLeft gives the customers who left and have requests: those who are kept under one
// of the terms, whole, and those of whom every word stands somewhere, as CustomersNamed and
// CustomersCalled give the others. They come by name, at most 200: cut says that there are
// more. No table holds their spellings, so each of them is looked at.
func (s reads) CustomersLeft(ctx context.Context, terms []string, words [][]string) (found []customer.Customer, cut bool, err error) {
	words, _ = cleanWords(words)
	key := fmt.Sprintf("left %q %q", terms, words)
	known := s.store.cache.of(s.customers)
	if found, ok := known.calledSo(key); ok {
		return found[:min(len(found), calledLimit)], len(found) > calledLimit, nil
	}
	var last customerRow
	for more := true; more && len(found) <= calledLimit; {
		var rows []customerRow
		err := s.db.WithContext(ctx).Where("status = 'left' and (fold, tenant_id) > (?, ?)", last.Fold, last.TenantID).
			Where("exists (select 1 from tickets where customer_id = customers.tenant_id)").
			Order("fold, tenant_id").Limit(leftBatch).Find(&rows).Error
		if err != nil {
			return nil, false, wrap(err, "find customers who left")
		}
		customers, err := customersOf(rows)
		if err != nil {
			return nil, false, err
		}
		for _, c := range customers {
			if foundBy(c, terms, words) {
				found = append(found, c)
			}
		}
		if more = len(rows) == leftBatch; more {
			last = rows[len(rows)-1]
		}
	}
	known.keepCalled(key, found)
	return found[:min(len(found), calledLimit)], len(found) > calledLimit, nil
}

// leftBatch is how many customers who left are read at once.
const leftBatch = 500

// foundBy says whether the tables would find a customer by a term, or by cleaned words.
func foundBy(c customer.Customer, terms []string, words [][]string) bool {
	spelled := spellings(c)
	if slices.ContainsFunc(terms, func(term string) bool { return slices.Contains(spelled, term) }) {
		return true
	}
	text := wordsIn(c, spelled)
	missing := func(word []string) bool {
		return !slices.ContainsFunc(word, func(s string) bool { return strings.Contains(text, s) })
	}
	return len(words) > 0 && !slices.ContainsFunc(words, missing)
}

// cleanWords leaves out what the database cannot know, and puts a blank before what is
// too short for an index of infixes. beginning is how a name begins that has these words.
func cleanWords(words [][]string) (cleaned [][]string, beginning string) {
	for _, spelled := range words[:min(len(words), searchedWords)] {
		var w []string
		for _, s := range spelled {
			if s = plaintext.SearchText(sanitizeText(s)); s == "" {
				continue
			}
			if utf8.RuneCountInString(s) < trigram {
				s = " " + s
			}
			w = append(w, s)
		}
		if w != nil {
			cleaned = append(cleaned, w)
			beginning += " " + strings.TrimSpace(w[0])
		}
	}
	return cleaned, strings.TrimSpace(beginning)
}

// long says whether the indexes of infixes know a cleaned word.
func long(spelled []string) bool {
	return utf8.RuneCountInString(strings.TrimSpace(spelled[0])) >= trigram
}

// searchedWords is how many words are looked for; more narrow nothing down.
const searchedWords = 12

// customersBy gives the customers whose tenant ids a query gives, and remembers them
// under a key for as long as the customers stay what they are.
func (s reads) customersBy(ctx context.Context, key, query string, args ...any) (found []customer.Customer, cut bool, err error) {
	known := s.store.cache.of(s.customers)
	if found, ok := known.calledSo(key); ok {
		return found[:min(len(found), calledLimit)], len(found) > calledLimit, nil
	}
	var rows []customerRow
	if err := s.db.WithContext(ctx).Where("tenant_id in ("+query+")", args...).Order("fold, tenant_id").Limit(calledLimit + 1).Find(&rows).Error; err != nil {
		return nil, false, wrap(err, "find customers by name")
	}
	if found, err = customersOf(rows); err != nil {
		return nil, false, err
	}
	known.keepCalled(key, found)
	for _, c := range found {
		known.keep(c)
	}
	return found[:min(len(found), calledLimit)], len(found) > calledLimit, nil
}

// EachCustomer calls row for every customer, by name. Nothing is held open while
// row runs, so it may use the store.
func (s reads) EachCustomer(ctx context.Context, row func(customer.Customer) error) error {
	const batch = 500
	fold, tenant := "", ""
	for {
		var rows []customerRow
		err := s.db.WithContext(ctx).Where("(fold, tenant_id) > (?, ?)", fold, tenant).
			Order("fold, tenant_id").Limit(batch).Find(&rows).Error
		if err != nil {
			return wrap(err, "list customers")
		}
		for _, r := range rows {
			c, err := r.customer()
			if err != nil {
				return err
			}
			if err := row(*c); err != nil {
				return err
			}
			fold, tenant = r.Fold, r.TenantID
		}
		if len(rows) < batch {
			return nil
		}
	}
}

// RecentCustomers are those the person last opened tickets for, the latest first.
func (s reads) RecentCustomers(ctx context.Context, personID string, limit int) ([]customer.Customer, error) {
	var rows []customerRow
	err := s.db.WithContext(ctx).
		Joins("join (select customer_id, max(opened_at) as last from tickets where requester_id = ? group by customer_id) recent on recent.customer_id = customers.tenant_id", personID).
		Where("status <> ?", left).Order("recent.last desc, tenant_id").Limit(limit).Find(&rows).Error
	if err != nil {
		return nil, wrap(err, "list recent customers")
	}
	return customersOf(rows)
}

// SearchCustomers finds customers by name, domain or tenant id, whatever the spelling:
// first those whose domain or id was pasted, then those where one of these begins with
// the query, then those where every word of it stands somewhere. A query of one or two
// letters is looked for at the beginning only. An empty one gives the first by name.
func (s reads) SearchCustomers(ctx context.Context, query string, limit int) ([]customer.Customer, error) {
	query = plaintext.SearchText(sanitizeText(query))
	words, _ := cleanWords(customer.SearchWords(query))
	if limit <= 0 {
		return nil, nil
	}
	if len(words) == 0 {
		if plaintext.Fold(query) != "" {
			return nil, nil
		}
		var rows []customerRow
		err := s.db.WithContext(ctx).Where("status <> ?", left).Order("fold, tenant_id").Limit(limit).Find(&rows).Error
		if err != nil {
			return nil, wrap(err, "list customers")
		}
		return customersOf(rows)
	}
	var found []customerRow
	if pasted := customer.Identifiers(query); len(pasted) > 0 {
		if err := s.db.WithContext(ctx).Where("tenant_id in (select tenant_id from customer_terms where term in ?)", pasted).
			Order("fold, tenant_id").Limit(limit).Find(&found).Error; err != nil {
			return nil, wrap(err, "search customers")
		}
	}
	for _, prefix := range append([]string{plaintext.Fold(query)}, customer.NameBeginnings(query)...) {
		if len(found) >= limit {
			break
		}
		begun, err := s.customersByPrefix(ctx, prefix, limit)
		if err != nil {
			return nil, wrap(err, "search customers")
		}
		found = addRows(found, begun, limit)
	}
	asTyped, _ := cleanWords(spelledOnce(plaintext.FoldWords(query)))
	for i, words := range [][][]string{asTyped, words} {
		if len(found) >= limit || !slices.ContainsFunc(words, long) || i > 0 && reflect.DeepEqual(words, asTyped) {
			continue
		}
		more, err := s.customersByInfix(ctx, words, limit+len(found))
		if err != nil {
			return nil, wrap(err, "search customers")
		}
		found = addRows(found, more, limit)
	}
	return customersOf(found)
}

func spelledOnce(words []string) [][]string {
	all := make([][]string, len(words))
	for i, word := range words {
		all[i] = []string{word}
	}
	return all
}

// addRows adds those that are not there yet, up to a limit.
func addRows(rows, more []customerRow, limit int) []customerRow {
	for _, row := range more {
		known := slices.ContainsFunc(rows, func(r customerRow) bool { return r.TenantID == row.TenantID })
		if !known && len(rows) < limit {
			rows = append(rows, row)
		}
	}
	return rows
}

// customersByPrefix walks the terms that begin with prefix, in their order. A
// range of the index, since a LIKE would not use it in a prepared statement.
func (s reads) customersByPrefix(ctx context.Context, prefix string, limit int) ([]customerRow, error) {
	var tenants []string
	last := customerTerm{Term: prefix}
	for batch := 2 * limit; len(tenants) < limit; {
		var terms []customerTerm
		err := s.db.WithContext(ctx).Where("(term, tenant_id) > (?, ?) and term < ?", last.Term, last.TenantID, prefix+"\U0010FFFF").
			Order("term, tenant_id").Limit(batch).Find(&terms).Error
		if err != nil {
			return nil, err
		}
		for _, t := range terms {
			if len(tenants) < limit && !slices.Contains(tenants, t.TenantID) {
				tenants = append(tenants, t.TenantID)
			}
			last = t
		}
		if len(terms) < batch {
			break
		}
	}
	var rows []customerRow
	if len(tenants) == 0 {
		return rows, nil
	}
	if err := s.db.WithContext(ctx).Where("tenant_id in ?", tenants).Find(&rows).Error; err != nil {
		return nil, err
	}
	slices.SortFunc(rows, func(a, b customerRow) int {
		return slices.Index(tenants, a.TenantID) - slices.Index(tenants, b.TenantID)
	})
	return rows, nil
}

// customersByInfix gives those in whose text every word stands. Of very many it takes
// any two hundred: right for somebody who goes on typing.
func (s reads) customersByInfix(ctx context.Context, words [][]string, limit int) ([]customerRow, error) {
	db := s.db.WithContext(ctx)
	if s.postgres {
		where, args := likeAny("text", words)
		db = db.Where("tenant_id in (with m as materialized (select tenant_id from customer_texts where "+where+" limit 200) select tenant_id from m)", args...)
	} else {
		where, args := matchAny("customer_texts", "text", words)
		db = db.Where("id in (select rowid from customer_texts where "+where+" limit 200)", args...)
	}
	var rows []customerRow
	err := db.Order("fold, tenant_id").Limit(limit).Find(&rows).Error
	return rows, err
}
