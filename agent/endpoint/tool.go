package endpoint

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"sync"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"fazt/server/op"
)

// tool is one entry of a list: a view with an input of its own, or, in a
// toolset, an operation with the operation's input.
type tool struct {
	name   string
	about  string // for models: what it does and when to use it
	fields []field
	needs  []string // operations without which the view is left out
	effect op.Effect
	again  bool // calling it again with the same input changes nothing more
	world  bool // reaches beyond this server
	run    func(*call) *answer
	own    bool // its fields are those of the operation of its name, as far as it has them

	operation *op.Operation // of a toolset's tool
	input     json.RawMessage
	rank      int    // place of a view in the list, from 1
	area      string // of the operation that bears a view's name
}

// field is one argument of a view.
type field struct {
	name     string
	kind     string // string, integer, boolean, object, array or any
	about    string
	required bool
	enum     []string
	zero     bool // 0 and "" mean themselves
}

// schema is flat and closed, without combinators at the root: some clients
// drop a tool, or all tools, over less.
func (t *tool) schema() json.RawMessage {
	if t.operation != nil {
		return operationSchema(t.operation)
	}
	properties := object{}
	var required []string
	for _, f := range t.fields {
		properties = append(properties, member{f.name, f.schema()})
		if f.required {
			required = append(required, f.name)
		}
	}
	root := object{{"type", "object"}, {"properties", properties}}
	if required != nil {
		root = append(root, member{"required", required})
	}
	return mustJSON(append(root, member{"additionalProperties", false}))
}

func (f *field) schema() object {
	var s object
	if f.kind != "any" {
		s = append(s, member{"type", f.kind})
	}
	if f.enum != nil {
		s = append(s, member{"enum", f.enum})
	}
	return append(s, member{"description", f.about})
}

// definition is the tool as a variant lists it. All four hints are set, since
// their defaults claim the worst.
func (t *tool) definition(v *variant) mcp.Tool {
	effect := t.effect
	if v.readOnly {
		effect = op.Read
	}
	d := mcp.Tool{
		Name: t.name, Description: t.about, RawInputSchema: t.input,
		Annotations: mcp.ToolAnnotation{
			ReadOnlyHint:    mcp.ToBoolPtr(effect == op.Read),
			DestructiveHint: mcp.ToBoolPtr(effect == op.Destructive),
			IdempotentHint:  mcp.ToBoolPtr(effect == op.Read || t.again),
			OpenWorldHint:   mcp.ToBoolPtr(t.world),
		},
	}
	if v.structured {
		d.RawOutputSchema = t.outputSchema()
	}
	return d
}

func (t *tool) outputSchema() json.RawMessage {
	if t.operation != nil {
		if schema := t.operation.OutputSchema(); schema != nil && schema.Type == "object" {
			return mustJSON(schema)
		}
	}
	return json.RawMessage(`{"type":"object"}`)
}

// offers reports whether a variant has the tool.
func (v *variant) offers(t *tool) bool {
	switch {
	case v.readOnly && t.effect != op.Read && t.name != toolRun:
		return false // op_run stays, and then runs what reads
	case t.operation != nil:
		return slices.Contains(v.areas, areaOf(t.operation.Scope))
	case v.only:
		// The tool that stands for an operation of the toolset is that tool.
		return t.area != "" && slices.Contains(v.areas, t.area)
	}
	return true
}

// catalogue is every tool of the registry as it is now.
type catalogue struct {
	mu     sync.RWMutex
	count  int // operations that are no recipes, which only grow
	byName map[string]*tool
}

func (c *catalogue) get(name string) (*tool, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	t, ok := c.byName[name]
	return t, ok
}

// knows reports whether the catalogue was built of so many operations.
func (c *catalogue) knows(count int) bool {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.byName != nil && c.count == count
}

// refresh takes in operations that were registered since. Recipes come and go,
// and are no tools: they are reached through op_run.
func (e *Endpoint) refresh() {
	all := e.options.Registry.All()
	count := 0
	for _, o := range all {
		if !o.Recipe {
			count++
		}
	}
	if e.tools.knows(count) {
		return
	}
	e.tools.mu.Lock()
	defer e.tools.mu.Unlock()
	if e.tools.byName != nil && e.tools.count == count {
		return
	}
	e.tools.byName, e.tools.count = e.build(all), count
	list := make([]server.ServerTool, 0, len(e.tools.byName))
	for _, t := range e.tools.byName {
		list = append(list, server.ServerTool{Tool: t.definition(&variant{}), Handler: e.handle})
	}
	e.mcp.AddTools(list...)
}

func (e *Endpoint) build(all []*op.Operation) map[string]*tool {
	byName := map[string]*tool{}
	for i, t := range views() {
		if e.complete(t) {
			t.rank = i + 1
			byName[t.name] = t
		}
	}
	for _, o := range all {
		if _, taken := byName[o.Name]; !taken && !o.Recipe && !o.Bytes && !o.Streams {
			byName[o.Name] = operationTool(o)
		}
	}
	for _, t := range byName {
		t.input = t.schema()
	}
	return byName
}

// complete reports whether all operations of a view are there, and notes the
// area of the one that bears its name.
func (e *Endpoint) complete(t *tool) bool {
	for _, name := range t.needs {
		o, ok := e.options.Registry.Lookup(name)
		if !ok {
			return false
		}
		if name == t.name {
			t.area = areaOf(o.Scope)
			t.keep(o)
		}
	}
	return true
}

// keep drops the fields that the operation does not have (yet).
func (t *tool) keep(o *op.Operation) {
	if !t.own {
		return
	}
	t.fields = slices.DeleteFunc(t.fields, func(f field) bool {
		return !slices.ContainsFunc(o.Fields(), func(of op.Field) bool { return of.Name == f.name })
	})
}

// visible is mcp-go's tool filter: the list of the address asked, and the same
// decision for a call by name.
func (e *Endpoint) visible(ctx context.Context, tools []mcp.Tool) []mcp.Tool {
	x := from(ctx)
	if x == nil {
		return nil
	}
	kept := make([]mcp.Tool, 0, len(tools))
	for _, listed := range tools {
		t, ours := e.tools.get(listed.Name)
		switch {
		case !ours:
			kept = append(kept, listed) // a fixture
		case x.variant.offers(t):
			kept = append(kept, t.definition(x.variant))
		}
	}
	slices.SortStableFunc(kept, func(a, b mcp.Tool) int {
		return cmp.Or(cmp.Compare(e.rank(a.Name), e.rank(b.Name)), cmp.Compare(a.Name, b.Name))
	})
	return kept
}

// maxViews is above the number of default tools.
const maxViews = 100

// rank puts the default tools first, in the order in which they are learnt.
func (e *Endpoint) rank(name string) int {
	if t, ok := e.tools.get(name); ok && t.rank > 0 {
		return t.rank
	}
	return maxViews
}
