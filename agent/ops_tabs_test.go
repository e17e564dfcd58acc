package agent

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"fazt/agent/draft"
	"fazt/agent/hub"
	"fazt/server/op"
)

// scriptedLink is a tab whose page answers from a script.
type scriptedLink struct {
	sink  *hub.Page
	steps []string
	rev   int
}

// Close implements hub.Link.
func (l *scriptedLink) Close(string) {}

func (l *scriptedLink) Reliable() bool    { return true }
func (l *scriptedLink) Remarks() []string { return nil }

func (l *scriptedLink) Do(context.Context, string, json.RawMessage) (json.RawMessage, error) {
	return nil, hub.ErrNotCarried
}

func (l *scriptedLink) Send(message []byte) error {
	var m struct {
		ID     *uint64
		Method string
		Params struct{ Step, Since string }
	}
	if err := json.Unmarshal(message, &m); err != nil || m.ID == nil {
		return err
	}
	answer := map[string]any{"jsonrpc": "2.0", "id": *m.ID}
	switch {
	case m.Method == "look":
		text := "rev 1 /apps"
		if m.Params.Since != "" {
			text = "difference since " + m.Params.Since
		}
		answer["result"] = map[string]any{"text": text, "rev": l.rev, "epoch": "e1", "url": "/apps", "title": "Apps"}
	case strings.Contains(m.Params.Step, "broken"):
		answer["error"] = map[string]any{"code": -32000, "message": `covered by dialog "Delete?"`, "data": map[string]string{"code": "covered", "hint": "answer the dialog"}}
	default:
		l.rev++
		l.steps = append(l.steps, m.Params.Step)
		answer["result"] = map[string]any{"rev": l.rev}
	}
	data, err := json.Marshal(answer)
	if err != nil {
		return err
	}
	go l.sink.Message(data)
	return nil
}

// scriptedBrowser opens scripted tabs.
type scriptedBrowser struct{}

func (scriptedBrowser) Open(_ context.Context, _ *op.Principal, r hub.OpenRequest, sink *hub.Page) (hub.Link, error) {
	sink.Message([]byte(`{"jsonrpc":"2.0","method":"nav","params":{"url":"http://127.0.0.1:1` + r.URL + `","title":"Apps","epoch":"e1"}}`))
	return &scriptedLink{sink: sink}, nil
}

func (scriptedBrowser) Shows() bool                 { return false }
func (scriptedBrowser) Close(context.Context) error { return nil }

func scriptedRegistry(t *testing.T) *op.Registry {
	t.Helper()
	h := hub.New(hub.Options{Browser: scriptedBrowser{}})
	t.Cleanup(func() {
		if err := h.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
	})
	registry := op.NewRegistry(op.Ports{Admitter: op.AdmitAll{}, Recorder: op.RecordNone{}, Approver: op.ApproveAll{}, Now: time.Now})
	holder := &Agent{options: Options{Registry: registry}}
	room := &tabRoom{log: draft.NewLog(), hub: &pages{Hub: h, file: holder.file, secret: storedSecret}, agents: func(context.Context) ([]namedToken, error) {
		return []namedToken{{"a1", "robot"}, {"a2", "twin"}, {"a3", "twin"}}, nil
	}}
	for _, o := range append(append(room.operations(), room.grantOperations()...), storedFile()) {
		if err := registry.Add(o); err != nil {
			t.Fatal(err)
		}
	}
	return registry
}

func callTab(t *testing.T, r *op.Registry, p *op.Principal, name, input string) (map[string]any, *op.Error) {
	t.Helper()
	result, err := r.Call(t.Context(), op.Request{Operation: name, Principal: p, Input: []byte(input)})
	if err != nil {
		return nil, op.AsError(err)
	}
	var out map[string]any
	if err := json.Unmarshal(result.JSON, &out); err != nil {
		t.Fatal(err)
	}
	return out, nil
}

func tabUser(t *testing.T, id string, kind op.Kind) *op.Principal {
	t.Helper()
	scopes, err := op.NewScopeSet("tabs:read", "tabs:write", "blobs:read")
	if err != nil {
		t.Fatal(err)
	}
	return &op.Principal{ID: id, Name: id, Kind: kind, Scopes: scopes}
}

