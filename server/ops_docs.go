package server

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"fazt/server/op"
	"fazt/storage"
)

func (s *Service) docOperations() []*op.Operation {
	return []*op.Operation{
		s.opDocInsert(), s.opDocGet(), s.opDocReplace(), s.opDocUpdate(), s.opDocDelete(),
		s.opDocFind(), s.opDocCount(), s.opDocDistinct(), s.opDocAggregate(), s.opDocExplain(),
		s.opDocUpdateMany(), s.opDocDeleteMany(), s.opDocUpsert(), s.opDocFindAndUpdate(),
	}
}

// updateText names the update operators, where an update is asked for.
const updateText = "An update takes MongoDB's $set $unset $inc $mul $min $max $rename $push (with $each, $position, $slice, $sort) " +
	"$pull $addToSet $pop $currentDate on dotted paths."

type docInsertIn struct {
	App        string           `json:"app" doc:"the app" format:"app"`
	Collection string           `json:"collection" doc:"the collection; the first document makes it" pattern:"^[A-Za-z_][A-Za-z0-9_-]{0,63}$"`
	Doc        jsontext.Value   `json:"doc,omitzero" doc:"one document, a JSON object; its id is a string of 1 to 256 bytes, a ULID when left out" type:"object"`
	Docs       []jsontext.Value `json:"docs,omitzero" doc:"instead of doc: 1 to 1000 documents, all or none" type:"object" minItems:"1" maxItems:"1000"`
}

type docPlace struct {
	ID      string `json:"id" doc:"the document's id"`
	Version uint64 `json:"version" doc:"its version now"`
}

type docInsertOut struct {
	Items []docPlace `json:"items" doc:"one for each document, in order"`
}

func (s *Service) opDocInsert() *op.Operation {
	return op.Define(op.Operation{
		Name: "doc_insert", Summary: "Insert one or many documents", Scope: "docs:write", Effect: op.Write,
		Description: "Say doc or docs. An id that exists is an error, and then nothing is inserted. At most 4 MiB in one call.",
		Method:      "POST", Path: "/api/apps/{app}/collections/{collection}/docs", Status: 201,
		Examples: []op.Example{
			{
				Title: "One", Given: people()[:1], In: `{"app":"shop","collection":"people","doc":{"id":"ada","name":"Ada","age":36}}`,
				Out: `{"items":[{"id":"ada","version":8}]}`,
			},
			{
				Title: "Many", Given: people()[:1], In: `{"app":"shop","collection":"people","docs":[{"id":"bob","name":"Bob"},{"id":"cyd","name":"Cyd"}]}`,
				Out: `{"items":[{"id":"bob","version":8},{"id":"cyd","version":8}]}`,
			},
		},
	}, s.docInsert)
}

func (s *Service) docInsert(ctx context.Context, in docInsertIn) (docInsertOut, error) {
	docs := in.Docs
	if (in.Doc == nil) == (docs == nil) {
		return docInsertOut{}, op.Invalid("doc", "say exactly one of doc and docs").WithHint(`as in {"doc":{"name":"Ada"}} or {"docs":[{"name":"Ada"},{"name":"Bob"}]}`)
	}
	if in.Doc != nil {
		docs = []jsontext.Value{in.Doc}
	}
	ids := make([]string, len(docs))
	b := &storage.Batch{App: in.App, Mutations: make([]storage.Mutation, len(docs))}
	size := 0
	for i, doc := range docs {
		if size += len(doc); size > maxBatchBytes {
			return docInsertOut{}, tooLargeBatch(i)
		}
		id, err := s.idOf(doc)
		if err != nil {
			return docInsertOut{}, err
		}
		ids[i] = id
		b.Mutations[i] = storage.DocInsert{Collection: in.Collection, ID: id, Doc: json.RawMessage(doc)}
	}
	out, err := answer(ctx, s, b, func(o *storage.Outcome) docInsertOut {
		items := make([]docPlace, len(ids))
		for i, id := range ids {
			items[i] = docPlace{id, o.Results[i].Version}
		}
		return docInsertOut{items}
	})
	return out, amongDocs(err, in.Docs != nil)
}

