package endpoint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"fazt/server/op"
)

func jsonInput(in object) jsontext.Value {
	if in == nil {
		return jsontext.Value("{}")
	}
	return jsontext.Value(mustJSON(in))
}

func viewFind() *tool {
	return &tool{
		name: toolFind, effect: op.Read,
		about: "Find operations and recipes by words. Each hit ends with a ready op_run call; an exact name shows all its fields.",
		fields: []field{
			{name: "query", kind: "string", about: "words, or a name; empty lists the areas"},
			{name: "limit", kind: "integer", about: "hits, default 8"},
		},
		run: runFind,
	}
}

// defaultHits are few: the first lines of an answer are those that are read.
const defaultHits = 8

func runFind(c *call) *answer {
	registry := c.endpoint.options.Registry
	query := strings.TrimSpace(c.arguments.string("query"))
	if query == "" {
		return c.areas()
	}
	if o, ok := registry.Lookup(query); ok && c.allows(o) {
		return c.described(o)
	}
	var hits []*op.Operation
	limit := c.arguments.int("limit", defaultHits)
	for _, o := range op.Search(registry, query, 0) {
		if len(hits) < limit && c.allows(o) {
			hits = append(hits, o)
		}
	}
	if len(hits) == 0 {
		return &answer{head: "nothing found for " + line(text(query)), next: invoke(toolFind, object{{"query", ""}}), value: foundJSON(nil)}
	}
	lines := make([]string, len(hits))
	for i, o := range hits {
		lines[i] = c.hit(o)
	}
	return &answer{head: plural(len(hits), "hit"), lines: lines, value: foundJSON(hits)}
}

// allows hides from a read-only address what it would refuse.
func (c *call) allows(o *op.Operation) bool {
	return !c.exchange.variant.readOnly || o.Effect == op.Read
}

// areas are the nouns and their verbs, a line each.
func (c *call) areas() *answer {
	var lines []string
	var recipes int
	last := ""
	for _, o := range c.endpoint.options.Registry.All() {
		switch {
		case !c.allows(o):
		case o.Recipe:
			recipes++
		case o.Noun() != last:
			last = o.Noun()
			lines = append(lines, last+": "+o.Verb())
		default:
			lines[len(lines)-1] += " " + o.Verb()
		}
	}
	a := &answer{head: "operations, as NOUN_VERB", lines: lines, value: foundJSON(nil)}
	if recipes > 0 {
		a.lines = append(a.lines, plural(recipes, "recipe")+": op_run recipe_list")
	}
	a.next = invoke(toolFind, object{{"query", "WORDS"}})
	return a
}

// hit is one line: name, what it does, and the call.
func (c *call) hit(o *op.Operation) string {
	return fmt.Sprintf("%s (%s) %s · %s", o.Name, c.kind(o), summary(o), invoke(toolRun, readyCall(o)))
}

// summary is the operation's own words; those of a recipe were written by
// someone, and are data.
func summary(o *op.Operation) string {
	if o.Recipe {
		return quote(o.Summary)
	}
	return o.Summary
}

// kind says what the operation may do, and whether the caller may.
func (c *call) kind(o *op.Operation) string {
	parts := []string{string(o.Effect)}
	if o.Recipe {
		parts = append([]string{"recipe"}, parts...)
	}
	p := c.exchange.principal
	switch {
	case !p.Scopes.Has(o.Scope):
		parts = append(parts, "you lack "+string(o.Scope))
	case o.PeopleOnly:
		parts = append(parts, "only a person can")
	}
	return strings.Join(parts, ", ")
}

// readyCall is the operation's first example, or its required fields with
// what stands for their values.
func readyCall(o *op.Operation) object {
	args := object{{"name", o.Name}}
	if len(o.Examples) > 0 && jsontext.Value(o.Examples[0].In).IsValid() {
		in := jsontext.Value(o.Examples[0].In)
		_ = in.Compact()
		return append(args, member{"input", in})
	}
	input := object{}
	for _, f := range o.Fields() {
		if f.Required {
			input = append(input, member{f.Name, placeholder(f.Type)})
		}
	}
	return append(args, member{"input", input})
}

// described is everything about one operation.
func (c *call) described(o *op.Operation) *answer {
	lines := []string{}
	if o.Description != "" && !o.Recipe {
		lines = append(lines, o.Description)
	}
	for _, f := range o.Fields() {
		lines = append(lines, fieldLine(o, f))
	}
	if names := outputNames(o); names != "" {
		lines = append(lines, "answers: "+names)
	}
	return &answer{
		head: fmt.Sprintf("%s (%s) %s", o.Name, c.kind(o), summary(o)), lines: lines,
		next: invoke(toolRun, readyCall(o)), value: foundJSON([]*op.Operation{o}),
	}
}

// fieldLine says what a field is. All of a recipe's was written by its author.
func fieldLine(o *op.Operation, f op.Field) string {
	notes := []string{f.Type}
	if f.Required {
		notes = append(notes, "required")
	}
	if f.Default != "" {
		notes = append(notes, "default "+f.Default)
	}
	if len(f.Enum) > 0 {
		notes = append(notes, "one of "+strings.Join(f.Enum, "|"))
	}
	said := strings.TrimRight(fmt.Sprintf("%s (%s) %s", f.Name, strings.Join(notes, ", "), f.Doc), " ")
	if o.Recipe {
		return "- " + quote(said)
	}
	return "- " + line(said)
}

