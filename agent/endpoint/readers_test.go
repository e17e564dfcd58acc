package endpoint

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
)

// reading is one call of a default tool, and what its text leaves out of the
// whole, by member, with the reason.
type reading struct {
	arguments string
	leavesOut map[string]string
}

// readings has a call for every default tool.
func readings() map[string]reading {
	steps := map[string]string{
		"by": "the caller knows who it is", "started_at": "the run's record has it", "ended_at": "the run's record has it", "input": "the caller sent it",
		"n": "steps are in their order", "state": "of a step: all were ok", "ms": "run_get lists it", "note": "run_get lists it",
	}
	list := map[string]string{"next_cursor": "a handle stands for it in next", "expires_at": "null in every row"}
	return map[string]reading{
		"op_find":       {`{"query":"kv_set"}`, map[string]string{"input": "the text has a line for each field", "recipe": "only said of recipes"}},
		"op_run":        {`{"name":"kv_get","input":{"app":"shop","key":"greeting"}}`, nil},
		"system_status": {`{"app":"shop"}`, nil},
		"kv_get":        {`{"app":"shop","limit":1}`, list},
		"kv_set":        {`{"app":"shop","key":"new-5678","value":1}`, map[string]string{"version": "each of the two calls wrote", "created": "and only the first made it"}},
		"doc_find":      {`{"app":"shop","collection":"c"}`, list},
		"doc_put":       {`{"app":"shop","collection":"c","docs":[{"a":1}]}`, nil},
		"doc_update":    {`{"app":"shop","collection":"c","update":{"$set":{"a":1}}}`, nil},
		"blob_put":      {`{"app":"shop","key":"a.txt","text":"hello"}`, nil},
		"tab_open":      {`{"url":"/"}`, nil},
		"tab_look":      {`{"tab":"t_1"}`, nil},
		"tab_do":        {`{"steps":["click b1"]}`, nil},
		"code_run":      {`{"code":"return 1"}`, map[string]string{"by": steps["by"], "started_at": steps["started_at"], "ended_at": steps["ended_at"], "input": steps["input"]}},
		"run_get":       {`{"run":"r_1"}`, map[string]string{"by": steps["by"], "started_at": steps["started_at"], "ended_at": steps["ended_at"], "input": "null or {} here"}},
		"recipe_save":   {`{"name":"greeting_set","source":"x"}`, nil},
	}
}

// TestThreeReaders: a client that shows its model the text, one that shows the
// structure, and one that shows both tell it the same: every value of the
// structure is in the text, whole, and the text of ?structured=1 is the
// structure.
func TestThreeReaders(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if err := w.endpoint.options.Registry.Add(liveOperations()...); err != nil {
		t.Fatal(err)
	}
	w.store.put("greeting", `"hello-1234"`)
	w.store.put("later", `{"n":1.5,"of":["a|b","«c»",true],"text":"two\nlines"}`)
	all := readings()
	for _, name := range w.toolNames("/mcp") {
		r, ok := all[name]
		if !ok {
			t.Errorf("%s is read by nobody", name)
			continue
		}
		plain := w.call("/mcp", name, r.arguments)
		both := w.call("/mcp?structured=1", name, r.arguments)
		if plain.Structured != nil || len(plain.Content) != 1 || len(both.Content) != 1 {
			t.Errorf("%s: not one text for models, and one beside the structure: %+v %+v", name, plain, both)
			continue
		}
		if plain.IsError != both.IsError {
			t.Errorf("%s: failed %v for one and %v for the other", name, plain.IsError, both.IsError)
		}
		if !sameJSON(t, both.Content[0].Text, string(both.Structured)) {
			t.Errorf("%s: who reads both reads two answers: %+v", name, both)
		}
		told := unfenced(plain.Content[0].Text)
		for _, f := range facts(t, both.Structured, r.leavesOut) {
			if !slices.ContainsFunc(f.forms, func(form string) bool { return strings.Contains(told, form) }) {
				t.Errorf("%s: the structure says %s %s, and the text does not:\n%s", name, f.member, f.forms[0], told)
			}
		}
	}
	for _, raw := range w.tools("/mcp?structured=1") {
		if !strings.Contains(string(raw), `"outputSchema"`) {
			t.Errorf("no output schema: %s", raw)
		}
	}
}

// unfenced is a text with the marks that were escaped in data.
func unfenced(text string) string {
	return strings.NewReplacer(`\u00ab`, "«", `\u00bb`, "»", "‹", "«", "›", "»").Replace(text)
}

// fact is one value of a structure, or one line of it, in the forms in which a
// text may have it.
type fact struct {
	member string
	forms  []string
}

// facts are all that a structure says but for the members named.
func facts(t *testing.T, structure json.RawMessage, but map[string]string) []fact {
	t.Helper()
	var list []fact
	var collect func(name string, value jsontext.Value)
	collect = func(name string, value jsontext.Value) {
		if but[name] != "" || value.Kind() == 'n' {
			return
		}
		object, _ := members(value)
		for _, m := range object {
			collect(m.name, m.value)
		}
		array, _ := elements(value)
		for _, element := range array {
			collect(name, element)
		}
		if s, ok := stringOf(value); ok {
			for line := range strings.SplitSeq(s, "\n") {
				list = append(list, fact{name, []string{line, strings.Trim(text(line), `"`)}})
			}
		} else if object == nil && array == nil {
			list = append(list, fact{name, []string{string(value)}})
		}
	}
	collect("", jsontext.Value(structure))
	if len(list) == 0 {
		t.Errorf("no facts in %s", structure)
	}
	return list
}
