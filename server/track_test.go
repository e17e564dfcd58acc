package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"fazt/server"
	"fazt/server/op"
	"fazt/server/servertest"
)

const (
	firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
	iphone  = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
)

// openTracked is a face whose apps' pages report their views.
func openTracked(t testing.TB, change ...func(*server.Options)) *face {
	var f *face
	sites := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.Service.Sites(server.NewHosts("example.org")).ServeHTTP(w, r)
	})
	f = openFace(t, append(change, func(o *server.Options) { o.Sites = sites })...)
	return f
}

// withEvents gives the options what takes events.
func withEvents(o *server.Options) { o.Events = server.NewEvents(o.DB, o.Now) }

// view is what the script sends, from a browser.
func (f *face) view(body string, headers ...string) answer {
	f.t.Helper()
	return f.do(request{
		method: "POST", host: "shop.localhost", path: "/track", body: body, role: servertest.Stranger,
		headers: append([]string{"User-Agent", firefox, "Content-Type", "text/plain;charset=UTF-8", "Sec-Fetch-Site", "same-origin", "Origin", "http://shop.localhost"}, headers...),
	})
}

// counts are an app's numbers, as "views visitors events bots".
func (f *face) counts() string {
	f.t.Helper()
	var c struct{ Views, Visitors, Events, Bots int }
	if err := json.Unmarshal([]byte(f.Must("event_count", `{"app":"shop"}`)), &c); err != nil {
		f.t.Fatal(err)
	}
	return fmt.Sprint(c.Views, " ", c.Visitors, " ", c.Events, " ", c.Bots)
}

// top is a ranking, as "value count".
func (f *face) top(by string) string {
	f.t.Helper()
	var c struct {
		Items []struct {
			Value string
			Count int
		}
	}
	if err := json.Unmarshal([]byte(f.Must("event_top", `{"app":"shop","by":"`+by+`"}`)), &c); err != nil {
		f.t.Fatal(err)
	}
	var out []string
	for _, item := range c.Items {
		out = append(out, fmt.Sprint(item.Value, " ", item.Count))
	}
	return strings.Join(out, ", ")
}

// TestTrack: what a page sends is accepted, counted by what is known of it, and
// nothing of its query or address is kept.
func TestTrack(t *testing.T) {
	t.Parallel()
	f := openTracked(t, withEvents)
	for _, body := range []string{
		`{"page":"/prices?token=secret&utm_source=mail&utm_campaign=spring","referrer":"https://www.news.example/private/path?q=1"}`,
		`{"page":"/","referrer":"http://shop.localhost/prices"}`,
		`{"name":"signed_up","page":"/","referrer":"","props":{"plan":"pro","seats":3,"trial":true}}`,
	} {
		if a := f.view(body); a.status != 202 || a.body != "" {
			t.Fatalf("%s: %d %s", body, a.status, a.body)
		}
	}
	f.view(`{"page":"/"}`, "User-Agent", iphone)
	f.view(`{"page":"/"}`, "User-Agent", "curl/8.5.0")
	f.view(`{"page":"/"}`, "User-Agent", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)")
	f.view(`{"page":"/"}`, "User-Agent", "")
	if got := f.counts(); got != "3 2 1 3" {
		t.Errorf("views, visitors, events, bots: %s", got)
	}
	for by, want := range map[string]string{
		"page": "/ 2, /prices 1", "referrer": "news.example 1", "source": "mail 1", "campaign": "spring 1", "medium": "",
		"browser": "Firefox 2, Safari 1", "device": "Desktop 2, Mobile 1", "system": "Linux 2, iOS 1", "name": "signed_up 1",
	} {
		if got := f.top(by); got != want {
			t.Errorf("by %s: %s, want %s", by, got, want)
		}
	}
	list := f.Must("event_list", `{"app":"shop"}`)
	for _, secret := range []string{"secret", "private", "192.0.2", "203.0.113", "Gecko"} {
		if strings.Contains(list, secret) {
			t.Errorf("%q is kept: %s", secret, list)
		}
	}
	if !strings.Contains(list, `"props":{"plan":"pro","seats":3,"trial":true}`) {
		t.Error(list)
	}
}

