package storage

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// upload stores bytes as an upload that the caller closes.
func (f *fixture) upload(data []byte) (*Upload, Content) {
	f.t.Helper()
	u, err := f.Upload(f.t.Context())
	if err != nil {
		f.t.Fatal(err)
	}
	if err := u.Copy(f.t.Context(), bytes.NewReader(data)); err != nil {
		f.t.Fatal(err)
	}
	c, err := u.Finish(f.t.Context())
	if err != nil {
		f.t.Fatal(err)
	}
	return u, c
}

// putBlob stores a blob in app "a".
func (f *fixture) putBlob(key string, data []byte) Result {
	f.t.Helper()
	u, c := f.upload(data)
	defer u.Close()
	return f.in(BlobPut{Key: key, Content: c, Type: "text/plain"}).Results[0]
}

func (f *fixture) readBlob(key string) []byte {
	f.t.Helper()
	r, err := f.OpenBlob(f.t.Context(), "a", key)
	if err != nil {
		f.t.Fatal(err)
	}
	defer r.Close()
	got, err := io.ReadAll(r)
	if err != nil {
		f.t.Fatal(err)
	}
	return got
}

// collectAll runs retention until it finds nothing, then checks the file.
func (f *fixture) collectAll() {
	f.t.Helper()
	if err := f.onWriter(f.t.Context(), func(w *writer) error { return w.retain.round(w) }); err != nil {
		f.t.Fatal(err)
	}
	if err := f.Check(f.t.Context()); err != nil {
		f.t.Fatal(err)
	}
}

