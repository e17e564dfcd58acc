package server_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"testing"
	"time"

	"fazt/server"
	"fazt/server/op"
	"fazt/server/servertest"
)

// TestSlowCalls: a call over the limit is kept with what its time went into;
// what it waits for without a permit is no part of it.
func TestSlowCalls(t *testing.T) {
	t.Parallel()
	w := servertest.Open(t)
	log := server.NewSlowLog(func(context.Context) time.Duration { return 100 * time.Millisecond }, slog.New(slog.DiscardHandler))
	recorder := server.NewRecorder(w.DB, slog.New(slog.DiscardHandler))
	recorder.Now, recorder.Slow = w.Clock.Now, log
	registry := op.NewRegistry(op.Ports{Admitter: slowGate{w.Clock}, Recorder: recorder, Approver: op.ApproveAll{}, Now: w.Clock.Now})
	type in struct {
		Work int `json:"work" doc:"ms"`
		Wait int `json:"wait" doc:"ms"`
	}
	err := registry.Add(op.Define(op.Operation{
		Name: "kv_work", Summary: "Work", Scope: "kv:read", Effect: op.Read, Method: "GET", Path: "/api/work",
	}, func(ctx context.Context, in in) (struct{}, error) {
		w.Clock.Add(time.Duration(in.Work) * time.Millisecond)
		op.From(ctx).Committed(20*time.Millisecond, 30*time.Millisecond)
		return struct{}{}, op.From(ctx).Idle(ctx, func() error { w.Clock.Add(time.Duration(in.Wait) * time.Millisecond); return nil })
	}))
	if err != nil {
		t.Fatal(err)
	}
	for _, input := range []string{`{"work":10,"wait":5000}`, `{"work":150,"wait":5000}`} {
		if _, err := registry.Call(t.Context(), op.Request{Operation: "kv_work", Principal: servertest.Owner.Principal(), Input: []byte(input), RequestID: "r"}); err != nil {
			t.Fatal(err)
		}
	}
	calls, all := log.Calls()
	if len(calls) != 1 || all != 1 {
		t.Fatalf("%+v", calls)
	}
	want := server.SlowCall{
		At: w.Clock.Now(), Operation: "kv_work", Principal: "t_owner", Code: "ok", RequestID: "r", Took: 164 * time.Millisecond,
		Admit: 14 * time.Millisecond, Queue: 20 * time.Millisecond, Commit: 30 * time.Millisecond, Handle: 100 * time.Millisecond,
	}
	if calls[0] != want {
		t.Errorf("got %+v\nwant %+v", calls[0], want)
	}
}

// slowGate lets every call in after 7 ms.
type slowGate struct{ clock *servertest.Clock }

func (g slowGate) Admit(context.Context, *op.Principal, *op.Operation) (op.Permit, error) {
	g.clock.Add(7 * time.Millisecond)
	return op.AdmitAll{}.Admit(context.Background(), nil, nil)
}

// TestSystemSlow: the last 256 are kept, newest first, and the operation says
// from when on a call is slow.
func TestSystemSlow(t *testing.T) {
	t.Parallel()
	w := openShop(t)
	w.Service.Slow = server.NewSlowLog(func(context.Context) time.Duration { return 0 }, slog.New(slog.DiscardHandler))
	recorder := server.NewRecorder(w.DB, slog.New(slog.DiscardHandler))
	recorder.Now, recorder.Slow = w.Clock.Now, w.Service.Slow
	registry := op.NewRegistry(op.Ports{Admitter: op.AdmitAll{}, Recorder: recorder, Approver: op.ApproveAll{}, Now: w.Clock.Now})
	if err := registry.Add(w.Service.Operations()...); err != nil {
		t.Fatal(err)
	}
	call := func(name, input string) string {
		t.Helper()
		result, err := registry.Call(t.Context(), op.Request{Operation: name, Principal: servertest.Owner.Principal(), Input: []byte(input), App: op.PeekApp([]byte(input))})
		if err != nil {
			t.Fatal(err)
		}
		return string(result.JSON)
	}
	for range 300 {
		call("kv_get", `{"app":"shop","key":"word"}`)
	}
	call("kv_set", `{"app":"shop","key":"word","value":2}`)
	var out struct {
		OverMS int64 `json:"over_ms"`
		Items  []struct{ Operation, App, Code string }
		Kept   struct{ All int }
	}
	if err := json.Unmarshal([]byte(call("system_slow", `{"limit":256}`)), &out); err != nil {
		t.Fatal(err)
	}
	if len(out.Items) != 256 || out.Items[0].Operation != "kv_set" || out.Items[0].App != "shop" || out.Items[255].Operation != "kv_get" || out.Kept.All != 301 {
		t.Errorf("%d items, first %+v, %d in all", len(out.Items), out.Items[0], out.Kept.All)
	}
	if err := json.Unmarshal([]byte(call("system_slow", `{"operation":"kv_set"}`)), &out); err != nil || len(out.Items) != 1 {
		t.Errorf("%+v, %v", out.Items, err)
	}
}

// TestProfiles: only a person who may change the system sees them, and only at
// the admin host.
func TestProfiles(t *testing.T) {
	t.Parallel()
	f := openTracked(t)
	get := func(role servertest.Role, path string) answer {
		return f.do(request{method: "GET", path: path, role: role})
	}
	for role, want := range map[servertest.Role]int{
		servertest.Owner: 200, servertest.Stranger: 401, servertest.Agent: 403, servertest.Admin: 403, servertest.Bound: 403, servertest.Reader: 403,
	} {
		for _, path := range []string{"/debug/pprof/", "/debug/pprof/goroutine?debug=1", "/debug/pprof/cmdline"} {
			if a := get(role, path); a.status != want {
				t.Errorf("%s %s: %d, want %d", role, path, a.status, want)
			}
		}
	}
	if a := get(servertest.Owner, "/debug/pprof/heap"); a.status != 200 || len(a.body) == 0 {
		t.Errorf("heap: %d", a.status)
	}
	if a := get(servertest.Owner, "/debug/pprof/profile?seconds=3600"); a.status != 400 {
		t.Errorf("an hour's profile: %d", a.status)
	}
	if a := f.do(request{method: "GET", path: "/debug/pprof/heap", host: "shop.localhost"}); a.status == 200 {
		t.Error("an app's host shows profiles")
	}
	if a := f.do(request{method: "POST", path: "/debug/pprof/symbol", body: "x"}); a.status != 405 {
		t.Errorf("POST: %d", a.status)
	}
}
