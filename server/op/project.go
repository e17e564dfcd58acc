package op

import (
	"regexp"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// DocInfo is what documents say of the server that serves them.
type DocInfo struct {
	Title     string // "" is fazt
	Version   string
	ServerURL string // "" is the address the document came from
}

// title returns the title with its default.
func (i DocInfo) title() string {
	if i.Title == "" {
		return "fazt"
	}
	return i.Title
}

// published returns the operations that documents show. Recipes are left out:
// these documents are public, and a recipe's name and text belong to its owner.
func published(r *Registry) []*Operation {
	return slices.DeleteFunc(slices.Clone(r.All()), func(o *Operation) bool { return o.Recipe })
}

// nounGroup is a noun with its operations, in the order of their names.
type nounGroup struct {
	Noun       string
	Operations []*Operation
}

func byNoun(operations []*Operation) []nounGroup {
	var groups []nounGroup
	for _, o := range operations {
		if n := len(groups); n > 0 && groups[n-1].Noun == o.Noun() {
			groups[n-1].Operations = append(groups[n-1].Operations, o)
			continue
		}
		groups = append(groups, nounGroup{Noun: o.Noun(), Operations: []*Operation{o}})
	}
	return groups
}

// nounTitles say what a noun is about, for headings. A noun that is not here
// is shown by its name.
var nounTitles = map[string]string{
	"app": "Apps: the spaces that everything else lives in", "kv": "Keys and values",
	"doc": "Documents", "collection": "Collections of documents", "blob": "Files",
	"site": "Sites: what an app shows at its own host", "change": "What changed, as it changes",
	"token": "Tokens", "recipe": "Recipes: operations written in JavaScript", "run": "Runs of recipes",
	"tab": "Live pages", "approval": "Approvals", "grant": "Grants to look or act in a person's tab",
	"secret": "Secrets", "setting": "Settings", "undo": "Undo", "csv": "Tables as CSV", "export": "Export",
	"import": "Import", "event": "Events", "system": "The system", "capacity": "Capacity: what this machine can carry",
	"code": "Code runs", "batch": "Batches: several writes as one", "operation": "Operations, described",
	"origin": "Origins that may call from a browser",
}

func nounTitle(noun string) string {
	if title, ok := nounTitles[noun]; ok {
		return title
	}
	return noun
}

// camel turns snake_case into camelCase, as the ES module names things.
func camel(name string) string {
	var b strings.Builder
	for i, word := range strings.Split(name, "_") {
		if i > 0 && word != "" {
			word = strings.ToUpper(word[:1]) + word[1:]
		}
		b.WriteString(word)
	}
	return b.String()
}

// pascal turns snake_case into PascalCase, as types are named.
func pascal(name string) string {
	text := camel(name)
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// JSName returns the operation's name in the ES module: doc.findAndUpdate.
func (o *Operation) JSName() string {
	if o.Verb() == "" {
		return camel(o.Noun())
	}
	return camel(o.Noun()) + "." + camel(o.Verb())
}

// CLIName returns the operation's name on the command line: doc find-and-update.
func (o *Operation) CLIName() string {
	return strings.TrimSpace(o.Noun() + " " + strings.ReplaceAll(o.Verb(), "_", "-"))
}

// wildcard is the end of a path parameter that takes the rest of the path.
var wildcard = regexp.MustCompile(`\.\.\.\}`)

// takesRest reports whether a path parameter may hold any text, slashes
// included.
func (o *Operation) takesRest(param string) bool {
	return strings.Contains(o.Path, "{"+param+"...}")
}

// writes reports whether the envelope's key and dry run mean anything.
func (o *Operation) writes() bool { return o.Effect != Read }

// risky reports whether an agent may be asked to repeat a name.
func (o *Operation) risky() bool { return o.risk != nil }

// field returns an input field by name.
func (o *Operation) field(name string) (Field, bool) {
	for _, f := range o.fields {
		if f.Name == name {
			return f, true
		}
	}
	return Field{}, false
}

// ordered is a JSON object that keeps its order, since a document is read by
// people too.
type ordered []member

type member struct {
	name  string
	value any
}

// with returns o with a member added.
func (o ordered) with(name string, value any) ordered { return append(o, member{name, value}) }

// when adds a member only if it says something.
func (o ordered) when(says bool, name string, value any) ordered {
	if !says {
		return o
	}
	return o.with(name, value)
}

// MarshalJSONTo writes the members in order.
func (o ordered) MarshalJSONTo(enc *jsontext.Encoder) error {
	if err := enc.WriteToken(jsontext.BeginObject); err != nil {
		return err
	}
	for _, m := range o {
		if err := enc.WriteToken(jsontext.String(m.name)); err != nil {
			return err
		}
		if err := json.MarshalEncode(enc, m.value); err != nil {
			return err
		}
	}
	return enc.WriteToken(jsontext.EndObject)
}

// inputMembers returns the members of an example's input in order, by name.
func exampleMembers(input string) ordered {
	dec := jsontext.NewDecoder(strings.NewReader(input))
	if _, err := dec.ReadToken(); err != nil {
		return nil
	}
	var list ordered
	for dec.PeekKind() == '"' {
		name, err := dec.ReadToken()
		if err != nil {
			return list
		}
		key := name.String()
		value, err := dec.ReadValue()
		if err != nil {
			return list
		}
		list = list.with(key, value.Clone())
	}
	return list
}

func (o ordered) get(name string) (jsontext.Value, bool) {
	for _, m := range o {
		if value, ok := m.value.(jsontext.Value); ok && m.name == name {
			return value, true
		}
	}
	return nil, false
}
