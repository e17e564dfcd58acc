package storage

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"
)

// TestExport: what Export writes is what a reader gives back.
func TestExport(t *testing.T) {
	t.Parallel()
	f := openApp(t)
	want := map[string]string{"ü/\U0010ffff": `{"b":1.50,"a":[]}`, "null": "null"}
	var m []Mutation
	for k, v := range want {
		m = append(m, set(k, v))
	}
	f.in(m...)
	f.in(KVSet{Key: "gone", Value: []byte("1"), TTL: time.Second}, KVSet{Key: "later", Value: []byte("1"), TTL: time.Hour})
	for i := range 30 {
		want[fmt.Sprint("big", i)] = `"` + strings.Repeat("y", 100_000) + `"`
		f.in(set(fmt.Sprint("big", i), want[fmt.Sprint("big", i)]))
	}
	f.clock.add(time.Minute)
	var archive bytes.Buffer
	if err := f.Export(t.Context(), "a", &archive); err != nil {
		t.Fatal(err)
	}
	r, err := NewArchiveReader(bytes.NewReader(archive.Bytes()))
	if err != nil || r.Manifest.App != "a" || r.Manifest.Title != "A" || r.Manifest.Version != f.Version() {
		t.Fatalf("%+v, %v", r.Manifest, err)
	}
	n := 0
	for {
		item, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		n++
		e := item.Key
		if e.Key == "later" {
			if e.ExpiresAt.IsZero() {
				t.Error("the time to live is lost")
			}
			continue
		}
		if string(e.Value) != want[e.Key] {
			t.Errorf("%q is %.40s", e.Key, e.Value)
		}
	}
	if n != len(want)+1 {
		t.Errorf("%d keys, want %d", n, len(want)+1)
	}
	if err := f.Export(t.Context(), "none", io.Discard); KindOf(err) != KindAppNotFound {
		t.Errorf("no such app: %v", err)
	}
	for _, cut := range []int{0, 10, archive.Len() / 2, archive.Len() - 1} {
		if err := readAll(archive.Bytes()[:cut]); KindOf(err) != KindInvalid {
			t.Errorf("cut at %d of %d: %v", cut, archive.Len(), err)
		}
	}
}

func readAll(data []byte) error {
	r, err := NewArchiveReader(bytes.NewReader(data))
	for err == nil {
		_, err = r.Next()
	}
	if err == io.EOF {
		return nil
	}
	return err
}

// fullApp fills app "a" with one of everything that an archive holds.
func fullApp(t testing.TB) *fixture {
	f := openApp(t)
	f.in(set("k", `{"b":1.50,"a":[]}`), set("ü", "null"))
	f.in(CollectionSet{Collection: "c", Indexes: &[]IndexSpec{{Fields: []string{"n"}, Unique: true}}, Text: &[]string{"t"}, History: ptr(7)},
		insertDoc(`{"id":"1","n":1.0,"t":"tea"}`), insertDoc(`{"id":"2","n":2}`), DocInsert{Collection: "d", ID: "x", Doc: json.RawMessage(`{}`)})
	f.in(CollectionSet{Collection: "c", Schema: ptr(json.RawMessage(`{"required":["later"]}`))})
	f.putBlob("one", []byte("bytes"))
	f.putBlob("same", []byte("bytes"))
	f.putBlob("empty", nil)
	f.putBlob("large", bytes.Repeat([]byte("0123456789abcdef"), 40_000))
	for _, text := range []string{"<h1>first", "<h1>second"} {
		u, c := f.upload([]byte(text))
		f.in(SiteDeploy{Files: []SiteFile{{Key: "index.html", Type: "text/html", Content: c}}})
		u.Close()
	}
	f.in(SiteRollback{})
	f.putBlob("site/added", []byte("later"))
	return f
}

func (f *fixture) export() []byte {
	f.t.Helper()
	var b bytes.Buffer
	if err := f.Export(f.t.Context(), "a", &b); err != nil {
		f.t.Fatal(err)
	}
	return b.Bytes()
}

// imported loads an archive and makes app "a" of it.
func (f *fixture) imported(archive []byte) error {
	i, err := f.NewImport(f.t.Context(), bytes.NewReader(archive))
	if err != nil {
		return err
	}
	if err = i.Load(f.t.Context()); err == nil {
		_, err = f.Write(f.t.Context(), &Batch{Mutations: []Mutation{i.Adopt("a", i.Manifest.Title)}})
	}
	return errors.Join(err, i.Close(f.t.Context()))
}

