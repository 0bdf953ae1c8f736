package intake

// Family is a group of sentence codes; it is the first part of the catalogue's
// key.
type Family string

// The families. A catalogue has one sentence for every code of CodeTable, under
// Family + "." + Name.
const (
	// ProblemCode stops a form or a move until its author corrects it.
	ProblemCode Family = "problem"
	// WarningCode is shown on the review; submitting presses through it.
	WarningCode Family = "warning"
	// NoteCode is told, without a press.
	NoteCode Family = "note"
	// ScopeCode stops the form and says where to go instead.
	ScopeCode Family = "scope"
	// RefusedCode says that a person, or the ticket's status, does not allow it.
	RefusedCode Family = "refused"
	// LateCode says why a first response was late.
	LateCode Family = "late"
)

// CodeEntry describes one sentence that people get: what it is called, which
// values it is given, and which rule it speaks for. An argument is always there,
// though it may be empty where the entry says so.
type CodeEntry struct {
	Family Family
	Name   string
	// Args are the names of the values the sentence is given. Instants are
	// time.Time, counts int, everything else string.
	Args []string
	// Rule is the rule of the process behind it, empty for plain validation.
	Rule string
}

// Key is the catalogue's key for the sentence.
func (e CodeEntry) Key() string { return string(e.Family) + "." + e.Name }

