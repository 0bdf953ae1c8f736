// Package graphtest has a strict Microsoft Graph for tests: it signs apps in, checks every
// path, query key and header, refuses what Graph refuses, pages as Graph does, and fails
// as a test tells it to.
package graphtest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// What the fake knows an app by.
const (
	Tenant   = "7d0b2f3e-6f0f-4a6d-8f3c-2c1b9a7e4d55"
	AppID    = "4f1d2a6e-7b0c-4d5e-9a43-0c5b6f2d8e11"
	Password = "graph-secret"
	Scope    = "https://graph.microsoft.com/.default"
)

// mostTop is the largest page that can be asked for.
const mostTop = 300

// Relationship is a granular delegated admin relationship, as the fake keeps it.
type Relationship struct {
	ID, Name, Status     string
	Tenant, CustomerName string
	End, Modified        time.Time // zero is null
	Extends              string    // a duration of ISO 8601; empty leaves the field out
	Roles                []string
	Pending              bool
}

// Call is one call of the app.
type Call struct {
	Path  string
	Query url.Values
	// N counts the calls, from 1.
	N int
}

// Answer is what a test has the fake answer. An empty one is as usual.
type Answer struct {
	Status int
	Header map[string]string
	Body   string
	// Cut ends the connection in the middle of the body.
	Cut bool
}

// Graph is the fake. Its fields are set before it is asked for the first time.
type Graph struct {
	TB  testing.TB
	URL string
	// Now is its clock; nil is time.Now.
	Now func() time.Time

	server *httptest.Server

	mu            sync.Mutex
	relationships map[string]Relationship
	sorted        *sorted // nil after a change
	issues        map[string]Issue
	tokens        map[string]time.Time // until when
	directory     permission
	health        permission
	issued        int
	script        func(Call) Answer
	calls         []Call
}

// permission is whether the app has one of its permissions.
type permission struct {
	given bool
	since int // tokens above this number have it
}

// sorted are the lists in their order.
type sorted struct {
	relationships []string          // ids
	customers     []string          // tenants
	names         map[string]string // of customers
}

// Start makes a Graph without customers and incidents that ends with the test. The app has
// its permissions.
func Start(tb testing.TB) *Graph {
	tb.Helper()
	g := &Graph{
		TB: tb, relationships: map[string]Relationship{}, issues: map[string]Issue{}, tokens: map[string]time.Time{},
		directory: permission{given: true}, health: permission{given: true},
	}
	g.server = httptest.NewServer(http.HandlerFunc(g.serve))
	tb.Cleanup(g.server.Close)
	g.URL = g.server.URL
	return g
}

// LoginURL is the address of the token endpoint.
func (g *Graph) LoginURL() string { return g.URL + "/" + Tenant + "/oauth2/v2.0/token" }

// Put adds relationships or replaces those with the same id.
func (g *Graph) Put(all ...Relationship) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.sorted = nil
	for _, r := range all {
		g.relationships[r.ID] = r
	}
}

// Remove takes relationships away.
func (g *Graph) Remove(ids ...string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.sorted = nil
	for _, id := range ids {
		delete(g.relationships, id)
	}
}

// Permit gives the app the permission for customers and relationships or takes it away.
// Tokens from before do not have what was given since.
func (g *Graph) Permit(permitted bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.directory = permission{permitted, g.issued}
}

// PermitHealth is Permit for service health.
func (g *Graph) PermitHealth(permitted bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.health = permission{permitted, g.issued}
}

// Revoke makes every token that was issued a bad one.
func (g *Graph) Revoke() {
	g.mu.Lock()
	defer g.mu.Unlock()
	clear(g.tokens)
}

// Script says how calls are answered, before they are looked at; it may change what the
// fake knows. Nil answers as usual.
func (g *Graph) Script(script func(Call) Answer) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.script = script
}

// Calls are the calls so far, without those for tokens.
func (g *Graph) Calls() []Call {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.calls)
}

// SignIns is how many tokens were issued.
func (g *Graph) SignIns() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.issued
}

func (g *Graph) now() time.Time {
	if g.Now != nil {
		return g.Now()
	}
	return time.Now()
}

