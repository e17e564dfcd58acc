package server

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// Proxies are the networks whose word about a client is believed. From anyone
// else X-Forwarded-For and X-Forwarded-Proto are ignored.
type Proxies []netip.Prefix

func (p Proxies) trusts(ip netip.Addr) bool {
	return slices.ContainsFunc(p, func(network netip.Prefix) bool { return network.Contains(ip) })
}

func peer(r *http.Request) netip.Addr {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return at.Addr().Unmap()
}

// Client returns the address of who sent a request: the peer, or behind
// trusted proxies the last address that none of them has.
func (p Proxies) Client(r *http.Request) netip.Addr {
	ip := peer(r)
	if len(p) == 0 || !p.trusts(ip) {
		return ip
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(hops) {
		next, err := netip.ParseAddr(strings.TrimSpace(hop))
		if err != nil {
			return ip
		}
		ip = next.Unmap()
		if !p.trusts(ip) {
			return ip
		}
	}
	return ip
}

// Secure reports whether a request came over TLS, here or at a trusted proxy.
func (p Proxies) Secure(r *http.Request) bool {
	if r.TLS != nil {
		return true
	}
	return len(p) > 0 && r.Header.Get("X-Forwarded-Proto") == "https" && p.trusts(peer(r))
}
