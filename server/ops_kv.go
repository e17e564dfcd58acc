package server

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"fazt/server/op"
	"fazt/storage"
)

// welcome makes the app and the key that examples begin with.
func welcome() []op.Given {
	return []op.Given{
		{Op: "app_create", In: `{"id":"shop","title":"Shop"}`},
		{Op: "kv_set", In: `{"app":"shop","key":"user/ada","value":{"name":"Ada","age":36}}`},
	}
}

func (s *Service) kvOperations() []*op.Operation {
	return []*op.Operation{
		s.opKVList(), s.opKVGet(), s.opKVSet(), s.opKVDelete(), s.opKVIncrement(),
		s.opKVGetMany(), s.opKVDeleteMany(), s.opKVCount(),
	}
}

type kvItem struct {
	Key       string         `json:"key" doc:"the key"`
	Value     jsontext.Value `json:"value,omitzero" doc:"its JSON value as it was stored; left out with keys_only"`
	Version   uint64         `json:"version" doc:"of the write that stored it"`
	ExpiresAt *int64         `json:"expires_at" doc:"Unix ms from which on the key is gone, null = never"`
}

func kvItemOf(e storage.KVEntry) kvItem {
	return kvItem{Key: e.Key, Value: jsontext.Value(e.Value), Version: e.Version, ExpiresAt: millisOf(e.ExpiresAt)}
}

type kvListIn struct {
	App      string `json:"app" doc:"the app" format:"app"`
	Prefix   string `json:"prefix,omitzero" doc:"only keys that begin with this, taken literally" format:"prefix"`
	Limit    int    `json:"limit" doc:"how many at most" default:"100" minimum:"1" maximum:"1000"`
	Cursor   string `json:"cursor,omitzero" doc:"next_cursor of the page before" minLength:"1"`
	Reverse  bool   `json:"reverse,omitzero" doc:"from the last key to the first"`
	KeysOnly bool   `json:"keys_only,omitzero" doc:"leave the values out"`
}

// query is what a cursor of this list is bound to.
func (in kvListIn) query() []string {
	return []string{"kv_list", in.App, in.Prefix, strconv.FormatBool(in.Reverse), strconv.FormatBool(in.KeysOnly)}
}

type kvListOut struct {
	Items      []kvItem `json:"items" doc:"keys in the order of their bytes"`
	NextCursor *string  `json:"next_cursor" doc:"cursor of the next page, null at the end"`
}

func (s *Service) opKVList() *op.Operation {
	return op.Define(op.Operation{
		Name: "kv_list", Summary: "List an app's keys with their values", Scope: "kv:read", Effect: op.Read,
		Description: "A page may hold fewer than limit when the values are large; next_cursor says whether more follows.",
		Method:      "GET", Path: "/api/apps/{app}/kv",
		Examples: []op.Example{{
			Title: "Keys that begin with user/", Given: welcome(), In: `{"app":"shop","prefix":"user/"}`,
			Out: `{"items":[{"key":"user/ada","value":{"name":"Ada","age":36},"version":8,"expires_at":null}],"next_cursor":null}`,
		}},
	}, func(ctx context.Context, in kvListIn) (kvListOut, error) {
		after, err := openCursor(in.Cursor, in.query()...)
		if err != nil {
			return kvListOut{}, err
		}
		page, next, err := s.DB.KVList(ctx, in.App, storage.KVQuery{
			Prefix: in.Prefix, After: after, Limit: in.Limit, Reverse: in.Reverse, KeysOnly: in.KeysOnly,
		})
		if err != nil {
			return kvListOut{}, ErrorOf(err)
		}
		out := kvListOut{Items: make([]kvItem, len(page)), NextCursor: sealCursor(next, in.query()...)}
		for i, e := range page {
			out.Items[i] = kvItemOf(e)
		}
		return out, nil
	})
}

type kvGetIn struct {
	App string `json:"app" doc:"the app" format:"app"`
	Key string `json:"key" doc:"the key" format:"key"`
}

