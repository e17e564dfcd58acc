package endpoint

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"fazt/server/op"
)

// Resources are reads with an address: how the server is, an app's map, and the
// whole of an answer that was cut. Each is a call of an operation through the
// registry, with the caller's rights, at the time it is read: an address is no
// authorisation, and nothing is kept for it but what to call.
const (
	uriStatus  = "fazt://status"
	uriMap     = "fazt://apps/{app}/map"
	uriResult  = "fazt://results/{handle}"
	mapPrefix  = "fazt://apps/"
	mapSuffix  = "/map"
	resultRoot = "fazt://results/"
	jsonType   = "application/json"
)

// maxResource bounds what a resource answers; more goes by HTTP.
const maxResource = 4 << 20

// appsOperation lists the apps that a caller sees.
const appsOperation = "app_list"

func resourceOptions() []server.ServerOption {
	return []server.ServerOption{
		server.WithMethodCacheHints(mcp.MethodResourcesList, 0, mcp.CacheScopePrivate), // it follows the apps
		server.WithMethodCacheHints(mcp.MethodResourcesRead, 0, mcp.CacheScopePrivate),
	}
}

// registerResources adds what is the same for every caller.
func (e *Endpoint) registerResources() {
	e.mcp.AddResource(mcp.NewResource(uriStatus, "status", mcp.WithMIMEType(jsonType),
		mcp.WithResourceDescription("How the server is: health, capacity, what is connected")),
		func(ctx context.Context, r mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
			return e.readResource(ctx, r.Params.URI, kept{Operation: statusOperation})
		})
	e.mcp.AddResourceTemplate(mcp.NewResourceTemplate(uriMap, "app map", mcp.WithTemplateMIMEType(jsonType),
		mcp.WithTemplateDescription("What is in an app: collections and their fields, keys, files, recipes")), e.readMap)
	e.mcp.AddResourceTemplate(mcp.NewResourceTemplate(uriResult, "whole result", mcp.WithTemplateMIMEType(jsonType),
		mcp.WithTemplateDescription("The whole of an answer that was cut, for 10 minutes; the answer names its handle")), e.readResult)
}

// listResources adds the maps of the apps that the caller may see to the first
// page. Only ids are shown: titles are text that anybody may have written.
func (e *Endpoint) listResources(ctx context.Context, _ any, r *mcp.ListResourcesRequest, result *mcp.ListResourcesResult) {
	x := from(ctx)
	if x == nil || r.Params.Cursor != "" {
		return
	}
	value, err := e.reading(ctx, x).read(appsOperation, object{})
	if err != nil {
		return // a caller without the right, or of another kind of token, has no maps
	}
	list, _ := members(value)
	items, _ := elements(find(list, "items"))
	for _, item := range items {
		fields, _ := members(item)
		if id, ok := stringOf(find(fields, "id")); ok && appID.MatchString(id) {
			result.Resources = append(result.Resources, mcp.NewResource(mapPrefix+id+mapSuffix, "map of "+id,
				mcp.WithMIMEType(jsonType), mcp.WithResourceDescription("What is in the app "+id)))
		}
	}
}

// appID is what an app's id looks like: no text that says anything.
var appID = regexp.MustCompile(`^[a-z0-9-]{1,63}$`)

// reading is a call that no tool makes.
func (e *Endpoint) reading(ctx context.Context, x *exchange) *call {
	return &call{ctx: ctx, endpoint: e, exchange: x, tool: &tool{name: statusOperation}, requestID: e.requestID()}
}

func (e *Endpoint) readMap(ctx context.Context, r mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
	app := strings.TrimSuffix(strings.TrimPrefix(r.Params.URI, mapPrefix), mapSuffix)
	operation := statusOperation
	if !e.reading(ctx, from(ctx)).has(operation, "app") {
		operation = "app_get"
	}
	return e.readResource(ctx, r.Params.URI, kept{Operation: operation, Input: jsonInput(object{{"app", app}}), Member: "app"})
}

func (e *Endpoint) readResult(ctx context.Context, r mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
	handle := strings.TrimPrefix(r.Params.URI, resultRoot)
	if !strings.HasPrefix(handle, handlePrefix) {
		return nil, resourceFault(from(ctx), r.Params.URI, op.NotFound("resource", "there is no result %q", handle))
	}
	text, err := e.results.cursor(from(ctx).principal.ID, handle)
	if err != nil {
		return nil, resourceFault(from(ctx), r.Params.URI, op.NotFound("resource", "the result %q is unknown or older than 10 minutes", handle).
			WithHint("make the call again that answered this address"))
	}
	k, err := parseKept(text)
	if err != nil {
		return nil, err
	}
	return e.readResource(ctx, r.Params.URI, k)
}

// kept is a read that stands behind an address.
type kept struct {
	Operation string
	Input     jsontext.Value
	Member    string // of its output, "" = all of it
}

// text and parseKept are a kept read as the store of handles has it.
func (k kept) text() string { return k.Operation + " " + string(k.Input) }

func parseKept(text string) (kept, error) {
	operation, input, ok := strings.Cut(text, " ")
	if !ok {
		return kept{}, fmt.Errorf("endpoint: %q is no kept read", text)
	}
	return kept{Operation: operation, Input: jsontext.Value(input)}, nil
}

// keepWhole gives an address to an answer that is longer than may be shown, and
// says so in its cut. Only what can be read again has one.
func (c *call) keepWhole(a *answer, r request, result *op.Result) {
	k := kept{Operation: r.operation, Input: r.input}
	if list, _ := members(result.JSON); isRun(list) {
		k = kept{Operation: "run_get", Input: jsonInput(object{{"run", find(list, "id")}})}
	} else if result.Operation.Effect != op.Read {
		return
	}
	if len(fence(a.data)) <= MaxAnswer-reserve || c.exchange.variant.structured {
		return
	}
	if a.cut == "" {
		a.cut = c.cutNote(r, len(a.data))
	}
	a.cut += "; or read the resource " + resultRoot + c.endpoint.results.handle(c.exchange.principal.ID, k.text())
}

// readResource makes a read, and answers its output as one JSON text.
func (e *Endpoint) readResource(ctx context.Context, uri string, k kept) ([]mcp.ResourceContents, error) {
	x := from(ctx)
	if k.Input == nil {
		k.Input = jsontext.Value("{}")
	}
	result, err := e.reading(ctx, x).do(request{operation: k.Operation, input: k.Input})
	if err != nil {
		return nil, resourceFault(x, uri, op.AsError(err))
	}
	value := result.JSON
	if list, _ := members(value); k.Member != "" && find(list, k.Member).Kind() == '{' {
		value = find(list, k.Member)
	}
	if len(value) > maxResource {
		return nil, resourceFault(x, uri, op.Errorf(op.CodeTooLarge, "it has %d bytes, over %d", len(value), maxResource).
			WithHint("read it in parts, or over HTTP"))
	}
	return []mcp.ResourceContents{mcp.TextResourceContents{URI: uri, MIMEType: jsonType, Text: string(value)}}, nil
}

// resourceFault is an operation's error as the protocol has it: its data has the
// code and the next step, as every other face's answer.
func resourceFault(x *exchange, uri string, e *op.Error) *fault {
	code := mcp.INVALID_PARAMS
	switch {
	case e.Code.Status() >= 500:
		code = mcp.INTERNAL_ERROR
	case e.Code.Status() == 404 && !x.message.modern():
		code = mcp.RESOURCE_NOT_FOUND
	}
	data := problemOf(e)
	data["uri"] = uri
	return &fault{Code: code, Message: e.Detail, Data: data}
}
