package endpoint

import (
	"context"
	"encoding/json"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

// The conformance suite calls tools, prompts and resources by fixed names and
// expects fixed answers. They go through the same stack as the real ones.

// fixturePause is the delay that the suite asks for between notifications.
const fixturePause = 50 * time.Millisecond

// Smallest files of their kinds: one red pixel, and silence.
const (
	fixturePNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=="
	fixtureWAV = "UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAAAAA=="
)

type fixture struct {
	name, about string
	schema      string // "" = no arguments
	handle      server.ToolHandlerFunc
}

func fixtureOptions() []server.ServerOption {
	return []server.ServerOption{
		server.WithResourceCapabilities(true, true),
		server.WithPromptCapabilities(true),
		server.WithLogging(),
		server.WithCompletions(),
	}
}

func addFixtures(e *Endpoint) {
	list := append(e.plainFixtures(), e.notifyingFixtures()...)
	list = append(list, e.askingFixtures()...)
	for _, f := range append(list, e.legacyFixtures()...) {
		e.addFixture(f)
	}
	addFixtureLists(e)
}

func (e *Endpoint) addFixture(f fixture) {
	schema := f.schema
	if schema == "" {
		schema = `{"type":"object","properties":{},"additionalProperties":false}`
	}
	e.mcp.AddTool(mcp.Tool{
		Name: f.name, Description: f.about, RawInputSchema: json.RawMessage(schema),
		Annotations: mcp.ToolAnnotation{
			ReadOnlyHint: mcp.ToBoolPtr(true), DestructiveHint: mcp.ToBoolPtr(false),
			IdempotentHint: mcp.ToBoolPtr(true), OpenWorldHint: mcp.ToBoolPtr(false),
		},
	}, f.handle)
}

// constant answers the same content each time.
func constant(content ...mcp.Content) server.ToolHandlerFunc {
	return func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return &mcp.CallToolResult{Content: content}, nil
	}
}

func said(text string) *mcp.CallToolResult {
	return &mcp.CallToolResult{Content: []mcp.Content{mcp.NewTextContent(text)}}
}

func (e *Endpoint) plainFixtures() []fixture {
	image := mcp.NewImageContent(fixturePNG, "image/png")
	return []fixture{
		{name: "test_simple_text", about: "Answers one text", handle: constant(mcp.NewTextContent("This is a simple text response for testing."))},
		{name: "test_image_content", about: "Answers an image", handle: constant(image)},
		{name: "test_audio_content", about: "Answers a sound", handle: constant(mcp.NewAudioContent(fixtureWAV, "audio/wav"))},
		{name: "test_embedded_resource", about: "Answers a resource", handle: constant(mcp.NewEmbeddedResource(mcp.TextResourceContents{
			URI: "test://embedded-resource", MIMEType: "text/plain", Text: "This is an embedded resource content.",
		}))},
		{name: "test_multiple_content_types", about: "Answers text, image and resource", handle: constant(
			mcp.NewTextContent("Multiple content types test:"), image,
			mcp.NewEmbeddedResource(mcp.TextResourceContents{
				URI: "test://mixed-content-resource", MIMEType: "application/json", Text: `{"test":"data","value":123}`,
			}),
		)},
		{name: "test_error_handling", about: "Answers an error", handle: func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			return mcp.NewToolResultError("This tool intentionally returns an error for testing"), nil
		}},
		{name: "json_schema_2020_12_tool", about: "Tool with JSON Schema 2020-12 features", schema: fixtureSchema, handle: constant(mcp.NewTextContent("ok"))},
	}
}

// fixtureSchema holds the keywords that a server must not lose.
const fixtureSchema = `{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object",` +
	`"$defs":{"address":{"$anchor":"addressDef","type":"object","properties":{"street":{"type":"string"},"city":{"type":"string"}}}},` +
	`"properties":{"name":{"type":"string"},"address":{"$ref":"#/$defs/address"},"contactMethod":{"type":"string","enum":["phone","email"]},` +
	`"phone":{"type":"string"},"email":{"type":"string"}},"allOf":[{"anyOf":[{"required":["phone"]},{"required":["email"]}]}],` +
	`"if":{"properties":{"contactMethod":{"const":"phone"}},"required":["contactMethod"]},"then":{"required":["phone"]},` +
	`"else":{"required":["email"]},"additionalProperties":false}`

func (e *Endpoint) notifyingFixtures() []fixture {
	return []fixture{
		{name: "test_tool_with_logging", about: "Logs three lines", handle: logThrice},
		{name: "test_logging_tool", about: "Logs three lines where a level was asked for", handle: logThrice},
		{name: "test_tool_with_progress", about: "Reports progress", handle: reportProgress},
		{name: "test_missing_capability", about: "Needs a client that samples", handle: needSampling},
		{name: "test_trigger_tool_change", about: "Says that the tools changed", handle: e.announce(mcp.MethodNotificationToolsListChanged)},
		{name: "test_trigger_prompt_change", about: "Says that the prompts changed", handle: e.announce(mcp.MethodNotificationPromptsListChanged)},
		{name: "test_trigger_resource_change", about: "Says that test://watched-resource changed", handle: e.announceResource},
	}
}

// logThrice follows the revision: before 2026-07-28 a server logs unless it is
// told not to, since then only what a request asks for.
func logThrice(ctx context.Context, _ mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	info := server.RequestProtocolInfoFromContext(ctx)
	if info != nil && info.Modern && info.LogLevel == "" {
		return said("done, without logs"), nil
	}
	for i, line := range []string{"Tool execution started", "Tool processing data", "Tool execution completed"} {
		if i > 0 && !pause(ctx) {
			break
		}
		from(ctx).reply.notify("notifications/message", map[string]any{"level": "info", "data": line})
	}
	return said("done, with logs"), nil
}

func pause(ctx context.Context) bool {
	select {
	case <-time.After(fixturePause):
		return true
	case <-ctx.Done():
		return false
	}
}

func reportProgress(ctx context.Context, _ mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	x := from(ctx)
	for i, progress := range []int{0, 50, 100} {
		if i > 0 && !pause(ctx) {
			break
		}
		if token := x.message.Params.Meta.ProgressToken; token != nil {
			x.reply.notify("notifications/progress", map[string]any{"progressToken": token, "progress": progress, "total": 100})
		}
	}
	return said("progress reported"), nil
}

func needSampling(ctx context.Context, _ mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	if capabilities(ctx).Sampling == nil {
		return nil, missingCapability("sampling")
	}
	return said("the client can sample"), nil
}

// capabilities are what the client declared: per request in 2026-07-28, and at
// initialize before.
func capabilities(ctx context.Context) mcp.ClientCapabilities {
	if info := server.RequestProtocolInfoFromContext(ctx); info != nil && info.Modern && info.ClientCapabilities != nil {
		return *info.ClientCapabilities
	}
	session, ok := server.ClientSessionFromContext(ctx).(server.SessionWithClientInfo)
	if !ok || session.SessionID() == "" {
		return mcp.ClientCapabilities{}
	}
	return session.GetClientCapabilities()
}

func (e *Endpoint) announce(method string) server.ToolHandlerFunc {
	return func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		e.mcp.SendNotificationToAllClients(method, nil)
		return said("announced"), nil
	}
}

func (e *Endpoint) announceResource(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	e.watches.updated("test://watched-resource")
	return said("announced"), nil
}
