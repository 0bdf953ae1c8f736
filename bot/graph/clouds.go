package graph

import "time"

// hosts are where Graph is, by the names of clouds that customers have; GCC is the global
// cloud.
var hosts = map[string]string{
	"global":  "https://graph.microsoft.com",
	"gcc":     "https://graph.microsoft.com",
	"gcchigh": "https://graph.microsoft.us",
	"dod":     "https://dod-graph.microsoft.us",
	"china":   "https://microsoftgraph.chinacloudapi.cn",
}

// URLOf is Graph's address in a cloud, empty for one that is not known, and the scope of
// its tokens. A token of one cloud is refused in every other.
func URLOf(cloud string) (address, scope string) {
	host, known := hosts[cloud]
	if !known {
		return "", ""
	}
	return host, host + "/.default"
}

const (
	// night is when a run is due each day, so long after midnight.
	night = 2*time.Hour + 30*time.Minute
	// oldest is how old what was read may be, and pause how long after a failure the next
	// run waits.
	oldest = 24 * time.Hour
	pause  = time.Hour
)

// Due says whether it is time for a run: at night in the desk's zone, and at once when the
// last one is older than a day.
func (r Run) Due(now time.Time, zone *time.Location) bool {
	if r.Failed.After(r.Succeeded) && now.Before(r.Failed.Add(pause)) {
		return false
	}
	here := now.In(zone)
	last := time.Date(here.Year(), here.Month(), here.Day(), 0, int(night/time.Minute), 0, 0, zone)
	if last.After(now) {
		last = time.Date(here.Year(), here.Month(), here.Day()-1, 0, int(night/time.Minute), 0, 0, zone)
	}
	return r.Succeeded.Before(last) || now.Sub(r.Succeeded) >= oldest
}
