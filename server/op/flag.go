package op

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/jsonschema-go/jsonschema"
)

// flag is one flag of a command.
type flag struct {
	name    string // without dashes
	meta    string // what stands for its value in help; "" for a switch
	doc     string
	field   string // the input field it sets; "" for the envelope
	boolean bool
	list    bool // may be repeated
	set     func(p *flagParser, value string) error
}

func (f *flag) invalid(format string, args ...any) *Error {
	return Invalid(f.field, "--%s %s", f.name, fmt.Sprintf(format, args...))
}

func (f *flag) usage() string {
	if f.meta == "" {
		return "--" + f.name
	}
	return "--" + f.name + " " + f.meta
}

// flags lists an operation's flags: its fields in order, then the envelope.
func (o *Operation) flags() []*flag {
	var list []*flag
	for _, f := range o.Fields() {
		list = append(list, fieldFlag(f))
		switch f.Type {
		case "any":
			list = append(list, textFlag(f), fileFlag(f, "-text-file"))
		case "string":
			if len(f.Enum) == 0 {
				list = append(list, fileFlag(f, "-file"))
			}
		}
	}
	return append(list, envelopeFlags(o)...)
}

func (o *Operation) flagNames() string {
	var names []string
	for _, f := range o.flags() {
		if !strings.HasSuffix(f.name, "-file") {
			names = append(names, "--"+f.name)
		}
	}
	return strings.Join(names, " ")
}

func fieldFlag(f Field) *flag {
	flag := &flag{name: flagName(f.Name), doc: f.Doc, field: f.Name, meta: metaOf(f)}
	switch f.Type {
	case "boolean":
		flag.boolean, flag.meta = true, ""
		flag.set = func(p *flagParser, value string) error { return setBoolean(p, flag, value) }
	case "array":
		flag.list = true
		flag.set = func(p *flagParser, value string) error { return addItems(p, flag, f.Schema.Items, value) }
	case "string":
		flag.set = func(p *flagParser, value string) error { return setText(p, flag, value) }
	case "integer", "number":
		flag.set = func(p *flagParser, value string) error { return setNumber(p, flag, f.Type, value) }
	default:
		flag.set = func(p *flagParser, value string) error { return setJSON(p, flag, f.Type, value) }
	}
	return flag
}

func metaOf(f Field) string {
	switch {
	case len(f.Enum) > 0:
		return strings.Join(f.Enum, "|")
	case f.Type == "any" || f.Type == "object":
		return "JSON|@file|-"
	case f.Type == "array":
		return strings.ToUpper(flagName(f.Name)) + ",…"
	case f.Type == "integer" || f.Type == "number":
		return "N"
	}
	return strings.ToUpper(flagName(f.Name))
}

// textFlag gives a field of any JSON a string without quotes.
func textFlag(f Field) *flag {
	flag := &flag{name: flagName(f.Name) + "-text", meta: "TEXT", doc: "the same, as a string without quotes", field: f.Name}
	flag.set = func(p *flagParser, value string) error { return setText(p, flag, value) }
	return flag
}

// fileFlag reads a text from a file.
func fileFlag(f Field, suffix string) *flag {
	flag := &flag{name: flagName(f.Name) + suffix, meta: "FILE|-", doc: "the same, read from a file", field: f.Name}
	flag.set = func(p *flagParser, value string) error {
		if value != "-" {
			value = "@" + strings.TrimPrefix(value, "@")
		}
		content, err := p.read(flag, value)
		if err != nil {
			return err
		}
		return setText(p, flag, string(content))
	}
	return flag
}

func envelopeFlags(o *Operation) []*flag {
	key := &flag{name: "idempotency-key", meta: "KEY", doc: "apply the call once for this key; repeated, it answers the first result"}
	key.set = func(p *flagParser, value string) error { p.env.IdempotencyKey = value; return nil }
	dry := &flag{name: "dry-run", doc: "report what would happen and change nothing", boolean: true}
	dry.set = func(p *flagParser, value string) (err error) { p.env.DryRun, err = parseSwitch(dry, value); return err }
	confirm := &flag{name: "confirm", meta: "NAME", doc: "the exact name that the operation asks to be repeated"}
	confirm.set = func(p *flagParser, value string) error { p.env.Confirm = value; return nil }
	return []*flag{key, dry, confirm}
}

func parseSwitch(f *flag, value string) (bool, error) {
	if value != "true" && value != "false" {
		return false, f.invalid("is true or false, not %q", clip(value)).WithHint("write --%s or --%s=false", f.name, f.name)
	}
	return value == "true", nil
}

func setBoolean(p *flagParser, f *flag, value string) error {
	if _, err := parseSwitch(f, value); err != nil {
		return err
	}
	return p.put(f.field, jsontext.Value(value))
}

func setText(p *flagParser, f *flag, value string) error {
	quoted, err := quoteText(f, value)
	if err != nil {
		return err
	}
	return p.put(f.field, quoted)
}

