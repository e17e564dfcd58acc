package run

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"fazt/recipes"
	"fazt/server/op"
	"fazt/storage"
)

// Save is one recipe to keep.
type Save struct {
	Name   string // "" = as the source says
	Source string
	Title  string // "" = as the source says
	Enable bool   // everyone may run it from now on; the caller of Save has checked that this is allowed
}

// reservedPrefix is that of tools that are no operations: op_run, op_find.
const reservedPrefix = "op_"

// Save compiles a source and keeps it as a version of its recipe.
func (c *Catalogue) Save(ctx context.Context, p *op.Principal, s Save) (*Entry, error) {
	modules := c.modules(p, s.Source)
	compiled, err := c.options.Pool.Compile(ctx, recipes.Source{Name: fileName(s.Name), Code: s.Source, Modules: modules})
	if err != nil {
		return nil, compileError(err)
	}
	d := compiled.Definition
	d.Hash = hashWith(d.Hash, modules)
	if err := c.allowed(p, s, d); err != nil {
		return nil, err
	}
	definition, err := definitionOf(d, s.Title, modules)
	if err != nil {
		return nil, err
	}
	scopes := []string{}
	for _, scope := range p.Scopes.List() {
		scopes = append(scopes, string(scope))
	}
	save := storage.RecipeSave{Enable: s.Enable, Version: storage.RecipeVersion{
		Name: d.Name, Hash: d.Hash, Source: s.Source, Definition: definition, Author: p.ID,
		AuthorName: p.Name, AuthorKind: string(p.Kind), Scopes: scopes, App: p.App,
	}}
	answer := func(*storage.Outcome) any { return map[string]string{"name": d.Name, "hash": d.Hash} }
	if _, err := c.write(ctx, d.Name, save, answer); err != nil {
		return nil, err
	}
	if inv := op.From(ctx); inv != nil && inv.Envelope.DryRun {
		would := save.Version // nothing was kept
		would.Enabled = s.Enable
		return entryOf(would)
	}
	return c.mine(p, d.Name, d.Hash)
}

// mine returns the version that p has just saved.
func (c *Catalogue) mine(p *op.Principal, name, hash string) (*Entry, error) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	for _, e := range c.saved[name] {
		if e.Author == p.ID && e.Hash == hash {
			return e, nil
		}
	}
	return nil, c.unknown(name)
}

// write commits a change of a recipe and makes it known.
func (c *Catalogue) write(ctx context.Context, name string, m storage.Mutation, answer func(*storage.Outcome) any) (*storage.Outcome, error) {
	outcome, err := c.options.Commit(ctx, &storage.Batch{Mutations: []storage.Mutation{m}}, answer)
	if err != nil {
		return nil, err
	}
	if inv := op.From(ctx); inv != nil && inv.Envelope.DryRun {
		return outcome, nil
	}
	return outcome, c.reload(context.WithoutCancel(ctx), name)
}

func fileName(name string) string {
	if name == "" {
		return ""
	}
	return name + ".ts"
}

// allowed refuses what could never run, or would take another's place.
func (c *Catalogue) allowed(p *op.Principal, s Save, d recipes.Definition) error {
	if s.Name != "" && s.Name != d.Name {
		return op.Invalid("name", "the call says %q and the source says %q", s.Name, d.Name).WithHint("leave name out, or write the same in both")
	}
	if strings.HasPrefix(d.Name, reservedPrefix) {
		return op.Invalid("source", "names that begin with %s are the server's own tools", reservedPrefix).WithHint("choose another name")
	}
	for _, scope := range d.Scopes {
		if err := scopeAllowed(p, op.Scope(scope)); err != nil {
			return err
		}
	}
	return c.fitsOperation(d)
}

func scopeAllowed(p *op.Principal, scope op.Scope) error {
	if !slices.Contains(op.AllScopes(), scope) {
		return op.AsError(op.ScopeAllowed(scope, p.Kind, false)).WithField("source")
	}
	if !p.Scopes.Has(scope) {
		return op.Invalid("source", "the recipe declares the scope %s, which %s lacks: nobody could run it", scope, p.Name).
			WithHint("leave it out of scopes, or let someone who has it save the recipe")
	}
	return nil
}

// fitsOperation holds a page form to its operation.
func (c *Catalogue) fitsOperation(d recipes.Definition) error {
	o, ok := c.options.Registry.Lookup(d.Name)
	switch {
	case !ok || o.Recipe:
		return nil
	case d.HasAPI:
		return op.Errorf(op.CodeAlreadyExists, "%s is an operation, and a recipe of this name is its page form, which has no api", d.Name).
			WithHint("remove api, or choose another name")
	case op.Effect(d.Effect).Exceeds(o.Effect):
		return op.Invalid("source", "the operation %s has the effect %s, so its page form cannot have %s", d.Name, o.Effect, d.Effect).
			WithHint("write effect: %q", o.Effect)
	}
	return nil
}

