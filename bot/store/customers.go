package store

import (
	"context"
	"fmt"
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

// CustomersCalled gives the customers of whose name a word, or whose domain or tenant
// id, begins with a word, by name, at most 200.
func (s reads) CustomersCalled(ctx context.Context, word string) ([]customer.Customer, error) {
	word = plaintext.Fold(sanitizeText(word))
	if word == "" {
		return nil, nil
	}
	known := s.store.cache.of(s.customers)
	if found, ok := known.calledSo(word); ok {
		return found, nil
	}
	where, args := "select tenant_id from customer_terms where term >= ? and term < ?", []any{word, word + "\U0010FFFF"}
	if utf8.RuneCountInString(word) >= trigram {
		inside, more := "select tenant_id from customers where id in (select rowid from customer_texts where %s limit 200)", []any(nil)
		var condition string
		if s.postgres {
			inside = "select tenant_id from (select tenant_id from customer_texts where %s limit 200) m"
			condition, more = likeAll("text", []string{" " + word})
		} else {
			condition, more = matchAll("customer_texts", []string{"text"}, []string{" " + word})
		}
		where, args = where+" union "+fmt.Sprintf(inside, condition), append(args, more...)
	}
	var rows []customerRow
	if err := s.db.WithContext(ctx).Where("tenant_id in ("+where+")", args...).Order("fold, tenant_id").Limit(200).Find(&rows).Error; err != nil {
		return nil, wrap(err, "find customers by a word")
	}
	found, err := customersOf(rows)
	if err == nil {
		known.keepCalled(word, found)
		for _, c := range found {
			known.keep(c)
		}
	}
	return found, err
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

// SearchCustomers finds customers by folded name, domain or tenant id: first
// those where one of these begins with the query, then those where every word of
// it stands somewhere. A query of one or two letters is looked for at the
// beginning only. An empty one gives the first by name.
func (s reads) SearchCustomers(ctx context.Context, query string, limit int) ([]customer.Customer, error) {
	words := plaintext.FoldWords(sanitizeText(query))
	if limit <= 0 {
		return nil, nil
	}
	if len(words) == 0 {
		var rows []customerRow
		err := s.db.WithContext(ctx).Where("status <> ?", left).Order("fold, tenant_id").Limit(limit).Find(&rows).Error
		if err != nil {
			return nil, wrap(err, "list customers")
		}
		return customersOf(rows)
	}
	found, err := s.customersByPrefix(ctx, strings.Join(words, " "), limit)
	if err != nil {
		return nil, wrap(err, "search customers")
	}
	long := func(word string) bool { return utf8.RuneCountInString(word) >= trigram }
	if len(found) < limit && slices.ContainsFunc(words, long) {
		if found, err = s.customersByInfix(ctx, words, found, limit); err != nil {
			return nil, wrap(err, "search customers")
		}
	}
	return customersOf(found)
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

// customersByInfix adds to found those in whose text every word stands. Of very
// many it takes any two hundred: right for somebody who goes on typing.
func (s reads) customersByInfix(ctx context.Context, words []string, found []customerRow, limit int) ([]customerRow, error) {
	db := s.db.WithContext(ctx)
	words = slices.Clone(words)
	for i, word := range words {
		if utf8.RuneCountInString(word) < trigram {
			words[i] = " " + word // so short, it must at least begin a word
		}
	}
	if s.postgres {
		where, args := likeAll("text", words)
		db = db.Where("tenant_id in (with m as materialized (select tenant_id from customer_texts where "+where+" limit 200) select tenant_id from m)", args...)
	} else {
		where, args := matchAll("customer_texts", []string{"text"}, words)
		db = db.Where("id in (select rowid from customer_texts where "+where+" limit 200)", args...)
	}
	var rows []customerRow
	if err := db.Order("fold, tenant_id").Limit(limit + len(found)).Find(&rows).Error; err != nil {
		return nil, err
	}
	for _, row := range rows {
		known := slices.ContainsFunc(found, func(f customerRow) bool { return f.TenantID == row.TenantID })
		if !known && len(found) < limit {
			found = append(found, row)
		}
	}
	return found, nil
}
