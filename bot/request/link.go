package request

import (
	"net/url"
	"strings"
)

// linkPath stands between the bot's own address and the number of a request.
const linkPath = "/t/"

// Link is the address of a request, empty where the bot has none of its own. It says
// nothing but the number, and leads everybody to their chat with the bot.
func (d *Desk) Link(n Number) string {
	if d.PublicURL == "" {
		return ""
	}
	return d.PublicURL + linkPath + n.String()
}

// Linked reads the number out of a link to a request. The address comes from a message
// that anybody may have written, so it must be the bot's own, whatever follows behind
// the number.
func (d *Desk) Linked(address string) (Number, bool) {
	own, err := url.Parse(d.PublicURL)
	if err != nil || d.PublicURL == "" {
		return 0, false
	}
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || u.User != nil || !strings.EqualFold(u.Scheme, own.Scheme) || !strings.EqualFold(u.Host, own.Host) {
		return 0, false
	}
	number, ok := strings.CutPrefix(u.Path, own.Path+linkPath)
	if !ok {
		return 0, false
	}
	return ParseNumber(strings.TrimSuffix(number, "/"))
}
