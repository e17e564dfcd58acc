package server

import (
	"context"
	"fmt"
	"time"

	"fazt/server/op"
	"fazt/storage"
)

type appOut struct {
	ID        string `json:"id" doc:"the app's id, also the first label of its host"`
	Title     string `json:"title" doc:"its name for people"`
	Version   uint64 `json:"version" doc:"of the app itself; its keys have their own"`
	CreatedAt int64  `json:"created_at" doc:"Unix ms"`
	UpdatedAt int64  `json:"updated_at" doc:"Unix ms, of the app itself"`
}

func appOf(a storage.App) appOut {
	return appOut{
		ID: a.ID, Title: a.Title, Version: a.Version,
		CreatedAt: a.CreatedAt.UnixMilli(), UpdatedAt: a.UpdatedAt.UnixMilli(),
	}
}

func (s *Service) appOperations() []*op.Operation {
	return []*op.Operation{
		s.opAppList(), s.opAppGet(), s.opAppCreate(), s.opAppUpdate(), s.opAppDelete(),
	}
}

type appListIn struct {
	Limit  int    `json:"limit" doc:"how many at most" default:"100" minimum:"1" maximum:"1000"`
	Cursor string `json:"cursor,omitzero" doc:"next_cursor of the page before" minLength:"1"`
}

type appListOut struct {
	Items      []appOut `json:"items" doc:"apps in the order of their ids"`
	NextCursor *string  `json:"next_cursor" doc:"cursor of the next page, null at the end"`
}

func (s *Service) opAppList() *op.Operation {
	return op.Define(op.Operation{
		Name: "app_list", Summary: "List the apps", Scope: "apps:read", Effect: op.Read,
		Description: "A token that is bound to an app sees only that one.",
		Method:      "GET", Path: "/api/apps", AppFree: true,
		Examples: []op.Example{{
			Title: "One page", Given: []op.Given{{Op: "app_create", In: `{"id":"shop","title":"Shop"}`}},
			In:  `{}`,
			Out: `{"items":[{"id":"shop","title":"Shop","version":7,"created_at":1764000000000,"updated_at":1764000000000}],"next_cursor":null}`,
		}},
	}, s.appList)
}

func (s *Service) appList(ctx context.Context, in appListIn) (appListOut, error) {
	if bound := caller(ctx).App; bound != "" {
		return s.boundApp(ctx, bound)
	}
	after, err := openCursor(in.Cursor, "app_list")
	if err != nil {
		return appListOut{}, err
	}
	apps, next, err := pageOf(in.Limit, after, func(after string, limit int) ([]storage.App, error) {
		return s.DB.Apps(ctx, after, limit)
	}, func(a storage.App) string { return a.ID })
	if err != nil {
		return appListOut{}, ErrorOf(err)
	}
	out := appListOut{Items: make([]appOut, len(apps)), NextCursor: sealCursor(next, "app_list")}
	for i, a := range apps {
		out.Items[i] = appOf(a)
	}
	return out, nil
}

// boundApp is the list that a token bound to an app sees.
func (s *Service) boundApp(ctx context.Context, id string) (appListOut, error) {
	a, err := s.DB.App(ctx, id)
	switch {
	case storage.KindOf(err) == storage.KindAppNotFound:
		return appListOut{Items: []appOut{}}, nil
	case err != nil:
		return appListOut{}, ErrorOf(err)
	}
	return appListOut{Items: []appOut{appOf(a)}}, nil
}

// pageOf reads one page of a list that storage gives without saying whether
// more follows, and returns the place of the next, "" at the end.
func pageOf[T any](limit int, after string, read func(after string, limit int) ([]T, error), name func(T) string) ([]T, string, error) {
	page, err := read(after, limit)
	if err != nil || len(page) < limit {
		return page, "", err
	}
	last := name(page[len(page)-1])
	more, err := read(last, 1)
	if err != nil || len(more) == 0 {
		return page, "", err
	}
	return page, last, nil
}

type appIn struct {
	App string `json:"app" doc:"the app's id" format:"app"`
}

func (s *Service) opAppGet() *op.Operation {
	return op.Define(op.Operation{
		Name: "app_get", Summary: "Get one app", Scope: "apps:read", Effect: op.Read,
		Description: "system_status with app says what the app holds.",
		Method:      "GET", Path: "/api/apps/{app}",
		Examples: []op.Example{{
			Title: "By its id", Given: []op.Given{{Op: "app_create", In: `{"id":"shop","title":"Shop"}`}},
			In:  `{"app":"shop"}`,
			Out: `{"id":"shop","title":"Shop","version":7,"created_at":1764000000000,"updated_at":1764000000000}`,
		}},
	}, func(ctx context.Context, in appIn) (appOut, error) {
		a, err := s.DB.App(ctx, in.App)
		if err != nil {
			return appOut{}, ErrorOf(err)
		}
		return appOf(a), nil
	})
}

type appCreateIn struct {
	ID    string `json:"id" doc:"1 to 63 of a-z, 0-9 and inner hyphens; the app's host begins with it" format:"newapp"`
	Title string `json:"title,omitzero" doc:"its name for people; the id when left out" minLength:"1" maxLength:"200"`
}

