package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/tiktoken-go/tokenizer"

	"fazt/clientjs/browsertest"
)

// contactsCSV is a file of 500 people, larger than what a model may write out.
func contactsCSV() string {
	var b strings.Builder
	b.WriteString("name,email,city,age\n")
	for i := range 500 {
		fmt.Fprintf(&b, "Person %d,person%d@example.org,%s,%d\n", i, i, []string{"Ulm", "Graz", "Bern"}[i%3], 20+i%60)
	}
	return b.String()
}

// TestTablesCommand: a file goes in and comes out by the command line.
func TestTablesCommand(t *testing.T) {
	t.Parallel()
	p := serve(t)
	dir := t.TempDir()
	run := p.runner(t)
	file := filepath.Join(dir, "people.csv")
	if err := os.WriteFile(file, []byte("name;plz\nM\xfcller;01234\n=x;7\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	run(exitOK, "", "app", "create", "--id", "shop")
	run(exitOK, "tried only: 2 inserted", "import", "shop/people", file, "--dry-run")
	run(exitOK, `"encoding":"windows-1252"`, "import", "shop/people", file)
	run(exitOK, "2 imported before", "import", "shop/people", file)
	if out := run(exitOK, "", "export", "shop/people"); !strings.HasPrefix(out, "id,name,plz\n") || !strings.Contains(out, ",Müller,01234\n") || !strings.Contains(out, ",'=x,7\n") {
		t.Error(out)
	}
	run(exitOK, "export type People = {\n  id: string;\n  name: string;\n  plz: string;\n};", "types", "--app", "shop")
	run(exitOK, `"name":"Müller"`, "export", "shop/people", "--format", "jsonl")
	if err := os.WriteFile(file, []byte("a,b\n1,2\n3\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	run(exitFailed, "line 3 has 1 cells", "import", "shop/rows", file)
	run(exitOK, "1 skipped", "import", "shop/rows", file, "--skip")
	run(exitUsage, "names no collection", "import", "shop", file)
	run(exitUsage, "no such file", "import", "shop/rows", filepath.Join(dir, "none.csv"))
	run(exitFailed, "collection_not_found", "export", "shop/none")
}

// storyTokens bounds the calls and answers from a file to a page that is shown.
const storyTokens = 600

// TestTablesStoryGolden: an agent with nothing but HTTP makes documents of a
// file and shows them; the bytes do not pass through the model.
func TestTablesStoryGolden(t *testing.T) {
	t.Parallel()
	chromium.Open(t)
	p := serve(t)
	registry, err := describe()
	if err != nil {
		t.Fatal(err)
	}
	must(t, newPlainHTTP(t, p, ownerSecret), registry, "app_create", `{"id":"crm","title":"Customers"}`)
	l := newLoop(t, p)
	total := 0
	say := func(name string, arguments map[string]any) string {
		t.Helper()
		text, tokens, _ := l.must(t, name, arguments)
		total += tokens
		return text
	}
	upload := say("blob_put", map[string]any{"app": "crm", "key": "contacts.csv"})
	address := regexp.MustCompile(`http://\S+/up/[a-z2-7]+`).FindString(upload)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPut, address, strings.NewReader(contactsCSV()))
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("the upload: %v %v", response, err)
	}
	_ = response.Body.Close()
	text := say("op_run", map[string]any{"name": "csv_import", "input": map[string]any{"app": "crm", "collection": "contacts", "key": "contacts.csv"}})
	if !strings.Contains(text, "500 inserted into contacts") {
		t.Error(text)
	}
	text = say("op_run", map[string]any{"name": "page_from_collection", "input": map[string]any{"app": "crm", "collection": "contacts"}})
	if !strings.HasPrefix(text, "ok ") {
		t.Error(text)
	}
	text = say("tab_open", map[string]any{"url": "app:crm/"})
	if !strings.Contains(text, "Contacts") {
		t.Error(text)
	}
	t.Logf("the story takes %d tokens", total)
	if total > storyTokens {
		t.Errorf("the story takes %d tokens, over %d\n%s", total, storyTokens, l.script.String())
	}
	l.golden(t, "testdata/tables.txt")
}

// TestTablesBridge: an agent beside the file names it, and the bridge sends it.
func TestTablesBridge(t *testing.T) {
	t.Parallel()
	p := serve(t)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "contacts.csv"), []byte(contactsCSV()), 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), buildBinary(t), "mcp", "--dir", dir)
	command.Env = append(os.Environ(), "FAZT_URL="+p.url, "FAZT_TOKEN="+p.agent)
	session, err := mcp.NewClient(&mcp.Implementation{Name: "robot", Version: "1"}, nil).Connect(t.Context(), &mcp.CommandTransport{Command: command}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = session.Close() })
	mustTool(t, session, "op_run", map[string]any{"name": "app_create", "input": map[string]any{"id": "crm"}})
	text := mustTool(t, session, "blob_put", map[string]any{"app": "crm", "key": "contacts.csv", "path": "@./contacts.csv"})
	if !strings.Contains(text, fmt.Sprintf(`"size":%d`, len(contactsCSV()))) || len(text) > 500 {
		t.Fatal(text)
	}
	text = mustTool(t, session, "op_run", map[string]any{"name": "csv_import", "input": map[string]any{"app": "crm", "collection": "contacts", "key": "contacts.csv"}})
	if !strings.Contains(text, "500 inserted") {
		t.Error(text)
	}
	codec, err := tokenizer.Get(tokenizer.O200kBase)
	if err != nil {
		t.Fatal(err)
	}
	ids, _, err := codec.Encode(text)
	if err != nil || len(ids) > 250 {
		t.Errorf("the answer has %d tokens (%v): %s", len(ids), err, text)
	}
}

