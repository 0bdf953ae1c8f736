package teams

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// Hosts is the list of services that the bot's token may be sent to. The zero
// value allows none.
type Hosts struct {
	official []string
	trusted  []string // host or host:port, compared whole
	loopback bool
}

// NewHosts allows the official services of a cloud and those that the operator
// adds, each as host or host:port.
func NewHosts(cloud Cloud, trusted []string) (Hosts, error) {
	h := Hosts{official: cloud.ServiceHosts}
	for _, t := range trusted {
		u, err := url.Parse("https://" + t)
		if err != nil || u.Host != t || u.Hostname() == "" || strings.HasSuffix(t, ":") {
			return Hosts{}, fmt.Errorf("%q is not a host or host:port", t)
		}
		h.trusted = append(h.trusted, strings.ToLower(t))
	}
	return h, nil
}

// LoopbackHosts allows services on this machine alone, for a bot without a
// registration.
func LoopbackHosts() Hosts { return Hosts{loopback: true} }

// Allowed tells whether the bot may talk to a service. The error is an
// AuthError with status 403.
func (h Hosts) Allowed(serviceURL string) error {
	u, err := url.Parse(serviceURL)
	if err != nil {
		return refused("service URL cannot be parsed")
	}
	host := strings.ToLower(u.Host)
	switch {
	case host == "" || u.Opaque != "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.ForceQuery:
		return refused("service URL is more or less than scheme, host and path")
	case slices.ContainsFunc(strings.Split(u.Path, "/"), func(s string) bool { return s == "." || s == ".." }):
		return refused("service URL climbs")
	case h.loopback:
		if (u.Scheme != "http" && u.Scheme != "https") || !IsLoopback(u.Hostname()) {
			return refused("service URL is not on this machine")
		}
		return nil
	case slices.Contains(h.trusted, host):
		if u.Scheme != "https" && (u.Scheme != "http" || !IsLoopback(u.Hostname())) {
			return refused("service URL is not https")
		}
		return nil
	case u.Scheme != "https":
		return refused("service URL is not https")
	case slices.Contains(h.official, strings.TrimSuffix(host, ":443")) || slices.Contains(h.trusted, strings.TrimSuffix(host, ":443")):
		return nil
	}
	return refused("service host is not on the list")
}

func refused(reason string) error { return &AuthError{Status: http.StatusForbidden, Reason: reason} }

// IsLoopback tells a host name or address, without port, that is this machine.
func IsLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}

// IsLoopbackHostPort is IsLoopback for a Host header, a listening or a remote
// address. A missing host (":3978") means every address, so it is not.
func IsLoopbackHostPort(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = strings.TrimSuffix(strings.TrimPrefix(hostport, "["), "]")
	}
	return IsLoopback(host)
}

// CheckAddress refuses an address of a metadata, keys or sign-in document that
// is neither https nor on this machine.
func CheckAddress(address string) error {
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return errors.New("address cannot be parsed")
	case u.Host == "" || u.User != nil:
		return fmt.Errorf("%q is not a full address", u.Redacted())
	case u.Scheme == "https" || u.Scheme == "http" && IsLoopback(u.Hostname()):
		return nil
	}
	return fmt.Errorf("%q is not https", u.Redacted())
}

// sameService compares service URLs: host in any letter case, a slash at the
// end or not.
func sameService(a, b string) bool {
	x, err := url.Parse(a)
	if err != nil {
		return false
	}
	y, err := url.Parse(b)
	if err != nil {
		return false
	}
	for _, u := range []*url.URL{x, y} {
		u.Host = strings.ToLower(u.Host)
		u.Path, u.RawPath = strings.TrimRight(u.Path, "/"), strings.TrimRight(u.RawPath, "/")
	}
	return x.Host != "" && x.String() == y.String()
}
