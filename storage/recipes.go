package storage

import (
	"encoding/json"
	"fmt"
	"time"
)

// RecipeVersion is one saved source of a recipe.
type RecipeVersion struct {
	Seq        int64 // orders the versions of all recipes; given by storage
	Name       string
	Hash       string // SHA-256 of the source, in hex
	Source     string
	Definition json.RawMessage // what compiling it said of it
	Author     string          // the id of the token that saved it
	AuthorName string
	AuthorKind string
	Scopes     []string // the author's, when it was saved
	App        string   // the author's token was bound to it
	CreatedAt  time.Time
	Enabled    bool // everyone runs this version
	Pinned     bool // and goes on running it, whatever is saved
}

// RecipeSave adds a version. Saving the source that this author saved last
// changes nothing but Enable. With Enable everyone runs it from now on;
// otherwise it is a draft, which its author runs.
type RecipeSave struct {
	Version RecipeVersion
	Enable  bool
}

// RecipeEnable makes the newest version with this hash the one that everyone
// runs; an empty hash takes the recipe out of use.
type RecipeEnable struct{ Name, Hash string }

// RecipePin makes the newest version with this hash the one that everyone runs
// until it is unpinned: saving with Enable then keeps a version that nobody
// runs, and enabling another is KindPinned. An empty hash unpins.
type RecipePin struct{ Name, Hash string }

// RecipeDelete removes a recipe with its versions. Its runs stay.
type RecipeDelete struct{ Name string }

func (RecipeSave) mutation()   {}
func (RecipeEnable) mutation() {}
func (RecipePin) mutation()    {}
func (RecipeDelete) mutation() {}

// Changes of the catalogue, in the system feed.
const (
	changeRecipeSave   = 40
	changeRecipeEnable = 41
	changeRecipeDelete = 42
)

// maxRecipeBytes bounds a source with its definition: far over any honest one.
const maxRecipeBytes = 512 << 10

type recipeWriter struct {
	lastBy, byHash, insert, put, enable, pinned, pin, unpin, remove, removeVersions *stmt
}

func newRecipeWriter(p *preparer) recipeWriter {
	return recipeWriter{
		lastBy: p.stmt(`SELECT id, hash FROM recipe_version WHERE name = ? AND author = ? ORDER BY id DESC LIMIT 1`),
		byHash: p.stmt(`SELECT id FROM recipe_version WHERE name = ? AND hash = ? ORDER BY id DESC LIMIT 1`),
		insert: p.stmt(`INSERT INTO recipe_version (name, hash, source, definition, author, author_name, author_kind, scopes, app, created_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`),
		put: p.stmt(`INSERT INTO recipe (name, enabled, version, updated_at) VALUES (?, ?, ?, ?)
			ON CONFLICT (name) DO UPDATE SET enabled = coalesce(pinned, excluded.enabled, enabled), version = excluded.version, updated_at = excluded.updated_at`),
		enable:         p.stmt(`UPDATE recipe SET enabled = ?, version = ?, updated_at = ? WHERE name = ?`),
		pinned:         p.stmt(`SELECT pinned FROM recipe WHERE name = ?`),
		pin:            p.stmt(`UPDATE recipe SET enabled = ?1, pinned = ?1, version = ?2, updated_at = ?3 WHERE name = ?4`),
		unpin:          p.stmt(`UPDATE recipe SET pinned = NULL, version = ?, updated_at = ? WHERE name = ?`),
		remove:         p.stmt(`DELETE FROM recipe WHERE name = ?`),
		removeVersions: p.stmt(`DELETE FROM recipe_version WHERE name = ?`),
	}
}

func (m RecipeSave) prepare(in *intake) (step, error) {
	v := m.Version
	size := len(v.Source) + len(v.Definition)
	in.bytes += mutationBytes + int64(size)
	if size > maxRecipeBytes {
		return nil, tooLarge("source", "%d bytes are too many: at most %d", size, maxRecipeBytes)
	}
	for field, text := range map[string]string{
		"name": v.Name, "hash": v.Hash, "author": v.Author, "author_name": v.AuthorName, "author_kind": v.AuthorKind,
	} {
		if err := checkName(field, text); err != nil {
			return nil, err
		}
	}
	if !json.Valid(v.Definition) {
		return nil, invalid("definition", "not one JSON value")
	}
	return m, nil
}

