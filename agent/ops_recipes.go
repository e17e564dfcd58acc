package agent

import (
	"context"

	"github.com/go-json-experiment/json/jsontext"

	"fazt/agent/run"
	"fazt/server/op"
	"fazt/storage"
)

// runRoom is what the operations on recipes and runs work with.
type runRoom struct{ runner *run.Runner }

type recipeSaveIn struct {
	Name   string         `json:"name,omitzero" maxLength:"30" doc:"the recipe's name; when given, the source must say the same"`
	Source string         `json:"source,omitzero" maxLength:"262144" doc:"TypeScript or JavaScript: export default defineRecipe({ name, title, effect, scopes, input, api, ui, check })"`
	From   []string       `json:"from,omitzero" maxItems:"20" maxLength:"20" doc:"in place of source: tabs and runs of yours; the source is written out of what was done there"`
	Params jsontext.Value `json:"params,omitzero" doc:"with from: an object, name → the value it had there, which becomes an input; of a run its input is taken"`
	Title  string         `json:"title,omitzero" maxLength:"200" doc:"a title in place of the source's"`
	Enable *bool          `json:"enable" doc:"whether everyone may run it at once; only a person can say true, for whom it is the default"`
}

type recipeOut struct {
	Name     string   `json:"name" doc:"the recipe's name, which is an operation's name"`
	Title    string   `json:"title" doc:"what it does, in one line"`
	State    string   `json:"state" doc:"enabled (everyone runs it), pinned (and goes on running it), draft (its saver runs it) or shipped (part of the program)"`
	Hash     string   `json:"hash" doc:"SHA-256 of the source, in hex: the version"`
	Effect   string   `json:"effect" doc:"read, write or destructive"`
	Scopes   []string `json:"scopes" doc:"the rights it asks for"`
	Modes    []string `json:"modes" doc:"api, ui or both: how it can be carried out"`
	HasCheck bool     `json:"has_check" doc:"whether it checks afterwards that the world is as promised"`
	HasUndo  bool     `json:"has_undo,omitzero" doc:"whether it can undo what a run of it did: run_undo"`
	PageForm bool     `json:"page_form" doc:"whether it is how the operation of this name is carried out in a page"`
	Author   string   `json:"author" doc:"the name of the token that saved it"`
	SavedAt  int64    `json:"saved_at,omitzero" doc:"Unix milliseconds; absent for shipped ones"`
	Note     string   `json:"note,omitzero" doc:"what else is to know"`
	Ended    int64    `json:"runs_ended,omitzero" doc:"of its newest runs, at most 100, how many have ended; absent when it never ran"`
	OK       int64    `json:"runs_ok,omitzero" doc:"and how many of those ended well"`
	Inputs   []string `json:"inputs,omitzero" doc:"of one written out of what was done: its inputs"`
	Checks   string   `json:"checks,omitzero" doc:"and what its check looks at"`
	Tried    string   `json:"tried,omitzero" doc:"and what a try without acting said"`
}

func recipeOutOf(e *run.Entry) recipeOut {
	d := e.Definition
	out := recipeOut{
		Name: d.Name, Title: run.Clean(e.Title), State: e.State(), Hash: e.Hash, Effect: string(d.Effect),
		Scopes: append([]string{}, d.Scopes...), Modes: e.Modes(), HasCheck: d.HasCheck, HasUndo: d.HasUndo, PageForm: e.IsForm(),
		Author: e.AuthorName,
	}
	if !e.SavedAt.IsZero() {
		out.SavedAt = e.SavedAt.UnixMilli()
	}
	if !d.HasCheck {
		out.Note = "it has no check: nothing holds its result against the world"
	}
	return out
}

type recipeListIn struct {
	Query string `json:"query,omitzero" maxLength:"200" doc:"only recipes that hold every one of these words, in name, title, scopes or source; the best first"`
}

type recipeListOut struct {
	Items      []recipeOut `json:"items" doc:"the recipes you may know of, by name; drafts of others are shown to people"`
	NextCursor *string     `json:"next_cursor" doc:"always null: the list is whole"`
}

type recipeGetIn struct {
	Name string `json:"name" maxLength:"30" doc:"the recipe's name"`
	Hash string `json:"hash,omitzero" maxLength:"64" doc:"a version; the default is the one you would run"`
}

