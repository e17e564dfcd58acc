package draft

import (
	"encoding/json"
	"strings"
	"testing"

	"fazt/server/op"
)

func someone(id string) *op.Principal {
	scopes, err := op.NewScopeSet(op.AgentScopes()...)
	if err != nil {
		panic(err)
	}
	return &op.Principal{ID: id, Name: id, Kind: op.KindAgent, Scopes: scopes}
}

func act(text string) Act {
	var a Act
	if err := json.Unmarshal([]byte(text), &a); err != nil {
		panic(err)
	}
	return a
}

const (
	at    = `"at":"http://127.0.0.1:8080/apps/shop",`
	field = `"locator":[{"by":"role","role":"dialog","name":"New key"},{"by":"label","text":"Key","exact":true}],`
)

func write(t *testing.T, params string, acts ...Act) (*Draft, error) {
	t.Helper()
	given := map[string]json.RawMessage{}
	if err := json.Unmarshal([]byte(params), &given); err != nil {
		t.Fatal(err)
	}
	return Write(Request{
		Name: "key_add", From: "t_1", Params: given, BaseURL: "http://127.0.0.1:8080",
		Lookup: func(string) (*op.Operation, bool) { return nil, false }, May: someone("a").Scopes.Has,
	}, Stretch{Acts: acts})
}

// What is needless is left out, literals become input wherever they stand as
// words of their own, and nowhere else.
func TestWrite(t *testing.T) {
	t.Parallel()
	d, err := write(t, `{"app":"shop","key":"a${b","count":3}`,
		act(`{`+at+`"action":"waitFor","locator":[{"by":"text","text":"Keys"}]}`),
		act(`{`+at+field+`"action":"fill","args":["first try"]}`),
		act(`{`+at+field+`"action":"fill","args":["a${b"]}`),
		act(`{`+at+`"action":"fill","locator":[{"by":"label","text":"Value (JSON)"}],"args":["{\"of\":\"shop\",\"n\":3,\"workshop\":\"workshop\"}"]}`),
		act(`{`+at+`"action":"click","locator":[{"by":"role","role":"button","name":"Edit shop","exact":true},{"by":"nth","index":1}],"args":[]}`),
		act(`{`+at+`"matcher":"toContainURL","page":true,"args":["/apps/shop"]}`),
	)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		`at: "/apps/{app}",`,
		`input: { type: "object", properties: { app: { type: "string" }, count: { type: "number" }, key: { type: "string" } }, required: ["app", "count", "key"], additionalProperties: false },`,
		`await page.getByRole("dialog", { name: "New key" }).getByLabel("Key", { exact: true }).fill(input.key);`,
		`.fill(JSON.stringify({ of: input.app, n: input.count, workshop: "workshop" }));`,
		"await page.getByRole(\"button\", { name: `Edit ${input.app}`, exact: true }).nth(1).click();",
		"await expect(page).toHaveURL(new RegExp(`/apps/${input.app}`));",
	} {
		if !strings.Contains(d.Source, line) {
			t.Errorf("missing: %s", line)
		}
	}
	for _, word := range []string{"waitFor", "first try"} {
		if strings.Contains(d.Source, word) {
			t.Errorf("needless: %s", word)
		}
	}
	if t.Failed() {
		t.Log(d.Source)
	}
}

// What no recipe may or can hold is refused with the reason.
func TestWriteRefuses(t *testing.T) {
	t.Parallel()
	click := act(`{` + at + `"action":"click","locator":[{"by":"role","role":"button","name":"Save"}]}`)
	for want, try := range map[string]struct {
		params string
		acts   []Act
	}{
		"private field":    {`{}`, []Act{act(`{` + at + field + `"action":"fill","secret":true}`)}},
		"uploads a file":   {`{}`, []Act{act(`{` + at + field + `"action":"setInputFiles","lost":"it uploads a file"}`)}},
		"token's secret":   {`{}`, []Act{act(`{` + at + field + `"action":"fill","args":["fazt_abcdefghijklmnopqrst"]}`)}},
		"occurs in":        {`{"key":"never"}`, []Act{click}},
		"same value":       {`{"a":"x1","b":"x1"}`, []Act{click}},
		"cannot name":      {`{"A b":"x1"}`, []Act{click}},
		"nothing was done": {`{}`, nil},
	} {
		if _, err := write(t, try.params, try.acts...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", want, err)
		}
	}
}

// A text can close neither a string nor a template: it stays a text.
func FuzzText(f *testing.F) {
	for _, seed := range []string{"`${x}`", `"\u2028`, `a\`, "</script>", "shop`"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		ps := params{{name: "app", kind: "string", text: "shop"}}
		for _, code := range []string{ps.template(text), quote(text)} {
			if code[0] == '"' {
				if !json.Valid([]byte(code)) {
					t.Errorf("%q became %s", text, code)
				}
				continue
			}
			inner := strings.ReplaceAll(code[1:len(code)-1], "${input.app}", "")
			inner = strings.NewReplacer(`\\`, "", "\\`", "", `\$`, "").Replace(inner)
			if code[len(code)-1] != '`' || strings.Contains(inner, "`") || strings.Contains(inner, "${") {
				t.Errorf("%q became %s", text, code)
			}
		}
	})
}

// A tape is its owner's; an operation belongs to the tab its principal acted in
// last, and to none where that were two at once.
func TestLog(t *testing.T) {
	t.Parallel()
	l := NewLog()
	a, b := someone("a"), someone("b")
	set := &op.Operation{Name: "kv_set", Effect: op.Write, Scope: "kv:write"}
	observed := func(p *op.Principal) {
		l.Observed(&op.Invocation{Operation: set, Principal: p}, []byte(`{"app":"shop"}`))
	}
	observed(a) // before it acted anywhere: a page of nobody's
	end := l.Begin(a, "t_1")
	l.Add(a, "t_1", act(`{"action":"click"}`))
	observed(a)
	observed(b)
	end()
	observed(a) // what a click sets off may come late
	s, err := l.Take(a, []string{"t_1"}, "first")
	if err != nil || len(s.Acts) != 3 || s.Acts[1].Operation != set || s.Mixed {
		t.Errorf("%+v, %v", s, err)
	}
	for _, from := range []string{"t_1", "t_9"} {
		if _, err := l.Take(b, []string{from}, "first"); err == nil {
			t.Errorf("b took %s", from)
		}
	}
	l.Saved(a, []string{"t_1"}, "first")
	l.Add(a, "t_1", act(`{"action":"press"}`))
	if s, _ := l.Take(a, []string{"t_1"}, "first"); len(s.Acts) != 4 {
		t.Errorf("the same recipe again has %d acts", len(s.Acts))
	}
	if s, _ := l.Take(a, []string{"t_1"}, "second"); len(s.Acts) != 1 || s.Acts[0].Action != "press" {
		t.Errorf("another recipe has %+v", s.Acts)
	}
	first, second := l.Begin(a, "t_1"), l.Begin(a, "t_2")
	first()
	second()
	if s, _ := l.Take(a, []string{"t_2"}, "third"); !s.Mixed {
		t.Error("two tabs acted at once, and their operations are told apart")
	}
	l.Run(a, "r_1", "", Act{Operation: set, Called: true})
	if s, _ := l.Take(a, []string{"r_1"}, "fourth"); len(s.Acts) != 1 || s.Acts[0].Run != "r_1" {
		t.Errorf("%+v", s.Acts)
	}
}
