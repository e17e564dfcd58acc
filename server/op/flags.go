package op

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// FlagSources are where a command's flags may read from.
type FlagSources struct {
	Stdin io.Reader                                // for "-"
	Open  func(path string) (io.ReadCloser, error) // for "@file"
}

// maxFlagSource bounds what a flag may read: more than any input may hold.
const maxFlagSource = 64 << 20

// ParseFlags turns a command's arguments into an operation's input. Each input
// field is a flag, ttl_ms as --ttl-ms or --ttl_ms:
//
//	text      --key TEXT, taken as it is; --key-file FILE reads it ("-" is stdin)
//	number    --limit 10, --if-version 0
//	boolean   --create-only, --create-only=false
//	list      --scopes a,b, or repeated, or a JSON array
//	object    --doc JSON | @file | -
//	any JSON  --value JSON | @file | -, or --value-text TEXT for a string
//
// An operation with one field of any JSON takes a bare @file or - for it. The
// envelope is --idempotency-key, --dry-run and --confirm. The error is an
// [*Error] that names the flag.
func ParseFlags(o *Operation, args []string, src FlagSources) (input []byte, env Envelope, err error) {
	p := &flagParser{o: o, src: src, given: map[string]bool{}, lists: map[string][]jsontext.Value{}}
	for len(args) > 0 {
		if args, err = p.next(args); err != nil {
			return nil, Envelope{}, err
		}
	}
	if err := p.required(); err != nil {
		return nil, Envelope{}, err
	}
	return p.input(), p.env, nil
}

// flagParser gathers an operation's fields from its arguments.
type flagParser struct {
	o     *Operation
	src   FlagSources
	env   Envelope
	given map[string]bool // flags and fields met so far
	order []string        // fields in the order they were given
	lists map[string][]jsontext.Value
	one   map[string]jsontext.Value
	stdin bool // standard input was read
}

// next takes the argument in front, with its value.
func (p *flagParser) next(args []string) ([]string, error) {
	arg, rest := args[0], args[1:]
	name, isFlag := strings.CutPrefix(arg, "--")
	if !isFlag || name == "" {
		return rest, p.bare(arg)
	}
	name, inline, hasInline := strings.Cut(name, "=")
	flag, err := p.flag(name)
	if err != nil {
		return nil, err
	}
	value := inline
	switch {
	case hasInline:
	case flag.boolean:
		value = "true"
		if len(rest) > 0 && (rest[0] == "true" || rest[0] == "false") {
			return nil, flag.invalid("is a switch, and %q would stand alone", rest[0]).WithHint("write --%s=%s", flag.name, rest[0])
		}
	default:
		if value, rest, err = p.value(flag, rest); err != nil {
			return nil, err
		}
	}
	if p.given[flag.name] && !flag.list {
		return nil, flag.invalid("is given twice").WithHint("give --%s once", flag.name)
	}
	p.given[flag.name] = true
	return rest, flag.set(p, value)
}

// value takes the next argument as a flag's value. One that is itself a known
// flag is more likely a value forgotten.
func (p *flagParser) value(flag *flag, rest []string) (string, []string, error) {
	if len(rest) == 0 {
		return "", nil, flag.invalid("needs a value").WithHint("%s", flag.usage())
	}
	if name, ok := strings.CutPrefix(rest[0], "--"); ok {
		name, _, _ = strings.Cut(name, "=")
		if _, err := p.flag(name); err == nil {
			return "", nil, flag.invalid("needs a value before --%s", name).
				WithHint("write --%s=%s if that is the value", flag.name, rest[0])
		}
	}
	return rest[0], rest[1:], nil
}

// bare is an argument without a flag: @file or - for the one field of any JSON.
func (p *flagParser) bare(arg string) error {
	field, ok := p.o.onlyJSON()
	if !ok || arg != "-" && !strings.HasPrefix(arg, "@") {
		return Errorf(CodeInvalidInput, "%q stands without a flag", clip(arg)).WithHint("the flags are %s", p.o.flagNames())
	}
	flag := fieldFlag(field)
	if p.given[field.Name] {
		return flag.invalid("is given twice").WithHint("give it once")
	}
	return flag.set(p, arg)
}

// onlyJSON returns the field of any JSON when there is exactly one.
func (o *Operation) onlyJSON() (Field, bool) {
	var found Field
	n := 0
	for _, f := range o.Fields() {
		if f.Type == "any" {
			found = f
			n++
		}
	}
	return found, n == 1
}

func (p *flagParser) put(field string, value jsontext.Value) error {
	if p.one == nil {
		p.one = map[string]jsontext.Value{}
	}
	if p.given[fieldMark+field] {
		return Invalid(field, "--%s is given twice", flagName(field)).WithHint("give one of its forms, once")
	}
	p.given[fieldMark+field] = true
	p.order = append(p.order, field)
	p.one[field] = value
	return nil
}

// fieldMark tells fields from flags in given: --value and --value-text are two
// flags of one field.
const fieldMark = "field "

func (p *flagParser) add(field string, values ...jsontext.Value) {
	if !p.given[fieldMark+field] {
		p.given[fieldMark+field] = true
		p.order = append(p.order, field)
	}
	p.lists[field] = append(p.lists[field], values...)
}

func (p *flagParser) required() error {
	var missing []string
	for _, f := range p.o.Fields() {
		if f.Required && !p.given[fieldMark+f.Name] {
			missing = append(missing, fmt.Sprintf("--%s (%s)", flagName(f.Name), f.Doc))
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return Errorf(CodeInvalidInput, "missing %s", strings.Join(missing, " and ")).
		WithHint("%s", p.o.usage())
}

// input writes the fields as one object, in the operation's order.
func (p *flagParser) input() []byte {
	names := make([]string, 0, len(p.order))
	for _, f := range p.o.Fields() {
		if p.given[fieldMark+f.Name] {
			names = append(names, f.Name)
		}
	}
	out := []byte{'{'}
	for i, name := range names {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(append(out, strconv.Quote(name)...), ':')
		out = append(out, p.field(name)...)
	}
	return append(out, '}')
}

func (p *flagParser) field(name string) jsontext.Value {
	if value, ok := p.one[name]; ok {
		return value
	}
	out := jsontext.Value{'['}
	for i, item := range p.lists[name] {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, item...)
	}
	return append(out, ']')
}

// flagName is a field's flag without the dashes.
func flagName(field string) string { return strings.ReplaceAll(field, "_", "-") }

// flag finds a flag by its name, with - or _.
func (p *flagParser) flag(name string) (*flag, error) {
	flags := p.o.flags()
	wanted := flagName(name)
	if i := slices.IndexFunc(flags, func(f *flag) bool { return f.name == wanted }); i >= 0 {
		return flags[i], nil
	}
	names := make([]string, len(flags))
	for i, f := range flags {
		names[i] = f.name
	}
	suggestion := ""
	if nearest, ok := Nearest(wanted, names); ok {
		suggestion = fmt.Sprintf(": did you mean --%s?", nearest)
	}
	return nil, Errorf(CodeUnknownField, "%s has no flag --%s%s", p.o.CLIName(), clip(name), suggestion).
		WithHint("the flags are %s", p.o.flagNames())
}
