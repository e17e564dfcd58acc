package server

import (
	"context"
	"fmt"
	"slices"

	"fazt/server/op"
	"fazt/storage"
)

// wideCount is how many things one call may delete before an approval policy
// of "wide" asks a person.
const wideCount = 100

type kvGetManyIn struct {
	App  string   `json:"app" doc:"the app" format:"app"`
	Keys []string `json:"keys" doc:"1 to 1000 keys" minItems:"1" maxItems:"1000" format:"key"`
}

type kvGetManyOut struct {
	Items   []kvItem `json:"items" doc:"the keys that are there, in the order asked for"`
	Missing []string `json:"missing" doc:"the keys that are not there"`
}

func (s *Service) opKVGetMany() *op.Operation {
	return op.Define(op.Operation{
		Name: "kv_get_many", Summary: "Get the values of many keys at one moment", Scope: "kv:read", Effect: op.Read,
		Method: "POST", Path: "/api/apps/{app}/kv:get",
		Examples: []op.Example{{
			Title: "Two keys", Given: welcome(), In: `{"app":"shop","keys":["user/ada","user/bob"]}`,
			Out: `{"items":[{"key":"user/ada","value":{"name":"Ada","age":36},"version":8,"expires_at":null}],"missing":["user/bob"]}`,
		}},
	}, func(ctx context.Context, in kvGetManyIn) (kvGetManyOut, error) {
		entries, err := s.DB.KVGetMany(ctx, in.App, in.Keys)
		if err != nil {
			return kvGetManyOut{}, ErrorOf(err)
		}
		out := kvGetManyOut{Items: []kvItem{}, Missing: []string{}}
		for _, e := range entries {
			if e.Version == 0 {
				out.Missing = append(out.Missing, e.Key)
				continue
			}
			out.Items = append(out.Items, kvItemOf(e))
		}
		return out, nil
	})
}

type kvDeleteManyIn struct {
	App    string   `json:"app" doc:"the app" format:"app"`
	Keys   []string `json:"keys,omitzero" doc:"delete these keys, 1 to 1000" minItems:"1" maxItems:"1000" format:"key"`
	Prefix string   `json:"prefix,omitzero" doc:"delete the keys that begin with this, taken literally" format:"key"`
	All    bool     `json:"all,omitzero" doc:"delete every key of the app"`
}

type kvDeleteManyOut struct {
	Deleted int64  `json:"deleted" doc:"how many keys were there and are gone"`
	Unkept  bool   `json:"unkept,omitzero" doc:"true: that is over 64 MiB, and an undo does not bring all of it back"`
	Version uint64 `json:"version" doc:"of the deletion"`
}

func (s *Service) opKVDeleteMany() *op.Operation {
	return op.Define(op.Operation{
		Name: "kv_delete_many", Summary: "Delete many keys at once", Scope: "kv:write", Effect: op.Destructive, Idempotent: true,
		Description: "Say exactly one of keys, prefix and all. All or nothing, at most 10,000 keys. " +
			"An agent must confirm a prefix with that prefix, and all with the app's id; dry_run counts.",
		Method: "POST", Path: "/api/apps/{app}/kv:delete",
		Examples: []op.Example{
			{Title: "By name", Given: welcome(), In: `{"app":"shop","keys":["user/ada","user/bob"]}`, Out: `{"deleted":1,"version":9}`},
			{Title: "By prefix", Given: welcome(), In: `{"app":"shop","prefix":"user/"}`, Out: `{"deleted":1,"version":9}`},
		},
	}, func(ctx context.Context, in kvDeleteManyIn) (kvDeleteManyOut, error) {
		if err := in.check(); err != nil {
			return kvDeleteManyOut{}, err
		}
		out, err := answer(ctx, s, &storage.Batch{App: in.App, Mutations: in.mutations()}, func(o *storage.Outcome) kvDeleteManyOut {
			return kvDeleteManyOut{Deleted: deletedOf(o.Results), Unkept: unkeptOf(o.Results), Version: o.Version}
		})
		return out, err
	}, op.WithRisk(s.kvDeleteManyRisk))
}

// check asks for exactly one way of saying what to delete: a filter that is
// left out by mistake must not mean everything.
func (in kvDeleteManyIn) check() error {
	said := 0
	for _, given := range []bool{in.Keys != nil, in.Prefix != "", in.All} {
		if given {
			said++
		}
	}
	if said == 1 {
		return nil
	}
	return op.Invalid("keys", "say exactly one of keys, prefix and all: true; %d were given", said).
		WithHint(`as in {"keys":["a","b"]} or {"prefix":"user/"}`)
}

func (in kvDeleteManyIn) mutations() []storage.Mutation {
	if in.Keys == nil {
		return []storage.Mutation{storage.KVDeletePrefix{Prefix: in.Prefix}}
	}
	list := make([]storage.Mutation, len(in.Keys))
	for i, key := range in.Keys {
		list[i] = storage.KVDelete{Key: key}
	}
	return list
}

func deletedOf(results []storage.Result) int64 {
	var n int64
	for _, r := range results {
		switch {
		case r.Count > 0:
			n += r.Count
		case r.Deleted:
			n++
		}
	}
	return n
}

func unkeptOf(results []storage.Result) bool {
	return slices.ContainsFunc(results, func(r storage.Result) bool { return r.Unkept })
}

// kvDeleteManyRisk asks nothing for keys that were named one by one.
func (s *Service) kvDeleteManyRisk(ctx context.Context, in kvDeleteManyIn) (op.Risk, error) {
	if err := in.check(); err != nil {
		return op.Risk{}, err
	}
	if in.Keys != nil {
		n := int64(len(in.Keys))
		return op.Risk{Summary: fmt.Sprintf("%s of app %q", countOf(n, "key"), in.App), Wide: n > wideCount}, nil
	}
	n, err := s.DB.KVCount(ctx, in.App, in.Prefix)
	if err != nil {
		return op.Risk{}, ErrorOf(err)
	}
	if in.All {
		return op.Risk{Confirm: in.App, Wide: true, Summary: fmt.Sprintf("every key of app %q, %s", in.App, countOf(n, "key"))}, nil
	}
	return op.Risk{
		Confirm: in.Prefix, Wide: n > wideCount,
		Summary: fmt.Sprintf("%s of app %q that begin with %q", countOf(n, "key"), in.App, in.Prefix),
	}, nil
}

type kvCountIn struct {
	App    string `json:"app" doc:"the app" format:"app"`
	Prefix string `json:"prefix,omitzero" doc:"only keys that begin with this, taken literally" format:"prefix"`
}

type kvCountOut struct {
	Count int64 `json:"count" doc:"how many keys there are, at most 10000"`
	More  bool  `json:"more" doc:"counting stopped there: that many or more"`
}

func (s *Service) opKVCount() *op.Operation {
	return op.Define(op.Operation{
		Name: "kv_count", Summary: "Count keys", Scope: "kv:read", Effect: op.Read,
		Method: "GET", Path: "/api/apps/{app}/kv:count",
		Examples: []op.Example{{Title: "With a prefix", Given: welcome(), In: `{"app":"shop","prefix":"user/"}`, Out: `{"count":1,"more":false}`}},
	}, func(ctx context.Context, in kvCountIn) (kvCountOut, error) {
		n, err := s.DB.KVCount(ctx, in.App, in.Prefix)
		if err != nil {
			return kvCountOut{}, ErrorOf(err)
		}
		return kvCountOut{Count: n, More: n >= storage.MaxCount}, nil
	})
}
