package agent

import (
	"context"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"fazt/agent/run"
	"fazt/server/op"
)

// run starts a recipe. The name of an operation that has a page form makes the
// same call as that operation with mode ui.
func (r *runRoom) run(ctx context.Context, in recipeRunIn) (run.Record, error) {
	inv := op.From(ctx)
	wait := time.Duration(in.Wait) * time.Second
	e, err := r.runner.Find(inv.Principal, in.Name)
	if err != nil {
		return run.Record{}, err
	}
	if e.IsForm() {
		return r.runner.RunForm(ctx, run.Start{Entry: e, Input: objectOr(in.Input), Mode: op.Mode(in.Mode), Tab: in.Tab})
	}
	return r.runner.Run(ctx, run.Start{Entry: e, Input: objectOr(in.Input), Mode: op.Mode(in.Mode), Tab: in.Tab}, wait)
}

// objectOr is an input of an operation that may be left out.
func objectOr(input jsontext.Value) []byte {
	if len(input) == 0 {
		return []byte("{}")
	}
	return input
}

func (r *runRoom) runRisk(ctx context.Context, in recipeRunIn) (op.Risk, error) {
	return r.runner.Risk(ctx, in.Name, objectOr(in.Input))
}

type runGetIn struct {
	Run  string `json:"run" maxLength:"12" doc:"the run's id"`
	Wait int    `json:"wait_s,omitzero" minimum:"0" maximum:"60" doc:"how many seconds to wait for its end"`
}

type runUndoIn struct {
	Run  string `json:"run" maxLength:"12" doc:"the id of a run that ended well"`
	Wait int    `json:"wait_s" default:"20" minimum:"0" maximum:"60" doc:"how many seconds to wait for its end; it goes on afterwards"`
}

type runListIn struct {
	Recipe string `json:"recipe,omitzero" maxLength:"30" doc:"only runs of this recipe"`
	Limit  int    `json:"limit" default:"100" minimum:"1" maximum:"1000" doc:"how many at most"`
	Cursor string `json:"cursor,omitzero" maxLength:"20" doc:"next_cursor of the page before"`
}

type runListOut struct {
	Items      []run.Record `json:"items" doc:"runs, newest first, without their steps; people see everyone's"`
	NextCursor *string      `json:"next_cursor" doc:"cursor of the next page, null at the end"`
}

type runCancelIn struct {
	Run string `json:"run" maxLength:"12" doc:"the run's id"`
}

func (r *runRoom) runOperations() []*op.Operation {
	return []*op.Operation{
		op.Define(op.Operation{
			Name: "run_get", Summary: "Show a run's state, steps and result", Scope: "runs:read", Effect: op.Read,
			Description: "An agent or a program sees its own runs, a person everyone's.",
			Method:      "GET", Path: "/api/runs/{run}", AppFree: true,
		}, r.getRun),
		op.Define(op.Operation{
			Name: "run_list", Summary: "List runs, newest first", Scope: "runs:read", Effect: op.Read,
			Method: "GET", Path: "/api/runs", AppFree: true,
			Examples: []op.Example{{Title: "None yet", In: `{}`, Out: `{"items":[],"next_cursor":null}`}},
		}, r.listRuns),
		op.Define(op.Operation{
			Name: "run_cancel", Summary: "End a run", Scope: "runs:write", Effect: op.Write, Idempotent: true,
			Description: "What it has done stands. A run that has ended stays as it is.",
			Method:      "POST", Path: "/api/runs/{run}/cancel", AppFree: true, ManyBatches: true,
		}, r.cancel),
		op.Define(op.Operation{
			Name: "run_undo", Summary: "Undo a run by its recipe's own undo", Scope: "runs:write", Effect: op.Write,
			Description: "It is a run of its own, of mode undo, by the version that ran then and with what that answered.",
			Method:      "POST", Path: "/api/runs/{run}/undo", AppFree: true, ManyBatches: true,
		}, r.undo, op.WithRisk(r.undoRisk)),
	}
}

func (r *runRoom) undo(ctx context.Context, in runUndoIn) (run.Record, error) {
	return r.runner.Undo(ctx, in.Run, time.Duration(in.Wait)*time.Second)
}

func (r *runRoom) undoRisk(ctx context.Context, in runUndoIn) (op.Risk, error) {
	return r.runner.UndoRisk(ctx, in.Run)
}

func (r *runRoom) getRun(ctx context.Context, in runGetIn) (run.Record, error) {
	return r.runner.Get(ctx, op.From(ctx).Principal, in.Run, time.Duration(in.Wait)*time.Second)
}

func (r *runRoom) cancel(ctx context.Context, in runCancelIn) (run.Record, error) {
	return r.runner.Cancel(ctx, op.From(ctx).Principal, in.Run)
}

func (r *runRoom) listRuns(ctx context.Context, in runListIn) (runListOut, error) {
	before := int64(0)
	if in.Cursor != "" {
		var err error
		if before, err = strconv.ParseInt(in.Cursor, 10, 64); err != nil || before < 1 {
			return runListOut{}, op.Invalid("cursor", "%q is no cursor of run_list", in.Cursor).WithHint("pass next_cursor of the page before, or leave it out")
		}
	}
	page, next, err := r.runner.List(ctx, op.From(ctx).Principal, run.Query{Recipe: in.Recipe, Before: before, Limit: in.Limit})
	out := runListOut{Items: page}
	if next != 0 {
		cursor := strconv.FormatInt(next, 10)
		out.NextCursor = &cursor
	}
	return out, err
}
