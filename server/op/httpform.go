package op

import (
	"net/url"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/jsonschema-go/jsonschema"
)

// httpRequest writes an input as the HTTP request that carries it, in the form
// people know from a terminal.
func httpRequest(o *Operation, input, server string) string {
	path, query := o.Path, url.Values{}
	body := ordered{}
	text := ""
	params := o.PathParams()
	for _, m := range exampleMembers(input) {
		value := m.value.(jsontext.Value)
		switch {
		case slices.Contains(params, m.name):
			path = fillPath(path, m.name, plainText(value), query)
		case m.name == o.BodyText:
			text = plainText(value)
		case o.HasBody():
			body = body.with(m.name, value)
		default:
			query.Set(m.name, plainText(value))
		}
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	line := o.Method + " " + server + path
	if len(body) == 0 {
		if text != "" {
			line += "\n\n" + text
		}
		return line
	}
	encoded, err := Encode(body)
	if err != nil {
		return line
	}
	return line + "\n" + string(encoded)
}

// fillPath puts a value into a path as one encoded segment. "." and ".." would
// be taken for steps, so they go as a query parameter.
func fillPath(path, name, value string, query url.Values) string {
	for _, placeholder := range []string{"/{" + name + "...}", "/{" + name + "}"} {
		if !strings.Contains(path, placeholder) {
			continue
		}
		if value == "." || value == ".." {
			query.Set(name, value)
			return strings.Replace(path, placeholder, "", 1)
		}
		return strings.Replace(path, placeholder, "/"+url.PathEscape(value), 1)
	}
	return path
}

// plainText is a value as a query or a path carries it: text without quotes,
// a list of plain values with commas, anything else as its JSON.
func plainText(value jsontext.Value) string {
	if value.Kind() == '"' {
		return unquote(value)
	}
	if value.Kind() != '[' {
		return string(value)
	}
	dec := jsontext.NewDecoder(strings.NewReader(string(value)))
	if _, err := dec.ReadToken(); err != nil {
		return string(value)
	}
	var parts []string
	for dec.PeekKind() != ']' {
		item, err := dec.ReadValue()
		if err != nil || item.Kind() == '[' || item.Kind() == '{' {
			return string(value)
		}
		parts = append(parts, plainText(item))
	}
	if slices.ContainsFunc(parts, func(p string) bool { return strings.Contains(p, ",") || strings.HasPrefix(p, "[") }) {
		return string(value)
	}
	return strings.Join(parts, ",")
}

// bare is a schema without descriptions, for a type in a narrow column.
func bare(s *jsonschema.Schema) *jsonschema.Schema {
	if s == nil {
		return nil
	}
	c := *s
	c.Description = ""
	c.Items = bare(s.Items)
	if len(s.Properties) > 0 {
		c.Properties = map[string]*jsonschema.Schema{}
		for name, p := range s.Properties {
			c.Properties[name] = bare(p)
		}
	}
	return &c
}
