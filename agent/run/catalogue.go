package run

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"fazt/recipes"
	"fazt/server/op"
	"fazt/storage"
)

// Catalogue knows every recipe that somebody can run.
type Catalogue struct {
	options *Options
	handle  handler
	risk    func(context.Context, string, []byte) (op.Risk, error)

	change sync.Mutex // one change of the catalogue at a time

	mu      sync.RWMutex
	shipped map[string]*Entry
	saved   map[string][]*Entry // the usable versions of each, newest first
}

// handler carries out a recipe that was called as an operation.
type handler func(ctx context.Context, name string, input []byte) (any, error)

func newCatalogue(o *Options, handle handler) *Catalogue {
	return &Catalogue{options: o, handle: handle, shipped: map[string]*Entry{}, saved: map[string][]*Entry{}}
}

// open compiles what is shipped, reads what is saved, and registers all of it.
func (c *Catalogue) open(ctx context.Context) error {
	if err := c.loadShipped(ctx); err != nil {
		return err
	}
	versions, err := c.options.DB.UsableRecipes(ctx)
	if err != nil {
		return c.options.ErrorOf(err)
	}
	names := map[string]bool{}
	for name := range c.shipped {
		names[name] = true
	}
	for _, v := range versions {
		names[v.Name] = true
		c.keep(v)
	}
	for name := range names {
		if err := c.register(name); err != nil {
			// An operation of a newer program may bear an old recipe's name.
			c.options.Logger.Warn("a recipe is not registered", "recipe", name, "error", err)
		}
	}
	return nil
}

// keep adds a saved version. One that this program can no longer read is left
// out, and stays in the database.
func (c *Catalogue) keep(v storage.RecipeVersion) {
	e, err := entryOf(v)
	if err != nil {
		c.options.Logger.Warn("a recipe's version is unusable", "recipe", v.Name, "hash", v.Hash, "error", err)
		return
	}
	if err := c.asForm(e); err != nil {
		c.options.Logger.Warn("a page form is unusable", "recipe", v.Name, "hash", v.Hash, "error", err)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.saved[v.Name] = append(c.saved[v.Name], e)
}

// asForm gives a page form the input and output of its operation, which are
// defined once.
func (c *Catalogue) asForm(e *Entry) error {
	if e.form = c.isOperation(e.Definition.Name); !e.form {
		return nil
	}
	o, err := c.options.Registry.Find(e.Definition.Name)
	if err != nil {
		return err
	}
	if e.Definition.Input, err = json.Marshal(o.InputSchema()); err != nil || o.OutputSchema() == nil {
		return err
	}
	if e.Definition.Output, err = json.Marshal(o.OutputSchema()); err != nil {
		return err
	}
	e.output, err = recipes.CompileSchema(e.Definition.Output)
	return err
}

func (c *Catalogue) isOperation(name string) bool {
	o, ok := c.options.Registry.Lookup(name)
	return ok && !o.Recipe
}

// loadShipped compiles the recipes of the program: a broken one is a mistake
// in the program, and no reason to start without it.
func (c *Catalogue) loadShipped(ctx context.Context) error {
	if c.options.Shipped == nil {
		return nil
	}
	sources, modules, err := readSources(c.options.Shipped)
	if err != nil {
		return err
	}
	all, err := op.NewScopeSet(op.AllScopes()...)
	if err != nil {
		return err
	}
	for name, code := range sources {
		source := recipes.Source{Name: name, Code: code, Modules: modules}
		compiled, err := c.options.Pool.Compile(ctx, source)
		if err != nil {
			return fmt.Errorf("the shipped recipe %s: %w", name, err)
		}
		e, err := newEntry(&Entry{
			Definition: compiled.Definition, Source: code, Hash: compiled.Definition.Hash,
			AuthorName: "fazt", AuthorKind: op.KindPerson, Enabled: true, Shipped: true,
			scopes: all, modules: modules, compiled: compiled,
		})
		if err == nil {
			err = c.asForm(e)
		}
		if err != nil {
			return fmt.Errorf("the shipped recipe %s: %w", name, err)
		}
		c.shipped[e.Definition.Name] = e
	}
	return nil
}

// readSources returns the recipes of a folder, and the modules they import by
// "./_name".
func readSources(files fs.FS) (sources, modules map[string]string, err error) {
	names, err := fs.Glob(files, "*.ts")
	if err != nil {
		return nil, nil, err
	}
	sources, modules = map[string]string{}, map[string]string{}
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, nil, fmt.Errorf("read the shipped recipe %s: %w", name, err)
		}
		if module, ok := strings.CutSuffix(name, ".ts"); ok && strings.HasPrefix(name, "_") {
			modules["./"+module] = string(text)
			continue
		}
		sources[name] = string(text)
	}
	return sources, modules, nil
}

// reload reads a recipe's versions again and registers what is usable now.
func (c *Catalogue) reload(ctx context.Context, name string) error {
	c.change.Lock()
	defer c.change.Unlock()
	versions, err := c.options.DB.RecipeVersions(ctx, name)
	if err != nil && storage.KindOf(err) != storage.KindRecipeNotFound {
		return c.options.ErrorOf(err)
	}
	c.mu.Lock()
	known := c.saved[name]
	delete(c.saved, name)
	c.mu.Unlock()
	authors := map[string]bool{}
	for _, v := range versions {
		newest := !authors[v.Author]
		authors[v.Author] = true
		if newest || v.Enabled {
			c.keep(v)
		}
	}
	c.inherit(name, known)
	return c.register(name)
}

// inherit keeps what was compiled of versions that are still there.
func (c *Catalogue) inherit(name string, known []*Entry) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	for _, e := range c.saved[name] {
		for _, old := range known {
			if old.seq == e.seq {
				old.mu.Lock()
				e.compiled = old.compiled
				old.mu.Unlock()
			}
		}
	}
}

