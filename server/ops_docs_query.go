package server

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"fazt/server/op"
	"fazt/storage"
)

// filterText names the filter operators, where a filter is asked for.
const filterText = "A filter takes MongoDB's $eq $ne $gt $gte $lt $lte $in $nin $exists $type $and $or $not $nor $all $elemMatch $size $regex $mod " +
	"on dotted paths; an array matches by its elements, types are strict, a missing field equals null. " +
	`{"$text":{"$search":"words \"a phrase\" -without"}} uses the full-text index.`

type docFindIn struct {
	App        string         `json:"app" doc:"the app" format:"app"`
	Collection string         `json:"collection" doc:"the collection" pattern:"^[A-Za-z_][A-Za-z0-9_-]{0,63}$"`
	Filter     jsontext.Value `json:"filter,omitzero" doc:"which documents, as in {\"age\":{\"$gt\":30}}; all when left out" type:"object"`
	Fields     []string       `json:"fields,omitzero" doc:"keep only these paths, or drop them: [\"-body\"]" maxItems:"100"`
	Sort       []string       `json:"sort,omitzero" doc:"as in [\"-age\",\"name\"]; by id when left out, by rank with $text" maxItems:"8"`
	Limit      int            `json:"limit" doc:"how many at most" default:"100" minimum:"1" maximum:"1000"`
	Cursor     string         `json:"cursor,omitzero" doc:"next_cursor of the page before" minLength:"1"`
}

// query is what a cursor of this query is bound to.
func (in docFindIn) query() []string {
	return []string{"doc_find", in.App, in.Collection, canonical(in.Filter), strings.Join(in.Sort, "\x00"), strconv.Itoa(len(in.Sort))}
}

// canonical is a JSON value in one form, so that white space makes no other
// query.
func canonical(v jsontext.Value) string {
	c := v.Clone()
	if c.Compact() != nil {
		return string(v)
	}
	return string(c)
}

func (in docFindIn) storage(cursor string) storage.DocQuery {
	return storage.DocQuery{
		Collection: in.Collection, Filter: json.RawMessage(in.Filter), Sort: in.Sort, Fields: in.Fields, Limit: in.Limit, Cursor: cursor,
	}
}

type foundItem struct {
	Doc     jsontext.Value `json:"doc" doc:"the document, its id first" type:"object"`
	Version uint64         `json:"version" doc:"of the write that stored it"`
	Rank    float64        `json:"rank,omitzero" doc:"with $text and no sort: how well it fits, more is better"`
}

type docFindOut struct {
	Items      []foundItem `json:"items" doc:"documents in the order asked for"`
	NextCursor *string     `json:"next_cursor" doc:"cursor of the next page, null at the end"`
}

func (s *Service) opDocFind() *op.Operation {
	return op.Define(op.Operation{
		Name: "doc_find", Summary: "Find documents", Scope: "docs:read", Effect: op.Read,
		Description: filterText + " A page may hold fewer than limit; next_cursor says whether more follows. " +
			"A query that would look at over 100,000 documents names the index that it needs.",
		Method: "POST", Path: "/api/apps/{app}/collections/{collection}/docs:find",
		Examples: []op.Example{
			{
				Title: "Oldest first", Given: people(), In: `{"app":"shop","collection":"people","filter":{"age":{"$gt":30}},"sort":["-age"],"fields":["name"]}`,
				Out: `{"items":[{"doc":{"id":"bob","name":"Bob"},"version":8},{"doc":{"id":"ada","name":"Ada"},"version":8}],"next_cursor":null}`,
			},
			{
				Title: "By an element of an array", Given: people(), In: `{"app":"shop","collection":"people","filter":{"tags":"math"}}`,
				Out: `{"items":[{"doc":{"id":"ada","name":"Ada","age":36,"tags":["math"]},"version":8}],"next_cursor":null}`,
			},
		},
	}, func(ctx context.Context, in docFindIn) (docFindOut, error) {
		cursor, err := openCursor(in.Cursor, in.query()...)
		if err != nil {
			return docFindOut{}, err
		}
		page, next, err := s.DB.DocFind(ctx, in.App, in.storage(cursor))
		if err != nil {
			return docFindOut{}, ErrorOf(err)
		}
		out := docFindOut{Items: make([]foundItem, len(page)), NextCursor: sealCursor(next, in.query()...)}
		for i, d := range page {
			out.Items[i] = foundItem{jsontext.Value(d.Body), d.Version, d.Rank}
		}
		return out, nil
	})
}

