package server

import (
	"context"

	"fazt/server/op"
)

func (s *Service) slowOperations() []*op.Operation { return []*op.Operation{s.opSystemSlow()} }

type systemSlowIn struct {
	Operation string `json:"operation,omitzero" doc:"only calls of this operation" minLength:"1" maxLength:"100"`
	Limit     int    `json:"limit" doc:"how many at most" default:"100" minimum:"1" maximum:"256"`
}

type slowItem struct {
	At        int64  `json:"at" doc:"when it ended, in Unix ms"`
	Operation string `json:"operation" doc:"what was called"`
	App       string `json:"app,omitzero" doc:"the app it was about"`
	Principal string `json:"principal" doc:"the id of the token that called"`
	Face      string `json:"face" doc:"how it called: http, mcp, cli, page, recipe"`
	Code      string `json:"code" doc:"ok, or the error's code"`
	RequestID string `json:"request_id" doc:"as the caller was told, and as in the log"`
	TookMS    int64  `json:"took_ms" doc:"all of it, but for waiting without a permit: for a tab, a person, a timer"`
	AdmitMS   int64  `json:"admit_ms" doc:"of that, waiting to be let in"`
	QueueMS   int64  `json:"queue_ms" doc:"of that, waiting for the writer"`
	CommitMS  int64  `json:"commit_ms" doc:"of that, committing"`
	HandleMS  int64  `json:"handle_ms" doc:"of that, everything else: reading and computing"`
}

type systemSlowOut struct {
	OverMS int64      `json:"over_ms" doc:"calls that take this long are kept: the setting slow_ms"`
	Items  []slowItem `json:"items" doc:"the last slow calls, newest first, 256 at most"`
	Kept   slowKeptIn `json:"kept" doc:"counters since the start"`
}

type slowKeptIn struct {
	All uint64 `json:"all" doc:"slow calls since the start"`
}

func (s *Service) opSystemSlow() *op.Operation {
	return op.Define(op.Operation{
		Name: "system_slow", Summary: "List the calls that took long, and why", Scope: "system:read", Effect: op.Read,
		Description: "In memory, so a restart begins anew. Begin here when the server seems slow: queue and commit mean the disk, admit means too many calls, handle means the call itself.",
		Method:      "GET", Path: "/api/system/slow",
		Examples: []op.Example{{
			Title: "Nothing slow of one operation", In: `{"operation":"kv_count"}`, Out: `{"over_ms":500,"items":[],"kept":{"all":0}}`,
		}},
	}, func(ctx context.Context, in systemSlowIn) (systemSlowOut, error) {
		calls, all := s.Slow.Calls()
		out := systemSlowOut{OverMS: s.Slow.limit(ctx).Milliseconds(), Items: []slowItem{}, Kept: slowKeptIn{all}}
		for _, c := range calls {
			if in.Operation != "" && in.Operation != c.Operation || len(out.Items) == in.Limit {
				continue
			}
			out.Items = append(out.Items, slowItem{
				At: c.At.UnixMilli(), Operation: c.Operation, App: c.App, Principal: c.Principal, Face: c.Face, Code: c.Code, RequestID: c.RequestID,
				TookMS: c.Took.Milliseconds(), AdmitMS: c.Admit.Milliseconds(), QueueMS: c.Queue.Milliseconds(),
				CommitMS: c.Commit.Milliseconds(), HandleMS: c.Handle.Milliseconds(),
			})
		}
		return out, nil
	})
}
