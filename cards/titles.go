package cards

import (
	"strings"
	"sync"

	"onbehalf/bot/customer"
	"onbehalf/bot/i18n"
	"onbehalf/bot/intake"
	"onbehalf/bot/plaintext"
	"onbehalf/bot/request"
)

// ValueOf gives the value of a choice of the form whose title, in any of our languages,
// was sent or typed instead: some clients send what they show. What is no title of the
// input's own choices stays as it is. Customers' titles are for the desk to read
// (request.Desk.MatchCustomer). Topics are those of the platform: several have a
// "Billing".
func ValueOf(id, sent string, platform customer.Platform) string {
	if len(sent) > longestTitle {
		return sent
	}
	switch id {
	case "subscriptionId":
		if guid, ok := customer.ParseGUID(sent[strings.LastIndex(sent, " ")+1:]); ok {
			return guid
		}
		return sent
	case "healthChecked":
		if id := incidentID(sent); id != "" {
			return id
		}
	case "language":
		name, _, _ := strings.Cut(sent, " (") // the hours stand behind it
		if tag, err := customer.ReadLanguage(name); err == nil {
			return tag
		}
		return sent
	}
	title := plaintext.Fold(sent)
	for _, c := range choiceTitles()[id] {
		if topic, ok := request.TopicByCode(c.Value); ok && topic.Platform != "" && topic.Platform != platform {
			continue
		}
		// A severity's title goes on with the time that is promised.
		if title == c.Title || id == "severity" && strings.HasPrefix(title, c.Title+". ") {
			return c.Value
		}
	}
	return sent
}

// longestTitle is how many bytes a choice's title has at most.
const longestTitle = 300

// choiceTitles are the choices of each closed list, with their folded titles in every
// language.
var choiceTitles = sync.OnceValue(func() map[string][]choice {
	all := map[string][]choice{}
	for _, lang := range i18n.Languages() {
		w := i18n.For(lang, nil)
		add := func(id, prefix string, values ...string) {
			for _, c := range coded(w, prefix, values...) {
				all[id] = append(all[id], choice{plaintext.Fold(c.Title), c.Value})
			}
		}
		add("platform", "platform_choice.", "azure", "office365", "dynamics365", "ems")
		add("kind", "kind.", "technical", "billing", "subscription", "fraud")
		add("severity", "severity_choice.", "A", "B", "C", "noncritical")
		add("production", "impact.production_", "down", "partly", "no")
		add("loss", "impact.loss_", "significant", "moderate", "minimal")
		add("workaround", "impact.workaround_", "no", "with_workaround", "yes")
		add("planKind", "plan.", planKinds...)
		add("criterion", "criterion.", criteria...)
		add("healthChecked", "health.", healthAnswers...)
		all["healthChecked"] = append(all["healthChecked"], choice{plaintext.Fold(w.T("health.none_of_these")), request.HealthNone},
			choice{plaintext.Fold(w.T("health.another")), request.HealthIncident})
		for _, p := range []customer.Platform{customer.Azure, customer.Office365, customer.Dynamics, customer.EMS} {
			for _, t := range request.TopicsOf(p) {
				all["topic"] = append(all["topic"], choice{plaintext.Fold(topicName(t.Code, w)), t.Code})
			}
		}
	}
	return all
})

// FieldCalled gives the input of the form that people call so, in any of our languages:
// by its label, or by the short name that the bot says. It is false for anything else.
func FieldCalled(name string) (id string, ok bool) {
	if len(name) > longestTitle {
		return "", false
	}
	id, ok = fieldNames()[fieldName(name)]
	return id, ok
}

func fieldName(s string) string {
	return strings.TrimSpace(strings.TrimRight(plaintext.Fold(s), "? "))
}

// fieldNames are the names of the inputs of StepWhat and StepContact, folded. Other
// steps have choices, which stand on the card.
var fieldNames = sync.OnceValue(func() map[string]string {
	all := map[string]string{}
	for _, lang := range i18n.Languages() {
		w := i18n.For(lang, nil)
		for _, id := range intake.InputIDs() {
			if step := intake.StepOf(id); step != intake.StepWhat && step != intake.StepContact {
				continue
			}
			all[fieldName(w.T("field."+id))] = id
			if key := "called." + id; w.Has(key) {
				all[fieldName(w.T(key))] = id
			}
		}
	}
	return all
})
