package recipes

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// schemaAddress is where a recipe's schema stands for its own references.
const schemaAddress = "recipe:schema"

// refuseLoading is a loader for $ref: the library's own reads files.
type refuseLoading struct{}

func (refuseLoading) Load(url string) (any, error) {
	return nil, fmt.Errorf("a schema can only refer to its own parts, not to %s", url)
}

// CompileSchema compiles the input or output schema of a recipe: JSON Schema
// 2020-12 unless it says otherwise, with a root of type object, self-contained.
func CompileSchema(raw json.RawMessage) (*jsonschema.Schema, error) {
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	root, ok := document.(map[string]any)
	if !ok || root["type"] != "object" {
		return nil, errors.New(`the root needs type: "object"`)
	}
	compiler := jsonschema.NewCompiler()
	compiler.UseLoader(refuseLoading{})
	if err := compiler.AddResource(schemaAddress, document); err != nil {
		return nil, err
	}
	schema, err := compiler.Compile(schemaAddress)
	if err != nil {
		return nil, errors.New(schemaText(err))
	}
	return schema, nil
}

// SchemaError says where a value does not fit its schema.
type SchemaError struct {
	Field string // the member at fault, dotted, "" for the value itself
	Text  string // every cause with its place
}

func (e *SchemaError) Error() string { return e.Text }

// ValidateJSON holds a value against a schema. The error is a *SchemaError, or
// one of a value that is no JSON.
func ValidateJSON(schema *jsonschema.Schema, raw json.RawMessage) error {
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		return err
	}
	err = schema.Validate(value)
	if err == nil {
		return nil
	}
	return &SchemaError{Field: fieldAtFault(err), Text: schemaText(err)}
}

// fieldAtFault is the place of the first innermost cause; a missing or unknown
// member is the place itself.
func fieldAtFault(err error) string {
	var at *jsonschema.ValidationError
	if !errors.As(err, &at) {
		return ""
	}
	for len(at.Causes) > 0 {
		at = at.Causes[0]
	}
	place := at.InstanceLocation
	switch k := at.ErrorKind.(type) {
	case *kind.Required:
		place = append(slices.Clone(place), k.Missing[0])
	case *kind.AdditionalProperties:
		place = append(slices.Clone(place), k.Properties[0])
	}
	return strings.Join(place, ".")
}

// schemaText says the innermost causes, each with the place it is about.
func schemaText(err error) string {
	var invalid *jsonschema.ValidationError
	var meta *jsonschema.SchemaValidationError
	if errors.As(err, &meta) {
		err = meta.Err
	}
	if !errors.As(err, &invalid) {
		return err.Error()
	}
	printer := message.NewPrinter(language.English)
	var parts []string
	var walk func(*jsonschema.ValidationError)
	walk = func(e *jsonschema.ValidationError) {
		if len(e.Causes) == 0 {
			place := "/" + strings.Join(e.InstanceLocation, "/")
			parts = append(parts, place+": "+e.ErrorKind.LocalizedString(printer))
		}
		for _, cause := range e.Causes {
			walk(cause)
		}
	}
	walk(invalid)
	return strings.Join(parts, "; ")
}