func (s *Service) opKVGet() *op.Operation {
	return op.Define(op.Operation{
		Name: "kv_get", Summary: "Get the value of a key", Scope: "kv:read", Effect: op.Read,
		Method: "GET", Path: "/api/apps/{app}/kv/{key...}",
		Examples: []op.Example{{
			Title: "One key", Given: welcome(), In: `{"app":"shop","key":"user/ada"}`,
			Out: `{"key":"user/ada","value":{"name":"Ada","age":36},"version":8,"expires_at":null}`,
		}},
	}, func(ctx context.Context, in kvGetIn) (kvItem, error) {
		e, err := s.DB.KVGet(ctx, in.App, in.Key)
		if err != nil {
			return kvItem{}, ErrorOf(err)
		}
		return kvItemOf(e), nil
	})
}

type kvSetIn struct {
	App        string         `json:"app" doc:"the app" format:"app"`
	Key        string         `json:"key" doc:"the key: 1 to 1024 bytes" format:"key"`
	Value      jsontext.Value `json:"value" doc:"any JSON value up to 1 MiB, kept as given; null is a value"`
	TTLMillis  int64          `json:"ttl_ms,omitzero" doc:"the key is gone after so many ms; without it the key stays, also when it had a ttl" minimum:"1" maximum:"3153600000000"`
	IfVersion  *uint64        `json:"if_version" doc:"store only when the key is at this version; 0 = only when there is none"`
	CreateOnly bool           `json:"create_only,omitzero" doc:"store only when the key does not exist"`
}

type kvSetOut struct {
	Key     string `json:"key" doc:"the key"`
	Version uint64 `json:"version" doc:"its version now"`
	Created bool   `json:"created" doc:"whether the key did not exist before"`
}

func (s *Service) opKVSet() *op.Operation {
	return op.Define(op.Operation{
		Name: "kv_set", Summary: "Store a value under a key", Scope: "kv:write", Effect: op.Write, Idempotent: true,
		Description: "It replaces what was there, its time to live included.",
		Method:      "PUT", Path: "/api/apps/{app}/kv/{key...}",
		Examples: []op.Example{
			{
				Title: "Any JSON", Given: welcome()[:1], In: `{"app":"shop","key":"user/ada","value":{"name":"Ada","age":36}}`,
				Out: `{"key":"user/ada","version":8,"created":true}`,
			},
			{
				Title: "For one minute", Given: welcome()[:1], In: `{"app":"shop","key":"code","value":"4711","ttl_ms":60000}`,
				Out: `{"key":"code","version":8,"created":true}`,
			},
		},
	}, func(ctx context.Context, in kvSetIn) (kvSetOut, error) {
		if err := checkCreateOnly("", in.CreateOnly, in.IfVersion); err != nil {
			return kvSetOut{}, err
		}
		b := &storage.Batch{App: in.App, Mutations: []storage.Mutation{storage.KVSet{
			Key: in.Key, Value: json.RawMessage(in.Value), TTL: ttlOf(in.TTLMillis), IfVersion: in.IfVersion, CreateOnly: in.CreateOnly,
		}}}
		return answer(ctx, s, b, func(o *storage.Outcome) kvSetOut {
			return kvSetOut{Key: in.Key, Version: o.Results[0].Version, Created: o.Results[0].Created}
		})
	})
}

func ttlOf(ms int64) time.Duration { return time.Duration(ms) * time.Millisecond }

// checkCreateOnly refuses a write that can never succeed. place is the
// mutation's, "" for an operation of its own.
func checkCreateOnly(place string, createOnly bool, ifVersion *uint64) error {
	if !createOnly || ifVersion == nil || *ifVersion == 0 {
		return nil
	}
	return op.Invalid(place+"if_version", "create_only asks that the key does not exist, and if_version %d that it does", *ifVersion).
		WithHint("send one of the two")
}

type kvDeleteIn struct {
	App       string  `json:"app" doc:"the app" format:"app"`
	Key       string  `json:"key" doc:"the key" format:"key"`
	IfVersion *uint64 `json:"if_version" doc:"delete only when the key is at this version"`
}

