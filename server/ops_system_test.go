package server_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fazt/server/op"
	"fazt/server/servertest"
	"fazt/storage"
)

func TestStatus(t *testing.T) {
	t.Parallel()
	w := openShop(t)
	w.Service.Parts = append(w.Service.Parts,
		func(_ context.Context, p *op.Principal) (string, any) { return "tabs", []string{p.Name} },
		func(context.Context, *op.Principal) (string, any) { return "", "left out" },
	)
	w.Clock.Add(time.Minute)
	w.Must("kv_set", `{"app":"shop","key":"user/cleo","value":{"name":"Cleo","tags":["a",1],"address":{"city":"Rome"}}}`)
	play(t, w, []scenario{
		{name: "health", op: "system_status", input: `{}`, want: []string{`"status":"ok"`, `"uptime_ms":60000`, `"tabs":["owner"]`}, not: []string{`"app":`, "left out"}},
		{
			name: "a map", role: servertest.Agent, op: "system_status", input: `{"app":"shop"}`,
			want: []string{
				`{"prefix":"user/","count":3,"shape":"{name: string, age?: number, tags?: [string | number], address?: {city: string}}","example":"user/ada"}`,
				`"plain":["full","word"]`,
			},
			not: []string{"hidden", "Ada", "Rome", "9223372036854775807"},
		},
		{name: "an empty app", op: "system_status", input: `{"app":"other"}`, want: []string{`"prefix":"hidden/"`, `"plain":["hidden"]`}, not: []string{"user/"}},
	})
	principal := servertest.Admin.Principal()
	principal.Scopes, _ = op.NewScopeSet("system:read")
	result, err := w.Registry.Call(t.Context(), op.Request{Operation: "system_status", Principal: principal, Input: []byte(`{"app":"shop"}`), App: "shop"})
	if err != nil || !strings.Contains(string(result.JSON), `"keys":null`) {
		t.Errorf("without kv:read: %s, %v", resultText(result), err)
	}
}

// TestStatusIsShort: the map of a large app fits an agent's attention.
func TestStatusIsShort(t *testing.T) {
	t.Parallel()
	w := servertest.Open(t)
	w.Must("app_create", `{"id":"big"}`)
	var b storage.Batch
	b.App = "big"
	for i := range 3000 {
		b.Mutations = append(b.Mutations, storage.KVSet{
			Key: fmt.Sprintf("family%02d/%04d", i%60, i), Value: []byte(`{"a":1,"b":"` + strings.Repeat("x", 500) + `","c":[1,2,3],"d":{"e":{"f":{"g":1}}}}`),
		})
	}
	if _, err := w.DB.Write(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	out := w.Must("system_status", `{"app":"big"}`)
	if len(out) > 5000 {
		t.Errorf("%d bytes: %s", len(out), out)
	}
	for _, want := range []string{`"count":3000`, `"prefix":"family00/","count":50`, `{a: number, b: string, c: [number], d: {e: {f: {…}}}}`, `"unseen":true`} {
		if !strings.Contains(out, want) {
			t.Errorf("no %s in %s", want, out)
		}
	}
}

// TestBackup: what is streamed is a database that opens and holds everything.
func TestBackup(t *testing.T) {
	t.Parallel()
	w := openShop(t)
	result, err := w.Call(servertest.Admin, "system_backup", `{}`, op.Envelope{})
	if err != nil {
		t.Fatal(err)
	}
	if result.Body.Type != "application/vnd.sqlite3" || result.Body.Filename != "fazt-20251124-160000.db" {
		t.Errorf("body %+v", result.Body)
	}
	var copied bytes.Buffer
	if err := result.Body.Write(t.Context(), &copied); err != nil {
		t.Fatal(err)
	}
	db := openCopy(t, copied.Bytes())
	if e, err := db.KVGet(t.Context(), "other", "hidden"); err != nil || string(e.Value) != `"of the other app"` {
		t.Errorf("the copy holds %+v, %v", e, err)
	}
}

func openCopy(t *testing.T, data []byte) *storage.DB {
	t.Helper()
	path := filepath.Join(t.TempDir(), "copy.db")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := storage.Open(t.Context(), storage.Options{Path: path, Now: time.Now, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return db
}

// TestAuditLog: what changed something, was tried or was forbidden is in the log
// with who and how; what was read is not.
func TestAuditLog(t *testing.T) {
	t.Parallel()
	w := servertest.Open(t)
	w.Must("app_create", `{"id":"shop"}`)
	w.Must("kv_set", `{"app":"shop","key":"a","value":"a secret value"}`)
	w.Must("kv_get", `{"app":"shop","key":"a"}`)
	refused(t, w, servertest.Scoped, "kv_delete", `{"app":"shop","key":"a"}`, op.Envelope{}, op.CodeForbidden)
	refused(t, w, servertest.Watcher, "kv_get", `{"app":"shop","key":"a"}`, op.Envelope{}, op.CodeForbidden)
	refused(t, w, servertest.Owner, "kv_get", `{"app":"shop","key":"b"}`, op.Envelope{}, "key_not_found")
	refused(t, w, servertest.Agent, "kv_set", `{"app":"shop","key":"a","value":1,"if_version":9}`, op.Envelope{}, op.CodeVersionMismatch)
	refused(t, w, servertest.Agent, "app_delete", `{"app":"shop"}`, op.Envelope{}, op.CodeConfirmationRequired)
	refused(t, w, servertest.Stranger, "kv_set", `{"app":"shop","key":"a","value":1}`, op.Envelope{}, op.CodeUnauthenticated)
	if _, err := w.Call(servertest.Agent, "kv_delete", `{"app":"shop","key":"a"}`, op.Envelope{DryRun: true}); err != nil {
		t.Fatal(err)
	}
	w.Must("kv_increment", `{"app":"shop","key":"n"}`) // a commit, which takes the entries that nobody waited for with it
	play(t, w, []scenario{
		{
			name: "everything", op: "system_audit", input: `{"app":"shop"}`,
			want: []string{
				`"operation":"kv_set","app":"shop","code":"ok"`, `"principal":"t_scoped","kind":"service","face":"test","client":"servertest","operation":"kv_delete","app":"shop","code":"forbidden"`,
				`"operation":"kv_get","app":"shop","code":"forbidden"`, `"code":"version_mismatch"`, `"code":"confirmation_required"`,
				`"operation":"kv_delete","app":"shop","code":"ok","duration_us":0,"version":0`,
			},
			not: []string{"secret value", "unauthenticated", "key_not_found", `"operation":"kv_get","app":"shop","code":"ok"`},
		},
		{name: "of one caller", op: "system_audit", input: `{"principal":"t_agent"}`, want: []string{"confirmation_required"}, not: []string{"t_owner"}},
		{name: "of one code", op: "system_audit", input: `{"code":"forbidden"}`, want: []string{"t_watcher"}, not: []string{`"ok"`}},
		{name: "none", op: "system_audit", input: `{"operation":"nothing"}`, want: []string{`{"items":[],"next_cursor":null}`}},
	})
	_, pages := walk(t, w, "system_audit", `"limit":2,"app":"shop"`)
	if pages < 4 {
		t.Errorf("%d pages", pages)
	}
}
