package drivertest_test

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"fazt/clientjs/browsertest"
)

// admin is the page of the token yardstick: a table, a form of eight fields in a
// dialog, and a dialog that asks before something is deleted. It answers at once.
//
//go:embed testdata/inventory.html
var admin string

// agentLike works as tab_do does: some steps a call, and the difference after the
// last of them.
type agentLike struct {
	*tab
	rev, calls, tokens int
	engine             float64
}

func (a *agentLike) answer(text string) string {
	a.rev = revOf(a.t.(*testing.T), text)
	a.calls++
	a.tokens += tokens(a.t, text)
	return text
}

// act carries out steps, and counts the time that they took in the page.
func (a *agentLike) act(steps ...string) string {
	a.t.Helper()
	for _, step := range steps {
		call, err := json.Marshal(params{"id": 1, "method": "step", "params": params{"step": step}})
		if err != nil {
			a.t.Fatal(err)
		}
		var answer struct {
			MS   float64
			Text string
		}
		a.EvalIn(a.t, browsertest.Isolated, `(async () => { const t = performance.now(); const text = await __fazt.dispatch(`+quote(a.t, string(call))+`); return { MS: performance.now() - t, Text: text } })()`, &answer)
		if strings.Contains(answer.Text, `"error"`) {
			a.t.Fatalf("%s: %s", step, answer.Text)
		}
		a.engine += answer.MS
	}
	return a.answer(a.look(params{"since": a.rev}))
}

// TestTaskByLooksAndSteps is the yardstick: create with eight fields, wait for the
// row, edit it, delete it with a dialog that asks.
func TestTaskByLooksAndSteps(t *testing.T) {
	t.Parallel()
	a := &agentLike{tab: openTab(t, admin)}
	all := []string{a.answer(a.look(params{}))}
	all = append(all, a.act(`click btn "New item"`))
	var fill []string
	for i, name := range strings.Fields("Name SKU Qty Price Weight Colour Shelf Note") {
		fill = append(fill, fmt.Sprintf(`fill field %q = %s %d`, name, name, i))
	}
	all = append(all, a.act(append(fill, `click btn "Save"`, `expect row "Name 0" visible`)...))
	if !strings.Contains(all[2], "t1#51 ") {
		t.Fatalf("the new row's key is not told:\n%s", all[2])
	}
	all = append(all, a.act(`click t1#51/Edit`, `fill field "Qty" = 99`, `click btn "Save"`, `expect row "Name 0" text 99`))
	all = append(all, a.act(`click t1#51/Delete`, `click btn "Delete" in dialog "Delete item?"`, `expect row "Name 0" not visible`))
	if got := a.text(`items.length + " " + items.some((i) => i.Name === "Name 0")`); got != "50 false" {
		t.Errorf("the page holds %s", got)
	}
	t.Logf("%d calls, %d tokens of answers, %.0f ms in the engine", a.calls, a.tokens, a.engine)
	if a.calls > 5 || a.tokens > 1000 {
		t.Errorf("%d calls and %d tokens, over 5 and 1000:\n%s", a.calls, a.tokens, strings.Join(all, "\n\n"))
	}
	if os.Getenv("FAZT_LONG") != "" && a.engine > 250 {
		t.Errorf("the engine took %.0f ms on a page that answers at once, over 250", a.engine)
	}
}
