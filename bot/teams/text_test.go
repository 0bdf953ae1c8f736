package teams

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

const botID = "28:bot"

// said is a message to the bot with mentions: pairs of text and id.
func said(text string, mentions ...string) *Activity {
	a := &Activity{Type: TypeMessage, Text: text, Recipient: NewAccount(botID, "Onbehalf")}
	for i := 0; i+1 < len(mentions); i += 2 {
		a.Entities = append(a.Entities, Entity{Type: "mention", Text: mentions[i], Mentioned: NewAccount(mentions[i+1], "whoever")})
	}
	return a
}

// named is a message whose entities have names and no text: pairs of name and id.
func named(text string, mentions ...string) *Activity {
	a := said(text)
	for i := 0; i+1 < len(mentions); i += 2 {
		a.Entities = append(a.Entities, Entity{Type: "mention", Mentioned: NewAccount(mentions[i+1], mentions[i])})
	}
	return a
}

func TestSpokenText(t *testing.T) {
	const bot, bo = "<at>Onbehalf</at>", "<at>Bo Lind</at>"
	for what, c := range map[string]struct {
		in   *Activity
		want string
	}{
		"plain":                        {said("new contoso"), "new contoso"},
		"mention in front":             {said(bot+" new", bot, botID), "new"},
		"mention in front, NBSP":       {said(bot+"\u00a0new", bot, botID), "new"},
		"mention behind":               {said("new "+bot, bot, botID), "new"},
		"mention amid":                 {said("new "+bot+" contoso", bot, botID), "new  contoso"},
		"two mentions, two entities":   {said(bot+" new "+bot, bot, botID, bot, botID), "new"},
		"two mentions, one entity":     {said(bot+" new "+bot, bot, botID), "new " + bot},
		"typed, not mentioned":         {said(bot + " new"), bot + " new"},
		"escaped, not mentioned":       {said("&lt;at&gt;Onbehalf&lt;/at&gt; new"), bot + " new"},
		"somebody of the same name":    {said(bot+" new", bot, "29:imposter"), "@Onbehalf new"},
		"the bot by another name":      {said("<at>Helper</at> new", "<at>Helper</at>", botID), "new"},
		"numbered tag":                 {said(`<at id="0">Onbehalf</at> new`, bot, botID), "new"},
		"numbered tag, two people":     {said(`<at id="0">Onbehalf</at> assign 5 <at id="1">Bo Lind</at>`, bot, botID, bo, "29:bo"), "assign 5 @Bo Lind"},
		"others stay":                  {said(bot+" assign 5 "+bo, bot, botID, bo, "29:bo"), "assign 5 @Bo Lind"},
		"entity without text":          {said(bot+" new", "", botID), "new"},
		"entity without text, by name": {named(bot+" ask "+bo, "Onbehalf", botID, "Bo Lind", "29:bo"), "ask @Bo Lind"},
		"escaped otherwise":            {said("<at>A &amp; B</at> list", "<at>A & B</at>", botID), "list"},
		"escaped otherwise, twice":     {said("<at>A & B</at> take 3 <at>C &lt;D&gt;</at>", "<at>A &amp; B</at>", botID, "<at>C <D></at>", "29:c"), "take 3 @C <D>"},
		"our name is not the tag's":    {said("<at>Support Bot</at> list", bot, botID), "list"},
		"no tag of another's":          {said(bo+" list", bot, botID, bo, "29:bo"), "@Bo Lind list"},
		"others by position never":     {said("<at>Zoe</at> list", bo, "29:bo"), "<at>Zoe</at> list"},
		"comma":                        {said(bot+", list all", bot, botID), "list all"},
		"colon":                        {said(bot+": list all", bot, botID), "list all"},
		"dash":                         {said(bot+" – list all", bot, botID), "list all"},
		"hyphen":                       {said(bot+" - list all", bot, botID), "list all"},
		"exclamation":                  {said(bot+"!\nlist all", bot, botID), "list all"},
		"negative numbers stay":        {said(bot+" -5 degrees", bot, botID), "-5 degrees"},
		"a question stays":             {said(bot+" ?", bot, botID), "?"},
		"a slash stays":                {said(bot+", /list", bot, botID), "/list"},
		"comma, then somebody":         {said(bot+", "+bo+" has it", bot, botID, bo, "29:bo"), "@Bo Lind has it"},
		"address at the end":           {said("list all, "+bot, bot, botID), "list all"},
		"two halves of a name":         {said("assign 5 <at>Bo</at> <at>Lind</at>", "<at>Bo</at>", "29:bo", "<at>Lind</at>", "29:bo"), "assign 5 @Bo Lind"},
		"a quote":                      {said(`<quoted messageId="1795400123456"/> take this one`), "take this one"},
		"quotes of any spelling":       {said("<quoted messageId='1'></quoted>status <quoted messageId=2 /> SR-1<quoted>"), "status   SR-1"},
		"a quote, then the bot":        {said(`<quoted messageId="1"/> `+bot+", list", bot, botID), "list"},
		"entity that is not there":     {said("new", bot, botID), "new"},
		"entity of a piece":            {said("anew", "a", botID), "new"},
		"a mention made of another":    {said("<<at>X</at>at>Y</at>", "<at>X</at>", botID, "<at>Y</at>", "29:y"), "<at>Y</at>"},
		"name with an ampersand":       {said("ask <at>A &amp; B</at>", "<at>A &amp; B</at>", "29:ab"), "ask @A & B"},
		"entities":                     {said("Contoso &amp; Sons&nbsp;&lt;x&gt; &#x1F600;"), "Contoso & Sons <x> 😀"},
		"resolved once":                {said("&amp;lt;b&amp;gt;"), "&lt;b&gt;"},
		"blanks of all kinds":          {said("\u2003a\u00a0b\u202fc\t d\u3000"), "a b c  d"},
		"line breaks":                  {said("\r\na\r\nb\rc\u2028d\u2029e\n\n"), "a\nb\nc\nd\ne"},
		"controls":                     {said("a\x00b\x1b[31mc\x7fd\u0085e"), "ab[31mcd e"},
		"zero width":                   {said("\u200bne\u200bw\ufeff \u2060x"), "new x"},
		"joined emoji stay":            {said("👩\u200d🚀"), "👩\u200d🚀"},
		"marks of direction around":    {said("\u200f\u200enew الخادم\u200f"), "new الخادم"},
		"nothing":                      {said(""), ""},
		"only the mention":             {said(bot, bot, botID), ""},
		"brackets in the name":         {said("<at>(x</at> hi", "<at>(x</at>", botID), "hi"},
		"mention without closing":      {said("<at>Onbehalf new", bot, botID), "<at>Onbehalf new"},
	} {
		if got := c.in.SpokenText(); got != c.want {
			t.Errorf("%s: %q, want %q", what, got, c.want)
		}
	}
}