func (m RecipeSave) apply(t *tx) (Result, error) {
	v := m.Version
	last, found, err := t.recipes.lastBy.one(v.Name, v.Author)
	if err != nil {
		return Result{}, err
	}
	created := !found || asText(last[1]) != v.Hash
	var id any
	if created {
		scopes, err := json.Marshal(append([]string{}, v.Scopes...))
		if err != nil {
			return Result{}, err
		}
		row, ok, err := t.recipes.insert.one(v.Name, v.Hash, []byte(v.Source), []byte(v.Definition),
			v.Author, v.AuthorName, v.AuthorKind, string(scopes), orNull(v.App), t.now)
		t.wrote = true
		if err != nil || !ok {
			return Result{}, fmt.Errorf("insert the version of recipe %q: %w", v.Name, err)
		}
		id = asInt(row[0])
	} else {
		id = asInt(last[0])
	}
	if !m.Enable {
		id = nil
	}
	if _, err := t.write(t.recipes.put, v.Name, id, int64(t.version), t.now); err != nil {
		return Result{}, err
	}
	return Result{Version: t.version, Created: created}, t.logSystem(changeRecipeSave, v.Name)
}

func (m RecipeEnable) prepare(in *intake) (step, error) {
	in.bytes += mutationBytes + int64(len(m.Name)+len(m.Hash))
	return m, checkName("name", m.Name)
}

func (m RecipeEnable) apply(t *tx) (Result, error) {
	id, err := t.recipeVersion(m.Name, m.Hash)
	if err != nil {
		return Result{}, err
	}
	pinned, _, err := t.recipes.pinned.one(m.Name)
	if err != nil {
		return Result{}, err
	}
	if pinned != nil && pinned[0] != nil && pinned[0] != id {
		return Result{}, &Error{Kind: KindPinned, Field: "name", Index: -1, Message: fmt.Sprintf("recipe %q is pinned at another version", m.Name)}
	}
	n, err := t.write(t.recipes.enable, id, int64(t.version), t.now, m.Name)
	if err != nil {
		return Result{}, err
	}
	if n == 0 {
		return Result{}, recipeNotFound(m.Name)
	}
	return Result{Version: t.version}, t.logSystem(changeRecipeEnable, m.Name)
}

// recipeVersion is the newest version with a hash, nil for none at all.
func (t *tx) recipeVersion(name, hash string) (any, error) {
	if hash == "" {
		return nil, nil
	}
	row, ok, err := t.recipes.byHash.one(name, hash)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, &Error{Kind: KindRecipeNotFound, Field: "hash", Index: -1, Message: fmt.Sprintf("recipe %q has no version %s", name, clip(hash, 12))}
	}
	return asInt(row[0]), nil
}

func (m RecipePin) prepare(in *intake) (step, error) {
	in.bytes += mutationBytes + int64(len(m.Name)+len(m.Hash))
	return m, checkName("name", m.Name)
}

func (m RecipePin) apply(t *tx) (Result, error) {
	id, err := t.recipeVersion(m.Name, m.Hash)
	if err != nil {
		return Result{}, err
	}
	var n int64
	if id == nil {
		n, err = t.write(t.recipes.unpin, int64(t.version), t.now, m.Name)
	} else {
		n, err = t.write(t.recipes.pin, id, int64(t.version), t.now, m.Name)
	}
	if err != nil {
		return Result{}, err
	}
	if n == 0 {
		return Result{}, recipeNotFound(m.Name)
	}
	return Result{Version: t.version}, t.logSystem(changeRecipeEnable, m.Name)
}

func (m RecipeDelete) prepare(in *intake) (step, error) {
	in.bytes += mutationBytes + int64(len(m.Name))
	return m, checkName("name", m.Name)
}

func (m RecipeDelete) apply(t *tx) (Result, error) {
	n, err := t.write(t.recipes.remove, m.Name)
	if err != nil {
		return Result{}, err
	}
	if n == 0 {
		return Result{}, recipeNotFound(m.Name)
	}
	if _, err := t.write(t.recipes.removeVersions, m.Name); err != nil {
		return Result{}, err
	}
	return Result{Deleted: true}, t.logSystem(changeRecipeDelete, m.Name)
}

func recipeNotFound(name string) *Error {
	return &Error{Kind: KindRecipeNotFound, Field: "name", Index: -1, Message: fmt.Sprintf("no recipe %q", name)}
}
