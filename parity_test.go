package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"fazt/recipes"
	"fazt/server/op"
	"fazt/server/servertest"
)

// The page and the API are equal: every page form is carried out in a real
// Chromium on one server and as the bare operation on another, with the same
// inputs in the same order, and after each operation's cases both servers hold
// the same.

// parityCase is one call. In its input @app:ID and @key:KEY stand for a
// version, @doc:ID and @collection:NAME too, @token:NAME for an id, as they are on the server that is called.
type parityCase struct{ name, input string }

// parityStart is what both servers begin with, made through the API.
var parityStart = []parityCase{
	{"app_create", `{"id":"shop","title":"Shop"}`},
	{"app_create", `{"id":"old","title":"Old"}`},
	{"app_create", `{"id":"older"}`},
	{"kv_set", `{"app":"shop","key":"a","value":1}`},
	{"kv_set", `{"app":"shop","key":"b/c","value":2}`},
	{"kv_set", `{"app":"shop","key":" \"q\" ","value":3}`},
	{"token_create", `{"name":"reader","kind":"service","scopes":["kv:read"]}`},
	{"recipe_save", `{"source":` + jsonText(parityRecipe("saved", "Before")) + `,"enable":false}`},
	{"doc_insert", `{"app":"shop","collection":"people","docs":` + parityPeople + `}`},
	{"doc_insert", `{"app":"shop","collection":"gone","doc":{"id":"last"}}`},
}

// parityGroup is the cases of one operation.
type parityGroup struct {
	operation string
	inputs    []string
}

// parityCases are in an order in which each finds what it needs.
var parityCases = append(append(documentCases(), fileCases()...), []parityGroup{
	{"app_create", []string{
		`{"id":"plain"}`,
		`{"id":"full","title":"A title — with ümlauts, \"quotes\" and 🎉"}`,
		`{"id":"shop"}`,
		`{"id":"Not an id"}`,
	}},
	{"app_update", []string{
		`{"app":"shop","title":"The shop"}`,
		`{"app":"shop","title":"At its version","if_version":@app:shop}`,
		`{"app":"shop","title":"Too late","if_version":1}`,
		`{"app":"none","title":"Nothing"}`,
	}},
	{"kv_set", []string{
		`{"app":"shop","key":"number","value":1.0}`,
		`{"app":"shop","key":"large","value":1152921504606846976}`,
		`{"app":"shop","key":"order","value":{"b":1e2,"a":[null,true,"\u00e9\n"]}}`,
		`{"app":"shop","key":"a/b//c","value":"slashes"}`,
		`{"app":"shop","key":"..","value":"dots"}`,
		`{"app":"shop","key":"\"quoted\" 'twice'","value":"quotes"}`,
		`{"app":"shop","key":" line\nbreak\t","value":"control characters"}`,
		`{"app":"shop","key":"日本語/🎉","value":null}`,
		`{"app":"shop","key":"short","value":1,"ttl_ms":86400000}`,
		`{"app":"shop","key":"once","value":1,"create_only":true}`,
		`{"app":"shop","key":"a","value":2,"create_only":true}`,
		`{"app":"shop","key":"a","value":3,"if_version":@key:a}`,
		`{"app":"shop","key":"a","value":4,"if_version":1}`,
		`{"app":"shop","key":"new","value":5,"if_version":0}`,
		`{"app":"none","key":"a","value":1}`,
	}},
	{"kv_delete", []string{
		`{"app":"shop","key":"b/c"}`,
		`{"app":"shop","key":" \"q\" "}`,
		`{"app":"shop","key":"missing"}`,
		`{"app":"shop","key":"a","if_version":1}`,
		`{"app":"shop","key":"a","if_version":@key:a}`,
	}},
	{"token_create", []string{
		`{"name":"a program","kind":"service","scopes":["kv:read","kv:write"],"app":"shop","ttl_ms":86400000}`,
		`{"name":"an agent"}`,
		`{"name":"a careful agent","scopes":["kv:read"],"calls_per_hour":600,"writes_per_hour":60,"bytes_per_hour":1000000}`,
		`{"name":"no budget","calls_per_hour":0}`,
		`{"name":"needs scopes","kind":"service"}`,
		`{"name":"no such app","app":"none","scopes":["kv:read"]}`,
	}},
	{"token_revoke", []string{
		`{"token":"@token:reader"}`,
		`{"token":"owner"}`,
		`{"token":"t_none"}`,
	}},
	{"setting_update", []string{
		`{"origins":["https://b.example","https://a.example"]}`,
		`{"add_origins":["https://c.example"],"remove_origins":["https://a.example"],"approvals":"never"}`,
		`{"browse":[]}`,
		`{"event_days":7,"event_years":2,"slow_ms":250}`,
		`{"event_years":101}`,
		`{"origins":["not an origin"]}`,
	}},
	{"event_track", []string{
		`{"app":"shop","name":"signed_up","props":{"plan":"pro","seats":3}}`,
		`{"app":"shop","page":"/prices?utm_source=mail","referrer":"https://news.example/","visitor":"ada","user_agent":"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}`,
		`{"app":"shop","name":"x","props":{"a":[1]}}`,
		`{"app":"shop"}`,
	}},
	{"recipe_save", []string{
		`{"source":` + jsonText(parityRecipe("fresh", "Fresh")) + `,"enable":false}`,
		`{"source":` + jsonText(parityRecipe("saved", "After")) + `,"name":"saved","title":"Another","enable":false}`,
		`{"source":"this is no recipe","enable":false}`,
		`{"source":` + jsonText(parityRecipe("fresh", "Fresh")) + `,"name":"other","enable":false}`,
		`{"source":` + jsonText(parityRecipe("fresh", "Fresh")) + `,"enable":"yes"}`,
	}},
	{"recipe_delete", []string{
		`{"name":"saved"}`,
		`{"name":"none"}`,
	}},
	{"capacity_calibrate", []string{
		`{"quick":true}`,
		`{"quick":"very"}`,
	}},
	{"app_delete", []string{
		`{"app":"old","if_version":1}`,
		`{"app":"old","if_version":@app:old}`,
		`{"app":"older"}`,
		`{"app":"none"}`,
	}},
}...)

