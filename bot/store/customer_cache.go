package store

import (
	"slices"
	"sync"

	"onbehalf/bot/customer"
)

// customerCache remembers customers of one version. Every change of the customers
// raises the version, which each turn reads first, so that no replica goes by what is
// not so any more.
type customerCache struct {
	mu      sync.Mutex
	present *customerVersion
}

// customerVersion is what was read of one version; nil remembers nothing.
type customerVersion struct {
	version int64
	mu      sync.Mutex
	ids     map[string]customer.Customer
	words   map[string][]customer.Customer
}

// cacheLimit bounds what is remembered; beyond it everything is read anew.
const cacheLimit = 10_000

// of gives what is remembered of a version; an older one is not remembered any more.
func (c *customerCache) of(version int64) *customerVersion {
	if version == 0 {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.present == nil || c.present.version < version {
		c.present = &customerVersion{version: version, ids: map[string]customer.Customer{}, words: map[string][]customer.Customer{}}
	}
	if c.present.version > version {
		return nil
	}
	return c.present
}

func (v *customerVersion) byID(id string) (customer.Customer, bool) {
	if v == nil {
		return customer.Customer{}, false
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	c, ok := v.ids[id]
	return c, ok
}

func (v *customerVersion) keep(c customer.Customer) {
	if v == nil {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.ids) >= cacheLimit {
		clear(v.ids)
	}
	v.ids[c.TenantID] = c
}

func (v *customerVersion) calledSo(word string) ([]customer.Customer, bool) {
	if v == nil {
		return nil, false
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	found, ok := v.words[word]
	return slices.Clone(found), ok
}

func (v *customerVersion) keepCalled(word string, found []customer.Customer) {
	if v == nil {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.words) >= cacheLimit/10 {
		clear(v.words)
	}
	v.words[word] = slices.Clone(found)
}
