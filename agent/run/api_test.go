package run_test

import (
	"testing"
)

const setGreeting = `import { defineRecipe } from "fazt";
export default defineRecipe({
  name: "greeting_set", title: "Store a greeting", effect: "write", scopes: ["kv:read", "kv:write"],
  input: { type: "object", properties: { app: { type: "string" }, text: { type: "string" } }, required: ["app", "text"], additionalProperties: false },
  output: { type: "object", properties: { created: { type: "boolean" } }, required: ["created"] },
  async api({ fazt, input }) { return fazt.kv.set({ app: input.app, key: "greeting", value: input.text }); },
  async check({ fazt, input, expect }) {
    expect((await fazt.kv.get({ app: input.app, key: "greeting" })).value).toBe(input.text);
  },
});`

func TestSaveAndRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.app("shop")
	w.mustSave(owner(), setGreeting, true)
	if out := w.mustCall(agent(), "greeting_set", `{"app":"shop","text":"hello"}`); !has(out, `"created":true`) {
		t.Errorf("answer %s", out)
	}
	if got := w.kv("shop", "greeting"); got != `"hello"` {
		t.Errorf("stored %s", got)
	}
	record := w.last()
	if record.State != "ok" || record.Check != "ok" || len(record.Steps) != 2 || record.Steps[0].State != "ok" ||
		!has(record.Steps[0].What, `kv_set app="shop" key="greeting"`) || record.By != "robot" {
		t.Errorf("record %+v", record)
	}
}
