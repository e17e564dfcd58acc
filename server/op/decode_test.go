package op_test

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"fazt/server/op"
)

// allIn has every kind of field that the decoder knows.
type allIn struct {
	Text   string                    `json:"text" doc:"a text" minLength:"1" maxLength:"5"`
	Email  string                    `json:"email,omitzero" doc:"a pattern" pattern:"^[a-z]+@[a-z]+$"`
	Color  string                    `json:"color,omitzero" doc:"one of three" enum:"red,green,blue"`
	Key    string                    `json:"key,omitzero" doc:"a key" format:"key"`
	Int    int64                     `json:"int,omitzero" doc:"a whole number" minimum:"-5" maximum:"10"`
	Small  int8                      `json:"small,omitzero" doc:"a small one"`
	Uint   *uint64                   `json:"uint" doc:"not below zero"`
	Float  float64                   `json:"float,omitzero" doc:"any number" maximum:"100"`
	Flag   bool                      `json:"flag,omitzero" doc:"yes or no"`
	Any    jsontext.Value            `json:"any,omitzero" doc:"any JSON"`
	Number jsontext.Value            `json:"number,omitzero" doc:"a number as given" type:"number"`
	List   []string                  `json:"list,omitzero" doc:"texts" minItems:"1" maxItems:"3" maxLength:"4"`
	Ints   []int                     `json:"ints,omitzero" doc:"numbers"`
	Nested *nestedIn                 `json:"nested" doc:"an object"`
	Rows   []nestedIn                `json:"rows,omitzero" doc:"objects"`
	Map    map[string]jsontext.Value `json:"map,omitzero" doc:"any members"`
}

type nestedIn struct {
	Path string `json:"path" doc:"where"`
	Desc bool   `json:"desc,omitzero" doc:"descending"`
}

// decoder returns a function that decodes an input through Call.
func decoder[In any](tb testing.TB, path string) func(input string, params ...op.Param) (In, *op.Error) {
	tb.Helper()
	var got In
	registry := op.NewRegistry(op.Ports{Admitter: op.AdmitAll{}, Recorder: op.RecordNone{}, Approver: op.ApproveAll{}})
	err := registry.Add(op.Define(op.Operation{
		Name: "test_decode", Summary: "Decode", Scope: "kv:write", Effect: op.Write, Method: "POST", Path: path,
	}, func(_ context.Context, in In) (emptyIn, error) {
		got = in
		return emptyIn{}, nil
	}))
	if err != nil {
		tb.Fatal(err)
	}
	scopes, _ := op.NewScopeSet("kv:write")
	return func(input string, params ...op.Param) (In, *op.Error) {
		var zero In
		got = zero
		_, err := registry.Call(context.Background(), op.Request{
			Operation: "test_decode", Input: []byte(input), Params: params,
			Principal: &op.Principal{ID: "t", Name: "t", Kind: op.KindPerson, Scopes: scopes},
		})
		var e *op.Error
		if err != nil && !errors.As(err, &e) {
			tb.Fatalf("%s: the error is %T, want *op.Error", input, err)
		}
		return got, e
	}
}

func nested(depth int) string { return strings.Repeat("[", depth) + strings.Repeat("]", depth) }

