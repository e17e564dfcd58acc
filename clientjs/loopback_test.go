package clientjs_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"fazt/clientjs"
)

// TestBrowserThatForbidsLoopback: a page in the public address space asks for
// an address on this machine. The document is made public by its policy, and
// its code is told another location, since a name that is truly public cannot
// be had in a test; the refusal and the permission are Chromium's own.
func TestBrowserThatForbidsLoopback(t *testing.T) {
	t.Parallel()
	outputs, err := clientjs.Build(clientjs.BuildOptions{
		Files: clientjs.Sources, Entries: []string{"probe"}, Format: clientjs.IIFE, NoMaps: true,
		Virtual: map[string]string{"probe": `import { blockedByBrowser, mixedContent } from "./src/loopback";
Object.assign(globalThis, { blockedByBrowser, mixedContent });`},
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		if r.URL.Path == "/public" {
			w.Header().Set("Content-Security-Policy", "treat-as-public-address")
		}
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, "<!doctype html><title>page</title>")
	}))
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	other := httptest.NewServer(server.Config.Handler)
	t.Cleanup(func() {
		other.CloseClientConnections()
		other.Close()
	})
	page := chromium.Open(t).Page(t, server.URL+"/public")
	var got struct {
		Fetch, Loopback, Private, Public, FromLoopback, Mixed, MixedLoopback bool
	}
	page.Eval(t, fmt.Sprintf(`(async () => {
  const as = (hostname) => new Function("location", %q + "; return globalThis")({ hostname, protocol: "https:", origin: "https://" + hostname });
  const far = { ...as("app.example") };
  const { blockedByBrowser, mixedContent } = far;
  return {
    fetch: await fetch(%q).then(() => true, () => false),
    loopback: await blockedByBrowser(%[2]q),
    private: await blockedByBrowser("http://192.168.1.5:8080"),
    public: await blockedByBrowser("https://fazt.example"),
    mixed: mixedContent("http://fazt.example"),
    mixedLoopback: mixedContent(%[2]q),
    fromLoopback: await as("127.0.0.1").blockedByBrowser(%[2]q),
  };
})()`, outputs[0].Content, other.URL), &got)
	if got.Fetch {
		t.Skip("skipped: this Chromium lets a public page reach loopback")
	}
	if !got.Loopback || !got.Private || got.Public || got.FromLoopback || !got.Mixed || got.MixedLoopback {
		t.Errorf("got %+v", got)
	}
}