// TestImport: an imported app is the one that was exported.
func TestImport(t *testing.T) {
	t.Parallel()
	from, to := fullApp(t), open(t)
	archive := from.export()
	if err := to.imported(archive); err != nil {
		t.Fatal(err)
	}
	if got, want := to.state(), from.state(); got != want {
		t.Errorf("imported\n%s\nwant\n%s", got, want)
	}
	to.holds(map[string]string{"k": `{"b":1.50,"a":[]}`, "ü": "null"})
	c, err := to.Collection(t.Context(), "a", "c")
	if err != nil || string(c.Schema) != `{"required":["later"]}` || c.History != 7 || !c.Indexes[0].Unique || !c.TextReady {
		t.Errorf("collection %+v, %v", c, err)
	}
	for name, f := range map[string]*fixture{"exported": from, "imported": to} {
		list, err := f.Deployments(t.Context(), "a")
		if err != nil || len(list) != 2 || list[0].Active || !list[1].Active || list[1].Files != 1 || list[1].Bytes != 9 {
			t.Errorf("%s: deployments %+v, %v", name, list, err)
		}
	}
	to.in(SiteRollback{Deployment: 2})
	if got := string(to.readBlob("site/index.html")); got != "<h1>second" {
		t.Errorf("rolled back to %s", got)
	}
	if e := (*Error)(nil); !errors.As(to.imported(archive), &e) || e.Kind != KindExists {
		t.Errorf("a second app of its name: %v", e)
	}
	to.collectAll()
	if err := to.Check(t.Context()); err != nil {
		t.Error(err)
	}
	if apps, err := to.Apps(t.Context(), "", 0); err != nil || len(apps) != 1 || apps[0].Title != "A" {
		t.Errorf("apps %+v, %v", apps, err)
	}
}

// member is one of an archive that a test makes.
type member struct {
	name, data string
	flag       byte
}

