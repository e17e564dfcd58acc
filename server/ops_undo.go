package server

import (
	"context"
	"fmt"
	"time"

	"fazt/server/op"
	"fazt/storage"
)

type undoIn struct {
	App   string `json:"app" doc:"the app" format:"app"`
	RunID string `json:"run_id,omitzero" doc:"what this run of a recipe did" minLength:"1" maxLength:"256"`
	By    string `json:"by,omitzero" doc:"what the token with this id did" minLength:"1" maxLength:"256"`
	Since *int64 `json:"since" doc:"what was done at this time or later, Unix ms" minimum:"0"`
}

// mutation asks for one condition at least: an undo of everything must be said.
func (in undoIn) mutation() (storage.Undo, error) {
	m := storage.Undo{Run: in.RunID, By: in.By}
	if in.Since != nil {
		m.Since = time.UnixMilli(*in.Since)
	}
	if in.RunID == "" && in.By == "" && in.Since == nil {
		return m, op.Invalid("since", "an undo says whose changes: run_id, by or since").
			WithHint("run_list and system_audit say what was done, by whom and when; since 0 means all that is kept")
	}
	return m, nil
}

type undoItem struct {
	Kind    string `json:"kind" doc:"what sort of thing: kv, doc, collection or blob"`
	Name    string `json:"name,omitzero" doc:"of a doc: its collection"`
	Key     string `json:"key" doc:"which"`
	Did     string `json:"did" doc:"restored, removed (it had not been there) or conflict (it is left alone)"`
	Version uint64 `json:"version,omitzero" doc:"restored: the version whose content it has again; conflict: the one it is at, left out when it is gone"`
	Why     string `json:"why,omitzero" doc:"conflict: what stands against it; left out when it has changed since"`
	By      string `json:"principal,omitzero" doc:"the id of the token whose change it is"`
	At      int64  `json:"at" doc:"Unix ms, of the change"`
}

type undoOut struct {
	Restored  int        `json:"restored" doc:"how many things have what they held before"`
	Removed   int        `json:"removed" doc:"how many are gone that had not been there before"`
	Conflicts int        `json:"conflicts" doc:"how many were left alone, as they have changed since or something stands against it"`
	Skipped   int        `json:"skipped,omitzero" doc:"how many the token may not write and were left alone"`
	Items     []undoItem `json:"items" doc:"the first 1000 of them, in the order of their keys"`
	Version   uint64     `json:"version" doc:"of the undo, or of the one it would be"`
}

func undoOf(o *storage.Outcome) undoOut {
	r := o.Results[0].Undo
	out := undoOut{Restored: r.Restored, Removed: r.Removed, Conflicts: r.Conflicts, Skipped: r.Skipped, Items: make([]undoItem, len(r.Items)), Version: o.Version}
	for i, t := range r.Items {
		out.Items[i] = undoItem{Kind: t.Kind, Name: t.Name, Key: t.Key, Did: t.Did, Version: t.Version, Why: t.Why, By: t.By, At: t.At.UnixMilli()}
	}
	return out
}

func (s *Service) undoOperations() []*op.Operation {
	return []*op.Operation{s.opUndoPreview(), s.opUndoRun(), s.opAppBin(), s.opAppRestore(), s.opAppPurge()}
}

// deleted is a world in which the owner has deleted a key.
func deleted() []op.Given {
	return append(welcome(), op.Given{Op: "kv_delete", In: `{"app":"shop","key":"user/ada"}`})
}

const undoWhatIsKept = "Kept are deletes of keys, documents, collections and files for 24 hours (64 MiB of an app, but files and whole collections at any size), " +
	"every write of an agent for 7 days (256 MiB in all), and the history of collections that keep one. " +
	"What has changed since is left alone and named. At most 10,000 things. A site goes back by site_rollback."

