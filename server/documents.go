package server

import (
	"crypto/sha256"
	"fmt"
	"html"
	"net/http"
	"sync"

	"fazt/server/op"
)

// documents renders what is written about the operations, once for each state
// of the registry: recipes come and go.
type documents struct {
	registry *op.Registry
	version  string

	mu     sync.Mutex
	of     **op.Operation // where the list that was rendered begins; each change makes a new list
	server string
	made   map[string]document
}

// document is one rendered page.
type document struct {
	contentType, tag, policy string
	body                     []byte
}

// get returns the document at a path, with examples for a server's address.
func (d *documents) get(path, server string) (document, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var of **op.Operation
	if all := d.registry.All(); len(all) > 0 {
		of = &all[0]
	}
	if d.made == nil || of != d.of || server != d.server {
		d.made, d.of, d.server = map[string]document{}, of, server
	}
	if made, ok := d.made[path]; ok {
		return made, nil
	}
	made, err := d.render(path, op.DocInfo{Title: "fazt", Version: d.version, ServerURL: server})
	if err == nil {
		d.made[path] = made
	}
	return made, err
}

func (d *documents) render(path string, info op.DocInfo) (document, error) {
	made := document{}
	switch path {
	case "/openapi.json":
		body, err := op.OpenAPI(d.registry, info)
		if err != nil {
			return made, fmt.Errorf("write the OpenAPI document: %w", err)
		}
		made.contentType, made.body = "application/json", body
	case "/docs":
		made.contentType, made.body, made.policy = "text/html; charset=utf-8", op.Reference(d.registry, info), op.ReferencePolicy()
	default:
		made.contentType, made.body = "text/plain; charset=utf-8", []byte(op.LLMs(d.registry, info))
	}
	sum := sha256.Sum256(made.body)
	made.tag = fmt.Sprintf(`"%x"`, sum[:8])
	return made, nil
}

// serveDocument answers a public document, with its examples for the address
// that the reader used.
func (x *exchange) serveDocument(path string) {
	if x.r.Method != http.MethodGet && x.r.Method != http.MethodHead {
		x.w.Header().Set("Allow", "GET, HEAD")
		x.fail(op.Errorf(op.CodeMethodNotAllowed, "this path does not take %s", clipText(x.r.Method, 20)).WithHint("it takes GET"))
		return
	}
	scheme := "http://"
	if x.s.proxies.Secure(x.r) {
		scheme = "https://"
	}
	made, err := x.s.docs.get(path, scheme+x.r.Host)
	if err != nil {
		x.fail(err)
		return
	}
	h := x.w.Header()
	if made.policy != "" {
		h.Set("Content-Security-Policy", made.policy)
	}
	h.Set("Access-Control-Allow-Origin", "*") // public, and read by tools in a page
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	x.serveContent(made.contentType, made.tag, made.body)
}

// homePage is what a browser sees where no admin page is built in.
const homePage = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>fazt</title>
<style>body{font:1rem/1.6 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem;color-scheme:light dark}</style></head>
<body><main><h1>fazt</h1><p>This server is running (%s).</p>
<ul><li><a href="/docs">Every operation, with examples</a></li>
<li><a href="/openapi.json">The same for programs</a>, and <a href="/llms.txt">for agents</a></li>
<li>MCP: <code>/mcp</code></li><li><a href="/sign-in">Sign in</a> · <a href="/sign-out">Sign out</a></li></ul></main></body></html>
`

const homePolicy = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func (x *exchange) serveHome() {
	x.w.Header().Set("Content-Security-Policy", homePolicy)
	x.send(http.StatusOK, []string{"text/html; charset=utf-8"}, fmt.Appendf(nil, homePage, html.EscapeString(x.s.version)))
}
