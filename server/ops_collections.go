package server

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"

	"fazt/server/op"
	"fazt/storage"
)

// people makes the app and the collection that examples begin with.
func people() []op.Given {
	return []op.Given{
		{Op: "app_create", In: `{"id":"shop","title":"Shop"}`},
		{Op: "doc_insert", In: `{"app":"shop","collection":"people","docs":[{"id":"ada","name":"Ada","age":36,"tags":["math"]},{"id":"bob","name":"Bob","age":41}]}`},
	}
}

func (s *Service) collectionOperations() []*op.Operation {
	return []*op.Operation{
		s.opCollectionList(), s.opCollectionGet(), s.opCollectionSet(), s.opCollectionDelete(),
		s.opCollectionBin(), s.opCollectionRestore(), s.opCollectionPurge(),
	}
}

type collectionIndex struct {
	Name   string   `json:"name" doc:"its name"`
	Fields []string `json:"fields" doc:"the paths, in order"`
	Unique bool     `json:"unique" doc:"no two documents have the same values"`
	Sparse bool     `json:"sparse" doc:"documents that lack every field are left out"`
	Ready  bool     `json:"ready" doc:"it is complete and used"`
	Failed string   `json:"failed,omitzero" doc:"why it can not be built"`
}

type collectionItem struct {
	Collection string            `json:"collection" doc:"its name"`
	Count      int64             `json:"count" doc:"how many documents it has"`
	Version    uint64            `json:"version" doc:"of the last change of its settings"`
	CreatedAt  int64             `json:"created_at" doc:"Unix ms"`
	UpdatedAt  int64             `json:"updated_at" doc:"Unix ms"`
	Schema     jsontext.Value    `json:"schema,omitzero" doc:"the JSON Schema that documents must fit"`
	Indexes    []collectionIndex `json:"indexes" doc:"its declared indexes"`
	Text       []string          `json:"text" doc:"the paths in its full-text index; [] = it has none"`
	TextReady  bool              `json:"text_ready" doc:"that index is complete"`
	History    int               `json:"history_days,omitzero" doc:"for so many days undo_run can take each write back; left out = as for other collections"`
}

func collectionOf(c storage.CollectionInfo) collectionItem {
	item := collectionItem{
		Collection: c.Name, Count: c.Count, Version: c.Version, CreatedAt: c.CreatedAt.UnixMilli(), UpdatedAt: c.UpdatedAt.UnixMilli(),
		Schema: jsontext.Value(c.Schema), Indexes: make([]collectionIndex, len(c.Indexes)), Text: c.Text, TextReady: c.TextReady, History: c.History,
	}
	for i, x := range c.Indexes {
		item.Indexes[i] = collectionIndex{Name: x.Name, Fields: x.Fields, Unique: x.Unique, Sparse: x.Sparse, Ready: x.Ready, Failed: x.Failed}
	}
	return item
}

type collectionListIn struct {
	App    string `json:"app" doc:"the app" format:"app"`
	Limit  int    `json:"limit" doc:"how many at most" default:"100" minimum:"1" maximum:"1000"`
	Cursor string `json:"cursor,omitzero" doc:"next_cursor of the page before" minLength:"1"`
}

type collectionListOut struct {
	Items      []collectionItem `json:"items" doc:"collections in the order of their names"`
	NextCursor *string          `json:"next_cursor" doc:"cursor of the next page, null at the end"`
}

func (s *Service) opCollectionList() *op.Operation {
	return op.Define(op.Operation{
		Name: "collection_list", Summary: "List an app's collections of documents", Scope: "docs:read", Effect: op.Read,
		Method: "GET", Path: "/api/apps/{app}/collections",
		Examples: []op.Example{{
			Title: "All", Given: people(), In: `{"app":"shop"}`,
			Out: `{"items":[{"collection":"people","count":2,"version":8,"created_at":1764000000000,"updated_at":1764000000000,"indexes":[],"text":[],"text_ready":false}],"next_cursor":null}`,
		}},
	}, func(ctx context.Context, in collectionListIn) (collectionListOut, error) {
		after, err := openCursor(in.Cursor, "collection_list", in.App)
		if err != nil {
			return collectionListOut{}, err
		}
		page, next, err := s.DB.Collections(ctx, in.App, after, in.Limit)
		if err != nil {
			return collectionListOut{}, ErrorOf(err)
		}
		out := collectionListOut{Items: make([]collectionItem, len(page)), NextCursor: sealCursor(next, "collection_list", in.App)}
		for i, c := range page {
			out.Items[i] = collectionOf(c)
		}
		return out, nil
	})
}