type docCountIn struct {
	App        string         `json:"app" doc:"the app" format:"app"`
	Collection string         `json:"collection" doc:"the collection" pattern:"^[A-Za-z_][A-Za-z0-9_-]{0,63}$"`
	Filter     jsontext.Value `json:"filter,omitzero" doc:"which documents; all when left out" type:"object"`
}

type docCountOut struct {
	Count int64 `json:"count" doc:"how many match"`
}

func (s *Service) opDocCount() *op.Operation {
	return op.Define(op.Operation{
		Name: "doc_count", Summary: "Count documents", Scope: "docs:read", Effect: op.Read, Description: filterText,
		Method: "POST", Path: "/api/apps/{app}/collections/{collection}/docs:count",
		Examples: []op.Example{{Title: "With a filter", Given: people(), In: `{"app":"shop","collection":"people","filter":{"age":{"$gte":40}}}`, Out: `{"count":1}`}},
	}, func(ctx context.Context, in docCountIn) (docCountOut, error) {
		n, err := s.DB.DocCount(ctx, in.App, in.Collection, json.RawMessage(in.Filter))
		return docCountOut{n}, ErrorOf(err)
	})
}

type docDistinctIn struct {
	App        string         `json:"app" doc:"the app" format:"app"`
	Collection string         `json:"collection" doc:"the collection" pattern:"^[A-Za-z_][A-Za-z0-9_-]{0,63}$"`
	Field      string         `json:"field" doc:"the path, as in address.city" minLength:"1" maxLength:"512"`
	Filter     jsontext.Value `json:"filter,omitzero" doc:"of which documents; all when left out" type:"object"`
}

type docDistinctOut struct {
	Values []jsontext.Value `json:"values" doc:"the different values in order; an array counts as its elements"`
}

func (s *Service) opDocDistinct() *op.Operation {
	return op.Define(op.Operation{
		Name: "doc_distinct", Summary: "List the different values of a field", Scope: "docs:read", Effect: op.Read, Description: filterText,
		Method: "POST", Path: "/api/apps/{app}/collections/{collection}/docs:distinct",
		Examples: []op.Example{{Title: "Names", Given: people(), In: `{"app":"shop","collection":"people","field":"name"}`, Out: `{"values":["Ada","Bob"]}`}},
	}, func(ctx context.Context, in docDistinctIn) (docDistinctOut, error) {
		values, err := s.DB.DocDistinct(ctx, in.App, in.Collection, in.Field, json.RawMessage(in.Filter))
		return docDistinctOut{valuesOf(values)}, ErrorOf(err)
	})
}

func valuesOf(list []json.RawMessage) []jsontext.Value {
	out := make([]jsontext.Value, len(list))
	for i, v := range list {
		out[i] = jsontext.Value(v)
	}
	return out
}

type docAggregateIn struct {
	App        string           `json:"app" doc:"the app" format:"app"`
	Collection string           `json:"collection" doc:"the collection" pattern:"^[A-Za-z_][A-Za-z0-9_-]{0,63}$"`
	Pipeline   []jsontext.Value `json:"pipeline" doc:"stages in order, as in [{\"$group\":{\"_id\":\"$city\",\"n\":{\"$sum\":1}}}]" type:"object" maxItems:"20"`
}

type docAggregateOut struct {
	Items []jsontext.Value `json:"items" doc:"the rows that the last stage gives, at most 1000" type:"object"`
}

