package op_test

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"fazt/server/op"
)

// sources serve flags from memory.
func sources(stdin string, files map[string]string) op.FlagSources {
	return op.FlagSources{
		Stdin: strings.NewReader(stdin),
		Open: func(path string) (io.ReadCloser, error) {
			text, ok := files[path]
			if !ok {
				return nil, fs.ErrNotExist
			}
			return io.NopCloser(strings.NewReader(text)), nil
		},
	}
}

// fields splits a command line at spaces; a space in quotes is written ␠.
func fields(line string) []string {
	args := strings.Fields(line)
	for i := range args {
		args[i] = strings.ReplaceAll(args[i], "␠", " ")
	}
	return args
}

func TestParseFlags(t *testing.T) {
	t.Parallel()
	files := map[string]string{"v.json": " {\"a\": 1.50}\n", "text.txt": "line one\nline two\n", "list.json": `["x,y","z"]`}
	for _, c := range []struct{ operation, line, input string }{
		{"kv_set", `--app shop --key a --value {"n":1}`, `{"app":"shop","key":"a","value":{"n":1}}`},
		{"kv_set", `--value null --key a --app shop`, `{"app":"shop","key":"a","value":null}`},
		{"kv_set", `--app=shop --key=a=b --value=1.50`, `{"app":"shop","key":"a=b","value":1.50}`},
		{"kv_set", `--app shop --key a --value-text it's␠"hi"`, `{"app":"shop","key":"a","value":"it's \"hi\""}`},
		{"kv_set", `--app shop --key a --value-text @v.json`, `{"app":"shop","key":"a","value":"@v.json"}`},
		{"kv_set", `--app shop --key a --value @v.json`, `{"app":"shop","key":"a","value":{"a": 1.50}}`},
		{"kv_set", `--app shop --key a @v.json`, `{"app":"shop","key":"a","value":{"a": 1.50}}`},
		{"kv_set", `--app shop --key a --value -`, `{"app":"shop","key":"a","value":[1]}`},
		{"kv_set", `--app shop --key a -`, `{"app":"shop","key":"a","value":[1]}`},
		{"kv_set", `--app shop --key a --value-text-file text.txt`, `{"app":"shop","key":"a","value":"line one\nline two\n"}`},
		{"kv_set", `--app shop --key @home --value 1`, `{"app":"shop","key":"@home","value":1}`},
		{"kv_set", `--app shop --key - --value 1`, `{"app":"shop","key":"-","value":1}`},
		{"kv_set", `--app shop --key-file text.txt --value 1`, `{"app":"shop","key":"line one\nline two\n","value":1}`},
		{"kv_set", `--app shop --key --odd --value 1`, `{"app":"shop","key":"--odd","value":1}`},
		{"kv_set", `--app shop --key=--value --value 1`, `{"app":"shop","key":"--value","value":1}`},
		{"kv_set", `--app shop --key a --value 1 --if-version 0`, `{"app":"shop","key":"a","value":1,"if_version":0}`},
		{"kv_set", `--app shop --key a --value 1 --if_version 7 --ttl_ms 5`, `{"app":"shop","key":"a","value":1,"ttl_ms":5,"if_version":7}`},
		{"kv_set", `--app shop --key a --value -5`, `{"app":"shop","key":"a","value":-5}`},
		{"kv_set", `--app shop --key a --value 1 --create-only`, `{"app":"shop","key":"a","value":1,"create_only":true}`},
		{"kv_set", `--app shop --key a --value 1 --create-only=false`, `{"app":"shop","key":"a","value":1,"create_only":false}`},
		{"kv_set", `--create-only --app shop --key a --value 1`, `{"app":"shop","key":"a","value":1,"create_only":true}`},
		{"doc_find_and_update", `--app a --collection c --update {} --fields x,y --fields z`, `{"app":"a","collection":"c","fields":["x","y","z"],"update":{}}`},
		{"doc_find_and_update", `--app a --collection c --update {} --fields ["x,y","z"]`, `{"app":"a","collection":"c","fields":["x,y","z"],"update":{}}`},
		{"doc_find_and_update", `--app a --collection c --update {} --sort {"path":"x"} --sort {"path":"y"}`,
			`{"app":"a","collection":"c","sort":[{"path":"x"},{"path":"y"}],"update":{}}`},
		{"doc_find_and_update", `--app a --collection c --update {} --sort [{"path":"x"}]`, `{"app":"a","collection":"c","sort":[{"path":"x"}],"update":{}}`},
		{"doc_find_and_update", `--app a --collection c --update {} --filter @v.json --return before`,
			`{"app":"a","collection":"c","filter":{"a": 1.50},"update":{},"return":"before"}`},
		{"doc_find_and_update", `--app a --collection c --update @v.json --fields []`, `{"app":"a","collection":"c","fields":[],"update":{"a": 1.50}}`},
		{"approval_decide", `--id a1 --approve`, `{"id":"a1","approve":true}`},
		{"undo", `--app shop --since 5`, `{"app":"shop","since":5}`},
		{"system_backup", ``, `{}`},
	} {
		got, _, err := op.ParseFlags(operation(t, c.operation), fields(c.line), sources("[1]\n", files))
		if err != nil {
			t.Errorf("%s %s: %v (%s)", c.operation, c.line, err, op.AsError(err).Hint)
			continue
		}
		if string(got) != c.input {
			t.Errorf("%s %s\n got %s\nwant %s", c.operation, c.line, got, c.input)
		}
	}
}

