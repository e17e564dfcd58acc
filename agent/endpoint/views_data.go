package endpoint

import (
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"fazt/server/op"
)

func collectionField() field {
	return field{name: "collection", kind: "string", about: "collection", required: true}
}

func filterField() field {
	return field{name: "filter", kind: "object", about: `MongoDB style, {"age":{"$gt":30}}`}
}

func viewDocFind() *tool {
	return &tool{
		name: "doc_find", needs: []string{"doc_find"}, effect: op.Read,
		about: "Find documents: a table of rows.",
		fields: []field{
			appField(), collectionField(), filterField(),
			{name: "fields", kind: "array", about: "only these fields"},
			{name: "sort", kind: "array", about: `["-age","name"]`},
			limitField(), cursorField(),
		},
		run: runDocFind,
	}
}

func runDocFind(c *call) *answer {
	args := c.arguments.input("app", "collection", "filter", "fields", "sort", "limit")
	in := c.arguments.input("app", "collection", "filter", "fields", "sort", "limit", "cursor")
	if c.arguments["limit"] == nil {
		in = append(in, member{"limit", defaultRows})
	}
	return c.perform(request{operation: "doc_find", input: jsonInput(in)}, c.nextPage(args))
}

func viewDocPut() *tool {
	return &tool{
		name: "doc_put", needs: []string{"doc_insert", "doc_replace"}, effect: op.Write,
		about: "Store 1 to 20 documents. One with an id replaces the document of that id.",
		fields: []field{
			appField(), collectionField(),
			{name: "docs", kind: "array", about: "JSON objects", required: true},
			{name: "create_only", kind: "boolean", about: "fail if an id exists"},
		},
		run: runDocPut,
	}
}

// maxDocs is what a model writes out by hand; more is a file's job.
const maxDocs = 20

// runDocPut stores the documents in the order given: those without an id, and
// all with create_only, are inserted, neighbours in one batch; the others are
// replaced one by one.
func runDocPut(c *call) *answer {
	docs, _ := elements(c.arguments["docs"])
	if len(docs) == 0 || len(docs) > maxDocs {
		return c.invalid(op.Invalid("docs", "docs has %s, and may have 1 to %d", plural(len(docs), "document"), maxDocs).
			WithHint("import many from a file with csv_import, or insert them with code_run"))
	}
	var extra *answer
	var stored []jsontext.Value
	for at := 0; at < len(docs); {
		r, n := c.storeNext(docs[at:])
		a := c.perform(r, c.nextPage(nil))
		if a.failed {
			a.tail = strings.Replace(a.tail, "Nothing was changed.", "That one was not stored.", 1)
			a.tail = strings.TrimSpace(batchLine(at+1, len(docs)) + "\n" + a.tail)
			return a
		}
		stored = append(stored, storedItems(a.value)...)
		at += n
		if extra == nil {
			extra = a.extra
		}
	}
	return storedAnswer(extra, stored)
}

// storeNext is the call for the first documents, and how many it stores.
func (c *call) storeNext(docs []jsontext.Value) (request, int) {
	place := c.arguments.input("app", "collection")
	n := 0
	for n < len(docs) && c.inserts(docs[n]) {
		n++
	}
	if n > 0 {
		return request{operation: "doc_insert", input: jsonInput(append(place, member{"docs", docs[:n]}))}, n
	}
	list, _ := members(docs[0])
	return request{operation: "doc_replace", input: jsonInput(append(place, member{"id", find(list, "id")}, member{"doc", docs[0]}))}, 1
}

func (c *call) inserts(doc jsontext.Value) bool {
	list, _ := members(doc)
	return find(list, "id") == nil || c.arguments.bool("create_only")
}

// storedItems are the ids and versions that an insert or a replace answered.
func storedItems(value jsontext.Value) []jsontext.Value {
	list, _ := members(value)
	if items, ok := elements(find(list, "items")); ok {
		return items
	}
	return []jsontext.Value{value}
}

func storedAnswer(extra *answer, stored []jsontext.Value) *answer {
	return &answer{
		head: "ok doc_put: " + plural(len(stored), "document") + " stored",
		data: strings.Join(newTable(stored).lines(), "\n"), extra: extra,
		value: jsontext.Value(mustJSON(object{{"items", stored}})),
	}
}

