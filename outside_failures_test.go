package main

import (
	"cmp"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

// outsidePages are the pages of a site that does what sites do.
var outsidePages = map[string]string{
	"/":       `<title>Start</title><h1>Start</h1>`,
	"/frames": `<title>Frames</title><frameset cols="30%,*"><frame name="menu" title="Menu" src="/menu"><frame name="main" title="Main" src="/other"></frameset>`,
	"/menu":   `<title>Menu</title><a href="/orders" target="main">Orders</a>`,
	"/other":  `<title>Other</title><h1>Other</h1>`,
	"/orders": `<title>Orders</title><h1>Orders</h1>`,
	"/form":   `<title>Form</title><form method="post" action="/sent"><label>Word <input name="word"></label><button>Send</button></form>`,
	"/ask":    `<title>Ask</title><button onclick="this.after(confirm('Delete it?') ? 'deleted' : 'kept')">Delete</button>`,
	"/window": `<title>Window</title><button onclick="window.open('/other')">Print</button>`,
	"/get":    `<title>Get</title><a href="/file">Report</a>`,
	"/lost":   `<title>Lost</title><a href="/away">Away</a><a href="/broken">Broken</a>`,
}

// outsideSite serves them, and fails in the ways in which sites fail.
func outsideSite(elsewhere, inward string) http.Handler {
	mux := http.NewServeMux()
	to := func(path, target string) {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, target, http.StatusFound) })
	}
	to("/one", "/two")
	to("/two", "/three")
	to("/three", "/other")
	to("/round", "/about")
	to("/about", "/round")
	to("/inward", "http://169.254.169.254/latest/meta-data/")
	to("/away", elsewhere+"/")
	mux.HandleFunc("/slow", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	mux.HandleFunc("/cut", func(w http.ResponseWriter, _ *http.Request) { cutOff(w) })
	mux.HandleFunc("/broken", func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "out of order", http.StatusInternalServerError)
	})
	mux.HandleFunc("/inner", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, "<!doctype html><title>Inner</title><iframe src=%q></iframe>", inward+"/")
	})
	mux.HandleFunc("/file", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Disposition", "attachment; filename=report.csv")
		_, _ = io.WriteString(w, "a,b")
	})
	mux.HandleFunc("POST /sent", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, "<!doctype html><title>Sent</title><h1>Sent %s</h1>", r.FormValue("word"))
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, "<!doctype html>"+outsidePages[r.URL.Path])
	})
	return mux
}

// cutOff ends a connection as a crashed server does.
func cutOff(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	conn.Close()
}

// closedPort is an address at which nothing listens.
func closedPort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return "http://" + listener.Addr().String()
}

// namedInward is an address by a name that leads to a private one: the machine's
// own, or else one that every machine knows.
func namedInward(t *testing.T) string {
	t.Helper()
	name, err := os.Hostname()
	if err == nil {
		if found, err := net.LookupIP(name); err == nil && (found[0].IsLoopback() || found[0].IsPrivate()) {
			return "http://" + name + ":4711"
		}
	}
	return "http://ip6-localhost:4711"
}

// outsideCase is one thing that goes wrong, or otherwise than on a page of one
// document: what is done, what the answer says in which words, and the next call
// that it names, with what that says.
type outsideCase struct {
	name   string
	steps  []string
	dialog string
	wait   int
	says   []string // of the answer
	before func()   // what is done elsewhere before the next call
	what   string   // of the next call, a look: page, or network
	next   []string // steps of the next call; none is a look
	then   []string // what that says
}

// TestOutsideFailures: each failure of the outside web has one answer, which says
// what was done and what was not, and what to do next; and that works.
func TestOutsideFailures(t *testing.T) {
	t.Parallel()
	chromium.Open(t)
	quiet := log.New(io.Discard, "", 0) // a refused certificate is what is tested
	unlisted := httptest.NewServer(outsideSite("", ""))
	t.Cleanup(unlisted.Close)
	inward := namedInward(t)
	site := httptest.NewServer(outsideSite(unlisted.URL, inward))
	t.Cleanup(site.Close)
	secure := httptest.NewUnstartedServer(outsideSite("", ""))
	secure.Config.ErrorLog = quiet
	secure.StartTLS()
	t.Cleanup(secure.Close)
	dead := closedPort(t)
	p := serve(t)
	registry, err := describe()
	if err != nil {
		t.Fatal(err)
	}
	api := newPlainHTTP(t, p, ownerSecret)
	list := func(origins ...string) {
		must(t, api, registry, "setting_update", `{"add_browse":["`+strings.Join(origins, `","`)+`"]}`)
	}
	list(site.URL, secure.URL, dead)
	l := newLoop(t, p)
	l.must(t, "tab_open", map[string]any{"url": site.URL + "/"})

	for _, c := range outsideCases(site.URL, unlisted.URL, secure.URL, dead, inward, list) {
		if !t.Run(c.name, func(t *testing.T) { c.run(t, l) }) {
			break
		}
	}
}

