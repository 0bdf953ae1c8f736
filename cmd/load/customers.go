package main

import (
	"bytes"
	"fmt"
	"time"

	"github.com/google/uuid"
)

func domainOf(customer int) string { return fmt.Sprintf("c%05d.example", customer) }

func subscriptionOf(customer int) string { return idOf("subscription", customer) }

func idOf(what string, n int) string {
	return uuid.NewSHA1(uuid.NameSpaceURL, fmt.Appendf(nil, "%s %d", what, n)).String()
}

// customersCSV are customers for whom Azure requests can be filed.
func customersCSV(many int) []byte {
	ends := time.Now().AddDate(1, 0, 0).Format(time.DateOnly)
	var b bytes.Buffer
	b.WriteString("tenant_id,company_name,primary_domain,country,relationship,azure_access,admin_relationship,admin_end_date,timezone,support_language,status,subscriptions\n")
	for i := range many {
		fmt.Fprintf(&b, "%s,Customer %05d,%s,DE,direct,owner,gdap,%s,Europe/Berlin,en-us,active,azure|%s|Azure plan|active\n",
			idOf("customer", i), i, domainOf(i), ends, subscriptionOf(i))
	}
	return b.Bytes()
}
