package op

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// MaxDepth is how deep an input may nest: far beyond honest data, far below
// what exhausts a stack.
const MaxDepth = 100

// buffer is scratch memory for one decode or hash.
type buffer struct {
	bytes.Buffer
	dec *jsontext.Decoder
}

var buffers = sync.Pool{New: func() any {
	b := &buffer{}
	b.dec = jsontext.NewDecoder(&b.Buffer)
	return b
}}

// maxPooled keeps one large input from holding memory for good.
const maxPooled = 64 << 10

func putBuffer(b *buffer) {
	if b.Cap() <= maxPooled {
		buffers.Put(b)
	}
}

// decode reads the input object and the textual fields into target.
func (s *shape) decode(input []byte, params []Param, target reflect.Value) error {
	var seen uint64
	if len(input) > 0 {
		if err := s.decodeInput(input, target, &seen); err != nil {
			return err
		}
	}
	if err := s.decodeParams(params, target, &seen); err != nil {
		return err
	}
	return s.complete("", target, seen)
}

func (s *shape) decodeInput(input []byte, target reflect.Value, seen *uint64) error {
	if err := checkDepth(input); err != nil {
		return err
	}
	b := buffers.Get().(*buffer)
	defer putBuffer(b)
	b.Reset()
	b.Write(input)
	b.dec.Reset(&b.Buffer)
	if kind := b.dec.PeekKind(); kind != '{' && kind != 0 {
		return Errorf(CodeInvalidInput, "the input must be a JSON object, not %s", kindName(kind)).
			WithHint("send the fields as one object, as in %s", s.sketch())
	}
	if err := s.decodeObject(b.dec, "", target, seen); err != nil {
		return err
	}
	if _, err := b.dec.ReadToken(); !errors.Is(err, io.EOF) {
		return Errorf(CodeInvalidJSON, "something follows the JSON object").WithHint("send one JSON object and nothing else")
	}
	return nil
}

