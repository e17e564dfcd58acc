package server

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"fazt/server/op"
	"fazt/storage"
)

// received is what a call's bytes became.
type received struct {
	content storage.Content
	upload  *storage.Upload
	head    []byte // its first bytes, to tell what it is
}

// sniffBytes is what http.DetectContentType looks at.
const sniffBytes = 512

// receive stores the bytes of a call, which holds no permit meanwhile, and lets
// then commit what names them. Without that they are collected.
func (s *Service) receive(ctx context.Context, text *string, then func(received) error) error {
	inv := op.From(ctx)
	source, err := bodyOf(inv, text)
	if err != nil {
		return err
	}
	if whole, ok := source.(*staged); ok {
		inv.HashBody(whole.got.content.Hash)
		return then(whole.got)
	}
	upload, err := s.DB.Upload(ctx)
	if err != nil {
		return ErrorOf(err)
	}
	defer upload.Close()
	got := received{upload: upload}
	err = inv.Idle(ctx, func() error {
		buffered := bufio.NewReaderSize(source, sniffBytes)
		got.head, _ = buffered.Peek(sniffBytes) // an error comes again with the bytes
		got.head = append([]byte(nil), got.head...)
		if err := upload.Copy(ctx, buffered); err != nil {
			return err
		}
		got.content, err = upload.Finish(ctx)
		return err
	})
	if err != nil {
		return ErrorOf(err)
	}
	inv.HashBody(got.content.Hash)
	return then(got)
}

// staged is a body that is stored already: it came in parts. Who staged it
// closes the upload.
type staged struct {
	io.Reader
	got received
}

// bodyOf is the call's bytes, or those of its text.
func bodyOf(inv *op.Invocation, text *string) (io.Reader, error) {
	name := inv.Operation.BodyText
	switch {
	case text != nil && inv.Body != nil:
		return nil, op.Invalid(name, "the content is given twice: as %s and as the body", name).WithHint("send one of the two")
	case text != nil:
		return strings.NewReader(*text), nil
	case inv.Body != nil:
		return inv.Body, nil
	case name == "":
		return nil, op.Errorf(op.CodeInvalidInput, "%s takes bytes, and none came", inv.Operation.Name).
			WithHint("call it over HTTP, with the bytes as the body, or on the command line with @FILE")
	}
	return nil, op.Invalid(name, "%s has no content", inv.Operation.Name).
		WithHint("give it as %s; for other bytes blob_upload answers an address to send them to", name)
}

// takeBody makes the request's body the call's bytes. They are read as they
// come; nothing of them is kept here.
func (x *exchange) takeBody(req *op.Request) error {
	if encoding := x.r.Header.Get("Content-Encoding"); encoding != "" && !strings.EqualFold(encoding, "identity") {
		return op.Errorf(op.CodeUnsupportedType, "a body with Content-Encoding %q cannot be stored as it is", clipText(encoding, 100)).
			WithHint("send the bytes without Content-Encoding")
	}
	if x.r.ContentLength > storage.MaxBlobBytes {
		x.w.Header().Set("Connection", "close") // rather than reading the rest
		return op.Errorf(op.CodeTooLarge, "the body is over %d bytes", int64(storage.MaxBlobBytes)).WithHint("store it in parts under several names")
	}
	if x.endpoint.fields["type"] && !queryHas(x.r.URL.RawQuery, "type") {
		if kind := declaredType(x.r.Header.Get("Content-Type")); kind != "" {
			x.params = append(x.params, op.Param{Name: "type", Value: kind})
		}
	}
	if x.r.ContentLength == 0 && queryHas(x.r.URL.RawQuery, x.endpoint.op.BodyText) {
		return nil
	}
	req.Body = &patientReader{r: x.r.Body, control: http.NewResponseController(x.w)}
	return nil
}

// declaredType leaves out what clients send when they know nothing: curl says
// that any body is a form's.
func declaredType(header string) string {
	kind, _, _ := strings.Cut(header, ";")
	switch strings.ToLower(strings.TrimSpace(kind)) {
	case "application/octet-stream", "application/x-www-form-urlencoded":
		return ""
	}
	return header
}

// patientReader gives each read its own time, so that a long body may take long
// and a sender that sends nothing ends it.
type patientReader struct {
	r       io.Reader
	control *http.ResponseController
}

func (p *patientReader) Read(b []byte) (int, error) {
	_ = p.control.SetReadDeadline(time.Now().Add(bodyTime)) // a writer of a test may have none
	n, err := p.r.Read(b)
	_ = p.control.SetReadDeadline(time.Time{})
	if err == nil || err == io.EOF {
		return n, err
	}
	var timeout interface{ Timeout() bool }
	if errors.As(err, &timeout) && timeout.Timeout() {
		return n, &op.Error{
			Code: op.CodeDeadline, Detail: "nothing more of the body arrived for a minute; nothing was stored",
			Hint: "send it again; blob_upload gives an address that takes it in parts", Cause: err,
		}
	}
	return n, &op.Error{
		Code: op.CodeInvalidInput, Detail: "the body ended before its end; nothing was stored",
		Hint: "send it again, with the right Content-Length", Cause: err,
	}
}
