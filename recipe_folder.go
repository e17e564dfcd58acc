package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"fazt/server/op"
	"fazt/storage"
)

// folderEvery is how often the folder of --recipes is looked at: soon enough for
// somebody who saves a file and turns to the browser.
const folderEvery = 500 * time.Millisecond

// recipeFolder saves the recipes of a folder whenever their files change, for
// the owner, who put them there. A file that goes away stays a recipe.
type recipeFolder struct {
	dir      string
	registry *op.Registry
	owner    *op.Principal
	logger   *slog.Logger
	tick     <-chan time.Time

	seen map[string]fileState
}

type fileState struct {
	at   time.Time
	size int64
}

// watch looks at the folder until ctx ends.
func (f *recipeFolder) watch(ctx context.Context) {
	for {
		f.look(ctx)
		select {
		case <-f.tick:
		case <-ctx.Done():
			return
		}
	}
}

func (f *recipeFolder) look(ctx context.Context) {
	paths, err := filepath.Glob(filepath.Join(f.dir, "*.ts"))
	if err != nil {
		f.logger.Warn("the folder of recipes cannot be read", "dir", f.dir, "error", err)
		return
	}
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil || strings.HasPrefix(filepath.Base(path), "_") {
			continue // gone again, or a module
		}
		now := fileState{info.ModTime(), info.Size()}
		if f.seen[path] != now {
			f.seen[path] = now
			f.save(ctx, path)
		}
	}
}

func (f *recipeFolder) save(ctx context.Context, path string) {
	source, err := os.ReadFile(path)
	if err != nil {
		f.logger.Warn("a recipe's file cannot be read", "file", path, "error", err)
		return
	}
	input, err := json.Marshal(map[string]string{"source": string(source)})
	if err != nil {
		f.logger.Warn("a recipe's file is no text", "file", path, "error", err)
		return
	}
	_, err = f.registry.Call(ctx, op.Request{Operation: "recipe_save", Principal: f.owner, Input: input, Face: "folder"})
	if err != nil {
		f.logger.Warn("a recipe of the folder was not saved", "file", path, "error", op.AsError(err).Detail)
		return
	}
	f.logger.Info("saved a recipe of the folder", "file", path)
}

// watchRecipes watches the folder that was named, and returns how to end that.
func (a *app) watchRecipes(ctx context.Context, dir string) (stop func(), err error) {
	if dir == "" {
		return func() {}, nil
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return nil, &usageError{message: dir + " is no folder", hint: "--recipes takes a folder of *.ts files; fazt recipe new NAME writes one"}
	}
	owner, err := a.owner(ctx)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	ticker := time.NewTicker(folderEvery)
	f := &recipeFolder{dir: dir, registry: a.registry, owner: owner, logger: a.config.Logger, tick: ticker.C, seen: map[string]fileState{}}
	done := make(chan struct{})
	go func() {
		defer close(done)
		f.watch(ctx)
	}()
	return func() {
		cancel()
		ticker.Stop()
		<-done
	}, nil
}

// owner is the first person's token that is bound to no app.
func (a *app) owner(ctx context.Context) (*op.Principal, error) {
	for after := ""; ; {
		page, err := a.db.Tokens(ctx, after, storage.MaxPage)
		if err != nil {
			return nil, err
		}
		for _, t := range page {
			if t.Kind == string(op.KindPerson) && t.App == "" {
				return ownerOf(t)
			}
		}
		if len(page) < storage.MaxPage {
			return nil, errors.New("there is no owner's token to save recipes for; fazt token reset makes one")
		}
		after = page[len(page)-1].ID
	}
}

func ownerOf(t storage.Token) (*op.Principal, error) {
	scopes := make([]op.Scope, len(t.Scopes))
	for i, s := range t.Scopes {
		scopes[i] = op.Scope(s)
	}
	set, err := op.NewScopeSet(scopes...)
	return &op.Principal{ID: t.ID, Name: t.Name, Kind: op.KindPerson, Scopes: set}, err
}