// TestShippedRecipes carries out each of the recipes that are of use on the
// first day, with their checks.
func TestShippedRecipes(t *testing.T) {
	t.Parallel()
	p := serve(t)
	registry, err := describe()
	if err != nil {
		t.Fatal(err)
	}
	f := newPlainHTTP(t, p, ownerSecret)
	run := func(name, input string) (output map[string]any) {
		t.Helper()
		var record struct {
			State  string
			Output map[string]any
		}
		answer := must(t, f, registry, "recipe_run", `{"name":"`+name+`","wait_s":60,"input":`+input+`}`)
		if err := json.Unmarshal([]byte(answer), &record); err != nil || record.State != "ok" || !strings.Contains(answer, `"check"`) {
			t.Fatalf("%s: %v %s", name, err, answer)
		}
		return record.Output
	}
	if out := run("demo_seed", `{}`); out["people"] != 12.0 {
		t.Errorf("demo_seed: %v", out)
	}
	run("demo_seed", `{}`) // again
	out := run("collection_from_sample", `{"app":"demo","collection":"orders","store":true,"sample":[`+
		`{"number":"A1","total":1.5,"status":"open","email":"a@x.org"},{"number":"A2","total":2,"status":"paid","email":null}]}`)
	if out["stored"] != 2.0 || len(out["indexes"].([]any)) != 2 || !strings.Contains(fmt.Sprint(out["schema"]), "total:map[type:number]") {
		t.Errorf("collection_from_sample: %v", out)
	}
	fix := `{"app":"demo","collection":"orders","filter":{"status":"open"},"update":{"$set":{"status":"paid"}}`
	if out := run("find_and_fix", fix+`}`); out["applied"] != false || out["changed"] != 1.0 {
		t.Errorf("find_and_fix: %v", out)
	}
	if out := run("find_and_fix", fix+`,"apply":true}`); out["applied"] != true || !strings.Contains(fmt.Sprint(out["examples"]), "status:paid") {
		t.Errorf("find_and_fix: %v", out)
	}
	if out := run("activity_summary", `{"app":"demo"}`); out["calls"].(float64) < 4 {
		t.Errorf("activity_summary: %v", out)
	}
	if out := run("capacity_explain", `{}`); len(out["lines"].([]any)) < 2 {
		t.Errorf("capacity_explain: %v", out)
	}
	var token struct{ ID string }
	if err := json.Unmarshal([]byte(must(t, f, registry, "token_create", `{"name":"shop","kind":"service","app":"demo","scopes":["kv:read"]}`)), &token); err != nil {
		t.Fatal(err)
	}
	if out := run("token_rotate", `{"token":"`+token.ID+`","revoke":true}`); out["revoked"] != true || out["id"] == token.ID {
		t.Errorf("token_rotate: %v", out)
	}
	for _, find := range []string{"page", "sample"} {
		if got := must(t, f, registry, "operation_list", `{"query":"`+find+`"}`); !strings.Contains(got, "page_from_collection") && !strings.Contains(got, "collection_from_sample") {
			t.Errorf("%q finds %s", find, got)
		}
	}
}