type kvDeleteOut struct {
	Deleted bool   `json:"deleted" doc:"whether the key was there"`
	Version uint64 `json:"version" doc:"of the deletion"`
}

func (s *Service) opKVDelete() *op.Operation {
	return op.Define(op.Operation{
		Name: "kv_delete", Summary: "Delete a key", Scope: "kv:write", Effect: op.Destructive, Idempotent: true,
		Description: "Deleting a key that is not there is no error.",
		Method:      "DELETE", Path: "/api/apps/{app}/kv/{key...}",
		Examples: []op.Example{
			{Title: "A key", Given: welcome(), In: `{"app":"shop","key":"user/ada"}`, Out: `{"deleted":true,"version":9}`},
			{Title: "A missing one", Given: welcome()[:1], In: `{"app":"shop","key":"nobody"}`, Out: `{"deleted":false,"version":8}`},
		},
	}, func(ctx context.Context, in kvDeleteIn) (kvDeleteOut, error) {
		b := &storage.Batch{App: in.App, Mutations: []storage.Mutation{storage.KVDelete{Key: in.Key, IfVersion: in.IfVersion}}}
		return answer(ctx, s, b, func(o *storage.Outcome) kvDeleteOut {
			return kvDeleteOut{Deleted: o.Results[0].Deleted, Version: o.Version}
		})
	})
}

type kvIncrementIn struct {
	App string         `json:"app" doc:"the app" format:"app"`
	Key string         `json:"key" doc:"the key; one that is missing starts at 0" format:"key"`
	By  jsontext.Value `json:"by" doc:"what to add, a negative number subtracts" default:"1" type:"number"`
	Min jsontext.Value `json:"min,omitzero" doc:"the result is at least this" type:"number"`
	Max jsontext.Value `json:"max,omitzero" doc:"the result is at most this" type:"number"`
}

type kvIncrementOut struct {
	Key     string         `json:"key" doc:"the key"`
	Value   jsontext.Value `json:"value" doc:"the number it holds now" type:"number"`
	Version uint64         `json:"version" doc:"its version now"`
	Created bool           `json:"created" doc:"whether the key did not exist before"`
}

func (s *Service) opKVIncrement() *op.Operation {
	return op.Define(op.Operation{
		Name: "kv_increment", Summary: "Add to a number", Scope: "kv:write", Effect: op.Write,
		Description: "Whole numbers are exact in 64 bits and an overflow is an error; with a fraction it is a 64-bit float. " +
			"min and max clamp the result. The key keeps its time to live. Give an idempotency_key where the call may be repeated.",
		Method: "POST", Path: "/api/apps/{app}/kv:increment",
		Examples: []op.Example{
			{Title: "Count one", Given: welcome()[:1], In: `{"app":"shop","key":"visits"}`, Out: `{"key":"visits","value":1,"version":8,"created":true}`},
			{
				Title: "Take from a stock that never goes below 0",
				Given: append(welcome()[:1], op.Given{Op: "kv_set", In: `{"app":"shop","key":"stock","value":2}`}),
				In:    `{"app":"shop","key":"stock","by":-3,"min":0}`, Out: `{"key":"stock","value":0,"version":9,"created":false}`,
			},
		},
	}, func(ctx context.Context, in kvIncrementIn) (kvIncrementOut, error) {
		b := &storage.Batch{App: in.App, Mutations: []storage.Mutation{incrementOf(in.Key, in.By, in.Min, in.Max)}}
		return answer(ctx, s, b, func(o *storage.Outcome) kvIncrementOut {
			r := o.Results[0]
			return kvIncrementOut{Key: in.Key, Value: jsontext.Value(r.Value), Version: r.Version, Created: r.Created}
		})
	})
}

func incrementOf(key string, by, low, high jsontext.Value) storage.KVIncrement {
	m := storage.KVIncrement{Key: key, By: json.Number(by)}
	if low != nil {
		n := json.Number(low)
		m.Min = &n
	}
	if high != nil {
		n := json.Number(high)
		m.Max = &n
	}
	return m
}
