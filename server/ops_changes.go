package server

import (
	"context"

	"github.com/go-json-experiment/json/jsontext"

	"fazt/server/op"
	"fazt/storage"
)

type changeItem struct {
	Cursor    string         `json:"cursor" doc:"its place: send it as since to go on behind it"`
	At        int64          `json:"at" doc:"Unix ms"`
	Kind      string         `json:"kind" doc:"what sort of thing changed"`
	Op        string         `json:"op" doc:"what happened to it"`
	Name      string         `json:"name,omitzero" doc:"the collection, where the kind has them"`
	Key       string         `json:"key,omitzero" doc:"of kind kv: the key"`
	ID        string         `json:"id,omitzero" doc:"of every other kind: the id"`
	Version   uint64         `json:"version" doc:"of the write"`
	Principal string         `json:"principal,omitzero" doc:"the id of the token that wrote"`
	Value     jsontext.Value `json:"value,omitzero" doc:"with values: the key's value, when it is still the one of this version"`
}

func changeOf(c storage.Change) changeItem {
	item := changeItem{
		Cursor: c.Cursor.String(), At: c.At.UnixMilli(), Kind: c.Kind, Op: c.Op, Name: c.Name,
		Version: c.Version, Principal: c.Principal, Value: jsontext.Value(c.Value),
	}
	if c.Kind == "kv" {
		item.Key = c.Key
	} else {
		item.ID = c.Key
	}
	return item
}

type changeListOut struct {
	Items      []changeItem `json:"items" doc:"changes in the order of their commits"`
	NextCursor string       `json:"next_cursor" doc:"since of the next page; there always is one, for what is still to come"`
}

func (s *Service) changeOperations() []*op.Operation {
	return []*op.Operation{s.opChangeList(), s.opChangeFollow(), s.opSystemChanges(), s.opSystemFollow()}
}

// followText says how a feed is read. It is the same for all four.
const followText = "Without since it begins now and answers a cursor; to miss nothing, take the cursor first, then read the state, " +
	"then follow. since 0.0 is the start. What is older than 24 hours may be gone: then the error is compacted."

type changeListIn struct {
	App    string   `json:"app" doc:"the app" format:"app"`
	Since  string   `json:"since,omitzero" doc:"the cursor behind which to begin; without it: from now on" minLength:"1"`
	Kinds  []string `json:"kinds,omitzero" doc:"only changes of these kinds" minItems:"1" enum:"kv,doc,collection"`
	Prefix string   `json:"prefix,omitzero" doc:"only keys that begin with this, taken literally" format:"prefix"`
	Values bool     `json:"values,omitzero" doc:"add the values; needs the scope kv:read too"`
	Limit  int      `json:"limit" doc:"how many at most" default:"100" minimum:"1" maximum:"1000"`
	WaitMS int      `json:"wait_ms,omitzero" doc:"when there is nothing yet, wait so long for it" minimum:"0" maximum:"30000"`
}

func (in changeListIn) feed() feedQuery {
	return feedQuery{app: in.App, since: in.Since, ChangeQuery: storage.ChangeQuery{
		Kinds: in.Kinds, Prefix: in.Prefix, Values: in.Values, Limit: in.Limit,
	}}
}

func (s *Service) opChangeList() *op.Operation {
	return op.Define(op.Operation{
		Name: "change_list", Summary: "List what has changed in an app", Scope: "changes:read", Effect: op.Read,
		Description: followText, Method: "GET", Path: "/api/apps/{app}/changes",
		Examples: []op.Example{
			{
				Title: "From the start, with values", Given: welcome(), In: `{"app":"shop","since":"0.0","values":true}`,
				Out: `{"items":[{"cursor":"8.1","at":1764000000000,"kind":"kv","op":"set","key":"user/ada","version":8,"principal":"t_owner","value":{"name":"Ada","age":36}}],"next_cursor":"8.1"}`,
			},
			{Title: "A cursor for what is to come", Given: welcome(), In: `{"app":"shop"}`, Out: `{"items":[],"next_cursor":"9.0"}`},
		},
	}, func(ctx context.Context, in changeListIn) (changeListOut, error) {
		if err := mayReadValues(ctx, in.Values); err != nil {
			return changeListOut{}, err
		}
		return s.changes(ctx, in.feed(), in.WaitMS)
	})
}

