package server

import (
	"bytes"
	"compress/gzip"
	"container/list"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"fazt/server/op"
	"fazt/storage"
)

// Sites answers the apps' hosts from their blobs under site/. It knows nothing
// of who asks: there is no cookie, no token and no operation here, so a page of
// an app has the rights of any stranger. The ES module is not served here
// either: pages import it from the admin host, where it is public.
type Sites struct {
	db    *storage.DB
	hosts Hosts
	cache siteCache
}

// Sites returns the handler of the apps' hosts.
func (s *Service) Sites(hosts Hosts) *Sites {
	return &Sites{db: s.DB, hosts: hosts, cache: siteCache{by: map[cacheKey]*list.Element{}}}
}

const (
	cacheBytes    = 32 << 20
	cacheFile     = 256 << 10 // larger files are streamed
	gzipFrom      = 1 << 10   // less gains nothing
	gzipUpTo      = 4 << 20
	notFoundText  = "404: there is no such page\n"
	siteCacheText = "no-cache" // it may change at any time; the tag makes asking again cheap
)

// DropCaches gives up the files that are kept in memory.
func (s *Sites) DropCaches() { s.cache.clear() }

// ServeHTTP answers one request of an app's host.
func (s *Sites) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Origin-Agent-Cluster", "?1") // apps share a site with the admin page, but nothing else
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		plainError(w, http.StatusMethodNotAllowed, "405: a site only answers GET and HEAD\n")
		return
	}
	app := s.hosts.App(r.Host)
	blob, place, err := s.find(r.Context(), app, r.URL.Path)
	switch {
	case err == nil && place != "":
		if r.URL.RawQuery != "" {
			place += "?" + r.URL.RawQuery
		}
		h.Set("Location", place)
		h.Set("Cache-Control", siteCacheText)
		w.WriteHeader(http.StatusFound)
	case err == nil:
		s.answer(w, r, blob, http.StatusOK)
	case op.AsError(ErrorOf(err)).Code.Status() == http.StatusNotFound && r.URL.Path == TrackScriptPath:
		serveTrackScript(w, r)
	case op.AsError(ErrorOf(err)).Code.Status() == http.StatusNotFound:
		s.notFound(w, r, app)
	default:
		s.fault(w, err)
	}
}

// find returns the file of a path, or where the page is instead. /about is
// about.html, or about/index.html at /about/, so that relative links hold.
func (s *Sites) find(ctx context.Context, app, path string) (b storage.Blob, place string, err error) {
	if strings.Contains(path, "//") { // a redirect there would leave the host
		return b, "", op.NotFound("page", "no such page")
	}
	if folder, isFolder := strings.CutSuffix(path, "/"); isFolder {
		if b, err = s.file(ctx, app, path+"index.html"); err == nil || folder == "" {
			return b, "", err
		}
		if _, other := s.file(ctx, app, folder+".html"); other == nil {
			return b, escapePath(folder), nil
		}
		return b, "", err
	}
	if b, err = s.file(ctx, app, path); err == nil || storage.KindOf(err) != storage.KindBlobNotFound {
		return b, "", err
	}
	if b, other := s.file(ctx, app, path+".html"); other == nil {
		return b, "", nil
	}
	if _, other := s.file(ctx, app, path+"/index.html"); other == nil {
		return b, escapePath(path + "/"), nil
	}
	return b, "", err
}

func (s *Sites) file(ctx context.Context, app, path string) (storage.Blob, error) {
	return s.db.Blob(ctx, app, strings.TrimSuffix(storage.SitePrefix, "/")+path)
}

func escapePath(path string) string { return (&url.URL{Path: path}).EscapedPath() }

func (s *Sites) notFound(w http.ResponseWriter, r *http.Request, app string) {
	blob, err := s.file(r.Context(), app, "/404.html")
	if err != nil {
		plainError(w, http.StatusNotFound, notFoundText)
		return
	}
	s.answer(w, r, blob, http.StatusNotFound)
}

func (s *Sites) fault(w http.ResponseWriter, err error) {
	e := op.AsError(ErrorOf(err))
	setRetryAfter(w.Header(), e)
	plainError(w, e.Code.Status(), fmt.Sprintf("%d: %s\n", e.Code.Status(), http.StatusText(e.Code.Status())))
}

func plainError(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text) // the caller has gone
}

