package server_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"fazt/server"
	"fazt/server/op"
	"fazt/server/servertest"
)

// plain says that the body of a request is bytes and not JSON.
var plain = []string{"Content-Type", "application/octet-stream"}

func (f *face) putBlob(key, body string, headers ...string) answer {
	f.t.Helper()
	return f.do(request{method: "PUT", path: "/api/apps/shop/blobs/" + key, body: body, headers: append(append([]string{}, plain...), headers...)})
}

func (f *face) getBlob(key string, headers ...string) answer {
	f.t.Helper()
	return f.do(request{method: "GET", path: "/api/apps/shop/blobs/" + key, headers: headers})
}

func TestBlobsOverHTTP(t *testing.T) {
	t.Parallel()
	f := openFace(t)
	put := f.putBlob("dir/a.txt", "0123456789")
	if put.status != 200 || put.header.Get("Etag") == "" {
		t.Fatalf("PUT: %d %s", put.status, put.body)
	}
	tag := put.header.Get("Etag")
	got := f.getBlob("dir/a.txt")
	if got.status != 200 || got.body != "0123456789" || got.header.Get("Etag") != tag {
		t.Fatalf("GET: %d %q %v", got.status, got.body, got.header)
	}
	for name, want := range map[string]string{
		"Content-Type": "text/plain; charset=utf-8", "X-Content-Type-Options": "nosniff", "Content-Length": "10", "Accept-Ranges": "bytes",
		"Content-Security-Policy": "sandbox; default-src 'none'", "Content-Disposition": "attachment; filename=a.txt",
	} {
		if got.header.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, got.header.Get(name), want)
		}
	}
	head := f.do(request{method: "HEAD", path: "/api/apps/shop/blobs/dir/a.txt"})
	if head.status != 200 || head.body != "" || head.header.Get("Content-Length") != "10" {
		t.Errorf("HEAD: %d %q %v", head.status, head.body, head.header)
	}
	for _, c := range []struct {
		name, value string
		status      int
		body        string
	}{
		{"Range", "bytes=2-4", 206, "234"},
		{"Range", "bytes=-3", 206, "789"},
		{"Range", "bytes=7-", 206, "789"},
		{"If-None-Match", tag, 304, ""},
		{"If-None-Match", `"1"`, 200, "0123456789"},
		{"If-Match", tag, 200, "0123456789"},
	} {
		if a := f.getBlob("dir/a.txt", c.name, c.value); a.status != c.status || a.body != c.body {
			t.Errorf("%s: %s = %d %q, want %d %q", c.name, c.value, a.status, a.body, c.status, c.body)
		}
	}
	refused := f.getBlob("dir/a.txt", "Range", "bytes=20-")
	if refused.status != 416 || refused.problem(t).Code != op.CodeBadRange || refused.header.Get("Content-Range") != "bytes */10" {
		t.Errorf("416: %d %s %v", refused.status, refused.body, refused.header)
	}
	if p := f.getBlob("dir/a.txt", "If-Match", `"1"`).problem(t); p.Code != op.CodeVersionMismatch {
		t.Errorf("412: %+v", p)
	}
	if p := f.getBlob("none").problem(t); p.Code != "blob_not_found" || p.Field != "key" {
		t.Errorf("404: %+v", p)
	}
}

func TestBlobSeveralRanges(t *testing.T) {
	t.Parallel()
	f := openFace(t)
	f.putBlob("a", "0123456789")
	a := f.getBlob("a", "Range", "bytes=0-1,8-9")
	kind, params, err := mime.ParseMediaType(a.header.Get("Content-Type"))
	if a.status != 206 || kind != "multipart/byteranges" || err != nil {
		t.Fatalf("%d %s", a.status, a.header.Get("Content-Type"))
	}
	var parts []string
	for r := multipart.NewReader(strings.NewReader(a.body), params["boundary"]); ; {
		p, err := r.NextPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		b, _ := io.ReadAll(p)
		parts = append(parts, p.Header.Get("Content-Range")+" "+string(b))
	}
	if got := strings.Join(parts, ", "); got != "bytes 0-1/10 01, bytes 8-9/10 89" {
		t.Errorf("parts %s", got)
	}
}