func (g *Graph) serve(w http.ResponseWriter, r *http.Request) {
	if strings.HasSuffix(r.URL.Path, "/oauth2/v2.0/token") {
		g.token(w, r)
		return
	}
	g.mu.Lock()
	call := Call{Path: r.URL.Path, Query: r.URL.Query(), N: len(g.calls) + 1}
	g.calls = append(g.calls, call)
	script := g.script
	g.mu.Unlock()
	if script != nil {
		if a := script(call); a.Status != 0 || a.Cut {
			a.write(w)
			return
		}
	}
	status, body := g.answer(r, call)
	Answer{Status: status, Body: encoded(body)}.write(w)
}

func (a Answer) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("request-id", "0b7f6f7e-1f0c-4c1f-8a3e-5d1c7a9e4b21")
	for name, value := range a.Header {
		w.Header().Set(name, value)
	}
	if a.Cut {
		w.Header().Set("Content-Length", strconv.Itoa(len(a.Body)+100))
	}
	w.WriteHeader(cmp.Or(a.Status, http.StatusOK))
	_, _ = w.Write([]byte(a.Body)) // a client that went away has its own test
	if a.Cut {
		panic(http.ErrAbortHandler)
	}
}

// Refusal is the body of an error of Graph.
func Refusal(code, message string) string {
	return encoded(refusal(code, message))
}

