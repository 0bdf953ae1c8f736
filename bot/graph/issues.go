package graph

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"time"

	"onbehalf/bot/incident"
	"onbehalf/bot/plaintext"
	"onbehalf/bot/request"
)

// HealthPermission is the application permission that service health needs, with the
// consent of an administrator.
const HealthPermission = "ServiceHealth.Read.All"

const issuesPath = "/v1.0/admin/serviceAnnouncement/issues"

// OpenIssues hands on the incidents that have not ended, page by page.
func (c *Client) OpenIssues(ctx context.Context, each func([]incident.Incident) error) error {
	return c.issues(ctx, "endDateTime eq null", each)
}

// IssuesSince hands on the incidents that changed at an instant or since, those that ended
// included, page by page.
func (c *Client) IssuesSince(ctx context.Context, at time.Time, each func([]incident.Incident) error) error {
	return c.issues(ctx, "lastModifiedDateTime ge "+at.UTC().Format(time.RFC3339), each)
}

// ReachHealth reads a page of the incidents that have not ended, to see whether service
// health can be read at all.
func (c *Client) ReachHealth(ctx context.Context) error {
	enough := errors.New("one page is enough")
	err := c.OpenIssues(ctx, func([]incident.Incident) error { return enough })
	if errors.Is(err, enough) {
		return nil
	}
	return err
}

func (c *Client) issues(ctx context.Context, filter string, each func([]incident.Incident) error) error {
	return list(ctx, c, issuesPath+"?$filter="+url.PathEscape(filter), func(page []issue) error {
		var all []incident.Incident
		for _, one := range page {
			if i, ok := one.read(); ok {
				all = append(all, i)
			}
		}
		return each(all)
	})
}

// issue is serviceHealthIssue as Graph writes it.
type issue struct {
	ID             string  `json:"id"`
	Title          string  `json:"title"`
	Service        string  `json:"service"`
	Status         string  `json:"status"`
	Classification string  `json:"classification"`
	Resolved       *bool   `json:"isResolved"`
	Started        instant `json:"startDateTime"`
	Ended          instant `json:"endDateTime"`
	Modified       instant `json:"lastModifiedDateTime"`
	Posts          []struct {
		Created     instant `json:"createdDateTime"`
		Description struct {
			ContentType string `json:"contentType"`
			Content     string `json:"content"`
		} `json:"description"`
	} `json:"posts"`
}

// How many characters of a title and of a post are kept.
const (
	titleLimit = 200
	postLimit  = 1000
)

// read is false for what has no incident's id.
func (r issue) read() (i incident.Incident, ok bool) {
	id, ok := request.ParseIncident(r.ID)
	if !ok {
		return i, false
	}
	i = incident.Incident{
		ID: id, Service: plaintext.Line(r.Service), Status: strings.ToLower(strings.TrimSpace(r.Status)),
		Advisory: strings.EqualFold(r.Classification, "advisory"), Started: r.Started.Time, Modified: r.Modified.Time,
	}
	i.Title, _ = plaintext.Cut(plaintext.Line(r.Title), titleLimit)
	// Microsoft's own word on it is the one to trust.
	i.Over = incident.EndedBy(i.Status) || !r.Ended.IsZero()
	if r.Resolved != nil {
		i.Over = *r.Resolved
	}
	for _, post := range r.Posts { // in no promised order
		if text := post.Description.Content; !post.Created.Before(i.Posted) && text != "" {
			if !strings.EqualFold(post.Description.ContentType, "text") {
				text = plaintext.HTML{}.Text(text)
			}
			i.Posted = post.Created.Time
			i.Post, _ = plaintext.Cut(plaintext.Lines(news(text)), postLimit)
		}
	}
	return i, true
}

// news is the part of a post that says how it stands. What stands before it, title and
// impact, is the same in each.
func news(text string) string {
	for _, heading := range []string{"Current status:", "Final status:"} {
		if _, after, found := strings.Cut(text, heading); found {
			return after
		}
	}
	return text
}
