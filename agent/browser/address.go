package browser

import (
	"net"
	"net/netip"
	"net/url"
	"strings"

	"fazt/server/op"
)

// address turns what tab_open and goto take into an address that the tab may
// go to: "/path" of the admin page, "app:ID/path", or a whole one.
func (b *Browser) address(raw string) (string, error) {
	switch {
	case strings.HasPrefix(raw, "/") && !strings.HasPrefix(raw, "//") && !strings.HasPrefix(raw, `/\`):
		return strings.TrimSuffix(b.options.BaseURL(), "/") + raw, nil
	case strings.HasPrefix(raw, "app:"):
		return b.appAddress(strings.TrimPrefix(raw, "app:"))
	}
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", op.Invalid("url", "a tab cannot go to %q", raw).
			WithHint("an address is /path of the admin page, app:ID/path, or https://…")
	}
	if err := b.permitted(u); err != nil {
		return "", err
	}
	return u.String(), nil
}

// appAddress is the app's own host, which is beside the admin's: <app>.<domain>,
// and <app>.localhost where the admin page is at an address.
func (b *Browser) appAddress(rest string) (string, error) {
	app, path, _ := strings.Cut(rest, "/")
	if err := op.CheckNewApp(app); err != nil {
		return "", op.Invalid("url", "the app in %q %v", "app:"+rest, err).WithHint("write app:ID/path")
	}
	base, err := url.Parse(b.options.BaseURL())
	if err != nil {
		return "", op.AsError(err)
	}
	host, port := base.Hostname(), base.Port()
	if _, err := netip.ParseAddr(host); err == nil {
		host = "localhost"
	}
	host = app + "." + strings.TrimPrefix(host, "admin.")
	if port != "" {
		host = net.JoinHostPort(host, port)
	}
	return base.Scheme + "://" + host + "/" + path, nil
}

// permitted reports why the main document may not be at u; nil when it may.
func (b *Browser) permitted(u *url.URL) *op.Error {
	if u.Scheme == "about" && u.Opaque == "blank" {
		return nil
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return op.Errorf(op.CodeForbidden, "a tab may not go to %s: addresses", u.Scheme).WithHint("only http and https are opened")
	}
	if b.ours(u.Hostname(), portOf(u)) || b.options.AllowURL(u) {
		return nil
	}
	return op.Errorf(op.CodeForbidden, "the origin %s://%s is not listed for browsing", u.Scheme, u.Host).
		WithHint("ask the owner to list it: under /system, or with fazt setting update --add-browse %s://%s", u.Scheme, u.Host)
}

// ours reports whether host and port lead to this server.
func (b *Browser) ours(host, port string) bool {
	base, err := url.Parse(b.options.BaseURL())
	if err != nil || port != portOf(base) {
		return false
	}
	return strings.EqualFold(host, base.Hostname()) || b.options.OwnHost(host)
}

func portOf(u *url.URL) string {
	if p := u.Port(); p != "" {
		return p
	}
	if u.Scheme == "https" || u.Scheme == "wss" {
		return "443"
	}
	return "80"
}

// notPublic are the ranges that are not the public network, beyond those that
// netip knows by name (RFC 6890 and the registries that continue it).
var notPublic = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),
	netip.MustParsePrefix("100.64.0.0/10"), // shared address space, with the metadata of some clouds
	netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"),
	netip.MustParsePrefix("192.88.99.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"),
	netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("::/96"),        // addresses of version 4 in old dress
	netip.MustParsePrefix("64:ff9b::/96"), // translated to version 4, so anything may be behind it
	netip.MustParsePrefix("64:ff9b:1::/48"),
	netip.MustParsePrefix("100::/64"),
	netip.MustParsePrefix("2001::/23"),
	netip.MustParsePrefix("2001:db8::/32"),
	netip.MustParsePrefix("2002::/16"), // 6to4, likewise
	netip.MustParsePrefix("fec0::/10"),
}

// public reports whether an address is on the public network.
func public(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if !a.IsValid() || !a.IsGlobalUnicast() || a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() {
		return false
	}
	for _, p := range notPublic {
		if p.Contains(a) {
			return false
		}
	}
	return true
}