// jsonText is text as a JSON string.
func jsonText(text string) string { return string(quote(text)) }

func parityRecipe(name, title string) string {
	return strings.NewReplacer("NAME", name, "TITLE", title).Replace(`import { defineRecipe } from "fazt";
export default defineRecipe({
  name: "NAME", title: "TITLE", effect: "read", scopes: ["kv:read"],
  async api() { return "\"\\\n"; },
});
`)
}

// paritySide is one of the two servers.
type paritySide struct {
	registry *op.Registry
	face     *plainHTTP
	tab      string // where the page forms act; "" calls the operation itself
}

func (s *paritySide) ask(t testing.TB, name, input string) reply {
	t.Helper()
	o, err := s.registry.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	return s.face.call(t.Context(), t, o, []byte(input), op.Envelope{})
}

// call carries a case out in the side's own way and returns the error's code.
func (s *paritySide) call(t testing.TB, c parityCase) string {
	t.Helper()
	input := s.filledIn(t, c.input)
	if s.tab == "" {
		return s.ask(t, c.name, input).Code
	}
	got := s.ask(t, "recipe_run", fmt.Sprintf(`{"name":%q,"input":%s,"mode":"ui","tab":%q,"wait_s":60}`, c.name, input, s.tab))
	if got.Code != "" {
		return got.Code
	}
	var run struct {
		State string
		Error *struct{ Code, Detail string }
		Check string
	}
	if err := json.Unmarshal([]byte(got.JSON), &run); err != nil {
		t.Fatal(err)
	}
	switch {
	case run.Error != nil:
		t.Logf("%s %s: %s: %s", c.name, c.input, run.Error.Code, run.Error.Detail) // shown when the test fails
		return run.Error.Code
	case run.State != "ok":
		return "the run ended " + run.State
	}
	return ""
}

var placeholder = regexp.MustCompile(`@(app|key|token|doc|collection|blob):([a-z./]+)`)