func (s *Service) opUndoPreview() *op.Operation {
	return op.Define(op.Operation{
		Name: "undo_preview", Summary: "Say what an undo would do", Scope: "apps:read", Effect: op.Read,
		Description: undoWhatIsKept,
		Method:      "GET", Path: "/api/apps/{app}/undo",
		Examples: []op.Example{{
			Title: "All that is kept", Given: deleted(), In: `{"app":"shop","since":0}`,
			Out: `{"restored":1,"removed":0,"conflicts":0,"items":[{"kind":"kv","key":"user/ada","did":"restored","version":8,"principal":"t_owner","at":1764000000000}],"version":10}`,
		}},
	}, func(ctx context.Context, in undoIn) (undoOut, error) {
		m, err := in.mutation()
		if err != nil {
			return undoOut{}, err
		}
		outcome, err := s.DB.Write(ctx, &storage.Batch{App: in.App, DryRun: true, Mutations: []storage.Mutation{m}})
		if err != nil {
			return undoOut{}, ErrorOf(err)
		}
		return undoOf(outcome), nil
	})
}

func (s *Service) opUndoRun() *op.Operation {
	return op.Define(op.Operation{
		Name: "undo_run", Summary: "Take back what a run, a token or a time has changed", Scope: "apps:write", Effect: op.Destructive,
		Description: undoWhatIsKept + " undo_preview says what would be done. An agent's undo can itself be undone.",
		Method:      "POST", Path: "/api/apps/{app}/undo",
		Examples: []op.Example{{
			Title: "A key that was deleted", Given: deleted(), In: `{"app":"shop","since":0}`,
			Out: `{"restored":1,"removed":0,"conflicts":0,"items":[{"kind":"kv","key":"user/ada","did":"restored","version":8,"principal":"t_owner","at":1764000000000}],"version":10}`,
		}},
	}, func(ctx context.Context, in undoIn) (undoOut, error) {
		m, err := in.mutation()
		if err != nil {
			return undoOut{}, err
		}
		if m.Kinds, err = undoKinds(caller(ctx)); err != nil {
			return undoOut{}, err
		}
		return answer(ctx, s, &storage.Batch{App: in.App, Mutations: []storage.Mutation{m}}, undoOf)
	}, op.WithRisk(s.undoRisk))
}

// undoKinds are the sorts of things that a caller may write.
func undoKinds(p *op.Principal) (kinds []string, err error) {
	for scope, of := range map[op.Scope][]string{"kv:write": {"kv"}, "docs:write": {"doc", "collection"}, "blobs:write": {"blob"}} {
		if p.Scopes.Has(scope) {
			kinds = append(kinds, of...)
		}
	}
	if kinds == nil {
		return nil, op.Errorf(op.CodeForbidden, "an undo writes and needs one of the scopes kv:write, docs:write and blobs:write, which %q lacks", p.Name).
			WithHint("use a token with the scope of what is to be taken back")
	}
	return kinds, nil
}

// undoRisk tells the approver how much an undo changes.
func (s *Service) undoRisk(ctx context.Context, in undoIn) (op.Risk, error) {
	m, err := in.mutation()
	if err != nil {
		return op.Risk{}, err
	}
	o, err := s.DB.Write(ctx, &storage.Batch{App: in.App, DryRun: true, Mutations: []storage.Mutation{m}})
	if err != nil {
		return op.Risk{}, ErrorOf(err)
	}
	r := o.Results[0].Undo
	return op.Risk{
		Wide:    r.Restored+r.Removed > wideCount,
		Summary: fmt.Sprintf("what %d things of app %q hold now", r.Restored+r.Removed, in.App),
	}, nil
}

type appBinIn struct {
	ID string `json:"id,omitzero" doc:"only the app of this id" minLength:"1" maxLength:"63"`
}

type deletedApp struct {
	ID        string `json:"id" doc:"the app's id"`
	Title     string `json:"title" doc:"its name for people"`
	DeletedAt int64  `json:"deleted_at" doc:"Unix ms"`
	DeletedBy string `json:"principal,omitzero" doc:"the id of the token that deleted it"`
	Until     int64  `json:"until_at" doc:"Unix ms, when it is gone for good"`
}

type appBinOut struct {
	Items []deletedApp `json:"items" doc:"deleted apps that can be brought back, the last one first"`
}

