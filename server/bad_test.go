package server_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"fazt/server/op"
	"fazt/server/servertest"
	"fazt/storage"
)

// TestBadCases makes every call that must be refused, and looks at the whole
// store before and after: nothing may be half-done.
func TestBadCases(t *testing.T) {
	t.Parallel()
	cases := servertest.BadCases()
	if len(cases) < 120 {
		t.Errorf("only %d cases", len(cases))
	}
	names := map[string]bool{}
	w := servertest.Open(t) // one world for all: no case may change it
	w.Given(servertest.Prepare())
	for _, c := range cases {
		if names[c.Name] {
			t.Errorf("two cases are named %q", c.Name)
		}
		names[c.Name] = true
		t.Run(c.Name, func(t *testing.T) { runBad(t, w, c) })
	}
}

func runBad(t *testing.T, w *servertest.World, c servertest.BadCase) {
	if c.First != "" {
		w = servertest.Open(t) // its first call changes something
		w.Given(servertest.Prepare())
		if _, err := w.Call(c.Role, c.Operation, c.First, c.Envelope); err != nil {
			t.Fatalf("the first call: %v", err)
		}
	}
	input := strings.ReplaceAll(c.Input, "$cursor", cursorOf(t, w, c.Cursor))
	before := dump(t, w.DB)
	result, err := w.Call(c.Role, c.Operation, input, c.Envelope)
	var e *op.Error
	if !errors.As(err, &e) {
		t.Fatalf("answered %s, want %s", resultText(result), c.WantCode)
	}
	if e.Code != c.WantCode || e.Field != c.WantField {
		t.Errorf("%s in %q (%s), want %s in %q", e.Code, e.Field, e.Detail, c.WantCode, c.WantField)
	}
	if text := e.Detail + "\n" + e.Hint; !strings.Contains(text, c.HintContains) {
		t.Errorf("no %q in\n%s", c.HintContains, text)
	}
	if e.Detail == "" || strings.Contains(e.Detail, "of the other app") {
		t.Errorf("detail %q", e.Detail)
	}
	if after := dump(t, w.DB); after != before {
		t.Errorf("the store has changed\nbefore %s\nafter  %s", before, after)
	}
}

func resultText(r *op.Result) string {
	if r == nil {
		return "nothing"
	}
	return string(r.JSON)
}

func cursorOf(t *testing.T, w *servertest.World, call op.Given) string {
	t.Helper()
	if call.Op == "" {
		return ""
	}
	var page struct {
		Next *string `json:"next_cursor"`
	}
	if err := json.Unmarshal([]byte(w.Must(call.Op, call.In)), &page); err != nil || page.Next == nil {
		t.Fatalf("%s %s has no next page: %v", call.Op, call.In, err)
	}
	return *page.Next
}

// dump writes everything a call could change.
func dump(t *testing.T, db *storage.DB) string {
	t.Helper()
	ctx := t.Context()
	var out strings.Builder
	apps, err := db.Apps(ctx, "", 0)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(&out, "version %d apps %+v ", db.Version(), apps)
	for _, app := range apps {
		keys, _, err := db.KVList(ctx, app.ID, storage.KVQuery{Limit: storage.MaxPage})
		if err != nil {
			t.Fatal(err)
		}
		changes, err := db.Changes(ctx, app.ID, storage.ChangeQuery{Since: &storage.Cursor{}, Limit: storage.MaxPage})
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&out, "%s: %+v %+v ", app.ID, keys, changes)
	}
	tokens, err := db.Tokens(ctx, "", 0)
	if err != nil {
		t.Fatal(err)
	}
	settings, err := db.Settings(ctx)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(&out, "tokens %+v settings %s", tokens, settings)
	return out.String()
}