// encoded is JSON of maps, lists and texts, which there is for each of them.
func encoded(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func refusal(code, message string) any {
	const id = "0b7f6f7e-1f0c-4c1f-8a3e-5d1c7a9e4b21"
	return map[string]any{"error": map[string]any{
		"code": code, "message": message, "innerError": map[string]any{"request-id": id, "client-request-id": id},
	}}
}

func (g *Graph) token(w http.ResponseWriter, r *http.Request) {
	failed := func(code int, text string) {
		body := map[string]any{"error": "invalid_client", "error_description": fmt.Sprintf("AADSTS%d: %s", code, text), "error_codes": []int{code}}
		Answer{Status: http.StatusBadRequest, Body: encoded(body)}.write(w)
	}
	switch {
	case r.Method != http.MethodPost || r.URL.Path != "/"+Tenant+"/oauth2/v2.0/token":
		failed(90002, "Tenant not found")
	case r.PostFormValue("grant_type") != "client_credentials":
		failed(70003, "Unsupported grant type")
	case r.PostFormValue("client_id") != AppID:
		failed(700016, "Application not found")
	case r.PostFormValue("client_secret") != Password:
		failed(7000215, "Invalid client secret")
	case r.PostFormValue("scope") != Scope:
		failed(1002012, "Invalid scope")
	default:
		g.mu.Lock()
		defer g.mu.Unlock()
		g.issued++
		token := fmt.Sprintf("graph-token-%d", g.issued)
		g.tokens[token] = g.now().Add(time.Hour)
		body := encoded(map[string]any{"token_type": "Bearer", "expires_in": 3599, "access_token": token})
		Answer{Body: body}.write(w)
	}
}

var guid = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// answer looks at a call as Graph does.
func (g *Graph) answer(r *http.Request, call Call) (int, any) {
	g.mu.Lock()
	defer g.mu.Unlock()
	token, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	number, _ := strconv.Atoi(strings.TrimPrefix(token, "graph-token-")) // what is no number is none of ours
	switch until, known := g.tokens[token]; {
	case !bearer || !known || !g.now().Before(until):
		return http.StatusUnauthorized, refusal("InvalidAuthenticationToken", "Access token is invalid.")
	case r.Method != http.MethodGet:
		return http.StatusMethodNotAllowed, refusal("BadRequest", "Method not allowed.")
	case r.Header.Get("User-Agent") == "" || strings.HasPrefix(r.Header.Get("User-Agent"), "Go-http"):
		return http.StatusBadRequest, refusal("BadRequest", "No user agent.")
	case !guid.MatchString(r.Header.Get("client-request-id")):
		return http.StatusBadRequest, refusal("BadRequest", "No client-request-id.")
	case !strings.Contains(r.Header.Get("Accept"), "application/json"):
		return http.StatusBadRequest, refusal("BadRequest", "Accept is not JSON.")
	}
	allowed := g.directory
	if r.URL.Path == issuesPath {
		allowed = g.health
	}
	if !allowed.given || number <= allowed.since {
		return http.StatusForbidden, refusal("Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
	}
	if r.URL.Path == issuesPath {
		return g.issuesPage(call)
	}
	const base = "/v1.0/tenantRelationships/"
	switch path := strings.TrimPrefix(r.URL.Path, base); {
	case path == "delegatedAdminCustomers":
		all := g.inOrder()
		return g.page(call, len(all.customers), func(i int) any {
			tenant := all.customers[i]
			return map[string]any{"id": tenant, "tenantId": tenant, "displayName": all.names[tenant]}
		})
	case path == "delegatedAdminRelationships":
		all := g.inOrder()
		return g.page(call, len(all.relationships), func(i int) any { return g.relationships[all.relationships[i]].entry() })
	case strings.HasPrefix(path, "delegatedAdminRelationships/"):
		one, known := g.relationships[strings.TrimPrefix(path, "delegatedAdminRelationships/")]
		switch {
		case len(call.Query) > 0:
			return http.StatusBadRequest, refusal("BadRequest", "Unknown query key.")
		case !known:
			return http.StatusNotFound, refusal("Request_ResourceNotFound", "Resource not found.")
		}
		return http.StatusOK, one.entry()
	}
	return http.StatusNotFound, refusal("ResourceNotFound", "Resource not found.")
}

// inOrder sorts what has changed. Customers have at least one active relationship.
func (g *Graph) inOrder() *sorted {
	if g.sorted != nil {
		return g.sorted
	}
	all := &sorted{relationships: slices.Sorted(maps.Keys(g.relationships)), names: map[string]string{}}
	for _, id := range all.relationships {
		if r := g.relationships[id]; r.Status == "active" {
			all.names[r.Tenant] = r.CustomerName
		}
	}
	all.customers = slices.Sorted(maps.Keys(all.names))
	g.sorted = all
	return all
}

func (r Relationship) entry() any {
	roles := []any{}
	for _, id := range r.Roles {
		roles = append(roles, map[string]any{"roleDefinitionId": id})
	}
	entry := map[string]any{
		"@odata.etag": "W/\"1\"", "id": r.ID, "displayName": r.Name, "duration": "P730D", "status": r.Status,
		"createdDateTime": "2025-02-11T09:22:42.9431627Z", "lastModifiedDateTime": when(r.Modified), "endDateTime": when(r.End),
		"customer":      map[string]any{"tenantId": r.Tenant, "displayName": r.CustomerName},
		"accessDetails": map[string]any{"unifiedRoles": roles},
	}
	if r.Tenant == "" {
		entry["customer"] = nil
	}
	if r.Extends != "" {
		entry["autoExtendDuration"] = r.Extends
	}
	if r.Pending {
		entry["@odata.type"], entry["isPartnerConsentPending"] = "#microsoft.graph.resellerDelegatedAdminRelationship", true
	}
	return entry
}

// when writes an instant as Graph does, null for none.
func when(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format("2006-01-02T15:04:05.0000000Z")
}

// page cuts a list as $top and $skiptoken say. What the token of the next page means is
// the fake's own affair.
func (g *Graph) page(call Call, count int, entry func(i int) any) (int, any) {
	top, from := 100, 0
	for key := range call.Query {
		value := call.Query.Get(key)
		n, err := strconv.Atoi(strings.Trim(value, "X'"))
		switch {
		case key == "$top" && err == nil && n >= 1 && n <= mostTop:
			top = n
		case key == "$skiptoken" && err == nil && value == skipToken(n):
			from = min(n, count)
		default:
			return http.StatusBadRequest, refusal("BadRequest", "Query key "+key+" is not valid.")
		}
	}
	value := []any{}
	for i := from; i < min(from+top, count); i++ {
		value = append(value, entry(i))
	}
	page := map[string]any{"@odata.context": g.URL + "/v1.0/$metadata", "value": value}
	if from+top < count {
		page["@odata.nextLink"] = g.URL + call.Path + "?$top=" + strconv.Itoa(top) + "&$skiptoken=" + url.QueryEscape(skipToken(from+top))
	}
	return http.StatusOK, page
}

func skipToken(n int) string { return fmt.Sprintf("X'%d'", n) }