// idOf is a document's own id, or a new one.
func (s *Service) idOf(doc jsontext.Value) (string, error) {
	var own struct {
		ID *json.RawMessage `json:"id"`
	}
	if json.Unmarshal(doc, &own) == nil && own.ID != nil {
		var id string
		if json.Unmarshal(*own.ID, &id) != nil {
			return "", nil // storage says what is wrong with it
		}
		return id, nil
	}
	return s.DB.NewDocID()
}

// amongDocs says in an error which of many documents it is about.
func amongDocs(err error, many bool) error {
	e, cause := storageCause(err)
	if cause == nil || !many || cause.Index < 0 {
		return err
	}
	c := *e
	c.Field = strings.Replace(e.Field, "doc", fmt.Sprintf("docs[%d]", cause.Index), 1)
	c.Detail = fmt.Sprintf("document %d: %s; nothing was inserted", cause.Index, e.Detail)
	return &c
}

type docGetIn struct {
	App        string `json:"app" doc:"the app" format:"app"`
	Collection string `json:"collection" doc:"the collection" pattern:"^[A-Za-z_][A-Za-z0-9_-]{0,63}$"`
	ID         string `json:"id" doc:"the document's id" minLength:"1" maxLength:"256"`
}

type docItem struct {
	Doc     jsontext.Value `json:"doc" doc:"the document, its id first" type:"object"`
	Version uint64         `json:"version" doc:"of the write that stored it"`
}

func (s *Service) opDocGet() *op.Operation {
	return op.Define(op.Operation{
		Name: "doc_get", Summary: "Get a document by its id", Scope: "docs:read", Effect: op.Read,
		Method: "GET", Path: "/api/apps/{app}/collections/{collection}/docs/{id}",
		Examples: []op.Example{{
			Title: "One", Given: people(), In: `{"app":"shop","collection":"people","id":"bob"}`,
			Out: `{"doc":{"id":"bob","name":"Bob","age":41},"version":8}`,
		}},
	}, func(ctx context.Context, in docGetIn) (docItem, error) {
		d, err := s.DB.DocGet(ctx, in.App, in.Collection, in.ID)
		if err != nil {
			return docItem{}, ErrorOf(err)
		}
		return docItem{jsontext.Value(d.Body), d.Version}, nil
	})
}

type docReplaceIn struct {
	App        string         `json:"app" doc:"the app" format:"app"`
	Collection string         `json:"collection" doc:"the collection; the first document makes it" pattern:"^[A-Za-z_][A-Za-z0-9_-]{0,63}$"`
	ID         string         `json:"id" doc:"the document's id" minLength:"1" maxLength:"256"`
	Doc        jsontext.Value `json:"doc" doc:"the whole document as it is to be; its id may be left out" type:"object"`
	IfVersion  *uint64        `json:"if_version" doc:"only when the document is at this version; 0 = only when there is none"`
	CreateOnly bool           `json:"create_only,omitzero" doc:"only when there is no such document"`
}

type docReplaceOut struct {
	ID      string `json:"id" doc:"the document's id"`
	Version uint64 `json:"version" doc:"its version now"`
	Created bool   `json:"created" doc:"whether there was none before"`
}

func (s *Service) opDocReplace() *op.Operation {
	return op.Define(op.Operation{
		Name: "doc_replace", Summary: "Store a whole document under an id", Scope: "docs:write", Effect: op.Write, Idempotent: true,
		Description: "It replaces what was there, and makes the document when there was none. doc_update changes single fields.",
		Method:      "PUT", Path: "/api/apps/{app}/collections/{collection}/docs/{id}",
		Examples: []op.Example{{
			Title: "One", Given: people(), In: `{"app":"shop","collection":"people","id":"bob","doc":{"name":"Robert"}}`,
			Out: `{"id":"bob","version":9,"created":false}`,
		}},
	}, func(ctx context.Context, in docReplaceIn) (docReplaceOut, error) {
		if err := checkCreateOnly("", in.CreateOnly, in.IfVersion); err != nil {
			return docReplaceOut{}, err
		}
		return answer(ctx, s, &storage.Batch{App: in.App, Mutations: []storage.Mutation{in.mutation()}}, func(o *storage.Outcome) docReplaceOut {
			return docReplaceOut{ID: in.ID, Version: o.Results[0].Version, Created: o.Results[0].Created}
		})
	})
}