type recipeGetOut struct {
	Recipe   recipeOut       `json:"recipe" doc:"the version"`
	Source   string          `json:"source" doc:"what its author wrote"`
	Input    jsontext.Value  `json:"input" doc:"JSON Schema of its input"`
	Output   jsontext.Value  `json:"output,omitzero" doc:"JSON Schema of its output"`
	Versions []recipeVersion `json:"versions" doc:"the saved versions that you may know of, newest first"`
}

type recipeVersion struct {
	Hash    string `json:"hash" doc:"SHA-256 of the source"`
	Author  string `json:"author" doc:"the name of the token that saved it"`
	SavedAt int64  `json:"saved_at" doc:"Unix milliseconds"`
	Enabled bool   `json:"enabled" doc:"whether everyone runs it"`
	Pinned  bool   `json:"pinned,omitzero" doc:"whether it is pinned: what is saved later does not run"`
}

type recipeRunIn struct {
	Name  string         `json:"name" maxLength:"30" doc:"the recipe's name, or that of an operation with mode ui"`
	Input jsontext.Value `json:"input,omitzero" doc:"its input, an object; the default is {}"`
	Mode  string         `json:"mode" default:"api" enum:"api,ui" doc:"by its api, or in a live page where a person can watch"`
	Tab   string         `json:"tab,omitzero" maxLength:"12" doc:"with mode ui: the live tab; the default is your only one, else one is opened and closed"`
	Wait  int            `json:"wait_s" default:"20" minimum:"0" maximum:"60" doc:"how many seconds to wait for its end; it goes on afterwards"`
}

type recipeEnableIn struct {
	Name    string `json:"name" maxLength:"30" doc:"the recipe's name"`
	Hash    string `json:"hash,omitzero" maxLength:"64" doc:"the version to enable; the default is the newest"`
	Enabled bool   `json:"enabled,omitzero" default:"true" doc:"false takes the recipe out of use; drafts stay for their savers"`
}

type recipeDeleteIn struct {
	Name string `json:"name" maxLength:"30" doc:"the recipe's name"`
}

type recipeDeleteOut struct {
	Deleted bool `json:"deleted" doc:"whether it was there and is gone"`
}

func (r *runRoom) recipeOperations() []*op.Operation {
	return []*op.Operation{
		r.opRecipeSave(), r.opRecipeList(), r.opRecipeGet(), r.opRecipeRun(), r.opRecipeEnable(), r.opRecipePin(), r.opRecipeDiff(), r.opRecipeDelete(),
	}
}

// exampleSource is a whole recipe, for the examples.
const exampleSource = `import { defineRecipe } from "fazt";
export default defineRecipe({
  name: "greeting_set", title: "Store a greeting", effect: "write", scopes: ["kv:read", "kv:write"],
  input: { type: "object", properties: { app: { type: "string" } }, required: ["app"], additionalProperties: false },
  async api({ fazt, input }) { return fazt.kv.set({ app: input.app, key: "greeting", value: "hello" }); },
  async check({ fazt, input, expect }) {
    expect((await fazt.kv.get({ app: input.app, key: "greeting" })).value).toBe("hello");
  },
});`

// quoted returns a text as JSON.
func quoted(text string) string {
	raw, err := jsontext.AppendQuote(nil, text)
	if err != nil {
		return `""`
	}
	return string(raw)
}

func exampleGiven() []op.Given {
	return []op.Given{
		{Op: "app_create", In: `{"id":"shop","title":"Shop"}`},
		{Op: "recipe_save", In: `{"source":` + quoted(exampleSource) + `}`},
	}
}

const exampleRecipe = `{"name":"greeting_set","title":"Store a greeting","state":"enabled",` +
	`"hash":"…","effect":"write","scopes":["kv:read","kv:write"],"modes":["api"],"has_check":true,"page_form":false,"author":"owner","saved_at":1764000000000}`

func (r *runRoom) opRecipeSave() *op.Operation {
	return op.Define(op.Operation{
		Name: "recipe_save", Summary: "Save a recipe: an operation written in JavaScript", Scope: "recipes:write", Effect: op.Write,
		Description: "It becomes an operation of its name at once. Saved by an agent it is a draft that only its saver runs, until a person enables it. " +
			"It runs with what the caller, its saver and its scopes have in common. With from, the source is written out of what was done by hand, and after a run that failed out of that run up to there and what was done in its tab since. A recipe with the name of an operation is that operation's page form: it has ui and no api.",
		Method: "POST", Path: "/api/recipes", Idempotent: true, AppFree: true,
		Examples: []op.Example{{
			Title: "A recipe with a check", Given: exampleGiven()[:1],
			In: `{"source":` + quoted(exampleSource) + `}`, Out: exampleRecipe,
		}},
	}, r.save)
}

