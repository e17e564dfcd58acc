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
