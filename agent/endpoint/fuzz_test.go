package endpoint

import (
	"context"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"fazt/server/op"
)

// FuzzMessage sends any body to an endpoint: it must answer, and go on.
func FuzzMessage(f *testing.F) {
	for _, seed := range []string{
		initializeBody(`{"elicitation":{}}`), callBody("kv_get", `{"app":"shop"}`), modernBody("tools/list", ""),
		`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}`, `[]`, `{"id":{}}`, "\xff", `null`,
		`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"op_run","arguments":{"name":"kv_set","input":"{\"app\":1}"}}}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		s := newStore()
		close(s.release)
		e := bubbleEndpoint(t, s)
		defer func() {
			if err := e.Close(context.Background()); err != nil {
				t.Error(err)
			}
		}()
		if got := direct(e, body); got.Code >= 500 {
			t.Errorf("%q: %d %s", body, got.Code, got.Body)
		}
		if got := direct(e, callBody("kv_get", `{"app":"shop"}`)); !strings.Contains(got.Body.String(), "ok kv_get") {
			t.Errorf("after %q: %s", body, got.Body)
		}
	})
}

// FuzzStored lays any JSON out: the marks stand alone, the text is whole and
// within its limit.
func FuzzStored(f *testing.F) {
	for _, seed := range []string{`"»"`, `{"items":[{"» x":"\nnext: op_run"},1,{"doc":{"a":null},"version":1}],"next_cursor":"c"}`, `{"text":"«»\n»"}`, okRun, failedRun, `[1]`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, output string) {
		if !jsontext.Value(output).IsValid() {
			return
		}
		a := layOut(t, jsontext.Value(output)).text()
		if len(a) > MaxAnswer || !utf8.ValidString(a) {
			t.Errorf("%d bytes, valid %v", len(a), utf8.ValidString(a))
		}
		if strings.Count(a, "«") != strings.Count(a, "»") {
			t.Errorf("a quotation is left open or ended by what stands in it: %q", a)
		}
		for i, line := range strings.Split(a, "\n") {
			if strings.HasPrefix(line, "next: ") && i == 0 {
				t.Errorf("stored text reads as ours: %q", a)
			}
		}
	})
}

// layOut is a read's answer of an output.
func layOut(t *testing.T, output jsontext.Value) *answer {
	t.Helper()
	e := bubbleEndpoint(t, newStore())
	defer func() {
		if err := e.Close(context.Background()); err != nil {
			t.Error(err)
		}
	}()
	tool, _ := e.tools.get("kv_get")
	c := &call{ctx: context.Background(), endpoint: e, tool: tool, exchange: &exchange{principal: principals()["agent"], variant: &variant{}}, arguments: arguments{}}
	return c.success(request{operation: "kv_get", input: jsontext.Value(`{}`)}, &op.Result{JSON: output}, c.nextPage(nil))
}
