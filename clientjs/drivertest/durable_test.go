package drivertest_test

import (
	"encoding/json"
	"testing"
)

const durablePage = `<main><h1>Items</h1>
<form aria-label="New"><label>Name <input id="n"></label><label>Pin <input type="password" id="p"></label></form>
<table><tr><th>Name</th><th></th></tr>
<tr><td>Gizmo</td><td><button>Edit</button></td></tr>
<tr><td>Widget</td><td><button>Edit</button></td></tr></table>
<ul><li><button>Go</button></li><li><button>Go</button></li></ul></main>`

// What a step did is said so that it means the same element in another document,
// and what was typed into a private field is not said at all.
func TestStepSaysWhatItDid(t *testing.T) {
	t.Parallel()
	page := openTab(t, durablePage)
	for step, want := range map[string]string{
		`fill css "#n" = Ada`:  `{"action":"fill","locator":[{"by":"role","exact":true,"name":"Name","role":"textbox"}],"args":["Ada"]}`,
		`fill css "#p" = 1234`: `{"action":"fill","locator":[{"by":"role","exact":true,"name":"Pin","role":"textbox"}],"secret":true}`,
		`click row "Widget" > button "Edit"`: `{"action":"click","locator":[{"by":"role","role":"row"},{"by":"filter","has":[{"by":"role","exact":true,"name":"Widget","role":"cell"}]},` +
			`{"by":"role","exact":true,"name":"Edit","role":"button"}],"args":[]}`,
		`click css "li:last-child button"`: `{"action":"click","locator":[{"by":"role","exact":true,"name":"Go","role":"button"},{"by":"nth","index":1}],"args":[]}`,
		`expect h1 "Items" visible`:        `{"matcher":"toBeVisible","not":false,"locator":[{"by":"role","exact":true,"name":"Items","role":"heading"}],"args":[]}`,
	} {
		var got struct{ Did map[string]any }
		var wanted map[string]any
		if err := page.call("step", params{"step": step}, &got); err != nil {
			t.Errorf("%s: %v", step, err)
			continue
		}
		if err := json.Unmarshal([]byte(want), &wanted); err != nil {
			t.Fatal(err)
		}
		delete(got.Did, "at")
		if a, b := compact(t, got.Did), compact(t, wanted); a != b {
			t.Errorf("%s\n got %s\nwant %s", step, a, b)
		}
	}
}

func compact(t *testing.T, value any) string {
	t.Helper()
	raw, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}
