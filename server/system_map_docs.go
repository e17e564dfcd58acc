package server

import (
	"context"

	"github.com/go-json-experiment/json/jsontext"

	"fazt/storage"
)

// collectionMap is what documents a collection holds, at a glance.
type collectionMap struct {
	Collection string   `json:"collection" doc:"its name"`
	Count      int64    `json:"count" doc:"how many documents"`
	Shape      string   `json:"shape" doc:"what its first and last documents have in common"`
	Indexes    []string `json:"indexes,omitzero" doc:"its indexes"`
	Text       []string `json:"text,omitzero" doc:"the paths that $text finds words in"`
	Schema     bool     `json:"schema,omitzero" doc:"documents must fit a JSON Schema: see collection_get"`
}

// maxMapCollections is how many an agent is shown; collection_list has all.
const maxMapCollections = 50

func (s *Service) collectionMaps(ctx context.Context, app string) ([]collectionMap, error) {
	list, _, err := s.DB.Collections(ctx, app, "", maxMapCollections)
	if err != nil {
		return nil, ErrorOf(err)
	}
	out := make([]collectionMap, len(list))
	for i, c := range list {
		out[i] = collectionMap{Collection: c.Name, Count: c.Count, Text: c.Text, Schema: c.Schema != nil}
		for _, x := range c.Indexes {
			out[i].Indexes = append(out[i].Indexes, x.Name)
		}
		if out[i].Shape, err = s.docShape(ctx, app, c.Name); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// docShape infers the fields from the first documents and the last: what was
// imported, and what is written now.
func (s *Service) docShape(ctx context.Context, app, collection string) (string, error) {
	var values []jsontext.Value
	for _, sort := range []string{"id", "-id"} {
		page, _, err := s.DB.DocFind(ctx, app, storage.DocQuery{Collection: collection, Sort: []string{sort}, Limit: shapeSample})
		if err != nil {
			return "", ErrorOf(err)
		}
		for _, d := range page {
			values = append(values, jsontext.Value(d.Body))
		}
	}
	return shapeOf(values), nil
}
