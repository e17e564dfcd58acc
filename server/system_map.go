package server

import (
	"context"

	"github.com/go-json-experiment/json/jsontext"

	"fazt/storage"
)

// appMap is what an app holds, small enough for an agent to read first.
type appMap struct {
	ID          string          `json:"id" doc:"the app's id"`
	Title       string          `json:"title" doc:"its name for people"`
	Collections []collectionMap `json:"collections" doc:"its collections of documents, at most 50; empty without the scope docs:read"`
	Keys        *keyMap         `json:"keys" doc:"its keys; null without the scope kv:read"`
}

type keyMap struct {
	Count     int64       `json:"count" doc:"how many there are, at most 10000"`
	More      bool        `json:"more" doc:"counting stopped there"`
	Families  []keyFamily `json:"families" doc:"keys that begin alike, up to / : . # or |"`
	Plain     []string    `json:"plain" doc:"keys of no family, at most 20"`
	PlainMore bool        `json:"plain_more,omitzero" doc:"there are more of those"`
	Unseen    bool        `json:"unseen,omitzero" doc:"there are more keys than were looked at"`
}

type keyFamily struct {
	Prefix  string `json:"prefix" doc:"what they begin with"`
	Count   int64  `json:"count" doc:"how many, at most 1000"`
	Shape   string `json:"shape" doc:"what the first values have in common"`
	Example string `json:"example" doc:"the first key"`
}

// shapeSample is how many values of a family its shape is inferred from.
const shapeSample = 5

func (s *Service) appMap(ctx context.Context, id string) (*appMap, error) {
	app, err := s.DB.App(ctx, id)
	if err != nil {
		return nil, ErrorOf(err)
	}
	out := &appMap{ID: app.ID, Title: app.Title, Collections: []collectionMap{}}
	if caller(ctx).Scopes.Has("docs:read") {
		if out.Collections, err = s.collectionMaps(ctx, id); err != nil {
			return nil, err
		}
	}
	if !caller(ctx).Scopes.Has("kv:read") {
		return out, nil
	}
	out.Keys, err = s.keyMap(ctx, id)
	return out, err
}

func (s *Service) keyMap(ctx context.Context, app string) (*keyMap, error) {
	sum, err := s.DB.KVSummary(ctx, app)
	if err != nil {
		return nil, ErrorOf(err)
	}
	out := &keyMap{
		Count: sum.Count, More: sum.Count >= storage.MaxCount, Families: []keyFamily{},
		Plain: append([]string{}, sum.Plain...), PlainMore: sum.PlainMore, Unseen: sum.More,
	}
	for _, p := range sum.Prefixes {
		page, _, err := s.DB.KVList(ctx, app, storage.KVQuery{Prefix: p.Prefix, Limit: shapeSample})
		if err != nil {
			return nil, ErrorOf(err)
		}
		values := make([]jsontext.Value, len(page))
		for i, e := range page {
			values[i] = jsontext.Value(e.Value)
		}
		out.Families = append(out.Families, keyFamily{Prefix: p.Prefix, Count: p.Count, Shape: shapeOf(values), Example: p.First})
	}
	return out, nil
}