func TestDecoderRefuses(t *testing.T) {
	t.Parallel()
	decode := decoder[allIn](t, "/api/test")
	for _, c := range []struct {
		name, input string
		code        op.Code
		field       string
		says        string // a part of the detail or hint
	}{
		{"nothing", ``, op.CodeInvalidInput, "text", "missing required field"},
		{"only spaces", "  \n", op.CodeInvalidJSON, "", "ends too early"},
		{"not an object", `[1]`, op.CodeInvalidInput, "", "not an array"},
		{"null", `null`, op.CodeInvalidInput, "", "not null"},
		{"a text", `"a"`, op.CodeInvalidInput, "", `{"text": …}`},
		{"missing", `{}`, op.CodeInvalidInput, "text", "text: a text"},
		{"unknown, near", `{"txt":"a"}`, op.CodeUnknownField, "txt", `did you mean "text"?`},
		{"unknown, far", `{"zzzzzzz":1}`, op.CodeUnknownField, "zzzzzzz", "the fields are text, email"},
		{"another case", `{"Text":"a"}`, op.CodeUnknownField, "Text", `did you mean "text"?`},
		{"unknown within", `{"text":"a","nested":{"pth":"x"}}`, op.CodeUnknownField, "nested.pth", `did you mean "path"?`},
		{"unknown in a list", `{"text":"a","rows":[{"path":"x"},{"q":1}]}`, op.CodeUnknownField, "rows[1].q", "rows[1].q"},
		{"missing in a list", `{"text":"a","rows":[{"desc":true}]}`, op.CodeInvalidInput, "rows[0].path", "missing"},
		{"twice", `{"text":"a","text":"b"}`, op.CodeInvalidJSON, "text", "stands twice"},
		{"twice, escaped", `{"text":"a","\u0074ext":"b"}`, op.CodeInvalidJSON, "text", "stands twice"},
		{"twice within", `{"text":"a","rows":[{"path":"x","path":"y"}]}`, op.CodeInvalidJSON, "rows[0].path", "stands twice"},
		{"twice in any JSON", `{"text":"a","any":{"x":1,"x":2}}`, op.CodeInvalidJSON, "any.x", "stands twice"},
		{"null text", `{"text":null}`, op.CodeInvalidInput, "text", "must be a string, not null"},
		{"null pointer", `{"text":"a","uint":null}`, op.CodeInvalidInput, "uint", "not null"},
		{"null list", `{"text":"a","list":null}`, op.CodeInvalidInput, "list", "must be an array, not null"},
		{"null item", `{"text":"a","list":[null]}`, op.CodeInvalidInput, "list[0]", "not null"},
		{"number for text", `{"text":1}`, op.CodeInvalidInput, "text", "not a number"},
		{"text for number", `{"text":"a","int":"1"}`, op.CodeInvalidInput, "int", "not a string"},
		{"text for boolean", `{"text":"a","flag":"true"}`, op.CodeInvalidInput, "flag", "must be a boolean"},
		{"object for list", `{"text":"a","list":{}}`, op.CodeInvalidInput, "list", "must be an array, not an object"},
		{"list for object", `{"text":"a","nested":[]}`, op.CodeInvalidInput, "nested", "must be an object, not an array"},
		{"text for a number as given", `{"text":"a","number":"1"}`, op.CodeInvalidInput, "number", "must be a number"},
		{"fraction for whole", `{"text":"a","int":1.5}`, op.CodeInvalidInput, "int", "whole number"},
		{"exponent for whole", `{"text":"a","int":1e1}`, op.CodeInvalidInput, "int", "whole number"},
		{"over int8", `{"text":"a","small":128}`, op.CodeInvalidInput, "small", "in range"},
		{"over int64", `{"text":"a","int":9223372036854775808}`, op.CodeInvalidInput, "int", "in range"},
		{"below zero", `{"text":"a","uint":-1}`, op.CodeInvalidInput, "uint", "at least 0"},
		{"over uint64", `{"text":"a","uint":18446744073709551616}`, op.CodeInvalidInput, "uint", "in range"},
		{"over float64", `{"text":"a","float":1e999}`, op.CodeInvalidInput, "float", "in range"},
		{"below the minimum", `{"text":"a","int":-6}`, op.CodeInvalidInput, "int", "at least -5"},
		{"over the maximum", `{"text":"a","int":11}`, op.CodeInvalidInput, "int", "at most 10"},
		{"over a float's maximum", `{"text":"a","float":100.5}`, op.CodeInvalidInput, "float", "at most 100"},
		{"empty", `{"text":""}`, op.CodeInvalidInput, "text", "must not be empty"},
		{"too long", `{"text":"äöüäöü"}`, op.CodeInvalidInput, "text", "at most 5 characters, not 6"},
		{"pattern", `{"text":"a","email":"x"}`, op.CodeInvalidInput, "email", "must match"},
		{"enum", `{"text":"a","color":"gren"}`, op.CodeInvalidInput, "color", `did you mean "green"?`},
		{"format", `{"text":"a","key":"a\u0000"}`, op.CodeInvalidInput, "key", "U+0000"},
		{"too few items", `{"text":"a","list":[]}`, op.CodeInvalidInput, "list", "must not be empty"},
		{"too many items", `{"text":"a","list":["a","b","c","d"]}`, op.CodeInvalidInput, "list", "more than 3"},
		{"a bound on items", `{"text":"a","list":["abcde"]}`, op.CodeInvalidInput, "list[0]", "at most 4"},
		{"invalid UTF-8", "{\"text\":\"\xff\"}", op.CodeInvalidJSON, "", "UTF-8"},
		{"invalid UTF-8 in any JSON", "{\"text\":\"a\",\"any\":{\"\xff\":1}}", op.CodeInvalidJSON, "", "UTF-8"},
		{"half a surrogate pair", `{"text":"\ud800"}`, op.CodeInvalidJSON, "", "surrogate"},
		{"a byte order mark", "\ufeff{\"text\":\"a\"}", op.CodeInvalidJSON, "", "not valid JSON at byte 0"},
		{"cut short", `{"text":"a"`, op.CodeInvalidJSON, "", "ends too early"},
		{"cut in a text", `{"text":"a`, op.CodeInvalidJSON, "", "ends too early"},
		{"cut in a list", `{"text":"a","list":["a"`, op.CodeInvalidJSON, "", "ends too early"},
		{"trailing comma", `{"text":"a",}`, op.CodeInvalidJSON, "", "not valid JSON at byte"},
		{"a comment", `{"text":"a"}/**/`, op.CodeInvalidJSON, "", "follows"},
		{"something behind", `{"text":"a"}{}`, op.CodeInvalidJSON, "", "follows"},
		{"a bracket behind", `{"text":"a"}}`, op.CodeInvalidJSON, "", "follows"},
		{"single quotes", `{'text':'a'}`, op.CodeInvalidJSON, "", "not valid JSON"},
		{"a name that is no text", `{1:2}`, op.CodeInvalidJSON, "", "not valid JSON"},
		{"NaN", `{"text":"a","float":NaN}`, op.CodeInvalidJSON, "", "not valid JSON"},
		{"too deep", `{"text":"a","any":` + nested(op.MaxDepth) + `}`, op.CodeInvalidJSON, "", "deeper than 100"},
		{"far too deep", strings.Repeat(`{"a":`, 1_000_000), op.CodeInvalidJSON, "", "deeper than 100"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := decode(c.input)
			if err == nil {
				t.Fatalf("%.80s was taken", c.input)
			}
			if err.Code != c.code || err.Field != c.field || !strings.Contains(err.Detail+"\n"+err.Hint, c.says) {
				t.Errorf("got %s, field %q, hint %q; want %s, field %q, and %q", err, err.Field, err.Hint, c.code, c.field, c.says)
			}
		})
	}
}

