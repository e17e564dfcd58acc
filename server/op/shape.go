package op

import (
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// shape is a struct type compiled for decoding and for description.
type shape struct {
	typ    reflect.Type
	fields []shapeField
	byName map[string]int
}

// maxFields is set by the bit set that tracks which fields were given.
const maxFields = 64

// shapeField is one field of a struct.
type shapeField struct {
	name     string
	doc      string
	index    int
	elem     element
	pointer  bool // the Go field is a pointer to elem's type
	required bool
	nullable bool // of an output: a nil pointer is written as null

	defaultText string
	defaultVal  reflect.Value
	enum        []string
}

// elementKind is how a value is decoded and described.
type elementKind int

const (
	kindString elementKind = iota
	kindInt
	kindUint
	kindFloat
	kindBool
	kindRaw
	kindStruct
	kindSlice
	kindMap
)

// element is a value's type with its bounds.
type element struct {
	kind     elementKind
	typ      reflect.Type
	nested   *shape   // of kindStruct
	item     *element // of kindSlice and kindMap
	min, max *float64
	minLen   int
	maxLen   int // 0 = unbounded
	pattern  *regexp.Regexp
	enum     []string
	format   string
	rawKind  string // of kindRaw: number or object when only that is taken
}

var (
	rawType  = reflect.TypeFor[jsontext.Value]()
	bodyType = reflect.TypeFor[Body]()
)

// compileShape reads a struct type. It panics on a type that has no JSON form
// here, since that is a mistake in a definition.
func compileShape(t reflect.Type) *shape {
	if t.Kind() == reflect.Interface || t.Kind() == reflect.Pointer && t.Elem() == bodyType {
		return &shape{typ: t} // a Stream or a Body
	}
	if t.Kind() != reflect.Struct {
		panic(fmt.Sprintf("op: %v is no struct", t))
	}
	s := &shape{typ: t, byName: map[string]int{}}
	for i := range t.NumField() {
		f := t.Field(i)
		tag, ok := f.Tag.Lookup("json")
		if f.Anonymous && !ok {
			// JSON would lift its fields into the object; a decoder that did
			// not would drop them in silence.
			panic(fmt.Sprintf("op: %v embeds %v; write the fields out", t, f.Type))
		}
		if !ok || tag == "-" || !f.IsExported() {
			continue
		}
		s.byName[strings.Split(tag, ",")[0]] = len(s.fields)
		s.fields = append(s.fields, compileField(t, f, tag, i))
	}
	if len(s.fields) > maxFields {
		panic(fmt.Sprintf("op: %v has over %d fields", t, maxFields))
	}
	return s
}

func compileField(owner reflect.Type, f reflect.StructField, tag string, index int) shapeField {
	name, options, _ := strings.Cut(tag, ",")
	field := shapeField{name: name, doc: f.Tag.Get("doc"), index: index}
	if field.doc == "" {
		panic(fmt.Sprintf("op: %v.%s has no doc tag", owner, f.Name))
	}
	t := f.Type
	if t.Kind() == reflect.Pointer {
		field.pointer, t = true, t.Elem()
	}
	field.elem = compileElement(t)
	field.elem.bounds(f.Tag)
	field.enum = field.elem.enum
	field.defaultText = f.Tag.Get("default")
	omits := strings.Contains(options, "omit")
	field.nullable = field.pointer && !omits
	field.required = !field.pointer && field.defaultText == "" && !omits
	if field.defaultText != "" {
		field.defaultVal = reflect.New(t).Elem()
		if err := field.elem.setText(name, field.defaultText, field.defaultVal); err != nil {
			panic(fmt.Sprintf("op: %v.%s: default: %v", owner, f.Name, err))
		}
	}
	return field
}

func compileElement(t reflect.Type) element {
	e := element{typ: t}
	switch {
	case t == rawType:
		e.kind = kindRaw
	case t.Kind() == reflect.String:
		e.kind = kindString
	case t.Kind() >= reflect.Int && t.Kind() <= reflect.Int64:
		e.kind = kindInt
	case t.Kind() >= reflect.Uint && t.Kind() <= reflect.Uint64:
		e.kind = kindUint
	case t.Kind() == reflect.Float64:
		e.kind = kindFloat
	case t.Kind() == reflect.Bool:
		e.kind = kindBool
	case t.Kind() == reflect.Struct:
		e.kind, e.nested = kindStruct, compileShape(t)
	case t.Kind() == reflect.Slice:
		item := compileElement(t.Elem())
		e.kind, e.item = kindSlice, &item
	case t.Kind() == reflect.Map && t.Key().Kind() == reflect.String:
		item := compileElement(t.Elem())
		e.kind, e.item = kindMap, &item
	default:
		panic(fmt.Sprintf("op: type %v has no JSON form here", t))
	}
	return e
}

// bounds reads the tags that limit a value. Those that speak of text apply to
// the items of a list.
func (e *element) bounds(tag reflect.StructTag) {
	if e.kind == kindSlice {
		e.minLen, e.maxLen = intTag(tag, "minItems"), intTag(tag, "maxItems")
		e.item.bounds(tag)
		return
	}
	e.min, e.max = floatTag(tag, "minimum"), floatTag(tag, "maximum")
	e.minLen, e.maxLen = intTag(tag, "minLength"), intTag(tag, "maxLength")
	e.format = tag.Get("format")
	e.rawKind = tag.Get("type")
	if p := tag.Get("pattern"); p != "" {
		e.pattern = regexp.MustCompile(p)
	}
	if names := tag.Get("enum"); names != "" {
		e.enum = strings.Split(names, ",")
	}
	if e.rawKind != "" && (e.kind != kindRaw || e.rawKind != "number" && e.rawKind != "object") {
		panic(fmt.Sprintf("op: tag type %q", e.rawKind))
	}
	if e.format != "" && formats[e.format] == nil {
		panic(fmt.Sprintf("op: unknown format %q", e.format))
	}
}

func intTag(tag reflect.StructTag, name string) int {
	text := tag.Get(name)
	if text == "" {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		panic(fmt.Sprintf("op: tag %s: %v", name, err))
	}
	return n
}

func floatTag(tag reflect.StructTag, name string) *float64 {
	text := tag.Get(name)
	if text == "" {
		return nil
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		panic(fmt.Sprintf("op: tag %s: %v", name, err))
	}
	return &n
}

// defaultOf returns the default, a list as a copy of its own: the handler may
// change what it is given.
func (f *shapeField) defaultOf() reflect.Value {
	if f.elem.kind != kindSlice {
		return f.defaultVal
	}
	return reflect.AppendSlice(reflect.MakeSlice(f.defaultVal.Type(), 0, f.defaultVal.Len()), f.defaultVal)
}

func (s *shape) field(name string) *shapeField {
	if i, ok := s.byName[name]; ok {
		return &s.fields[i]
	}
	return nil
}

func (s *shape) names() []string {
	names := make([]string, len(s.fields))
	for i := range s.fields {
		names[i] = s.fields[i].name
	}
	return names
}

func (f *shapeField) typeName() string { return f.elem.typeName() }

func (e *element) typeName() string {
	switch e.kind {
	case kindString:
		return "string"
	case kindInt, kindUint:
		return "integer"
	case kindFloat:
		return "number"
	case kindBool:
		return "boolean"
	case kindSlice:
		return "array"
	case kindStruct, kindMap:
		return "object"
	case kindRaw:
		if e.rawKind != "" {
			return e.rawKind
		}
	}
	return "any"
}
