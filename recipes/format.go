package recipes

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Effect says what a recipe may do to the world.
type Effect string

// The effects, in rising order.
const (
	EffectRead        Effect = "read"
	EffectWrite       Effect = "write"
	EffectDestructive Effect = "destructive"
)

// Example is one input of a recipe with the output it gives.
type Example struct {
	Title  string          `json:"title,omitzero"`
	Input  json.RawMessage `json:"input,omitzero"`
	Output json.RawMessage `json:"output,omitzero"`
}

// Definition is what a recipe says of itself: the members of its defineRecipe.
type Definition struct {
	Name        string          `json:"name"`
	Title       string          `json:"title"`
	Description string          `json:"description,omitzero"`
	Effect      Effect          `json:"effect"`
	Scopes      []string        `json:"scopes,omitzero"`
	At          string          `json:"at,omitzero"`     // the admin page's path where ui starts
	On          string          `json:"on,omitzero"`     // or the pattern of outside addresses it is for
	Input       json.RawMessage `json:"input"`           // JSON Schema, type object
	Output      json.RawMessage `json:"output,omitzero"` // JSON Schema
	HasUI       bool            `json:"has_ui,omitzero"`
	HasAPI      bool            `json:"has_api,omitzero"`
	HasCheck    bool            `json:"has_check,omitzero"`
	HasUndo     bool            `json:"has_undo,omitzero"`
	Examples    []Example       `json:"examples,omitzero"`
	// Hash is the SHA-256 of the source in hexadecimal digits.
	Hash string `json:"hash"`
	// Body marks a code run that was written as a function body.
	Body bool `json:"body,omitzero"`
}

// noInput is the input schema of a recipe that declares none.
const noInput = `{"type":"object","properties":{},"additionalProperties":false}`

var (
	recipeName   = regexp.MustCompile(`^[a-z][a-z0-9_]{0,29}$`)
	recipeScope  = regexp.MustCompile(`^[a-z][a-z0-9_-]*(:[a-z][a-z0-9_-]*)?$`)
	onPattern    = regexp.MustCompile(`^https?://[^/\s]+(/\S*)?$`)
	memberValues = []string{"name", "title", "description", "effect", "scopes", "at", "on", "input", "output", "examples"}
	memberFuncs  = []string{"ui", "api", "check", "undo"}
)

// otherWords are members that people write for ours.
var otherWords = map[string]string{
	"run": "api", "handler": "api", "execute": "api", "steps": "ui", "page": "ui",
	"verify": "check", "validate": "check", "rollback": "undo", "revert": "undo",
	"inputSchema": "input", "params": "input", "parameters": "input", "args": "input",
	"outputSchema": "output", "result": "output", "id": "name", "label": "title",
	"summary": "description", "permissions": "scopes", "scope": "scopes", "url": "at or on", "path": "at",
}

// member is one entry of defineRecipe's argument as the prelude reports it.
type member struct {
	Function bool           `json:"function"`
	Value    jsontext.Value `json:"value"`
}

// definitionReader gathers every problem instead of stopping at the first.
type definitionReader struct {
	members  map[string]member
	source   *authored
	problems []Problem
}

// readDefinition checks the members of a recipe and returns its definition,
// or the problems.
func readDefinition(members jsontext.Value, source *authored) (*Definition, []Problem) {
	r := &definitionReader{source: source}
	if err := jsonv2.Unmarshal(members, &r.members); err != nil {
		r.add("", "the recipe cannot be read: "+err.Error(), "")
		return nil, r.problems
	}
	r.checkNames()
	d := &Definition{
		Name:        r.text("name", true),
		Title:       r.text("title", true),
		Description: r.text("description", false),
		Effect:      Effect(r.text("effect", true)),
		At:          r.text("at", false),
		On:          r.text("on", false),
		HasUI:       r.members["ui"].Function,
		HasAPI:      r.members["api"].Function,
		HasCheck:    r.members["check"].Function,
		HasUndo:     r.members["undo"].Function,
	}
	r.read("scopes", &d.Scopes, "a list of strings such as [\"kv:write\"]")
	r.read("examples", &d.Examples, "a list of { title, input, output }")
	d.Input = r.schema("input", true)
	d.Output = r.schema("output", false)
	r.checkValues(d)
	r.checkExamples(d)
	if len(r.problems) > 0 {
		return nil, r.problems
	}
	return d, nil
}

func (r *definitionReader) add(name, message, hint string) {
	problem := Problem{Position: r.source.memberPosition(name), Message: message, Hint: hint}
	if problem.Line > 0 {
		problem.Frame = r.source.excerpt(problem.Position)
	}
	r.problems = append(r.problems, problem)
}