func TestDecoderTakes(t *testing.T) {
	t.Parallel()
	decode := decoder[allIn](t, "/api/test")
	seven := uint64(7)
	zero := uint64(0)
	for _, c := range []struct {
		name, input string
		want        allIn
	}{
		{"the least", `{"text":"a"}`, allIn{Text: "a"}},
		{"spaces around", " \t\r\n{ \"text\" : \"a\" } \n", allIn{Text: "a"}},
		{"characters, not bytes", `{"text":"äöüäö"}`, allIn{Text: "äöüäö"}},
		{"escapes", `{"\u0074ext":"\ud83d\ude00\n"}`, allIn{Text: "😀\n"}},
		{"bounds themselves", `{"text":"a","int":-5,"float":100,"small":-128}`, allIn{Text: "a", Int: -5, Float: 100, Small: -128}},
		{"zero is given", `{"text":"a","uint":0}`, allIn{Text: "a", Uint: &zero}},
		{"all of uint64", `{"text":"a","uint":7}`, allIn{Text: "a", Uint: &seven}},
		{"null where any JSON goes", `{"text":"a","any":null}`, allIn{Text: "a", Any: jsontext.Value("null")}},
		{"any JSON as given", `{"text":"a","any":{"b":1.50, "a":[1e3]}}`, allIn{Text: "a", Any: jsontext.Value(`{"b":1.50, "a":[1e3]}`)}},
		{"a number as given", `{"text":"a","number":1.50}`, allIn{Text: "a", Number: jsontext.Value("1.50")}},
		{"lists", `{"text":"a","list":["a","b"],"ints":[]}`, allIn{Text: "a", List: []string{"a", "b"}, Ints: []int{}}},
		{"objects", `{"text":"a","nested":{"path":""},"rows":[{"path":"x","desc":true}]}`,
			allIn{Text: "a", Nested: &nestedIn{}, Rows: []nestedIn{{Path: "x", Desc: true}}}},
		{"members", `{"text":"a","map":{"x":1,"y":null}}`,
			allIn{Text: "a", Map: map[string]jsontext.Value{"x": jsontext.Value("1"), "y": jsontext.Value("null")}}},
		{"as deep as can be", `{"text":"a","any":` + nested(op.MaxDepth-1) + `}`, allIn{Text: "a", Any: jsontext.Value(nested(op.MaxDepth - 1))}},
		{"brackets in texts are no depth", `{"text":"a","any":"` + strings.Repeat(`[\"{`, 200) + `"}`,
			allIn{Text: "a", Any: jsontext.Value(`"` + strings.Repeat(`[\"{`, 200) + `"`)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := decode(c.input)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("got %+v\nwant %+v", got, c.want)
			}
		})
	}
}

