package op

import (
	"context"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"
)

// Effect is what an operation may do to the world.
type Effect string

// The effects, each including the ones before it.
const (
	Read        Effect = "read"
	Write       Effect = "write"
	Destructive Effect = "destructive"
)

// rank orders effects.
func (e Effect) rank() int { return slices.Index([]Effect{Read, Write, Destructive}, e) }

// Exceeds reports whether e may do more than other.
func (e Effect) Exceeds(other Effect) bool { return e.rank() > other.rank() }

// Operation is one thing that fazt can do. Build it with [Define] (or
// [DefineRaw] where the input has a schema rather than a struct); the exported
// fields are not changed after that.
type Operation struct {
	Name        string // noun_verb, at most 30 of [a-z0-9_]
	Summary     string // one line in the imperative, without a full stop
	Description string // what a caller must know beyond the fields; may be empty
	Scope       Scope
	Effect      Effect
	Idempotent  bool   // calling it again with the same input changes nothing more
	Method      string // of HTTP
	Path        string // of HTTP; {name} and {name...} are input fields
	Status      int    // of HTTP on success; 0 = 200
	// AppFree says that a token bound to an app may call this operation
	// although it has no app field; the handler then looks at Principal.App.
	AppFree bool
	// ManyBatches says that the operation is more than one storage batch, so
	// a dry run and an idempotency key cannot be had from the batch.
	ManyBatches bool
	// PeopleOnly says that only a person may call it, and in person: no agent
	// or program, no call over MCP, and no tab that is driven, whatever the
	// scopes.
	PeopleOnly bool
	// Streams says that the operation answers a Stream, on HTTP to callers that
	// Accept: text/event-stream. Another operation may have the same method and
	// path and answer the others.
	Streams bool
	Bytes   bool // answers a Body
	// TakesBody says that the operation takes bytes beside its fields: the
	// handler reads them from its Invocation's Body. On HTTP they are the
	// request's body, and all fields are in the path and the query.
	TakesBody bool
	// BodyText is the input field that holds the bytes as text where a face has
	// nothing but JSON; faces with bytes send that text as the body.
	BodyText string
	Examples []Example
	// Recipe says that the operation was registered from a recipe; its name
	// may be replaced by a later version and it has no path of its own.
	Recipe bool

	in      *shape
	out     *shape
	rawIn   *rawInput
	fields  []Field
	hasApp  bool
	decode  func(*Request) (any, error)
	handler func(ctx context.Context, in any) (any, error)
	risk    func(ctx context.Context, in any) (Risk, error)
}

// Example is a call that works on a fresh server after its Given calls, and
// what it answers. Examples are shown in the reference and run by the tests
// through every face.
type Example struct {
	Title string
	Given []Given
	In    string // JSON
	Out   string // JSON; values that differ from run to run (versions, times, ids) are as an example
}

// Given is a call to make before an example.
type Given struct {
	Op string
	In string // JSON
}

// Risk is what a call would destroy or open, worked out from its input before
// anything is done. The zero value asks for nothing.
type Risk struct {
	Confirm string // the name an agent must repeat; "" = no confirmation
	Summary string // what would be destroyed, in numbers: `app "shop" with 12 keys`
	Wide    bool   // of the kind that an approval policy of "wide" asks a person about
}

// Define completes an operation with its handler. It panics on a definition
// that is wrong in itself, since that is a mistake in the program.
//
// In and Out are structs. The tags of In's fields are read:
//
//	json:"name"          the field's name; ",omitzero" or a pointer or a default makes it optional
//	doc:"…"              one line for people and agents (required)
//	default:"100"        the value when it is left out
//	minimum, maximum, minLength, maxLength, maxItems, pattern, enum:"a,b"
//	format:"key|app|…"   a named check, see formats
//	type:"number|object" of a jsontext.Value: only such values, kept as given
//
// A jsontext.Value without a type takes any JSON, null included. Strings are
// checked for valid UTF-8.
func Define[In, Out any](o Operation, handle func(context.Context, In) (Out, error), options ...Option[In]) *Operation {
	o.in = compileShape(reflect.TypeFor[In]())
	o.out = compileShape(reflect.TypeFor[Out]())
	o.decode = func(r *Request) (any, error) {
		in := new(In)
		if err := o.in.decode(r.Input, r.Params, reflect.ValueOf(in).Elem()); err != nil {
			return nil, err
		}
		return in, nil
	}
	o.handler = func(ctx context.Context, in any) (any, error) { return handle(ctx, *in.(*In)) }
	for _, option := range options {
		option(&o)
	}
	return o.complete()
}

// Option adds to a definition what depends on its input's type.
type Option[In any] func(*Operation)

// WithRisk says what a call would destroy. It is asked only when an agent
// calls, before the handler, and must not change anything.
func WithRisk[In any](risk func(context.Context, In) (Risk, error)) Option[In] {
	return func(o *Operation) {
		o.risk = func(ctx context.Context, in any) (Risk, error) { return risk(ctx, *in.(*In)) }
	}
}

// WithRawRisk is WithRisk for an operation of [DefineRaw].
func WithRawRisk(risk func(ctx context.Context, in []byte) (Risk, error)) Option[[]byte] {
	return func(o *Operation) {
		o.risk = func(ctx context.Context, in any) (Risk, error) { return risk(ctx, in.([]byte)) }
	}
}

// rawInput is the input of an operation whose schema is data.
type rawInput struct {
	schema, output *jsonschema.Schema
	validate       func([]byte) error
}