func (c outsideCase) run(t *testing.T, l *loop) {
	do := func(steps []string, extra map[string]any) string {
		in := map[string]any{"steps": steps}
		for name, value := range extra {
			in[name] = value
		}
		text, _, _, _ := l.say(t, "tab_do", in)
		return text
	}
	extra := map[string]any{}
	if c.dialog != "" {
		extra["dialog"] = c.dialog
	}
	if c.wait > 0 {
		extra["wait_s"] = c.wait
	}
	text := do(c.steps, extra)
	for _, want := range c.says {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	if c.before != nil {
		c.before()
	}
	var after string
	if c.next == nil {
		after, _, _, _ = l.say(t, "tab_look", map[string]any{"what": cmp.Or(c.what, "page")})
	} else {
		after = do(c.next, nil)
	}
	for _, want := range c.then {
		if !strings.Contains(after, want) {
			t.Errorf("after it, %q is not in\n%s", want, after)
		}
	}
}

func outsideCases(site, unlisted, secure, dead, inward string, allow func(...string)) []outsideCase {
	at := func(path string) string { return "goto " + site + path }
	list := func(origin string) string { return "fazt setting update --add-browse " + origin }
	start, look := []string{at("/")}, []string(nil)
	return []outsideCase{
		{name: "a frame set", steps: []string{at("/frames")}, says: []string{`frame "Menu"`, `frame "Main"`, `h1 "Other"`},
			next: []string{`click link "Orders" in frame "Menu"`, `expect heading "Orders" in frame "Main" visible`}, then: []string{"ok tab_do"}},
		{name: "a post of the whole page", steps: []string{at("/form"), `fill field "Word" = hello`, `click btn "Send"`},
			says: []string{"ok tab_do", "3: the page navigated", `h1 "Sent hello"`}, next: look, then: []string{"/sent"}},
		{name: "confirm, dismissed", steps: []string{at("/ask"), `click btn "Delete"`},
			says: []string{"ok tab_do", "confirm ‹Delete it?›, which was dismissed", "‹kept›"}, next: look, then: []string{"‹kept›"}},
		{name: "confirm, accepted", steps: []string{at("/ask"), `click btn "Delete"`}, dialog: "accept",
			says: []string{"ok tab_do", "confirm ‹Delete it?›, which was accepted", "‹deleted›"}, next: look, then: []string{"‹deleted›"}},
		{name: "redirects", steps: []string{at("/one")}, says: []string{"ok tab_do", `rev 1 /other "Other"`}, next: look, then: []string{"/other"}},
		{name: "redirects in a circle", steps: []string{at("/"), at("/round"), `click btn "None"`},
			says: []string{"failed at 2 of 3 · done 1 · not run 3", "navigation:", "TOO_MANY_REDIRECTS", "goto the site's first page"}, next: start, then: []string{`h1 "Start"`}},
		{name: "a page that does not answer", steps: []string{at("/"), at("/slow"), `click btn "None"`}, wait: 1,
			says: []string{"failed at 2 of 3 · done 1 · not run 3", "deadline:", "tab_look; or call again with a larger wait_s"}, next: look, then: []string{`h1 "Start"`}},
		{name: "nothing listens", steps: []string{"goto " + dead + "/"},
			says: []string{"failed at 1 of 1", "navigation:", "connection refused", "nothing listens there"}, next: start, then: []string{`h1 "Start"`}},
		{name: "a server that breaks off", steps: []string{at("/cut")},
			says: []string{"failed at 1 of 1", "navigation:", "broke off without an answer", "reload"}, next: []string{"reload"}, then: []string{"navigation:"}},
		{name: "a server's error", steps: []string{at("/broken")}, says: []string{"ok tab_do", "1: the server answered 500", "‹out of order›"}, next: start, then: []string{`h1 "Start"`}},
		{name: "a server's error after a click", steps: []string{at("/lost"), `click link "Broken"`},
			says: []string{"ok tab_do", "2: the page navigated; the server answered 500"}, next: []string{"back"}, then: []string{`link "Broken"`}},
		{name: "a certificate of nobody", steps: []string{"goto " + secure + "/"},
			says: []string{"failed at 1 of 1", "navigation:", "ERR_CERT_AUTHORITY_INVALID", "ask the owner"}, next: start, then: []string{`h1 "Start"`}},
		{name: "an address for machines", steps: []string{at("/"), "goto http://169.254.169.254/latest/"},
			says: []string{"failed at 2 of 2 · done 1", "forbidden:", "169.254.169.254 is not listed"}, next: look, then: []string{`h1 "Start"`}},
		{name: "a redirect to one", steps: []string{at("/inward")},
			says: []string{"failed at 1 of 1", "forbidden: a redirect was refused: the origin http://169.254.169.254"}, next: start, then: []string{`h1 "Start"`}},
		{name: "a name that leads inward", steps: []string{at("/inner")}, says: []string{"ok tab_do"}, what: "network", then: []string{"403 ‹GET " + inward + "/›"}},
		{name: "a click to an origin that is not listed", steps: []string{at("/lost"), `click link "Away"`},
			says: []string{"the page navigated", "was refused: the origin " + unlisted + " is not listed", list(unlisted)}, next: start, then: []string{`h1 "Start"`}},
		{name: "a download", steps: []string{at("/file")}, says: []string{"failed at 1 of 1", "is a download, which a tab refuses", "fetch it another way"}, next: start, then: []string{`h1 "Start"`}},
		{name: "a download by a click", steps: []string{at("/get"), `click link "Report"`, at("/")}, says: []string{"ok tab_do", "download ‹report.csv›", "fetch it another way"}, next: look, then: []string{`h1 "Start"`}},
		{name: "a new window", steps: []string{at("/window"), `click btn "Print"`, at("/")}, says: []string{"ok tab_do", "a new window at ‹" + site + "/other›; open it with tab_open"}, next: []string{at("/other")}, then: []string{`h1 "Other"`}},
		// The last: the owner lists what was refused, as the answer says.
		{name: "an origin that is not listed", steps: []string{"goto " + unlisted + "/"}, says: []string{"failed at 1 of 1", "forbidden:", "is not listed", list(unlisted)},
			before: func() { allow(unlisted) }, next: []string{"goto " + unlisted + "/"}, then: []string{`h1 "Start"`}},
	}
}
