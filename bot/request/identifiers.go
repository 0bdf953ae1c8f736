package request

import (
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// ownDigits is how many digits a number of ours has at most; what is longer is
// Microsoft's, also behind "SR".
const ownDigits = 6

// ParseNumber reads a ticket's number as people type it: "SR-1", "sr1", "SR 1",
// "#1" or "1".
func ParseNumber(s string) (Number, bool) {
	s = strings.ToLower(strings.TrimSpace(norm.NFKC.String(s)))
	if rest, ok := strings.CutPrefix(s, "#"); ok {
		s = rest
	}
	if rest, ok := strings.CutPrefix(s, "sr"); ok {
		s = strings.TrimLeft(rest, " -‐‑–—#")
	}
	if s == "" || len(s) > ownDigits || strings.TrimLeft(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return Number(n), err == nil && n > 0
}

// ParseKind reads a kind of request by its id.
func ParseKind(s string) (Kind, bool) {
	switch k := Kind(strings.ToLower(strings.TrimSpace(s))); k {
	case Technical, Billing, Subscribing, Fraud:
		return k, true
	}
	return "", false
}

var (
	// incidentShape is the id of an incident as the service health of Microsoft 365
	// writes it, trackingShape as Azure's does.
	incidentShape = regexp.MustCompile(`^[A-Z]{2}[0-9]{5,7}$`)
	trackingShape = regexp.MustCompile(`^[A-Z0-9_]{4}-[A-Z0-9_]{3}$`)
	// messageShape is a post of the message center, which is no incident.
	messageShape = regexp.MustCompile(`^MC[0-9]+$`)
)

// ParseIncident reads the id of an incident, such as EX123456 or Azure's VT60-RC0, in
// any letter case and with blanks in it, and gives it as service health writes it (E2).
func ParseIncident(s string) (string, bool) {
	id := incidentID(s)
	return id, !IsMessagePost(id) && (incidentShape.MatchString(id) || trackingShape.MatchString(id))
}

// IsMessagePost says whether an id is that of a post in the message center, such as
// MC123456, which is no incident.
func IsMessagePost(s string) bool { return messageShape.MatchString(incidentID(s)) }

func incidentID(s string) string {
	return strings.ToUpper(strings.Join(strings.Fields(strings.TrimRight(s, ".,:;")), ""))
}