// inPerson reports whether a person calls, rather than something on their
// behalf.
func inPerson(inv *op.Invocation) bool {
	return inv.Principal.Kind == op.KindPerson && !inv.Principal.Driven && inv.Face != op.FaceMCP
}

func (r *runRoom) save(ctx context.Context, in recipeSaveIn) (recipeOut, error) {
	inv := op.From(ctx)
	enable := inPerson(inv)
	if in.Enable != nil {
		if *in.Enable && !enable {
			return recipeOut{}, op.Errorf(op.CodeForbidden, "only a person can enable a recipe for everyone, in person; nothing was saved").
				WithHint("save it without enable: you can run it as a draft, and a person can enable it under /recipes")
		}
		enable = *in.Enable
	}
	if (in.Source == "") == (len(in.From) == 0) {
		return recipeOut{}, op.Invalid("source", "give either source or from").
			WithHint("source is the recipe's text; from names tabs and runs of yours, out of which it is written")
	}
	if len(in.From) > 0 {
		return r.write(ctx, in, enable)
	}
	e, err := r.runner.Save(ctx, inv.Principal, run.Save{Name: in.Name, Source: in.Source, Title: in.Title, Enable: enable})
	if err != nil {
		return recipeOut{}, err
	}
	return recipeOutOf(e), nil
}

// write saves a recipe that is written out of what was done. It is for nobody but
// its saver until a person enables it, a person's own too.
func (r *runRoom) write(ctx context.Context, in recipeSaveIn, enable bool) (recipeOut, error) {
	if in.Name == "" {
		return recipeOut{}, op.Invalid("name", "a recipe out of what was done needs a name").WithHint("noun_verb, such as key_add")
	}
	written, err := r.runner.SaveFrom(ctx, op.From(ctx).Principal, run.SaveFrom{
		Name: in.Name, Title: in.Title, From: in.From, Params: []byte(in.Params), Enable: enable && in.Enable != nil,
	})
	if err != nil {
		return recipeOut{}, err
	}
	out := recipeOutOf(written.Entry)
	out.Inputs, out.Checks, out.Tried = written.Inputs, written.Check, written.Tried
	return out, nil
}

func (r *runRoom) opRecipeList() *op.Operation {
	return op.Define(op.Operation{
		Name: "recipe_list", Summary: "List the recipes", Scope: "recipes:read", Effect: op.Read,
		Method: "GET", Path: "/api/recipes", AppFree: true,
	}, r.list)
}

func (r *runRoom) list(ctx context.Context, in recipeListIn) (recipeListOut, error) {
	found := r.runner.Search(op.From(ctx).Principal, in.Query)
	rates, err := r.runner.Rates(ctx, found)
	out := recipeListOut{Items: []recipeOut{}}
	for _, e := range found {
		item := recipeOutOf(e)
		rate := rates[item.Name]
		item.Ended, item.OK = rate.Ended, rate.OK
		out.Items = append(out.Items, item)
	}
	return out, err
}

func (r *runRoom) opRecipeGet() *op.Operation {
	return op.Define(op.Operation{
		Name: "recipe_get", Summary: "Read a recipe with its source", Scope: "recipes:read", Effect: op.Read,
		Method: "GET", Path: "/api/recipes/{name}", AppFree: true,
		Examples: []op.Example{{
			Title: "With its versions", Given: exampleGiven(), In: `{"name":"greeting_set"}`,
			Out: `{"recipe":` + exampleRecipe + `,"source":` + quoted(exampleSource) + `,` +
				`"input":{"type":"object","properties":{"app":{"type":"string"}},"required":["app"],"additionalProperties":false},` +
				`"versions":[{"hash":"…","author":"owner","saved_at":1764000000000,"enabled":true}]}`,
		}},
	}, r.get)
}

func (r *runRoom) get(ctx context.Context, in recipeGetIn) (recipeGetOut, error) {
	p := op.From(ctx).Principal
	saved, err := r.runner.Versions(ctx, p, in.Name)
	if err != nil {
		return recipeGetOut{}, err
	}
	e, err := r.runner.Version(ctx, p, in.Name, in.Hash)
	if err != nil {
		return recipeGetOut{}, err
	}
	out := recipeGetOut{
		Recipe: recipeOutOf(e), Source: e.Source, Input: jsontext.Value(e.Definition.Input),
		Output: jsontext.Value(e.Definition.Output), Versions: []recipeVersion{},
	}
	for _, v := range saved {
		out.Versions = append(out.Versions, versionOf(v))
	}
	return out, nil
}