// checkDepth looks at brackets only; whether they match is the decoder's work.
func checkDepth(input []byte) error {
	depth, inString := 0, false
	for i := 0; i < len(input); i++ {
		switch c := input[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			if depth++; depth > MaxDepth {
				return Errorf(CodeInvalidJSON, "the JSON nests deeper than %d levels", MaxDepth).
					WithHint("flatten it, or store deep structures as a blob")
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return nil
}

func (s *shape) decodeObject(dec *jsontext.Decoder, path string, target reflect.Value, seen *uint64) error {
	if _, err := dec.ReadToken(); err != nil {
		return syntaxError(err)
	}
	for dec.PeekKind() == '"' {
		raw, err := dec.ReadValue()
		if err != nil {
			return syntaxError(err)
		}
		index, err := s.lookup(raw, path)
		if err != nil {
			return err
		}
		f := &s.fields[index]
		*seen |= 1 << index
		value := target.Field(f.index)
		if f.pointer {
			value.Set(reflect.New(f.elem.typ))
			value = value.Elem()
		}
		if err := f.elem.decodeValue(dec, path, f.name, value); err != nil {
			return err
		}
	}
	if _, err := dec.ReadToken(); err != nil {
		return syntaxError(err)
	}
	return nil
}

// lookup finds the field of a quoted name, without allocating for a plain one.
func (s *shape) lookup(raw jsontext.Value, path string) (int, error) {
	if i, ok := s.byName[string(raw[1:len(raw)-1])]; ok {
		return i, nil
	}
	name := unquote(raw)
	if i, ok := s.byName[name]; ok {
		return i, nil
	}
	return 0, s.unknown(join(path, name), name)
}

func (s *shape) unknown(field, name string) *Error {
	e := &Error{
		Code: CodeUnknownField, Field: field,
		Detail: fmt.Sprintf("unknown field %q%s", clip(field), Suggest(name, s.names())),
	}
	if len(s.fields) == 0 {
		return e.WithHint("this takes no fields")
	}
	return e.WithHint("the fields are %s", strings.Join(s.names(), ", "))
}

func unquote(raw jsontext.Value) string {
	text, err := jsontext.AppendUnquote(nil, []byte(raw))
	if err != nil {
		return string(raw)
	}
	return string(text)
}

// join builds a field's dotted path. Paths are made only when an element is
// decoded under a parent, so flat inputs pay nothing.
func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// decodeValue decodes one value. The field is path and name, joined only when
// an error names it.
func (e *element) decodeValue(dec *jsontext.Decoder, path, name string, target reflect.Value) error {
	switch e.kind {
	case kindStruct, kindSlice, kindMap:
		return e.decodeComposite(dec, join(path, name), target)
	}
	raw, err := dec.ReadValue()
	if err != nil {
		return syntaxError(err)
	}
	if e.kind == kindRaw {
		if err := e.setRaw(raw, target); err != nil {
			return fieldError(join(path, name), err)
		}
		return nil
	}
	if err := e.decodeScalar(raw, target); err != nil {
		return fieldError(join(path, name), err)
	}
	return nil
}

// setRaw keeps a value as given.
func (e *element) setRaw(raw jsontext.Value, target reflect.Value) error {
	kind := raw.Kind()
	if e.rawKind == "number" && kind != '0' || e.rawKind == "object" && kind != '{' {
		return fmt.Errorf("must be %s, not %s", article(e.rawKind), kindName(kind))
	}
	target.SetBytes(bytes.Clone(raw))
	return nil
}

func (e *element) decodeComposite(dec *jsontext.Decoder, field string, target reflect.Value) error {
	want := jsontext.Kind('{')
	if e.kind == kindSlice {
		want = '['
	}
	if kind := dec.PeekKind(); kind != want {
		if kind == 0 {
			_, err := dec.ReadToken()
			return syntaxError(err)
		}
		return Invalid(field, "%s must be %s, not %s", field, article(e.typeName()), kindName(kind))
	}
	switch e.kind {
	case kindStruct:
		var seen uint64
		if err := e.nested.decodeObject(dec, field, target, &seen); err != nil {
			return err
		}
		return e.nested.complete(field, target, seen)
	case kindSlice:
		return e.decodeSlice(dec, field, target)
	}
	return e.decodeMap(dec, field, target)
}

func (e *element) decodeSlice(dec *jsontext.Decoder, field string, target reflect.Value) error {
	if _, err := dec.ReadToken(); err != nil {
		return syntaxError(err)
	}
	list := reflect.MakeSlice(target.Type(), 0, 4)
	for i := 0; dec.PeekKind() != ']'; i++ {
		if e.maxLen > 0 && i >= e.maxLen {
			return e.checkCount(field, i+1)
		}
		item := reflect.New(e.item.typ).Elem()
		if err := e.item.decodeValue(dec, "", field+"["+strconv.Itoa(i)+"]", item); err != nil {
			return err
		}
		list = reflect.Append(list, item)
	}
	if _, err := dec.ReadToken(); err != nil {
		return syntaxError(err)
	}
	if err := e.checkCount(field, list.Len()); err != nil {
		return err
	}
	target.Set(list)
	return nil
}

// checkCount holds a list to its bounds.
func (e *element) checkCount(field string, n int) error {
	switch {
	case e.maxLen > 0 && n > e.maxLen:
		return Invalid(field, "%s has more than %d items", field, e.maxLen).WithHint("send them in several calls")
	case n < e.minLen && e.minLen == 1:
		return Invalid(field, "%s must not be empty", field).WithHint("give it one item at least")
	case n < e.minLen:
		return Invalid(field, "%s needs at least %d items, got %d", field, e.minLen, n).WithHint("give it more items")
	}
	return nil
}

func (e *element) decodeMap(dec *jsontext.Decoder, field string, target reflect.Value) error {
	if _, err := dec.ReadToken(); err != nil {
		return syntaxError(err)
	}
	m := reflect.MakeMap(target.Type())
	for dec.PeekKind() == '"' {
		raw, err := dec.ReadValue()
		if err != nil {
			return syntaxError(err)
		}
		name := unquote(raw)
		item := reflect.New(e.item.typ).Elem()
		if err := e.item.decodeValue(dec, field, name, item); err != nil {
			return err
		}
		m.SetMapIndex(reflect.ValueOf(name).Convert(target.Type().Key()), item)
	}
	if _, err := dec.ReadToken(); err != nil {
		return syntaxError(err)
	}
	target.Set(m)
	return nil
}

// decodeScalar decodes a string, number or boolean and checks its bounds.
func (e *element) decodeScalar(raw jsontext.Value, target reflect.Value) error {
	kind := raw.Kind()
	switch {
	case e.kind == kindString && kind == '"':
		return e.setString(unquote(raw), target)
	case e.kind == kindBool && (kind == 't' || kind == 'f'):
		target.SetBool(kind == 't')
		return nil
	case kind == '0' && (e.kind == kindInt || e.kind == kindUint || e.kind == kindFloat):
		return e.setNumber(string(raw), target)
	}
	return fmt.Errorf("must be %s, not %s", article(e.typeName()), kindName(kind))
}

func (e *element) setString(text string, target reflect.Value) error {
	if err := e.checkString(text); err != nil {
		return err
	}
	target.SetString(text)
	return nil
}

func (e *element) checkString(text string) error {
	if len(e.enum) > 0 {
		for _, name := range e.enum {
			if text == name {
				return nil
			}
		}
		return fmt.Errorf("must be one of %s, not %q%s", strings.Join(e.enum, ", "), clip(text), Suggest(text, e.enum))
	}
	if !utf8.ValidString(text) {
		return errors.New("must be valid UTF-8")
	}
	if e.format != "" {
		return formats[e.format](text)
	}
	n := utf8.RuneCountInString(text)
	switch {
	case n < e.minLen && e.minLen == 1:
		return errors.New("must not be empty")
	case n < e.minLen:
		return fmt.Errorf("must have at least %d characters, not %d", e.minLen, n)
	case e.maxLen > 0 && n > e.maxLen:
		return fmt.Errorf("must have at most %d characters, not %d", e.maxLen, n)
	case e.pattern != nil && !e.pattern.MatchString(text):
		return fmt.Errorf("must match %s, and %q does not", e.pattern, clip(text))
	}
	return nil
}

func (e *element) setNumber(text string, target reflect.Value) error {
	var number float64
	switch e.kind {
	case kindInt:
		n, err := strconv.ParseInt(text, 10, target.Type().Bits())
		if err != nil {
			return fmt.Errorf("must be a whole number in range, not %s", clip(text))
		}
		target.SetInt(n)
		number = float64(n)
	case kindUint:
		n, err := strconv.ParseUint(text, 10, target.Type().Bits())
		if err != nil {
			return fmt.Errorf("must be a whole number of at least 0 in range, not %s", clip(text))
		}
		target.SetUint(n)
		number = float64(n)
	default:
		n, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return fmt.Errorf("must be a number in range, not %s", clip(text))
		}
		target.SetFloat(n)
		number = n
	}
	if e.min != nil && number < *e.min {
		return fmt.Errorf("must be at least %v, not %s", *e.min, clip(text))
	}
	if e.max != nil && number > *e.max {
		return fmt.Errorf("must be at most %v, not %s", *e.max, clip(text))
	}
	return nil
}

// complete sets defaults and asks for what is required.
func (s *shape) complete(path string, target reflect.Value, seen uint64) error {
	for i := range s.fields {
		f := &s.fields[i]
		if seen&(1<<i) != 0 {
			continue
		}
		if f.required {
			field := join(path, f.name)
			return Invalid(field, "missing required field %q", field).WithHint("%s: %s", f.name, f.doc)
		}
		if f.defaultText != "" && !f.pointer {
			target.Field(f.index).Set(f.defaultOf())
		}
	}
	return nil
}

func fieldError(field string, err error) error {
	var e *Error
	if !errors.As(err, &e) {
		return Invalid(field, "%s %s", field, err.Error())
	}
	if e.Field != "" {
		return e // it names a part of the field
	}
	c := *e
	c.Field = field
	return &c
}

// syntaxError turns the JSON library's error into ours.
func syntaxError(err error) error {
	var syntactic *jsontext.SyntacticError
	switch {
	case errors.Is(err, jsontext.ErrDuplicateName):
		field, name := "", ""
		if errors.As(err, &syntactic) {
			field, name = dotted(syntactic.JSONPointer), syntactic.JSONPointer.LastToken()
		}
		return &Error{
			Code: CodeInvalidJSON, Field: field,
			Detail: fmt.Sprintf("the name %q stands twice in one object", clip(name)),
			Hint:   "send each name once",
		}
	case errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF):
		return Errorf(CodeInvalidJSON, "the JSON ends too early").WithHint("send one complete JSON object")
	case errors.As(err, &syntactic):
		return Errorf(CodeInvalidJSON, "the input is not valid JSON at byte %d: %s",
			syntactic.ByteOffset, strings.TrimPrefix(syntactic.Err.Error(), "jsontext: ")).
			WithHint("send one JSON object, encoded as UTF-8 (RFC 8259)")
	}
	return Errorf(CodeInvalidJSON, "the input is not valid JSON").WithHint("send one JSON object")
}

// dotted writes a JSON pointer as fields are named in errors: items[3].key.
func dotted(pointer jsontext.Pointer) string {
	path := ""
	for token := range pointer.Tokens() {
		if _, err := strconv.ParseUint(token, 10, 32); err == nil && path != "" {
			path += "[" + token + "]"
			continue
		}
		path = join(path, token)
	}
	return path
}

func kindName(kind jsontext.Kind) string {
	switch kind {
	case 'n':
		return "null"
	case 't', 'f':
		return "a boolean"
	case '"':
		return "a string"
	case '0':
		return "a number"
	case '{':
		return "an object"
	case '[':
		return "an array"
	}
	return "something that is no JSON"
}

func article(typeName string) string {
	if strings.ContainsRune("aeio", rune(typeName[0])) {
		return "an " + typeName
	}
	return "a " + typeName
}

// clip shortens text that is quoted in an error.
func clip(text string) string {
	const limit = 60
	if len(text) <= limit {
		return text
	}
	cut := limit
	for cut > 0 && !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + "…"
}

// sketch shows the required fields as an object.
func (s *shape) sketch() string {
	var parts []string
	for i := range s.fields {
		if s.fields[i].required {
			parts = append(parts, fmt.Sprintf("%q: …", s.fields[i].name))
		}
	}
	return "{" + strings.Join(parts, ", ") + "}"
}
