package server_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"fazt/server/op"
	"fazt/server/servertest"
)

func TestChanges(t *testing.T) {
	t.Parallel()
	w := openShop(t)
	from := cursorNow(t, w, "shop")
	w.Must("kv_set", `{"app":"shop","key":"user/eve","value":1}`)
	w.Must("kv_set", `{"app":"shop","key":"user/eve","value":2}`)
	w.Must("kv_delete", `{"app":"shop","key":"word"}`)
	w.Must("kv_set", `{"app":"other","key":"hidden","value":"still the other's"}`)
	since := `"since":"` + from + `"`
	play(t, w, []scenario{
		{
			name: "what happened", op: "change_list", input: `{"app":"shop",` + since + `}`,
			want: []string{`"op":"set","key":"user/eve"`, `"op":"delete","key":"word"`, `"principal":"t_owner"`},
			not:  []string{`"value"`, "hidden", "user/ada"},
		},
		{
			name: "with the values that still stand", op: "change_list", input: `{"app":"shop","values":true,` + since + `}`,
			want: []string{`"value":2`}, not: []string{`"value":1`, `"value":null`},
		},
		{name: "of a prefix", op: "change_list", input: `{"app":"shop","prefix":"user/",` + since + `}`, want: []string{"user/eve"}, not: []string{"word"}},
		{name: "without values for who may not read keys", role: servertest.Watcher, op: "change_list", input: `{"app":"shop",` + since + `}`, want: []string{"user/eve"}, not: []string{`"value"`}},
		{name: "from now on", op: "change_list", input: `{"app":"shop"}`, want: []string{`"items":[]`}},
		{
			name: "of the system", op: "system_changes", input: `{"since":"0.0"}`,
			want: []string{`"kind":"app","op":"create","id":"shop"`, `"kind":"token","op":"create","id":"agent"`}, not: []string{"user/", `"key"`},
		},
		{name: "of the system, of one kind", op: "system_changes", input: `{"since":"0.0","kinds":["token"],"prefix":"own"}`, want: []string{`"id":"owner"`}, not: []string{"shop", `"id":"agent"`}},
	})
}

func cursorNow(t *testing.T, w *servertest.World, app string) string {
	t.Helper()
	var page struct {
		Next string `json:"next_cursor"`
	}
	if err := json.Unmarshal([]byte(w.Must("change_list", `{"app":"`+app+`"}`)), &page); err != nil {
		t.Fatal(err)
	}
	return page.Next
}

// TestChangePages: following page by page hears every change once, in order.
func TestChangePages(t *testing.T) {
	t.Parallel()
	w := openShop(t)
	since := cursorNow(t, w, "shop")
	for _, key := range []string{"a", "b", "c", "d", "e"} {
		w.Must("kv_set", `{"app":"shop","key":"`+key+`","value":1}`)
	}
	heard := ""
	for range 4 {
		var page struct {
			Items []struct{ Key string }
			Next  string `json:"next_cursor"`
		}
		if err := json.Unmarshal([]byte(w.Must("change_list", `{"app":"shop","limit":2,"since":"`+since+`"}`)), &page); err != nil {
			t.Fatal(err)
		}
		for _, item := range page.Items {
			heard += item.Key
		}
		since = page.Next
	}
	if heard != "abcde" {
		t.Errorf("heard %q", heard)
	}
}

// TestLongPoll: a call that waits hears the first change that matches, and
// holds no permit meanwhile.
func TestLongPoll(t *testing.T) {
	t.Parallel()
	w := openShop(t)
	gate := newGate()
	registry := op.NewRegistry(op.Ports{Admitter: gate, Recorder: op.RecordNone{}, Approver: op.ApproveAll{}, Now: w.Clock.Now})
	if err := registry.Add(w.Service.Operations()...); err != nil {
		t.Fatal(err)
	}
	answers := make(chan string, 1)
	go func() {
		result, err := registry.Call(t.Context(), op.Request{
			Operation: "change_list", Principal: servertest.Owner.Principal(), App: "shop",
			Input: []byte(`{"app":"shop","prefix":"wanted","wait_ms":30000,"values":true}`),
		})
		if err != nil {
			answers <- err.Error()
			return
		}
		answers <- string(result.JSON)
	}()
	<-gate.released // it waits
	w.Must("kv_set", `{"app":"shop","key":"other thing","value":1}`)
	w.Must("kv_set", `{"app":"shop","key":"wanted","value":"here"}`)
	if got := <-answers; !strings.Contains(got, `"value":"here"`) || strings.Contains(got, "other thing") {
		t.Errorf("heard %s", got)
	}
}