// register puts the operation of a recipe into the registry, or takes it out.
func (c *Catalogue) register(name string) error {
	if c.isOperation(name) {
		return nil // a page form
	}
	e := c.shown(name)
	if e == nil {
		if _, registered := c.options.Registry.Lookup(name); registered {
			return c.options.Registry.Remove(name)
		}
		return nil
	}
	o, err := c.operation(e)
	if err != nil {
		return err
	}
	if err := c.options.Registry.Replace(o); err != nil {
		return err
	}
	c.options.publish("recipes", map[string]any{"name": name, "hash": e.Hash, "input": e.Definition.Input})
	return nil
}

// shown is the version that the registry describes: the one that most can run.
func (c *Catalogue) shown(name string) *Entry {
	c.mu.RLock()
	defer c.mu.RUnlock()
	for _, e := range c.saved[name] {
		if e.Enabled {
			return e
		}
	}
	if e := c.shipped[name]; e != nil {
		return e
	}
	if drafts := c.saved[name]; len(drafts) > 0 {
		return drafts[0]
	}
	return nil
}

// Find returns the version that p runs: the pinned one, else its own draft when
// that is newer than the enabled one.
func (c *Catalogue) Find(p *op.Principal, name string) (*Entry, error) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	var others *Entry
	if e := pinned(c.saved[name]); e != nil {
		return e, nil
	}
	for _, e := range c.saved[name] {
		if e.Enabled || e.Author == p.ID {
			return e, nil
		}
		others = e
	}
	if e := c.shipped[name]; e != nil {
		return e, nil
	}
	if others != nil && sees(p, others) {
		return nil, op.Errorf(op.CodeForbidden, "the recipe %q is a draft of %s; only its saver can run it", name, others.AuthorName).
			WithHint("a person can enable it for everyone under /recipes, or by recipe_enable")
	}
	return nil, c.unknown(name)
}

// pinned is the version that everyone runs whatever else is saved, nil of a
// recipe that is not pinned.
func pinned(versions []*Entry) *Entry {
	if i := slices.IndexFunc(versions, func(e *Entry) bool { return e.Pinned }); i >= 0 {
		return versions[i]
	}
	return nil
}

func (c *Catalogue) unknown(name string) error {
	names := []string{}
	for known := range c.shipped {
		names = append(names, known)
	}
	for known := range c.saved {
		names = append(names, known)
	}
	slices.Sort(names)
	return op.NotFound("recipe", "no recipe %q%s", name, op.Suggest(name, names)).
		WithHint("recipe_list shows the recipes; recipe_save makes one")
}

// sees reports whether p may know of a version: what is enabled is everyone's,
// a draft is its saver's and people's.
func sees(p *op.Principal, e *Entry) bool {
	switch {
	case e.Enabled || e.Author == p.ID:
		return true
	case p.Kind != op.KindPerson || p.Driven:
		return false
	}
	return p.App == "" || p.App == e.App
}

// List returns the versions that p may know of, by name, the newest first.
func (c *Catalogue) List(p *op.Principal) []*Entry {
	c.mu.RLock()
	defer c.mu.RUnlock()
	list := []*Entry{}
	overridden := map[string]bool{}
	for name, versions := range c.saved {
		for _, e := range versions {
			overridden[name] = overridden[name] || e.Enabled
			if sees(p, e) {
				list = append(list, e)
			}
		}
	}
	for name, e := range c.shipped {
		if !overridden[name] {
			list = append(list, e)
		}
	}
	slices.SortFunc(list, func(a, b *Entry) int {
		return cmp.Or(cmp.Compare(a.Definition.Name, b.Definition.Name), cmp.Compare(b.seq, a.seq))
	})
	return list
}

// form returns the page form of a Go operation.
func (c *Catalogue) form(p *op.Principal, name string) (*Entry, error) {
	e, err := c.Find(p, name)
	var missing *op.Error
	if errors.As(err, &missing) {
		return nil, op.Errorf(op.CodeInvalidInput, "%s cannot be carried out in a page: %s", name, missing.Detail).
			WithHint("call it with mode api, which is the default")
	}
	return e, err
}

// Version returns a version that p may know of: the one it would run when hash
// is "", and the newest draft where it would run none.
func (c *Catalogue) Version(ctx context.Context, p *op.Principal, name, hash string) (*Entry, error) {
	if hash == "" {
		if e, err := c.Find(p, name); err == nil {
			return e, nil
		}
		c.mu.RLock()
		defer c.mu.RUnlock()
		for _, e := range c.saved[name] {
			if sees(p, e) {
				return e, nil
			}
		}
		return nil, c.unknown(name)
	}
	e, err := c.version(ctx, name, hash)
	if err == nil && !sees(p, e) {
		err = op.NotFound("recipe", "the recipe %q has no version %s", name, hash).WithHint("recipe_get %s lists its versions", name)
	}
	return e, err
}

// version finds the source of a run by its hash, also one that is not in use.
func (c *Catalogue) version(ctx context.Context, name, hash string) (*Entry, error) {
	c.mu.RLock()
	shipped := c.shipped[name]
	c.mu.RUnlock()
	if shipped != nil && shipped.Hash == hash {
		return shipped, nil
	}
	versions, err := c.options.DB.RecipeVersions(ctx, name)
	if err != nil {
		return nil, c.options.ErrorOf(err)
	}
	for _, v := range versions {
		if v.Hash != hash {
			continue
		}
		e, err := entryOf(v)
		if err == nil {
			err = c.asForm(e)
		}
		return e, err
	}
	return nil, op.NotFound("recipe", "the recipe %q has no version %s", name, hash).WithHint("recipe_get %s lists its versions", name)
}