// checkNames refuses members that no one would ever read.
func (r *definitionReader) checkNames() {
	known := slices.Concat(memberValues, memberFuncs)
	for _, name := range sortedKeys(r.members) {
		entry := r.members[name]
		switch {
		case slices.Contains(memberFuncs, name):
			if !entry.Function {
				r.add(name, name+" is not a function", "write async "+name+"({ … }) { … }")
			}
		case slices.Contains(memberValues, name):
			if entry.Function {
				r.add(name, name+" is a function", "only ui, api, check and undo are functions")
			}
		default:
			r.add(name, "a recipe has no member "+name, suggestion(name, known))
		}
	}
	if !r.members["ui"].Function && !r.members["api"].Function {
		r.add("", "the recipe has neither ui nor api", "give it at least one: async api({ fazt, input }) { … }")
	}
}

func suggestion(name string, known []string) string {
	if word, ok := otherWords[name]; ok {
		return "did you mean " + word + "?"
	}
	if word := nearest(name, known); word != "" {
		return "did you mean " + word + "?"
	}
	return "it has: " + strings.Join(known, ", ")
}

func (r *definitionReader) has(name string) bool { return len(r.members[name].Value) > 0 }

func (r *definitionReader) text(name string, required bool) string {
	var out string
	if !r.has(name) {
		if _, given := r.members[name]; required && !given {
			r.add(name, name+" is missing", "write "+name+": \""+exampleOf[name]+"\"")
		}
		return out
	}
	r.read(name, &out, "a string")
	return out
}

var exampleOf = map[string]string{"name": "app_starter", "title": "Create an app", "effect": "read"}

func (r *definitionReader) read(name string, into any, want string) {
	if !r.has(name) {
		return
	}
	if err := jsonv2.Unmarshal(r.members[name].Value, into, jsonv2.RejectUnknownMembers(true)); err != nil {
		r.add(name, name+" is not "+want, "")
	}
}

func (r *definitionReader) schema(name string, required bool) json.RawMessage {
	if !r.has(name) {
		if required {
			return json.RawMessage(noInput)
		}
		return nil
	}
	raw := json.RawMessage(r.members[name].Value)
	if _, err := CompileSchema(raw); err != nil {
		r.add(name, name+" is not a usable JSON Schema: "+err.Error(),
			`write { type: "object", properties: { … }, required: [ … ], additionalProperties: false }`)
	}
	return raw
}

func (r *definitionReader) checkValues(d *Definition) {
	if d.Name != "" && !recipeName.MatchString(d.Name) {
		r.add("name", fmt.Sprintf("the name %q is not usable", d.Name), "a small letter, then up to 29 of a-z 0-9 _")
	}
	effects := []Effect{EffectRead, EffectWrite, EffectDestructive}
	if d.Effect != "" && !slices.Contains(effects, d.Effect) {
		r.add("effect", fmt.Sprintf("there is no effect %q", d.Effect), "one of read, write, destructive")
	}
	for _, scope := range d.Scopes {
		if !recipeScope.MatchString(scope) {
			r.add("scopes", fmt.Sprintf("%q is not a scope", scope), "a scope looks like kv:write")
		}
	}
	if d.At != "" && d.On != "" {
		r.add("on", "at and on exclude each other", "at is a path of the admin page, on an outside address")
	}
	if d.At != "" && !strings.HasPrefix(d.At, "/") {
		r.add("at", fmt.Sprintf("%q is not a path", d.At), "at starts with /, such as /apps; an outside address goes into on")
	}
	if d.On != "" && !onPattern.MatchString(d.On) {
		r.add("on", fmt.Sprintf("%q is not an address", d.On), "on looks like https://erp.example/*")
	}
}

// checkExamples holds each example against the schemas beside it.
func (r *definitionReader) checkExamples(d *Definition) {
	for i, example := range d.Examples {
		for _, part := range []struct {
			name          string
			schema, value json.RawMessage
		}{{"input", d.Input, example.Input}, {"output", d.Output, example.Output}} {
			if len(part.value) == 0 || len(part.schema) == 0 {
				continue
			}
			schema, err := CompileSchema(part.schema)
			if err != nil {
				continue // already a problem of the schema
			}
			if err := ValidateJSON(schema, part.value); err != nil {
				r.add("examples", fmt.Sprintf("example %d does not fit %s: %v", i+1, part.name, err), "")
			}
		}
	}
}
