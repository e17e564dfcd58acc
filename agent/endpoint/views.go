package endpoint

import "fazt/server/op"

// Names of the tools that stand for the whole registry.
const (
	toolFind = "op_find"
	toolRun  = "op_run"
)

// views are the default tools, in the order in which they are learnt. Each
// call makes new ones, since an endpoint completes them.
func views() []*tool {
	return []*tool{
		viewFind(), viewRun(), viewStatus(),
		viewKVGet(), viewKVSet(),
		viewDocFind(), viewDocPut(), viewDocUpdate(), viewBlobPut(),
		viewTabOpen(), viewTabLook(), viewTabDo(),
		viewCode(), viewRunGet(), viewRecipeSave(),
	}
}

// Fields that several views have.
func appField() field {
	return field{name: "app", kind: "string", about: "app id", required: true}
}

func limitField() field { return field{name: "limit", kind: "integer", about: "rows, default 20"} }

func cursorField() field {
	return field{name: "cursor", kind: "string", about: "from next: of the answer before"}
}

func waitField(about string) field { return field{name: "wait_s", kind: "integer", about: about} }

// through is a view whose arguments are an operation's input as they are.
func through(operation string) func(*call) *answer {
	return func(c *call) *answer {
		in := c.arguments.input(c.tool.fieldNames()...)
		return c.perform(request{operation: operation, input: jsonInput(in)}, c.nextPage(in))
	}
}

// nextPage makes the call of the tool itself for the next page.
func (c *call) nextPage(args object) func(cursor string) string {
	return func(cursor string) string {
		if o := c.tool.operation; o != nil {
			return invoke(o.Name, append(args.without(c.pageField(o.Name)), member{c.pageField(o.Name), cursor}))
		}
		return invoke(c.tool.name, append(args.without("cursor"), member{"cursor", cursor}))
	}
}

// pageField is where an operation takes the next_cursor of the page before: feeds
// have a since.
func (c *call) pageField(operation string) string {
	if !c.has(operation, "cursor") && c.has(operation, "since") {
		return "since"
	}
	return "cursor"
}

func viewStatus() *tool {
	return &tool{
		name: "system_status", needs: []string{"system_status"}, effect: op.Read,
		about:  "How the server is: health, capacity, what is connected. With app: that app's map (collections and their fields, keys, files, recipes); ask for it before you work in an app.",
		fields: []field{{name: "app", kind: "string", about: "app id"}},
		run:    runStatus,
	}
}

// runStatus asks how the server is, or, with app, for that app's map alone.
func runStatus(c *call) *answer {
	app := c.arguments.string("app")
	operation := statusOperation
	if app != "" && !c.has(statusOperation, "app") {
		operation = "app_get"
	}
	a := c.perform(request{operation: operation, input: jsonInput(c.arguments.input("app"))}, c.nextPage(nil))
	list, _ := members(a.value)
	if shown := find(list, "app"); app != "" && shown.Kind() == '{' {
		a.data = string(shown)
	}
	return a
}

func viewKVGet() *tool {
	return &tool{
		name: "kv_get", needs: []string{"kv_get", "kv_list"}, effect: op.Read,
		about: "Read one key, or list the keys under a prefix (no key, no prefix: all keys).",
		fields: []field{
			appField(),
			{name: "key", kind: "string", about: "read this key"},
			{name: "prefix", kind: "string", about: "list keys that begin so"},
			limitField(), cursorField(),
		},
		run: runKVGet,
	}
}

func runKVGet(c *call) *answer {
	if c.arguments["key"] == nil {
		in := c.arguments.input("app", "prefix", "cursor", "limit")
		if c.arguments["limit"] == nil {
			in = append(in, member{"limit", defaultRows})
		}
		return c.perform(request{operation: "kv_list", input: jsonInput(in)}, c.nextPage(c.arguments.input("app", "prefix", "limit")))
	}
	if c.arguments["prefix"] != nil {
		return c.invalid(op.Invalid("prefix", "give key or prefix, not both"))
	}
	return c.perform(request{operation: "kv_get", input: jsonInput(c.arguments.input("app", "key"))}, c.nextPage(nil))
}

// defaultRows is how many rows a list shows unless the caller says: enough to
// see what is there, few enough to read.
const defaultRows = 20

func viewKVSet() *tool {
	return &tool{
		name: "kv_set", needs: []string{"kv_set"}, effect: op.Write, again: true,
		about: "Store any JSON value under a key; it replaces what was there.",
		fields: []field{
			appField(),
			{name: "key", kind: "string", about: "the key", required: true},
			{name: "value", kind: "any", about: "any JSON value, kept as given", required: true},
			{name: "ttl_ms", kind: "integer", about: "gone after so many ms"},
			{name: "create_only", kind: "boolean", about: "fail if the key exists"},
			{name: "if_version", kind: "integer", about: "fail unless the key is at this version", zero: true},
		},
		run: runKVSet,
	}
}

// runKVSet refuses if_version 0, which clients also send to say nothing: taken
// as "must not exist" it would fail their writes, taken as nothing it would
// overwrite what the caller meant to keep.
func runKVSet(c *call) *answer {
	version := c.arguments["if_version"]
	if blank(version) && len(version) > 0 {
		if !c.arguments.bool("create_only") {
			return c.invalid(op.Invalid("if_version", "if_version 0 is not taken here").
				WithHint("leave it out, or say create_only: true to store only when there is no such key"))
		}
		delete(c.arguments, "if_version")
	}
	in := c.arguments.input("app", "key", "value", "ttl_ms", "create_only", "if_version")
	return c.perform(request{operation: "kv_set", input: jsonInput(in)}, c.nextPage(nil))
}
