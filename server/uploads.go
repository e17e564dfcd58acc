package server

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"fazt/server/op"
	"fazt/storage"
)

const (
	// UploadTime is how long an upload address can be used for the first time,
	// and how long it waits for the next part.
	UploadTime = 10 * time.Minute
	maxTickets = 1000
)

// tickets are the upload addresses that were given out. A restart forgets them,
// as it does what has arrived of a file in parts.
type tickets struct {
	mu sync.Mutex
	by map[string]*ticket
}

// ticket is one upload address: it stores one file under one name, with the
// rights that its caller has when it is used.
type ticket struct {
	app, key, kind string
	who            *op.Principal

	expires time.Time // guarded by tickets.mu

	// One request uses a ticket at a time.
	busy chan struct{}
	up   *storage.Upload // what has arrived in parts, nil = nothing
	head []byte
	size int64 // of the whole, as the first part said
	done bool
}

// issue gives an address out and forgets those whose time is over.
func (t *tickets) issue(one *ticket, now time.Time) (code string, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.expire(now)
	if len(t.by) >= maxTickets {
		return "", &op.Error{
			Code: op.CodeOverloaded, Detail: "too many upload addresses wait to be used", Hint: "use one, or wait", RetryAfter: time.Minute,
		}
	}
	var raw [20]byte
	_, _ = rand.Read(raw[:]) // never fails (crypto/rand)
	code = strings.ToLower(base32.StdEncoding.EncodeToString(raw[:]))
	one.expires, one.busy = now.Add(UploadTime), make(chan struct{}, 1)
	if t.by == nil {
		t.by = map[string]*ticket{}
	}
	t.by[code] = one
	return code, nil
}

func (t *tickets) expire(now time.Time) {
	for code, one := range t.by {
		if now.Before(one.expires) {
			continue
		}
		select {
		case one.busy <- struct{}{}: // for good
			one.drop()
			delete(t.by, code)
		default:
		}
	}
}

// take finds a ticket that nobody else uses now.
func (t *tickets) take(code string, now time.Time) (*ticket, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.expire(now)
	one := t.by[code]
	if one == nil {
		return nil, op.NotFound("upload", "this upload address was used, or its time is over").
			WithHint("blob_put without text, or blob_upload, gives a new one")
	}
	select {
	case one.busy <- struct{}{}:
		return one, nil
	default:
		return nil, op.Errorf(op.CodeInProgress, "another request sends to this address").WithHint("wait for it to end")
	}
}

// give puts a ticket back for its next part, or ends it.
func (t *tickets) give(code string, one *ticket, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if one.done {
		one.drop()
		delete(t.by, code)
	}
	one.expires = now.Add(UploadTime)
	<-one.busy
}

func (t *ticket) drop() {
	if t.up != nil {
		t.up.Close()
		t.up = nil
	}
}

// CloseUploads lets go of the files that have arrived in part. Call it when no
// request is under way any more.
func (s *Service) CloseUploads() {
	s.uploads.mu.Lock()
	defer s.uploads.mu.Unlock()
	for code, one := range s.uploads.by {
		one.drop()
		delete(s.uploads.by, code)
	}
}

// UploadPath is where upload addresses are.
const UploadPath = "/up/"

// Uploads answers the upload addresses. PUT without Content-Range stores the
// file whole. With it (bytes FIRST-LAST/SIZE, RFC 9110, section 14.5) a file
// comes in parts: each begins where the last ended, and GET says where that is.
func (s *Service) Uploads() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h["Cache-Control"] = noStore
		status, kind, body, err := s.serveUpload(w, r)
		if err != nil {
			e := op.AsError(ErrorOf(err))
			setRetryAfter(h, e)
			status, body = Problem(e, h.Get("X-Request-Id"))
			kind = problemType[0]
		}
		h.Set("Content-Type", kind)
		h.Set("Content-Length", strconv.Itoa(len(body)))
		w.WriteHeader(status)
		_, _ = w.Write(body) // the caller has gone
	})
}

func (s *Service) serveUpload(w http.ResponseWriter, r *http.Request) (status int, kind string, body []byte, err error) {
	code := strings.TrimPrefix(r.URL.Path, UploadPath)
	if r.Method != http.MethodPut && r.Method != http.MethodPost && r.Method != http.MethodGet {
		w.Header().Set("Allow", "GET, POST, PUT")
		return 0, "", nil, op.Errorf(op.CodeMethodNotAllowed, "an upload address takes no %s", clipText(r.Method, 20)).
			WithHint("curl -fsST FILE ADDRESS")
	}
	one, err := s.uploads.take(code, s.Now())
	if err != nil {
		return 0, "", nil, err
	}
	defer func() { s.uploads.give(code, one, s.Now()) }()
	if r.Method == http.MethodGet {
		return http.StatusOK, jsonType[0], one.progress(), nil
	}
	source := &patientReader{r: r.Body, control: http.NewResponseController(w)}
	if r.Header.Get("Content-Range") == "" {
		one.done = true // one use, however it ends
		body, err = s.store(r, one, source)
		return http.StatusOK, jsonType[0], body, err
	}
	return s.takePart(r, one, source)
}

func (t *ticket) progress() []byte {
	n := int64(0)
	if t.up != nil {
		n = t.up.Size()
	}
	return fmt.Appendf(nil, `{"received":%d,"size":%d}`, n, t.size)
}