// TestTrackNotAsked: who asks not to be tracked is not, and hears no error.
func TestTrackNotAsked(t *testing.T) {
	t.Parallel()
	f := openTracked(t, withEvents)
	for _, header := range []string{"DNT", "Sec-GPC"} {
		if a := f.view(`{"page":"/"}`, header, "1"); a.status != 204 {
			t.Errorf("%s: %d %s", header, a.status, a.body)
		}
	}
	if a := f.view(`{"page":"/"}`, "DNT", "0"); a.status != 202 {
		t.Errorf("DNT 0: %d", a.status)
	}
	if got := f.counts(); got != "1 1 0 0" {
		t.Error(got)
	}
}

// TestTrackRefused: hostile requests hear a code and a next step, and count
// nothing.
func TestTrackRefused(t *testing.T) {
	t.Parallel()
	f := openTracked(t, withEvents)
	long := strings.Repeat("x", 2001)
	for _, c := range []struct {
		body    string
		headers []string
		code    op.Code
	}{
		{`{"page":"/"}`, []string{"Sec-Fetch-Site", "cross-site"}, op.CodeForbidden},
		{`{"page":"/"}`, []string{"Sec-Fetch-Site", "same-site"}, op.CodeForbidden},
		{`{"page":"/"}`, []string{"Sec-Fetch-Site", "", "Origin", "https://evil.example"}, op.CodeForbidden},
		{`{"page":"/"}`, []string{"Sec-Fetch-Site", "", "Origin", "null"}, op.CodeForbidden},
		{`{"page":"/","visitor":"me"}`, nil, op.CodeInvalidJSON},
		{`{"page":"/","page":"/other"}`, nil, op.CodeInvalidJSON},
		{`{"page":1}`, nil, op.CodeInvalidJSON},
		{`not json`, nil, op.CodeInvalidJSON},
		{`{"name":"x","props":{"a":"` + strings.Repeat("x", 9000) + `"}}`, nil, op.CodeTooLarge},
		{`{"page":"` + long + `"}`, nil, op.CodeTooLarge},
		{`{"page":"/","referrer":"` + long + `"}`, nil, op.CodeTooLarge},
		{`{"name":"` + long[:101] + `"}`, nil, op.CodeTooLarge},
		{`{"name":"a\u0000b"}`, nil, op.CodeInvalidInput},
		{`{"name":" a"}`, nil, op.CodeInvalidInput},
		{`{}`, nil, op.CodeInvalidInput},
		{`{"page":"/","props":{"a":1}}`, nil, op.CodeInvalidInput},
		{`{"name":"x","props":[1]}`, nil, op.CodeInvalidInput},
		{`{"name":"x","props":{"a":{"b":1}}}`, nil, op.CodeInvalidInput},
		{`{"name":"x","props":{"a":null}}`, nil, op.CodeInvalidInput},
		{`{"name":"x","props":{"":1}}`, nil, op.CodeInvalidInput},
		{`{"name":"x","props":{"a":"` + long[:301] + `"}}`, nil, op.CodeInvalidInput},
	} {
		a := f.view(c.body, c.headers...)
		if p := a.problem(t); p.Code != c.code || p.Hint == "" {
			t.Errorf("%.60s %v: %s, want %s", c.body, c.headers, a.body, c.code)
		}
	}
	if a := f.do(request{method: "POST", host: "missing.localhost", path: "/track", body: `{"page":"/"}`, role: servertest.Stranger}); a.problem(t).Code != "app_not_found" {
		t.Errorf("no app: %s", a.body)
	}
	if a := f.do(request{method: "PUT", host: "shop.localhost", path: "/track", body: `{"page":"/"}`, role: servertest.Stranger}); a.status != 405 {
		t.Errorf("PUT: %d", a.status)
	}
	if got := f.counts(); got != "0 0 0 0" {
		t.Error(got)
	}
}