func TestParseFlagsRefuses(t *testing.T) {
	t.Parallel()
	files := map[string]string{"text.txt": "no json", "binary": "\xff\xfe"}
	const rest = ` --app shop --key a --value 1`
	for _, c := range []struct{ operation, line, says string }{
		{"kv_set", `--app shop`, "missing --key (the key) and --value (any JSON)"},
		{"kv_set", `--app shop`, "usage"},
		{"kv_set", `--apk shop` + rest, "did you mean --app?"},
		{"kv_set", `--vlaue-text x` + rest, "did you mean --value-text?"},
		{"kv_set", `--zzzzzzzz` + rest, "--idempotency-key --dry-run --confirm"},
		{"kv_set", `shop` + rest, `"shop" stands without a flag`},
		{"kv_set", `-x` + rest, "stands without a flag"},
		{"kv_set", `--` + rest, "stands without a flag"},
		{"kv_set", `--app shop` + rest, "--app is given twice"},
		{"kv_set", `--value-text x` + rest, "--value is given twice"},
		{"kv_set", `-` + rest, "--value is given twice"},
		{"kv_set", rest + ` --ttl-ms`, "needs a value"},
		{"kv_set", `--key --value 1 --app shop`, "needs a value before --value"},
		{"kv_set", rest + ` --ttl-ms five`, `must be an integer, not "five"`},
		{"kv_set", rest + ` --if-version -`, "must be an integer"},
		{"kv_set", rest + ` --create-only false`, "write --create-only=false"},
		{"kv_set", rest + ` --create-only=yes`, "is true or false"},
		{"kv_set", rest + ` --dry-run=1`, "is true or false"},
		{"kv_set", `--app shop --key a --value hi`, `--value '"hi"'`},
		{"kv_set", `--app shop --key a --value @text.txt`, "--value-text-file FILE"},
		{"kv_set", `--app shop --key a --value @missing`, "cannot read"},
		{"kv_set", `--app shop --key a --value-text-file binary`, "valid UTF-8"},
		{"kv_set", `--app shop --key-file - --value -`, "another flag has read"},
		{"doc_find_and_update", `--app a --collection c --update {} --filter [1]`, "must be an object, not an array"},
		{"doc_find_and_update", `--app a --collection c --update {} --fields [1`, "is no JSON"},
		{"doc_find_and_update", `--app a --collection c --update {} --sort path`, "is no JSON"},
		{"system_backup", `@file`, "stands without a flag"},
	} {
		_, _, err := op.ParseFlags(operation(t, c.operation), fields(c.line), sources("[1]", files))
		if err == nil {
			t.Errorf("%s %s was taken", c.operation, c.line)
			continue
		}
		e := op.AsError(err)
		if says := e.Detail + " " + e.Hint; e.Code == op.CodeInternal || !strings.Contains(says, c.says) && (c.says != "usage" || !strings.Contains(says, "fazt kv set --app APP")) {
			t.Errorf("%s %s: %s (%s), want %q", c.operation, c.line, e, e.Hint, c.says)
		}
	}
}

func TestParseFlagsEnvelope(t *testing.T) {
	t.Parallel()
	_, env, err := op.ParseFlags(operation(t, "app_delete"), fields(`--app shop --dry-run --confirm shop --idempotency-key k␠1`), sources("", nil))
	if want := (op.Envelope{IdempotencyKey: "k 1", DryRun: true, Confirm: "shop"}); err != nil || env != want {
		t.Errorf("got %+v, %v, want %+v", env, err, want)
	}
}

