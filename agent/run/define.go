package run

import (
	"context"
	"encoding/json"
	"strings"
	"unicode"

	"github.com/google/jsonschema-go/jsonschema"

	"fazt/recipes"
	"fazt/server/op"
)

// operation makes the operation of a recipe. Its input is held against the
// schema of the version that the caller runs, which the handler knows.
func (c *Catalogue) operation(e *Entry) (*op.Operation, error) {
	in, err := schemaOf(e.Definition.Input)
	if err != nil {
		return nil, err
	}
	out, err := schemaOf(e.Definition.Output)
	if err != nil {
		return nil, err
	}
	name := e.Definition.Name
	return op.DefineRaw(op.Operation{
		Name: name, Summary: Clean(e.Title), Description: Clean(e.Definition.Description),
		Scope: gate(e), Effect: e.Effect(), Idempotent: e.Effect() == op.Read,
		Recipe: true, AppFree: true, ManyBatches: true, Examples: examplesOf(e),
	}, in, out, func([]byte) error { return nil },
		func(ctx context.Context, in []byte) (any, error) { return c.handle(ctx, name, in) },
		op.WithRawRisk(func(ctx context.Context, in []byte) (op.Risk, error) { return c.risk(ctx, name, in) }),
	), nil
}

// gate is the scope that the registry asks for before the run looks at all of
// them: the first that the recipe writes with, else its first.
func gate(e *Entry) op.Scope {
	scopes := e.Definition.Scopes
	for _, s := range scopes {
		if strings.HasSuffix(s, ":write") {
			return op.Scope(s)
		}
	}
	if len(scopes) > 0 {
		return op.Scope(scopes[0])
	}
	return "recipes:read"
}

func schemaOf(raw json.RawMessage) (*jsonschema.Schema, error) {
	if len(raw) == 0 {
		return &jsonschema.Schema{}, nil
	}
	schema := new(jsonschema.Schema)
	return schema, decode(raw, schema)
}

func examplesOf(e *Entry) []op.Example {
	var list []op.Example
	for _, x := range e.Definition.Examples {
		list = append(list, op.Example{Title: Clean(x.Title), In: string(x.Input), Out: string(x.Output)})
	}
	return list
}

// Clean strips text that others wrote of what could disguise it where it
// stands among the server's own words: control, bidi and zero-width characters.
func Clean(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || unicode.Is(unicode.Zs, r):
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029':
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
}

// riskOf says what a person is asked about a recipe before it runs.
func riskOf(e *Entry, input []byte) op.Risk {
	const shown = 200
	text := string(input)
	if len(text) > shown {
		text = strings.ToValidUTF8(text[:shown], "") + "…"
	}
	return op.Risk{
		Wide:    e.Effect() == op.Destructive,
		Summary: "the recipe " + e.Definition.Name + " (" + Clean(e.Title) + ") with " + Clean(text),
	}
}

// decode reads JSON that this program wrote or has checked.
func decode(raw []byte, into any) error { return json.Unmarshal(raw, into) }

// definitionOf is what is kept of a compilation.
func definitionOf(d recipes.Definition, title string, modules map[string]string) (json.RawMessage, error) {
	return json.Marshal(savedDefinition{Definition: d, ShownTitle: title, Modules: modules})
}