// filledIn puts the side's own versions and ids into an input.
func (s *paritySide) filledIn(t testing.TB, input string) string {
	t.Helper()
	return placeholder.ReplaceAllStringFunc(input, func(at string) string {
		m := placeholder.FindStringSubmatch(at)
		var got struct {
			Version json.Number
			Items   []struct {
				ID, Name string
				Version  json.Number
			}
		}
		look := map[string]parityCase{
			"app": {"app_get", `{"app":"` + m[2] + `"}`}, "key": {"kv_get", `{"app":"shop","key":"` + m[2] + `"}`}, "token": {"token_list", `{}`},
			"doc":        {"doc_get", `{"app":"shop","collection":"people","id":"` + m[2] + `"}`},
			"collection": {"collection_get", `{"app":"shop","collection":"` + m[2] + `"}`},
			"blob":       {"blob_list", `{"app":"media","limit":1,"prefix":"` + m[2] + `"}`},
		}[m[1]]
		answer := s.ask(t, look.name, look.input)
		if err := json.Unmarshal([]byte(answer.JSON), &got); err != nil {
			t.Fatalf("%s: %v: %s", at, err, answer)
		}
		for _, item := range got.Items {
			if m[1] == "blob" {
				return item.Version.String()
			}
			if item.Name == m[2] {
				return item.ID
			}
		}
		return got.Version.String()
	})
}

// runCounts are of a recipe's runs: only what goes by page has any.
var runCounts = regexp.MustCompile(`"runs_(ended|ok)":\d+,`)

// state is what the server holds of all that the forms write.
func (s *paritySide) state(t testing.TB) string {
	t.Helper()
	state := stateOf(t, s.face, s.registry, "shop") + "recipe_list: " +
		runCounts.ReplaceAllString(servertest.Normal(t, s.ask(t, "recipe_list", `{}`).JSON), "")
	state += s.documents(t) + s.files(t)
	lines := strings.Split(state, "\n")
	for i, line := range lines {
		if name, list, ok := strings.Cut(line, ": "); ok && name == "token_list" {
			lines[i] = name + ": " + sortedItems(t, list)
		}
	}
	return strings.Join(lines, "\n")
}

// sortedItems is a list whose order follows from random ids, in one order.
func sortedItems(t testing.TB, list string) string {
	t.Helper()
	var page struct{ Items []json.RawMessage }
	if err := json.Unmarshal([]byte(list), &page); err != nil {
		t.Fatalf("%v in %s", err, list)
	}
	slices.SortFunc(page.Items, func(a, b json.RawMessage) int { return strings.Compare(string(a), string(b)) })
	return fmt.Sprintf("%s", page.Items)
}

// differing is the lines in which two states differ.
func differing(byPage, byAPI string) string {
	var all strings.Builder
	api := strings.Split(byAPI, "\n")
	for i, line := range strings.Split(byPage, "\n") {
		if i < len(api) && line != api[i] {
			fmt.Fprintf(&all, "\n by page %s\n by API  %s", line, api[i])
		}
	}
	return all.String()
}

func newParitySide(t *testing.T, registry *op.Registry, mode op.Mode) *paritySide {
	t.Helper()
	p := serve(t)
	s := &paritySide{registry: registry, face: newPlainHTTP(t, p, ownerSecret)}
	for _, c := range append(slices.Clone(parityStart), fileStart()...) {
		if code := s.call(t, c); code != "" {
			t.Fatalf("%s %s: %s", c.name, c.input, code)
		}
	}
	if mode == op.ModeUI {
		var opened struct{ Tab string }
		answer := s.ask(t, "tab_open", `{"url":"/apps","show":false}`)
		if err := json.Unmarshal([]byte(answer.JSON), &opened); err != nil || opened.Tab == "" {
			t.Fatalf("tab_open: %v: %s", err, answer)
		}
		s.tab = opened.Tab
	}
	return s
}

// TestPageFormsEqualTheirOperations is the proof that what a person clicks and
// what an agent calls are the same.
func TestPageFormsEqualTheirOperations(t *testing.T) {
	t.Parallel()
	chromium.Open(t) // says that the test is left out where there is none
	registry, err := describe()
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"keys", "documents", "files", "all else"} {
		t.Run(part, func(t *testing.T) {
			t.Parallel()
			proveParity(t, registry, part)
		})
	}
}

// partOf is the part that an operation's cases are carried out in.
func partOf(operation string) string {
	switch noun, _, _ := strings.Cut(operation, "_"); noun {
	case "kv":
		return "keys"
	case "doc", "collection":
		return "documents"
	case "blob", "site", "undo":
		return "files"
	}
	return "all else"
}