// CodeTable lists every code that request and intake give out. The catalogues are
// tested against it, and so are the codes in use.
var CodeTable = []CodeEntry{
	// Problems of any field.
	{ProblemCode, "required", nil, ""},
	{ProblemCode, "too_long", []string{"limit", "length", "cut"}, ""}, // it came back cut at the limit; cut characters are gone
	{ProblemCode, "choice", []string{"typed"}, ""},                    // not one of the values offered
	{ProblemCode, "one_line", nil, ""},

	// Problems of the form.
	{ProblemCode, "customer_unknown", []string{"typed"}, "R7"},
	{ProblemCode, "customer_near", []string{"typed"}, "R7"},          // Check.Candidates holds the nearest names
	{ProblemCode, "customer_which", nil, "R7"},                       // Check.Candidates holds them
	{ProblemCode, "customer_many", []string{"typed", "count"}, "R7"}, // Check.Candidates holds them
	{ProblemCode, "topic_platform", []string{"topic", "platform"}, "R22"},
	{ProblemCode, "subscription_length", []string{"length"}, "R13"}, // a GUID has 36 characters; Problem.Suggest may hold the one on record
	{ProblemCode, "subscription_shape", nil, "R13"},
	{ProblemCode, "subscription_zeros", nil, "R13"},
	{ProblemCode, "language_unknown", []string{"typed"}, "R37"},
	{ProblemCode, "email_shape", nil, "R15"},
	{ProblemCode, "email_name", nil, "R15"}, // "Ann <ann@…>": the address alone is wanted
	{ProblemCode, "email_customer", []string{"domain", "customer"}, "R15"},
	{ProblemCode, "phone_shape", nil, "R40"},
	{ProblemCode, "plan_required", nil, "R43"},
	{ProblemCode, "plan_csp", nil, "R25"}, // the CSP plan does not cover the partner's own tenant
	{ProblemCode, "secret_password", []string{"line"}, ""},
	{ProblemCode, "secret_key", []string{"line"}, ""},
	{ProblemCode, "secret_card", []string{"line"}, "R5"},
	{ProblemCode, "impact_contradicts", []string{"answer"}, "R32"}, // answer is an input and its value, "production_down"
	{ProblemCode, "incident_shape", nil, "E2"},
	{ProblemCode, "incident_message", []string{"typed"}, "E2"}, // a post of the message center
	{ProblemCode, "time_shape", nil, ""},
	{ProblemCode, "time_future", nil, ""},
	{ProblemCode, "ask_again_shape", nil, ""},
	{ProblemCode, "ask_again_past", nil, ""},
	{ProblemCode, "time_old", []string{"days"}, ""}, // further back than so many days

	// Problems of moves.
	{ProblemCode, "case_shape", nil, ""},
	{ProblemCode, "case_length", []string{"length", "least", "most"}, ""},
	{ProblemCode, "case_first", nil, ""},                // Microsoft's first response to a ticket without a number
	{ProblemCode, "case_many", []string{"numbers"}, ""}, // several different ones
	{ProblemCode, "time_before_ticket", []string{"opened"}, ""},
	{ProblemCode, "reason_severity", []string{"from", "to"}, "R32"}, // to A or from it, or a change by two steps
	{ProblemCode, "not_informed", []string{"customer"}, "E10"},
	{ProblemCode, "person_required", nil, ""},

	// Warnings.
	{WarningCode, "tried", nil, "R2"},
	{WarningCode, "criterion", nil, "R3"}, // Warning.Link opens Microsoft's self-help
	{WarningCode, "health", nil, "E2"},    // Warning.Link opens the customer's health page
	{WarningCode, "reachable", nil, "T16"},
	{WarningCode, "access", []string{"customer", "provider"}, "R10"}, // "note.access_request" is the ready-made message; provider may be empty
	{WarningCode, "azure_role", []string{"customer"}, "T8"},          // on record, the partner has no role on the customer's Azure
	// Those about the relationship: Warning.Link opens where a new one is asked for.
	{WarningCode, "relation_missing", []string{"customer"}, "T2"},
	{WarningCode, "relation_awaited", []string{"customer"}, "T2"},
	{WarningCode, "relation_terminated", []string{"customer"}, "T2"},
	{WarningCode, "relation_roleless", []string{"customer"}, "T2"}, // no role of it may file
	{WarningCode, "relation_ended", []string{"customer", "date"}, "T2"},
	{WarningCode, "relation_ended_undated", []string{"customer"}, "T2"},
	{WarningCode, "relation_ends", []string{"customer", "date", "days"}, "T15"}, // days is 0 on the last day
	{WarningCode, "dynamics_agreement", nil, "T4"},
	{WarningCode, "subscription_unknown", []string{"customer"}, "R13"}, // a GUID, but not one on record
	{WarningCode, "language_not_offered", []string{"language"}, "R37"}, // language is a tag
	{WarningCode, "language_text", []string{"language"}, "R37"},        // the description is in other letters than it
	{WarningCode, "plan_unconfirmed", nil, "R14"},                      // of the portal's form, once it is filed
	{WarningCode, "case_unusual", nil, ""},                             // Microsoft's number has none of the known shapes
	{WarningCode, "case_month", []string{"month"}, ""},
	{WarningCode, "case_repeated", []string{"numbers"}, ""}, // numbers: "SR-7, SR-12"

	// Notes.
	{NoteCode, "fee_none", nil, "R26"},
	{NoteCode, "fee_azure", nil, "R27"},
	{NoteCode, "benefit", nil, "R28"},
	{NoteCode, "trial", nil, "R29"},
	{NoteCode, "fee_included", nil, "R30"},
	{NoteCode, "billing_where", nil, "T11"},
	{NoteCode, "fraud", nil, "R5"},
	{NoteCode, "own_plan", nil, "R25"},
	{NoteCode, "suggest_a", []string{"criterion"}, "E5"},
	{NoteCode, "severity_differs", []string{"from", "to"}, "R32"}, // from what the three questions say, without a reason
	{NoteCode, "severity_dropped", []string{"letter"}, "R33"},     // the kind chosen has no A, B or C
	{NoteCode, "regional", nil, "E8"},
	{NoteCode, "incident", []string{"incident"}, "E12"},
	{NoteCode, "incident_which", nil, "E12"},              // an incident is reported, and nobody says which
	{NoteCode, "language_a", []string{"language"}, "R37"}, // A in another language gives up the published time
	{NoteCode, "language_estimate", []string{"language"}, "R38"},
	{NoteCode, "business_day", nil, "R39"},
	{NoteCode, "suspended", []string{"customer"}, ""},
	{NoteCode, "china", nil, "R1"},
	{NoteCode, "holidays_unknown", []string{"calendar"}, ""},
	{NoteCode, "access_request", []string{"customer", "provider", "subscription"}, "R10"}, // ready to be copied to the provider; both last may be empty

	// Out of scope. Where a link goes along, OutOfScope.Link holds it.
	{ScopeCode, "marketplace", nil, "T5"},
	{ScopeCode, "partner_center", nil, "T10"},
	{ScopeCode, "vulnerability", nil, "T9"},
	{ScopeCode, "on_premises", nil, "R22"},
	{ScopeCode, "germany", []string{"customer"}, "R1"},
	{ScopeCode, "left", []string{"customer"}, ""},

	// Refusals. Nothing was changed. verb is the move's verb without "ticket/",
	// status a Status, names the people who may, one or more, joined with ", ".
	{RefusedCode, "hidden", []string{"number", "status"}, "R5"},
	{RefusedCode, "only_assignee", []string{"number", "verb", "names"}, ""},  // names: the assignee; leads may too
	{RefusedCode, "only_requester", []string{"number", "verb", "names"}, ""}, // names: requester and assignee; leads may too
	{RefusedCode, "fraud_watch", []string{"number"}, "R5"},                   // only requester, assignee and leads add watchers
	{RefusedCode, "status", []string{"number", "verb", "status"}, ""},
	{RefusedCode, "already", []string{"number", "verb", "status"}, ""}, // the end that was asked for is where it is
	{RefusedCode, "answered", []string{"number", "at"}, ""},
	{RefusedCode, "waits", []string{"number", "at"}, ""},
	{RefusedCode, "filed", []string{"number", "case"}, ""},
	{RefusedCode, "same_severity", []string{"number", "severity"}, ""},
	{RefusedCode, "kind_severity", []string{"number"}, "R33"}, // only technical requests have A, B and C
	{RefusedCode, "no_alarm", []string{"number"}, ""},         // nothing to acknowledge
	{RefusedCode, "no_portal", []string{"number"}, "R1"},      // the closed cloud has none
	{RefusedCode, "form_owner", []string{"name"}, ""},         // only who opened a form moves it
	{RefusedCode, "outsider", []string{"name"}, ""},           // not one of the partner's people

	// Why a first response was late. minutes counts from opened, or past due.
	{LateCode, "unanswered", nil, ""},
	{LateCode, "resolved", nil, ""},
	{LateCode, "nobody", nil, ""},
	{LateCode, "filed_late", []string{"minutes"}, ""},
	{LateCode, "not_filed", nil, ""},
	{LateCode, "number_after", nil, ""},
	{LateCode, "waiting", nil, ""},
	{LateCode, "answered_late", nil, ""},
}
