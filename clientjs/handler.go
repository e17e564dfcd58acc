package clientjs

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// file is one thing to hand out, ready to be written.
type file struct {
	kind    string
	cache   string
	etag    string // of the content, without quotes
	content []byte
	// zipped is nil where it would save nothing. It is made for the first who
	// wants it: of most files nobody does, and a start would wait for all.
	zipped func() []byte
}

// immutable is a file whose name changes with its content.
func immutable(kind string, content []byte) *file {
	return newFile(kind, "public, max-age=31536000, immutable", content)
}

// revalidated is a file that keeps its name: a browser asks each time whether
// it has changed.
func revalidated(kind string, content []byte) *file {
	return newFile(kind, "no-cache", content)
}

func newFile(kind, cache string, content []byte) *file {
	sum := sha256.Sum256(content)
	return &file{
		kind: kind, cache: cache, etag: hex.EncodeToString(sum[:8]), content: content,
		zipped: sync.OnceValue(func() []byte { return compress(content) }),
	}
}

func compress(content []byte) []byte {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil
	}
	if _, err := w.Write(content); err != nil || w.Close() != nil || b.Len() >= len(content) {
		return nil
	}
	return b.Bytes()
}

// Handler serves /agent/fazt.js, the hashed files it stands for with their
// source maps, and /agent/fazt.d.ts. They hold only code that everybody can
// download, so any origin may import them.
func (a *Assets) Handler() http.Handler { return http.HandlerFunc(a.serve) }

func (a *Assets) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	f, ok := a.files[r.URL.Path]
	switch {
	case !ok:
		// A page may hold a module whose chunks an update has replaced.
		h.Set("Cache-Control", "no-store")
		problem(w, http.StatusNotFound, "not_found", "no file "+r.URL.Path, "import /agent/fazt.js, and reload the page after an update")
		return
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		h.Set("Allow", "GET, HEAD")
		problem(w, http.StatusMethodNotAllowed, "method_not_allowed", r.Method+" is not for files", "use GET")
		return
	}
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	f.write(w, r)
}

func (f *file) write(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	content, etag := f.content, `"`+f.etag+`"`
	if zipped := f.zipped(); zipped != nil {
		h.Set("Vary", "Accept-Encoding")
		if acceptsGzip(r.Header.Get("Accept-Encoding")) {
			content, etag = zipped, `"`+f.etag+`-gzip"`
			h.Set("Content-Encoding", "gzip")
		}
	}
	h.Set("Content-Type", f.kind)
	h.Set("Cache-Control", f.cache)
	h.Set("ETag", etag)
	if matches(r.Header.Get("If-None-Match"), etag) {
		h.Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Length", strconv.Itoa(len(content)))
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodGet {
		_, _ = w.Write(content) // a reader that went away is nobody's fault
	}
}

// matches compares weakly, as RFC 9110, section 13.1.2 wants for If-None-Match.
func matches(header, etag string) bool {
	for part := range strings.SplitSeq(header, ",") {
		part = strings.TrimPrefix(strings.TrimSpace(part), "W/")
		if part == etag || part == "*" {
			return true
		}
	}
	return false
}

// acceptsGzip reads Accept-Encoding (RFC 9110, section 12.5.3).
func acceptsGzip(header string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, weight, _ := strings.Cut(part, ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			q := strings.TrimPrefix(strings.ReplaceAll(weight, " ", ""), "q=")
			n, err := strconv.ParseFloat(q, 64)
			return err != nil || n > 0
		}
	}
	return false
}

// problem answers an error in the form that all of fazt uses (RFC 9457).
func problem(w http.ResponseWriter, status int, code, detail, hint string) {
	body, err := json.Marshal(map[string]any{"status": status, "code": code, "detail": detail, "hint": hint})
	if err != nil {
		body = nil // strings and a number always encode
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
