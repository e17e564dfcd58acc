package drivertest_test

import (
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"

	"fazt/clientjs"
	"fazt/clientjs/browsertest"
)

// driver is the script that is injected, with the input by script that pages
// have which import the module; agent/browser tests the real input.
var driver = sync.OnceValues(func() (string, error) {
	return built("driver", `import { install } from "./src/driver/install"; import { script } from "./src/driver/script"; install({ script });`)
})

// injected is the script as the product injects it.
var injected = sync.OnceValues(func() (string, error) { return built("src/driver/main.ts", "") })

func built(entry, source string) (string, error) {
	o := clientjs.BuildOptions{Files: clientjs.Sources, Entries: []string{entry}, Format: clientjs.IIFE, Minify: true}
	if source != "" {
		o.Virtual = map[string]string{entry: source}
	}
	outputs, err := clientjs.Build(o)
	if err != nil {
		return "", err
	}
	for _, output := range outputs {
		if strings.HasSuffix(output.Path, ".js") {
			return string(output.Content), nil
		}
	}
	return "", errors.New("the bundle has no script")
}

// tab is a page with the driver in its isolated world.
type tab struct {
	*browsertest.Page
	t testing.TB
}

func openTab(t testing.TB, html string) *tab {
	t.Helper()
	script, err := driver()
	if err != nil {
		t.Fatal(err)
	}
	page := chromium.Open(t).Page(t, html)
	page.Inject(t, browsertest.Isolated, script)
	return &tab{Page: page, t: t}
}

// engineError is a failure of the engine as it crosses.
type engineError struct {
	Message string `json:"message"`
	Data    struct {
		Code   string `json:"code"`
		Hint   string `json:"hint"`
		Detail string `json:"detail"`
	} `json:"data"`
}

func (e *engineError) Error() string {
	return e.Data.Code + ": " + e.Message + " (" + e.Data.Detail + ")"
}

// call sends one message to the engine.
func (p *tab) call(method string, params, out any) error {
	p.t.Helper()
	message, err := json.Marshal(map[string]any{"id": 1, "method": method, "params": params})
	if err != nil {
		p.t.Fatal(err)
	}
	var text string
	p.EvalIn(p.t, browsertest.Isolated, "__fazt.dispatch("+quote(p.t, string(message))+")", &text)
	var answer struct {
		Result json.RawMessage
		Error  *engineError
	}
	if err := json.Unmarshal([]byte(text), &answer); err != nil {
		p.t.Fatalf("%s answered %s: %v", method, text, err)
	}
	if answer.Error != nil {
		return answer.Error
	}
	if out != nil {
		if err := json.Unmarshal(answer.Result, out); err != nil {
			p.t.Fatalf("%s answered %s: %v", method, text, err)
		}
	}
	return nil
}

func quote(t testing.TB, s string) string {
	t.Helper()
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

type params map[string]any

// look answers the text of a look.
func (p *tab) look(o params) string {
	p.t.Helper()
	var seen struct{ Text string }
	if err := p.call("look", o, &seen); err != nil {
		p.t.Fatalf("look %v: %v", o, err)
	}
	return seen.Text
}

// try carries out a step of the grammar with little patience.
func (p *tab) try(step string) error {
	p.t.Helper()
	return p.call("step", params{"step": step, "timeout_ms": 300}, nil)
}

// do carries out steps that must succeed.
func (p *tab) do(steps ...string) {
	p.t.Helper()
	for _, step := range steps {
		if err := p.call("step", params{"step": step, "timeout_ms": 4000}, nil); err != nil {
			p.t.Fatalf("%s: %v\n%s", step, err, p.look(params{}))
		}
	}
}

// code returns the engine's code of an error, "" for none.
func code(err error) string {
	var failure *engineError
	if errors.As(err, &failure) {
		return failure.Data.Code
	}
	if err != nil {
		return "not an engine's error: " + err.Error()
	}
	return ""
}

// text evaluates an expression in the page's own world.
func (p *tab) text(js string) string {
	p.t.Helper()
	var out string
	p.Eval(p.t, "String("+js+")", &out)
	return out
}