func (s *Service) opAppCreate() *op.Operation {
	return op.Define(op.Operation{
		Name: "app_create", Summary: "Create an app", Scope: "apps:write", Effect: op.Write,
		Description: "An app is a name space of its own for keys, documents, files and a site.",
		Method:      "POST", Path: "/api/apps", Status: 201,
		Examples: []op.Example{{
			Title: "With a title", In: `{"id":"shop","title":"Shop"}`,
			Out: `{"id":"shop","title":"Shop","version":7,"created_at":1764000000000,"updated_at":1764000000000}`,
		}},
	}, func(ctx context.Context, in appCreateIn) (appOut, error) {
		if in.Title == "" {
			in.Title = in.ID
		}
		b := &storage.Batch{Mutations: []storage.Mutation{storage.AppCreate{ID: in.ID, Title: in.Title}}}
		return answer(ctx, s, b, func(o *storage.Outcome) appOut {
			return appOf(storage.App{ID: in.ID, Title: in.Title, Version: o.Results[0].Version, CreatedAt: o.At, UpdatedAt: o.At})
		})
	})
}

type appUpdateIn struct {
	App       string  `json:"app" doc:"the app's id" format:"app"`
	Title     string  `json:"title" doc:"its new name for people" minLength:"1" maxLength:"200"`
	IfVersion *uint64 `json:"if_version" doc:"change it only when it is at this version"`
}

type appUpdateOut struct {
	ID        string `json:"id" doc:"the app's id"`
	Title     string `json:"title" doc:"its name for people"`
	Version   uint64 `json:"version" doc:"its version now"`
	UpdatedAt int64  `json:"updated_at" doc:"Unix ms"`
}

func (s *Service) opAppUpdate() *op.Operation {
	return op.Define(op.Operation{
		Name: "app_update", Summary: "Change an app's title", Scope: "apps:write", Effect: op.Write, Idempotent: true,
		Method: "PATCH", Path: "/api/apps/{app}",
		Examples: []op.Example{{
			Title: "A new title", Given: []op.Given{{Op: "app_create", In: `{"id":"shop","title":"Shop"}`}},
			In:  `{"app":"shop","title":"The shop"}`,
			Out: `{"id":"shop","title":"The shop","version":8,"updated_at":1764000000000}`,
		}},
	}, func(ctx context.Context, in appUpdateIn) (appUpdateOut, error) {
		b := &storage.Batch{Mutations: []storage.Mutation{storage.AppUpdate{ID: in.App, Title: &in.Title, IfVersion: in.IfVersion}}}
		out, err := answer(ctx, s, b, func(o *storage.Outcome) appUpdateOut {
			return appUpdateOut{ID: in.App, Title: in.Title, Version: o.Results[0].Version, UpdatedAt: o.At.UnixMilli()}
		})
		return out, renamed(err, "id", "app")
	})
}

type appDeleteIn struct {
	App       string  `json:"app" doc:"the app's id" format:"app"`
	IfVersion *uint64 `json:"if_version" doc:"delete it only when it is at this version"`
}

type appDeleteOut struct {
	Deleted bool   `json:"deleted" doc:"always true; a missing app is an error"`
	Version uint64 `json:"version" doc:"of the deletion"`
}

func (s *Service) opAppDelete() *op.Operation {
	return op.Define(op.Operation{
		Name: "app_delete", Summary: "Delete an app with everything in it", Scope: "apps:write", Effect: op.Destructive, Idempotent: true,
		Description: "Its keys, its change log and the tokens bound to it go with it. An agent must confirm with the app's id.",
		Method:      "DELETE", Path: "/api/apps/{app}",
		Examples: []op.Example{{
			Title: "For good", Given: []op.Given{{Op: "app_create", In: `{"id":"old-shop"}`}},
			In: `{"app":"old-shop"}`, Out: `{"deleted":true,"version":8}`,
		}},
	}, func(ctx context.Context, in appDeleteIn) (appDeleteOut, error) {
		b := &storage.Batch{Mutations: []storage.Mutation{storage.AppDelete{ID: in.App, IfVersion: in.IfVersion}}}
		out, err := answer(ctx, s, b, func(o *storage.Outcome) appDeleteOut {
			return appDeleteOut{Deleted: o.Results[0].Deleted, Version: o.Version}
		})
		return out, renamed(err, "id", "app")
	}, op.WithRisk(s.appDeleteRisk))
}

func (s *Service) appDeleteRisk(ctx context.Context, in appDeleteIn) (op.Risk, error) {
	app, err := s.DB.App(ctx, in.App)
	if err != nil {
		return op.Risk{}, ErrorOf(err)
	}
	n, err := s.DB.KVCount(ctx, in.App, "")
	if err != nil {
		return op.Risk{}, ErrorOf(err)
	}
	return op.Risk{
		Confirm: in.App, Wide: true,
		Summary: fmt.Sprintf("app %q (%q) with %s", app.ID, app.Title, countOf(n, "key")),
	}, nil
}

// countOf writes a number of things that storage counted.
func countOf(n int64, thing string) string {
	switch {
	case n == 1:
		return "1 " + thing
	case n >= storage.MaxCount:
		return fmt.Sprintf("%d %ss or more", n, thing)
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// renamed moves an error from storage's name of a field to the operation's.
func renamed(err error, from, to string) error {
	e, ok := err.(*op.Error)
	if !ok || e.Field != from {
		return err
	}
	c := *e
	c.Field = to
	return &c
}

// millisOf is a time as outputs write it, nil for none.
func millisOf(t time.Time) *int64 {
	if t.IsZero() {
		return nil
	}
	ms := t.UnixMilli()
	return &ms
}