// Enable makes a version the one that everyone runs; hash "" takes the newest.
func (c *Catalogue) Enable(ctx context.Context, name, hash string, on bool) error {
	if !on {
		hash = ""
	} else if hash == "" {
		versions, err := c.options.DB.RecipeVersions(ctx, name)
		if err != nil {
			return c.options.ErrorOf(err)
		}
		hash = versions[0].Hash
	}
	answer := func(*storage.Outcome) any { return map[string]string{"name": name, "hash": hash} }
	_, err := c.write(ctx, name, storage.RecipeEnable{Name: name, Hash: hash}, answer)
	return err
}

// Pin makes everyone run a version until it is unpinned, whatever is saved
// meanwhile; hash "" takes the one that is enabled.
func (c *Catalogue) Pin(ctx context.Context, name, hash string, on bool) error {
	if on && hash == "" {
		versions, err := c.options.DB.RecipeVersions(ctx, name)
		if err != nil {
			return c.options.ErrorOf(err)
		}
		i := slices.IndexFunc(versions, func(v storage.RecipeVersion) bool { return v.Enabled })
		if i < 0 {
			return op.Errorf(op.CodeConflict, "no version of the recipe %q is enabled, so the version to pin must be named", name).
				WithHint("recipe_get %s lists its versions; pass the hash of one", name)
		}
		hash = versions[i].Hash
	}
	if !on {
		hash = ""
	}
	answer := func(*storage.Outcome) any { return map[string]string{"name": name, "hash": hash} }
	_, err := c.write(ctx, name, storage.RecipePin{Name: name, Hash: hash}, answer)
	return err
}

// Delete removes a recipe with its versions. An agent or a program can remove
// only what is all its own.
func (c *Catalogue) Delete(ctx context.Context, p *op.Principal, name string) error {
	if _, err := c.Versions(ctx, p, name); err != nil {
		return err
	}
	versions, err := c.options.DB.RecipeVersions(ctx, name)
	if err != nil {
		return c.options.ErrorOf(err) // a shipped one is not there
	}
	for _, v := range versions {
		if v.Author != p.ID && (p.Kind != op.KindPerson || p.Driven) {
			return op.Errorf(op.CodeForbidden, "the recipe %q has a version of %s; only a person can delete it", name, v.AuthorName).
				WithHint("ask a person to delete it under /recipes")
		}
	}
	answer := func(*storage.Outcome) any { return map[string]any{"deleted": true} }
	_, err = c.write(ctx, name, storage.RecipeDelete{Name: name}, answer)
	return err
}

// Versions returns the saved versions of a recipe that p may know of, newest
// first. A recipe of which it may see none does not exist for it.
func (c *Catalogue) Versions(ctx context.Context, p *op.Principal, name string) ([]storage.RecipeVersion, error) {
	versions, err := c.options.DB.RecipeVersions(ctx, name)
	if err != nil && storage.KindOf(err) != storage.KindRecipeNotFound {
		return nil, c.options.ErrorOf(err)
	}
	visible := slices.DeleteFunc(versions, func(v storage.RecipeVersion) bool {
		return !sees(p, &Entry{Enabled: v.Enabled, Author: v.Author, App: v.App})
	})
	if len(visible) > 0 {
		return visible, nil
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	if c.shipped[name] != nil {
		return nil, nil
	}
	return nil, c.unknown(name)
}

// compileError shows an author what is wrong with a source: the first problem
// in full, the others by a line.
func compileError(err error) error {
	var failed *recipes.CompileError
	switch {
	case errors.Is(err, recipes.ErrClosed):
		return op.Errorf(op.CodeOverloaded, "the server is stopping; nothing was saved").WithHint("call again when it is back")
	case !errors.As(err, &failed):
		return err
	}
	switch failed.Code {
	case recipes.CodeCompile, recipes.CodeDeadline, recipes.CodeMemory:
	case recipes.CodeCancelled:
		return op.Errorf(op.CodeDeadline, "%s", failed.Problems[0].Message).WithHint("call again")
	default:
		return op.Invalid("source", "%s", failed.Problems[0].Message).WithHint("%s", failed.Problems[0].Hint)
	}
	first := failed.Problems[0]
	var text strings.Builder
	fmt.Fprintf(&text, "%s: %s", first.Position, first.Message)
	if first.Frame != "" {
		text.WriteString("\n" + strings.TrimRight(first.Frame, "\n"))
	}
	for _, problem := range failed.Problems[1:] {
		text.WriteString("\n" + problem.String())
	}
	hint := first.Hint
	if hint == "" {
		hint = "correct the source and save it again; nothing was saved"
	}
	return op.Invalid("source", "%s", text.String()).WithHint("%s", hint)
}
