package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"onbehalf/bot/i18n"
	"onbehalf/bot/plaintext"
	"onbehalf/bot/request"
	"onbehalf/bot/sla"
	"onbehalf/bot/teams"
)

// memberLife is how long a looked-up member counts as known.
const memberLife = time.Hour

// errStranger is somebody whom the desk does not serve: a guest, an anonymous
// person, or one of another tenant, who may well write in a conversation of
// ours. errNoLookup says that this could not be found out now.
var (
	errStranger = errors.New("sender is not one of the partner's people")
	errNoLookup = errors.New("sender cannot be looked up")
	// errNowhere says that there is no conversation in which to look the sender up.
	errNowhere = errors.New("no conversation with the sender")
	// errSomebodyElse says that the sender has another id than the activity names, by
	// which everything has to be read again.
	errSomebodyElse = errors.New("sender has another id")
)

// ErrUnknown means that nobody of the partner's people is meant.
var ErrUnknown = errors.New("nobody of the partner's people")

// identify puts who the sender is into the turn. For a bot without a
// registration everybody on this machine is welcome.
func (t *Turn) identify(ctx context.Context) error {
	m, err := t.member(ctx, t.Activity.From, t.Session.Member)
	switch {
	case t.server.Verifier == nil:
		if err != nil {
			m = Member{Person: personOf(t.Activity.From)}
		}
	case err != nil:
		return err
	case !t.server.serves(m):
		return errStranger
	}
	if m.ID != t.Person.ID {
		t.Person = m.Person
		return errSomebodyElse
	}
	t.Person = m.Person
	t.Person.TeamsID = t.Activity.From.ID
	return nil
}

// serves says whether a member is one of the partner's own people.
func (s *Server) serves(m Member) bool {
	asTeamsSaid := teams.Member{UserRole: m.Role, UserPrincipalName: m.UserPrincipalName}
	return slices.Contains(s.Tenants, m.Tenant) && !asTeamsSaid.Guest()
}

// member is who an account is: as it is known while that is fresh, else as the
// connector says, which is kept of those who may use the bot. The error is errStranger
// or errNoLookup.
func (t *Turn) member(ctx context.Context, who teams.Account, known *Member) (Member, error) {
	if who.ID == "" {
		return Member{}, errStranger
	}
	if known != nil && t.At.Sub(known.Seen).Abs() < memberLife && known.TeamsID == who.ID {
		return *known, nil
	}
	ask, cancel := context.WithTimeout(ctx, lookupLimit)
	defer cancel()
	found, err := t.lookUp(ask, who)
	var failure *teams.Error
	if errors.As(err, &failure) && failure.MemberMissing() {
		return Member{}, errStranger
	}
	if err != nil {
		return Member{}, fmt.Errorf("%w: %w", errNoLookup, err)
	}
	if who.AadObjectID != "" && found.AADObjectID != "" && !strings.EqualFold(who.AadObjectID, found.AADObjectID) {
		return Member{}, errStranger
	}
	m := memberOf(found, t.At)
	if t.server.Verifier == nil || t.server.serves(m) {
		t.Do(func(ctx context.Context, tx Tx) error { return tx.KeepMember(ctx, t.ref.TenantID, m) })
	}
	return m, nil
}

// lookUp asks the connector who an account is. The compose box, its commands and links
// work for a person wherever they are, in conversations too that the bot is not in;
// then it is their own chat with the bot that says who they are.
func (t *Turn) lookUp(ctx context.Context, who teams.Account) (teams.Member, error) {
	own := t.ref
	own.ConversationID, own.Kind = t.Session.Settings.Personal, teams.Personal
	elsewhere := own.ConversationID != "" && who.ID == t.Activity.From.ID
	switch {
	case t.ref.ConversationID == "" && elsewhere:
		return t.server.Connector.Member(ctx, own, who.ID)
	case t.ref.ConversationID == "":
		return teams.Member{}, errNowhere
	}
	found, err := t.server.Connector.Member(ctx, t.ref, who.ID)
	if elsewhere && botMissing(err) && t.ref.ConversationID != own.ConversationID {
		return t.server.Connector.Member(ctx, own, who.ID)
	}
	return found, err
}

func memberOf(found teams.Member, now time.Time) Member {
	account := teams.NewAccount(found.ID, found.Name)
	account.AadObjectID, account.TenantID, account.Email = found.AADObjectID, found.TenantID, found.Email
	if account.Email == "" {
		account.Email = found.UserPrincipalName
	}
	return Member{Person: personOf(account), UserPrincipalName: found.UserPrincipalName, Role: found.UserRole, Seen: now}
}

// personOf is the person behind an account. Ids are GUIDs in either letter
// case, so they are kept in lower case.
func personOf(a teams.Account) request.Person {
	id := strings.ToLower(a.AadObjectID)
	if id == "" {
		id = a.ID
	}
	return request.Person{ID: id, TeamsID: a.ID, Tenant: strings.ToLower(a.TenantID), Name: a.Name, Email: a.Email}
}

