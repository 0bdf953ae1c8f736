package intake

import (
	"cmp"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/go-playground/validator/v10"

	"onbehalf/bot/customer"
	"onbehalf/bot/plaintext"
	"onbehalf/bot/request"
)

// form is what the answers mean: every value cleaned and in the spelling it is
// kept in, or as it was typed where it means nothing. The tags are rules of one
// field; what looks at several stands in check.go.
type form struct {
	Customer       string `id:"customer" validate:"required"`
	Platform       string `id:"platform" validate:"required,oneof=azure office365 dynamics365 ems"`
	Kind           string `id:"kind" validate:"required,oneof=technical billing subscription fraud"`
	Severity       string `id:"severity" validate:"required_if=Kind technical,omitempty,oneof=A B C noncritical"`
	Language       string `id:"language" validate:"omitempty,tag"`
	Title          string `id:"title" validate:"required,max=250"`
	Description    string `id:"description" validate:"required,max=4000"`
	Tried          string `id:"tried" validate:"max=500"`
	Impact         string `id:"impact" validate:"max=1000"`
	Topic          string `id:"topic" validate:"omitempty,topic"`
	SubscriptionID string `id:"subscriptionId" validate:"required_if=Platform azure"`
	Access         string `id:"accessConfirmed" validate:"omitempty,oneof=true false"`
	PlanKind       string `id:"planKind" validate:"omitempty,oneof=mpn_contract premier unified azure_plan asfp"`
	SupportPlan    string `id:"supportPlan" validate:"max=64"`
	Criterion      string `id:"criterion" validate:"omitempty,oneof=not_as_described unavailable bug network regional"`
	HealthChecked  string `id:"healthChecked" validate:"max=500"`
	Incident       string `id:"incident" validate:"max=500"`
	Reason         string `id:"reason" validate:"max=500"`
	Production     string `id:"production" validate:"omitempty,oneof=down partly no"`
	Loss           string `id:"loss" validate:"omitempty,oneof=significant moderate minimal"`
	Workaround     string `id:"workaround" validate:"omitempty,oneof=no with_workaround yes"`
	ContactName    string `id:"contactName" validate:"required,max=250"`
	ContactEmail   string `id:"contactEmail" validate:"required,max=254"`
	ContactPhone   string `id:"contactPhone" validate:"omitempty,e164strict"`
	Reachable      string `id:"reachable" validate:"omitempty,oneof=true false"`
	TakeIt         string `id:"takeIt" validate:"omitempty,oneof=true false"`

	reportedAt string
	customer   *customer.Customer // nil until it is known
	near       bool               // nothing fits, but some customers are called nearly so
}

// formOf reads the answers.
func formOf(a Answers) form {
	line := func(id string) string { return plaintext.Line(a.Get(id)) }
	f := form{
		Customer: line("customer"), Platform: line("platform"), Kind: line("kind"), Severity: line("severity"),
		Language: line("language"), Title: line("title"), Description: plaintext.Lines(a.Description), Tried: plaintext.Lines(a.Tried),
		Impact: plaintext.Lines(a.Impact), Topic: strings.ToLower(line("topic")), SubscriptionID: customer.BareGUID(line("subscriptionId")),
		Access: strings.ToLower(line("accessConfirmed")), PlanKind: line("planKind"), SupportPlan: line("supportPlan"), Criterion: line("criterion"),
		HealthChecked: line("healthChecked"), Incident: line("incident"), Reason: plaintext.Lines(a.Reason),
		Production: line("production"), Loss: line("loss"), Workaround: line("workaround"),
		ContactName: line("contactName"), ContactEmail: line("contactEmail"), ContactPhone: line("contactPhone"),
		Reachable: strings.ToLower(line("reachable")), TakeIt: strings.ToLower(line("takeIt")), reportedAt: line("reportedAt"),
	}
	if p, ok := customer.ParsePlatform(f.Platform); ok {
		f.Platform = string(p)
	}
	if k, ok := request.ParseKind(f.Kind); ok {
		f.Kind = string(k)
	}
	if s, ok := request.ParseSeverity(f.Severity); ok {
		f.Severity = string(s)
	}
	if f.Kind != "" && f.Kind != string(request.Technical) {
		f.Severity = string(request.NonCritical)
	}
	if tag, ok := customer.ParseLanguage(f.Language); ok {
		f.Language = tag
	}
	if phone, ok := ParsePhone(f.ContactPhone); ok {
		f.ContactPhone = phone
	}
	if address, _, problem := parseEmail(f.ContactEmail); problem == "" {
		f.ContactEmail = address
	}
	if id, ok := request.ParseIncident(f.Incident); ok {
		f.Incident = id
	}
	if id, ok := request.ParseIncident(f.HealthChecked); ok {
		// "Service health checked?" answered with what is reported there.
		f.HealthChecked, f.Incident = request.HealthIncident, cmp.Or(f.Incident, id)
	}
	return f
}

