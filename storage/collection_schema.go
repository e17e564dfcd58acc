package storage

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

const (
	maxSchemaBytes = 64 << 10
	maxSchemas     = 500
)

// schemas are compiled JSON Schemas by their text.
type schemas map[string]*jsonschema.Schema

// refuseLoad lets no schema refer to another file or address.
type refuseLoad struct{}

func (refuseLoad) Load(url string) (any, error) {
	return nil, fmt.Errorf("a schema stands for itself: %s is not loaded; put it under $defs", url)
}

// compileSchema reads a JSON Schema, 2020-12 unless it says otherwise.
func compileSchema(field string, text []byte) (*jsonschema.Schema, error) {
	if len(text) > maxSchemaBytes {
		return nil, tooLarge(field, "a schema of %d bytes is too large: at most %d", len(text), maxSchemaBytes)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return nil, invalid(field, "not one JSON value: %v", err)
	}
	c := jsonschema.NewCompiler()
	c.UseLoader(refuseLoad{})
	c.AssertFormat()
	const place = "fazt:collection"
	if err := c.AddResource(place, doc); err != nil {
		return nil, invalid(field, "%v", err)
	}
	s, err := c.Compile(place)
	if err != nil {
		return nil, invalid(field, "not a JSON Schema: %s", clip(strings.ReplaceAll(err.Error(), place, ""), 500))
	}
	return s, nil
}

// check holds a document to its collection's schema. The error names the path
// of the first thing that does not fit.
func (s schemas) check(c *collection, doc *value) error {
	if c.schema == nil {
		return nil
	}
	schema := s[string(c.schema)]
	if schema == nil {
		compiled, err := compileSchema("schema", c.schema)
		if err != nil {
			return err
		}
		if len(s) >= maxSchemas {
			clear(s)
		}
		s[string(c.schema)], schema = compiled, compiled
	}
	err := schema.Validate(doc.plain())
	var failed *jsonschema.ValidationError
	if !errors.As(err, &failed) {
		return err
	}
	for len(failed.Causes) > 0 {
		failed = failed.Causes[0]
	}
	field := "doc"
	for _, part := range failed.InstanceLocation {
		field += "." + part
	}
	return &Error{
		Kind: KindSchema, Field: field, Index: -1,
		Message: fmt.Sprintf("%s does not fit the schema of collection %q: %s", field, c.name, failed.ErrorKind.LocalizedString(message.NewPrinter(language.English))),
	}
}

// plain is the value in the types of encoding/json.
func (v *value) plain() any {
	switch v.kind {
	case kindNumber:
		return json.Number(v.text)
	case kindString:
		return v.text
	case kindBool:
		return v.yes
	case kindArray:
		list := make([]any, len(v.list))
		for i := range v.list {
			list[i] = v.list[i].plain()
		}
		return list
	case kindObject:
		m := make(map[string]any, len(v.list))
		for i, name := range v.names {
			m[name] = v.list[i].plain()
		}
		return m
	}
	return nil
}