// answer sends a file: compressed where that helps, from memory where it is
// small, else as it is read.
func (s *Sites) answer(w http.ResponseWriter, r *http.Request, b storage.Blob, status int) {
	h := w.Header()
	tag := hex.EncodeToString(b.Hash[:16])
	small := b.Size <= cacheFile
	var load func(io.Reader) ([]byte, error)
	if compressible(b.Type) && b.Size >= gzipFrom && b.Size <= gzipUpTo {
		h.Add("Vary", "Accept-Encoding")
		if acceptsGzip(r.Header.Get("Accept-Encoding")) {
			load, tag = compress, tag+"-gzip"
		}
	}
	if load == nil && small {
		load = io.ReadAll
	}
	h.Set("Content-Type", b.Type)
	h["Etag"] = []string{`"` + tag + `"`}
	h.Set("Cache-Control", siteCacheText)
	if load == nil {
		content, err := s.db.OpenRead(r.Context(), b)
		if err != nil {
			s.fault(w, err)
			return
		}
		defer content.Close()
		send(w, r, status, content)
		return
	}
	data, err := s.cached(r.Context(), cacheKey{b.Hash, strings.HasSuffix(tag, "-gzip")}, b, load)
	if err != nil {
		delete(h, "Etag")
		s.fault(w, err)
		return
	}
	if strings.HasSuffix(tag, "-gzip") {
		h.Set("Content-Encoding", "gzip")
	}
	send(w, r, status, bytes.NewReader(data))
}

// send writes a file with its conditions and ranges. A page of errors has
// neither.
func send(w http.ResponseWriter, r *http.Request, status int, content io.ReadSeeker) {
	out := &patientWriter{w: w, control: http.NewResponseController(w)}
	if status == http.StatusOK {
		http.ServeContent(&patientResponse{w, out}, r, "", time.Time{}, content)
	} else {
		delete(w.Header(), "Etag")
		w.WriteHeader(status)
		if r.Method != http.MethodHead {
			_, _ = io.Copy(out, content) // what is cut short is seen by its length
		}
	}
	_ = out.control.SetWriteDeadline(time.Time{})
}

// patientResponse writes its body through a patientWriter.
type patientResponse struct {
	http.ResponseWriter
	out *patientWriter
}

func (w *patientResponse) Write(b []byte) (int, error) { return w.out.Write(b) }

// acceptsGzip reads Accept-Encoding (RFC 9110, section 12.5.3).
func acceptsGzip(header string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		if name = strings.TrimSpace(name); !strings.EqualFold(name, "gzip") && name != "*" {
			continue
		}
		q := strings.ReplaceAll(strings.ToLower(params), " ", "")
		return !strings.HasPrefix(q, "q=0") || strings.Trim(q[len("q=0"):], ".0") != ""
	}
	return false
}

func compress(r io.Reader) ([]byte, error) {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	if _, err := io.Copy(z, r); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// siteCache keeps the bytes of files by their hash, so that nothing in it is
// ever out of date. What was used longest ago goes first.
type siteCache struct {
	mu    sync.Mutex
	by    map[cacheKey]*list.Element
	order list.List
	bytes int
}

type cacheKey struct {
	hash   [32]byte
	zipped bool
}

type cacheEntry struct {
	key  cacheKey
	data []byte
}

func (s *Sites) cached(ctx context.Context, key cacheKey, b storage.Blob, load func(io.Reader) ([]byte, error)) ([]byte, error) {
	if data := s.cache.get(key); data != nil {
		return data, nil
	}
	content, err := s.db.OpenRead(ctx, b)
	if err != nil {
		return nil, err
	}
	defer content.Close()
	data, err := load(content)
	if err == nil {
		s.cache.put(key, data)
	}
	return data, err
}

func (c *siteCache) get(key cacheKey) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.by[key]
	if e == nil {
		return nil
	}
	c.order.MoveToFront(e)
	return e.Value.(*cacheEntry).data
}

func (c *siteCache) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.by)
	c.order.Init()
	c.bytes = 0
}

func (c *siteCache) put(key cacheKey, data []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.by[key] != nil {
		return // another request was first
	}
	c.by[key] = c.order.PushFront(&cacheEntry{key, data})
	c.bytes += len(data)
	for c.bytes > cacheBytes {
		last := c.order.Remove(c.order.Back()).(*cacheEntry)
		c.bytes -= len(last.data)
		delete(c.by, last.key)
	}
}
