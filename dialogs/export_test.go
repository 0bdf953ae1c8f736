package dialogs

import (
	"maps"
	"slices"
)

// Spellings are all words of all commands.
func Spellings() []string { return slices.Sorted(maps.Keys(names)) }

// ButtonSpellings are all words of buttons that can be typed.
func ButtonSpellings() []string { return slices.Sorted(maps.Keys(buttons)) }

// Verbs are all that a button can do.
func (d *Dialogs) Verbs() []string { return slices.Sorted(maps.Keys(d.verbs)) }
