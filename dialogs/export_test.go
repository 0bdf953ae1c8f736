package dialogs

import (
	"maps"
	"slices"

	"onbehalf/bot/i18n"
)

// Spellings are all words of all commands.
func Spellings() []string { return slices.Sorted(maps.Keys(names)) }

// ButtonSpellings are all words of buttons that can be typed.
func ButtonSpellings() []string { return slices.Sorted(maps.Keys(labels)) }

// Verbs are all that a button can do.
func (d *Dialogs) Verbs() []string { return slices.Sorted(maps.Keys(d.verbs)) }

// Whole says whether a line is a command with nothing but what it takes.
func Whole(line string) bool {
	c := Parse(line)
	return c.exact(c.Rest, i18n.For("en", nil))
}