// mayReadValues holds a feed with values to the scope that the values need.
func mayReadValues(ctx context.Context, values bool) error {
	inv := op.From(ctx)
	if !values || inv.Principal.Scopes.Has("kv:read") {
		return nil
	}
	e := op.Errorf(op.CodeForbidden, "%s with values needs the scope kv:read, which %q lacks", inv.Operation.Name, inv.Principal.Name)
	e.Field = "values"
	return e.WithHint("leave values out, or use a token with kv:read")
}

type changeFollowIn struct {
	App    string   `json:"app" doc:"the app" format:"app"`
	Since  string   `json:"since,omitzero" doc:"the cursor behind which to begin; without it: from now on" minLength:"1"`
	Kinds  []string `json:"kinds,omitzero" doc:"only changes of these kinds" minItems:"1" enum:"kv,doc,collection"`
	Prefix string   `json:"prefix,omitzero" doc:"only keys that begin with this, taken literally" format:"prefix"`
	Values bool     `json:"values,omitzero" doc:"add the values; needs the scope kv:read too"`
}

func (s *Service) opChangeFollow() *op.Operation {
	return op.Define(op.Operation{
		Name: "change_follow", Summary: "Follow what changes in an app", Scope: "changes:read", Effect: op.Read,
		Description: "A stream of events named change; the id of each is its cursor. " + followText,
		Method:      "GET", Path: "/api/apps/{app}/changes", Streams: true,
	}, func(ctx context.Context, in changeFollowIn) (op.Stream, error) {
		if err := mayReadValues(ctx, in.Values); err != nil {
			return nil, err
		}
		return s.follow(ctx, changeListIn{App: in.App, Since: in.Since, Kinds: in.Kinds, Prefix: in.Prefix, Values: in.Values}.feed())
	})
}

type systemChangesIn struct {
	Since  string   `json:"since,omitzero" doc:"the cursor behind which to begin; without it: from now on" minLength:"1"`
	Kinds  []string `json:"kinds,omitzero" doc:"only changes of these kinds" minItems:"1" enum:"app,token,setting,recipe"`
	Prefix string   `json:"prefix,omitzero" doc:"only ids that begin with this, taken literally" format:"prefix"`
	Limit  int      `json:"limit" doc:"how many at most" default:"100" minimum:"1" maximum:"1000"`
	WaitMS int      `json:"wait_ms,omitzero" doc:"when there is nothing yet, wait so long for it" minimum:"0" maximum:"30000"`
}

func (in systemChangesIn) feed() feedQuery {
	return feedQuery{since: in.Since, ChangeQuery: storage.ChangeQuery{Kinds: in.Kinds, Prefix: in.Prefix, Limit: in.Limit}}
}

func (s *Service) opSystemChanges() *op.Operation {
	return op.Define(op.Operation{
		Name: "system_changes", Summary: "List what has changed among apps, tokens, settings and recipes", Scope: "system:read", Effect: op.Read,
		Description: followText, Method: "GET", Path: "/api/system/changes",
		Examples: []op.Example{{
			Title: "The first app that was made", Given: welcome()[:1], In: `{"since":"0.0","kinds":["app"],"limit":1}`,
			Out: `{"items":[{"cursor":"7.1","at":1764000000000,"kind":"app","op":"create","id":"shop","version":7,"principal":"t_owner"}],"next_cursor":"7.1"}`,
		}},
	}, func(ctx context.Context, in systemChangesIn) (changeListOut, error) {
		return s.changes(ctx, in.feed(), in.WaitMS)
	})
}

type systemFollowIn struct {
	Since  string   `json:"since,omitzero" doc:"the cursor behind which to begin; without it: from now on" minLength:"1"`
	Kinds  []string `json:"kinds,omitzero" doc:"only changes of these kinds" minItems:"1" enum:"app,token,setting,recipe"`
	Prefix string   `json:"prefix,omitzero" doc:"only ids that begin with this, taken literally" format:"prefix"`
}

func (s *Service) opSystemFollow() *op.Operation {
	return op.Define(op.Operation{
		Name: "system_follow", Summary: "Follow what changes among apps, tokens, settings and recipes", Scope: "system:read", Effect: op.Read,
		Description: "A stream of events named change; the id of each is its cursor. " + followText,
		Method:      "GET", Path: "/api/system/changes", Streams: true,
	}, func(ctx context.Context, in systemFollowIn) (op.Stream, error) {
		return s.follow(ctx, systemChangesIn{Since: in.Since, Kinds: in.Kinds, Prefix: in.Prefix}.feed())
	})
}
