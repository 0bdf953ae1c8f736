package request

import (
	"regexp"
	"strings"

	"onbehalf/bot/plaintext"
)

// severityNames are the words for each severity, folded.
var severityNames = map[string]Severity{
	"critical": SeverityA, "kritisch": SeverityA, "kritische": SeverityA, "критично": SeverityA, "критическии": SeverityA, "сильное": SeverityA,
	"moderate": SeverityB, "mittel": SeverityB, "mittlere": SeverityB, "умеренныи": SeverityB, "умеренное": SeverityB,
	"minimal": SeverityC, "minimale": SeverityC, "минимальныи": SeverityC, "минимальное": SeverityC,
	"noncritical": NonCritical, "non-critical": NonCritical, "not critical": NonCritical, "unkritisch": NonCritical,
	"nichtkritisch": NonCritical, "nicht kritisch": NonCritical, "некритично": NonCritical, "некритичныи": NonCritical,
}

var (
	// severityLabel stands before a severity, and impactWord behind it.
	severityLabel = regexp.MustCompile(`^(?:severity|sev|priority|schweregrad|уровень серьезности|серьезность)[.:]?\s+`)
	impactWord    = regexp.MustCompile(`\s+(?:impact|auswirkung(?:en)?|влияние)$`)
	// severityTitle is a choice's own title: "A – Critical: production is down."
	severityTitle = regexp.MustCompile(`^([abc])\s*[-:]\s*\S`)
)

// SeverityPhrase is ParseSeverity for words that stand in front of others: nothing may
// follow the severity's own.
func SeverityPhrase(s string) (Severity, bool) {
	s = plaintext.Fold(s)
	s = severityLabel.ReplaceAllString(s, "")
	s = impactWord.ReplaceAllString(s, "")
	letter := cyrillic.Replace(s)
	switch letter {
	case "a", "b", "c":
		return Severity(strings.ToUpper(letter)), true
	}
	if named, ok := severityNames[s]; ok {
		return named, true
	}
	before, name, both := strings.Cut(s, "-")
	named, ok := severityNames[strings.TrimSpace(name)]
	return named, both && ok && string(named) == strings.ToUpper(cyrillic.Replace(strings.TrimSpace(before)))
}

// otherScale are severities of scales that are not ours, folded.
var otherScale = regexp.MustCompile(`^(?:[ps][1-4]|(?:severity|sev|prio|priority|schweregrad) ?[0-9]|high|hoch|urgent|dringend|срочно)$`)

// OtherScale says whether words name a severity of a scale that is not ours, so that
// it has to be asked which of ours is meant.
func OtherScale(s string) bool { return otherScale.MatchString(plaintext.Fold(s)) }

// products are the names by which people call one product of a platform, folded, and
// the topics that they mean.
var products = map[string]string{
	"exchange": "m.exo", "exchange online": "m.exo", "sharepoint": "m.spo", "sharepoint online": "m.spo", "onedrive": "m.spo",
	"teams": "m.teams", "microsoft teams": "m.teams", "intune": "e.intune", "microsoft intune": "e.intune",
	"power platform": "d.pp", "business central": "d.bc", "aks": "az.aks",
}

// ParseProduct reads a product by one of the names people use.
func ParseProduct(s string) (Topic, bool) {
	return TopicByCode(products[plaintext.Fold(s)])
}
