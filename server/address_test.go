package server_test

import (
	"context"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"fazt/server"
	"fazt/server/op"
)

type whereOut struct {
	Address string `json:"address" doc:"of the client"`
}

// TestForgedAddresses: fairness goes by the address that a call comes from, and
// nobody but a trusted proxy can say another one.
func TestForgedAddresses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		proxies server.Proxies
		want    string
	}{
		"from anybody":       {nil, "127.0.0.1"},
		"from a trusted hop": {server.Proxies{netip.MustParsePrefix("127.0.0.0/8")}, "203.0.113.9"},
		"trusting others":    {server.Proxies{netip.MustParsePrefix("10.0.0.0/8")}, "127.0.0.1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := openFace(t, func(o *server.Options) {
				o.Proxies = c.proxies
				if err := o.Registry.Add(whereFrom()); err != nil {
					t.Fatal(err)
				}
			})
			web := f.serve()
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, web.URL+"/api/where", nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Authorization", "Bearer "+ownerToken)
			r.Header.Set("X-Forwarded-For", "198.51.100.1, 203.0.113.9")
			r.Header.Set("X-Real-IP", "198.51.100.2")
			r.Header.Set("Forwarded", "for=198.51.100.3")
			answer, err := web.Client().Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			body := make([]byte, 200)
			n, _ := answer.Body.Read(body) // short enough to come whole
			if got := string(body[:n]); !strings.Contains(got, `"`+c.want+`"`) {
				t.Errorf("%d %s, want %s", answer.StatusCode, got, c.want)
			}
		})
	}
}

// whereFrom answers the address that admission goes by.
func whereFrom() *op.Operation {
	return op.Define(op.Operation{
		Name: "system_where", Summary: "Say where a call comes from", Scope: "system:read", Effect: op.Read, Method: "GET", Path: "/api/where",
	}, func(ctx context.Context, _ struct{}) (whereOut, error) {
		return whereOut{op.From(ctx).Address.String()}, nil
	})
}
