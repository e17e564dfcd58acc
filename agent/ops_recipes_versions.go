package agent

import (
	"context"

	"fazt/agent/run"
	"fazt/server/op"
)

type recipePinIn struct {
	Name   string `json:"name" maxLength:"30" doc:"the recipe's name"`
	Hash   string `json:"hash,omitzero" maxLength:"64" doc:"the version to pin; the default is the enabled one"`
	Pinned bool   `json:"pinned,omitzero" default:"true" doc:"false unpins: the version stays enabled, and newer ones can be"`
}

type recipePinOut struct {
	Items      []recipeVersion `json:"items" doc:"the recipe's versions, newest first"`
	NextCursor *string         `json:"next_cursor" doc:"always null: the list is whole"`
}

func (r *runRoom) opRecipePin() *op.Operation {
	return op.Define(op.Operation{
		Name: "recipe_pin", Summary: "Pin a recipe at a version, or unpin it", Scope: "recipes:write", Effect: op.Write,
		Description: "Everyone runs the pinned version until it is unpinned. What is saved meanwhile is kept and does not run, not even for its saver, and no other version can be enabled.",
		Method:      "POST", Path: "/api/recipes/{name}/pin", PeopleOnly: true, Idempotent: true,
		Examples: []op.Example{{
			Title: "At the enabled version", Given: exampleGiven(), In: `{"name":"greeting_set"}`,
			Out: `{"items":[{"hash":"…","author":"owner","saved_at":1764000000000,"enabled":true,"pinned":true}],"next_cursor":null}`,
		}},
	}, r.pin)
}

func (r *runRoom) pin(ctx context.Context, in recipePinIn) (recipePinOut, error) {
	if err := r.runner.Pin(ctx, in.Name, in.Hash, in.Pinned); err != nil {
		return recipePinOut{}, err
	}
	saved, err := r.runner.Versions(ctx, op.From(ctx).Principal, in.Name)
	out := recipePinOut{Items: []recipeVersion{}}
	for _, v := range saved {
		out.Items = append(out.Items, versionOf(v))
	}
	return out, err
}

type recipeDiffIn struct {
	Name string `json:"name" maxLength:"30" doc:"the recipe's name"`
	From string `json:"from,omitzero" maxLength:"64" doc:"a version's hash; the default is the enabled one, nothing when none is"`
	To   string `json:"to,omitzero" maxLength:"64" doc:"a version's hash; the default is the newest that you may know of"`
}

type recipeDiffOut struct {
	From string `json:"from_hash,omitzero" doc:"of the older version; absent when there is none"`
	To   string `json:"to_hash" doc:"of the newer version"`
	Diff string `json:"diff" doc:"unified; empty when they are the same"`
}

func (r *runRoom) opRecipeDiff() *op.Operation {
	return op.Define(op.Operation{
		Name: "recipe_diff", Summary: "Show what differs between two versions of a recipe", Scope: "recipes:read", Effect: op.Read,
		Method: "GET", Path: "/api/recipes/{name}/diff", AppFree: true,
		Examples: []op.Example{{
			Title: "The newest against the enabled one", Given: exampleGiven(), In: `{"name":"greeting_set"}`,
			Out: `{"from_hash":"…","to_hash":"…","diff":""}`,
		}},
	}, r.diff)
}

func (r *runRoom) diff(ctx context.Context, in recipeDiffIn) (recipeDiffOut, error) {
	from, to, err := r.runner.Compared(ctx, op.From(ctx).Principal, in.Name, in.From, in.To)
	if err != nil {
		return recipeDiffOut{}, err
	}
	return recipeDiffOut{From: from.Hash, To: to.Hash, Diff: run.Diff(from, to)}, nil
}
