package server

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Bounds of an inferred shape: what a person or an agent reads at a glance.
const (
	maxShapeDepth  = 3
	maxShapeFields = 12
	maxShapeBytes  = 64 << 10 // of one value; a larger one is not looked into
)

// valueShape is what some JSON values have in common.
type valueShape struct {
	seen   int
	kinds  []string // of the plain values, in the order they were met
	object *objectShape
	items  *valueShape // of arrays
}

type objectShape struct {
	seen   int
	names  []string
	fields map[string]*valueShape
}

// shapeOf describes values, as in {name: string, tags: [string], age?: number}.
// A field with a question mark is not in every one.
func shapeOf(values []jsontext.Value) string {
	var s valueShape
	for _, v := range values {
		if len(v) > maxShapeBytes {
			s.addKind("large value")
			continue
		}
		if err := s.add(jsontext.NewDecoder(bytes.NewReader(v), jsontext.AllowDuplicateNames(true)), 0); err != nil && !errors.Is(err, io.EOF) {
			s.addKind("unknown")
		}
	}
	return s.String()
}

func (s *valueShape) addKind(kind string) {
	if !slices.Contains(s.kinds, kind) {
		s.kinds = append(s.kinds, kind)
	}
}

func (s *valueShape) add(dec *jsontext.Decoder, depth int) error {
	s.seen++
	switch kind := dec.PeekKind(); {
	case kind == '{' && depth < maxShapeDepth:
		return s.addObject(dec, depth)
	case kind == '[' && depth < maxShapeDepth:
		return s.addArray(dec, depth)
	default:
		s.addKind(map[jsontext.Kind]string{
			'{': "{…}", '[': "[…]", '"': "string", '0': "number", 't': "boolean", 'f': "boolean", 'n': "null",
		}[kind])
		return dec.SkipValue()
	}
}

func (s *valueShape) addObject(dec *jsontext.Decoder, depth int) error {
	if s.object == nil {
		s.object = &objectShape{fields: map[string]*valueShape{}}
	}
	s.object.seen++
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for dec.PeekKind() == '"' {
		name, err := dec.ReadToken()
		if err != nil {
			return err
		}
		if err := s.object.field(name.String()).add(dec, depth+1); err != nil {
			return err
		}
	}
	_, err := dec.ReadToken()
	return err
}

func (o *objectShape) field(name string) *valueShape {
	f := o.fields[name]
	if f == nil {
		f = &valueShape{}
		o.fields[name] = f
		o.names = append(o.names, name)
	}
	return f
}

func (s *valueShape) addArray(dec *jsontext.Decoder, depth int) error {
	if s.items == nil {
		s.items = &valueShape{}
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for dec.PeekKind() != ']' && dec.PeekKind() != 0 {
		if err := s.items.add(dec, depth+1); err != nil {
			return err
		}
	}
	_, err := dec.ReadToken()
	return err
}

// String writes the shape.
func (s *valueShape) String() string {
	parts := slices.Clone(s.kinds)
	if s.object != nil {
		parts = append(parts, s.object.String())
	}
	if s.items != nil {
		parts = append(parts, "["+s.items.String()+"]")
	}
	return strings.Join(parts, " | ")
}

func (o *objectShape) String() string {
	if len(o.names) == 0 {
		return "{}"
	}
	var fields []string
	for _, name := range o.names[:min(len(o.names), maxShapeFields)] {
		optional := ""
		if o.fields[name].seen < o.seen {
			optional = "?"
		}
		fields = append(fields, name+optional+": "+o.fields[name].String())
	}
	if len(o.names) > maxShapeFields {
		fields = append(fields, "…")
	}
	return "{" + strings.Join(fields, ", ") + "}"
}
