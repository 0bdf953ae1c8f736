package request

import (
	"slices"
)

// Person is somebody of the partner's desk, as Teams knows them. Two values
// mean the same person when their ID is the same; everything else is what was
// last seen of them.
type Person struct {
	// ID is the Entra object id. Where the channel gives none (the Playground's
	// bystanders), it is the channel's own user id.
	ID string `json:"id"`
	// TeamsID is the id that mentions and new conversations take ("29:…").
	TeamsID string `json:"teamsId,omitempty"`
	// Tenant is the person's own tenant, not the conversation's.
	Tenant string `json:"tenant,omitempty"`
	Name   string `json:"name,omitempty"`
	Email  string `json:"email,omitempty"`
}

// Nobody says whether p is the zero person.
func (p Person) Nobody() bool { return p.ID == "" }

// Is says whether p and q are the same person.
func (p Person) Is(q Person) bool { return p.ID != "" && p.ID == q.ID }

// Watcher is somebody who hears of a ticket without working on it.
type Watcher struct {
	Person
	// AddedBy is the ID of the person who added them, their own when they did it
	// themselves. A fraud case is shown only to watchers whom somebody with a
	// right to it added (R5).
	AddedBy string `json:"addedBy"`
}

// Contact is the partner's own contact whom Microsoft writes to, never the
// customer's (R15, R20).
type Contact struct {
	Name  string `json:"name,omitempty"`
	Email string `json:"email,omitempty"`
	// Phone is E.164 or empty.
	Phone string `json:"phone,omitempty"`
}

// Leads are the Entra object ids of the people who lead the desk.
type Leads []string

// Has says whether p leads the desk.
func (l Leads) Has(p Person) bool { return !p.Nobody() && slices.Contains(l, p.ID) }
