package main

import (
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// settingsOf names the settings that a command looks at. Its help shows no
// others; a command that is missing here looks at all of them.
var settingsOf = map[string][]string{
	"demo": {
		"listen-addr", "admin-addr", "leads", "leads-file", "desk-conversation", "escalation-conversation",
		"teams-tenant-rate", "sla-policy", "log-level", "log-format",
	},
	"migrate":          {"database-url"},
	"customers":        {},
	"customers import": {"database-url", "sla-policy"},
	"customers list":   {"database-url"},
	"sla":              {},
	"sla due":          {"sla-policy"},
	"report":           {"database-url"},
	"export":           {"database-url"},
	"backup":           {"database-url"},
	"restore":          {"database-url"},
	"manifest":         {"microsoft-app-id"},
	"docs":             {},
	"version":          {},
}

// help prints the help of the selected command, with the settings that it looks
// at. All settings can be given to every command.
func help(options kong.HelpOptions, ctx *kong.Context) error {
	if selected := ctx.Selected(); selected != nil {
		name, _, _ := strings.Cut(strings.TrimSpace(selected.Path()), " <")
		if used, some := settingsOf[name]; some {
			if slices.Contains(used, "database-url") {
				used = append(slices.Clone(used), "database-url-file")
			}
			for _, flag := range ctx.Model.Flags {
				if flag.Group != nil && flag.Group.Key == "settings" && !slices.Contains(used, flag.Name) {
					flag.Hidden = true
				}
			}
		}
	}
	return kong.DefaultHelpPrinter(options, ctx)
}
