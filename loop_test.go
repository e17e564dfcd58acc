package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/tiktoken-go/tokenizer"

	"fazt/server/op"
)

// loop is one agent that explores, saves and repeats, with the transcript of
// what it said and was answered.
type loop struct {
	session *mcp.ClientSession
	codec   tokenizer.Codec
	script  strings.Builder
}

// say makes a call and returns the answer with the tokens of both.
func (l *loop) say(t testing.TB, name string, arguments map[string]any) (text string, failed bool, tokens, answered int) {
	t.Helper()
	asked, err := json.Marshal(arguments)
	if err != nil {
		t.Fatal(err)
	}
	text, failed = tool(t.Context(), t, l.session, name, arguments)
	call := name + " " + string(asked)
	l.script.WriteString("> " + call + "\n" + text + "\n\n")
	return text, failed, l.count(t, call) + l.count(t, text), l.count(t, text)
}

func (l *loop) count(t testing.TB, text string) int {
	t.Helper()
	ids, _, err := l.codec.Encode(text)
	if err != nil {
		t.Fatal(err)
	}
	return len(ids)
}

// must is say for a call that has to succeed.
func (l *loop) must(t testing.TB, name string, arguments map[string]any) (text string, tokens, answered int) {
	t.Helper()
	text, failed, tokens, answered := l.say(t, name, arguments)
	if failed {
		t.Fatalf("%s %v: %s\n%s", name, arguments, text, l.script.String())
	}
	return text, tokens, answered
}

// source writes down what a recipe says.
func (l *loop) source(t testing.TB, name string) {
	t.Helper()
	text, failed := tool(t.Context(), t, l.session, "op_run", map[string]any{"name": "recipe_get", "input": map[string]any{"name": name}})
	if failed {
		t.Fatalf("recipe_get: %s", text)
	}
	var got struct{ Source string }
	from, to := strings.Index(text, "{"), strings.LastIndex(text, "}")
	if err := json.Unmarshal([]byte(text[from:to+1]), &got); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	l.script.WriteString("the source of " + name + "\n" + got.Source + "\n")
}

// passing are the parts of a transcript that differ each time.
var passing = []struct {
	pattern *regexp.Regexp
	instead string
}{
	{regexp.MustCompile(`t_[a-z0-9]{8}`), "t_…"},
	{regexp.MustCompile(`r_[a-z0-9]{10}`), "r_…"},
	{regexp.MustCompile(`ap_[a-z0-9]{9}`), "ap_…"},
	{regexp.MustCompile(`\b[0-9A-HJKMNP-TV-Z]{26}\b`), "ULID"},
	{regexp.MustCompile(`\b1[6-9]\d{11}\b`), "MS"},
	{regexp.MustCompile(`\d+ (second|minute)s? ago`), "just now"},
	{regexp.MustCompile(`127\.0\.0\.1:\d+`), "127.0.0.1:…"},
	{regexp.MustCompile(`localhost:\d+`), "localhost:…"},
	{regexp.MustCompile(`/up/[a-z2-7]+`), "/up/…"},
	{regexp.MustCompile(`"epoch":"[0-9a-f]+"`), `"epoch":"…"`},
	{regexp.MustCompile(`(rev"?:? ?)\d+`), "${1}…"},
	{regexp.MustCompile(`(?m)(^\d+ \|.*\| "[a-z]+" \| )\d+`), "${1}…"},
}

// golden holds the transcript against a file.
func (l *loop) golden(t *testing.T, file string) {
	t.Helper()
	got := l.script.String()
	for _, one := range passing {
		got = one.pattern.ReplaceAllString(got, one.instead)
	}
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the transcript is not %s (-update writes it):\n%s", file, got)
	}
}

func newLoop(t testing.TB, p *process) *loop {
	t.Helper()
	codec, err := tokenizer.Get(tokenizer.O200kBase)
	if err != nil {
		t.Fatal(err)
	}
	return &loop{session: connectMCP(t, p, "/mcp", p.agent), codec: codec}
}

// The most tokens that a saved recipe's answer takes, and a second time of the
// task, call and answer.
const (
	savedTokens = 100
	againTokens = 150
)

// TestLoopGolden: an agent carries a task out by hand, saves it out of what it did,
// and does it again by its name in both modes after a restart.
func TestLoopGolden(t *testing.T) {
	t.Parallel()
	chromium.Open(t)
	first := serve(t)
	l := newLoop(t, first)
	opened, _, _ := l.must(t, "tab_open", map[string]any{"url": "/apps"})
	l.must(t, "tab_do", map[string]any{"steps": []string{
		`click button "New app"`, `fill label "Id" = shop`, `fill label "Title" = Shop`, `click button "Create"`, `expect link "shop" visible`,
	}})
	l.must(t, "tab_do", map[string]any{"steps": []string{
		`reload`, `click link "shop"`, `click button "New key"`, `fill label "Key" = welcome`, `fill label "Value (JSON)" = "hello"`, `click button "Save"`,
	}})
	_, _, answered := l.must(t, "recipe_save", map[string]any{
		"name": "shop_open", "from": []string{tabIn(t, opened)}, "params": map[string]any{"id": "shop", "title": "Shop", "key": "welcome"},
	})
	if answered > savedTokens {
		t.Errorf("the answer of recipe_save has %d tokens, over %d\n%s", answered, savedTokens, l.script.String())
	}

	l.source(t, "shop_open")

	first.kill()
	again := serveDB(t, first.db)
	again.agent = first.agent
	l.session = connectMCP(t, again, "/mcp", first.agent)
	for _, mode := range []string{"api", "ui"} {
		text, tokens, _ := l.must(t, "op_run", map[string]any{
			"name": "shop_open", "mode": mode, "wait_s": 50, "input": map[string]any{"id": "by-" + mode, "title": "Made by " + mode, "key": "greeting"},
		})
		if !strings.HasPrefix(text, "ok ") {
			t.Fatalf("mode %s: %s", mode, text)
		}
		if tokens > againTokens {
			t.Errorf("the second time takes %d tokens in mode %s, over %d\n%s", tokens, mode, againTokens, text)
		}
	}
	l.golden(t, "testdata/loop.txt")
}