func TestBlobConditionalWrites(t *testing.T) {
	t.Parallel()
	f := openFace(t)
	tag := f.putBlob("a", "one").header.Get("Etag")
	for _, c := range []struct {
		query   string
		headers []string
		code    op.Code
	}{
		{"", []string{"If-None-Match", "*"}, op.CodeVersionMismatch},
		{"?create_only=true", nil, op.CodeAlreadyExists},
		{"", []string{"If-Match", `"1"`}, op.CodeVersionMismatch},
		{"?if_version=1", nil, op.CodeVersionMismatch},
		{"?create_only=true&if_version=1", nil, op.CodeInvalidInput},
		{"?text=two", nil, op.CodeInvalidInput},
		{"?typ=a/b", nil, op.CodeUnknownField},
		{"", []string{"Content-Encoding", "gzip"}, op.CodeUnsupportedType},
	} {
		if a := f.putBlob("a"+c.query, "two", c.headers...); a.status < 400 || a.problem(t).Code != c.code {
			t.Errorf("%s %v = %d %s, want %s", c.query, c.headers, a.status, a.body, c.code)
		}
	}
	if got := f.getBlob("a").body; got != "one" {
		t.Errorf("a refused write changed the blob to %q", got)
	}
	if a := f.putBlob("new", "two", "If-Match", "*"); a.status != 412 {
		t.Errorf("If-Match: * of nothing: %d", a.status)
	}
	if a := f.putBlob("a", "two", "If-Match", "*"); a.status != 200 {
		t.Errorf("If-Match: *: %d %s", a.status, a.body)
	}
	if a := f.do(request{method: "DELETE", path: "/api/apps/shop/blobs/a", headers: []string{"If-Match", tag}}); a.status != 412 {
		t.Errorf("DELETE with an old tag: %d", a.status)
	}
	if a := f.do(request{method: "DELETE", path: "/api/apps/shop/blobs/a"}); a.status != 200 || !strings.Contains(a.body, `"deleted":true`) {
		t.Errorf("DELETE: %d %s", a.status, a.body)
	}
	if a := f.putBlob("empty", ""); a.status != 200 || !strings.Contains(a.body, `"size":0`) {
		t.Errorf("an empty file: %d %s", a.status, a.body)
	}
}

// TestBlobRepetition: a key stands for a call with the same bytes, once.
func TestBlobRepetition(t *testing.T) {
	t.Parallel()
	f := openFace(t)
	first := f.putBlob("a", "one", "Idempotency-Key", "k")
	f.putBlob("a", "other")
	if again := f.putBlob("a", "one", "Idempotency-Key", "k"); again.body != first.body {
		t.Errorf("a repetition answered %s, want %s", again.body, first.body)
	}
	if got := f.getBlob("a").body; got != "other" {
		t.Errorf("a repetition was applied: %q", got)
	}
	if p := f.putBlob("a", "two", "Idempotency-Key", "k").problem(t); p.Code != op.CodeIdempotencyMismatch {
		t.Errorf("%+v", p)
	}
	if a := f.putBlob("dry", "x", "Fazt-Dry-Run", "true"); a.status != 200 {
		t.Errorf("dry run: %d %s", a.status, a.body)
	}
	if a := f.getBlob("dry"); a.status != 404 {
		t.Error("a dry run stored a blob")
	}
}

func TestBlobTypes(t *testing.T) {
	t.Parallel()
	f := openFace(t)
	for _, c := range []struct{ key, sent, body, kept, out string }{
		{"a.css", "", "x", "text/css; charset=utf-8", "application/octet-stream"},
		{"a.html", "application/x-www-form-urlencoded", "x", "text/html; charset=utf-8", "application/octet-stream"},
		{"a.svg", "", "<svg/>", "image/svg+xml", "application/octet-stream"},
		{"none", "", "\x89PNG\r\n\x1a\n", "image/png", "image/png"},
		{"none2", "", "just text", "text/plain; charset=utf-8", "text/plain; charset=utf-8"},
		{"a.png", "image/webp", "x", "image/webp", "image/webp"},
		{"b.png", "no type", "x", "image/png", "image/png"},
		{"c.bin", "text/HTML", "x", "text/html", "application/octet-stream"},
	} {
		a := f.putBlob(c.key, c.body, "Content-Type", c.sent)
		if !strings.Contains(a.body, `"type":"`+c.kept+`"`) {
			t.Errorf("%s kept %s, want %s", c.key, a.body, c.kept)
		}
		if got := f.getBlob(c.key).header.Get("Content-Type"); got != c.out {
			t.Errorf("%s goes out as %s, want %s", c.key, got, c.out)
		}
	}
}

func TestBlobRights(t *testing.T) {
	t.Parallel()
	f := openFace(t)
	f.Must("app_create", `{"id":"other"}`)
	for _, c := range []struct {
		role   servertest.Role
		path   string
		status int
	}{
		{servertest.Stranger, "/api/apps/shop/blobs/a", 401}, {servertest.Reader, "/api/apps/shop/blobs/a", 403},
		{servertest.Scoped, "/api/apps/shop/blobs/a", 403}, {servertest.Bound, "/api/apps/other/blobs/a", 404},
		{servertest.Owner, "/api/apps/none/blobs/a", 404},
		{servertest.Bound, "/api/apps/shop/blobs/a", 200}, {servertest.Agent, "/api/apps/other/blobs/a", 200},
	} {
		if a := f.do(request{method: "PUT", path: c.path, body: "x", role: c.role, headers: plain}); a.status != c.status {
			t.Errorf("%s PUT %s = %d %s, want %d", c.role, c.path, a.status, a.body, c.status)
		}
	}
}

