package storage

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// valueKind is a JSON type. The order is MongoDB's comparison order of types.
type valueKind uint8

const (
	kindNull valueKind = iota + 1
	kindNumber
	kindString
	kindObject
	kindArray
	kindBool
)

// value is a JSON value in memory. A nil *value is a missing one. The text of
// a number and the order of members stay as they were given.
type value struct {
	kind  valueKind
	yes   bool     // of a boolean
	num   number   // of a number
	text  string   // of a string; of a number as given
	names []string // of an object
	list  []value  // an object's members or an array's elements
}

// MaxDepth is how deep a document, filter or update may be nested.
const MaxDepth = 100

// parseValue reads one JSON value, checked in every respect: UTF-8, names
// given once, depth.
func parseValue(field string, raw []byte) (value, error) {
	if len(raw) > 4*MaxValueBytes {
		return value{}, tooLarge(field, "%d bytes are too many: at most %d", len(raw), MaxValueBytes)
	}
	if !jsontext.Value(raw).IsValid() {
		return value{}, invalid(field, "not one JSON value in valid UTF-8 whose names are given once")
	}
	p := valueParser{text: string(raw)}
	v := p.value(0)
	if p.deep {
		return value{}, invalid(field, "nested deeper than %d", MaxDepth)
	}
	return v, nil
}

// storedValue reads what was checked before it was stored.
func storedValue(raw []byte) value {
	p := valueParser{text: string(raw)}
	return p.value(0)
}

// valueParser reads text that is known to be valid JSON.
type valueParser struct {
	text string
	at   int
	deep bool
}

func (p *valueParser) space() {
	for p.at < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.at]) >= 0 {
		p.at++
	}
}

func (p *valueParser) value(depth int) value {
	p.space()
	if depth > MaxDepth {
		p.deep = true
		p.at = len(p.text)
	}
	if p.at >= len(p.text) {
		return value{kind: kindNull}
	}
	switch c := p.text[p.at]; c {
	case '{':
		return p.object(depth)
	case '[':
		return p.array(depth)
	case '"':
		return value{kind: kindString, text: p.string()}
	case 'n':
		p.at += len("null")
		return value{kind: kindNull}
	case 't':
		p.at += len("true")
		return value{kind: kindBool, yes: true}
	case 'f':
		p.at += len("false")
		return value{kind: kindBool}
	}
	return p.number()
}

func (p *valueParser) object(depth int) value {
	v := value{kind: kindObject}
	for p.at++; p.next('}'); {
		v.names = append(v.names, p.string())
		p.space()
		p.at++ // the colon
		v.list = append(v.list, p.value(depth+1))
	}
	return v
}

func (p *valueParser) array(depth int) value {
	v := value{kind: kindArray}
	for p.at++; p.next(']'); {
		v.list = append(v.list, p.value(depth+1))
	}
	return v
}

// next moves to the next element, or behind the end.
func (p *valueParser) next(end byte) bool {
	p.space()
	if p.at < len(p.text) && p.text[p.at] == ',' {
		p.at++
		p.space()
	}
	if p.at >= len(p.text) {
		return false
	}
	if p.text[p.at] == end {
		p.at++
		return false
	}
	return true
}

func (p *valueParser) string() string {
	start := p.at
	for p.at++; p.text[p.at] != '"'; p.at++ {
		if p.text[p.at] == '\\' {
			p.at++
		}
	}
	p.at++
	quoted := p.text[start:p.at]
	if strings.IndexByte(quoted, '\\') < 0 {
		return quoted[1 : len(quoted)-1]
	}
	plain, err := jsontext.AppendUnquote(nil, quoted)
	if err != nil {
		return strings.ToValidUTF8(quoted, string(utf8.RuneError))
	}
	return string(plain)
}

func (p *valueParser) number() value {
	start := p.at
	for p.at < len(p.text) && strings.IndexByte(",]} \t\r\n", p.text[p.at]) < 0 {
		p.at++
	}
	return numberValue(p.text[start:p.at])
}

// numberValue reads a number for comparing: exact as an integer of 64 bits,
// else as a 64-bit float. Its text stays as given.
func numberValue(text string) value {
	v := value{kind: kindNumber, text: text}
	if i, err := strconv.ParseInt(text, 10, 64); err == nil {
		v.num = number{integer: true, i: i}
		return v
	}
	v.num.f, _ = strconv.ParseFloat(text, 64) // out of range is an infinity
	if f := v.num.f; f == float64(int64(f)) && f > -1<<53 && f < 1<<53 {
		v.num = number{integer: true, i: int64(f)} // 1.0 is 1
	}
	return v
}

func fromNumber(n number) value {
	if n.integer {
		return value{kind: kindNumber, num: n, text: n.String()}
	}
	return numberValue(n.String())
}

func stringValue(s string) value { return value{kind: kindString, text: s} }

// append writes the value as compact JSON.
func (v *value) append(dst []byte) []byte {
	switch v.kind {
	case kindNumber:
		return append(dst, v.text...)
	case kindString:
		return appendQuoted(dst, v.text)
	case kindBool:
		return strconv.AppendBool(dst, v.yes)
	case kindObject:
		dst = append(dst, '{')
		for i, name := range v.names {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(appendQuoted(dst, name), ':')
			dst = v.list[i].append(dst)
		}
		return append(dst, '}')
	case kindArray:
		dst = append(dst, '[')
		for i := range v.list {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = v.list[i].append(dst)
		}
		return append(dst, ']')
	}
	return append(dst, "null"...)
}

func appendQuoted(dst []byte, s string) []byte {
	out, err := jsontext.AppendQuote(dst, s)
	if err != nil { // not UTF-8, which was checked on the way in
		return strconv.AppendQuote(dst, strings.ToValidUTF8(s, string(utf8.RuneError)))
	}
	return out
}

func (v *value) json() []byte { return v.append(nil) }

// field returns an object's member, nil when it has none of the name.
func (v *value) field(name string) *value {
	if v.kind != kindObject {
		return nil
	}
	for i, n := range v.names {
		if n == name {
			return &v.list[i]
		}
	}
	return nil
}

func (v *value) set(name string, to value) {
	if f := v.field(name); f != nil {
		*f = to
		return
	}
	v.names = append(v.names, name)
	v.list = append(v.list, to)
}

func (v *value) unset(name string) {
	for i, n := range v.names {
		if n == name {
			v.names = append(v.names[:i:i], v.names[i+1:]...)
			v.list = append(v.list[:i:i], v.list[i+1:]...)
			return
		}
	}
}

// clone copies everything that an update could change.
func (v *value) clone() value {
	c := *v
	c.names = append([]string(nil), v.names...)
	if v.list != nil {
		c.list = make([]value, len(v.list))
		for i := range v.list {
			c.list[i] = v.list[i].clone()
		}
	}
	return c
}

// kindName is what MongoDB's $type calls it.
func (k valueKind) String() string {
	switch k {
	case kindNull:
		return "null"
	case kindNumber:
		return "number"
	case kindString:
		return "string"
	case kindObject:
		return "object"
	case kindArray:
		return "array"
	case kindBool:
		return "bool"
	}
	return "missing"
}
