package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"regexp"
	"slices"
	"sort"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"fazt/server/op"
)

type typesCommand struct {
	App string `required:"" help:"The app." placeholder:"APP"`
}

// typesSample is how many documents tell of a collection without a schema.
const typesSample = 500

// Run prints one type for each collection: as its schema says, else as its
// documents are.
func (c typesCommand) Run(ctx context.Context, std *streams, registry *op.Registry) error {
	client, err := newAPIClient(std)
	if err != nil {
		return err
	}
	var list struct {
		Items []struct {
			Collection string         `json:"collection"`
			Schema     jsontext.Value `json:"schema"`
		} `json:"items"`
	}
	if err := client.ask(ctx, registry, "collection_list", map[string]any{"app": c.App, "limit": 1000}, &list); err != nil {
		return err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "// The documents of the app %s, as fazt types wrote them down.\n", c.App)
	names := []string{}
	used := map[string]bool{}
	for _, item := range list.Items {
		shape, from := shapeOfSchema(item.Schema), "its schema"
		if shape == nil {
			from = "its documents"
			if shape, err = sampled(ctx, client, registry, c.App, item.Collection); err != nil {
				return err
			}
		}
		shape.add("id", &tsType{texts: []string{"string"}}, true)
		name := typeName(item.Collection, used)
		fmt.Fprintf(&b, "\n/** A document of %s, from %s. */\nexport type %s = %s;\n", item.Collection, from, name, shape.render(""))
		names = append(names, fmt.Sprintf("  %q: %s;", item.Collection, name))
	}
	fmt.Fprintf(&b, "\n/** The collections by their names. */\nexport type Collections = {\n%s\n};\n", strings.Join(names, "\n"))
	_, err = io.WriteString(std.out, b.String())
	return err
}

func sampled(ctx context.Context, client *apiClient, registry *op.Registry, app, collection string) (*tsType, error) {
	var page struct {
		Items []struct {
			Doc jsontext.Value `json:"doc"`
		} `json:"items"`
	}
	input := map[string]any{"app": app, "collection": collection, "limit": typesSample}
	if err := client.ask(ctx, registry, "doc_find", input, &page); err != nil {
		return nil, err
	}
	all := &tsType{fields: []*tsField{}}
	for i, item := range page.Items {
		all.take(typeOfValue(item.Doc), i == 0)
	}
	return all, nil
}

// tsType is a TypeScript type in the making: a union of words, of one object
// and of one array.
type tsType struct {
	texts  []string
	fields []*tsField // nil = no object
	item   *tsType    // nil = no array
}

type tsField struct {
	name   string
	always bool
	of     *tsType
}

func (t *tsType) field(name string) *tsField {
	for _, f := range t.fields {
		if f.name == name {
			return f
		}
	}
	return nil
}

// add sets a field in front of the others.
func (t *tsType) add(name string, of *tsType, always bool) {
	t.fields = slices.DeleteFunc(t.fields, func(f *tsField) bool { return f.name == name })
	t.fields = append([]*tsField{{name, always, of}}, t.fields...)
}

// take makes t hold what other does too. Fields that one of them lacks may be
// missing; first says that t has seen no object yet.
func (t *tsType) take(other *tsType, first bool) {
	for _, text := range other.texts {
		if !slices.Contains(t.texts, text) {
			t.texts = append(t.texts, text)
		}
	}
	if other.item != nil {
		if t.item == nil {
			t.item = &tsType{}
		}
		t.item.take(other.item, t.item.fields == nil)
	}
	if other.fields == nil {
		return
	}
	if t.fields == nil {
		t.fields = []*tsField{}
	}
	for _, f := range t.fields {
		f.always = f.always && other.field(f.name) != nil
	}
	for _, f := range other.fields {
		mine := t.field(f.name)
		if mine == nil {
			mine = &tsField{name: f.name, always: first && f.always, of: &tsType{}}
			t.fields = append(t.fields, mine)
		}
		mine.of.take(f.of, mine.of.fields == nil)
	}
}

func typeOfValue(v jsontext.Value) *tsType {
	switch v.Kind() {
	case '{':
		t := &tsType{fields: []*tsField{}}
		list, err := members(v)
		if err != nil {
			return &tsType{texts: []string{"unknown"}}
		}
		for _, m := range list {
			t.fields = append(t.fields, &tsField{m.name, true, typeOfValue(m.value)})
		}
		return t
	case '[':
		t := &tsType{item: &tsType{}}
		var items []jsontext.Value
		if json.Unmarshal(v, &items) != nil {
			return &tsType{texts: []string{"unknown"}}
		}
		for _, item := range items {
			t.item.take(typeOfValue(item), t.item.fields == nil)
		}
		return t
	}
	return &tsType{texts: []string{map[jsontext.Kind]string{'"': "string", '0': "number", 't': "boolean", 'f': "boolean", 'n': "null"}[v.Kind()]}}
}

var plainName = regexp.MustCompile(`^[A-Za-z_$][A-Za-z0-9_$]*$`)

func (t *tsType) render(indent string) string {
	parts := slices.Clone(t.texts)
	if t.fields != nil {
		parts = append(parts, t.object(indent))
	}
	if t.item != nil {
		item := t.item.render(indent)
		if strings.Contains(item, " | ") {
			item = "(" + item + ")"
		}
		parts = append(parts, item+"[]")
	}
	if len(parts) == 0 {
		return "unknown"
	}
	sort.SliceStable(parts, func(i, j int) bool { return parts[i] != "null" && parts[j] == "null" })
	return strings.Join(parts, " | ")
}

func (t *tsType) object(indent string) string {
	if len(t.fields) == 0 {
		return "{ [name: string]: unknown }"
	}
	var b bytes.Buffer
	b.WriteString("{\n")
	for _, f := range t.fields {
		name, mark := f.name, "?"
		if !plainName.MatchString(name) {
			quoted, err := jsontext.AppendQuote(nil, name)
			if err != nil {
				continue
			}
			name = string(quoted)
		}
		if f.always {
			mark = ""
		}
		fmt.Fprintf(&b, "%s  %s%s: %s;\n", indent, name, mark, f.of.render(indent+"  "))
	}
	b.WriteString(indent + "}")
	return b.String()
}

// typeName is a collection's name as a type's, each only once.
func typeName(collection string, used map[string]bool) string {
	var b strings.Builder
	for word := range strings.FieldsFuncSeq(collection, func(r rune) bool { return r == '_' || r == '-' }) {
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	name := b.String()
	if name == "" || name[0] >= '0' && name[0] <= '9' {
		name = "C" + name
	}
	for base, n := name, 2; used[name] || name == "Collections"; n++ {
		name = fmt.Sprintf("%s%d", base, n)
	}
	used[name] = true
	return name
}