func quoteText(f *flag, value string) (jsontext.Value, error) {
	if !utf8.ValidString(value) {
		return nil, f.invalid("must be valid UTF-8").WithHint("store bytes that are no text as a blob")
	}
	quoted, err := jsontext.AppendQuote(nil, value)
	if err != nil {
		return nil, f.invalid("must be valid UTF-8")
	}
	return quoted, nil
}

func setNumber(p *flagParser, f *flag, kind, value string) error {
	number, err := numberOf(f, kind, value)
	if err != nil {
		return err
	}
	return p.put(f.field, number)
}

// numberOf takes a number as JSON writes it, so that no digit is lost.
func numberOf(f *flag, kind, value string) (jsontext.Value, error) {
	number := jsontext.Value(value)
	if number.Kind() != '0' || !number.IsValid() || strings.TrimSpace(value) != value {
		return nil, f.invalid("must be %s, not %q", article(kind), clip(value))
	}
	return number, nil
}

func setJSON(p *flagParser, f *flag, kind, value string) error {
	parsed, err := jsonOf(p, f, value)
	if err != nil {
		return err
	}
	if kind == "object" && parsed.Kind() != '{' {
		return f.invalid("must be an object, not %s", kindName(parsed.Kind()))
	}
	return p.put(f.field, parsed)
}

// jsonOf reads JSON from the argument, a file or standard input. Neither @…
// nor - alone is JSON, so nothing is ambiguous.
func jsonOf(p *flagParser, f *flag, value string) (jsontext.Value, error) {
	text := []byte(value)
	if value == "-" || strings.HasPrefix(value, "@") {
		var err error
		if text, err = p.read(f, value); err != nil {
			return nil, err
		}
	}
	parsed := jsontext.Value(bytes.TrimSpace(text))
	if parsed.IsValid() {
		return parsed, nil
	}
	e := f.invalid("is no JSON: %s", clip(strings.TrimSpace(string(text))))
	if value == "-" || strings.HasPrefix(value, "@") {
		return nil, e.WithHint("give it a file of one JSON value; a text goes with --%s-text-file FILE", f.name)
	}
	return nil, e.WithHint(`text needs quotes within quotes, as in --%s '"hi"'; or use --%s-text, or @file`, f.name, f.name)
}

func (p *flagParser) read(f *flag, value string) ([]byte, error) {
	if value == "-" {
		if p.stdin {
			return nil, f.invalid("reads standard input, which another flag has read").WithHint("use a file: @file")
		}
		p.stdin = true
		return readAll(f, p.src.Stdin, "standard input")
	}
	name := value[1:]
	file, err := p.src.Open(name)
	if err != nil {
		return nil, f.invalid("cannot read %q: %v", name, err)
	}
	defer file.Close()
	return readAll(f, file, name)
}

func readAll(f *flag, r io.Reader, name string) ([]byte, error) {
	if r == nil {
		return nil, f.invalid("has no %s to read", name)
	}
	content, err := io.ReadAll(io.LimitReader(r, maxFlagSource+1))
	if err != nil {
		return nil, f.invalid("cannot read %s: %v", name, err)
	}
	if len(content) > maxFlagSource {
		return nil, &Error{
			Code: CodeTooLarge, Field: f.field, Detail: fmt.Sprintf("--%s: %s holds over %d bytes", f.name, name, maxFlagSource),
			Hint: "store it as a blob, or send it in several calls",
		}
	}
	return content, nil
}

// addItems adds what one occurrence of a list's flag gives: a JSON array, or
// items parted by commas where they are plain.
func addItems(p *flagParser, f *flag, item *jsonschema.Schema, value string) error {
	kind := "any"
	if item != nil && item.Type != "" {
		kind = item.Type
	}
	plain := kind == "string" || kind == "integer" || kind == "number" || kind == "boolean"
	if strings.HasPrefix(value, "[") || !plain {
		return addJSON(p, f, value)
	}
	p.add(f.field)
	for part := range splitList(value) {
		parsed, err := itemOf(f, kind, part)
		if err != nil {
			return err
		}
		p.add(f.field, parsed)
	}
	return nil
}

func itemOf(f *flag, kind, part string) (jsontext.Value, error) {
	switch kind {
	case "string":
		return quoteText(f, part)
	case "boolean":
		_, err := parseSwitch(f, part)
		return jsontext.Value(part), err
	}
	return numberOf(f, kind, part)
}

func addJSON(p *flagParser, f *flag, value string) error {
	parsed, err := jsonOf(p, f, value)
	if err != nil {
		return err
	}
	if parsed.Kind() != '[' {
		p.add(f.field, parsed)
		return nil
	}
	dec := jsontext.NewDecoder(bytes.NewReader(parsed))
	p.add(f.field)
	if _, err := dec.ReadToken(); err != nil {
		return syntaxError(err)
	}
	for dec.PeekKind() != ']' {
		item, err := dec.ReadValue()
		if err != nil {
			return syntaxError(err)
		}
		p.add(f.field, item.Clone())
	}
	return nil
}