// takePart adds one part, and stores the file after the last.
func (s *Service) takePart(r *http.Request, one *ticket, source io.Reader) (status int, kind string, body []byte, err error) {
	first, last, size, err := parsePart(r.Header.Get("Content-Range"))
	if err != nil {
		return 0, "", nil, err
	}
	if one.up == nil {
		if one.up, err = s.DB.Upload(r.Context()); err != nil {
			return 0, "", nil, err
		}
		one.size = size
	}
	if size != one.size || first != one.up.Size() {
		return 0, "", nil, op.Errorf(op.CodeBadRange, "%d of %d bytes have arrived, and this part begins at %d of %d", one.up.Size(), one.size, first, size).
			WithHint("GET the address for what has arrived, and go on from there")
	}
	// What of a part has arrived counts, also when the line breaks in it.
	err = one.up.Copy(context.WithoutCancel(r.Context()), one.sniffed(io.LimitReader(source, last-first+1)))
	if err == nil && one.up.Size() != last+1 {
		err = op.Errorf(op.CodeBadRange, "the part has fewer bytes than its Content-Range says; %d have arrived", one.up.Size()).
			WithHint("go on from there")
	}
	if err != nil || one.up.Size() < one.size {
		return http.StatusAccepted, jsonType[0], one.progress(), err
	}
	one.done = true
	body, err = s.store(r, one, nil)
	return http.StatusOK, jsonType[0], body, err
}

// sniffed keeps the first bytes that pass.
func (t *ticket) sniffed(r io.Reader) io.Reader {
	return readerFunc(func(b []byte) (int, error) {
		n, err := r.Read(b)
		if room := sniffBytes - len(t.head); room > 0 {
			t.head = append(t.head, b[:min(n, room)]...)
		}
		return n, err
	})
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(b []byte) (int, error) { return f(b) }

// parsePart reads bytes FIRST-LAST/SIZE.
func parsePart(header string) (first, last, size int64, err error) {
	n, scanErr := fmt.Sscanf(header, "bytes %d-%d/%d", &first, &last, &size)
	if scanErr != nil || n != 3 || header != fmt.Sprintf("bytes %d-%d/%d", first, last, size) {
		return 0, 0, 0, op.Errorf(op.CodeBadRange, "Content-Range %q is not of the form bytes FIRST-LAST/SIZE", clipText(header, 60)).
			WithHint("as in Content-Range: bytes 0-1048575/5242880")
	}
	if first < 0 || last < first || last >= size || size > storage.MaxBlobBytes {
		return 0, 0, 0, op.Errorf(op.CodeBadRange, "Content-Range %q is no part of a file of up to %d bytes", header, int64(storage.MaxBlobBytes)).
			WithHint("FIRST and LAST are counted from 0, and LAST is below SIZE")
	}
	return first, last, size, nil
}

// store makes the call that puts the file, as the one who got the address, with
// the rights that one has now.
func (s *Service) store(r *http.Request, one *ticket, source io.Reader) ([]byte, error) {
	if _, err := s.DB.Token(r.Context(), one.who.ID); err != nil {
		return nil, op.Errorf(op.CodeUnauthenticated, "the token that this address was made with is gone").WithHint("get a new address")
	}
	if source == nil {
		content, err := one.up.Finish(r.Context())
		if err != nil {
			return nil, err
		}
		source = &staged{got: received{content: content, upload: one.up, head: one.head}}
	}
	params := []op.Param{{Name: "app", Value: one.app}, {Name: "key", Value: one.key}}
	if kind := firstText(one.kind, declaredType(r.Header.Get("Content-Type"))); kind != "" {
		params = append(params, op.Param{Name: "type", Value: kind})
	}
	result, err := s.Registry.Call(r.Context(), op.Request{
		Operation: "blob_put", Principal: one.who, Params: params, App: one.app, Body: source,
		Face: "upload", Client: r.UserAgent(), RequestID: r.Header.Get("X-Request-Id"),
	})
	if err != nil {
		return nil, err
	}
	return result.JSON, nil
}

func firstText(list ...string) string {
	for _, text := range list {
		if text != "" {
			return text
		}
	}
	return ""
}

type blobUploadIn struct {
	App  string `json:"app" doc:"the app" format:"app"`
	Key  string `json:"key" doc:"the name that the file gets" format:"key"`
	Type string `json:"type,omitzero" doc:"media type; without it, as the name says, else as the content looks" maxLength:"255"`
}

type blobUploadOut struct {
	URL       string `json:"url" doc:"send the file there with PUT, once: it is a secret"`
	ExpiresAt int64  `json:"expires_at" doc:"until when, in Unix ms"`
	Command   string `json:"command" doc:"what does it in a shell"`
}

// blobUpload gives an address out.
func (s *Service) blobUpload(ctx context.Context, in blobUploadIn) (blobUploadOut, error) {
	inv := op.From(ctx)
	if inv.Envelope.DryRun {
		return blobUploadOut{}, op.Invalid("dry_run", "an address cannot be given out without acting").WithHint("leave dry_run out")
	}
	if _, err := s.DB.App(ctx, in.App); err != nil {
		return blobUploadOut{}, ErrorOf(err)
	}
	if inv.Principal.Run != "" || inv.Principal.Driven {
		return blobUploadOut{}, op.Errorf(op.CodeForbidden, "a page that is driven for somebody cannot give out an upload address").
			WithHint("call blob_upload directly")
	}
	now := s.Now()
	code, err := s.uploads.issue(&ticket{app: in.App, key: in.Key, kind: in.Type, who: inv.Principal}, now)
	if err != nil {
		return blobUploadOut{}, err
	}
	if s.BaseURL == nil {
		return blobUploadOut{}, errors.New("server: Service.BaseURL is nil")
	}
	address := s.BaseURL() + UploadPath + code
	return blobUploadOut{URL: address, ExpiresAt: now.Add(UploadTime).UnixMilli(), Command: "curl -fsST FILE " + address}, nil
}