func outputNames(o *op.Operation) string {
	schema := o.OutputSchema()
	if schema == nil {
		return ""
	}
	names := schema.PropertyOrder
	if len(names) == 0 {
		for name := range schema.Properties {
			names = append(names, name)
		}
		slices.Sort(names)
	}
	if o.Recipe {
		return quote(strings.Join(names, ", "))
	}
	return line(strings.Join(names, ", "))
}

// foundJSON is op_find's answer for programs.
func foundJSON(hits []*op.Operation) jsontext.Value {
	items := make([]object, len(hits))
	for i, o := range hits {
		items[i] = object{{"name", o.Name}, {"summary", o.Summary}, {"effect", string(o.Effect)}, {"recipe", o.Recipe}, {"input", mustJSON(o.InputSchema())}}
	}
	return jsontext.Value(mustJSON(object{{"items", items}}))
}

func viewRun() *tool {
	return &tool{
		name: toolRun, effect: op.Destructive, world: true,
		about: "Run any operation or recipe with its own input. Destructive ones say what they would destroy and ask for confirm.",
		fields: []field{
			{name: "name", kind: "string", about: "operation or recipe", required: true},
			{name: "input", kind: "object", about: "its input, see op_find"},
			{name: "mode", kind: "string", about: "ui: carried out in a live page where a person can watch", enum: []string{"api", "ui"}},
			{name: "dry_run", kind: "boolean", about: "say what would happen, change nothing"},
			{name: "confirm", kind: "string", about: "the exact name that was asked for"},
			{name: "idempotency_key", kind: "string", about: "run once for this key"},
			{name: "tab", kind: "string", about: "with ui: the tab to act in"},
			waitField("recipes: wait so long for the end, default 20"),
		},
		run: runRun,
	}
}

func runRun(c *call) *answer {
	name := c.arguments.string("name")
	r := request{
		operation: name, input: c.arguments["input"], tab: c.arguments.string("tab"),
		mode: op.Mode(c.arguments.string("mode")),
		envelope: op.Envelope{
			DryRun: c.arguments.bool("dry_run"), Confirm: c.arguments.string("confirm"),
			IdempotencyKey: c.arguments.string("idempotency_key"),
		},
	}
	if r.input == nil {
		r.input = jsontext.Value("{}")
	}
	o, err := c.endpoint.options.Registry.Find(name)
	if err != nil {
		return c.failure(r, err)
	}
	if refused := c.refusal(o, r); refused != nil {
		return refused
	}
	if o.Recipe && c.has(runRecipe, "wait_s") {
		return c.performRecipe(r)
	}
	return c.perform(r, func(cursor string) string {
		list, _ := members(r.input)
		r.input = withMember(list, c.pageField(r.operation), cursor)
		return invoke(toolRun, runArguments(r))
	})
}

// refusal is what op_run cannot carry out, and where it can be had.
func (c *call) refusal(o *op.Operation, r request) *answer {
	switch {
	case !c.allows(o):
		return &answer{
			failed: true, head: fmt.Sprintf("error forbidden: %s may %s, and this address only reads", o.Name, o.Effect),
			tail: "Nothing was run. The address without /readonly has it.",
		}
	case o.Bytes || o.Streams:
		return &answer{
			failed: true, head: fmt.Sprintf("error unsupported_type: %s answers a stream of bytes or events, which does not go through a model", o.Name),
			tail: fmt.Sprintf("Nothing was run. A program gets it with %s %s", o.Method, fence(c.link(o, r.input))),
		}
	}
	return nil
}

// runRecipe starts a recipe and waits for it a while.
const runRecipe = "recipe_run"

// performRecipe runs a recipe by the operation that answers its run, so that a
// long one goes on after the answer.
func (c *call) performRecipe(r request) *answer {
	in := object{{"name", r.operation}, {"input", r.input}}
	if r.mode != "" {
		in = append(in, member{"mode", string(r.mode)})
	}
	if r.tab != "" {
		in = append(in, member{"tab", r.tab})
	}
	in = append(in, member{"wait_s", c.arguments.int("wait_s", defaultWait)})
	return c.perform(request{operation: runRecipe, input: jsonInput(in), envelope: r.envelope}, c.nextPage(nil))
}

// defaultWait is in seconds: what every client known bears.
const defaultWait = 20

// operationTool is an operation as a tool of its own, for ?toolsets=.
func operationTool(o *op.Operation) *tool {
	about := o.Summary + "."
	if o.Description != "" {
		about += " " + o.Description
	}
	return &tool{
		name: o.Name, about: about, effect: o.Effect, again: o.Idempotent,
		world: strings.HasPrefix(o.Name, "tab_"), operation: o,
	}
}

// runOperationTool takes the envelope out of the arguments; the rest is the
// operation's input, which it checks itself.
func (c *call) runOperationTool() *answer {
	r := request{operation: c.tool.operation.Name}
	var names []string
	for _, f := range c.tool.operation.Fields() {
		names = append(names, f.Name)
	}
	r.envelope = op.Envelope{
		DryRun: c.arguments.bool("dry_run"), Confirm: c.arguments.string("confirm"),
		IdempotencyKey: c.arguments.string("idempotency_key"),
	}
	rest := c.arguments.input(names...)
	for _, name := range c.arguments.others(append(names, "dry_run", "confirm", "idempotency_key")) {
		rest = append(rest, member{name, c.arguments[name]}) // the operation names the field meant
	}
	r.input = jsonInput(rest)
	return c.perform(r, c.nextPage(rest))
}

// others are the arguments that are not among the names, sorted.
func (args arguments) others(names []string) []string {
	var list []string
	for name := range args {
		if !slices.Contains(names, name) {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return list
}

func operationSchema(o *op.Operation) []byte { return op.ToolSchema(o) }
