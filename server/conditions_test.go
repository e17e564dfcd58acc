package server_test

import (
	"testing"

	"fazt/server/op"
	"fazt/server/servertest"
	"fazt/storage"
)

func TestConditions(t *testing.T) {
	t.Parallel()
	f := openFace(t) // the app is version 2 of a database whose tokens are version 1
	const key = "/api/apps/shop/kv/a"
	for _, c := range []struct {
		name    string
		q       request
		status  int
		code    op.Code
		etag    string
		current uint64
	}{
		{"must exist, and does not", request{method: "PUT", path: key, body: `{"value":1}`, headers: []string{"If-Match", "*"}}, 412, op.CodeVersionMismatch, "", 0},
		{"must not exist", request{method: "PUT", path: key, body: `{"value":1}`, headers: []string{"If-None-Match", "*"}}, 200, "", `"3"`, 0},
		{"must not exist, and does", request{method: "PUT", path: key, body: `{"value":2}`, headers: []string{"If-None-Match", "*"}}, 412, op.CodeVersionMismatch, "", 3},
		{"create_only", request{method: "PUT", path: key, body: `{"value":2,"create_only":true}`}, 409, op.CodeAlreadyExists, "", 3},
		{"read", request{method: "GET", path: key}, 200, "", `"3"`, 0},
		{"head", request{method: "HEAD", path: key}, 200, "", `"3"`, 0},
		{"known", request{method: "GET", path: key, headers: []string{"If-None-Match", `"3"`}}, 304, "", `"3"`, 0},
		{"known, weakly", request{method: "GET", path: key, headers: []string{"If-None-Match", `"1", W/"3"`}}, 304, "", `"3"`, 0},
		{"known at all", request{method: "GET", path: key, headers: []string{"If-None-Match", "*"}}, 304, "", `"3"`, 0},
		{"not known", request{method: "GET", path: key, headers: []string{"If-None-Match", `"2"`}}, 200, "", `"3"`, 0},
		{"read at another version", request{method: "GET", path: key, headers: []string{"If-Match", `"2"`}}, 412, op.CodeVersionMismatch, "", 0},
		{"write at another version", request{method: "PUT", path: key, body: `{"value":2}`, headers: []string{"If-Match", `"2"`}}, 412, op.CodeVersionMismatch, "", 3},
		{"write at its version", request{method: "PUT", path: key, body: `{"value":2}`, headers: []string{"If-Match", `"3"`}}, 200, "", `"4"`, 0},
		{"write what exists", request{method: "PUT", path: key, body: `{"value":2}`, headers: []string{"If-Match", "*"}}, 200, "", `"5"`, 0},
		{"said twice", request{method: "PUT", path: key, body: `{"value":2,"if_version":5}`, headers: []string{"If-Match", `"5"`}}, 400, op.CodeInvalidInput, "", 0},
		{"no tag", request{method: "PUT", path: key, body: `{"value":2}`, headers: []string{"If-Match", "5"}}, 400, op.CodeInvalidInput, "", 0},
		{"a list", request{method: "PUT", path: key, body: `{"value":2}`, headers: []string{"If-Match", `"5", "6"`}}, 400, op.CodeInvalidInput, "", 0},
		{"not at a version", request{method: "PUT", path: key, body: `{"value":2}`, headers: []string{"If-None-Match", `"5"`}}, 400, op.CodeInvalidInput, "", 0},
		{"a condition it cannot keep", request{method: "POST", path: "/api/apps/shop/kv:increment", body: `{"key":"n","by":1}`, headers: []string{"If-Match", `"5"`}}, 400, op.CodeInvalidInput, "", 0},
		{"existence it cannot keep", request{method: "POST", path: "/api/apps/shop/kv:increment", body: `{"key":"n","by":1}`, headers: []string{"If-Match", "*"}}, 400, op.CodeInvalidInput, "", 0},
		{"delete at another version", request{method: "DELETE", path: key, headers: []string{"If-Match", `"4"`}}, 412, op.CodeVersionMismatch, "", 5},
		{"delete at another version, by query", request{method: "DELETE", path: key + "?if_version=4"}, 412, op.CodeVersionMismatch, "", 5},
		{"delete", request{method: "DELETE", path: key, headers: []string{"If-Match", `"5"`}}, 200, "", "", 0},
		{"no such app", request{method: "PUT", path: "/api/apps/none/kv/a", body: `{"value":1}`, headers: []string{"If-Match", "*"}}, 404, "app_not_found", "", 0},
	} {
		a := f.do(c.q)
		if a.status != c.status || a.header.Get("ETag") != c.etag {
			t.Errorf("%s: %d, ETag %s: %s", c.name, a.status, a.header.Get("ETag"), a.body)
			continue
		}
		if (c.status == 304 || c.q.method == "HEAD") && a.body != "" {
			t.Errorf("%s: a body %s", c.name, a.body)
		}
		if c.code == "" {
			continue
		}
		p := a.problem(t)
		if p.Code != c.code || c.current != 0 && (p.CurrentVersion == nil || *p.CurrentVersion != c.current) {
			t.Errorf("%s: %s", c.name, a.body)
		}
	}
}

func TestEnvelope(t *testing.T) {
	t.Parallel()
	f := openFace(t)
	const key = "/api/apps/shop/kv/n"
	dry := f.put(key, `{"value":1}`, "Fazt-Dry-Run", "true")
	if dry.status != 200 || f.get(key).status != 404 {
		t.Errorf("a dry run wrote: %d %s", dry.status, dry.body)
	}
	add := request{method: "POST", path: "/api/apps/shop/kv:increment", body: `{"key":"n","by":1}`, headers: []string{"Idempotency-Key", "k1"}}
	first, second := f.do(add), f.do(add)
	if first.status != 200 || first.body != second.body {
		t.Errorf("repeated: %s, then %s", first.body, second.body)
	}
	add.body = `{"key":"n","by":2}`
	if a := f.do(add); a.status != 422 || a.problem(t).Code != op.CodeIdempotencyMismatch {
		t.Errorf("another input: %d %s", a.status, a.body)
	}
}

// TestAudit holds that a call is recorded under who made it and how.
func TestAudit(t *testing.T) {
	t.Parallel()
	f := openFace(t)
	f.do(request{method: "PUT", path: "/api/apps/shop/kv/a", body: `{"value":1}`, role: servertest.Agent, headers: []string{"User-Agent", "fazt-cli/1"}})
	entries, _, err := f.DB.AuditLog(t.Context(), storage.AuditQuery{Limit: 1})
	if err != nil || len(entries) != 1 {
		t.Fatalf("%v, %v", entries, err)
	}
	e := entries[0]
	if e.Principal != "agent" || e.Face != "cli" || e.App != "shop" || e.Operation != "kv_set" || e.RequestID == "" || e.Client != "fazt-cli/1" {
		t.Errorf("%+v", e)
	}
}
