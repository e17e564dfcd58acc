package server_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"fazt/server"
	"fazt/server/op"
	"fazt/server/servertest"
)

// openSites is a face with the apps' hosts.
func openSites(t testing.TB) *face {
	var handler http.Handler
	f := openFace(t, func(o *server.Options) {
		o.Sites = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) })
	})
	handler = f.Service.Sites(server.NewHosts("example.org"))
	return f
}

// packed is one file of an archive.
type packed struct {
	name, body string
	mode       int64
	kind       byte
	link       string
}

func zipOf(t testing.TB, files ...packed) string {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range files {
		h := &zip.FileHeader{Name: f.name, Method: zip.Deflate}
		if f.kind == tar.TypeSymlink {
			h.ExternalAttrs = 0o120777 << 16
			h.CreatorVersion = 3 << 8
		}
		part, err := w.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(part, f.body); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func tarOf(t testing.TB, files ...packed) string {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, f := range files {
		kind := f.kind
		if kind == 0 {
			kind = tar.TypeReg
		}
		if err := w.WriteHeader(&tar.Header{Name: f.name, Typeflag: kind, Size: int64(len(f.body)), Mode: 0o644, Linkname: f.link}); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, f.body); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func zipped(t testing.TB, text string) string {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	if _, err := io.WriteString(z, text); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func (f *face) deploy(archive string, headers ...string) answer {
	f.t.Helper()
	return f.do(request{method: "POST", path: "/api/apps/shop/site:deploy", body: archive, headers: append(append([]string{}, plain...), headers...)})
}

// visit asks the app's host, as a stranger.
func (f *face) visit(path string, headers ...string) answer {
	f.t.Helper()
	return f.do(request{method: "GET", host: "shop.localhost", path: path, role: servertest.Stranger, headers: headers})
}

func pages() []packed {
	return []packed{
		{name: "index.html", body: "home"}, {name: "about.html", body: "about"}, {name: "docs/index.html", body: "docs"},
		{name: "a b.txt", body: "spaced"}, {name: "app.js", body: strings.Repeat("let x = 1;\n", 500)}, {name: "404.html", body: "lost"},
		{name: "pic.png", body: "0123456789"},
	}
}

func TestSitePages(t *testing.T) {
	t.Parallel()
	f := openSites(t)
	if a := f.visit("/"); a.status != 404 || !strings.HasPrefix(a.header.Get("Content-Type"), "text/plain") {
		t.Errorf("without a site: %d %s", a.status, a.body)
	}
	if a := f.deploy(zipOf(t, pages()...)); a.status != 200 || !strings.Contains(a.body, `"files":7`) {
		t.Fatalf("deploy: %d %s", a.status, a.body)
	}
	for _, c := range []struct {
		path   string
		status int
		body   string // or the place of a redirect
		kind   string
	}{
		{"/", 200, "home", "text/html; charset=utf-8"}, {"/index.html", 200, "home", "text/html; charset=utf-8"},
		{"/about", 200, "about", "text/html; charset=utf-8"}, {"/about.html", 200, "about", "text/html; charset=utf-8"},
		{"/about/", 302, "/about", ""}, {"/docs", 302, "/docs/", ""}, {"/docs?q=1", 302, "/docs/?q=1", ""}, {"/docs/", 200, "docs", "text/html; charset=utf-8"},
		{"/a%20b.txt", 200, "spaced", "text/plain; charset=utf-8"}, {"/pic.png", 200, "0123456789", "image/png"},
		{"/none", 404, "lost", "text/html; charset=utf-8"}, {"/docs/none", 404, "lost", "text/html; charset=utf-8"},
		{"//evil.example/", 404, "lost", "text/html; charset=utf-8"}, {"/../notes", 404, "lost", "text/html; charset=utf-8"},
		{"/api/apps", 404, "lost", "text/html; charset=utf-8"}, {"/agent/fazt.js", 404, "lost", "text/html; charset=utf-8"},
		{"/mcp", 404, "lost", "text/html; charset=utf-8"}, {"/sign-in/x", 404, "lost", "text/html; charset=utf-8"},
	} {
		a := f.visit(c.path)
		got := a.body
		if c.status == 302 {
			got = a.header.Get("Location")
		}
		if a.status != c.status || got != c.body || c.kind != "" && a.header.Get("Content-Type") != c.kind {
			t.Errorf("%s = %d %q %s, want %d %q %s", c.path, a.status, got, a.header.Get("Content-Type"), c.status, c.body, c.kind)
		}
		if a.header.Get("X-Content-Type-Options") != "nosniff" || a.header.Get("Set-Cookie") != "" {
			t.Errorf("%s: headers %v", c.path, a.header)
		}
	}
	if a := f.do(request{method: "POST", host: "shop.localhost", path: "/", role: servertest.Owner}); a.status != 405 {
		t.Errorf("POST: %d", a.status)
	}
}

func TestSiteConditionsAndCompression(t *testing.T) {
	t.Parallel()
	f := openSites(t)
	f.deploy(zipOf(t, pages()...))
	plainFile := f.visit("/pic.png")
	tag := plainFile.header.Get("Etag")
	if a := f.visit("/pic.png", "If-None-Match", tag); tag == "" || a.status != 304 {
		t.Errorf("304: %d with %s", a.status, tag)
	}
	if a := f.visit("/pic.png", "Range", "bytes=3-5"); a.status != 206 || a.body != "345" {
		t.Errorf("206: %d %q", a.status, a.body)
	}
	raw := f.visit("/app.js")
	small := f.visit("/app.js", "Accept-Encoding", "br, gzip")
	if small.header.Get("Content-Encoding") != "gzip" || small.header.Get("Vary") != "Accept-Encoding" || raw.header.Get("Vary") != "Accept-Encoding" ||
		len(small.body) >= len(raw.body) || small.header.Get("Etag") == raw.header.Get("Etag") {
		t.Fatalf("gzip: %d of %d bytes, %v", len(small.body), len(raw.body), small.header)
	}
	z, err := gzip.NewReader(strings.NewReader(small.body))
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(z); err != nil || string(text) != raw.body {
		t.Error("it unpacks to something else", err)
	}
	if a := f.visit("/app.js", "Accept-Encoding", "gzip", "If-None-Match", small.header.Get("Etag")); a.status != 304 {
		t.Errorf("304 of the compressed form: %d", a.status)
	}
	for _, not := range []string{"", "br", "gzip;q=0", "gzip; q=0.0", "identity"} {
		if a := f.visit("/app.js", "Accept-Encoding", not); a.header.Get("Content-Encoding") != "" {
			t.Errorf("Accept-Encoding %q got gzip", not)
		}
	}
	f.do(request{method: "PUT", path: "/api/apps/shop/blobs/site/pic.png", body: "new", headers: plain})
	if a := f.visit("/pic.png", "If-None-Match", tag); a.status != 200 || a.body != "new" {
		t.Errorf("after a put: %d %q", a.status, a.body)
	}
}

func TestSiteDeployAndRollback(t *testing.T) {
	t.Parallel()
	f := openSites(t)
	one := []packed{{name: "./index.html", body: "one"}, {name: "docs/", kind: tar.TypeDir}, {name: "old.txt", body: "old"}}
	two := []packed{{name: "index.html", body: "two"}}
	if a := f.deploy(tarOf(t, one...)); a.status != 200 {
		t.Fatal(a.body)
	}
	if a := f.deploy(zipped(t, tarOf(t, two...)), "Idempotency-Key", "k"); a.status != 200 {
		t.Fatal(a.body)
	}
	if f.visit("/").body != "two" || f.visit("/old.txt").status != 404 {
		t.Error("the second deployment is not whole")
	}
	if a := f.deploy(zipOf(t, one[0]), "Fazt-Dry-Run", "true"); a.status != 200 || f.visit("/").body != "two" {
		t.Errorf("a dry run: %d %s", a.status, a.body)
	}
	f.Must("site_rollback", `{"app":"shop"}`)
	if f.visit("/").body != "one" || f.visit("/old.txt").body != "old" {
		t.Error("the rollback is not whole")
	}
	if a := f.deploy(zipped(t, tarOf(t, two...)), "Idempotency-Key", "k"); a.status != 200 || f.visit("/").body != "one" {
		t.Errorf("a repetition was applied: %s", a.body)
	}
	if a := f.do(request{method: "GET", path: "/api/apps/shop/site"}); strings.Count(a.body, `"deployment"`) != 2 {
		t.Errorf("site_list: %s", a.body)
	}
	f.do(request{method: "PUT", path: "/api/apps/shop/blobs/archives/site.tar", body: tarOf(t, two...), headers: plain})
	f.Must("site_deploy", `{"app":"shop","blob":"archives/site.tar"}`)
	if f.visit("/").body != "two" {
		t.Error("an archive from a blob was not deployed")
	}
	for input, field := range map[string]string{
		`{"app":"shop"}`: "", `{"app":"shop","blob":"none"}`: "blob", `{"app":"shop","from":"none/"}`: "from", `{"app":"shop","blob":"a","from":"b"}`: "from",
	} {
		_, err := f.Call(servertest.Owner, "site_deploy", input, op.Envelope{})
		if e := op.AsError(err); err == nil || e.Field != field || e.Hint == "" || e.Code == op.CodeInternal {
			t.Errorf("%s: %v, field %q, want %q", input, err, e.Field, field)
		}
	}
}

func TestHostileArchives(t *testing.T) {
	t.Parallel()
	f := openSites(t)
	f.deploy(zipOf(t, packed{name: "index.html", body: "good"}))
	bomb := zipped(t, tarOf(t, packed{name: "index.html", body: "x"}))
	for _, c := range []struct{ name, archive, says string }{
		{"nothing", "", "holds no file"}, {"no archive", "hello, this is no archive", "can be read"}, {"an empty zip", zipOf(t), "holds no file"},
		{"a torn zip", zipOf(t, pages()...)[:300], "can be read"}, {"a torn tar.gz", bomb[:len(bomb)-12], "can be read"},
		{"traversal", zipOf(t, packed{name: "../../etc/passwd"}), `segment ".."`}, {"traversal inside", tarOf(t, packed{name: "a/../../b"}), `segment ".."`},
		{"absolute", zipOf(t, packed{name: "/etc/passwd"}), "absolute"}, {"a drive", zipOf(t, packed{name: "C:/x"}), "absolute"},
		{"backslashes", zipOf(t, packed{name: `a\b.html`}), "backslash"}, {"a UNC path", zipOf(t, packed{name: `\\host\x`}), "backslash"},
		{"an empty segment", zipOf(t, packed{name: "a//b"}), `segment ""`}, {"a control character", zipOf(t, packed{name: "a\nb"}), "control"},
		{"twice", zipOf(t, packed{name: "a"}, packed{name: "./a"}), "twice"},
		{"a symlink in a zip", zipOf(t, packed{name: "a", body: "/etc/passwd", kind: tar.TypeSymlink}), "link"},
		{"a symlink", tarOf(t, packed{name: "a", kind: tar.TypeSymlink, link: "/etc/passwd"}), "link"},
		{"a hard link", tarOf(t, packed{name: "a", kind: tar.TypeLink, link: "b"}), "link"},
		{"a device", tarOf(t, packed{name: "a", kind: tar.TypeChar}), "plain file"},
		{"a long name", zipOf(t, packed{name: strings.Repeat("n", 1100)}), "bytes"},
		{"no UTF-8", zipOf(t, packed{name: "a\xff"}), "UTF-8"},
	} {
		a := f.deploy(c.archive)
		p := problem{}
		if a.status < 400 {
			t.Errorf("%s was deployed: %s", c.name, a.body)
			continue
		}
		if p = a.problem(t); p.Code != op.CodeInvalidInput || !strings.Contains(p.Detail, c.says) || p.Hint == "" {
			t.Errorf("%s: %+v, want %q", c.name, p, c.says)
		}
	}
	if got := f.visit("/").body; got != "good" {
		t.Errorf("a refused archive changed the site to %q", got)
	}
}

func TestTooManyFiles(t *testing.T) {
	t.Parallel()
	f := openSites(t)
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for i := range 400_000 { // their directory alone is too large
		if _, err := w.CreateRaw(&zip.FileHeader{Name: fmt.Sprint(i)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if p := f.deploy(out.String()).problem(t); p.Code != op.CodeTooLarge {
		t.Errorf("%+v", p)
	}
}

// TestHostileApp publishes a page that wants more than a page, and makes the
// requests that a browser would make for it.
func TestHostileApp(t *testing.T) {
	t.Parallel()
	f := openSites(t)
	f.deploy(zipOf(t, packed{name: "index.html", body: `<script>fetch("http://localhost/api/apps",{credentials:"include"})</script>`}, packed{name: "sw.js", body: "self"}))
	session, err := f.auth.DrivenSession(t.Context(), &op.Principal{ID: "agent", Scopes: servertest.Agent.Principal().Scopes})
	if err != nil {
		t.Fatal(err)
	}
	cookie := session.String()
	shop := "http://shop.localhost"
	ask := func(host, path string, headers ...string) answer {
		return f.do(request{method: "GET", host: host, path: path, role: servertest.Stranger, headers: append([]string{"Cookie", cookie}, headers...)})
	}
	if a := ask("localhost", "/api/apps", "Sec-Fetch-Site", "same-origin"); a.status != 200 {
		t.Fatalf("the session itself does not work: %d %s", a.status, a.body)
	}
	for _, site := range []string{"same-site", "cross-site", ""} {
		a := ask("localhost", "/api/apps", "Sec-Fetch-Site", site, "Origin", shop, "Sec-Fetch-Mode", "cors")
		if a.status != 401 || a.header.Get("Access-Control-Allow-Origin") != "" || a.header.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("a fetch with cookies as %q: %d %v", site, a.status, a.header)
		}
	}
	a := f.do(request{method: "POST", path: "/api/apps", body: `{"id":"evil"}`, role: servertest.Stranger, headers: []string{"Cookie", cookie, "Sec-Fetch-Site", "same-site", "Origin", shop}})
	if a.status != 401 {
		t.Errorf("a form of the app's page: %d", a.status)
	}
	if a := ask("localhost", "/"); a.header.Get("X-Frame-Options") != "DENY" {
		t.Errorf("the admin page can be framed: %v", a.header)
	}
	for _, path := range []string{"/api/apps", "/agent/ws", "/mcp", "/up/x", "/sign-in/x", "/metrics"} {
		if a := ask("shop.localhost", path); a.status != 404 || strings.Contains(a.body, "shop") {
			t.Errorf("the app's host answers %s: %d %s", path, a.status, a.body)
		}
	}
	if a := ask("shop.localhost", "/sw.js"); a.header.Get("Service-Worker-Allowed") != "" || a.header.Get("Set-Cookie") != "" {
		t.Errorf("a worker got more than its own origin: %v", a.header)
	}
	f.do(request{method: "PUT", path: "/api/apps/shop/blobs/x.html", body: "<script>1</script>", headers: plain})
	stored := ask("localhost", "/api/apps/shop/blobs/x.html", "Sec-Fetch-Site", "same-origin")
	if stored.header.Get("Content-Type") != "application/octet-stream" || !strings.HasPrefix(stored.header.Get("Content-Disposition"), "attachment") {
		t.Errorf("a stored page would run on the admin host: %v", stored.header)
	}
}

// FuzzArchive: any bytes are an archive or a coded error, and never a name that
// leaves the site.
func FuzzArchive(f *testing.F) {
	for _, seed := range []string{zipOf(f, pages()...), tarOf(f, pages()...), zipped(f, tarOf(f, pages()...)), zipOf(f, packed{name: "../a"}), "PK\x05\x06", "\x1f\x8b"} {
		f.Add([]byte(seed))
	}
	face := openSites(f)
	face.token(servertest.Owner)
	f.Fuzz(func(t *testing.T, archive []byte) {
		g := *face
		g.t = t
		a := g.deploy(string(archive))
		if a.status != 200 && a.status != 400 && a.status != 413 {
			t.Fatalf("%d %s", a.status, a.body)
		}
	})
}

func FuzzSitePath(f *testing.F) {
	face := openSites(f)
	face.deploy(zipOf(f, pages()...))
	for _, seed := range []string{"/", "//x/", "/docs", "/about/", "/%2e%2e/", "/\x00"} {
		f.Add(seed, "bytes=0-1")
	}
	handler := face.Service.Sites(server.NewHosts(""))
	f.Fuzz(func(t *testing.T, path, span string) {
		r, err := http.NewRequest("GET", "http://shop.localhost/", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.URL.Path = path
		r.Header.Set("Range", span)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if place := w.Header().Get("Location"); w.Code >= 500 || strings.HasPrefix(place, "//") || place != "" && place[0] != '/' {
			t.Fatalf("%q = %d %q", path, w.Code, place)
		}
	})
}
