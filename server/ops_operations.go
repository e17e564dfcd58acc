package server

import (
	"context"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/jsonschema-go/jsonschema"

	"fazt/server/op"
)

type operationItem struct {
	Name    string `json:"name" doc:"what to call"`
	Summary string `json:"summary" doc:"what it does"`
	Scope   string `json:"scope" doc:"the scope it needs"`
	Effect  string `json:"effect" doc:"read, write or destructive"`
	Method  string `json:"method,omitzero" doc:"of HTTP"`
	Path    string `json:"path,omitzero" doc:"of HTTP"`
	Allowed bool   `json:"allowed" doc:"whether you may call it"`
}

func operationItemOf(o *op.Operation, p *op.Principal) operationItem {
	return operationItem{
		Name: o.Name, Summary: o.Summary, Scope: string(o.Scope), Effect: string(o.Effect),
		Method: o.Method, Path: o.Path, Allowed: allowed(o, p),
	}
}

// allowed says what Call would say before it looks at the input.
func allowed(o *op.Operation, p *op.Principal) bool {
	person := p.Kind == op.KindPerson && !p.Driven
	return p.Scopes.Has(o.Scope) && (p.App == "" || o.AppFree || o.HasApp()) && (!o.PeopleOnly || person)
}

func (s *Service) operationOperations() []*op.Operation {
	return []*op.Operation{s.opOperationList(), s.opOperationGet()}
}

type operationListIn struct {
	Query string `json:"query,omitzero" doc:"words to look for in names, summaries and fields; all operations without it" maxLength:"400"`
	Limit int    `json:"limit" doc:"how many at most" default:"100" minimum:"1" maximum:"1000"`
}

type operationListOut struct {
	Items      []operationItem `json:"items" doc:"operations and recipes, the best fit first"`
	NextCursor *string         `json:"next_cursor" doc:"always null: ask with other words, or a higher limit"`
}

func (s *Service) opOperationList() *op.Operation {
	return op.Define(op.Operation{
		Name: "operation_list", Summary: "Search the operations and recipes", Scope: "apps:read", Effect: op.Read,
		Method: "GET", Path: "/api/operations", AppFree: true,
		Examples: []op.Example{{
			Title: "By words", In: `{"query":"add to a number","limit":1}`,
			Out: `{"items":[{"name":"kv_increment","summary":"Add to a number","scope":"kv:write","effect":"write","method":"POST","path":"/api/apps/{app}/kv:increment","allowed":true}],"next_cursor":null}`,
		}},
	}, func(ctx context.Context, in operationListIn) (operationListOut, error) {
		out := operationListOut{Items: []operationItem{}}
		for _, o := range op.Search(s.Registry, in.Query, in.Limit) {
			out.Items = append(out.Items, operationItemOf(o, caller(ctx)))
		}
		return out, nil
	})
}

type operationGetIn struct {
	Name string `json:"name" doc:"the operation's name" minLength:"1" maxLength:"100"`
}

type operationGetOut struct {
	Name        string             `json:"name" doc:"what to call"`
	Summary     string             `json:"summary" doc:"what it does"`
	Description string             `json:"description,omitzero" doc:"what to know beside the fields"`
	Scope       string             `json:"scope" doc:"the scope it needs"`
	Effect      string             `json:"effect" doc:"read, write or destructive"`
	Idempotent  bool               `json:"idempotent" doc:"calling it again with the same input changes nothing more"`
	Recipe      bool               `json:"recipe" doc:"whether it is a recipe"`
	PeopleOnly  bool               `json:"people_only" doc:"whether only a person in person may call it"`
	Method      string             `json:"method,omitzero" doc:"of HTTP"`
	Path        string             `json:"path,omitzero" doc:"of HTTP"`
	Status      int                `json:"status" doc:"of HTTP on success"`
	Answers     string             `json:"answers" doc:"json, stream or bytes"`
	Allowed     bool               `json:"allowed" doc:"whether you may call it"`
	Input       jsontext.Value     `json:"input" doc:"JSON Schema of the input" type:"object"`
	Output      jsontext.Value     `json:"output,omitzero" doc:"JSON Schema of the output" type:"object"`
	Examples    []operationExample `json:"examples" doc:"calls that work on a fresh server after the calls in given"`
}

