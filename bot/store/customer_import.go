package store

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"onbehalf/bot/customer"
	"onbehalf/bot/plaintext"
)

// customerTerm is something that a customer is found by from its beginning.
type customerTerm struct {
	Term     string
	TenantID string
}

func (customerTerm) TableName() string { return "customer_terms" }

// importBatch is how many customers one statement keeps. SQLite writes its search
// index out after each, and allows 32,766 parameters, of which one takes four.
const importBatch = 4000

// customerTexts is what the tables find a customer by, nothing for one who left.
func customerTexts(c customer.Customer) []string {
	if c.Status == left {
		return nil
	}
	return spellings(c)
}

// spellings are name, domains and tenant id of a customer as people may type them.
func spellings(c customer.Customer) (terms []string) {
	given := append([]string{c.Name, c.TenantID, c.PrimaryDomain}, c.CustomDomains...)
	for _, domain := range given[2:] {
		given = append(given, customer.UnicodeDomain(domain)) // as it is kept, and as it is typed
	}
	for _, name := range customer.NameTerms(sanitizeText(c.Name)) {
		terms = append(terms, sanitizeText(name))
	}
	for _, term := range given {
		if term = plaintext.Fold(sanitizeText(term)); term != "" {
			terms = append(terms, term)
		}
	}
	slices.Sort(terms)
	return slices.Compact(terms)
}

// wordsIn are the words of a customer's spellings and domains, with a blank before each.
func wordsIn(c customer.Customer, spelled []string) string {
	for _, domain := range append([]string{c.PrimaryDomain}, c.CustomDomains...) {
		spelled = append(spelled, wordsOfDomain(domain)) // found by any of its words
	}
	return " " + strings.Join(spelled, " ")
}

// termsOf are a customer's terms as rows.
func termsOf(c customer.Customer) []customerTerm {
	var rows []customerTerm
	for _, term := range customerTexts(c) {
		rows = append(rows, customerTerm{Term: term, TenantID: c.TenantID})
	}
	return rows
}

// wordsOfDomain gives a domain's words with a blank before each.
func wordsOfDomain(domain string) string {
	return strings.NewReplacer(".", " ", "-", " ").Replace(plaintext.Fold(sanitizeText(customer.UnicodeDomain(domain))))
}

// PutCustomers adds or updates customers in one transaction. Of two with the same
// tenant id the later one counts.
func (s *Store) PutCustomers(ctx context.Context, customers []customer.Customer) (added, updated int, err error) {
	byTenant := map[string]customer.Customer{}
	for _, c := range customers {
		c.TenantID = strings.ToLower(c.TenantID)
		byTenant[c.TenantID] = c
	}
	// In one order, so that two imports at once don't wait for each other's rows.
	ordered := make([]customer.Customer, 0, len(byTenant))
	for _, c := range byTenant {
		ordered = append(ordered, c)
	}
	slices.SortFunc(ordered, func(a, b customer.Customer) int { return cmp.Compare(a.TenantID, b.TenantID) })

	err = s.inTx(ctx, func(t *tx) error {
		added, updated = 0, 0
		for batch := range slices.Chunk(ordered, importBatch) {
			known, err := s.putCustomers(t.with(ctx), batch)
			if err != nil {
				return err
			}
			added, updated = added+len(batch)-known, updated+known
		}
		return t.with(ctx).Exec("update counters set value = value + 1 where name in ('customers', 'customer_terms')").Error
	})
	if err != nil {
		return 0, 0, wrap(err, "keep customers")
	}
	return added, updated, nil
}

// ChangeCustomers locks customers, gives each to change in the order of their tenants, and
// keeps those of whom that says that they changed. One who is not known has nothing but a
// tenant id. It may run more than once before it is kept.
func (s *Store) ChangeCustomers(ctx context.Context, tenants []string, change func(c *customer.Customer, known bool) bool) error {
	tenants = slices.Sorted(slices.Values(tenants))
	return wrap(s.inTx(ctx, func(t *tx) error {
		db := t.with(ctx)
		query := db.Where("tenant_id in ?", tenants).Order("tenant_id")
		if s.postgres {
			query = query.Clauses(clause.Locking{Strength: "UPDATE"})
		}
		var rows []customerRow
		if err := query.Find(&rows).Error; err != nil {
			return err
		}
		var changed []customer.Customer
		for _, tenant := range tenants {
			c := customer.Customer{TenantID: tenant}
			known := len(rows) > 0 && rows[0].TenantID == tenant
			if known {
				stored, err := rows[0].customer()
				if err != nil {
					return err
				}
				c, rows = *stored, rows[1:]
			}
			if change(&c, known) {
				changed = append(changed, c)
			}
		}
		if len(changed) == 0 {
			return nil
		}
		if _, err := s.putCustomers(db, changed); err != nil {
			return err
		}
		return db.Exec("update counters set value = value + 1 where name = 'customers'").Error
	}), "change customers")
}