func (s *Service) opDocAggregate() *op.Operation {
	return op.Define(op.Operation{
		Name: "doc_aggregate", Summary: "Group, sum up and reshape documents", Scope: "docs:read", Effect: op.Read,
		Description: "Stages are MongoDB's $match, $group (with $sum $avg $min $max $count $first $last), $sort, $limit, $project and $unwind. " +
			`An expression is "$path", a value, or an object of these. A $match at the beginning uses indexes.`,
		Method: "POST", Path: "/api/apps/{app}/collections/{collection}/docs:aggregate",
		Examples: []op.Example{{
			Title: "Average age", Given: people(), In: `{"app":"shop","collection":"people","pipeline":[{"$group":{"_id":null,"people":{"$sum":1},"age":{"$avg":"$age"}}}]}`,
			Out: `{"items":[{"_id":null,"people":2,"age":38.5}]}`,
		}},
	}, func(ctx context.Context, in docAggregateIn) (docAggregateOut, error) {
		pipeline, err := op.Encode(in.Pipeline)
		if err != nil {
			return docAggregateOut{}, err
		}
		rows, err := s.DB.DocAggregate(ctx, in.App, in.Collection, pipeline)
		return docAggregateOut{valuesOf(rows)}, ErrorOf(err)
	})
}

type docExplainIn struct {
	App        string         `json:"app" doc:"the app" format:"app"`
	Collection string         `json:"collection" doc:"the collection" pattern:"^[A-Za-z_][A-Za-z0-9_-]{0,63}$"`
	Filter     jsontext.Value `json:"filter,omitzero" doc:"of doc_find" type:"object"`
	Sort       []string       `json:"sort,omitzero" doc:"of doc_find" maxItems:"8"`
	Limit      int            `json:"limit" doc:"of doc_find" default:"100" minimum:"1" maximum:"1000"`
}

type docExplainOut struct {
	Plan     string   `json:"plan" doc:"ids, index, text, or scan: every document is looked at" enum:"ids,index,text,scan"`
	Index    string   `json:"index,omitzero" doc:"the index that is used"`
	Fields   []string `json:"fields,omitzero" doc:"its fields"`
	Ranges   int      `json:"ranges,omitzero" doc:"how many ranges of it are read"`
	Sorted   bool     `json:"sorted" doc:"documents are read in the order asked for; else they are sorted in memory"`
	Examined int      `json:"examined" doc:"how many documents the first page looked at"`
	Returned int      `json:"returned" doc:"how many of those it answers"`
	Allowed  bool     `json:"allowed" doc:"doc_find carries it out; false = it would look at over 100000 documents"`
	Wanted   []string `json:"wanted,omitzero" doc:"the fields of an index that would serve it"`
	SQLite   []string `json:"sqlite" doc:"SQLite's own plan of the statement that reads"`
}

func (s *Service) opDocExplain() *op.Operation {
	return op.Define(op.Operation{
		Name: "doc_explain", Summary: "Say how a query is carried out, and which index it lacks", Scope: "docs:read", Effect: op.Read,
		Method: "POST", Path: "/api/apps/{app}/collections/{collection}/docs:explain",
		Examples: []op.Example{{
			Title: "A filter without an index", Given: people(), In: `{"app":"shop","collection":"people","filter":{"name":"Ada"},"sort":["-age"]}`,
			Out: `{"plan":"scan","sorted":false,"examined":2,"returned":1,"allowed":true,"wanted":["name","age"],"sqlite":["SEARCH doc USING INDEX sqlite_autoindex_doc_1 (collection=? AND name>?)"]}`,
		}},
	}, func(ctx context.Context, in docExplainIn) (docExplainOut, error) {
		p, err := s.DB.DocExplain(ctx, in.App, storage.DocQuery{Collection: in.Collection, Filter: json.RawMessage(in.Filter), Sort: in.Sort, Limit: in.Limit})
		if err != nil {
			return docExplainOut{}, ErrorOf(err)
		}
		return docExplainOut{
			Plan: p.Plan, Index: p.Index, Fields: p.Fields, Ranges: p.Spans, Sorted: p.Sorted, Examined: p.Examined,
			Returned: p.Returned, Allowed: p.Enough, Wanted: p.Wanted, SQLite: p.SQLite,
		}, nil
	})
}