// DefineRaw completes an operation whose input is described by a schema rather
// than a struct, as a recipe's is. validate checks the input's bytes, which
// are a JSON object, and returns an [*Error] that names the field.
func DefineRaw(o Operation, input, output *jsonschema.Schema, validate func([]byte) error,
	handle func(ctx context.Context, in []byte) (any, error), options ...Option[[]byte],
) *Operation {
	o.rawIn = &rawInput{schema: input, output: output, validate: validate}
	o.decode = func(r *Request) (any, error) {
		in, err := rawObject(r)
		if err != nil {
			return nil, err
		}
		if err := validate(in); err != nil {
			return nil, err
		}
		return in, nil
	}
	o.handler = func(ctx context.Context, in any) (any, error) { return handle(ctx, in.([]byte)) }
	for _, option := range options {
		option(&o)
	}
	return o.complete()
}

var (
	namePattern  = regexp.MustCompile(`^[a-z][a-z0-9_]{0,29}$`)
	paramPattern = regexp.MustCompile(`\{([a-z_]+)(\.\.\.)?\}`)
)

// reserved are the envelope's names, which no input may use.
var reserved = []string{"idempotency_key", "dry_run", "confirm"}

func (o Operation) complete() *Operation {
	if err := o.check(); err != nil {
		panic(fmt.Sprintf("op: definition of %q: %v", o.Name, err))
	}
	if o.Status == 0 {
		o.Status = 200
	}
	o.fields = o.listFields()
	for _, f := range o.fields {
		o.hasApp = o.hasApp || f.Name == "app"
	}
	return &o
}

func (o *Operation) check() error {
	switch {
	case !namePattern.MatchString(o.Name):
		return fmt.Errorf("the name does not match %s", namePattern)
	case o.Summary == "":
		return fmt.Errorf("no summary")
	case o.Effect.rank() < 0:
		return fmt.Errorf("unknown effect %q", o.Effect)
	case o.BodyText != "" && (!o.TakesBody || o.in == nil || o.in.field(o.BodyText) == nil):
		return fmt.Errorf("BodyText %q is no input field of an operation that takes a body", o.BodyText)
	case !o.Recipe && !strings.HasPrefix(o.Path, "/api/"):
		return fmt.Errorf("path %q is not under /api/", o.Path)
	}
	if _, ok := scopeBit(o.Scope); !ok && o.Scope != Anyone {
		return fmt.Errorf("unknown scope %q", o.Scope)
	}
	if o.in == nil {
		return nil
	}
	for _, name := range o.PathParams() {
		if o.in.field(name) == nil {
			return fmt.Errorf("path parameter %q is no input field", name)
		}
	}
	for _, name := range reserved {
		if o.in.field(name) != nil {
			return fmt.Errorf("input field %q is a reserved name", name)
		}
	}
	return nil
}

// PathParams returns the names of the path's parameters, in order.
func (o *Operation) PathParams() []string {
	var names []string
	for _, m := range paramPattern.FindAllStringSubmatch(o.Path, -1) {
		names = append(names, m[1])
	}
	return names
}

// Noun returns the name up to the first underscore.
func (o *Operation) Noun() string {
	noun, _, _ := strings.Cut(o.Name, "_")
	return noun
}

// Verb returns the name after the first underscore.
func (o *Operation) Verb() string {
	_, verb, _ := strings.Cut(o.Name, "_")
	return verb
}

// HasApp reports whether the operation is about one app, named in its field
// "app".
func (o *Operation) HasApp() bool { return o.hasApp }

// HasBody reports whether the HTTP form takes its remaining fields from a JSON
// body rather than the query.
func (o *Operation) HasBody() bool {
	return !o.TakesBody && (o.Method == "POST" || o.Method == "PUT" || o.Method == "PATCH")
}

// Field is one input field as projections show it.
type Field struct {
	Name     string
	Doc      string
	In       string // path, query or body
	Type     string // string, integer, number, boolean, array, object or any
	Required bool
	Default  string // as in the tag, "" when none
	Enum     []string
	Schema   *jsonschema.Schema
}

// Fields returns the input's fields in declaration order.
func (o *Operation) Fields() []Field { return o.fields }

// InputSchema returns the JSON Schema (2020-12) of the whole input.
func (o *Operation) InputSchema() *jsonschema.Schema {
	if o.rawIn != nil {
		return o.rawIn.schema
	}
	return o.in.schema(input)
}

// OutputSchema returns the JSON Schema of the output, or nil for bytes and
// streams.
func (o *Operation) OutputSchema() *jsonschema.Schema {
	switch {
	case o.Bytes || o.Streams:
		return nil
	case o.rawIn != nil:
		return o.rawIn.output
	}
	return o.out.schema(output)
}

func (o *Operation) listFields() []Field {
	if o.in == nil {
		return rawFields(o.rawIn.schema)
	}
	params := o.PathParams()
	fields := make([]Field, 0, len(o.in.fields))
	for i := range o.in.fields {
		f := &o.in.fields[i]
		place := "query"
		switch {
		case slices.Contains(params, f.name):
			place = "path"
		case o.HasBody() || f.name == o.BodyText:
			place = "body"
		}
		fields = append(fields, Field{
			Name: f.name, Doc: f.doc, In: place, Type: f.typeName(), Required: f.required,
			Default: f.defaultText, Enum: f.enum, Schema: f.schema(input),
		})
	}
	return fields
}
