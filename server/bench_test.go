package server_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"fazt/server/servertest"
)

// sink is a writer that keeps nothing.
type sink struct {
	header http.Header
	status int
}

func (s *sink) Header() http.Header         { return s.header }
func (s *sink) Write(b []byte) (int, error) { return len(b), nil }
func (s *sink) WriteHeader(status int)      { s.status = status }

// rewindable is a body that can be sent again.
type rewindable struct{ strings.Reader }

func (*rewindable) Close() error { return nil }

// hot returns a function that makes one request of the hot path, with its
// authentication, and allocates nothing itself.
func hot(f *face, method, path, body string) func() int {
	target, err := url.Parse("http://localhost" + path)
	if err != nil {
		f.t.Fatal(err)
	}
	content := &rewindable{}
	r := (&http.Request{
		Method: method, URL: target, Host: "127.0.0.1:8080", Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Body: content,
		ContentLength: int64(len(body)), RemoteAddr: "127.0.0.1:9999", Header: http.Header{},
	}).WithContext(f.t.Context())
	r.Header.Set("Authorization", "Bearer "+f.token(servertest.Agent))
	r.Header.Set("User-Agent", "bench")
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	w := &sink{header: http.Header{}}
	handler := f.server.Handler()
	return func() int {
		clear(w.header)
		content.Reset(body)
		handler.ServeHTTP(w, r)
		return w.status
	}
}

// The gates on what a request may allocate in all: the face, authentication,
// the door, and the read or the durable write. The caller is an agent, so its
// put keeps what it replaces.
const (
	maxGetAllocs = 45
	maxPutAllocs = 82
)

func TestHotPathAllocations(t *testing.T) {
	f := openFace(t)
	for _, c := range []struct {
		name, method, body string
		max                float64
	}{
		{"put", "PUT", `{"value":{"name":"Ada","age":36}}`, maxPutAllocs},
		{"get", "GET", "", maxGetAllocs},
	} {
		do := hot(f, c.method, "/api/apps/shop/kv/user%2F1", c.body)
		n := testing.AllocsPerRun(100, func() {
			if status := do(); status != http.StatusOK {
				t.Fatalf("%s: %d", c.name, status)
			}
		})
		t.Logf("%s: %v allocations", c.name, n)
		if n > c.max && !raceEnabled {
			t.Errorf("%s allocates %v times, over %v", c.name, n, c.max)
		}
	}
}

func BenchmarkFace(b *testing.B) {
	f := openFace(b)
	for name, do := range map[string]func() int{
		"put": hot(f, "PUT", "/api/apps/shop/kv/a", `{"value":{"name":"Ada","age":36}}`),
		"get": hot(f, "GET", "/api/apps/shop/kv/a", ""),
	} {
		do()
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				do()
			}
		})
	}
}
