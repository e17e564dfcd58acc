package main

import (
	"encoding/json"
	"strings"
	"testing"

	"fazt/server/op"
)

// TestOwnersRunsAskNobody: whatever agents are asked about, the owner's own runs
// are not, in the page or through the API, in an open tab or one of their own.
func TestOwnersRunsAskNobody(t *testing.T) {
	t.Parallel()
	chromium.Open(t)
	registry, err := describe()
	if err != nil {
		t.Fatal(err)
	}
	side := newParitySide(t, registry, op.ModeUI)
	open := side.tab
	for policy, tab := range map[string]string{"destructive": "", "all": open} {
		side.tab = tab
		if got := side.ask(t, "setting_update", `{"approvals":"`+policy+`"}`); got.Code != "" {
			t.Fatal(got)
		}
		if got := side.ask(t, "kv_set", `{"app":"shop","key":"a","value":1}`); got.Code != "" {
			t.Fatal(got)
		}
		if code := side.call(t, parityCase{"kv_delete", `{"app":"shop","key":"a"}`}); code != "" {
			t.Errorf("approvals %s, tab %q: the owner's kv_delete in the page ended with %s", policy, tab, code)
		}
	}
	if asked := side.ask(t, "approval_list", `{"all":true}`); !strings.Contains(asked.JSON, `"items":[]`) {
		t.Errorf("the owner was asked: %s", asked)
	}
}

// TestPeopleAreAskedAtOnce: a page that is open already shows what an agent asks,
// and takes the question away once it is answered.
func TestPeopleAreAskedAtOnce(t *testing.T) {
	t.Parallel()
	r := openRoom(t, "/approvals", parityCase{"app_create", `{"id":"shop"}`})
	r.do(t, `expect text "Nothing waits." visible`)
	var robot struct{ Secret string }
	if err := json.Unmarshal([]byte(r.must(t, "token_create", `{"name":"robot"}`)), &robot); err != nil {
		t.Fatal(err)
	}
	asks := *r.face
	asks.token = robot.Secret
	o, err := r.registry.Find("app_delete")
	if err != nil {
		t.Fatal(err)
	}
	answered := make(chan reply, 1)
	go func() {
		answered <- asks.call(t.Context(), t, o, []byte(`{"app":"shop"}`), op.Envelope{Confirm: "shop"})
	}()
	r.do(t, `expect region "app_delete for robot" visible`, `expect button "Approve" visible`)
	var asked struct{ Items []struct{ ID string } }
	if err := json.Unmarshal([]byte(r.must(t, "approval_list", `{}`)), &asked); err != nil || len(asked.Items) != 1 {
		t.Fatalf("approval_list: %v, %v", asked, err)
	}
	r.must(t, "approval_decide", `{"approval":"`+asked.Items[0].ID+`","approve":false}`)
	if got := <-answered; got.Code != string(op.CodeForbidden) {
		t.Errorf("the declined call: %s", got)
	}
	r.do(t, `expect text "Nothing waits." visible`, `expect region "Answered" visible`)
}