func pack(members ...member) []byte {
	var b bytes.Buffer
	zip := gzip.NewWriter(&b)
	w := tar.NewWriter(zip)
	for _, m := range members {
		if m.flag == 0 {
			m.flag = tar.TypeReg
		}
		size := int64(len(m.data))
		if m.flag != tar.TypeReg {
			size = 0
		}
		if err := errors.Join(w.WriteHeader(&tar.Header{Name: m.name, Typeflag: m.flag, Size: size, Linkname: "x"})); err != nil {
			panic(err)
		}
		if size > 0 {
			if _, err := w.Write([]byte(m.data)); err != nil {
				panic(err)
			}
		}
	}
	if err := errors.Join(w.Close(), zip.Close()); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// TestImportRefused: a hostile archive is refused with its field, and leaves
// nothing.
func TestImportRefused(t *testing.T) {
	t.Parallel()
	head := member{name: archiveManifest, data: `{"fazt":1,"app":"a"}`}
	end := func(totals string) member { return member{name: archiveEnd, data: totals} }
	kv := func(lines string) member { return member{name: "kv/000001.jsonl", data: lines} }
	content := member{name: fmt.Sprintf("content/%x", sha256.Sum256([]byte("x"))), data: "x"}
	whole := fullApp(t).export()
	cases := map[string][]byte{
		"nothing":                       nil,
		"no gzip":                       []byte("hello"),
		"cut":                           whole[:len(whole)/2],
		"a wrong sum of all":            append(append([]byte{}, whole[:len(whole)-8]...), 1, 2, 3, 4, 5, 6, 7, 8),
		"no manifest":                   pack(kv(`{"key":"k","value":1}`)),
		"a later format":                pack(member{name: archiveManifest, data: `{"fazt":2,"app":"a"}`}),
		"an app that cannot be":         pack(member{name: archiveManifest, data: `{"fazt":1,"app":"!a"}`}, end(`{}`)),
		"no end":                        pack(head, kv(`{"key":"k","value":1}`)),
		"more behind the end":           pack(head, end(`{}`), kv(`{"key":"k","value":1}`)),
		"a wrong number":                pack(head, kv(`{"key":"k","value":1}`), end(`{"kv":2}`)),
		"a number of what is not there": pack(head, end(`{"docs":1}`)),
		"a kind from later":             pack(head, member{name: "mail/000001.jsonl", data: "{}"}, end(`{}`)),
		"a way out":                     pack(head, member{name: "../../etc/passwd", data: "x"}, end(`{}`)),
		"a way out by a collection":     pack(head, member{name: "docs/../000001.jsonl", data: "{}"}, end(`{"docs":1}`)),
		"a way out by a part":           pack(head, member{name: "kv/../000001.jsonl", data: "{}"}, end(`{"kv":1}`)),
		"an absolute name":              pack(head, member{name: "/kv/000001.jsonl", data: "{}"}, end(`{"kv":1}`)),
		"a link":                        pack(head, member{name: "kv/000001.jsonl", flag: tar.TypeSymlink}, end(`{}`)),
		"a part twice":                  pack(head, kv(`{"key":"k","value":1}`), kv(`{"key":"l","value":1}`), end(`{"kv":2}`)),
		"a key twice":                   pack(head, kv("{\"key\":\"k\",\"value\":1}\n{\"key\":\"k\",\"value\":1}"), end(`{"kv":2}`)),
		"a key that cannot be":          pack(head, kv(`{"key":"`+strings.Repeat("k", 1025)+`","value":1}`), end(`{"kv":1}`)),
		"no value":                      pack(head, kv(`{"key":"k"}`), end(`{"kv":1}`)),
		"a line without end":            pack(head, kv(`{"key":"k","value":"`+strings.Repeat("x", 9<<20)+`"}`), end(`{"kv":1}`)),
		"a document that is none":       pack(head, member{name: "docs/c/000001.jsonl", data: "[1]"}, end(`{"docs":1}`)),
		"a document twice":              pack(head, member{name: "docs/c/000001.jsonl", data: "{\"id\":\"1\"}\n{\"id\":\"1\"}"}, end(`{"docs":2}`)),
		"a collection twice":            pack(head, member{name: "collections/000001.jsonl", data: "{\"name\":\"c\"}\n{\"name\":\"c\"}"}, end(`{"collections":2}`)),
		"an index that cannot be":       pack(head, member{name: "collections/000001.jsonl", data: `{"name":"c","indexes":[{"fields":[]}]}`}, end(`{"collections":1}`)),
		"bytes with a wrong sum":        pack(head, member{name: content.name, data: "y"}, end(`{"content":1}`)),
		"bytes twice":                   pack(head, content, content, end(`{"content":2}`)),
		"bytes without a sum":           pack(head, member{name: "content/x", data: "y"}, end(`{"content":1}`)),
		"a file without bytes":          pack(head, member{name: "blobs/000001.jsonl", data: `{"key":"k","type":"text/plain","sha256":"00"}`}, end(`{"blobs":1}`)),
		"a file twice": pack(head, content, member{name: "blobs/000001.jsonl",
			data: strings.Repeat(fmt.Sprintf(`{"key":"k","type":"text/plain","sha256":"%x"}`+"\n", sha256.Sum256([]byte("x"))), 2)}, end(`{"content":1,"blobs":2}`)),
		"a deployment without files": pack(head, member{name: "sites/000001.jsonl", data: `{"at":1}`}, end(`{"sites":1}`)),
	}
	f := open(t)
	for name, archive := range cases {
		err := f.imported(archive)
		var e *Error
		if !errors.As(err, &e) || e.Kind != KindInvalid && e.Kind != KindTooLarge || !strings.HasPrefix(e.Field, "archive") {
			t.Errorf("%s: %v", name, err)
		}
	}
	f.round()
	f.empty("app", "app_gone", "kv", "doc", "collection", "blob", "site", "content", "chunk")
	if err := f.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestImportBomb: what an archive unpacks to is bounded.
func TestImportBomb(t *testing.T) {
	t.Parallel()
	f := open(t)
	i, err := f.NewImport(t.Context(), bytes.NewReader(pack(member{name: archiveManifest, data: `{"fazt":1,"app":"a"}`},
		member{name: "content/" + strings.Repeat("00", 32), data: strings.Repeat("0", 1<<20)}, member{name: archiveEnd, data: `{"content":1}`})))
	if err != nil {
		t.Fatal(err)
	}
	i.archive.plain.N = 1 << 19
	if err := i.Load(t.Context()); KindOf(err) != KindTooLarge {
		t.Errorf("%v, want too_large", err)
	}
	if err := i.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestImportTorn: what the end of the process has torn is gone at the next
// start.
func TestImportTorn(t *testing.T) {
	t.Parallel()
	archive := fullApp(t).export()
	f := open(t)
	i, err := f.NewImport(t.Context(), bytes.NewReader(archive))
	if err == nil {
		err = i.Load(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	if apps, err := f.Apps(t.Context(), "", 0); err != nil || len(apps) != 0 {
		t.Errorf("apps while one is imported: %+v, %v", apps, err)
	}
	i.upload.Close()
	if err := f.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	f = open(t, func(o *Options) { o.Path = f.opts.Path })
	f.round()
	f.empty("app", "app_gone", "kv", "doc", "collection", "blob", "site", "content", "chunk")
}

// FuzzArchive: no bytes from outside make the reader panic or give what is no
// key.
func FuzzArchive(f *testing.F) {
	f.Add([]byte("\x1f\x8b"))
	f.Add(fullApp(f).export())
	f.Add(pack(member{name: archiveManifest, data: `{"fazt":1,"app":"a"}`}, member{name: "docs/c/000001.jsonl", data: "{}"}))
	db := open(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := readAll(data); err != nil && KindOf(err) == "" {
			t.Errorf("an error without a kind: %v", err)
		}
		db := &fixture{DB: db.DB, t: t, clock: db.clock, opts: db.opts}
		err := db.imported(data)
		if err == nil {
			db.system(AppDelete{ID: "a"}, AppPurge{ID: "a"})
		} else if KindOf(err) == "" {
			t.Errorf("an import without a kind of error: %v", err)
		}
	})
}