func TestFlagSourcesAreBounded(t *testing.T) {
	t.Parallel()
	src := op.FlagSources{Stdin: endless{}}
	_, _, err := op.ParseFlags(operation(t, "kv_set"), fields(`--app shop --key a --value -`), src)
	if op.AsError(err).Code != op.CodeTooLarge {
		t.Errorf("an endless standard input: %v", err)
	}
	src.Stdin = failing{}
	if _, _, err := op.ParseFlags(operation(t, "kv_set"), fields(`--app shop --key a -`), src); err == nil || !strings.Contains(err.Error(), "broken pipe") {
		t.Errorf("a standard input that fails: %v", err)
	}
}

type endless struct{}

func (endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = ' '
	}
	return len(b), nil
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("broken pipe") }

// TestEveryFieldIsAFlag: nothing that an operation takes is out of reach.
func TestEveryFieldIsAFlag(t *testing.T) {
	t.Parallel()
	for _, o := range testRegistry(t).All() {
		help := op.CommandHelp(o)
		for _, f := range o.Fields() {
			if !strings.Contains(help, "--"+strings.ReplaceAll(f.Name, "_", "-")) {
				t.Errorf("the help of %s lacks %s", o.Name, f.Name)
			}
		}
	}
}

// TestExamplesAsCommands: the command lines that help shows give the input that
// the example has. A small shell reads them here.
func TestExamplesAsCommands(t *testing.T) {
	t.Parallel()
	checked := 0
	for _, o := range testRegistry(t).All() {
		for line := range strings.Lines(op.CommandHelp(o)) {
			args := shell(strings.TrimSpace(line))
			words := strings.Fields(o.CLIName())
			if len(args) < 1+len(words) || args[0] != "fazt" || !slices.Equal(args[1:1+len(words)], words) || !strings.HasPrefix(line, "  fazt") {
				continue
			}
			got, _, err := op.ParseFlags(o, args[1+len(words):], sources("", nil))
			if err != nil {
				t.Errorf("%s: %v", line, err)
				continue
			}
			checked++
			if !sameJSON(t, got, []byte(o.Examples[0].In)) {
				t.Errorf("%s gives %s, want %s", line, got, o.Examples[0].In)
			}
		}
	}
	if checked < 4 {
		t.Errorf("only %d command lines were found in the help", checked)
	}
}

// shell splits a line as a POSIX shell does, for what shellQuote writes.
func shell(line string) []string {
	var args []string
	var word strings.Builder
	open, quoted := false, false
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '\'':
			quoted, open = !quoted, true
		case quoted:
			word.WriteByte(c)
		case c == '\\' && i+1 < len(line):
			i++
			word.WriteByte(line[i])
			open = true
		case c == ' ':
			if open {
				args = append(args, word.String())
			}
			word.Reset()
			open = false
		default:
			word.WriteByte(c)
			open = true
		}
	}
	if open {
		args = append(args, word.String())
	}
	return args
}

func sameJSON(t *testing.T, a, b []byte) bool {
	t.Helper()
	canonical := func(text []byte) string {
		v := jsontext.Value(text).Clone()
		if err := v.Canonicalize(); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		return string(v)
	}
	return canonical(a) == canonical(b)
}

// FuzzParseFlags: whatever the arguments, the result is one JSON object with
// known fields, or an error that says something.
func FuzzParseFlags(f *testing.F) {
	for _, seed := range []string{
		"--app\nshop\n--key\na\n--value\n{\"x\":1}", "--fields\na,b\n--sort\n[{\"path\":\"x\"}]", "--value\n@f\n-", "--create-only=false\n--if-version\n0", "--=\n--\n-",
	} {
		f.Add("kv_set", seed)
		f.Add("doc_find_and_update", seed)
	}
	registry := testRegistry(f)
	f.Fuzz(func(t *testing.T, name, args string) {
		o, ok := registry.Lookup(name)
		if !ok {
			return
		}
		input, _, err := op.ParseFlags(o, strings.Split(args, "\n"), sources(args, map[string]string{"f": args}))
		if err != nil {
			if e := op.AsError(err); e.Code == op.CodeInternal || e.Detail == "" {
				t.Fatalf("%q: %v", args, err)
			}
			return
		}
		var members map[string]json.RawMessage
		if !jsontext.Value(input).IsValid() || json.Unmarshal(input, &members) != nil {
			t.Fatalf("%q gives %q, which is no JSON object", args, input)
		}
		for field := range members {
			if !slices.ContainsFunc(o.Fields(), func(f op.Field) bool { return f.Name == field }) {
				t.Fatalf("%q gives the unknown field %q", args, field)
			}
		}
	})
}
