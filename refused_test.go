package main

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"fazt/server/op"
	"fazt/server/servertest"
)

// TestRefusedAlike makes every call that must be refused over HTTP, and then
// on the other faces, which must answer the same code and the same hint.
func TestRefusedAlike(t *testing.T) {
	t.Parallel()
	registry, err := describe()
	if err != nil {
		t.Fatal(err)
	}
	cases := slices.DeleteFunc(servertest.BadCases(), func(c servertest.BadCase) bool { return c.Raw })
	// What changes something before it is refused goes last.
	slices.SortStableFunc(cases, func(a, b servertest.BadCase) int { return cmp.Compare(len(a.First), len(b.First)) })
	for _, kind := range []string{"HTTP", "CLI", "MCP", "ES module"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			w := newRefusals(t, registry, kind)
			for _, c := range cases {
				if c.Role == servertest.Stranger && kind != "HTTP" {
					continue // the other faces do not get as far as a call
				}
				t.Run(c.Name, func(t *testing.T) { w.refuse(t, c) })
			}
		})
	}
}

// refusals is a prepared server with the faces of each role.
type refusals struct {
	registry *op.Registry
	owner    face
	faces    map[servertest.Role]face
	plain    map[servertest.Role]face
}

func newRefusals(t *testing.T, registry *op.Registry, kind string) *refusals {
	t.Helper()
	p := serve(t)
	w := &refusals{registry: registry, owner: newPlainHTTP(t, p, ownerSecret), faces: map[servertest.Role]face{}, plain: map[servertest.Role]face{}}
	for _, given := range servertest.Prepare() {
		must(t, w.owner, registry, given.Op, given.In)
	}
	var roles []servertest.Role // those with a token
	var tokens []string
	for _, role := range append(servertest.Roles(), servertest.Stranger, "") {
		token := ""
		switch role {
		case servertest.Owner, "":
			token = ownerSecret
		case servertest.Agent:
			token = p.agent
		case servertest.Stranger:
		default:
			token = roleToken(t, w.owner, registry, role)
		}
		w.plain[role] = newPlainHTTP(t, p, token)
		if w.faces[role] = w.plain[role]; token != "" {
			roles, tokens = append(roles, role), append(tokens, token)
		}
	}
	for i, f := range facesOf(t, p, kind, tokens...) {
		w.faces[roles[i]] = f
	}
	return w
}

func (w *refusals) refuse(t *testing.T, c servertest.BadCase) {
	o, err := w.registry.Find(c.Operation)
	if err != nil {
		t.Skipf("no operation to describe: %v", err) // a call of one that does not exist is the registry's own test
	}
	f := w.faces[c.Role]
	if f.name() == "MCP" && (len(c.Input) > maxMessage || o.Bytes) {
		return // refused before it is a call: too long a message, or bytes that no model reads
	}
	if f.name() == "CLI" && (len(c.Input) > maxArgument || strings.Contains(c.Input, `\u0000`)) {
		return // no command line can carry it
	}
	if c.First != "" {
		if got := f.call(t.Context(), t, o, []byte(c.First), c.Envelope); got.Code != "" {
			t.Fatalf("the first call: %s", got)
		}
	}
	input := strings.ReplaceAll(c.Input, "$cursor", w.cursor(t, c.Cursor))
	reference := w.plain[c.Role].call(t.Context(), t, o, []byte(input), c.Envelope)
	elsewhere := strings.Contains(input, `"t_`) || reference.Code == string(op.CodeInvalidPath) // an id of another world, a path that cannot be
	if reference.Code != string(c.WantCode) && !elsewhere {
		t.Errorf("HTTP: %s, want %s", reference, c.WantCode)
	}
	got := f.call(t.Context(), t, o, []byte(input), c.Envelope)
	if f.name() == "MCP" && o.PeopleOnly && got.Code == string(op.CodeForbidden) {
		return // whoever sits there: no call over MCP is a person's own
	}
	if f.name() == "CLI" {
		local := got.Code == "usage" && slices.Contains([]string{"invalid_input", "unknown_field", "invalid_json", "too_large"}, reference.Code)
		if got.Code != reference.Code && !local {
			t.Errorf("CLI: %s, HTTP: %s", got, reference)
		}
		if got.Hint == "" {
			t.Error("CLI: no hint")
		}
		return
	}
	if got.Code != reference.Code && reference.Code != string(op.CodeInvalidPath) || got.Hint == "" {
		t.Errorf("%s: %s, HTTP: %s", f.name(), got, reference)
	}
}

// maxArgument is what one argument of a process may be long (Linux,
// MAX_ARG_STRLEN is 128 KiB).
const maxArgument = 100 << 10

// maxMessage is near the limit of an MCP message, 4 MiB.
const maxMessage = 3 << 20

// cursor answers the cursor that another call gives, "" when none is asked for.
func (w *refusals) cursor(t *testing.T, call op.Given) string {
	t.Helper()
	if call.Op == "" {
		return ""
	}
	var page struct {
		Next string `json:"next_cursor"`
	}
	if err := json.Unmarshal([]byte(must(t, w.owner, w.registry, call.Op, call.In)), &page); err != nil {
		t.Fatal(err)
	}
	return page.Next
}
