package op

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"
)

// Declarations describes the operations in TypeScript: an interface for each
// input and output, and `Operations`, the tree of calls. It uses the names
// CallOptions and StreamEvent, which whoever includes it declares.
func Declarations(r *Registry) string {
	operations := published(r)
	var b strings.Builder
	for _, o := range operations {
		writeInterface(&b, pascal(o.Name)+"Input", "What "+o.Name+" takes.", o.InputSchema())
		if out := o.OutputSchema(); out != nil {
			writeInterface(&b, pascal(o.Name)+"Output", "What "+o.Name+" answers.", out)
		}
	}
	b.WriteString("/** Every operation, as fazt.noun.verb(input, options). */\nexport interface Operations {\n")
	for _, group := range byNoun(operations) {
		writeNoun(&b, group)
	}
	b.WriteString("}\n")
	return b.String()
}

func writeInterface(b *strings.Builder, name, doc string, schema *jsonschema.Schema) {
	b.WriteString(docComment("", doc))
	if schema.Type != "object" || schema.Properties == nil && schema.AdditionalProperties == nil {
		fmt.Fprintf(b, "export type %s = %s;\n\n", name, typeOf(schema, ""))
		return
	}
	fmt.Fprintf(b, "export interface %s %s\n\n", name, typeOf(schema, ""))
}

// writeNoun writes the calls of one noun. An operation that is a noun alone is
// a call itself, and may have verbs beside it.
func writeNoun(b *strings.Builder, group nounGroup) {
	b.WriteString(docComment("  ", nounTitle(group.Noun)+"."))
	if len(group.Operations) == 1 && group.Operations[0].Verb() == "" {
		o := group.Operations[0]
		b.WriteString(docComment("  ", operationDoc(o)))
		fmt.Fprintf(b, "  %s%s;\n", camel(o.Noun()), signature(o))
		return
	}
	fmt.Fprintf(b, "  %s: {\n", camel(group.Noun))
	for _, o := range group.Operations {
		b.WriteString(docComment("    ", operationDoc(o)))
		fmt.Fprintf(b, "    %s%s;\n", camel(o.Verb()), signature(o))
	}
	b.WriteString("  };\n")
}

// signature is that of a call; without a name it is the noun's own.
func signature(o *Operation) string {
	return fmt.Sprintf("(input%s: %sInput, options?: CallOptions): %s", optionalMark(o), pascal(o.Name), resultType(o))
}

func optionalMark(o *Operation) string {
	for _, f := range o.Fields() {
		if f.Required {
			return ""
		}
	}
	return "?"
}

func resultType(o *Operation) string {
	switch {
	case o.Streams:
		return "AsyncIterable<StreamEvent>"
	case o.Bytes:
		return "Promise<Response>"
	}
	return "Promise<" + pascal(o.Name) + "Output>"
}

func operationDoc(o *Operation) string {
	lines := []string{o.Summary + "."}
	if o.Description != "" {
		lines = append(lines, o.Description)
	}
	if o.TakesBody {
		lines = append(lines, "Its bytes go into options.bytes.")
	}
	lines = append(lines, fmt.Sprintf("%s · needs %s · %s %s", o.Effect, o.Scope, o.Method, o.Path))
	for _, example := range o.Examples {
		lines = append(lines, "@example "+oneLine(example.Title), fmt.Sprintf("await fazt.%s(%s)", o.JSName(), example.In))
	}
	return strings.Join(lines, "\n")
}

// oneLine joins what stands in several lines.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// docComment writes JSDoc. A comment's end within the text would end it early.
func docComment(indent, text string) string {
	text = strings.ReplaceAll(text, "*/", "*\u200b/")
	lines := strings.Split(text, "\n")
	if len(lines) == 1 {
		return indent + "/** " + lines[0] + " */\n"
	}
	return indent + "/**\n" + indent + " * " + strings.Join(lines, "\n"+indent+" * ") + "\n" + indent + " */\n"
}

// typeOf renders a schema as a TypeScript type.
func typeOf(s *jsonschema.Schema, indent string) string {
	switch {
	case s == nil:
		return "unknown"
	case len(s.Enum) > 0:
		return enumType(s.Enum)
	case len(s.Types) > 0:
		return typesOf(s, indent)
	}
	switch s.Type {
	case "string", "boolean", "null":
		return s.Type
	case "integer", "number":
		return "number"
	case "array":
		return arrayOf(typeOf(s.Items, indent))
	case "object":
		return objectType(s, indent)
	}
	return "unknown"
}

// typesOf renders a schema of several types as their union.
func typesOf(s *jsonschema.Schema, indent string) string {
	parts := make([]string, len(s.Types))
	for i, name := range s.Types {
		one := *s
		one.Type, one.Types = name, nil
		parts[i] = typeOf(&one, indent)
	}
	return strings.Join(parts, " | ")
}

func enumType(values []any) string {
	parts := make([]string, len(values))
	for i, value := range values {
		encoded, err := Encode(value)
		if err != nil {
			return "unknown"
		}
		parts[i] = string(encoded)
	}
	return strings.Join(parts, " | ")
}

func arrayOf(item string) string {
	if strings.Contains(item, " | ") && !strings.HasPrefix(item, "{") {
		item = "(" + item + ")"
	}
	return item + "[]"
}

func objectType(s *jsonschema.Schema, indent string) string {
	open := s.AdditionalProperties != nil && s.AdditionalProperties.Not == nil
	if len(s.Properties) == 0 {
		if open {
			return "{ [name: string]: " + typeOf(s.AdditionalProperties, indent) + " }"
		}
		return "{}"
	}
	inner := indent + "  "
	var b strings.Builder
	b.WriteString("{\n")
	for _, name := range schemaOrder(s) {
		property := s.Properties[name]
		if property.Description != "" {
			b.WriteString(docComment(inner, propertyDoc(property)))
		}
		mark := "?"
		for _, required := range s.Required {
			if required == name {
				mark = ""
			}
		}
		fmt.Fprintf(&b, "%s%s%s: %s;\n", inner, memberName(name), mark, typeOf(property, inner))
	}
	b.WriteString(indent + "}")
	return b.String()
}

func propertyDoc(s *jsonschema.Schema) string {
	doc := s.Description
	if s.Default != nil {
		doc += ". Default " + string(s.Default)
	}
	return oneLine(doc)
}

// memberName quotes a name that is no identifier.
func memberName(name string) string {
	for i, c := range name {
		letter := c == '_' || c == '$' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return strconv.Quote(name)
		}
	}
	return name
}
