package server_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"fazt/server/op"
	"fazt/server/servertest"
	"fazt/storage"
)

// table is a world with an uploaded file.
type table struct {
	*servertest.World
	t testing.TB
}

func newTable(t testing.TB) *table {
	w := servertest.Open(t)
	w.Must("app_create", `{"id":"shop"}`)
	return &table{w, t}
}

func (w *table) put(key, text string) {
	w.t.Helper()
	in, err := json.Marshal(map[string]string{"app": "shop", "key": key, "text": text})
	if err != nil {
		w.t.Fatal(err)
	}
	w.Must("blob_put", string(in))
}

type imported struct {
	Summary                           string
	Rows, Inserted, Replaced, Present int64
	Skipped                           int64
	Problems                          []struct {
		Line                  int
		Column, Value, Reason string
	}
	RejectedIn string `json:"rejected_in"`
	Version    uint64
}

func (w *table) load(members string) imported {
	w.t.Helper()
	var out imported
	if err := json.Unmarshal([]byte(w.Must("csv_import", `{"app":"shop","collection":"people",`+members+`}`)), &out); err != nil {
		w.t.Fatal(err)
	}
	return out
}

func (w *table) refused(members string, code op.Code) *op.Error {
	w.t.Helper()
	_, err := w.Call(servertest.Owner, "csv_import", `{"app":"shop","collection":"people",`+members+`}`, op.Envelope{})
	var e *op.Error
	if !errors.As(err, &e) || e.Code != code {
		w.t.Fatalf("%v, want %s", err, code)
	}
	return e
}

func (w *table) count() (n int64) {
	w.t.Helper()
	n, err := w.DB.DocCount(w.t.Context(), "shop", "people", nil)
	if err != nil && storage.KindOf(err) != storage.KindCollectionNotFound {
		w.t.Fatal(err)
	}
	return n
}

func (w *table) blob(key string) string {
	w.t.Helper()
	r, err := w.DB.OpenBlob(w.t.Context(), "shop", key)
	if err != nil {
		w.t.Fatal(err)
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	if err != nil {
		w.t.Fatal(err)
	}
	return string(b)
}

// TestImportAgain: a second import of a file stores nothing twice, with and
// without a column of ids, and one that was corrected goes on.
func TestImportAgain(t *testing.T) {
	t.Parallel()
	w := newTable(t)
	w.put("a.csv", "name,n\nAda,1\nBob,2\n")
	if out := w.load(`"key":"a.csv"`); out.Inserted != 2 || out.Summary != "2 inserted into people" {
		t.Errorf("%+v", out)
	}
	if out := w.load(`"key":"a.csv"`); out.Present != 2 || out.Inserted != 0 || w.count() != 2 {
		t.Errorf("%+v, %d documents", out, w.count())
	}
	w.put("b.csv", "id,n\nx,1\ny,2\n")
	w.load(`"key":"b.csv"`)
	w.put("b.csv", "id,n\nx,7\nz,2\n")
	if out := w.load(`"key":"b.csv"`); out.Replaced != 1 || out.Inserted != 1 || w.count() != 5 {
		t.Errorf("%+v, %d documents", out, w.count())
	}
	if got := w.Must("doc_get", `{"app":"shop","collection":"people","id":"x"}`); !strings.Contains(got, `"n":7`) {
		t.Error(got)
	}
}

// TestImportSkips: what does not fit is kept with its reasons, in a file that
// can be corrected and imported.
func TestImportSkips(t *testing.T) {
	t.Parallel()
	w := newTable(t)
	w.Must("collection_set", `{"app":"shop","collection":"people","indexes":[{"fields":["email"],"unique":true}],`+
		`"schema":{"properties":{"email":{"type":"string","pattern":"^[^@]+@[^@]+$"}}}}`)
	var file strings.Builder
	file.WriteString("name,email\n")
	for i := range 500 {
		email := fmt.Sprintf("u%d@example.org", i)
		switch i {
		case 36:
			email = "ana@"
		case 40:
			email = "u1@example.org"
		case 50:
			email = "u50@example.org,extra"
		}
		fmt.Fprintf(&file, "U%d,%s\n", i, email)
	}
	w.put("c.csv", file.String())
	e := w.refused(`"key":"c.csv"`, op.CodeInvalidInput)
	if !strings.Contains(e.Detail, "line 52 has 3 cells") || !strings.Contains(e.Detail, "nothing was stored") || w.count() != 0 {
		t.Errorf("%v, %d documents", e, w.count())
	}
	dry, err := w.Call(servertest.Owner, "csv_import", `{"app":"shop","collection":"people","key":"c.csv","on_error":"skip"}`, op.Envelope{DryRun: true})
	if err != nil || !strings.Contains(string(dry.JSON), "tried only: 497 inserted, 3 skipped") || w.count() != 0 {
		t.Fatalf("dry run: %s %v", dry.JSON, err)
	}
	out := w.load(`"key":"c.csv","on_error":"skip"`)
	const want = `497 inserted, 3 skipped into people: line 52 has 3 cells, and the first row has 2; rejected lines in imports/c-`
	if !strings.HasPrefix(out.Summary, want) || w.count() != 497 {
		t.Errorf("%s", out.Summary)
	}
	found := fmt.Sprint(out.Problems)
	for _, want := range []string{"{38 email ana@ does not fit the collection's schema: 'ana@' does not match pattern", "{42 email u1@example.org document"} {
		if !strings.Contains(found, want) {
			t.Errorf("no %q in %s", want, found)
		}
	}
	rejected := w.blob(out.RejectedIn)
	if !strings.HasPrefix(rejected, "_line,_reason,name,email\n") || !strings.Contains(rejected, "U36,ana@\n") || strings.Count(rejected, "\n") != 4 {
		t.Error(rejected)
	}
	w.put("fixed.csv", strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(rejected, "ana@", "ana@x.org"), "u1@", "v1@"), ",extra", ""))
	if out := w.load(`"key":"fixed.csv"`); out.Inserted != 3 || w.count() != 500 {
		t.Errorf("%+v, %d documents", out, w.count())
	}
}