func (s *Service) opAppBin() *op.Operation {
	gone := []op.Given{{Op: "app_create", In: `{"id":"shop","title":"Shop"}`}, {Op: "app_delete", In: `{"app":"shop"}`}}
	return op.Define(op.Operation{
		Name: "app_bin", Summary: "List the deleted apps that can be brought back", Scope: "apps:read", Effect: op.Read,
		Method: "GET", Path: "/api/apps:bin",
		Examples: []op.Example{{
			Title: "One that was deleted", Given: gone, In: `{"id":"shop"}`,
			Out: `{"items":[{"id":"shop","title":"Shop","deleted_at":1764000000000,"principal":"t_owner","until_at":1764086400000}]}`,
		}},
	}, func(ctx context.Context, in appBinIn) (appBinOut, error) {
		list, err := s.DB.DeletedApps(ctx, in.ID)
		if err != nil {
			return appBinOut{}, ErrorOf(err)
		}
		out := appBinOut{Items: make([]deletedApp, len(list))}
		for i, a := range list {
			out.Items[i] = deletedApp{ID: a.ID, Title: a.Title, DeletedAt: a.DeletedAt.UnixMilli(), DeletedBy: a.DeletedBy, Until: a.Until.UnixMilli()}
		}
		return out, nil
	})
}

func (s *Service) opAppRestore() *op.Operation {
	gone := append(welcome(), op.Given{Op: "app_delete", In: `{"app":"shop"}`})
	return op.Define(op.Operation{
		Name: "app_restore", Summary: "Bring a deleted app back", Scope: "apps:write", Effect: op.Write,
		Description: "The one of this id that was deleted last, for 24 hours after that, with everything in it but the tokens that were bound to it. app_bin lists them.",
		Method:      "POST", Path: "/api/apps/{app}/restore",
		Examples: []op.Example{{
			Title: "With its keys", Given: gone, In: `{"app":"shop"}`,
			Out: `{"id":"shop","title":"Shop","version":10,"created_at":1764000000000,"updated_at":1764000000000}`,
		}},
	}, func(ctx context.Context, in appIn) (appOut, error) {
		b := &storage.Batch{Mutations: []storage.Mutation{storage.AppRestore{ID: in.App}}}
		out, err := answer(ctx, s, b, func(o *storage.Outcome) appOut {
			r := o.Results[0].Restored
			return appOf(storage.App{ID: r.ID, Title: r.Title, Version: o.Results[0].Version, CreatedAt: r.CreatedAt, UpdatedAt: o.At})
		})
		return out, restoreHint(renamed(err, "id", "app"))
	})
}

type appPurgeOut struct {
	Purged  int64  `json:"purged" doc:"how many deleted apps of this id are gone for good"`
	Version uint64 `json:"version" doc:"of this write"`
}

func (s *Service) opAppPurge() *op.Operation {
	gone := []op.Given{{Op: "app_create", In: `{"id":"attic"}`}, {Op: "app_delete", In: `{"app":"attic"}`}}
	return op.Define(op.Operation{
		Name: "app_purge", Summary: "Remove a deleted app for good", Scope: "apps:write", Effect: op.Destructive,
		Description: "What app_bin lists under this id can then not be brought back. An app that is in use is not touched. An agent must confirm it with the app's id.",
		Method:      "POST", Path: "/api/apps/{app}/purge",
		Examples: []op.Example{{Title: "At once", Given: gone, In: `{"app":"attic"}`, Out: `{"purged":1,"version":9}`}},
	}, func(ctx context.Context, in appIn) (appPurgeOut, error) {
		b := &storage.Batch{Mutations: []storage.Mutation{storage.AppPurge{ID: in.App}}}
		out, err := answer(ctx, s, b, func(o *storage.Outcome) appPurgeOut {
			return appPurgeOut{Purged: o.Results[0].Count, Version: o.Version}
		})
		return out, restoreHint(renamed(err, "id", "app"))
	}, op.WithRisk(func(_ context.Context, in appIn) (op.Risk, error) {
		return op.Risk{Confirm: in.App, Wide: true, Summary: fmt.Sprintf("everything in the deleted app %q, for good", in.App)}, nil
	}))
}

// restoreHint says what else to do than app_create.
func restoreHint(err error) error {
	e, ok := err.(*op.Error)
	if !ok || e.Code != op.Code(storage.KindAppNotFound) {
		return err
	}
	return e.WithHint("app_bin lists the deleted apps that are kept")
}