func TestLargeInputs(t *testing.T) {
	t.Parallel()
	decode := decoder[allIn](t, "/api/test")
	text := strings.Repeat("x", 5<<20)
	got, err := decode(`{"text":"a","any":"` + text + `"}`)
	if err != nil || len(got.Any) != len(text)+2 {
		t.Fatalf("5 MiB of any JSON: %v, %d bytes", err, len(got.Any))
	}
	if _, err := decode(`{"` + text + `":1}`); err == nil || len(err.Detail) > 300 || len(err.Field) > 6<<20 {
		t.Errorf("a name of 5 MiB: the detail has %d bytes", len(err.Detail))
	}
	if _, err := decode(`{"text":"` + text + `"}`); err == nil || len(err.Detail) > 300 {
		t.Errorf("a text of 5 MiB where 5 characters go: %.100v", err)
	}
}

// TestDecodedInputOwnsItsMemory: the buffer of a decode is used again by the
// next one.
func TestDecodedInputOwnsItsMemory(t *testing.T) {
	t.Parallel()
	decode := decoder[allIn](t, "/api/test")
	first, err := decode(`{"text":"first","any":{"k":"first"},"list":["one"],"map":{"m":"first"}}`)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := decode(`{"text":"other","any":{"k":"other"},"list":["two"],"map":{"m":"other"}}`); err != nil {
		t.Fatal(err)
	}
	if first.Text != "first" || string(first.Any) != `{"k":"first"}` || first.List[0] != "one" || string(first.Map["m"]) != `"first"` {
		t.Errorf("a later decode changed an earlier input: %+v", first)
	}
}

type paramsIn struct {
	App    string         `json:"app" doc:"the app" format:"app"`
	Limit  int            `json:"limit" doc:"how many" default:"100" minimum:"1" maximum:"1000"`
	Kinds  []string       `json:"kinds" doc:"which" default:"kv,doc" minItems:"1" maxItems:"2"`
	Ratio  float64        `json:"ratio,omitzero" doc:"a part" maximum:"1"`
	Flag   bool           `json:"flag,omitzero" doc:"yes or no"`
	Filter jsontext.Value `json:"filter,omitzero" doc:"any JSON"`
	Sort   []nestedIn     `json:"sort,omitzero" doc:"the order"`
}