func (f form) technical() bool { return f.Kind == string(request.Technical) || f.Kind == "" }

func (f form) azure() bool { return f.Platform == string(customer.Azure) }

func (f form) own() bool { return f.customer != nil && f.customer.Own }

func (f form) critical() bool { return f.technical() && f.Severity == string(request.SeverityA) }

// throughProvider says whether the customer's Azure subscription comes through an
// indirect provider, who has to grant access first (R10, R11).
func (f form) throughProvider() bool {
	return f.azure() && f.customer != nil && !f.customer.Own && f.customer.Relationship == "indirect"
}

// language is the language of support; English where none is chosen.
func (f form) language() string {
	if f.Language == "" {
		return "en"
	}
	return f.Language
}

// reported gives when the customer told the desk, zero where nothing is typed.
// The problem is a code of CodeTable.
func (f form) reported(zone *time.Location, now time.Time) (at time.Time, problem *request.Problem) {
	if f.reportedAt == "" {
		return time.Time{}, nil
	}
	at, ok := request.ParseTime(f.reportedAt, zone, now)
	switch {
	case !ok:
		return time.Time{}, &request.Problem{Field: "reportedAt", Code: "time_shape"}
	case at.After(now.Add(request.ClockSkew)):
		return time.Time{}, &request.Problem{Field: "reportedAt", Code: "time_future"}
	case at.Before(now.AddDate(0, 0, -reportDays)):
		return time.Time{}, &request.Problem{Field: "reportedAt", Code: "time_old", Args: request.Args("days", reportDays)}
	case at.After(now):
		return now, nil
	}
	return at, nil
}

// reportDays is how far back a customer's report may lie.
const reportDays = 7

var validate = sync.OnceValue(func() *validator.Validate {
	v := validator.New(validator.WithRequiredStructEnabled())
	v.RegisterTagNameFunc(func(f reflect.StructField) string { return f.Tag.Get("id") })
	for name, rule := range map[string]func(string) bool{
		"topic":      func(s string) bool { _, ok := request.TopicByCode(s); return ok },
		"tag":        func(s string) bool { _, ok := customer.ParseLanguage(s); return ok },
		"e164strict": phoneShape.MatchString,
	} {
		if err := v.RegisterValidation(name, func(fl validator.FieldLevel) bool { return rule(fl.Field().String()) }); err != nil {
			panic(err) // the names are constants, so a test sees it first
		}
	}
	return v
})

// codes translate the validator's tags.
var codes = map[string]string{
	"required": "required", "required_if": "required", "max": "too_long", "oneof": "choice", "topic": "choice",
	"tag": "language_unknown", "e164strict": "phone_shape",
}

// problems checks each field by itself.
func (f form) problems(a Answers) []request.Problem {
	var found []request.Problem
	err := validate().Struct(f)
	failed, _ := err.(validator.ValidationErrors)
	for _, e := range failed {
		p := request.Problem{Field: e.Field(), Code: codes[e.Tag()]}
		switch p.Code {
		case "choice", "language_unknown":
			p.Args = request.Args("typed", plaintext.Excerpt(e.Value().(string)))
		case "too_long":
			length, limit := utf8.RuneCountInString(e.Value().(string)), Limit(p.Field)
			p.Args = request.Args("limit", limit, "length", length, "cut", length-limit)
		}
		found = append(found, p)
	}
	if f.own() && strings.ContainsAny(strings.TrimSpace(a.SupportPlan), "\r\n") {
		// A contract's number of two lines is two numbers, or half of something else.
		found = append(found, request.Problem{Field: "supportPlan", Code: "one_line"})
	}
	for id, gone := range a.Cut {
		limit := Limit(id)
		found = append(found, request.Problem{Field: id, Code: "too_long", Args: request.Args("limit", limit, "length", limit+gone, "cut", gone)})
	}
	return found
}

var planNames = regexp.MustCompile(`cloud solution provider|cloud[- ]losungsanbieter|поставщик\pL* облачных решении|^csp$|\bcsp[ -](?:support[ -]?)?plan\b|план\pL*(?: поддержки)? csp|plan csp`)

// namesCSP says whether a support plan is the one that only customers have (R25).
func namesCSP(plan string) bool { return planNames.MatchString(plaintext.Fold(plan)) }