type operationExample struct {
	Title  string         `json:"title" doc:"what it shows"`
	Given  []exampleGiven `json:"given,omitzero" doc:"calls to make before"`
	Input  jsontext.Value `json:"input" doc:"what to send" type:"object"`
	Output jsontext.Value `json:"output,omitzero" doc:"what is answered; versions, times and ids differ"`
}

type exampleGiven struct {
	Operation string         `json:"operation" doc:"what to call"`
	Input     jsontext.Value `json:"input" doc:"what to send" type:"object"`
}

func (s *Service) opOperationGet() *op.Operation {
	return op.Define(op.Operation{
		Name: "operation_get", Summary: "Describe one operation with its schema and examples", Scope: "apps:read", Effect: op.Read,
		Method: "GET", Path: "/api/operations/{name}", AppFree: true,
		Examples: []op.Example{{
			Title: "How to count keys", In: `{"name":"kv_count"}`,
			Out: `{"name":"kv_count","summary":"Count keys","scope":"kv:read","effect":"read","idempotent":true,"recipe":false,"people_only":false,` +
				`"method":"GET","path":"/api/apps/{app}/kv:count","status":200,"answers":"json","allowed":true,` +
				`"input":{"type":"object","properties":{"app":{"type":"string","description":"the app","pattern":"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"},` +
				`"prefix":{"type":"string","description":"only keys that begin with this, taken literally","maxLength":1024}},"required":["app"],"additionalProperties":false},` +
				`"output":{"type":"object","properties":{"count":{"type":"integer","description":"how many keys there are, at most 10000"},` +
				`"more":{"type":"boolean","description":"counting stopped there: that many or more"}},"required":["count","more"]},` +
				`"examples":[{"title":"With a prefix","given":[{"operation":"app_create","input":{"id":"shop","title":"Shop"}},` +
				`{"operation":"kv_set","input":{"app":"shop","key":"user/ada","value":{"name":"Ada","age":36}}}],` +
				`"input":{"app":"shop","prefix":"user/"},"output":{"count":1,"more":false}}]}`,
		}},
	}, s.operationGet)
}

func (s *Service) operationGet(ctx context.Context, in operationGetIn) (operationGetOut, error) {
	o, err := s.Registry.Find(in.Name)
	if err != nil {
		return operationGetOut{}, renamed(err, "", "name")
	}
	out := operationGetOut{
		Name: o.Name, Summary: o.Summary, Description: o.Description, Scope: string(o.Scope), Effect: string(o.Effect),
		Idempotent: o.Idempotent || o.Effect == op.Read, Recipe: o.Recipe, PeopleOnly: o.PeopleOnly,
		Method: o.Method, Path: o.Path, Status: o.Status, Answers: answers(o), Allowed: allowed(o, caller(ctx)),
		Examples: []operationExample{},
	}
	if out.Input, err = encodeSchema(o.InputSchema()); err != nil {
		return operationGetOut{}, err
	}
	if out.Output, err = encodeSchema(o.OutputSchema()); err != nil {
		return operationGetOut{}, err
	}
	for _, e := range o.Examples {
		out.Examples = append(out.Examples, exampleOf(e))
	}
	return out, nil
}

func answers(o *op.Operation) string {
	switch {
	case o.Streams:
		return "stream"
	case o.Bytes:
		return "bytes"
	}
	return "json"
}

func encodeSchema(schema *jsonschema.Schema) (jsontext.Value, error) {
	if schema == nil {
		return nil, nil
	}
	encoded, err := schema.MarshalJSON()
	if err != nil {
		return nil, fmt.Errorf("encode a schema: %w", err)
	}
	return encoded, nil
}

func exampleOf(e op.Example) operationExample {
	out := operationExample{Title: e.Title, Input: jsontext.Value(e.In), Output: jsontext.Value(e.Out)}
	for _, g := range e.Given {
		out.Given = append(out.Given, exampleGiven{Operation: g.Op, Input: jsontext.Value(g.In)})
	}
	return out
}
