package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

// uploadPage sends its file to the server, as pages do.
const uploadPage = `<!doctype html><title>Import</title><form method="post" enctype="multipart/form-data" action="/import">
<label>File <input type="file" name="file"></label><button>Import</button></form>`

// TestUploadOutside: a stored file goes into an outside page's form, by a step
// and by the recipe that is saved out of it.
func TestUploadOutside(t *testing.T) {
	t.Parallel()
	chromium.Open(t)
	outside := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		if r.Method != http.MethodPost {
			_, _ = io.WriteString(w, uploadPage)
			return
		}
		file, head, err := r.FormFile("file")
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		data, _ := io.ReadAll(file) // a short read shows as another text
		fmt.Fprintf(w, "<!doctype html><title>Done</title><h1>Got %s: %s</h1>", head.Filename, data)
	}))
	t.Cleanup(outside.Close)
	p := serve(t)
	registry, err := describe()
	if err != nil {
		t.Fatal(err)
	}
	api := newPlainHTTP(t, p, ownerSecret)
	must(t, api, registry, "setting_update", `{"add_browse":["`+outside.URL+`"]}`)
	must(t, api, registry, "app_create", `{"id":"shop"}`)
	must(t, api, registry, "blob_put", `{"app":"shop","key":"in/may.csv","text":"a,b"}`)
	l := newLoop(t, p)
	opened, _, _ := l.must(t, "tab_open", map[string]any{"url": outside.URL + "/"})
	text, _, _ := l.must(t, "tab_do", map[string]any{"steps": []string{`upload file "File" = shop:in/may.csv`, `click button "Import"`, `expect heading "Got may.csv: a,b" visible`}})
	if strings.Contains(text, "failed") {
		t.Fatal(text)
	}
	l.must(t, "recipe_save", map[string]any{"name": "may_import", "from": []string{tabIn(t, opened)}})
	run, _, _ := l.must(t, "op_run", map[string]any{"name": "may_import", "input": map[string]any{}, "mode": "ui", "wait_s": 50})
	if !strings.HasPrefix(run, "ok ") {
		t.Error(run)
	}
}

// signInPage shows what was typed in every way that a careless page has.
const signInPage = `<!doctype html><title>Sign in</title><form><label>User <input name="user"></label><label>Password <input name="pin"></label><button>Enter</button></form>
<p id="echo"></p><script>
const [pin] = document.getElementsByName("pin");
document.querySelector("form").onsubmit = (e) => { e.preventDefault(); console.log("typed " + pin.value); fetch("/none?pin=" + encodeURIComponent(pin.value));
	document.title = pin.value; echo.textContent = "you typed " + pin.value; pin.replaceWith(Object.assign(document.createElement("input"), { value: pin.value, ariaLabel: "Again" })) }
</script>`

// TestSecretIsTypedAndNeverAnswered: a person stores a secret from a terminal; an
// agent has it typed at its origin, and hears it in no way.
func TestSecretIsTypedAndNeverAnswered(t *testing.T) {
	t.Parallel()
	chromium.Open(t)
	const value = `p&ss "wörd" 7%`
	page := func() *httptest.Server {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/" {
				http.NotFound(w, r)
				return
			}
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = io.WriteString(w, signInPage)
		}))
		t.Cleanup(s.Close)
		return s
	}
	right, wrong := page(), page()
	p := serve(t)
	registry, err := describe()
	if err != nil {
		t.Fatal(err)
	}
	api := newPlainHTTP(t, p, ownerSecret)
	must(t, api, registry, "setting_update", `{"add_browse":["`+right.URL+`","`+wrong.URL+`"]}`)
	if out, problems, code := p.faztWith(t.Context(), t, value+"\n", ownerSecret, "secret", "set", "erp", "--origin", right.URL); code != exitOK {
		t.Fatal(out, problems)
	}
	if _, problems, code := p.fazt(t.Context(), t, ownerSecret, "secret", "set", "erp", "--origin", right.URL, "--value", "x"); code != exitUsage || !strings.Contains(problems, "never an argument") {
		t.Error(problems)
	}
	l := newLoop(t, p)
	opened, _, _ := l.must(t, "tab_open", map[string]any{"url": right.URL + "/"})
	l.must(t, "tab_do", map[string]any{"steps": []string{`fill label "User" = ada`, `fill label "Password" = $secret:erp`}})
	l.must(t, "recipe_save", map[string]any{"name": "sign_in", "from": []string{tabIn(t, opened)}})
	l.source(t, "sign_in")
	l.must(t, "tab_do", map[string]any{"steps": []string{`click button "Enter"`, `expect css "#echo" text you typed`}})
	for _, what := range []string{"page", "console", "network"} {
		l.must(t, "tab_look", map[string]any{"what": what})
	}
	l.must(t, "op_run", map[string]any{"name": "tab_list", "input": map[string]any{}})
	failed, _, _, _ := l.say(t, "tab_do", map[string]any{"steps": []string{`expect css "#echo" exactly nothing`}, "wait_s": 1})
	l.must(t, "tab_do", map[string]any{"steps": []string{"reload"}})
	run, _, _ := l.must(t, "op_run", map[string]any{"name": "sign_in", "input": map[string]any{}, "mode": "ui", "wait_s": 50})
	l.must(t, "op_run", map[string]any{"name": "run_get", "input": map[string]any{"run": runID.FindString(run)}})
	missing, _, _, _ := l.say(t, "tab_do", map[string]any{"steps": []string{`fill label "User" = $secret:none`}})
	elsewhere, _, _, _ := l.say(t, "tab_do", map[string]any{"steps": []string{"goto " + wrong.URL + "/", `fill label "User" = $secret:erp`}})
	for text, want := range map[string]string{
		failed: "•••", missing: "secret_list", elsewhere: "only at " + right.URL, l.script.String(): "$secret:erp",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in %s", want, text)
		}
	}
	for _, form := range []string{"p&ss", "wörd", "p%26ss", "w%C3%B6rd"} {
		if strings.Contains(l.script.String(), form) {
			t.Errorf("%q was answered:\n%s", form, l.script.String())
		}
	}
	for _, at := range []string{p.db, p.db + "-wal"} {
		data, err := os.ReadFile(at)
		if err != nil || bytes.Contains(data, []byte("p&ss")) || bytes.Contains(data, []byte("wörd")) || bytes.Contains(data, []byte("w%C3%B6rd")) {
			t.Errorf("%s: the database holds the secret, or cannot be read: %v", at, err)
		}
	}
}