func TestStepsOfTabDo(t *testing.T) {
	t.Parallel()
	r, agent := scriptedRegistry(t), tabUser(t, "a1", op.KindAgent)
	opened, fault := callTab(t, r, agent, "tab_open", `{}`)
	if fault != nil || opened["text"] != "rev 1 /apps" || opened["note"] != "nobody sees this tab" {
		t.Fatalf("%v, %v", opened, fault)
	}
	for _, c := range []struct {
		steps, text string
		done        float64
		failed      any
	}{
		{`["click b1","click b2"]`, "difference since 0@e1", 2, nil},
		{`["click b1","click broken","click b3"]`, "failed at 2 of 3 · done 1 · not run 3\ncovered: covered by dialog \"Delete?\"\ndifference since 2@e1", 1, 2.0},
		{`["click broken","b","c"]`, "failed at 1 of 3 · not run 2–3\ncovered: covered by dialog \"Delete?\"\ndifference since 3@e1", 0, 1.0},
		{`["a","b","click broken"]`, "failed at 3 of 3 · done 1–2\ncovered: covered by dialog \"Delete?\"\ndifference since 3@e1", 2, 3.0},
		{`["fill b1 = $secret:pw"]`, "failed at 1 of 1\nsecret_not_found: no secret \"pw\"\ndifference since 5@e1", 0, 1.0},
		{`["upload b1 = shop:a.csv"]`, "failed at 1 of 1\nblob_not_found: no blob \"a.csv\"\ndifference since 5@e1", 0, 1.0},
		{`["upload b1 = a.csv"]`, "failed at 1 of 1\ninvalid_input: \"a.csv\" names no stored file\ndifference since 5@e1", 0, 1.0},
		{`["upload b1 = shop:in/may.csv"]`, "difference since 5@e1", 1, nil},
	} {
		out, fault := callTab(t, r, agent, "tab_do", `{"steps":`+c.steps+`}`)
		if fault != nil || out["text"] != c.text || out["done"] != c.done {
			t.Errorf("%s: %q, %v, %v", c.steps, out["text"], out["done"], fault)
			continue
		}
		var step any
		if failed, ok := out["failed"].(map[string]any); ok {
			step = failed["step"]
		}
		if step != c.failed {
			t.Errorf("%s failed at %v", c.steps, step)
		}
	}
}

func TestTabsAndTheirInputs(t *testing.T) {
	t.Parallel()
	r, agent := scriptedRegistry(t), tabUser(t, "a1", op.KindAgent)
	for _, c := range []struct {
		name, input string
		want        op.Code
	}{
		{"tab_look", `{}`, "tab_not_found"},
		{"tab_do", `{"steps":["click b1"]}`, "tab_not_found"},
		{"tab_do", `{"steps":[]}`, op.CodeInvalidInput},
		{"tab_look", `{"what":"dreams"}`, op.CodeInvalidInput},
		{"tab_close", `{"tab":"t_none"}`, "tab_not_found"},
		{"grant_create", `{"agent":"robot"}`, op.CodeForbidden},
		{"grant_revoke", `{"grant":"g_none"}`, op.CodeForbidden},
	} {
		if _, fault := callTab(t, r, agent, c.name, c.input); fault == nil || fault.Code != c.want {
			t.Errorf("%s %s: %v", c.name, c.input, fault)
		}
	}
	opened, _ := callTab(t, r, agent, "tab_open", `{"url":"/x"}`)
	list, fault := callTab(t, r, agent, "tab_list", `{}`)
	if fault != nil || len(list["items"].([]any)) != 1 {
		t.Fatalf("%v, %v", list, fault)
	}
	if item := list["items"].([]any)[0].(map[string]any); item["tab"] != opened["tab"] || item["mine"] != true || item["kind"] != "ours" {
		t.Errorf("%v", item)
	}
	if out, fault := callTab(t, r, agent, "tab_close", `{"tab":"-"}`); fault != nil || out["closed"] != true {
		t.Errorf("%v, %v", out, fault)
	}
}

func TestGrantsAreForOneKnownAgent(t *testing.T) {
	t.Parallel()
	r, person := scriptedRegistry(t), tabUser(t, "ana", op.KindPerson)
	for _, c := range []struct {
		input string
		want  string // in the hint; "" = granted
	}{
		{`{"agent":"robot"}`, ""},
		{`{"agent":"a2","right":"act","minutes":5}`, ""},
		{`{"agent":"twin"}`, "a2, a3"},
		{`{"agent":"robo"}`, "robot"},
	} {
		out, fault := callTab(t, r, person, "grant_create", c.input)
		if c.want == "" && (fault != nil || out["grant"] == "") || c.want != "" && (fault == nil || !strings.Contains(fault.Hint, c.want)) {
			t.Errorf("%s: %v, %v", c.input, out, fault)
		}
	}
	list, fault := callTab(t, r, person, "grant_list", `{}`)
	items := list["items"].([]any)
	if fault != nil || len(items) != 2 {
		t.Fatalf("%v, %v", list, fault)
	}
	id := items[0].(map[string]any)["grant"].(string)
	if _, fault := callTab(t, r, person, "grant_revoke", `{"grant":"`+id+`"}`); fault != nil {
		t.Error(fault)
	}
}
