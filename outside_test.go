package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
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
