package incident

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"onbehalf/bot/customer"
)

// Incident is a fault of a service that Microsoft has announced.
type Incident struct {
	// ID is Microsoft's, such as EX1234567.
	ID    string `json:"id"`
	Title string `json:"title,omitempty"`
	// Service is Microsoft's name of it, such as "Exchange Online".
	Service string `json:"service,omitempty"`
	// Status is Microsoft's word in lower case, such as "servicedegradation".
	Status string `json:"status,omitempty"`
	// Advisory says that Microsoft calls it an advisory: users can go on working.
	Advisory bool      `json:"advisory,omitempty"`
	Started  time.Time `json:"started,omitzero"`
	Modified time.Time `json:"modified,omitzero"`
	// Over says that Microsoft has ended it.
	Over bool `json:"over,omitempty"`
	// Unlisted says that Microsoft does not list it any more and never said that it is
	// over; everything else is what was known last.
	Unlisted bool `json:"unlisted,omitempty"`
	// Post is the newest of Microsoft's messages about it as text, cut, and Posted when it
	// was written.
	Post   string    `json:"post,omitempty"`
	Posted time.Time `json:"posted,omitzero"`
}

// News names what Microsoft has said last: two states of an incident with the same name have
// nothing that a person would want to hear.
func (i Incident) News() string {
	state := "open"
	if i.Over {
		state = "over"
	}
	return "news/" + state + "/" + i.Status + "/" + strconv.FormatInt(i.Posted.Unix(), 10)
}

// EndedBy says whether a status, in lower case, means that an incident is over. It is for
// incidents of which Microsoft does not say so itself.
func EndedBy(status string) bool {
	switch status {
	case "servicerestored", "postincidentreviewpublished", "falsepositive", "resolved", "resolvedexternal", "mitigated", "mitigatedexternal":
		return true
	}
	return false
}

var (
	suite    = []customer.Platform{customer.Office365}
	business = []customer.Platform{customer.Dynamics}
	mobility = []customer.Platform{customer.EMS}
	both     = []customer.Platform{customer.Office365, customer.EMS}
	reports  = []customer.Platform{customer.Office365, customer.Dynamics}
	everyone = []customer.Platform{customer.Azure, customer.Office365, customer.Dynamics, customer.EMS}
)

// services says by words in the name of a service on which platforms people file for it;
// the first that fits counts.
var services = []struct {
	word      string
	platforms []customer.Platform
}{
	{"dynamics", business}, {"power apps", business}, {"power automate", business}, {"microsoft flow", business}, {"power platform", business}, {"dataverse", business},
	{"copilot studio", business}, {"power pages", business}, {"power bi", reports}, {"fabric", reports},
	{"entra", everyone}, {"identity service", everyone}, {"active directory", everyone},
	{"mobile device management", both}, {"intune", mobility}, {"autopatch", mobility}, {"defender for identity", mobility}, {"cloud app", mobility}, {"information protection", both},
	{"defender", both}, {"purview", both},
	{"exchange", suite}, {"sharepoint", suite}, {"onedrive", suite}, {"teams", suite}, {"skype", suite}, {"yammer", suite}, {"viva", suite},
	{"planner", suite}, {"project", suite}, {"forms", suite}, {"bookings", suite}, {"sway", suite}, {"stream", suite}, {"copilot", suite},
	{"office", suite}, {"microsoft 365", suite}, {"to do", suite}, {"whiteboard", suite}, {"lists", suite},
}

// Concerns says whether people may mean the incident when they file on a platform. One of a
// service that is not known here concerns all of them; known says whether it is.
func (i Incident) Concerns(p customer.Platform) (concerns, known bool) {
	name := strings.ToLower(i.Service)
	for _, s := range services {
		if strings.Contains(name, s.word) {
			return slices.Contains(s.platforms, p), true
		}
	}
	return true, false
}