// TestTrackLimit: one address sends so many and no more, whatever it says of
// its address; behind a trusted proxy each client has its own share.
func TestTrackLimit(t *testing.T) {
	t.Parallel()
	send := func(f *face, n int, from func(int) string) (accepted int) {
		for i := range n {
			switch a := f.view(`{"page":"/"}`, "X-Forwarded-For", from(i)); a.status {
			case 202:
				accepted++
			case 429:
				if a.header.Get("Retry-After") == "" {
					t.Error("no Retry-After")
				}
			default:
				t.Fatalf("%d %s", a.status, a.body)
			}
		}
		return accepted
	}
	forged := func(i int) string { return fmt.Sprint("203.0.113.", i) }
	f := openTracked(t, withEvents)
	if n := send(f, 100, forged); n != 60 {
		t.Errorf("%d events of one address with forged ones were accepted, want 60", n)
	}
	f.Clock.Add(2 * time.Second)
	if n := send(f, 100, forged); n != 20 {
		t.Errorf("%d events were accepted two seconds later, want 20", n)
	}
	if got := f.counts(); got != "80 1 0 0" {
		t.Errorf("forged addresses are other visitors: %s", got)
	}
	trusted := openTracked(t, withEvents, func(o *server.Options) {
		o.Proxies = server.Proxies{netip.MustParsePrefix("192.0.2.0/24")}
	})
	if n := send(trusted, 100, forged); n != 100 {
		t.Errorf("%d events of 100 clients behind a proxy were accepted", n)
	}
	if n := send(trusted, 100, func(i int) string { return fmt.Sprintf("2001:db8::%x", i+1) }); n != 60 {
		t.Errorf("%d events of one IPv6 subscriber were accepted, want 60", n)
	}
}

// TestVisitorsByDay: a visitor counts once a day, and nobody is known again
// the next day or to another app.
func TestVisitorsByDay(t *testing.T) {
	t.Parallel()
	f := openTracked(t, withEvents)
	for range 3 {
		f.view(`{"page":"/"}`)
	}
	f.view(`{"page":"/"}`, "User-Agent", iphone)
	if got := f.counts(); got != "4 2 0 0" {
		t.Error(got)
	}
	f.Clock.Add(24 * time.Hour)
	f.view(`{"page":"/"}`)
	if got := f.counts(); got != "5 3 0 0" {
		t.Error(got)
	}
	var v struct {
		Online, Visitors, Days, Most int
		Average, Pages               float64
	}
	if err := json.Unmarshal([]byte(f.Must("event_visitors", `{"app":"shop","from":"2025-11-24","to":"2025-12-30"}`)), &v); err != nil {
		t.Fatal(err)
	}
	if v.Online != 1 || v.Visitors != 3 || v.Days != 2 || v.Most != 2 || v.Average != 1.5 || v.Pages != 1.67 {
		t.Errorf("%+v", v)
	}
}

// TestTrackScript: every app has the script, which is small, and a site's own
// file goes before it.
func TestTrackScript(t *testing.T) {
	t.Parallel()
	f := openTracked(t, withEvents)
	get := func() answer {
		return f.do(request{method: "GET", host: "shop.localhost", path: "/track.js", role: servertest.Stranger})
	}
	a := get()
	if a.status != 200 || !strings.HasPrefix(a.header.Get("Content-Type"), "text/javascript") || len(a.body) > 1024 {
		t.Errorf("%d %s, %d bytes", a.status, a.header.Get("Content-Type"), len(a.body))
	}
	for _, word := range []string{"cookie", "localStorage", "sessionStorage"} {
		if strings.Contains(strings.ReplaceAll(a.body, "No cookie", ""), word) {
			t.Errorf("the script speaks of %s", word)
		}
	}
	f.Must("blob_put", `{"app":"shop","key":"site/track.js","text":"mine()"}`)
	if a := get(); a.body != "mine()" {
		t.Errorf("the site's own file is not served: %s", a.body)
	}
	if a := f.do(request{method: "GET", host: "shop.localhost", path: "/track", role: servertest.Stranger}); a.status != 404 {
		t.Errorf("GET /track: %d", a.status)
	}
}
