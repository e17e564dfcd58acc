package run

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"fazt/recipes"
	"fazt/server/op"
	"fazt/storage"
)

// Entry is one version of a recipe that somebody can run.
type Entry struct {
	Definition recipes.Definition
	Title      string // as it was saved, or the definition's
	Source     string
	Hash       string
	Author     string // a token's id; "" of shipped ones
	AuthorName string
	AuthorKind op.Kind
	App        string // the author was bound to it
	SavedAt    time.Time
	Enabled    bool // everyone runs it
	Pinned     bool // and goes on running it, whatever is saved
	Shipped    bool

	seq     int64
	scopes  op.ScopeSet // the author's
	modules map[string]string
	form    bool // of a Go operation
	input   *jsonschema.Schema
	output  *jsonschema.Schema

	mu       sync.Mutex
	compiled *recipes.Compiled
}

// Effect is what the recipe says that it may do.
func (e *Entry) Effect() op.Effect { return op.Effect(e.Definition.Effect) }

// IsForm reports whether the recipe is the page form of a Go operation.
func (e *Entry) IsForm() bool { return e.form }

// State is how people speak of the version: enabled, draft or shipped.
func (e *Entry) State() string {
	switch {
	case e.Shipped:
		return "shipped"
	case e.Pinned:
		return "pinned"
	case e.Enabled:
		return "enabled"
	}
	return "draft"
}

// Modes are the ways in which it can be carried out.
func (e *Entry) Modes() []string {
	modes := []string{}
	if e.Definition.HasAPI {
		modes = append(modes, string(op.ModeAPI))
	}
	if e.Definition.HasUI {
		modes = append(modes, string(op.ModeUI))
	}
	return modes
}

// compile returns the recipe ready to run. What was compiled once is kept.
func (e *Entry) compile(ctx context.Context, pool *recipes.Pool) (*recipes.Compiled, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.compiled == nil {
		compiled, err := pool.Compile(ctx, e.sourceFile())
		if err != nil {
			return nil, err
		}
		e.compiled = compiled
	}
	return e.compiled, nil
}

func (e *Entry) sourceFile() recipes.Source {
	return recipes.Source{Name: e.Definition.Name + ".ts", Code: e.Source, Modules: e.modules}
}

// newEntry completes a version with its schemas.
func newEntry(e *Entry) (*Entry, error) {
	if e.Title == "" {
		e.Title = e.Definition.Title
	}
	var err error
	if e.input, err = recipes.CompileSchema(e.Definition.Input); err != nil {
		return nil, err
	}
	if len(e.Definition.Output) > 0 {
		e.output, err = recipes.CompileSchema(e.Definition.Output)
	}
	return e, err
}

// savedDefinition is what storage keeps of a compilation.
type savedDefinition struct {
	recipes.Definition
	ShownTitle string            `json:"shown_title,omitzero"` // given by who saved it
	Modules    map[string]string `json:"modules,omitzero"`     // other recipes that it imports, as they were when it was saved
}

func entryOf(v storage.RecipeVersion) (*Entry, error) {
	var d savedDefinition
	if err := decode(v.Definition, &d); err != nil {
		return nil, err
	}
	scopes := make([]op.Scope, len(v.Scopes))
	for i, s := range v.Scopes {
		scopes[i] = op.Scope(s)
	}
	set, err := op.NewScopeSet(scopes...)
	if err != nil {
		return nil, err
	}
	return newEntry(&Entry{
		Definition: d.Definition, Title: d.ShownTitle, Source: v.Source, Hash: v.Hash,
		Author: v.Author, AuthorName: v.AuthorName, AuthorKind: op.Kind(v.AuthorKind), App: v.App,
		SavedAt: v.CreatedAt, Enabled: v.Enabled, Pinned: v.Pinned, seq: v.Seq, scopes: set, modules: d.Modules,
	})
}

// checkInput holds an input against the recipe's schema.
func (e *Entry) checkInput(input []byte) error {
	var invalid *recipes.SchemaError
	err := recipes.ValidateJSON(e.input, input)
	switch {
	case err == nil:
		return nil
	case errors.As(err, &invalid):
		return op.Invalid(invalid.Field, "the input does not fit: %s", invalid.Text).
			WithHint("recipe_get %s shows its input", e.Definition.Name)
	}
	return op.Errorf(op.CodeInvalidJSON, "the input is not JSON").WithHint("send one JSON object")
}

// declared returns the scopes that the recipe asks for.
func (e *Entry) declared() (op.ScopeSet, error) {
	scopes := make([]op.Scope, len(e.Definition.Scopes))
	for i, s := range e.Definition.Scopes {
		scopes[i] = op.Scope(s)
	}
	return op.NewScopeSet(scopes...)
}

// narrowed returns who a run of the recipe acts as: the caller, with what it,
// the author and the declaration have in common. Rights that are declared and
// missing are an error here, before anything is half done.
func (e *Entry) narrowed(caller *op.Principal, run string) (*op.Principal, error) {
	declared, err := e.declared()
	if err != nil {
		return nil, err
	}
	p := acting(caller, run)
	p.Scopes = caller.Scopes.Intersect(declared).Intersect(e.scopes)
	var missing []string
	who := caller.Name
	for _, s := range declared.List() {
		if !p.Scopes.Has(s) {
			missing = append(missing, string(s))
			if caller.Scopes.Has(s) {
				who = "its author " + e.AuthorName
			}
		}
	}
	if len(missing) > 0 {
		return nil, op.Errorf(op.CodeForbidden, "the recipe %s needs %s, which %s lacks; nothing was done",
			e.Definition.Name, strings.Join(missing, ", "), who).
			WithHint("use a token with %s; the owner can create one under /tokens", strings.Join(missing, ", "))
	}
	switch {
	case e.App == "" || e.App == p.App:
	case p.App == "":
		p.App = e.App
	default:
		return nil, op.NotFound("recipe", "no recipe %q for app %q", e.Definition.Name, p.App).WithHint("recipe_list shows the recipes")
	}
	return p, nil
}

// acting is the caller as it acts through a run: never in person.
func acting(caller *op.Principal, run string) *op.Principal {
	p := *caller
	p.Driven, p.Run = true, run
	return &p
}
