package approval_test

import (
	"testing"
	"testing/synctest"

	"fazt/agent/approval"
	"fazt/server/op"
)

func runOf(operation string, effect op.Effect, recipe bool) (o *op.Operation) {
	return &op.Operation{Name: operation, Effect: effect, Recipe: recipe}
}

// TestRunsCover: what a person was asked about before a run is not asked again
// in it, and nothing more is covered.
func TestRunsCover(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		policy approval.Policy
		run    approval.Run
		asked  bool
	}{
		"destructive recipe":     {approval.OnlyWide, approval.Run{Operation: runOf("wiper", op.Destructive, true), Effect: op.Destructive, Recipe: true, Wide: true}, false},
		"recipe that only wrote": {approval.OnlyWide, approval.Run{Operation: runOf("writer", op.Write, true), Effect: op.Write, Recipe: true}, true},
		"by recipe_run":          {approval.OnlyWide, approval.Run{Operation: runOf("recipe_run", op.Write, false), Effect: op.Destructive, Recipe: true, Wide: true}, false},
		"code":                   {approval.OnlyWide, approval.Run{Operation: runOf("code_run", op.Write, false), Effect: op.Write, Recipe: true}, true},
		"code under all":         {approval.Always, approval.Run{Operation: runOf("code_run", op.Write, false), Effect: op.Write, Recipe: true}, true},
		"its own page form":      {approval.OnlyWide, approval.Run{Operation: runOf("app_wipe", op.Destructive, false), App: "shop", Effect: op.Destructive}, false},
		"form of another app":    {approval.OnlyWide, approval.Run{Operation: runOf("app_wipe", op.Destructive, false), App: "blog", Effect: op.Destructive}, true},
		"form of another":        {approval.OnlyWide, approval.Run{Operation: runOf("app_delete", op.Destructive, false), App: "shop", Effect: op.Destructive}, true},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, c.policy)
			waits := 0
			c.run.ID = "r_1"
			c.run.Waiting = func(bool) { waits++ }
			end := w.desk.Begin(c.run)
			scopes, err := op.NewScopeSet("apps:write")
			if err != nil {
				t.Fatal(err)
			}
			inside := op.Request{
				Operation: "app_wipe", Input: []byte(`{"app":"shop"}`), App: "shop",
				Principal: &op.Principal{ID: "t1", Name: "robot", Kind: op.KindAgent, Scopes: scopes, Driven: true, Run: "r_1"},
			}
			_, err = w.registry.Call(t.Context(), inside)
			if asked := codeOf(err) == op.CodeApprovalRequired || len(w.desk.List()) > 0; asked != c.asked || c.asked && waits != 2 {
				t.Errorf("%s: asked %v, told of %d waits, %v", name, asked, waits, err)
			}
			end()
			before := waits
			if _, err := w.registry.Call(t.Context(), inside); err == nil || waits != before {
				t.Errorf("%s: after the run: %v", name, err)
			}
		})
	}
}
