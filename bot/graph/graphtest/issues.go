package graphtest

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

const issuesPath = "/v1.0/admin/serviceAnnouncement/issues"

// issuesTop is how many incidents a page has.
const issuesTop = 100

// Issue is an incident of a service, as the fake keeps it.
type Issue struct {
	ID, Title, Service, Status string
	Advisory                   bool
	Started, Ended, Modified   time.Time // zero is null
	// Resolved is isResolved; nil leaves the field out.
	Resolved *bool
	Posts    []Post
}

// Post is what Microsoft has written about an incident, as HTML.
type Post struct {
	At   time.Time
	HTML string
}

// PutIssues adds incidents or replaces those with the same id.
func (g *Graph) PutIssues(all ...Issue) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, i := range all {
		g.issues[i.ID] = i
	}
}

// RemoveIssues takes incidents away.
func (g *Graph) RemoveIssues(ids ...string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, id := range ids {
		delete(g.issues, id)
	}
}

// entry writes words as the samples of Graph do, capitalised, and the newest post first.
func (i Issue) entry() any {
	classification := "Incident"
	if i.Advisory {
		classification = "Advisory"
	}
	posts := []any{}
	for _, p := range slices.Backward(i.Posts) {
		posts = append(posts, map[string]any{
			"createdDateTime": when(p.At), "postType": "Regular", "description": map[string]any{"contentType": "Html", "content": p.HTML},
		})
	}
	entry := map[string]any{
		"id": i.ID, "title": i.Title, "service": i.Service, "status": i.Status, "classification": classification, "origin": "Microsoft",
		"feature": "", "featureGroup": "", "impactDescription": i.Title, "highImpact": nil, "details": []any{}, "posts": posts,
		"startDateTime": when(i.Started), "endDateTime": when(i.Ended), "lastModifiedDateTime": when(i.Modified),
	}
	if i.Resolved != nil {
		entry["isResolved"] = *i.Resolved
	}
	return entry
}

// issuesPage gives the incidents that a filter leaves. Of the filters that Graph has it
// takes the two that the program uses.
func (g *Graph) issuesPage(call Call) (int, any) {
	refused := func(key string) (int, any) {
		return http.StatusBadRequest, refusal("BadRequest", "Query key "+key+" is not valid.")
	}
	from := 0
	fits := func(Issue) bool { return true }
	for key := range call.Query {
		value := call.Query.Get(key)
		since, modified := strings.CutPrefix(value, "lastModifiedDateTime ge ")
		at, err := time.Parse(time.RFC3339, since)
		n, noNumber := strconv.Atoi(value)
		switch {
		case key == "$filter" && value == "endDateTime eq null":
			fits = func(i Issue) bool { return i.Ended.IsZero() }
		case key == "$filter" && modified && err == nil:
			fits = func(i Issue) bool { return !i.Modified.Before(at) }
		case key == "$skip" && noNumber == nil && n >= 0:
			from = n
		default:
			return refused(key)
		}
	}
	var all []Issue
	for _, id := range slices.Sorted(maps.Keys(g.issues)) {
		if i := g.issues[id]; fits(i) {
			all = append(all, i)
		}
	}
	value := []any{}
	for i := from; i < min(from+issuesTop, len(all)); i++ {
		value = append(value, all[i].entry())
	}
	page := map[string]any{"@odata.context": g.URL + "/v1.0/$metadata", "value": value}
	if from+issuesTop < len(all) {
		page["@odata.nextLink"] = g.URL + call.Path + "?$filter=" + url.PathEscape(call.Query.Get("$filter")) + "&$skip=" + strconv.Itoa(from+issuesTop)
	}
	return http.StatusOK, page
}
