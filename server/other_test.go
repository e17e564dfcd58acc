package server_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"fazt/server"
	"fazt/server/op"
	"fazt/server/servertest"
)

// named is a handler that answers its name and the path it got.
func named(name string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, name+" "+r.URL.Path)
	})
}

func TestWhoAnswers(t *testing.T) {
	t.Parallel()
	f := openFace(t, func(o *server.Options) {
		o.Client, o.UI, o.Agent, o.Uploads, o.Sites = named("client"), named("ui"), named("agent"), named("uploads"), named("site")
	})
	for _, c := range []struct{ method, host, path, want string }{
		{"GET", "localhost", "/", "ui /"},
		{"GET", "localhost", "/apps/shop", "ui /apps/shop"},
		{"GET", "localhost", "/apps/", "ui /apps/"},
		{"GET", "localhost", "/static/app.css", "ui /static/app.css"},
		{"GET", "localhost", "/agent/fazt.js", "client /agent/fazt.js"},
		{"GET", "localhost", "/agent/ws", "agent /agent/ws"},
		{"POST", "localhost", "/mcp", "agent /mcp"},
		{"POST", "localhost", "/mcp/readonly", "agent /mcp/readonly"},
		{"PUT", "localhost", "/up/abc", "uploads /up/abc"},
		{"GET", "shop.localhost", "/", "site /"},
		{"GET", "shop.localhost", "/api/apps", "site /api/apps"},
		{"GET", "shop.localhost", "/mcp", "site /mcp"},
	} {
		a := f.do(request{method: c.method, host: c.host, path: c.path})
		if a.body != c.want {
			t.Errorf("%s %s%s: %d %s, want %s", c.method, c.host, c.path, a.status, a.body, c.want)
		}
	}
}

type backupOut = *op.Body

// bytesOperation answers what write writes.
func bytesOperation(t *testing.T, write func(context.Context, io.Writer) error) func(*server.Options) {
	return func(o *server.Options) {
		err := o.Registry.Add(op.Define(op.Operation{
			Name: "test_bytes", Summary: "Bytes", Scope: "kv:read", Effect: op.Read, Method: "GET", Path: "/api/test", Bytes: true,
		}, func(context.Context, noInput) (backupOut, error) {
			return &op.Body{Type: "application/octet-stream", Filename: `a "b".db`, Write: write}, nil
		}))
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestBytes(t *testing.T) {
	t.Parallel()
	f := openFace(t, bytesOperation(t, func(_ context.Context, w io.Writer) error {
		_, err := w.Write([]byte("data"))
		return err
	}))
	a := f.get("/api/test")
	if a.body != "data" || a.header.Get("Content-Disposition") != `attachment; filename="a \"b\".db"` ||
		!strings.Contains(a.header.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("%v", a)
	}
	if a := f.do(request{method: "HEAD", path: "/api/test"}); a.status != 200 || a.body != "" {
		t.Errorf("HEAD: %v", a)
	}
}

// TestBytesThatFail holds that nobody takes a part for the whole.
func TestBytesThatFail(t *testing.T) {
	t.Parallel()
	f := openFace(t, bytesOperation(t, func(context.Context, io.Writer) error { return errors.New("the disk") }))
	if a := f.get("/api/test"); a.status != 500 || a.problem(t).Code != op.CodeInternal || strings.Contains(a.body, "disk") {
		t.Errorf("before the first byte: %v", a)
	}
	f = openFace(t, bytesOperation(t, func(_ context.Context, w io.Writer) error {
		_, _ = w.Write(bytes.Repeat([]byte("x"), 1<<20))
		return errors.New("the disk")
	}))
	web := f.serve()
	r, err := http.NewRequestWithContext(t.Context(), "GET", web.URL+"/api/test", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+ownerToken)
	a, err := web.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	if n, err := io.Copy(io.Discard, a.Body); err == nil {
		t.Errorf("%d bytes of a broken answer came with a proper end", n)
	}
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	f := openFace(t)
	f.put("/api/apps/shop/kv/a", `{"value":1}`)
	f.get("/api/apps/shop/kv/none")
	f.get("/healthz")
	text := f.get("/metrics").body
	for _, want := range []string{
		`fazt_http_requests_total{operation="kv_set",status="2xx"} 1`,
		`fazt_http_requests_total{operation="kv_get",status="4xx"} 1`,
		`fazt_http_requests_total{operation="none",status="2xx"} 1`,
		`fazt_http_request_seconds_count{operation="kv_set"} 1`,
		"fazt_storage_version 3", "fazt_storage_commit_seconds_bucket", "fazt_streams_open 0", "go_goroutines",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the metrics lack %s", want)
		}
	}
}

// TestLogHoldsNoSecret looks at the access log of requests full of secrets.
func TestLogHoldsNoSecret(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	f := openFace(t, func(o *server.Options) {
		o.Logger = slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		o.Agent = named("agent")
	})
	link, err := f.auth.Link(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	f.get("/api/apps?limit=7&token=secret-query")
	f.do(request{method: "GET", path: link, role: servertest.Stranger})
	f.do(request{method: "PUT", path: "/up/secret-ticket", role: servertest.Agent})
	for _, secret := range []string{ownerToken, f.token(servertest.Agent), "secret-query", link[len("/sign-in/"):], "secret-ticket"} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the log holds %s", secret)
		}
	}
	for _, want := range []string{`"operation":"app_list"`, `"principal":"owner"`, `"status":400`, `"code":"unknown_field"`, `"path":"/sign-in/…"`} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log lacks %s: %s", want, log.String())
		}
	}
}

func TestDocumentsHaveTags(t *testing.T) {
	t.Parallel()
	f := openFace(t)
	for _, path := range []string{"/docs", "/openapi.json", "/llms.txt"} {
		a := f.do(request{method: "GET", path: path, role: servertest.Stranger})
		tag := a.header.Get("ETag")
		if a.status != 200 || tag == "" || !strings.Contains(a.body, "kv_set") {
			t.Errorf("%s: %d, ETag %q", path, a.status, tag)
		}
		if b := f.do(request{method: "GET", path: path, role: servertest.Stranger, headers: []string{"If-None-Match", tag}}); b.status != 304 {
			t.Errorf("%s again: %d", path, b.status)
		}
	}
}
