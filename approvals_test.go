package main

import (
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
