package server

import (
	"context"
	"io"
	"mime"
	"net/http"
	"time"

	"fazt/server/op"
)

// serveBody streams bytes. What fails after the first of them cannot become a
// problem any more: the connection is cut, so that nobody takes a part for the
// whole.
func (x *exchange) serveBody(b *op.Body) error {
	h := x.w.Header()
	h.Set("Content-Type", b.Type)
	h.Set("Cache-Control", "no-store")
	// Stored bytes are data on this host, whatever type they have.
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	if b.Filename != "" {
		h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": b.Filename}))
	}
	if b.Open != nil {
		return x.serveParts(b)
	}
	x.status = http.StatusOK
	if x.r.Method == http.MethodHead {
		x.w.WriteHeader(http.StatusOK)
		return nil
	}
	ctx, stop := context.WithCancel(x.r.Context())
	defer stop()
	out := &patientWriter{w: x.w, control: http.NewResponseController(x.w)}
	err := b.Write(ctx, out)
	x.written = out.written
	if err == nil {
		_ = out.control.SetWriteDeadline(time.Time{})
		return nil
	}
	if out.written == 0 {
		for _, name := range []string{"Content-Disposition", "Content-Security-Policy"} {
			h.Del(name)
		}
		return err
	}
	x.s.logger.WarnContext(ctx, "an answer was cut off", "operation", x.endpoint.op.Name, "request", x.id, "error", err)
	x.code = op.CodeInternal
	x.cut = true
	return nil
}

// serveParts answers bytes that can be had in parts and on conditions, as
// net/http does it (RFC 9110, sections 13 and 14). A read that fails leaves the
// answer short of its Content-Length, at which net/http cuts the connection.
func (x *exchange) serveParts(b *op.Body) error {
	ctx, stop := context.WithCancel(x.r.Context())
	defer stop()
	content, err := b.Open(ctx)
	if err != nil {
		return err
	}
	defer content.Close()
	h := x.w.Header()
	h["Etag"] = []string{b.Tag}
	h["Cache-Control"] = noCache
	out := &patientWriter{w: x.w, control: http.NewResponseController(x.w)}
	w := &partsWriter{ResponseWriter: x.w, out: out}
	http.ServeContent(w, x.r, "", b.Modified, content)
	x.status, x.written = w.status, out.written
	_ = out.control.SetWriteDeadline(time.Time{})
	switch w.status {
	case http.StatusRequestedRangeNotSatisfiable:
		return op.Errorf(op.CodeBadRange, "the range %q is not in it", clipText(x.r.Header.Get("Range"), 60)).
			WithHint("HEAD says its length in Content-Length")
	case http.StatusPreconditionFailed:
		return op.Errorf(op.CodeVersionMismatch, "it is at version %s", b.Tag).WithHint("leave If-Match out to read what is there")
	}
	return nil
}

// partsWriter keeps back the two refusals of http.ServeContent, which become
// problems like any other.
type partsWriter struct {
	http.ResponseWriter
	out    *patientWriter
	status int
}

func (w *partsWriter) refused() bool {
	return w.status == http.StatusRequestedRangeNotSatisfiable || w.status == http.StatusPreconditionFailed
}

func (w *partsWriter) WriteHeader(status int) {
	if w.status = status; !w.refused() {
		w.ResponseWriter.WriteHeader(status)
	}
}

func (w *partsWriter) Write(b []byte) (int, error) {
	if w.refused() {
		return len(b), nil
	}
	return w.out.Write(b)
}

// patientWriter gives each write its own time, so that a long answer may take
// long and a reader that takes nothing ends it.
type patientWriter struct {
	w       io.Writer
	control *http.ResponseController
	written int
}

func (p *patientWriter) Write(b []byte) (int, error) {
	_ = p.control.SetWriteDeadline(time.Now().Add(writeTime)) // a writer of a test may have none
	n, err := p.w.Write(b)
	p.written += n
	return n, err
}
