package browser

import (
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"fazt/server/op"
)

func ruled(t *testing.T, base string, listed ...string) *Browser {
	t.Helper()
	b := New(Options{
		BaseURL: func() string { return base },
		OwnHost: func(host string) bool {
			return host == "localhost" || strings.HasSuffix(host, ".localhost") || strings.HasSuffix(host, ".cloud.example")
		},
		AllowURL: func(u *url.URL) bool {
			for _, origin := range listed {
				if u.Scheme+"://"+u.Host == origin {
					return true
				}
			}
			return false
		},
	})
	t.Cleanup(func() { _ = b.Close(t.Context()) })
	return b
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	local := ruled(t, "http://127.0.0.1:8080", "https://erp.example", "http://192.168.1.20:3000")
	domain := ruled(t, "https://admin.cloud.example")
	for _, c := range []struct {
		b         *Browser
		raw, want string
		code      op.Code
	}{
		{local, "/", "http://127.0.0.1:8080/", ""},
		{local, "/apps/shop?x=1#y", "http://127.0.0.1:8080/apps/shop?x=1#y", ""},
		{local, "app:shop", "http://shop.localhost:8080/", ""},
		{local, "app:shop/a/b?c", "http://shop.localhost:8080/a/b?c", ""},
		{domain, "app:shop/a", "https://shop.cloud.example/a", ""},
		{domain, "https://shop.cloud.example/", "https://shop.cloud.example/", ""},
		{local, "http://127.0.0.1:8080/apps", "http://127.0.0.1:8080/apps", ""},
		{local, "https://erp.example/orders", "https://erp.example/orders", ""},
		{local, "http://192.168.1.20:3000/", "http://192.168.1.20:3000/", ""},
		{local, "https://example.com/", "", op.CodeForbidden},
		{local, "http://erp.example/", "", op.CodeForbidden},       // listed with another scheme
		{local, "https://erp.example:8443/", "", op.CodeForbidden}, // and with another port
		{local, "http://192.168.1.20:3001/", "", op.CodeForbidden}, // likewise
		{local, "http://127.0.0.1:22/", "", op.CodeForbidden},      // another program of this machine
		{local, "http://shop.localhost:81/", "", op.CodeForbidden}, // likewise
		{local, "http://169.254.169.254/latest", "", op.CodeForbidden},
		{local, "//example.com/", "", op.CodeInvalidInput},
		{local, `/\example.com/`, "", op.CodeInvalidInput},
		{local, "app:../x", "", op.CodeInvalidInput},
		{local, "app:admin/x", "", op.CodeInvalidInput},
		{local, "app:", "", op.CodeInvalidInput},
		{local, "file:///etc/passwd", "", op.CodeInvalidInput},
		{local, "data:text/html,x", "", op.CodeInvalidInput},
		{local, "javascript:alert(1)", "", op.CodeInvalidInput},
		{local, "chrome://settings", "", op.CodeInvalidInput},
		{local, "view-source:http://127.0.0.1:8080/", "", op.CodeInvalidInput},
		{local, "", "", op.CodeInvalidInput},
	} {
		got, err := c.b.address(c.raw)
		if got != c.want || codeOf(err) != c.code {
			t.Errorf("%q: %q, %v; want %q, %q", c.raw, got, err, c.want, c.code)
		}
		if err != nil && op.AsError(err).Hint == "" {
			t.Errorf("%q is refused without a next step", c.raw)
		}
	}
}

func TestPublicAddresses(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"93.184.215.14": true, "2606:2800:21f:cb07:6820:80da:af6b:8b2c": true,
		"127.0.0.1": false, "10.1.2.3": false, "172.16.0.1": false, "192.168.0.1": false, "169.254.169.254": false,
		"100.100.100.200": false, "0.0.0.0": false, "255.255.255.255": false, "224.0.0.1": false, "198.18.0.1": false, "192.0.0.192": false,
		"::1": false, "::": false, "fe80::1": false, "fc00::1": false, "fd00:ec2::254": false, "ff02::1": false,
		"::ffff:127.0.0.1": false, "::ffff:169.254.169.254": false, "::127.0.0.1": false,
		"64:ff9b::7f00:1": false, "2002:7f00:1::": false, "::ffff:93.184.215.14": true,
	} {
		if got := public(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s: public %v, want %v", text, got, want)
		}
	}
}

func TestWhatTheProxyDials(t *testing.T) {
	t.Parallel()
	p := &proxy{browser: ruled(t, "http://127.0.0.1:8080", "http://192.168.1.20:3000")}
	for addr, want := range map[string]string{
		"127.0.0.1:8080":      "127.0.0.1:8080",
		"shop.localhost:8080": "127.0.0.1:8080", // whatever a resolver says
		"93.184.215.14:443":   "93.184.215.14:443",
		"192.168.1.20:3000":   "192.168.1.20:3000", // listed by its literal
		"192.168.1.20:3001":   "",
		"127.0.0.1:22":        "",
		"[::1]:8080":          "",
		"169.254.169.254:80":  "",
		"localhost:22":        "", // a name that leads to a private address
		"2130706433:80":       "", // 127.0.0.1 in one number: no literal, and no name
		"no port":             "",
	} {
		got, err := p.judge(t.Context(), addr)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q, %v; want %q", addr, got, err, want)
		}
	}
}

func TestChords(t *testing.T) {
	t.Parallel()
	for keys, want := range map[string]string{
		"Enter": "Enter", "a": "a", "A": "A", "Control+a": "a", "Shift+Tab": "Tab", "Esc": "Escape", "Space": " ",
		"+": "+", "Control++": "+", "ArrowDown": "ArrowDown", "é": "é",
	} {
		events, err := chord(keys)
		if err != nil || len(events) == 0 || events[0].Key != want {
			t.Errorf("%s: %+v, %v", keys, events, err)
		}
	}
	events, err := chord("Control+A")
	if err != nil || events[0].Modifiers&2 == 0 || len(events[0].Commands) != 1 || events[0].Text != "" {
		t.Errorf("select all: %+v, %v", events, err)
	}
	for _, keys := range []string{"", "Hyper+a", "Enterr", "Control+", "ab"} {
		if _, err := chord(keys); err == nil || failure(err)["code"] != "bad_step" {
			t.Errorf("%q is a chord, or fails as no bad step: %v", keys, err)
		}
	}
}

func TestEnvironmentKeepsSecretsOut(t *testing.T) {
	t.Parallel()
	env := environment(func(name string) string { return "value of " + name }, "/profile")
	for _, entry := range env {
		if strings.Contains(entry, "FAZT") {
			t.Errorf("%s goes to the browser", entry)
		}
	}
	if env[0] != "HOME=/profile" {
		t.Errorf("%v", env)
	}
}
