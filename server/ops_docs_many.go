package server

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"

	"fazt/server/op"
	"fazt/storage"
)

// manyText says what a write by a filter is held to.
const manyText = "All or nothing, at most 10,000 documents or 8 MiB. In a collection of over 10,000 documents an index must serve the filter. " +
	"For every document say all: true instead of a filter; dry_run counts. "

type docUpdateManyIn struct {
	App        string         `json:"app" doc:"the app" format:"app"`
	Collection string         `json:"collection" doc:"the collection" pattern:"^[A-Za-z_][A-Za-z0-9_-]{0,63}$"`
	Filter     jsontext.Value `json:"filter,omitzero" doc:"which documents" type:"object"`
	All        bool           `json:"all,omitzero" doc:"every document, instead of a filter"`
	Update     jsontext.Value `json:"update" doc:"what to change, as in {\"$set\":{\"paid\":true}}" type:"object"`
}

type docUpdateManyOut struct {
	Matched int64  `json:"matched" doc:"how many documents match"`
	Changed int64  `json:"changed" doc:"how many of those have changed"`
	Version uint64 `json:"version" doc:"of the update"`
}

func (s *Service) opDocUpdateMany() *op.Operation {
	return op.Define(op.Operation{
		Name: "doc_update_many", Summary: "Change fields of every document that matches", Scope: "docs:write", Effect: op.Destructive,
		Description: manyText + updateText,
		Method:      "POST", Path: "/api/apps/{app}/collections/{collection}/docs:update",
		Examples: []op.Example{{
			Title: "Everyone over 40", Given: people(), In: `{"app":"shop","collection":"people","filter":{"age":{"$gt":40}},"update":{"$set":{"senior":true}}}`,
			Out: `{"matched":1,"changed":1,"version":9}`,
		}},
	}, func(ctx context.Context, in docUpdateManyIn) (docUpdateManyOut, error) {
		b := &storage.Batch{App: in.App, Mutations: []storage.Mutation{
			storage.DocUpdateWhere{Collection: in.Collection, Filter: json.RawMessage(in.Filter), Update: json.RawMessage(in.Update), All: in.All},
		}}
		return answer(ctx, s, b, func(o *storage.Outcome) docUpdateManyOut {
			return docUpdateManyOut{Matched: o.Results[0].Count, Changed: o.Results[0].Changed, Version: o.Version}
		})
	}, op.WithRisk(func(ctx context.Context, in docUpdateManyIn) (op.Risk, error) {
		return s.manyRisk(ctx, in.App, in.Collection, in.Filter, "changed")
	}))
}

type docDeleteManyIn struct {
	App        string         `json:"app" doc:"the app" format:"app"`
	Collection string         `json:"collection" doc:"the collection" pattern:"^[A-Za-z_][A-Za-z0-9_-]{0,63}$"`
	Filter     jsontext.Value `json:"filter,omitzero" doc:"which documents" type:"object"`
	All        bool           `json:"all,omitzero" doc:"every document, instead of a filter"`
}

type docDeleteManyOut struct {
	Deleted int64  `json:"deleted" doc:"how many documents matched and are gone"`
	Unkept  bool   `json:"unkept,omitzero" doc:"true: it is too much to keep, and an undo does not bring all of it back"`
	Version uint64 `json:"version" doc:"of the deletion"`
}

func (s *Service) opDocDeleteMany() *op.Operation {
	return op.Define(op.Operation{
		Name: "doc_delete_many", Summary: "Delete every document that matches", Scope: "docs:write", Effect: op.Destructive, Idempotent: true,
		Description: manyText + "An agent must confirm all with the collection's name.",
		Method:      "POST", Path: "/api/apps/{app}/collections/{collection}/docs:delete",
		Examples: []op.Example{{
			Title: "By a filter", Given: people(), In: `{"app":"shop","collection":"people","filter":{"name":{"$in":["Bob","Cyd"]}}}`,
			Out: `{"deleted":1,"version":9}`,
		}},
	}, func(ctx context.Context, in docDeleteManyIn) (docDeleteManyOut, error) {
		b := &storage.Batch{App: in.App, Mutations: []storage.Mutation{
			storage.DocDeleteWhere{Collection: in.Collection, Filter: json.RawMessage(in.Filter), All: in.All},
		}}
		return answer(ctx, s, b, func(o *storage.Outcome) docDeleteManyOut {
			return docDeleteManyOut{Deleted: o.Results[0].Count, Unkept: unkeptOf(o.Results), Version: o.Version}
		})
	}, op.WithRisk(func(ctx context.Context, in docDeleteManyIn) (op.Risk, error) {
		if in.All {
			return s.wholeCollection(ctx, in.App, in.Collection)
		}
		return s.manyRisk(ctx, in.App, in.Collection, in.Filter, "deleted")
	}))
}

// manyRisk counts what a filter finds. One that cannot be counted is wide.
func (s *Service) manyRisk(ctx context.Context, app, collection string, filter jsontext.Value, what string) (op.Risk, error) {
	n, err := s.DB.DocCount(ctx, app, collection, json.RawMessage(filter))
	switch {
	case storage.KindOf(err) == storage.KindIndexNeeded:
		return op.Risk{Wide: true, Summary: fmt.Sprintf("documents of collection %q of app %q %s by a filter", collection, app, what)}, nil
	case err != nil:
		return op.Risk{}, ErrorOf(err)
	}
	return op.Risk{
		Wide:    n > wideCount,
		Summary: fmt.Sprintf("%s of collection %q of app %q %s by a filter", countOf(n, "document"), collection, app, what),
	}, nil
}

