package teamstest

import (
	"slices"
	"strings"

	"github.com/google/uuid"
)

// Person is somebody who uses Teams.
type Person struct {
	Name     string
	ID       string // 29: id, as this bot sees it
	ObjectID string // Entra's
	TenantID string
	UPN      string
	Email    string
	Role     string
	Locale   string
	Zone     string

	personal  string // id of the chat with the bot
	forgotten int    // times the history was cleared
}

// PersonOption makes somebody special.
type PersonOption func(*Person)

// Guest is somebody of another tenant who was invited into ours.
func Guest() PersonOption {
	return func(p *Person) {
		p.Role = "guest"
		p.UPN = strings.ReplaceAll(p.UPN, "@", "_") + "#EXT#@nordwind.example"
	}
}

// Foreign is somebody of another tenant, in a shared channel.
func Foreign() PersonOption { return func(p *Person) { p.TenantID = OtherTenant } }

// Anonymous has joined by a link, without an account.
func Anonymous() PersonOption {
	return func(p *Person) { p.Role, p.ObjectID, p.UPN, p.Email = "anonymous", "", "", "" }
}

// Speaking sets the language of the person's client.
func Speaking(locale string) PersonOption { return func(p *Person) { p.Locale = locale } }

// InZone sets the time zone of the person's client.
func InZone(zone string) PersonOption { return func(p *Person) { p.Zone = zone } }

// ObjectID is the Entra object id that a person of this name has, known before
// the person is.
func ObjectID(name string) string {
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte("person:"+name)).String()
}

// Person returns somebody by name, and makes them on first use: a member of
// Tenant unless an option says otherwise.
func (t *Teams) Person(name string, options ...PersonOption) *Person {
	t.mu.Lock()
	defer t.mu.Unlock()
	if p, ok := t.people[name]; ok {
		for _, o := range options {
			o(p)
		}
		return p
	}
	mailbox := strings.ToLower(strings.ReplaceAll(name, " ", ".")) + "@nordwind.example"
	p := &Person{
		Name: name, ID: "29:1" + strings.ReplaceAll(ObjectID(name), "-", ""), ObjectID: ObjectID(name), TenantID: Tenant,
		UPN: mailbox, Email: mailbox, Role: "user", Locale: "en-US", Zone: "Europe/Berlin",
	}
	for _, o := range options {
		o(p)
	}
	t.people[name] = p
	return p
}

// Lead is the one who leads the desk, by Env.
func (t *Teams) Lead() *Person { return t.Person("Lena Lead") }

// is tells whether an id of any kind means this person.
func (p *Person) is(id string) bool {
	return id != "" && (p.ID == id || strings.EqualFold(p.ObjectID, id) || strings.EqualFold(p.UPN, id))
}

func (p *Person) member() map[string]any {
	m := map[string]any{
		"id": p.ID, "name": p.Name, "objectId": p.ObjectID, "email": p.Email, "userPrincipalName": p.UPN,
		"tenantId": p.TenantID, "userRole": p.Role,
	}
	if given, surname, ok := strings.Cut(p.Name, " "); ok {
		m["givenName"], m["surname"] = given, surname
	}
	for k, v := range m {
		if v == "" {
			delete(m, k)
		}
	}
	return m
}

// conversation is what Teams knows of one; the channel with all its threads is
// one of them.
type conversation struct {
	id        string
	kind      string
	tenant    string
	team      string
	members   []*Person
	installed bool
	messages  []*Message
	prompts   []string // ids of what people wrote
}

func (c *conversation) person(id string) *Person {
	if i := slices.IndexFunc(c.members, func(p *Person) bool { return p.is(id) }); i >= 0 {
		return c.members[i]
	}
	return nil
}

func (c *conversation) message(id string) *Message {
	if i := slices.IndexFunc(c.messages, func(m *Message) bool { return m.ID == id }); i >= 0 {
		return c.messages[i]
	}
	return nil
}

// personalChat returns the chat of a person with the bot, and makes it on
// first use.
func (t *Teams) personalChat(p *Person) *conversation {
	if p.personal == "" {
		p.personal = "a:1" + uuid.NewSHA1(uuid.NameSpaceURL, []byte("chat:"+p.ID+strings.Repeat("+", p.forgotten))).String()
	}
	c, ok := t.conversations[p.personal]
	if !ok {
		c = &conversation{id: p.personal, kind: Personal, tenant: p.TenantID, members: []*Person{p}}
		t.conversations[c.id] = c
	}
	return c
}

// ClearHistory makes the person's chat with the bot unknown, as when they
// clear it: its id answers 404 from now on, and creating gives another one.
func (t *Teams) ClearHistory(p *Person) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.conversations, p.personal)
	p.forgotten++
	p.personal = ""
	t.personalChat(p).installed = true
}
