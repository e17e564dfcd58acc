package endpoint

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"fazt/server/op"
)

// arguments are a call's, as they came: numbers keep their text, so that a
// 64-bit integer survives.
type arguments map[string]jsontext.Value

// readArguments parses what a client sent.
func readArguments(raw []byte) (arguments, error) {
	args := arguments{}
	if len(raw) == 0 || string(raw) == "null" {
		return args, nil
	}
	if err := json.Unmarshal(raw, &args); err != nil {
		var syntax *jsontext.SyntacticError
		if errors.As(err, &syntax) {
			return nil, op.Errorf(op.CodeInvalidJSON, "the arguments are no valid JSON: %v", syntax)
		}
		return nil, op.Errorf(op.CodeInvalidInput, "the arguments must be a JSON object")
	}
	return args, nil
}

// check makes a view's arguments what its fields say. Clients that fill in
// every optional argument send null, "" or 0 for those they have nothing for,
// and some send an object as a string of JSON.
func (args arguments) check(fields []field) error {
	for name, value := range args {
		i := slices.IndexFunc(fields, func(f field) bool { return f.name == name })
		if i < 0 {
			continue
		}
		f := &fields[i]
		if !f.required && (blank(value) && !f.zero || value.Kind() == 'n') {
			delete(args, name)
			continue
		}
		args[name] = f.unquoted(value)
	}
	if err := args.names(fields); err != nil {
		return err
	}
	for i := range fields {
		if value, ok := args[fields[i].name]; ok {
			if err := fields[i].check(value); err != nil {
				return err
			}
		}
	}
	return nil
}

func blank(value jsontext.Value) bool {
	s := strings.TrimSpace(string(value))
	return s == `""` || s == "0" || s == "null"
}

// names says everything that is missing or unknown in one go.
func (args arguments) names(fields []field) error {
	var faults, allowed []string
	for _, f := range fields {
		allowed = append(allowed, f.name)
		if _, ok := args[f.name]; !ok && f.required {
			faults = append(faults, fmt.Sprintf("missing required argument %q", f.name))
		}
	}
	var unknown []string
	for name := range args {
		if !slices.Contains(allowed, name) {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	for _, name := range unknown {
		faults = append(faults, fmt.Sprintf("unknown argument %q%s (allowed: %s)",
			name, strings.TrimSuffix(op.Suggest(name, allowed), "?"), strings.Join(allowed, ", ")))
	}
	if faults == nil {
		return nil
	}
	return op.Errorf(op.CodeInvalidInput, "%s", strings.Join(faults, "; "))
}

// unquoted parses an argument that came as a string of its JSON.
func (f *field) unquoted(value jsontext.Value) jsontext.Value {
	if f.kind == "string" || f.kind == "any" {
		return value
	}
	s, ok := stringOf(value)
	if !ok {
		return value
	}
	inner := jsontext.Value(s)
	if inner.IsValid() && f.kindOf(inner) == f.kind {
		return inner
	}
	return value
}

func (f *field) check(value jsontext.Value) error {
	got := f.kindOf(value)
	if f.kind != "any" && got != f.kind {
		return op.Invalid(f.name, "argument %q must be %s, and is %s", f.name, article(f.kind), article(got))
	}
	if f.enum == nil {
		return nil
	}
	if s, _ := stringOf(value); !slices.Contains(f.enum, s) {
		return op.Invalid(f.name, "argument %q is %q, and may be %s", f.name, s, strings.Join(f.enum, ", "))
	}
	return nil
}

func (f *field) kindOf(value jsontext.Value) string {
	switch value.Kind() {
	case '"':
		return "string"
	case '{':
		return "object"
	case '[':
		return "array"
	case 't', 'f':
		return "boolean"
	case 'n':
		return "null"
	}
	if _, err := strconv.ParseInt(strings.TrimSpace(string(value)), 10, 64); err == nil {
		return "integer"
	}
	return "number"
}

func article(kind string) string {
	switch kind {
	case "null":
		return kind
	case "integer", "object", "array":
		return "an " + kind
	}
	return "a " + kind
}

// string returns a string argument, "" when it was not given.
func (args arguments) string(name string) string {
	s, _ := stringOf(args[name])
	return s
}

func (args arguments) bool(name string) bool { return string(args[name]) == "true" }

// int returns an integer argument, or otherwise when it was not given.
func (args arguments) int(name string, otherwise int) int {
	n, err := strconv.Atoi(strings.TrimSpace(string(args[name])))
	if err != nil {
		return otherwise
	}
	return n
}

// input makes an operation's input of the arguments named, in that order, and
// leaves out those that were not given.
func (args arguments) input(names ...string) object {
	var in object
	for _, name := range names {
		if value, ok := args[name]; ok {
			in = append(in, member{name, value})
		}
	}
	return in
}