func (f *fixture) count(table string) (n int64) {
	f.t.Helper()
	err := f.onWriter(f.t.Context(), func(w *writer) error {
		s, err := w.conn.temporary(`SELECT count(*) FROM ` + table)
		if err != nil {
			return err
		}
		row, _, err := s.one()
		n = asInt(row[0])
		return errors.Join(err, s.close())
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return n
}

func randomBytes(n int, seed uint64) []byte {
	r := rand.New(rand.NewPCG(seed, 1))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

func TestBlobRoundTrip(t *testing.T) {
	t.Parallel()
	f := openApp(t)
	for i, n := range []int{0, 1, chunkBytes - 1, chunkBytes, chunkBytes + 1, 5*chunkBytes + 3, 9 * chunkBytes} {
		data := randomBytes(n, uint64(n))
		key := fmt.Sprint("k", i)
		f.putBlob(key, data)
		if !bytes.Equal(f.readBlob(key), data) {
			t.Errorf("%d bytes came back changed", n)
		}
		b, err := f.Blob(t.Context(), "a", key)
		if err != nil || b.Size != int64(n) || b.Hash != sha256.Sum256(data) || b.Type != "text/plain" {
			t.Errorf("Blob = %+v, %v", b, err)
		}
	}
	f.collectAll()
}

func TestBlobReadersPinContent(t *testing.T) {
	t.Parallel()
	f := openApp(t)
	old := randomBytes(3*chunkBytes, 1)
	f.putBlob("k", old)
	r, err := f.OpenBlob(t.Context(), "a", "k")
	if err != nil {
		t.Fatal(err)
	}
	f.putBlob("k", []byte("new"))
	f.collectAll()
	got, err := io.ReadAll(r)
	if err != nil || !bytes.Equal(got, old) {
		t.Fatalf("a reader lost its bytes: %d, %v", len(got), err)
	}
	r.Close()
	f.collectAll()
	if n := f.count("chunk"); n != 1 {
		t.Errorf("%d chunks are left, want 1", n)
	}
	if string(f.readBlob("k")) != "new" {
		t.Error("the new bytes are not there")
	}
}

func TestBlobTornUploadIsCollected(t *testing.T) {
	t.Parallel()
	f := openApp(t)
	u, err := f.Upload(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	broken := errors.New("the line broke")
	if err := u.Copy(t.Context(), io.MultiReader(bytes.NewReader(randomBytes(6*chunkBytes, 3)), errorReader{broken})); !errors.Is(err, broken) {
		t.Fatalf("Copy = %v", err)
	}
	f.collectAll() // an upload that goes on stays
	if err := u.Copy(t.Context(), strings.NewReader("rest")); err != nil {
		t.Fatal(err)
	}
	if _, err := u.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := f.count("chunk"); n != 7 {
		t.Errorf("%d chunks, want 7", n)
	}
	u.Close()
	f.collectAll()
	if n := f.count("chunk") + f.count("content"); n != 0 {
		t.Errorf("%d rows of a torn upload are left", n)
	}
}

type errorReader struct{ err error }

func (r errorReader) Read([]byte) (int, error) { return 0, r.err }

func TestBlobConditions(t *testing.T) {
	t.Parallel()
	f := openApp(t)
	v := f.putBlob("k", []byte("one")).Version
	u, c := f.upload([]byte("two"))
	defer u.Close()
	fails := func(kind Kind, field string, m ...Mutation) {
		t.Helper()
		if e := f.fails(kind, &Batch{App: "a", Mutations: m}); !strings.HasSuffix(e.Field, field) {
			t.Errorf("field %q, want %q", e.Field, field)
		}
	}
	fails(KindExists, "key", BlobPut{Key: "k", Content: c, Type: "a/b", CreateOnly: true})
	fails(KindVersionMismatch, "if_version", BlobPut{Key: "k", Content: c, Type: "a/b", IfVersion: ptr(v + 1)})
	fails(KindInvalid, "type", BlobPut{Key: "k", Content: c, Type: "a/b\r\nX: y"})
	fails(KindInvalid, "key", BlobPut{Content: c, Type: "a/b"})
	fails(KindBlobNotFound, "key", BlobCopy{Key: "none", To: "x"})
	fails(KindExists, "to", BlobCopy{Key: "k", To: "l", CreateOnly: true}, BlobCopy{Key: "k", To: "l", CreateOnly: true})
	fails(KindVersionMismatch, "if_version", BlobDelete{Key: "k", IfVersion: ptr(uint64(1))})
	e := f.fails(KindVersionMismatch, &Batch{App: "a", Checks: []Check{CheckBlob{Key: "k"}}, Mutations: []Mutation{BlobDelete{Key: "k"}}})
	if e.Field != "checks[0].version" {
		t.Errorf("field %q", e.Field)
	}
	if string(f.readBlob("k")) != "one" {
		t.Error("a refused write changed something")
	}
	o := f.in(BlobCopy{Key: "k", To: "moved", Move: true, IfVersion: &v})
	if _, err := f.Blob(t.Context(), "a", "k"); KindOf(err) != KindBlobNotFound || o.Results[0].Version == 0 {
		t.Errorf("after a move: %v, %+v", err, o)
	}
	if string(f.readBlob("moved")) != "one" {
		t.Error("the bytes did not move")
	}
}

func TestBlobList(t *testing.T) {
	t.Parallel()
	f := openApp(t)
	for _, k := range []string{"a", "dir/1", "dir/2", "dir/sub/3", "dirx", "z/1", "z/2"} {
		f.putBlob(k, []byte(k))
	}
	for _, c := range []struct {
		q    BlobQuery
		want string
	}{
		{BlobQuery{}, "a dir/1 dir/2 dir/sub/3 dirx z/1 z/2"},
		{BlobQuery{Delimiter: "/"}, "a dirx + dir/ z/"},
		{BlobQuery{Prefix: "dir/", Delimiter: "/"}, "dir/1 dir/2 + dir/sub/"},
		{BlobQuery{Prefix: "dir"}, "dir/1 dir/2 dir/sub/3 dirx"},
		{BlobQuery{Prefix: "none"}, ""},
	} {
		for limit := 1; limit < 9; limit++ {
			q := c.q
			q.Limit = limit
			var keys, prefixes []string
			for pages := 0; pages < 20; pages++ {
				page, err := f.Blobs(t.Context(), "a", q)
				if err != nil {
					t.Fatal(err)
				}
				if n := len(page.Blobs) + len(page.Prefixes); n > limit {
					t.Fatalf("%d items in a page of %d", n, limit)
				}
				for _, b := range page.Blobs {
					keys = append(keys, b.Key)
				}
				prefixes = append(prefixes, page.Prefixes...)
				if q.After = page.Next; q.After == "" {
					break
				}
			}
			got := strings.Join(keys, " ")
			if len(prefixes) > 0 {
				got += " + " + strings.Join(prefixes, " ")
			}
			if got != c.want {
				t.Errorf("%+v limit %d = %q, want %q", c.q, limit, got, c.want)
			}
		}
	}
	if _, err := f.Blobs(t.Context(), "none", BlobQuery{}); KindOf(err) != KindAppNotFound {
		t.Error(err)
	}
}

// TestBlobModel holds random operations to a map, and the file to its
// invariants: references, chunks, and nothing left behind.
func TestBlobModel(t *testing.T) {
	t.Parallel()
	f := openApp(t)
	rapid.Check(t, func(rt *rapid.T) {
		f.write(&Batch{Mutations: []Mutation{AppDelete{ID: "a"}}})
		f.clock.add(30 * 24 * time.Hour)
		f.collectAll()
		f.write(&Batch{Mutations: []Mutation{AppCreate{ID: "a"}}})
		model := map[string][]byte{}
		key := func(label string) string {
			return rapid.SampledFrom([]string{"x", "y", "site/a", "site/b"}).Draw(rt, label)
		}
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			k, to := key("key"), key("to")
			switch rapid.SampledFrom([]string{"put", "put", "delete", "copy", "move", "collect", "dry", "deploy"}).Draw(rt, "what") {
			case "put":
				model[k] = bytes.Repeat([]byte(rapid.SampledFrom([]string{"p", "q", ""}).Draw(rt, "data")), chunkBytes+1)
				f.putBlob(k, model[k])
			case "dry":
				u, c := f.upload([]byte("dry"))
				f.write(&Batch{App: "a", DryRun: true, Mutations: []Mutation{BlobPut{Key: k, Content: c, Type: "a/b"}}})
				u.Close()
			case "delete":
				f.in(BlobDelete{Key: k})
				delete(model, k)
			case "deploy":
				u, c := f.upload([]byte("deployed"))
				f.in(SiteDeploy{Files: []SiteFile{{Key: "a", Type: "a/b", Content: c}, {Key: "c", Type: "a/b", Content: c}}})
				u.Close()
				delete(model, "site/b")
				model["site/a"], model["site/c"] = []byte("deployed"), []byte("deployed")
			case "collect":
				f.collectAll()
			case "copy", "move":
				if _, there := model[k]; !there || k == to {
					continue
				}
				f.in(BlobCopy{Key: k, To: to, Move: len(k) == len(to)})
				if model[to] = model[k]; len(k) == len(to) {
					delete(model, k)
				}
			}
		}
		f.collectAll()
		page, err := f.Blobs(context.Background(), "a", BlobQuery{})
		if err != nil || len(page.Blobs) != len(model) {
			rt.Fatalf("%d blobs, want %d: %v", len(page.Blobs), len(model), err)
		}
		for k, want := range model {
			if !bytes.Equal(f.readBlob(k), want) {
				rt.Fatalf("%q holds other bytes", k)
			}
		}
	})
}

func TestSiteDeployments(t *testing.T) {
	t.Parallel()
	f := openApp(t)
	f.putBlob("site/by-hand", []byte("hand"))
	f.putBlob("other", []byte("stays"))
	for i := range keepSites + 3 {
		u, c := f.upload(fmt.Appendf(nil, "index %d", i))
		f.in(SiteDeploy{Files: []SiteFile{{Key: "index.html", Type: "text/html", Content: c}}})
		u.Close()
	}
	list, err := f.Deployments(t.Context(), "a")
	if err != nil || len(list) != keepSites || !list[0].Active || list[1].Active {
		t.Fatalf("%d deployments: %+v, %v", len(list), list, err)
	}
	if _, err := f.Blob(t.Context(), "a", "site/by-hand"); KindOf(err) != KindBlobNotFound {
		t.Error("a deployment left an old file", err)
	}
	f.in(SiteRollback{})
	if got := string(f.readBlob("site/index.html")); got != fmt.Sprint("index ", keepSites+1) {
		t.Errorf("after a rollback: %q", got)
	}
	f.in(SiteRollback{Deployment: list[len(list)-1].ID})
	f.fails(KindDeploymentNotFound, &Batch{App: "a", Mutations: []Mutation{SiteRollback{}}})
	f.fails(KindDeploymentNotFound, &Batch{App: "a", Mutations: []Mutation{SiteRollback{Deployment: 1}}})
	f.collectAll()
	if string(f.readBlob("other")) != "stays" {
		t.Error("a deployment touched another blob")
	}
	f.write(&Batch{Mutations: []Mutation{AppDelete{ID: "a"}}})
	f.clock.add(30 * 24 * time.Hour) // until then it could be brought back
	f.collectAll()
	if n := f.count("content") + f.count("chunk") + f.count("site_file") + f.count("blob") + f.count("site"); n != 0 {
		t.Errorf("%d rows of a deleted app are left", n)
	}
}

// TestBlobKill kills a process in the middle of an upload: nothing of it is
// visible, and what it left is collected.
func TestBlobKill(t *testing.T) {
	if path := os.Getenv("FAZT_TEST_TORN"); path != "" {
		db, err := Open(t.Context(), Options{Path: path, Now: time.Now, Logger: quiet()})
		if err != nil {
			t.Fatal(err)
		}
		u, err := db.Upload(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		pipe, in := io.Pipe()
		go func() {
			_, _ = in.Write(make([]byte, 12*chunkBytes))
			fmt.Println("torn")
		}()
		t.Fatal(u.Copy(t.Context(), pipe)) // never: it is killed
	}
	t.Parallel()
	f := openApp(t)
	if err := f.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestBlobKill$")
	child.Env = append(os.Environ(), "FAZT_TEST_TORN="+f.opts.Path)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 4)
	if _, err := io.ReadFull(out, buf); err != nil || string(buf) != "torn" {
		t.Fatalf("the child said %q, %v", buf, err)
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait()
	db, err := Open(t.Context(), f.opts)
	if err != nil {
		t.Fatal(err)
	}
	again := &fixture{DB: db, t: t, clock: f.clock, opts: f.opts}
	defer db.Close(context.Background())
	if n := again.count("chunk"); n == 0 {
		t.Error("the child left nothing, so this proves nothing")
	}
	page, err := again.Blobs(t.Context(), "a", BlobQuery{})
	if err != nil || len(page.Blobs) != 0 {
		t.Errorf("a torn upload is visible: %+v, %v", page, err)
	}
	again.collectAll()
	if n := again.count("chunk") + again.count("content"); n != 0 {
		t.Errorf("%d rows are left", n)
	}
}

// TestBlobMemory streams a large blob both ways in little memory: 64 MiB, or
// 2 GiB with FAZT_LONG.
func TestBlobMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("it writes 64 MiB")
	}
	size := int64(64 << 20)
	if os.Getenv("FAZT_LONG") != "" {
		size = 2 << 30
	}
	f := openApp(t)
	debug.FreeOSMemory()
	before := inUse()
	u, err := f.Upload(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	peak := &memoryPeak{}
	if err := u.Copy(t.Context(), io.TeeReader(io.LimitReader(repeated{}, size), peak)); err != nil {
		t.Fatal(err)
	}
	c, err := u.Finish(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	f.in(BlobPut{Key: "large", Content: c, Type: "a/b"})
	u.Close()
	r, err := f.OpenBlob(t.Context(), "a", "large")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if n, err := io.Copy(peak, r); n != size || err != nil {
		t.Fatal(n, err)
	}
	growth := int64(peak.most) - int64(before)
	t.Logf("%d MiB both ways: %d MiB of growth", size>>20, growth>>20)
	if growth > 64<<20 {
		t.Errorf("memory grew by %d MiB, over 64", growth>>20)
	}
}

// inUse is the memory of this process that is no file's, where the system says
// it: SQLite's is not on the Go heap. Elsewhere it is the heap and the stacks.
func inUse() uint64 {
	status, _ := os.ReadFile("/proc/self/status")
	if _, rest, ok := strings.Cut(string(status), "RssAnon:"); ok {
		var kilobytes uint64
		if _, err := fmt.Sscan(rest, &kilobytes); err == nil {
			return kilobytes << 10
		}
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}

type memoryPeak struct{ most, seen uint64 }

func (p *memoryPeak) Write(b []byte) (int, error) {
	if p.seen += uint64(len(b)); p.seen > 4<<20 {
		p.seen = 0
		p.most = max(p.most, inUse())
	}
	return len(b), nil
}

// repeated gives bytes without an end.
type repeated struct{}

func (repeated) Read(b []byte) (int, error) {
	for i := 0; i < len(b); i += 4096 {
		b[i] = byte(i)
	}
	return len(b), nil
}

func TestBlobStatementsUseIndexes(t *testing.T) {
	t.Parallel()
	f := openApp(t)
	err := f.onWriter(t.Context(), func(w *writer) error {
		b, s := &w.blobs, &w.blobs.site
		for _, st := range []*stmt{
			b.get, b.remove, b.byHash, b.settle, b.addRef, b.unused, b.disown, b.dropChunks, b.erase, b.goneBlobs, b.goneSites,
			s.activate, s.active, s.before, s.known, s.unlink, s.clear, s.link, s.fill, s.unlinkFiles, s.dropFiles, s.dropSite, s.old,
		} {
			plan, err := w.conn.temporary(`EXPLAIN QUERY PLAN ` + st.text)
			if err != nil {
				return err
			}
			var lines []string
			bound := slices.Repeat([]driver.Value{int64(1)}, strings.Count(st.text, "?"))
			err = plan.all(func(row []driver.Value) error { lines = append(lines, asText(row[3])); return nil }, bound...)
			if err := errors.Join(err, plan.close()); err != nil {
				return err
			}
			for _, line := range lines {
				if strings.HasPrefix(line, "SCAN") {
					t.Errorf("%s\n\tscans: %s", st.text, line)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