func TestBotWithoutAnIDStripsNothing(t *testing.T) {
	a := said("<at>x</at> new", "<at>x</at>", "29:x")
	a.Recipient = Account{}
	if got := a.SpokenText(); got != "@x new" || a.MentionsBot() {
		t.Errorf("%q", got)
	}
}

func TestMentionedPeopleAreTheMarkedOnes(t *testing.T) {
	a := said("<at>Zoe</at> and <at>Bo</at> and <at>Onbehalf</at> and <at>Typed</at>", "<at>Bo</at>", "29:bo", "<at>Onbehalf</at>", botID, "<at>Zoe</at>", "29:zoe")
	var got []string
	for _, p := range a.MentionedPeople() {
		got = append(got, p.ID+" "+p.Spoken)
	}
	if want := []string{"29:zoe @Zoe", "29:bo @Bo"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	for _, p := range a.MentionedPeople() {
		if !strings.Contains(a.SpokenText(), p.Spoken) {
			t.Errorf("%q is not in %q", p.Spoken, a.SpokenText())
		}
	}
}

// Hostile text must not cost quadratic time.
func TestThousandsOfMentions(t *testing.T) {
	var mentions []string
	for range 1000 {
		mentions = append(mentions, "<at>x</at>", "29:x")
	}
	a := said(strings.Repeat("<at>x</at>", 10_000), mentions...)
	if n := len(a.MentionedPeople()); n > maxMentions {
		t.Errorf("%d people", n)
	}
}

func FuzzSpokenText(f *testing.F) {
	f.Add("<at>Onbehalf</at> new", "<at>Onbehalf</at>", "<at>Bo</at>")
	f.Add("<<at>X</at>at>Y</at>", "<at>X</at>", "<at>Y</at>")
	f.Add("&lt;at&gt;\x00\u202e", "a", "aa")
	f.Add(`<at id="0">(</at>`, "<at>(</at>", "")
	f.Fuzz(func(t *testing.T, text, first, second string) {
		if !utf8.ValidString(text) || !utf8.ValidString(first) || !utf8.ValidString(second) {
			return // JSON has none
		}
		a := said(text, first, botID, second, "29:bo")
		got := a.SpokenText()
		if got != strings.TrimSpace(got) {
			t.Errorf("%q is not trimmed", got)
		}
		for _, r := range got {
			if r != '\n' && (unicode.IsControl(r) || r != ' ' && unicode.IsSpace(r)) {
				t.Errorf("%q has %U", got, r)
			}
		}
		for _, p := range a.MentionedPeople() {
			if p.ID != "29:bo" {
				t.Errorf("%q is mentioned", p.ID)
			}
		}
		// Whatever is mentioned, the words between stay.
		bare := said(text)
		if !strings.Contains(text, first) && !strings.Contains(text, second) && !strings.Contains(text, "<at") && got != bare.SpokenText() {
			t.Errorf("%q lost words to mentions that are not in it: %q", text, got)
		}
	})
}