var tabID = regexp.MustCompile(`t_[a-z0-9]+`)

func tabIn(t testing.TB, text string) string {
	t.Helper()
	id := tabID.FindString(text)
	if id == "" {
		t.Fatalf("no tab in %s", text)
	}
	return id
}

// TestLoopRepairGolden: a recipe of an outside page breaks when a button of it has
// another name; the agent ends the task by hand, and saves the recipe anew out
// of the run that failed and what it did since.
func TestLoopRepairGolden(t *testing.T) {
	t.Parallel()
	chromium.Open(t)
	var renamed atomic.Bool
	outside := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		word := "Add"
		if renamed.Load() {
			word = "Insert"
		}
		w.Header().Set("Content-Type", "text/html")
		_, _ = strings.NewReplacer("WORD", word).WriteString(w, outsidePage)
	}))
	t.Cleanup(outside.Close)
	p := serve(t)
	registry, err := describe()
	if err != nil {
		t.Fatal(err)
	}
	must(t, newPlainHTTP(t, p, ownerSecret), registry, "setting_update", `{"add_browse":["`+outside.URL+`"]}`)
	l := newLoop(t, p)
	opened, _, _ := l.must(t, "tab_open", map[string]any{"url": outside.URL + "/"})
	l.must(t, "tab_do", map[string]any{"steps": []string{`fill label "Name" = Ada`, `click button "Add"`}})
	_, _, answered := l.must(t, "recipe_save", map[string]any{
		"name": "person_add", "title": "Add a person", "from": []string{tabIn(t, opened)}, "params": map[string]any{"name": "Ada"},
	})
	if answered > savedTokens {
		t.Errorf("the answer of recipe_save has %d tokens, over %d", answered, savedTokens)
	}
	run := map[string]any{"name": "person_add", "input": map[string]any{"name": "Grace"}, "mode": "ui", "wait_s": 50}
	l.must(t, "op_run", run)

	renamed.Store(true)
	l.must(t, "tab_do", map[string]any{"steps": []string{"reload"}})
	failed, isError, _, _ := l.say(t, "op_run", run)
	if !isError {
		t.Fatalf("the recipe ran although the button has another name: %s", failed)
	}
	l.must(t, "tab_do", map[string]any{"steps": []string{`click button "Insert"`}})
	l.source(t, "person_add")
	l.must(t, "recipe_save", map[string]any{"name": "person_add", "from": []string{runID.FindString(failed)}})
	l.source(t, "person_add")
	l.must(t, "tab_do", map[string]any{"steps": []string{"reload"}})
	run["input"] = map[string]any{"name": "Barbara"}
	l.must(t, "op_run", run)

	// The page has its old button again: a person goes back to the first version.
	renamed.Store(false)
	l.must(t, "tab_do", map[string]any{"steps": []string{"reload"}})
	if failed, isError, _, _ := l.say(t, "op_run", run); !isError {
		t.Fatalf("the repaired recipe ran although the button has its old name: %s", failed)
	}
	rollBack(t, newPlainHTTP(t, p, ownerSecret), registry, "person_add")
	l.must(t, "tab_do", map[string]any{"steps": []string{"reload"}})
	l.must(t, "op_run", run)
	l.golden(t, "testdata/loop_repair.txt")
}

// rollBack pins a recipe at the first of its two versions: everyone runs that
// then, who saved the second too.
func rollBack(t *testing.T, owner face, registry *op.Registry, name string) {
	t.Helper()
	var got struct {
		Versions []struct{ Hash string }
	}
	if err := json.Unmarshal([]byte(must(t, owner, registry, "recipe_get", `{"name":"`+name+`"}`)), &got); err != nil || len(got.Versions) != 2 {
		t.Fatalf("%v: %+v", err, got)
	}
	first := got.Versions[1].Hash
	if said := must(t, owner, registry, "recipe_pin", `{"name":"`+name+`","hash":"`+first+`"}`); !strings.Contains(said, `"pinned":true`) {
		t.Errorf("recipe_pin answered %s", said)
	}
}

var runID = regexp.MustCompile(`r_[a-z0-9]{10}`)

const outsidePage = `<!doctype html><title>People</title><h1>People</h1>
<form onsubmit="event.preventDefault(); add(this.elements.name.value)"><label>Name <input name="name"></label><button>WORD</button></form>
<table><caption>People</caption><tr><th>Name</th><th>Since</th></tr></table>
<script>function add(name) {
  const row = document.querySelector("table").insertRow();
  row.insertCell().textContent = name;
  row.insertCell().textContent = "today";
}</script>`