type docUpsertIn struct {
	App        string         `json:"app" doc:"the app" format:"app"`
	Collection string         `json:"collection" doc:"the collection; the first document makes it" pattern:"^[A-Za-z_][A-Za-z0-9_-]{0,63}$"`
	Filter     jsontext.Value `json:"filter" doc:"which document; the first by id when several match" type:"object"`
	Update     jsontext.Value `json:"update" doc:"what to change, also in a new document" type:"object"`
	Insert     jsontext.Value `json:"insert,omitzero" doc:"what a new document has before the update, besides what the filter says is equal" type:"object"`
}

type docUpsertOut struct {
	Doc     jsontext.Value `json:"doc" doc:"the document as it is now" type:"object"`
	Version uint64         `json:"version" doc:"its version now"`
	Created bool           `json:"created" doc:"whether none matched, and it is new"`
}

func (s *Service) opDocUpsert() *op.Operation {
	return op.Define(op.Operation{
		Name: "doc_upsert", Summary: "Update the document that matches, or insert one", Scope: "docs:write", Effect: op.Write,
		Description: updateText + " In a collection of over 10,000 documents an index must serve the filter.",
		Method:      "POST", Path: "/api/apps/{app}/collections/{collection}/docs:upsert",
		Examples: []op.Example{
			{
				Title: "There is one", Given: people(), In: `{"app":"shop","collection":"people","filter":{"name":"Bob"},"update":{"$inc":{"visits":1}}}`,
				Out: `{"doc":{"id":"bob","name":"Bob","age":41,"visits":1},"version":9,"created":false}`,
			},
			{
				Title: "There is none", Given: people(), In: `{"app":"shop","collection":"people","filter":{"name":"Cyd"},"update":{"$inc":{"visits":1}},"insert":{"id":"cyd"}}`,
				Out: `{"doc":{"id":"cyd","name":"Cyd","visits":1},"version":9,"created":true}`,
			},
		},
	}, func(ctx context.Context, in docUpsertIn) (docUpsertOut, error) {
		id, err := s.DB.NewDocID()
		if err != nil {
			return docUpsertOut{}, err
		}
		b := &storage.Batch{App: in.App, Mutations: []storage.Mutation{storage.DocUpsert{
			Collection: in.Collection, Filter: json.RawMessage(in.Filter), Update: json.RawMessage(in.Update), Insert: json.RawMessage(in.Insert), NewID: id,
		}}}
		return answer(ctx, s, b, func(o *storage.Outcome) docUpsertOut {
			r := o.Results[0]
			return docUpsertOut{Doc: jsontext.Value(r.Value), Version: r.Version, Created: r.Created}
		})
	})
}

type docFindAndUpdateIn struct {
	App        string         `json:"app" doc:"the app" format:"app"`
	Collection string         `json:"collection" doc:"the collection" pattern:"^[A-Za-z_][A-Za-z0-9_-]{0,63}$"`
	Filter     jsontext.Value `json:"filter,omitzero" doc:"which document" type:"object"`
	All        bool           `json:"all,omitzero" doc:"any document, instead of a filter"`
	Sort       []string       `json:"sort,omitzero" doc:"the first in this order, as in [\"-priority\",\"at\"]; by id when left out" maxItems:"8"`
	Update     jsontext.Value `json:"update" doc:"what to change" type:"object"`
	Return     string         `json:"return" doc:"the document as it is now, or as it was" default:"after" enum:"after,before"`
}

type docFindAndUpdateOut struct {
	Found   bool           `json:"found" doc:"whether a document matches"`
	Doc     jsontext.Value `json:"doc,omitzero" doc:"the document" type:"object"`
	Version uint64         `json:"version,omitzero" doc:"its version now"`
}

func (s *Service) opDocFindAndUpdate() *op.Operation {
	return op.Define(op.Operation{
		Name: "doc_find_and_update", Summary: "Update the first document that matches, and answer it", Scope: "docs:write", Effect: op.Write,
		Description: "In one step, so that of two workers who take the next job each gets another. " + updateText +
			" In a collection of over 10,000 documents an index must serve the filter.",
		Method: "POST", Path: "/api/apps/{app}/collections/{collection}/docs:find_and_update",
		Examples: []op.Example{{
			Title: "The oldest", Given: people(), In: `{"app":"shop","collection":"people","filter":{"seen":null},"sort":["-age"],"update":{"$set":{"seen":true}}}`,
			Out: `{"found":true,"doc":{"id":"bob","name":"Bob","age":41,"seen":true},"version":9}`,
		}},
	}, func(ctx context.Context, in docFindAndUpdateIn) (docFindAndUpdateOut, error) {
		b := &storage.Batch{App: in.App, Mutations: []storage.Mutation{storage.DocUpdateWhere{
			Collection: in.Collection, Filter: json.RawMessage(in.Filter), Update: json.RawMessage(in.Update),
			All: in.All, First: true, Sort: in.Sort, Before: in.Return == "before",
		}}}
		return answer(ctx, s, b, func(o *storage.Outcome) docFindAndUpdateOut {
			r := o.Results[0]
			return docFindAndUpdateOut{Found: r.Count > 0, Doc: jsontext.Value(r.Value), Version: r.Version}
		})
	})
}