// proveParity carries out the cases of one part on servers of their own.
func proveParity(t *testing.T, registry *op.Registry, part string) {
	t.Helper()
	page, api := newParitySide(t, registry, op.ModeUI), newParitySide(t, registry, op.ModeAPI)
	for _, group := range parityCases {
		if partOf(group.operation) != part {
			continue
		}
		for _, input := range group.inputs {
			c := parityCase{group.operation, input}
			if byPage, byAPI := page.call(t, c), api.call(t, c); byPage != byAPI {
				t.Errorf("%s %s: by page %q, by API %q", c.name, c.input, byPage, byAPI)
			}
		}
		if byPage, byAPI := page.state(t), api.state(t); byPage != byAPI {
			t.Errorf("after the cases of %s the states differ%s", group.operation, differing(byPage, byAPI))
		}
	}
}

// noForm are the writes that the page offers without a page form. What only a
// person can do in person needs no entry: the server refuses it to whatever is
// driven.
var noForm = map[string]string{
	"recipe_run":  "starts a run, as mode ui itself does: a form of it would run a run",
	"run_undo":    "starts a run, as recipe_run does",
	"run_cancel":  "touches only what is live, and ends the very run that would carry it out",
	"blob_upload": "gives a secret address out, which the server refuses to whatever is driven",
	"tab_close":   "touches only what is live, such as the tab that would carry it out",
}

// pageCall is a call of an operation in the page's sources: by its name, or by
// its method.
var pageCall = regexp.MustCompile(`fazt\.(?:text|op)\(\s*"([a-z_]+)"|fazt\.([a-z]+)\.([a-zA-Z]+)\(`)

// TestPageWritesHaveForms holds the page to its forms: whatever it can write, an
// agent can do in it by name.
func TestPageWritesHaveForms(t *testing.T) {
	t.Parallel()
	registry, err := describe()
	if err != nil {
		t.Fatal(err)
	}
	written := pageWrites(t, registry)
	for name, file := range written {
		o, err := registry.Find(name)
		if err != nil {
			t.Fatal(err)
		}
		_, exempt := noForm[name]
		_, missing := fs.Stat(recipes.Shipped, name+".ts")
		switch hasForm := missing == nil; {
		case hasForm && exempt:
			t.Errorf("%s has a page form and an exemption", name)
		case !hasForm && !exempt && !o.PeopleOnly:
			t.Errorf("%s offers %s without a page form: write recipes/%s.ts", file, name, name)
		}
	}
	for name := range noForm {
		if _, ok := written[name]; !ok {
			t.Errorf("%s is exempt and no longer in the page", name)
		}
	}
}

// TestFormsHaveCases holds the forms to the proof above.
func TestFormsHaveCases(t *testing.T) {
	t.Parallel()
	files, err := fs.Glob(recipes.Shipped, "*.ts")
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string]int{}
	for _, group := range parityCases {
		cases[group.operation] += len(group.inputs)
	}
	registry, err := describe()
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(file, ".ts")
		if _, isForm := registry.Lookup(name); isForm && cases[name] < 2 { // the others are recipes of their own
			t.Errorf("the page form %s has %d cases in parityCases", name, cases[name])
		}
	}
}

// pageWrites are the operations that the page calls and that change something,
// each with a file that does.
func pageWrites(t *testing.T, registry *op.Registry) map[string]string {
	t.Helper()
	methods := map[string]*op.Operation{}
	for _, o := range registry.All() {
		methods[o.Name], methods[o.JSName()] = o, o
	}
	writes := map[string]string{}
	err := filepath.WalkDir("server/ui/src", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".ts" {
			return err
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range pageCall.FindAllStringSubmatch(string(source), -1) {
			name := m[1]
			if name == "" {
				name = m[2] + "." + m[3]
			}
			o, ok := methods[name]
			if !ok {
				t.Errorf("%s calls %s, which is no operation", path, name)
			} else if o.Effect != op.Read {
				writes[o.Name] = path
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(writes) < len(noForm) {
		t.Fatalf("only %d writes found in the page", len(writes))
	}
	return writes
}
