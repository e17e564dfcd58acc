package op

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // the page's template and style
	"encoding/base64"
	"fmt"
	"html/template"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/jsonschema-go/jsonschema"
)

//go:embed reference.css
var referenceStyle string

//go:embed reference.html
var referencePage string

// Reference is the page at /docs: every operation with its fields, examples
// and errors, for people to read. It has no script and loads nothing. Serve it
// with [ReferencePolicy].
func Reference(r *Registry, info DocInfo) []byte {
	var b bytes.Buffer
	page := template.Must(template.New("reference").Parse(referencePage))
	if err := page.Execute(&b, referenceData(r, info)); err != nil {
		panic(fmt.Sprintf("op: reference: %v", err)) // a mistake in the template
	}
	return b.Bytes()
}

// ReferencePolicy is the Content-Security-Policy of the reference page: its
// own style, by hash, and nothing else.
func ReferencePolicy() string {
	sum := sha256.Sum256([]byte(referenceStyle))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}

type referenceView struct {
	Title, Version, Server string
	Style                  template.HTML
	Count                  int
	Groups                 []referenceGroup
	Errors                 []referenceError
}

type referenceGroup struct {
	Noun, Title string
	Operations  []referenceOperation
}

type referenceOperation struct {
	*Operation
	Verb, JS, CLI string
	Fields        []referenceField
	Answers       []referenceField
	AnswerNote    string
	Notes         []string
	Examples      []referenceExample
	Statuses      []referenceError
}

type referenceField struct {
	Name, Type, In, Doc, Bounds, Default string
	Required                             bool
}

type referenceExample struct {
	Title              string
	Given              []string
	HTTP, JS, CLI, Out string
}

type referenceError struct {
	Status       int
	Title, Codes string
	Detail, Hint string
}

func referenceData(r *Registry, info DocInfo) referenceView {
	operations := published(r)
	view := referenceView{
		Title: info.title(), Version: info.Version, Server: strings.TrimRight(info.ServerURL, "/"), Count: len(operations),
		// The style is ours; between these tags the template engine would
		// rewrite it, and its hash must hold.
		Style: template.HTML("<style>" + referenceStyle + "</style>"),
	}
	for _, group := range byNoun(operations) {
		g := referenceGroup{Noun: group.Noun, Title: nounTitle(group.Noun)}
		for _, o := range group.Operations {
			g.Operations = append(g.Operations, referenceOf(o, view.Server))
		}
		view.Groups = append(view.Groups, g)
	}
	view.Errors = referenceErrors([]int{400, 401, 403, 404, 409, 410, 412, 413, 415, 422, 428, 429, 500, 503, 504, 507})
	return view
}

func referenceErrors(statuses []int) []referenceError {
	list := make([]referenceError, len(statuses))
	for i, status := range statuses {
		p := problems[status]
		list[i] = referenceError{Status: status, Title: p.title, Codes: joinCodes(p.codes), Detail: p.detail, Hint: p.hint}
	}
	return list
}

func referenceOf(o *Operation, server string) referenceOperation {
	view := referenceOperation{
		Operation: o, Verb: o.Verb(), JS: "fazt." + o.JSName(), CLI: "fazt " + o.CLIName(),
		Notes: referenceNotes(o), Statuses: referenceErrors(o.statuses()),
	}
	for _, f := range o.Fields() {
		view.Fields = append(view.Fields, referenceField{
			Name: f.Name, Type: typeOf(bare(f.Schema), ""), In: f.In, Doc: f.Doc, Bounds: boundsOf(f.Schema),
			Default: f.Default, Required: f.Required,
		})
	}
	view.Answers, view.AnswerNote = answersOf(o)
	for _, example := range o.Examples {
		view.Examples = append(view.Examples, exampleOf(o, example, server))
	}
	return view
}

func referenceNotes(o *Operation) []string {
	var notes []string
	note := func(says bool, text string) {
		if says {
			notes = append(notes, text)
		}
	}
	note(o.PeopleOnly, "Only a person can do this, in person: no agent, no program, no driven tab.")
	note(o.writes() && o.Idempotent, "Calling it again with the same input changes nothing more.")
	note(o.risky(), "An agent is asked to repeat the name of what would be destroyed (confirm).")
	note(o.ManyBatches, "It writes in several steps, so it cannot be tried with a dry run.")
	note(o.AppFree, "A token bound to one app may call it, and sees its own app only.")
	return notes
}

func answersOf(o *Operation) ([]referenceField, string) {
	switch {
	case o.Bytes:
		return nil, "Bytes."
	case o.Streams:
		return nil, "A stream of server-sent events."
	}
	schema := o.OutputSchema()
	if schema == nil || len(schema.Properties) == 0 {
		return nil, "An empty object."
	}
	var list []referenceField
	for _, name := range schemaOrder(schema) {
		p := schema.Properties[name]
		list = append(list, referenceField{
			Name: name, Type: typeOf(bare(p), ""), Doc: p.Description, Required: slices.Contains(schema.Required, name),
		})
	}
	return list, ""
}

// exampleOf shows one call in each of its forms.
func exampleOf(o *Operation, example Example, server string) referenceExample {
	view := referenceExample{
		Title: example.Title, HTTP: httpRequest(o, example.In, server), Out: pretty(example.Out),
		JS: fmt.Sprintf("await fazt.%s(%s)", o.JSName(), example.In), CLI: commandLine(o, example.In),
	}
	for _, given := range example.Given {
		view.Given = append(view.Given, given.Op+" "+given.In)
	}
	return view
}

func pretty(text string) string {
	value := jsontext.Value(text)
	if text == "" || value.Indent(jsontext.WithIndent("  ")) != nil {
		return text
	}
	return string(value)
}

// boundsOf says a field's limits in words.
func boundsOf(s *jsonschema.Schema) string {
	var parts []string
	add := func(says bool, format string, args ...any) {
		if says {
			parts = append(parts, fmt.Sprintf(format, args...))
		}
	}
	if s.Minimum != nil {
		add(true, "at least %s", number(*s.Minimum))
	}
	if s.Maximum != nil {
		add(true, "at most %s", number(*s.Maximum))
	}
	if s.MinLength != nil {
		add(*s.MinLength > 1, "at least %d characters", *s.MinLength)
		add(*s.MinLength == 1, "not empty")
	}
	if s.MaxLength != nil {
		add(true, "at most %d characters", *s.MaxLength)
	}
	if s.MinItems != nil {
		add(true, "at least %d", *s.MinItems)
	}
	if s.MaxItems != nil {
		add(true, "at most %d items", *s.MaxItems)
	}
	add(s.Pattern != "", "matches %s", s.Pattern)
	return strings.Join(parts, ", ")
}

func number(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }
