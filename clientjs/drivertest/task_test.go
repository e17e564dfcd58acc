package drivertest_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"fazt/clientjs/browsertest"
)

// admin is the page of the token yardstick: a table, a form of eight fields in a
// dialog, and a dialog that asks before something is deleted. It answers at once.
const admin = `<title>Inventory</title><nav aria-label=Main><a href=#d>Dashboard</a> <a href=#i aria-current=page>Inventory</a> <a href=#o>Orders</a></nav>
<main><h1>Inventory</h1><button id=add>New item</button><table aria-label=Items><thead><tr><th>Name<th>SKU<th>Qty<th>Price<th></thead><tbody id=rows></tbody></table></main>
<dialog id=edit aria-label="Edit item"><form method=dialog></form></dialog>
<dialog id=sure aria-label="Delete item?"><p>It cannot be brought back.</p><button value=yes>Delete</button><button>Cancel</button></dialog>
<script>
const fields = ["Name", "SKU", "Qty", "Price", "Weight", "Colour", "Shelf", "Note"], form = edit.querySelector("form");
form.innerHTML = fields.map((f) => "<p><label>" + f + " <input name=" + f + "></label></p>").join("") + "<button>Save</button>";
let items = [], next = 1, at = null;
for (; next <= 50; next++) items.push({ key: next, Name: "Gizmo " + next, SKU: "GZ-" + next, Qty: next % 17, Price: next * 3 });
const draw = () => { rows.innerHTML = items.map((i) => "<tr data-key=" + i.key + "><td>" + i.Name + "<td>" + i.SKU + "<td>" + i.Qty + "<td>" + i.Price + "<td><button>Edit</button><button>Delete</button></tr>").join("") };
const open = (item) => { at = item; form.reset(); for (const f of fields) form.elements[f].value = item?.[f] ?? ""; edit.showModal() };
add.onclick = () => open(null);
form.onsubmit = () => { if (!at) items.unshift(at = { key: next++ }); for (const f of fields) at[f] = form.elements[f].value; draw() };
rows.onclick = (e) => { const item = items.find((i) => i.key == e.target.closest("tr").dataset.key); if (e.target.textContent === "Edit") open(item); else if (e.target.textContent === "Delete") { at = item; sure.showModal() } };
sure.onclick = (e) => { if (e.target.localName !== "button") return; if (e.target.value) { items = items.filter((i) => i !== at); draw() } sure.close() };
draw();
</script>`

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