type collectionGetIn struct {
	App        string `json:"app" doc:"the app" format:"app"`
	Collection string `json:"collection" doc:"the collection" pattern:"^[A-Za-z_][A-Za-z0-9_-]{0,63}$"`
}

func (s *Service) opCollectionGet() *op.Operation {
	return op.Define(op.Operation{
		Name: "collection_get", Summary: "Get a collection's settings and size", Scope: "docs:read", Effect: op.Read,
		Method: "GET", Path: "/api/apps/{app}/collections/{collection}",
		Examples: []op.Example{{
			Title: "One", Given: append(people(), op.Given{Op: "collection_set", In: `{"app":"shop","collection":"people","indexes":[{"fields":["age"]}]}`}),
			In:  `{"app":"shop","collection":"people"}`,
			Out: `{"collection":"people","count":2,"version":9,"created_at":1764000000000,"updated_at":1764000000000,"indexes":[{"name":"age","fields":["age"],"unique":false,"sparse":false,"ready":true}],"text":[],"text_ready":false}`,
		}},
	}, func(ctx context.Context, in collectionGetIn) (collectionItem, error) {
		c, err := s.DB.Collection(ctx, in.App, in.Collection)
		if err != nil {
			return collectionItem{}, ErrorOf(err)
		}
		return collectionOf(c), nil
	})
}

type collectionSetIn struct {
	App        string             `json:"app" doc:"the app" format:"app"`
	Collection string             `json:"collection" doc:"the collection; made when there is none" pattern:"^[A-Za-z_][A-Za-z0-9_-]{0,63}$"`
	Schema     jsontext.Value     `json:"schema,omitzero" doc:"a JSON Schema that documents written from now on must fit; null removes it"`
	Indexes    *[]indexDefinition `json:"indexes,omitzero" doc:"the indexes it is to have, all of them: others are dropped" maxItems:"16"`
	Text       *[]string          `json:"text,omitzero" doc:"the paths whose words $text finds, all of them; [] removes the full-text index" maxItems:"16"`
	History    *int               `json:"history_days" doc:"keep what each write replaces for so many days, for undo_run (64 MiB of an app); 0 ends it" minimum:"0" maximum:"365"`
	IfVersion  *uint64            `json:"if_version" doc:"only when its settings are at this version; 0 = only when there is no such collection"`
}

type indexDefinition struct {
	Name   string   `json:"name,omitzero" doc:"made of the fields when left out" minLength:"1" maxLength:"200"`
	Fields []string `json:"fields" doc:"paths: first what is compared with equals, then what is sorted by" minItems:"1" maxItems:"8"`
	Unique bool     `json:"unique,omitzero" doc:"refuse a second document with the same values; a missing field counts as null"`
	Sparse bool     `json:"sparse,omitzero" doc:"leave out documents that lack every field"`
}

type collectionSetOut struct {
	Collection string `json:"collection" doc:"its name"`
	Version    uint64 `json:"version" doc:"of its settings now"`
	Created    bool   `json:"created" doc:"whether there was none before"`
}

