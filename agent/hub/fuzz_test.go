package hub

import (
	"context"
	"testing"

	"fazt/server/op"
)

// FuzzMessage feeds a tab what a page might say: nothing of it may fault, and
// a call under way is answered at most once.
func FuzzMessage(f *testing.F) {
	for _, seed := range []string{
		`{"jsonrpc":"2.0","id":1,"result":{}}`,
		`{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"x","data":{"code":"covered","hint":"y"}}}`,
		`{"jsonrpc":"2.0","method":"acted","params":{"id":1}}`,
		`{"jsonrpc":"2.0","method":"nav","params":{"url":"/","title":"x","epoch":"e2"}}`,
		`{"jsonrpc":"2.0","method":"closing"}`, `{"jsonrpc":"2.0","method":"control","params":{"do":"stop"}}`,
		`{"jsonrpc":"2.0","method":"userInput","params":null}`, `[]`, `null`, `{"id":18446744073709551616}`,
	} {
		f.Add([]byte(seed))
	}
	h := New(Options{})
	f.Cleanup(func() { _ = h.Shutdown(context.Background()) })
	f.Fuzz(func(t *testing.T, data []byte) {
		tab := newTab(h, &op.Principal{ID: "p"}, Person)
		c := &call{id: 1, method: method{name: "step", mutates: true}, done: make(chan outcome, 1), epoch: "e1"}
		tab.calls[1], tab.epoch = c, "e1"
		tab.receive(data)
		tab.receive(data)
		tab.end(closedError())
		<-c.done
	})
}

// FuzzMethod sorts any call: what mutates must never pass for a read.
func FuzzMethod(f *testing.F) {
	for _, seed := range [][2]string{
		{"act", `{"action":"click"}`}, {"act", `{"action":"goto","args":["/x"]}`}, {"act", `{"action":"count"}`},
		{"step", `{"step":"goto /x"}`}, {"step", `{"step":" expect T visible"}`}, {"look", `{}`}, {"goto", `{"url":1}`},
	} {
		f.Add(seed[0], []byte(seed[1]))
	}
	f.Fuzz(func(t *testing.T, name string, params []byte) {
		m, out, err := methodOf(name, params)
		if err == nil && len(params) > 0 && len(out) == 0 {
			t.Errorf("%s %q lost its parameters", name, params)
		}
		if err == nil && (m.name == "goto" || m.name == "reload" || m.name == "back") && !m.mutates {
			t.Errorf("%s %q leads away and passes for a read", name, params)
		}
	})
}