// TestImportStops: the rows of earlier batches stand, the batch with the fault
// does not, and the import can be repeated.
func TestImportStops(t *testing.T) {
	t.Parallel()
	w := newTable(t)
	w.Must("collection_set", `{"app":"shop","collection":"people","indexes":[{"fields":["n"],"unique":true}]}`)
	lines := make([]string, 6001)
	lines[0] = "n,name"
	for i := 1; i <= 6000; i++ {
		lines[i] = fmt.Sprintf("%d,x", i)
	}
	lines[5500] = "7,twin"
	w.put("n.csv", strings.Join(lines, "\n"))
	e := w.refused(`"key":"n.csv"`, op.CodeUniqueViolation)
	if !strings.Contains(e.Detail, "line 5501 n «7»") || !strings.Contains(e.Detail, "the 5000 rows before line 5002 are stored") || w.count() != 5000 {
		t.Errorf("%v, %d documents", e, w.count())
	}
	if out := w.load(`"key":"n.csv","on_error":"skip"`); out.Present != 5000 || out.Inserted != 999 || out.Skipped != 1 {
		t.Errorf("%+v", out)
	}
}

// TestImportOnce: a repeated key answers what the first call answered, and
// after a failure it can be used again.
func TestImportOnce(t *testing.T) {
	t.Parallel()
	w := newTable(t)
	w.put("a.csv", "name,n\nAda,1\n")
	const in = `{"app":"shop","collection":"people","key":"a.csv"}`
	key := op.Envelope{IdempotencyKey: "k"}
	first, err := w.Call(servertest.Owner, "csv_import", in, key)
	if err != nil {
		t.Fatal(err)
	}
	again, err := w.Call(servertest.Owner, "csv_import", in, key)
	if err != nil || !again.Replayed || string(again.JSON) != string(first.JSON) {
		t.Errorf("%v %s, want %s", err, again.JSON, first.JSON)
	}
	key.IdempotencyKey = "l"
	const bad = `{"app":"shop","collection":"people","key":"bad.csv"}`
	w.put("bad.csv", "a,b\n1,2\n3\n")
	if _, err := w.Call(servertest.Owner, "csv_import", bad, key); op.AsError(err).Code != op.CodeInvalidInput {
		t.Error(err)
	}
	w.put("bad.csv", "a,b\n1,2\n3,4\n")
	if _, err := w.Call(servertest.Owner, "csv_import", bad, key); err != nil {
		t.Error(err)
	}
}