func TestDecoderOfText(t *testing.T) {
	t.Parallel()
	decode := decoder[paramsIn](t, "/api/apps/{app}")
	app := op.Param{Name: "app", Value: "shop"}
	for _, c := range []struct {
		name, value string
		input       string
		says        string // "" = taken
	}{
		{"limit", "1", "", ""},
		{"limit", "0", "", "at least 1"},
		{"limit", "1001", "", "at most 1000"},
		{"limit", "+1", "", "must be an integer"},
		{"limit", "007", "", "must be an integer"},
		{"limit", " 7", "", "must be an integer"},
		{"limit", "1_0", "", "must be an integer"},
		{"limit", "", "", "must be an integer"},
		{"limit", "1", `{"limit":2}`, "given twice"},
		{"ratio", "0.5", "", ""},
		{"ratio", "NaN", "", "must be a number"},
		{"ratio", "-Inf", "", "must be a number"},
		{"ratio", "0x1p-2", "", "must be a number"},
		{"flag", "true", "", ""},
		{"flag", "1", "", "true or false"},
		{"flag", "", "", "true or false"},
		{"kinds", "kv", "", ""},
		{"kinds", `["k,v"]`, "", ""},
		{"kinds", "a,b,c", "", "more than 2"},
		{"kinds", "", "", "must not be empty"},
		{"kinds", `["a"`, "", "ends too early"},
		{"filter", `{"a":1}`, "", ""},
		{"filter", `{"a":1,"a":2}`, "", "stands twice"},
		{"filter", `{"a":1} x`, "", "one JSON value"},
		{"filter", nested(101), "", "deeper than"},
		{"sort", `[{"path":"a"}]`, "", ""},
		{"sort", `[{"pth":"a"}]`, "", `did you mean "path"?`},
		{"app", "\xff", "", "given twice"},
		{"lmit", "1", "", `did you mean "limit"?`},
	} {
		_, err := decode(c.input, app, op.Param{Name: c.name, Value: c.value})
		switch {
		case c.says == "" && err != nil:
			t.Errorf("%s=%s: %v", c.name, c.value, err)
		case c.says != "" && err == nil:
			t.Errorf("%s=%s was taken", c.name, c.value)
		case c.says != "" && !strings.Contains(err.Detail+err.Hint, c.says):
			t.Errorf("%s=%s: %v (%s), want %q", c.name, c.value, err, err.Hint, c.says)
		}
	}
	if _, err := decode("", op.Param{Name: "app", Value: "\xff"}); err == nil || err.Field != "app" {
		t.Errorf("an app of invalid UTF-8: %v", err)
	}
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	decode := decoder[paramsIn](t, "/api/apps/{app}")
	app := op.Param{Name: "app", Value: "shop"}
	first, err := decode("", app)
	if err != nil || first.Limit != 100 || !reflect.DeepEqual(first.Kinds, []string{"kv", "doc"}) {
		t.Fatalf("got %+v, %v", first, err)
	}
	first.Kinds[0] = "changed"
	if second, err := decode("", app); err != nil || second.Kinds[0] != "kv" {
		t.Errorf("a handler changed the default of later calls: %v, %v", second.Kinds, err)
	}
	if given, err := decode(`{"limit":5,"kinds":["doc"]}`, app); err != nil || given.Limit != 5 || len(given.Kinds) != 1 {
		t.Errorf("what was given gave way to the default: %+v, %v", given, err)
	}
}

func TestPeekApp(t *testing.T) {
	t.Parallel()
	for input, want := range map[string]string{
		`{"app":"shop"}`:                   "shop",
		`{"x":{"app":"inner"},"app":"a"}`:  "a",
		`{"\u0061pp":"shop"}`:              "shop",
		`{"app":1}`:                        "",
		`{"app":null}`:                     "",
		`{"x":{"app":"inner"}}`:            "",
		`["app"]`:                          "",
		`{"app"`:                           "",
		``:                                 "",
		`{"x":1,`:                          "",
		"{\"\xff\":1,\"app\":\"shop\"}":    "",
		`{"app":"first","app":"second"}`:   "first",
		`{"value":"{\"app\":\"quoted\"}"}`: "",
	} {
		if got := op.PeekApp([]byte(input)); got != want {
			t.Errorf("PeekApp(%q) = %q, want %q", input, got, want)
		}
	}
}