func versionOf(v storage.RecipeVersion) recipeVersion {
	return recipeVersion{Hash: v.Hash, Author: v.AuthorName, SavedAt: v.CreatedAt.UnixMilli(), Enabled: v.Enabled, Pinned: v.Pinned}
}

func (r *runRoom) opRecipeRun() *op.Operation {
	return op.Define(op.Operation{
		Name: "recipe_run", Summary: "Run a recipe", Scope: "runs:write", Effect: op.Write,
		Description: "It answers the run as it stands after wait_s; the run goes on, and run_get shows its state, steps and result.",
		Method:      "POST", Path: "/api/recipes/{name}/run", AppFree: true, ManyBatches: true,
		Examples: []op.Example{{
			Title: "By its api", Given: exampleGiven(), In: `{"name":"greeting_set","input":{"app":"shop"}}`,
			Out: `{"id":"r_2fhk3q7abc","recipe":"greeting_set","mode":"api","state":"ok","by":"owner","started_at":1764000000000,` +
				`"ended_at":1764000000000,"input":{"app":"shop"},"output":{"key":"greeting","version":7,"created":true},` +
				`"steps":[{"n":1,"what":"kv_set app=\"shop\" key=\"greeting\" value=\"hello\"","state":"ok","ms":1,"note":"…"},` +
				`{"n":2,"what":"kv_get app=\"shop\" key=\"greeting\"","state":"ok","ms":1,"note":"…"}],"check":"ok"}`,
		}},
	}, r.run, op.WithRisk(r.runRisk))
}

func (r *runRoom) opRecipeEnable() *op.Operation {
	return op.Define(op.Operation{
		Name: "recipe_enable", Summary: "Let everyone run a version of a recipe, or take it out of use", Scope: "recipes:write", Effect: op.Write,
		Description: "It says what changes for those who run it. An older hash goes back to that version.",
		Method:      "POST", Path: "/api/recipes/{name}/enable", PeopleOnly: true, Idempotent: true,
		Examples: []op.Example{{
			Title: "Out of use", Given: exampleGiven(), In: `{"name":"greeting_set","enabled":false}`,
			Out: `{"items":[{"hash":"…","author":"owner","saved_at":1764000000000,"enabled":false}],"next_cursor":null}`,
		}},
	}, r.enable)
}

type recipeEnableOut struct {
	Items      []recipeVersion `json:"items" doc:"the recipe's versions, newest first"`
	NextCursor *string         `json:"next_cursor" doc:"always null: the list is whole"`
	Diff       string          `json:"diff,omitzero" doc:"unified: from the version that everyone ran to the one they run now"`
}

func (r *runRoom) enable(ctx context.Context, in recipeEnableIn) (recipeEnableOut, error) {
	before, err := r.runner.EnabledVersion(ctx, in.Name)
	if err != nil {
		return recipeEnableOut{}, err
	}
	if err := r.runner.Enable(ctx, in.Name, in.Hash, in.Enabled); err != nil {
		return recipeEnableOut{}, err
	}
	after, err := r.runner.EnabledVersion(ctx, in.Name)
	if err != nil {
		return recipeEnableOut{}, err
	}
	saved, err := r.runner.Versions(ctx, op.From(ctx).Principal, in.Name)
	out := recipeEnableOut{Items: []recipeVersion{}}
	if before != nil && after != nil {
		out.Diff = run.Diff(*before, *after)
	}
	for _, v := range saved {
		out.Items = append(out.Items, versionOf(v))
	}
	return out, err
}

func (r *runRoom) opRecipeDelete() *op.Operation {
	return op.Define(op.Operation{
		Name: "recipe_delete", Summary: "Delete a recipe with all its versions", Scope: "recipes:write", Effect: op.Destructive,
		Description: "Its runs stay. An agent can delete what is all its own.",
		Method:      "DELETE", Path: "/api/recipes/{name}", AppFree: true,
		Examples: []op.Example{{Title: "Gone", Given: exampleGiven(), In: `{"name":"greeting_set"}`, Out: `{"deleted":true}`}},
	}, r.remove)
}

func (r *runRoom) remove(ctx context.Context, in recipeDeleteIn) (recipeDeleteOut, error) {
	err := r.runner.Delete(ctx, op.From(ctx).Principal, in.Name)
	return recipeDeleteOut{Deleted: err == nil}, err
}
