package main

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestDeployAndFiles publishes a folder and stores a file from the command line
// of the built program, and looks at the app's host.
func TestDeployAndFiles(t *testing.T) {
	t.Parallel()
	p := serve(t)
	registry, err := describe()
	if err != nil {
		t.Fatal(err)
	}
	must(t, commandLine{server: p, token: ownerSecret, binary: true}, registry, "app_create", `{"id":"shop"}`)
	folder := t.TempDir()
	for name, text := range map[string]string{"index.html": "home", ".env": "secret", "css/a.css": "a{}"} {
		file := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, problems, code := p.fazt(t.Context(), t, ownerSecret, "deploy", folder, "--app", "shop")
	if code != exitOK || !strings.Contains(out, `"files":2`) {
		t.Fatalf("deploy: %d %s %s", code, out, problems)
	}
	visit := func(path string) (int, string) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.url+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Host = "shop.localhost"
		a, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer a.Body.Close()
		body, err := io.ReadAll(a.Body)
		if err != nil {
			t.Fatal(err)
		}
		return a.StatusCode, string(body)
	}
	if status, body := visit("/"); status != 200 || body != "home" {
		t.Errorf("/ = %d %q", status, body)
	}
	if status, _ := visit("/.env"); status != 404 {
		t.Errorf("a hidden file was published: %d", status)
	}
	out, problems, code = p.fazt(t.Context(), t, ownerSecret, "blob", "put", "--app", "shop", "--key", "a.css", "@"+filepath.Join(folder, "css", "a.css"))
	if code != exitOK || !strings.Contains(out, `"size":3`) || !strings.Contains(out, `"type":"text/css`) {
		t.Fatalf("blob put: %d %s %s", code, out, problems)
	}
	if out, _, _ := p.fazt(t.Context(), t, ownerSecret, "blob", "get", "--app", "shop", "--key", "a.css"); out != "a{}" {
		t.Errorf("blob get: %q", out)
	}
	if _, problems, code := p.fazt(t.Context(), t, ownerSecret, "deploy", filepath.Join(folder, "none"), "--app", "shop"); code != exitUsage {
		t.Errorf("a missing folder: %d %s", code, problems)
	}
}