// TestBlobStreams sends a larger body over a real connection, and one that
// breaks off.
func TestBlobStreams(t *testing.T) {
	t.Parallel()
	f := openFace(t)
	web := f.serve()
	data := make([]byte, 3<<20+17)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range data {
		data[i] = byte(r.Uint32())
	}
	send := func(body io.Reader) (*http.Response, error) {
		q, err := http.NewRequest("PUT", web.URL+"/api/apps/shop/blobs/large.bin", body)
		if err != nil {
			t.Fatal(err)
		}
		q.Host = "localhost"
		q.Header.Set("Authorization", "Bearer "+ownerToken)
		return web.Client().Do(q)
	}
	if a, err := send(io.MultiReader(bytes.NewReader(data[:1<<20]), brokenReader{})); err == nil {
		a.Body.Close()
	}
	if a := f.getBlob("large.bin"); a.status != 404 {
		t.Fatalf("a torn upload is visible: %d", a.status)
	}
	a, err := send(struct{ io.Reader }{bytes.NewReader(data)}) // chunked
	if err != nil {
		t.Fatal(err)
	}
	a.Body.Close()
	if got := f.getBlob("large.bin"); a.StatusCode != 200 || got.body != string(data) {
		t.Errorf("%d: %d bytes came back", a.StatusCode, len(got.body))
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestUploadAddress(t *testing.T) {
	t.Parallel()
	f := openUploads(t)
	code := f.address(servertest.Agent, "pic.png")
	up := func(method, body string, headers ...string) answer {
		return f.do(request{method: method, path: code, body: body, role: servertest.Stranger, headers: append([]string{"Content-Type", ""}, headers...)})
	}
	if a := up("DELETE", ""); a.status != 405 {
		t.Errorf("DELETE: %d", a.status)
	}
	if a := up("PUT", "bytes"); a.status != 200 || !strings.Contains(a.body, `"type":"image/png"`) {
		t.Fatalf("PUT: %d %s", a.status, a.body)
	}
	if a := up("PUT", "again"); a.status != 404 || a.problem(t).Code != "upload_not_found" {
		t.Errorf("a second use: %d %s", a.status, a.body)
	}
	if got := f.getBlob("pic.png").body; got != "bytes" {
		t.Errorf("stored %q", got)
	}
	code = f.address(servertest.Agent, "late")
	f.Clock.Add(server.UploadTime)
	if a := up("PUT", "late"); a.status != 404 {
		t.Errorf("after its time: %d", a.status)
	}
	if _, err := f.Call(servertest.Reader, "blob_upload", `{"app":"shop","key":"a"}`, op.Envelope{}); op.AsError(err).Code != op.CodeForbidden {
		t.Error(err)
	}
}

func TestUploadInParts(t *testing.T) {
	t.Parallel()
	f := openUploads(t)
	code := f.address(servertest.Agent, "whole.txt")
	part := func(span, body string) answer {
		return f.do(request{method: "PUT", path: code, body: body, role: servertest.Stranger, headers: []string{"Content-Type", "", "Content-Range", span}})
	}
	for _, c := range []struct {
		span, body string
		status     int
	}{
		{"bytes 5-9/10", "56789", 416}, // does not begin where it should
		{"bytes 0-3/10", "0123", 202},
		{"bytes 0-3/10", "0123", 416},
		{"bytes 4-9/11", "456789", 416},
		{"bytes 4-9/10", "45", 416}, // too short: what has arrived counts
		{"bytes */10", "x", 416}, {"bytes 9-4/10", "x", 416}, {"bytes 0-10/10", "x", 416}, {"items 0-1/2", "x", 416}, {"bytes 0-1/99999999999", "x", 416},
		{"bytes +6-9/10", "6789", 416},
	} {
		if a := part(c.span, c.body); a.status != c.status {
			t.Fatalf("%s = %d %s, want %d", c.span, a.status, a.body, c.status)
		}
	}
	if a := f.do(request{method: "GET", path: code, role: servertest.Stranger}); a.body != `{"received":6,"size":10}` {
		t.Errorf("progress %s", a.body)
	}
	if a := f.getBlob("whole.txt"); a.status != 404 {
		t.Error("a part is visible")
	}
	if a := part("bytes 6-9/10", "6789"); a.status != 200 || !strings.Contains(a.body, `"created":true`) {
		t.Fatalf("the last part: %d %s", a.status, a.body)
	}
	if got := f.getBlob("whole.txt").body; got != "0123456789" {
		t.Errorf("stored %q", got)
	}
}

// openUploads is a face with upload addresses.
func openUploads(t *testing.T) *face {
	var handler http.Handler
	f := openFace(t, func(o *server.Options) {
		o.Uploads = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) })
	})
	handler = f.Service.Uploads()
	return f
}

// address gets an upload address for an agent that has a token.
func (f *face) address(role servertest.Role, key string) string {
	f.t.Helper()
	a := f.do(request{method: "POST", path: "/api/apps/shop/blobs:upload", body: fmt.Sprintf(`{"key":%q}`, key), role: role})
	var out struct {
		URL string `json:"url"`
	}
	if err := json.Unmarshal([]byte(a.body), &out); err != nil || a.status != 200 {
		f.t.Fatalf("%d %s", a.status, a.body)
	}
	return strings.TrimPrefix(out.URL, "http://127.0.0.1:8080")
}