// TestDefinitionsThatAreWrong: a mistake in a definition ends the start, not a
// call.
func TestDefinitionsThatAreWrong(t *testing.T) {
	t.Parallel()
	fine := op.Operation{Name: "kv_get", Summary: "Get", Scope: "kv:read", Effect: op.Read, Method: "GET", Path: "/api/x"}
	with := func(change func(*op.Operation)) op.Operation {
		o := fine
		change(&o)
		return o
	}
	type embeds struct{ keyIn }
	type undocumented struct {
		X string `json:"x"`
	}
	type reserved struct {
		X bool `json:"dry_run" doc:"x"`
	}
	type badDefault struct {
		X int `json:"x" doc:"x" default:"many"`
	}
	type channel struct {
		X chan int `json:"x" doc:"x"`
	}
	for name, define := range map[string]func(){
		"a name with capitals":    func() { define[emptyIn](with(func(o *op.Operation) { o.Name = "kvGet" })) },
		"a name of 31 characters": func() { define[emptyIn](with(func(o *op.Operation) { o.Name = "a" + strings.Repeat("b", 30) })) },
		"no summary":              func() { define[emptyIn](with(func(o *op.Operation) { o.Summary = "" })) },
		"an unknown scope":        func() { define[emptyIn](with(func(o *op.Operation) { o.Scope = "kv:delete" })) },
		"an unknown effect":       func() { define[emptyIn](with(func(o *op.Operation) { o.Effect = "delete" })) },
		"a path elsewhere":        func() { define[emptyIn](with(func(o *op.Operation) { o.Path = "/x" })) },
		"a parameter without field": func() {
			define[emptyIn](with(func(o *op.Operation) { o.Path = "/api/{app}" }))
		},
		"an embedded struct":    func() { define[embeds](fine) },
		"a field without doc":   func() { define[undocumented](fine) },
		"a reserved name":       func() { define[reserved](fine) },
		"a default that is not": func() { define[badDefault](fine) },
		"a type without JSON":   func() { define[channel](fine) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s was defined", name)
				}
			}()
			define()
		}()
	}
}

func define[In any](o op.Operation) {
	op.Define(o, func(context.Context, In) (emptyIn, error) { return emptyIn{}, nil })
}

// FuzzDecode holds the decoder to another one: what it takes, the JSON library
// takes in its strict mode and with the same result.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		`{"text":"a"}`, `{"text":"a","any":{"x":[1,2,{"y":null}]},"list":["a"],"ints":[1]}`, `{"text":"a","rows":[{"path":"x","desc":true}]}`,
		`{"text":"a","map":{"k":1},"nested":{"path":"p"},"uint":18446744073709551615}`, `{"\u0074ext":"\ud83d\ude00"}`, `{"text":"a"} x`, `[[[[`, `{"text":"a","text":"b"}`,
	} {
		f.Add(seed)
	}
	decode := decoder[allIn](f, "/api/test")
	f.Fuzz(func(t *testing.T, input string) {
		got, failed := decode(input)
		var want allIn
		err := json.Unmarshal([]byte(input), &want, json.RejectUnknownMembers(true))
		if failed == nil {
			if err != nil {
				t.Fatalf("%q was taken, but the library says %v", input, err)
			}
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("%q decodes to %+v, but the library gives %+v", input, got, want)
			}
			return
		}
		if failed.Code == op.CodeInternal || failed.Detail == "" || !utf8.ValidString(failed.Detail) {
			t.Fatalf("%q: %+v", input, failed)
		}
		if failed.Code == op.CodeUnknownField && err == nil {
			t.Fatalf("%q: %v, but the library knows every field", input, failed)
		}
	})
}

// FuzzDecodeText does the same for text: no value makes a call fail inside.
func FuzzDecodeText(f *testing.F) {
	f.Add("limit", "5")
	f.Add("kinds", `["a"]`)
	f.Add("filter", `{"a":[1]}`)
	f.Add("ratio", "1e-3")
	decode := decoder[paramsIn](f, "/api/apps/{app}")
	f.Fuzz(func(t *testing.T, name, value string) {
		got, failed := decode("", op.Param{Name: "app", Value: "shop"}, op.Param{Name: name, Value: value})
		if failed != nil {
			if failed.Code == op.CodeInternal || failed.Detail == "" {
				t.Fatalf("%s=%q: %+v", name, value, failed)
			}
			return
		}
		if got.Limit < 1 || got.Limit > 1000 || !(got.Ratio <= 1) || len(got.Kinds) < 1 || len(got.Kinds) > 2 {
			t.Fatalf("%s=%q passed the bounds: %+v", name, value, got)
		}
		if got.Filter != nil && !got.Filter.IsValid() {
			t.Fatalf("%s=%q gave a filter that is no JSON: %s", name, value, got.Filter)
		}
	})
}
