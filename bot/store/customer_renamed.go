package store

import (
	"strings"

	"gorm.io/gorm"

	"onbehalf/bot/customer"
	"onbehalf/bot/plaintext"
)

// customerCalled is what a customer is called.
type customerCalled struct{ TenantID, Name, PrimaryDomain string }

// findRenamed lets "find" know the requests of those customers of a batch who were called
// otherwise before, open and closed ones, by what they are called now. Former names stay.
func (s *Store) findRenamed(db *gorm.DB, batch []customer.Customer, before []customerCalled) error {
	was := make(map[string]customerCalled, len(before))
	for _, c := range before {
		was[c.TenantID] = c
	}
	renamed := map[string]customer.Customer{}
	var tenants []string
	for _, c := range batch {
		if known, ok := was[c.TenantID]; ok && (known.Name != c.Name || known.PrimaryDomain != c.PrimaryDomain) {
			renamed[c.TenantID] = c
			tenants = append(tenants, c.TenantID)
		}
	}
	if len(tenants) == 0 {
		return nil
	}
	var asked []string
	if err := db.Model(&ticketRow{}).Distinct().Where("customer_id in ?", tenants).Pluck("customer_id", &asked).Error; err != nil {
		return err
	}
	for _, id := range asked {
		words := "\n" + strings.Join(append(spelled(renamed[id].Name), plaintext.Fold(sanitizeText(renamed[id].PrimaryDomain))), "\n")
		err := db.Exec("update ticket_texts set head = head || ? where "+s.textKey()+" in (select number from tickets where customer_id = ?)", words, id).Error
		if err != nil {
			return err
		}
	}
	return nil
}

// spelled is a name in every spelling by which it is found.
func spelled(name string) []string {
	name = sanitizeText(name)
	return append(customer.NameTerms(name), plaintext.Fold(name))
}
