package server

import (
	"net/netip"
	"slices"
	"strings"

	"fazt/server/op"
)

// Hosts decides what a Host header asks for. Rights never follow from it: it
// only keeps a page of somebody else's name (DNS rebinding) from being this
// server's own origin.
type Hosts struct {
	domain string // in lower case; "" = none
}

// NewHosts returns the hosts of a server with a domain, or without one.
func NewHosts(domain string) Hosts {
	return Hosts{domain: strings.ToLower(strings.TrimSuffix(domain, "."))}
}

// hostKind is what answers for a host.
type hostKind int

const (
	hostUnknown hostKind = iota
	hostAdmin
	hostApp
)

// Admin reports whether a Host header names the admin page and the API: an IP
// literal, localhost, admin.localhost, the domain, admin. and the domain, or
// admin.IPv4.nip.io. Ports do not count.
func (h Hosts) Admin(host string) bool {
	kind, _ := h.classify(host)
	return kind == hostAdmin
}

// Own reports whether a Host header names anything that this server answers
// for: the admin page or an app.
func (h Hosts) Own(host string) bool {
	kind, _ := h.classify(host)
	return kind != hostUnknown
}

// App returns the app whose host a Host header names, "" when it is none's.
func (h Hosts) App(host string) string {
	_, app := h.classify(host)
	return app
}

// classify also returns the app's id of an app's host.
func (h Hosts) classify(hostPort string) (hostKind, string) {
	host, literal, ok := splitHost(hostPort)
	switch {
	case !ok:
		return hostUnknown, ""
	case literal:
		return hostAdmin, ""
	}
	if host[len(host)-1] >= '0' && host[len(host)-1] <= '9' {
		if ip, err := netip.ParseAddr(host); err == nil && ip.Is4() {
			return hostAdmin, ""
		}
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if host == "localhost" || h.domain != "" && host == h.domain {
		return hostAdmin, ""
	}
	label, ok := strings.CutSuffix(host, ".localhost")
	if !ok && h.domain != "" {
		label, ok = strings.CutSuffix(host, "."+h.domain)
	}
	switch {
	case ok && label == "admin":
		return hostAdmin, ""
	case ok && op.CheckNewApp(label) == nil:
		return hostApp, label
	case isNip(host):
		return hostAdmin, ""
	}
	return hostUnknown, ""
}

// splitHost drops the port. literal says that it was an IPv6 address in
// brackets (RFC 3986, section 3.2.2).
func splitHost(hostPort string) (host string, literal, ok bool) {
	port := ""
	if strings.HasPrefix(hostPort, "[") {
		end := strings.IndexByte(hostPort, ']')
		if end < 0 {
			return "", false, false
		}
		ip, err := netip.ParseAddr(hostPort[1:end])
		if err != nil || !ip.Is6() || ip.Zone() != "" {
			return "", false, false
		}
		host, literal, port = hostPort[1:end], true, hostPort[end+1:]
	} else if i := strings.IndexByte(hostPort, ':'); i >= 0 {
		host, port = hostPort[:i], hostPort[i:]
	} else {
		host = hostPort
	}
	if host == "" || host == "." || port != "" && (port[0] != ':' || strings.Trim(port[1:], "0123456789") != "") {
		return "", false, false
	}
	return host, literal, true
}

// isNip reports whether a name is admin.IPv4.nip.io, a public name that
// resolves to the address it holds.
func isNip(host string) bool {
	inner, ok := strings.CutSuffix(host, ".nip.io")
	if !ok {
		return false
	}
	inner, ok = strings.CutPrefix(inner, "admin.")
	ip, err := netip.ParseAddr(inner)
	return ok && err == nil && ip.Is4()
}

// names lists the hosts for the answer to a wrong one.
func (h Hosts) names() string {
	names := []string{"localhost", "admin.localhost", "APP.localhost"}
	if h.domain != "" {
		names = slices.Concat([]string{h.domain, "admin." + h.domain, "APP." + h.domain}, names)
	}
	return strings.Join(names, ", ")
}

func (h Hosts) wrong(host string) *op.Error {
	return op.Errorf(op.CodeWrongHost, "this server does not answer for the host %q", clipText(host, 100)).
		WithHint("use its IP address or one of %s; another name is set by --domain at the start", h.names())
}
