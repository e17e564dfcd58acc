package server

import (
	"context"
	"fmt"

	"fazt/server/op"
	"fazt/storage"
)

// peopleGone is a world in which the owner has deleted a collection.
func peopleGone() []op.Given {
	return append(people(), op.Given{Op: "collection_delete", In: `{"app":"shop","collection":"people"}`})
}

type collectionBinIn struct {
	App string `json:"app" doc:"the app" format:"app"`
}

type deletedCollection struct {
	Collection string `json:"collection" doc:"its name"`
	Count      int64  `json:"count" doc:"how many documents it has"`
	DeletedAt  int64  `json:"deleted_at" doc:"Unix ms"`
	DeletedBy  string `json:"principal,omitzero" doc:"the id of the token that deleted it"`
	Until      int64  `json:"until_at" doc:"Unix ms, when it is gone for good"`
}

type collectionBinOut struct {
	Items []deletedCollection `json:"items" doc:"deleted collections that can be brought back, the last one first"`
}

func (s *Service) opCollectionBin() *op.Operation {
	return op.Define(op.Operation{
		Name: "collection_bin", Summary: "List the deleted collections that can be brought back", Scope: "docs:read", Effect: op.Read,
		Method: "GET", Path: "/api/apps/{app}/collections:bin",
		Examples: []op.Example{{
			Title: "One that was deleted", Given: peopleGone(), In: `{"app":"shop"}`,
			Out: `{"items":[{"collection":"people","count":2,"deleted_at":1764000000000,"principal":"t_owner","until_at":1764086400000}]}`,
		}},
	}, func(ctx context.Context, in collectionBinIn) (collectionBinOut, error) {
		list, err := s.DB.DeletedCollections(ctx, in.App)
		if err != nil {
			return collectionBinOut{}, ErrorOf(err)
		}
		out := collectionBinOut{Items: make([]deletedCollection, len(list))}
		for i, c := range list {
			out.Items[i] = deletedCollection{
				Collection: c.Name, Count: c.Count, DeletedAt: c.DeletedAt.UnixMilli(), DeletedBy: c.DeletedBy, Until: c.Until.UnixMilli(),
			}
		}
		return out, nil
	})
}

type collectionRestoreOut struct {
	Collection string `json:"collection" doc:"its name"`
	Version    uint64 `json:"version" doc:"of its settings now"`
}

func (s *Service) opCollectionRestore() *op.Operation {
	return op.Define(op.Operation{
		Name: "collection_restore", Summary: "Bring a deleted collection back", Scope: "docs:write", Effect: op.Write,
		Description: "The one of this name that was deleted last, with its documents, indexes and schema. collection_bin lists them.",
		Method:      "POST", Path: "/api/apps/{app}/collections/{collection}/restore",
		Examples: []op.Example{{
			Title: "With its documents", Given: peopleGone(), In: `{"app":"shop","collection":"people"}`, Out: `{"collection":"people","version":10}`,
		}},
	}, func(ctx context.Context, in collectionGetIn) (collectionRestoreOut, error) {
		b := &storage.Batch{App: in.App, Mutations: []storage.Mutation{storage.CollectionRestore{Collection: in.Collection}}}
		out, err := answer(ctx, s, b, func(o *storage.Outcome) collectionRestoreOut {
			return collectionRestoreOut{Collection: in.Collection, Version: o.Version}
		})
		return out, binHint(err)
	})
}

type collectionPurgeOut struct {
	Purged  int64  `json:"purged" doc:"how many deleted collections of this name are gone for good"`
	Version uint64 `json:"version" doc:"of this write"`
}

func (s *Service) opCollectionPurge() *op.Operation {
	return op.Define(op.Operation{
		Name: "collection_purge", Summary: "Remove a deleted collection for good", Scope: "docs:write", Effect: op.Destructive,
		Description: "What collection_bin lists under this name can then not be brought back. A collection that is in use is not touched. " +
			"An agent must confirm it with the collection's name.",
		Method: "POST", Path: "/api/apps/{app}/collections/{collection}/purge",
		Examples: []op.Example{{Title: "At once", Given: peopleGone(), In: `{"app":"shop","collection":"people"}`, Out: `{"purged":1,"version":10}`}},
	}, func(ctx context.Context, in collectionGetIn) (collectionPurgeOut, error) {
		b := &storage.Batch{App: in.App, Mutations: []storage.Mutation{storage.CollectionPurge{Collection: in.Collection}}}
		out, err := answer(ctx, s, b, func(o *storage.Outcome) collectionPurgeOut {
			return collectionPurgeOut{Purged: o.Results[0].Count, Version: o.Version}
		})
		return out, binHint(err)
	}, op.WithRisk(func(_ context.Context, in collectionGetIn) (op.Risk, error) {
		return op.Risk{
			Confirm: in.Collection, Wide: true,
			Summary: fmt.Sprintf("every document of the deleted collection %q of app %q, for good", in.Collection, in.App),
		}, nil
	}))
}

// binHint says where deleted collections are listed.
func binHint(err error) error {
	e, ok := err.(*op.Error)
	if !ok || e.Code != op.Code(storage.KindCollectionNotFound) {
		return err
	}
	return e.WithHint("collection_bin lists the deleted collections that are kept")
}