// Member looks up somebody who was mentioned: one of the partner's own people in
// this conversation. ErrUnknown says that they are not.
func (t *Turn) Member(ctx context.Context, who teams.Account) (request.Person, error) {
	m, err := t.member(ctx, who, nil)
	switch {
	case t.server.Verifier == nil && err != nil:
		return personOf(who), nil
	case errors.Is(err, errStranger) || err == nil && t.server.Verifier != nil && !t.server.serves(m):
		return request.Person{}, ErrUnknown
	case err != nil:
		return request.Person{}, err
	}
	return m.Person, nil
}

// Few says whether the conversation has at most so many members. Where that
// cannot be found out it has more.
func (t *Turn) Few(ctx context.Context, most int) bool {
	ctx, cancel := context.WithTimeout(ctx, lookupLimit)
	defer cancel()
	page, more, err := t.server.Connector.Members(ctx, t.ref, "")
	return err == nil && more == "" && len(page) <= most
}

// memberPages bounds how much of a large channel FindMembers reads.
const memberPages = 5

// FindMembers finds the partner's own people in this conversation whose name
// begins with, or whose address is, what was typed; who is called exactly so comes
// alone. Where nobody is found here, it looks in the conversation elsewhere, unless
// that is empty. It reads at most a thousand members of each.
func (t *Turn) FindMembers(ctx context.Context, typed, elsewhere string) ([]request.Person, error) {
	typed = plaintext.Fold(strings.TrimPrefix(strings.TrimSpace(typed), "@"))
	if typed == "" {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(ctx, lookupLimit)
	defer cancel()
	people, err := t.membersCalled(ctx, t.ref, typed)
	if err != nil || len(people) > 0 || elsewhere == "" || elsewhere == t.ref.ConversationID {
		return people, err
	}
	there := t.ref
	there.ConversationID = elsewhere
	people, err = t.membersCalled(ctx, there, typed)
	if gone := (*teams.Error)(nil); errors.As(err, &gone) && gone.Final() {
		return nil, nil // the bot is not there any more, or it was somebody's own chat
	}
	return people, err
}

func (t *Turn) membersCalled(ctx context.Context, ref teams.Ref, typed string) ([]request.Person, error) {
	var people []request.Person
	token := ""
	for range memberPages {
		page, next, err := t.server.Connector.Members(ctx, ref, token)
		if err != nil {
			return nil, fmt.Errorf("find members: %w", err)
		}
		for _, found := range page {
			m := memberOf(found, t.At)
			fits := strings.HasPrefix(plaintext.Fold(m.Name), typed) || plaintext.Fold(m.Email) == typed || plaintext.Fold(m.UserPrincipalName) == typed
			if fits && (t.server.Verifier == nil || t.server.serves(m)) {
				people = append(people, m.Person)
			}
		}
		if next == "" {
			break
		}
		token = next
	}
	exact := slices.IndexFunc(people, func(p request.Person) bool { return plaintext.Fold(p.Name) == typed })
	if exact >= 0 && !slices.ContainsFunc(people[exact+1:], func(p request.Person) bool { return plaintext.Fold(p.Name) == typed }) {
		return people[exact : exact+1], nil
	}
	return people, nil
}

// readWords gives the turn the person's words and zone.
func (t *Turn) readWords() {
	zone := t.Activity.Zone()
	if _, ok := sla.Location(zone); !ok {
		zone = t.Session.Settings.Zone
	}
	lang := t.Session.Settings.Language
	if lang == "" {
		lang = i18n.Match(t.Activity.Language())
	}
	t.Speak(lang, zone)
}

// keepZone keeps a zone that is new.
func (t *Turn) keepZone() {
	if zone := t.Zone; zone != t.Session.Settings.Zone && !t.Person.Nobody() {
		t.Do(func(ctx context.Context, tx Tx) error { return tx.SaveSettings(ctx, t.Person.ID, Settings{Zone: zone}) })
	}
}

// Speak changes the language and zone of this turn's answers; an empty zone is
// not known.
func (t *Turn) Speak(lang, zone string) {
	location, ok := sla.Location(zone)
	if !ok {
		location = time.UTC
	}
	t.Zone, t.Words = zone, i18n.For(lang, location).AsOf(t.At)
	if t.Shared() {
		t.Words = t.Words.Called(cmp.Or(t.Activity.Recipient.Name, "onbehalf"))
	}
}

// ChooseLanguage keeps the person's language ("en", "ru" or "de"); this turn
// speaks it already.
func (t *Turn) ChooseLanguage(lang string) {
	t.Do(func(ctx context.Context, tx Tx) error {
		return tx.SaveSettings(ctx, t.Person.ID, Settings{Language: lang})
	})
	t.Speak(lang, t.Zone)
}