// TestImportJSON: lines and arrays of objects, with what is wrong with single
// ones.
func TestImportJSON(t *testing.T) {
	t.Parallel()
	w := newTable(t)
	w.put("a.jsonl", "{\"id\":\"a\",\"n\":1.00}\n{\"$x\":1}\nnull\n{\"id\":\"b\",\"deep\":{\"x\":[1]}}\n")
	out := w.load(`"key":"a.jsonl","on_error":"skip"`)
	if out.Inserted != 2 || out.Skipped != 2 || !strings.HasSuffix(out.RejectedIn, ".jsonl") {
		t.Errorf("%+v", out)
	}
	if got := w.Must("doc_get", `{"app":"shop","collection":"people","id":"a"}`); !strings.Contains(got, `{"id":"a","n":1.00}`) {
		t.Error(got)
	}
	w.put("b.json", `[{"n":1},{"n":2}]`)
	if out := w.load(`"key":"b.json"`); out.Inserted != 2 {
		t.Errorf("%+v", out)
	}
}

// TestExportCollection: what is exported is what was imported, and text that a
// spreadsheet would run is made inert unless that is not wanted.
func TestExportCollection(t *testing.T) {
	t.Parallel()
	w := newTable(t)
	w.put("a.csv", "id,name,n,note\n1,\"a, \"\"b\"\"\",-1.50,=cmd()\n2,\"x\ny\",,+49\n")
	w.load(`"key":"a.csv"`)
	w.Must("doc_insert", `{"app":"shop","collection":"people","doc":{"id":"3","tags":["t"],"ok":true}}`)
	for in, want := range map[string]string{
		`{}`: "id,name,n,note,tags,ok\n1,\"a, \"\"b\"\"\",-1.50,'=cmd(),,\n2,\"x\ny\",,'+49,,\n3,,,,\"[\"\"t\"\"]\",true\n",
		`{"formulas":"keep","filter":{"n":-1.5}}`: "id,name,n,note\n1,\"a, \"\"b\"\"\",-1.50,=cmd()\n",
		`{"format":"jsonl","filter":{"ok":true}}`: `{"id":"3","tags":["t"],"ok":true}` + "\n",
	} {
		result, err := w.Call(servertest.Owner, "csv_export", strings.Replace(in, "{", `{"app":"shop","collection":"people"`+strings.Repeat(",", min(1, len(in)-2)), 1), op.Envelope{})
		if err != nil {
			t.Fatal(err)
		}
		var got strings.Builder
		if err := result.Body.Write(t.Context(), &got); err != nil || got.String() != want {
			t.Errorf("%s: %v\n got %q\nwant %q", in, err, got.String(), want)
		}
	}
}

// TestImportLarge: the time and the memory of 100,000 rows.
func TestImportLarge(t *testing.T) {
	if testing.Short() || raceEnabled {
		t.Skip("a measurement")
	}
	w := newTable(t)
	var file strings.Builder
	file.WriteString("name,email,age,city,joined,active\n")
	const rows = 100_000
	for i := range rows {
		fmt.Fprintf(&file, "Person %d,p%d@example.org,%d,City %d,2026-01-%02d,true\n", i, i, i%90, i%1000, i%28+1)
	}
	size := file.Len()
	w.put("large.csv", file.String())
	file.Reset()
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	out := w.load(`"key":"large.csv"`)
	took := time.Since(start)
	runtime.ReadMemStats(&after)
	if out.Inserted != rows || w.count() != rows {
		t.Fatalf("%+v", out)
	}
	t.Logf("%d rows (%.1f MB) in %v: %.0f rows a second; the heap grew by %.1f MB", rows, float64(size)/1e6, took.Round(time.Millisecond),
		rows/took.Seconds(), float64(int64(after.HeapInuse)-int64(before.HeapInuse))/1e6)
	if grown := int64(after.HeapInuse) - int64(before.HeapInuse); grown > 128<<20 {
		t.Errorf("the heap grew by %d bytes", grown)
	}
}
