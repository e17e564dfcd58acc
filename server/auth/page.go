package auth

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // the page
	"encoding/base64"
	"html/template"
	"net/http"
	"strconv"
)

//go:embed page.html
var pageHTML string

// openScript presses the button of a link that need not wait for it. The page
// works without it.
const openScript = `if(location.hash==="#open"){const f=document.querySelector("form.button");if(f)f.requestSubmit();}`

// page is what the template shows.
type page struct {
	Message string // what went wrong
	Button  string // a form of one button
	Form    bool   // a form for a token
	Script  template.JS
}

type pages struct {
	template *template.Template
	policy   string
}

func newPages() *pages {
	sum := sha256.Sum256([]byte(openScript))
	hash := base64.StdEncoding.EncodeToString(sum[:])
	return &pages{
		template: template.Must(template.New("page").Parse(pageHTML)),
		policy: "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-" + hash +
			"'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
	}
}

func (p *pages) render(w http.ResponseWriter, status int, content page) {
	content.Script = openScript
	var b bytes.Buffer
	if err := p.template.Execute(&b, content); err != nil {
		http.Error(w, "the page cannot be shown", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", p.policy)
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "same-origin") // the path is a secret; no-referrer would make the form's Origin null
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Length", strconv.Itoa(b.Len()))
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // the browser has gone
}
