package cards

import (
	"maps"
	"slices"
	"strings"
	"time"

	"onbehalf/bot/customer"
	"onbehalf/bot/i18n"
	"onbehalf/bot/request"
)

// Sentence writes a sentence whose values are codes and foreign text, as the
// desk's problems, warnings and refusals give them: codes become words, foreign
// text one line. The result is plain text, for a run or a toast, not Markdown.
func Sentence(w i18n.Words, key string, args map[string]any) string {
	return sentence(w, key, args)
}

func sentence(w i18n.Words, key string, args map[string]any) string {
	said := maps.Clone(args)
	if provider, ok := args["provider"]; ok && provider == "" {
		key += "_unnamed"
	}
	for name, value := range args {
		if day, ok := value.(time.Time); ok && name == "date" {
			said[name] = w.In(day.Location()).Day(day) // a date is the same day everywhere
			continue
		}
		if n, ok := value.(int); ok && slices.Contains(lengths, name) {
			said[name] = w.Number(n)
			continue
		}
		text, ok := asText(value)
		if !ok {
			continue
		}
		said[name] = worded(name, text, w)
		if name == "status" {
			said[name] = lower(worded(name, text, w)) // in the middle of a sentence
		}
	}
	text := w.T(key, said)
	for _, value := range said {
		if name, ok := value.(string); ok && strings.HasSuffix(name, ".") {
			text = strings.ReplaceAll(text, name+".", name)
		}
	}
	return text
}

// lengths are the arguments that count characters.
var lengths = []string{"length", "limit", "cut"}

// fullStop ends a sentence after a name; "Fabrikam, Inc." brings its own.
func fullStop(name string) string {
	if strings.HasSuffix(name, ".") {
		return ""
	}
	return "."
}

func asText(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case request.Status:
		return string(v), true
	case request.Severity:
		return string(v), true
	case customer.Platform:
		return string(v), true
	case request.Kind:
		return string(v), true
	case request.Number:
		return v.String(), true
	}
	return "", false
}

// worded gives what an argument's code is called; what is no code stays.
func worded(name, value string, w i18n.Words) string {
	named := ""
	switch name {
	case "status":
		if w.Has("status." + value) {
			named = statusName(request.Status(value), w)
		}
	case "incident_status":
		named = IncidentStatus(value, w)
	case "severity", "from", "to":
		if w.Has("severity." + value) {
			named = severityLabel(request.Severity(value), w)
		}
	case "platform":
		named = platformName(customer.Platform(value), w)
	case "topic":
		named = topicName(value, w)
	case "language":
		named = languageSaid(value, w)
	case "criterion":
		if w.Has("criterion." + value) {
			named = w.T("criterion." + value)
		}
	case "answer":
		if w.Has("impact." + value) {
			named = w.T("impact." + value)
		}
	case "verb":
		if w.Has("verb." + value) {
			named = w.T("verb." + value)
		}
	}
	if named != "" {
		return named
	}
	return UserText(value).line(excerpt)
}
