package dialogs

import (
	"context"
	"errors"
	"slices"
	"strings"

	"onbehalf/bot"
	"onbehalf/bot/plaintext"
	"onbehalf/bot/request"
)

// me are the words for the one who speaks, in the three languages.
var me = []string{"me", "я", "мне", "меня", "ich", "mir", "mich"}

// personNamed finds whom somebody means: themselves, the person whom they
// mentioned, or one of the conversation's members by name or address. A mention
// counts by its account, never by its words. In somebody's own chat, where nobody
// else can be mentioned, a name is looked up where the ticket was filed. Nobody and
// several are problems of the input "person".
func (d *Dialogs) personNamed(ctx context.Context, t *bot.Turn, typed string, about request.Number) (request.Person, error) {
	typed = strings.TrimSpace(typed)
	if typed == "" && len(t.Activity.MentionedPeople()) == 0 {
		return request.Person{}, personProblem("person_required", "")
	}
	if slices.Contains(me, plaintext.Fold(typed)) {
		return t.Person, nil
	}
	if mentioned := t.Activity.MentionedPeople(); len(mentioned) > 0 {
		who, err := t.Member(ctx, mentioned[0].Account)
		if errors.Is(err, bot.ErrUnknown) {
			return request.Person{}, personProblem("person_unknown", mentioned[0].Name)
		}
		return who, err
	}
	elsewhere, err := d.homeOf(ctx, t, about)
	if err != nil {
		return request.Person{}, err
	}
	found, err := t.FindMembers(ctx, typed, elsewhere)
	if err == nil && len(found) == 0 {
		found, err = d.knownCalled(ctx, t, typed)
	}
	if err != nil {
		return request.Person{}, err
	}
	switch len(found) {
	case 0:
		return request.Person{}, personProblem("person_unknown", typed)
	case 1:
		return found[0], nil
	}
	return request.Person{}, personProblem("person_many", typed)
}

// mostKnown is how many people a name is looked for among, mostOffered how many a card
// offers.
const mostKnown, mostOffered = 500, 50

// known are the desk's own people whom the bot has met, last seen first.
func (d *Dialogs) known(ctx context.Context, t *bot.Turn) ([]request.Person, error) {
	people, err := t.Reader.Known(ctx, mostKnown)
	return slices.DeleteFunc(people, func(p request.Person) bool { return p.Name == "" || d.Desk.Outsider(p) }), err
}

// knownCalled finds those whose name begins with what was typed, or whose address it is;
// who is called exactly so comes alone.
func (d *Dialogs) knownCalled(ctx context.Context, t *bot.Turn, typed string) ([]request.Person, error) {
	people, err := d.known(ctx, t)
	typed = plaintext.Fold(strings.TrimPrefix(typed, "@"))
	var found, exact []request.Person
	for _, p := range people {
		name := plaintext.Fold(p.Name)
		if strings.HasPrefix(name, typed) || plaintext.Fold(p.Email) == typed {
			found = append(found, p)
		}
		if name == typed {
			exact = append(exact, p)
		}
	}
	if len(exact) == 1 {
		return exact, err
	}
	return found, err
}

// personIn is the person who was chosen on a card, else the one who was named.
func (d *Dialogs) personIn(ctx context.Context, t *bot.Turn, in input, about request.Number) (request.Person, error) {
	chosen := in.data.String("person")
	if chosen == "" || strings.TrimSpace(in.text) != "" {
		return d.personNamed(ctx, t, in.text, about)
	}
	people, err := d.known(ctx, t)
	if err != nil {
		return request.Person{}, err
	}
	for _, p := range people {
		if p.ID == chosen {
			return p, nil
		}
	}
	return d.personNamed(ctx, t, chosen, about) // a client that sends the choice's title
}

// homeOf is where a ticket that the person may see was filed.
func (d *Dialogs) homeOf(ctx context.Context, t *bot.Turn, n request.Number) (string, error) {
	of, err := d.Desk.Ticket(ctx, t.Reader, t.Person, n)
	if err != nil || of.Home.Personal {
		return "", err
	}
	return of.Home.Conversation, nil
}

func personProblem(code, typed string) error {
	return &request.Invalid{Problems: []request.Problem{{Field: "person", Code: code, Args: map[string]any{"typed": excerpt(typed)}}}}
}

// personOrMe is the person who was named, else the one who asks.
func (d *Dialogs) personOrMe(ctx context.Context, t *bot.Turn, in input, about request.Number) (request.Person, error) {
	if strings.TrimSpace(in.text) == "" && in.data.String("person") == "" && len(t.Activity.MentionedPeople()) == 0 {
		return t.Person, nil
	}
	return d.personIn(ctx, t, in, about)
}
