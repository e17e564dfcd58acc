// Package ui is the admin page: its sources in TypeScript and CSS, and the
// handler that serves them.
//
// # Model
//
// The page is one document for every room; its script reads the address and
// shows the room. It uses only the ES module, so whatever a person can do here
// an operation can do. Scripts and sheets are named by their content and kept
// by browsers for good; the document is asked for anew each time.
//
// The page runs no script but its own and is shown in no frame: see policy.
//
// # Concurrency
//
// The handler never changes after [Open].
//
// # Errors
//
// A source that does not compile ends the start.
//
// # Testing
//
// The page is driven in a real Chromium by the recipes that bear its
// operations' names, at the root.
package ui

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"

	"fazt/clientjs"
)

//go:embed src
var sources embed.FS

// policy is the page's Content-Security-Policy (CSP Level 3): scripts, sheets
// and connections of its own origin only, no inline script, no text that
// becomes markup.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; " +
	"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; " +
	"require-trusted-types-for 'script'; trusted-types 'none'"

// Handler serves the page at every address and its files under /static/.
type Handler struct {
	page  []byte
	files map[string][]byte
}

// Open bundles the page.
func Open() (*Handler, error) {
	files, err := fs.Sub(sources, "src")
	if err != nil {
		return nil, err
	}
	outputs, err := clientjs.Build(clientjs.BuildOptions{
		Files: files, Entries: []string{"main.ts", "style.css"}, External: map[string]string{"fazt/client": "/agent/fazt.js"},
		Hashed: true, Minify: true, Base: "/static",
	})
	if err != nil {
		return nil, fmt.Errorf("the admin page: %w", err)
	}
	h := &Handler{files: map[string][]byte{}}
	var names struct{ Script, Sheet string }
	for _, output := range outputs {
		h.files[output.Path] = output.Content
		switch output.Entry {
		case "main.ts":
			names.Script = output.Path
		case "style.css":
			names.Sheet = output.Path
		}
	}
	var page bytes.Buffer
	if err := document.Execute(&page, names); err != nil {
		return nil, fmt.Errorf("the admin page: %w", err)
	}
	h.page = page.Bytes()
	return h, nil
}

var document = template.Must(template.New("page").Parse(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>fazt</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{{.Sheet}}">
<script type="module" src="{{.Script}}"></script>
<noscript>This page needs JavaScript. Everything it does can also be done on the command line: see fazt help.</noscript>
`))

// ServeHTTP answers GET and HEAD.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("X-Content-Type-Options", "nosniff")
	if content, ok := h.files[r.URL.Path]; ok {
		header.Set("Content-Type", mediaType(r.URL.Path))
		header.Set("Cache-Control", "public, max-age=31536000, immutable")
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
		return
	}
	if strings.HasPrefix(r.URL.Path, "/static/") {
		http.Error(w, "no such file", http.StatusNotFound)
		return
	}
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Security-Policy", policy)
	header.Set("Referrer-Policy", "same-origin")
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	header.Set("Cache-Control", "no-cache")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(h.page))
}

func mediaType(name string) string {
	switch path.Ext(name) {
	case ".css":
		return "text/css; charset=utf-8"
	case ".map":
		return "application/json"
	}
	return "text/javascript; charset=utf-8"
}