// putCustomers keeps one batch, and says how many of it were known before.
func (s *Store) putCustomers(db *gorm.DB, batch []customer.Customer) (known int, err error) {
	rows := make([]customerRow, len(batch))
	tenants := make([]string, len(batch))
	var terms []customerTerm
	for i, c := range batch {
		rows[i] = customerRow{TenantID: c.TenantID, Fold: plaintext.Fold(sanitizeText(c.Name))}
		if rows[i].Document, err = encode(customerDocument{Customer: &c}); err != nil {
			return 0, err
		}
		tenants[i] = c.TenantID
		terms = append(terms, termsOf(c)...)
	}
	var before []customerCalled
	if err := db.Model(&customerRow{}).Select("tenant_id", "name", "primary_domain").Where("tenant_id in ?", tenants).Find(&before).Error; err != nil {
		return 0, err
	}
	err = db.Clauses(clause.OnConflict{
		Columns: []clause.Column{{Name: "tenant_id"}}, DoUpdates: clause.AssignmentColumns([]string{"document", "fold"}),
	}).Create(&rows).Error
	if err != nil {
		return 0, err
	}
	// Only now, with the customers locked, nobody else is changing their terms.
	if err := s.dropCustomerTexts(db, tenants); err != nil {
		return 0, err
	}
	if err := s.putCustomerTerms(db, terms); err != nil {
		return 0, err
	}
	// The ids of rows that were there before are not those that GORM has guessed.
	var kept []customerRow
	if err := db.Select("id", "tenant_id").Where("tenant_id in ?", tenants).Find(&kept).Error; err != nil {
		return 0, err
	}
	if err := s.putCustomerTexts(db, batch, kept); err != nil {
		return 0, err
	}
	return len(before), s.findRenamed(db, batch, before)
}

// putCustomerTerms sends all terms of a batch as one value: a statement with
// thousands of parameters costs both databases more than the rows do.
func (s *Store) putCustomerTerms(db *gorm.DB, terms []customerTerm) error {
	if len(terms) == 0 {
		return nil
	}
	rows := make([][2]string, len(terms))
	for i, t := range terms {
		rows[i] = [2]string{t.Term, t.TenantID}
	}
	list, err := json.Marshal(rows)
	if err != nil {
		return err
	}
	from := "json_each(?)"
	if s.postgres {
		from = "jsonb_array_elements(cast(? as jsonb)) as each(value)"
	}
	return db.Exec("insert into customer_terms (term, tenant_id) select value->>0, value->>1 from "+from, string(list)).Error
}

func (s *Store) dropCustomerTexts(db *gorm.DB, tenants []string) error {
	if err := db.Where("tenant_id in ?", tenants).Delete(&customerTerm{}).Error; err != nil {
		return err
	}
	if s.postgres {
		return db.Exec("delete from customer_texts where tenant_id in ?", tenants).Error
	}
	return db.Exec("delete from customer_texts where rowid in (select id from customers where tenant_id in ?)", tenants).Error
}

// putCustomerTexts keeps what customers are found by from anywhere in it.
// PostgreSQL knows it by the tenant id, SQLite's full-text table by the row's id.
func (s *Store) putCustomerTexts(db *gorm.DB, batch []customer.Customer, rows []customerRow) error {
	ids := map[string]int64{}
	for _, row := range rows {
		ids[row.TenantID] = row.ID
	}
	key := "tenant_id"
	if !s.postgres {
		key = "rowid"
	}
	var values []string
	var args []any
	for _, c := range batch {
		terms := customerTexts(c)
		if terms == nil {
			continue
		}
		values = append(values, "(?, ?)")
		if s.postgres {
			args = append(args, c.TenantID)
		} else {
			args = append(args, ids[c.TenantID])
		}
		args = append(args, wordsIn(c, terms))
	}
	if len(values) == 0 {
		return nil
	}
	return db.Exec("insert into customer_texts ("+key+", text) values "+strings.Join(values, ", "), args...).Error
}