// gate is an admitter that tells when a permit is given back for the first
// time.
type gate struct{ released chan struct{} }

func newGate() *gate { return &gate{released: make(chan struct{}, 100)} }

func (g *gate) Admit(context.Context, *op.Principal, *op.Operation) (op.Permit, error) { return g, nil }

func (g *gate) Release() { g.released <- struct{}{} }

// TestLongPollEnds: it answers an empty page when its time is over, and ends
// with its caller.
func TestLongPollEnds(t *testing.T) {
	t.Parallel()
	w := openShop(t)
	if got := w.Must("change_list", `{"app":"shop","wait_ms":1}`); !strings.Contains(got, `"items":[]`) {
		t.Error(got)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := w.CallContext(ctx, servertest.Owner, "change_list", `{"app":"shop","wait_ms":30000}`, op.Envelope{})
	var e *op.Error
	if !errors.As(err, &e) || e.Code != op.CodeDeadline {
		t.Errorf("a caller that left: %v", err)
	}
}

// TestFollow: a stream gives what was there behind its cursor, then what comes,
// each once; after a reader's own deadline it goes on where it was.
func TestFollow(t *testing.T) {
	t.Parallel()
	w := openShop(t)
	since := cursorNow(t, w, "shop")
	w.Must("kv_set", `{"app":"shop","key":"before","value":1}`)
	stream := openStream(t, w, servertest.Owner, "change_follow", `{"app":"shop","values":true,"since":"`+since+`"}`)
	first := next(t, stream)
	if first.Type != "change" || !strings.Contains(encoded(t, first.Data), `"key":"before"`) {
		t.Errorf("first event %+v", first)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := stream.Next(ended); !errors.Is(err, context.Canceled) {
		t.Errorf("a reader that left: %v", err)
	}
	go w.Must("batch_write", `{"app":"shop","mutations":[{"op":"kv_set","key":"x","value":"one"},{"op":"kv_set","key":"y","value":"two"}]}`)
	for _, want := range []string{`"value":"one"`, `"value":"two"`} {
		if got := encoded(t, next(t, stream).Data); !strings.Contains(got, want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
	w.Must("app_delete", `{"app":"shop"}`)
	_, err := stream.Next(t.Context())
	var e *op.Error
	if !errors.As(err, &e) || e.Code != "app_not_found" {
		t.Errorf("after its app was deleted: %v", err)
	}
	// From the last event's id on, another stream misses nothing.
	system := openStream(t, w, servertest.Owner, "system_follow", `{"since":"0.0","kinds":["app"]}`)
	for range 2 {
		next(t, system)
	}
	if got := encoded(t, next(t, system).Data); !strings.Contains(got, `"op":"delete","id":"shop"`) {
		t.Errorf("the system's feed says %s", got)
	}
}

func openStream(t *testing.T, w *servertest.World, role servertest.Role, operation, input string) op.Stream {
	t.Helper()
	result, err := w.Call(role, operation, input, op.Envelope{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := result.Stream.Close(); err != nil {
			t.Error(err)
		}
	})
	return result.Stream
}

func next(t *testing.T, stream op.Stream) op.Event {
	t.Helper()
	e, err := stream.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func encoded(t *testing.T, v any) string {
	t.Helper()
	text, err := op.Encode(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestStreamsThatCannotBegin are refused as calls, before any event.
func TestStreamsThatCannotBegin(t *testing.T) {
	t.Parallel()
	w := openShop(t)
	for _, c := range []struct {
		role             servertest.Role
		operation, input string
		code             op.Code
	}{
		{servertest.Owner, "change_follow", `{"app":"none"}`, "app_not_found"},
		{servertest.Owner, "change_follow", `{"app":"shop","since":"999999.0"}`, op.CodeCompacted},
		{servertest.Owner, "change_follow", `{"app":"shop","since":"now"}`, op.CodeInvalidInput},
		{servertest.Watcher, "change_follow", `{"app":"shop","values":true}`, op.CodeForbidden},
		{servertest.Watcher, "system_follow", `{}`, op.CodeForbidden},
		{servertest.Bound, "change_follow", `{"app":"other"}`, "app_not_found"},
		{servertest.Owner, "system_follow", `{"since":"999999.0"}`, op.CodeCompacted},
	} {
		refused(t, w, c.role, c.operation, c.input, op.Envelope{}, c.code)
	}
}