func (in docReplaceIn) mutation() storage.Mutation {
	if in.CreateOnly {
		return storage.DocInsert{Collection: in.Collection, ID: in.ID, Doc: json.RawMessage(in.Doc)}
	}
	return storage.DocReplace{Collection: in.Collection, ID: in.ID, Doc: json.RawMessage(in.Doc), IfVersion: in.IfVersion}
}

type docUpdateIn struct {
	App        string         `json:"app" doc:"the app" format:"app"`
	Collection string         `json:"collection" doc:"the collection" pattern:"^[A-Za-z_][A-Za-z0-9_-]{0,63}$"`
	ID         string         `json:"id" doc:"the document's id" minLength:"1" maxLength:"256"`
	Update     jsontext.Value `json:"update" doc:"what to change, as in {\"$set\":{\"paid\":true}}" type:"object"`
	IfVersion  *uint64        `json:"if_version" doc:"only when the document is at this version"`
}

func (s *Service) opDocUpdate() *op.Operation {
	return op.Define(op.Operation{
		Name: "doc_update", Summary: "Change fields of one document", Scope: "docs:write", Effect: op.Write,
		Description: updateText + " An update that changes nothing keeps the version.",
		Method:      "PATCH", Path: "/api/apps/{app}/collections/{collection}/docs/{id}",
		Examples: []op.Example{{
			Title: "A birthday", Given: people(), In: `{"app":"shop","collection":"people","id":"ada","update":{"$inc":{"age":1},"$addToSet":{"tags":"poetry"}}}`,
			Out: `{"doc":{"id":"ada","name":"Ada","age":37,"tags":["math","poetry"]},"version":9}`,
		}},
	}, func(ctx context.Context, in docUpdateIn) (docItem, error) {
		b := &storage.Batch{App: in.App, Mutations: []storage.Mutation{
			storage.DocUpdate{Collection: in.Collection, ID: in.ID, Update: json.RawMessage(in.Update), IfVersion: in.IfVersion},
		}}
		return answer(ctx, s, b, func(o *storage.Outcome) docItem {
			return docItem{jsontext.Value(o.Results[0].Value), o.Results[0].Version}
		})
	})
}

type docDeleteIn struct {
	App        string  `json:"app" doc:"the app" format:"app"`
	Collection string  `json:"collection" doc:"the collection" pattern:"^[A-Za-z_][A-Za-z0-9_-]{0,63}$"`
	ID         string  `json:"id" doc:"the document's id" minLength:"1" maxLength:"256"`
	IfVersion  *uint64 `json:"if_version" doc:"only when the document is at this version"`
}

type docDeleteOut struct {
	Deleted bool   `json:"deleted" doc:"whether it was there"`
	Version uint64 `json:"version" doc:"of the deletion"`
}

func (s *Service) opDocDelete() *op.Operation {
	return op.Define(op.Operation{
		Name: "doc_delete", Summary: "Delete a document by its id", Scope: "docs:write", Effect: op.Destructive, Idempotent: true,
		Method: "DELETE", Path: "/api/apps/{app}/collections/{collection}/docs/{id}",
		Examples: []op.Example{
			{Title: "One", Given: people(), In: `{"app":"shop","collection":"people","id":"bob"}`, Out: `{"deleted":true,"version":9}`},
			{Title: "A missing one", Given: people(), In: `{"app":"shop","collection":"people","id":"nobody"}`, Out: `{"deleted":false,"version":9}`},
		},
	}, func(ctx context.Context, in docDeleteIn) (docDeleteOut, error) {
		b := &storage.Batch{App: in.App, Mutations: []storage.Mutation{storage.DocDelete{Collection: in.Collection, ID: in.ID, IfVersion: in.IfVersion}}}
		return answer(ctx, s, b, func(o *storage.Outcome) docDeleteOut {
			return docDeleteOut{Deleted: o.Results[0].Deleted, Version: o.Version}
		})
	})
}