// TestPageFromCollection: a person opens the written page, signs in with a
// token of the app, searches, and adds an entry by the form.
func TestPageFromCollection(t *testing.T) {
	t.Parallel()
	browser := chromium.Open(t)
	p := serve(t)
	registry, err := describe()
	if err != nil {
		t.Fatal(err)
	}
	f := newPlainHTTP(t, p, ownerSecret)
	must(t, f, registry, "recipe_run", `{"name":"demo_seed","wait_s":60}`)
	origin := "http://demo.localhost" + p.url[strings.LastIndex(p.url, ":"):]
	must(t, f, registry, "setting_update", `{"add_origins":["`+origin+`"]}`)
	var token struct{ Secret string }
	if err := json.Unmarshal([]byte(must(t, f, registry, "token_create", `{"name":"page","kind":"service","app":"demo","scopes":["docs:read","docs:write"]}`)), &token); err != nil {
		t.Fatal(err)
	}
	page := browser.Page(t, origin+"/")
	shot := func(name string) {
		if dir := os.Getenv("FAZT_SHOTS"); dir != "" {
			page.Screenshot(t, filepath.Join(dir, name+".png"))
		}
	}
	until := func(what, js string) {
		t.Helper()
		waitFor(t, func() bool {
			var is bool
			return page.TryEval(browsertest.Main, js, &is) == nil && is
		})
		_ = what
	}
	shot("sign-in")
	page.Eval(t, fmt.Sprintf(`document.getElementById("token").value = %q; document.getElementById("enter").requestSubmit()`, token.Secret), nil)
	until("the rows", `document.querySelectorAll("#rows tr").length === 12 && document.getElementById("count").textContent === "12 entries"`)
	shot("list")
	page.EmulateDark(t, true)
	shot("list-dark")
	page.Resize(t, 390, 800)
	shot("phone-dark")
	page.EmulateDark(t, false)
	shot("phone")
	var wide int
	page.Eval(t, `document.documentElement.scrollWidth - innerWidth`, &wide)
	if wide > 0 {
		t.Errorf("on a phone the page is %d pixels too wide", wide)
	}
	page.Resize(t, 1280, 800)
	page.Eval(t, `document.getElementById("search").value = "gr. hop"; document.getElementById("search").dispatchEvent(new Event("input"))`, nil)
	until("no row: the dot is a dot", `!document.getElementById("none").hidden`)
	page.Eval(t, `document.getElementById("search").value = "GRACE"; document.getElementById("search").dispatchEvent(new Event("input"))`, nil)
	until("one row", `document.querySelectorAll("#rows tr").length === 1 && document.querySelector("#rows td").textContent === "Grace Brewster"`)
	page.Eval(t, `document.getElementById("add").click();
		const set = (name, value) => { document.getElementById("form").elements["field " + name].value = value };
		set("name", "<b>Eve</b>"); set("email", "eve@example.org"); set("city", "Ulm"); set("age", "33")`, nil)
	shot("form")
	page.Eval(t, `document.getElementById("form").requestSubmit()`, nil)
	until("13 entries", `document.getElementById("count").textContent === "13 entries" && !document.getElementById("dialog").open && !document.querySelector("#rows b")`)
	if got := must(t, f, registry, "doc_find", `{"app":"demo","collection":"people","filter":{"name":"<b>Eve</b>"}}`); !strings.Contains(got, `"age":33`) {
		t.Error(got)
	}
	page.Eval(t, `location.reload()`, nil)
	until("signed in still", `document.querySelectorAll("#rows tr").length === 13`)
}