func viewDocUpdate() *tool {
	return &tool{
		name: "doc_update", needs: []string{"doc_update_many", "doc_delete_many"}, effect: op.Destructive,
		about: "Update or delete the documents that a filter finds, in one batch. Try it with dry_run.",
		fields: []field{
			appField(), collectionField(), filterField(),
			{name: "update", kind: "object", about: `{"$set":{"paid":true}}`},
			{name: "delete", kind: "boolean", about: "delete them instead"},
			{name: "all", kind: "boolean", about: "needed to change every document"},
			{name: "dry_run", kind: "boolean", about: "count, change nothing"},
			{name: "confirm", kind: "string", about: "the exact name that was asked for"},
		},
		run: runDocUpdate,
	}
}

func runDocUpdate(c *call) *answer {
	update, remove := c.arguments["update"] != nil, c.arguments.bool("delete")
	if update == remove {
		return c.invalid(op.Invalid("update", "give either update or delete: true"))
	}
	operation := "doc_update_many"
	if remove {
		operation = "doc_delete_many"
	}
	in := c.arguments.input("app", "collection", "filter", "update", "all")
	r := request{operation: operation, input: jsonInput(in), envelope: op.Envelope{
		DryRun: c.arguments.bool("dry_run"), Confirm: c.arguments.string("confirm"),
	}}
	examples := c.examples()
	a := c.perform(r, c.nextPage(nil))
	if !a.failed && examples != "" {
		a.tail = strings.TrimSpace(a.tail + "\nthree of them before: «" + fence(examples) + "»")
	}
	if r.envelope.DryRun && !a.failed {
		a.next = invoke(c.tool.name, c.arguments.input("app", "collection", "filter", "update", "delete", "all"))
	}
	return a
}

// maxExamples are enough to see whether a filter finds what was meant.
const maxExamples = 3

// examples are a few of the documents that a filter finds.
func (c *call) examples() string {
	in := append(c.arguments.input("app", "collection", "filter"), member{"limit", maxExamples})
	value, err := c.read("doc_find", in)
	if err != nil {
		return ""
	}
	list, _ := members(value)
	items, _ := elements(find(list, "items"))
	if len(items) == 0 {
		return ""
	}
	return limited(string(find(list, "items")), maxLine/2)
}

func viewBlobPut() *tool {
	return &tool{
		name: "blob_put", needs: []string{"blob_put"}, effect: op.Write, again: true,
		about: "Store a file: text up to 20 kB, or, without text, get a one-time upload command for any file.",
		fields: []field{
			appField(),
			{name: "key", kind: "string", about: "name; site/… is the app's site", required: true},
			{name: "text", kind: "string", about: "content", zero: true},
			{name: "path", kind: "string", about: `"@./file", with fazt mcp only`},
			{name: "type", kind: "string", about: "media type"},
		},
		run: runBlobPut,
	}
}

const (
	// maxText is what a model may write out; more goes around it.
	maxText = 20_000
	// uploadTicket makes a one-time address for bytes.
	uploadTicket = "blob_upload"
)

func runBlobPut(c *call) *answer {
	if c.arguments["path"] != nil {
		return c.invalid(op.Invalid("path", "only the bridge, fazt mcp, reads local files").
			WithHint("leave path and text out to get an upload command"))
	}
	if content := c.arguments["text"]; content != nil && (c.exchange.files || len(c.arguments.string("text")) <= maxText) {
		return c.perform(request{operation: "blob_put", input: jsonInput(c.arguments.input("app", "key", "text", "type"))}, c.nextPage(nil))
	}
	if _, ok := c.endpoint.options.Registry.Lookup(uploadTicket); !ok {
		return c.invalid(op.Errorf(op.CodeTooLarge, "text has over %d bytes, and this server gives no upload address", maxText).
			WithHint("store it in parts"))
	}
	return c.uploadCommand()
}

// uploadCommand is what a shell runs, so that bytes never pass the model.
func (c *call) uploadCommand() *answer {
	r := request{operation: uploadTicket, input: jsonInput(c.arguments.input("app", "key", "type"))}
	result, err := c.do(r)
	if err != nil {
		return c.failure(r, err)
	}
	list, _ := members(result.JSON)
	address, _ := stringOf(find(list, "url"))
	return &answer{
		head:  "ok blob_put: nothing is stored yet; upload the file with this command, once, within 10 minutes",
		tail:  fmt.Sprintf("curl -fsST FILE %s", fence(address)),
		value: result.JSON,
	}
}