func (s *Service) opCollectionSet() *op.Operation {
	return op.Define(op.Operation{
		Name: "collection_set", Summary: "Create a collection, or set its schema, indexes and full text", Scope: "docs:write", Effect: op.Destructive, Idempotent: true,
		Description: "What is left out stays as it is. Indexes of up to 2,000 documents are ready at once, others are built in the background: collection_get says when. " +
			"An index serves a filter on its first fields, and a sort on those that follow. A first document also makes a collection.",
		Method: "PUT", Path: "/api/apps/{app}/collections/{collection}",
		Examples: []op.Example{
			{
				Title: "Indexes and a schema", Given: people(),
				In:  `{"app":"shop","collection":"people","indexes":[{"fields":["name"],"unique":true},{"fields":["tags"]}],"schema":{"type":"object","required":["name"],"properties":{"age":{"type":"integer"}}}}`,
				Out: `{"collection":"people","version":9,"created":false}`,
			},
			{Title: "A history", Given: people(), In: `{"app":"shop","collection":"people","history_days":30}`, Out: `{"collection":"people","version":9,"created":false}`},
			{Title: "Full text", Given: people(), In: `{"app":"shop","collection":"notes","text":["title","body"]}`, Out: `{"collection":"notes","version":9,"created":true}`},
		},
	}, func(ctx context.Context, in collectionSetIn) (collectionSetOut, error) {
		return answer(ctx, s, &storage.Batch{App: in.App, Mutations: []storage.Mutation{in.mutation()}}, func(o *storage.Outcome) collectionSetOut {
			return collectionSetOut{Collection: in.Collection, Version: o.Results[0].Version, Created: o.Results[0].Created}
		})
	})
}

func (in collectionSetIn) mutation() storage.CollectionSet {
	m := storage.CollectionSet{Collection: in.Collection, Text: in.Text, History: in.History, IfVersion: in.IfVersion}
	if in.Schema != nil {
		schema := json.RawMessage(in.Schema)
		m.Schema = &schema
	}
	if in.Indexes != nil {
		specs := make([]storage.IndexSpec, len(*in.Indexes))
		for i, x := range *in.Indexes {
			specs[i] = storage.IndexSpec{Name: x.Name, Fields: x.Fields, Unique: x.Unique, Sparse: x.Sparse}
		}
		m.Indexes = &specs
	}
	return m
}

type collectionDeleteIn struct {
	App        string  `json:"app" doc:"the app" format:"app"`
	Collection string  `json:"collection" doc:"the collection" pattern:"^[A-Za-z_][A-Za-z0-9_-]{0,63}$"`
	IfVersion  *uint64 `json:"if_version" doc:"only when its settings are at this version"`
}

type collectionDeleteOut struct {
	Deleted bool   `json:"deleted" doc:"true"`
	Version uint64 `json:"version" doc:"of the deletion"`
}

func (s *Service) opCollectionDelete() *op.Operation {
	return op.Define(op.Operation{
		Name: "collection_delete", Summary: "Delete a collection with its documents", Scope: "docs:write", Effect: op.Destructive,
		Description: "For 24 hours collection_restore brings it back. An agent must confirm it with the collection's name.",
		Method:      "DELETE", Path: "/api/apps/{app}/collections/{collection}",
		Examples: []op.Example{{Title: "One", Given: people(), In: `{"app":"shop","collection":"people"}`, Out: `{"deleted":true,"version":9}`}},
	}, func(ctx context.Context, in collectionDeleteIn) (collectionDeleteOut, error) {
		b := &storage.Batch{App: in.App, Mutations: []storage.Mutation{storage.CollectionDelete{Collection: in.Collection, IfVersion: in.IfVersion}}}
		return answer(ctx, s, b, func(o *storage.Outcome) collectionDeleteOut {
			return collectionDeleteOut{Deleted: o.Results[0].Deleted, Version: o.Version}
		})
	}, op.WithRisk(func(ctx context.Context, in collectionDeleteIn) (op.Risk, error) {
		return s.wholeCollection(ctx, in.App, in.Collection)
	}))
}

// wholeCollection is the risk of losing every document of a collection.
func (s *Service) wholeCollection(ctx context.Context, app, collection string) (op.Risk, error) {
	n, err := s.DB.DocCount(ctx, app, collection, nil)
	if err != nil {
		return op.Risk{}, ErrorOf(err)
	}
	return op.Risk{
		Confirm: collection, Wide: true,
		Summary: fmt.Sprintf("collection %q of app %q with %d documents", collection, app, n),
	}, nil
}
