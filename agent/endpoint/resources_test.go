package endpoint

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"fazt/server/op"
)

// uris are the addresses that a client lists.
func uris(t *testing.T, s *mcp.ClientSession) []string {
	t.Helper()
	list, err := s.ListResources(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range list.Resources {
		if r.Description == "" || r.MIMEType != jsonType {
			t.Errorf("%+v", r)
		}
		got = append(got, r.URI)
	}
	return got
}

// read is the text of a resource.
func read(t *testing.T, s *mcp.ClientSession, uri string) string {
	t.Helper()
	got, err := s.ReadResource(t.Context(), &mcp.ReadResourceParams{URI: uri})
	if err != nil || len(got.Contents) != 1 || got.Contents[0].URI != uri {
		t.Fatalf("%s: %v, %+v", uri, err, got)
	}
	return got.Contents[0].Text
}

// TestResources: what a caller may see is listed in the same order each time,
// and an address answers what the operation behind it does.
func TestResources(t *testing.T) {
	t.Parallel()
	for _, revision := range revisions {
		t.Run(revision, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.store.put("greeting", `"hi"`)
			w.callAs("agent", "/mcp", "op_run", `{"name":"app_create","input":{"id":"attic"}}`)
			s := w.foreign(revision, nil)
			want := []string{"fazt://status", "fazt://apps/attic/map", "fazt://apps/shop/map"}
			for range 3 {
				if got := uris(t, s); !slices.Equal(got, want) {
					t.Errorf("the resources are %v", got)
				}
			}
			templates, err := s.ListResourceTemplates(t.Context(), nil)
			if err != nil || len(templates.ResourceTemplates) != 2 || templates.ResourceTemplates[0].URITemplate != uriMap {
				t.Errorf("%v %+v", err, templates)
			}
			if got := read(t, s, "fazt://apps/shop/map"); got != `{"health":"ok","keys":["greeting"]}` {
				t.Errorf("the map is %s", got)
			}
			if got := read(t, s, "fazt://status"); got != `{"health":"ok"}` {
				t.Errorf("the status is %s", got)
			}
		})
	}
}

var resultURI = regexp.MustCompile(`fazt://results/c_[a-z2-7]{10}`)

// TestWholeResult: an answer that was cut names where its whole is, which is
// read with the rights of whoever reads, and by nobody else.
func TestWholeResult(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	whole := `"` + strings.Repeat("long »", 5_000) + `"`
	w.store.put("long", whole)
	for _, call := range [][2]string{
		{"kv_get", `{"app":"shop","key":"long"}`},
		{"op_run", `{"name":"kv_get","input":{"app":"shop","key":"long"}}`},
		{"kv_get", `{"app":"shop"}`}, // whose one row is too long
	} {
		uri := resultURI.FindString(w.text(call[0], call[1]))
		if uri == "" {
			t.Errorf("%s %s names no resource", call[0], call[1])
			continue
		}
		got := read(t, w.foreign("2025-11-25", nil), uri)
		if !strings.Contains(got, whole) || !json.Valid([]byte(got)) {
			t.Errorf("%s: the whole has %d bytes", uri, len(got))
		}
		if r := w.post(ask{token: "other", body: resourceBody(uri)}); !strings.Contains(r.body, `"code":-32002`) || !strings.Contains(r.body, `"hint":"make the call again`) {
			t.Errorf("another reads %s: %s", uri, r.body)
		}
	}
	if got := w.text("kv_set", `{"app":"shop","key":"b","value":1}`); strings.Contains(got, "fazt://results") {
		t.Error(got)
	}
}

func resourceBody(uri string) string {
	return `{"jsonrpc":"2.0","id":7,"method":"resources/read","params":{"uri":"` + uri + `"}}`
}

// TestResourceRefused: a read that an operation refuses is refused with its code
// and next step, and is recorded as any other call.
func TestResourceRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *Options, _ *op.Ports) { o.Authenticate = authenticateKVOnly })
	for uri, want := range map[string][]string{
		"fazt://apps/shop/map":        {`"code":-32602`, `"code":"forbidden"`, `"uri":"fazt://apps/shop/map"`},
		"fazt://status":               {`"code":-32602`, `"forbidden"`},
		"fazt://results/c_aaaaaaaaaa": {`"code":-32002`, `"hint"`},
		"fazt://results/app_list {}":  {`-32002`},
		"fazt://other":                {`-32002`, `"uri":"fazt://other"`},
	} {
		got := w.post(ask{body: resourceBody(uri)})
		for _, part := range want {
			if !strings.Contains(got.body, part) {
				t.Errorf("%s: %q is not in %s", uri, part, got.body)
			}
		}
	}
	got := w.post(ask{body: `{"jsonrpc":"2.0","id":7,"method":"resources/list"}`})
	if strings.Contains(got.body, "fazt://apps/") || !strings.Contains(got.body, "fazt://status") {
		t.Errorf("without the right to list apps: %s", got.body)
	}
	if got := w.post(ask{body: `{"jsonrpc":"2.0","id":7,"method":"prompts/list"}`}); !strings.Contains(got.body, `"prompts":[]`) {
		t.Errorf("without the rights of any prompt: %s", got.body)
	}
	ops := []string{}
	for _, c := range w.records.list() {
		ops = append(ops, c.Operation.Name)
	}
	if !slices.Contains(ops, "system_status") || !slices.Contains(ops, "app_list") {
		t.Errorf("recorded are %v", ops)
	}
}
