package agent

import (
	"context"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"fazt/agent/run"
	"fazt/server/op"
)

type codeRunIn struct {
	Code  string         `json:"code" minLength:"1" maxLength:"262144" doc:"the body of an async function that knows fazt, page, input and expect and returns a result; or an ES module whose default export is such a function"`
	Input jsontext.Value `json:"input,omitzero" doc:"what it finds as input; the default is {}"`
	Tab   string         `json:"tab,omitzero" maxLength:"12" doc:"the live tab that page acts in; the default is your only one, else one is opened when page is used"`
	App   string         `json:"app,omitzero" format:"app" doc:"confines it to this app"`
	Wait  int            `json:"wait_s" default:"20" minimum:"0" maximum:"60" doc:"how many seconds to wait for its end; it goes on afterwards"`
}

func (r *runRoom) codeOperations() []*op.Operation {
	return []*op.Operation{op.Define(op.Operation{
		Name: "code_run", Summary: "Run a piece of JavaScript with fazt and page", Scope: "runs:write", Effect: op.Write,
		Description: "It runs in the sandbox with your rights and answers its result, console and steps; use it for many calls in one. " +
			"There is no network, file or timer beyond setTimeout. Calls that ask for a person's approval make it wait.",
		Method: "POST", Path: "/api/code:run", AppFree: true, ManyBatches: true,
		Examples: []op.Example{{
			Title: "Two calls in one", Given: []op.Given{{Op: "app_create", In: `{"id":"shop","title":"Shop"}`}},
			In: `{"code":"await fazt.kv.set({app:'shop',key:'a',value:1}); return (await fazt.kv.get({app:'shop',key:'a'})).value"}`,
			Out: `{"id":"r_2fhk3q7abc","recipe":"code","mode":"api","state":"ok","by":"owner","started_at":1764000000000,"ended_at":1764000000000,` +
				`"input":{},"output":1,"steps":[{"n":1,"what":"kv_set app=\"shop\" key=\"a\" value=1","state":"ok","ms":1,"note":"…"},` +
				`{"n":2,"what":"kv_get app=\"shop\" key=\"a\"","state":"ok","ms":1,"note":"…"}]}`,
		}},
	}, r.runCode, op.WithRisk(codeRisk))}
}

func (r *runRoom) runCode(ctx context.Context, in codeRunIn) (run.Record, error) {
	return r.runner.RunCode(ctx, run.Code{Source: in.Code, Input: []byte(in.Input), Tab: in.Tab, App: in.App}, time.Duration(in.Wait)*time.Second)
}

// codeRisk shows a person whom the policy asks about every write what would run.
func codeRisk(_ context.Context, in codeRunIn) (op.Risk, error) {
	const shown = 1000
	code := []rune(run.Clean(in.Code))
	return op.Risk{Summary: "the code: " + string(code[:min(len(code), shown)])}, nil
}
