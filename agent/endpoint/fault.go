package endpoint

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

// fault is an error of the protocol, with the code that its revision gives it;
// mcp-go answers -32603 for whatever a handler returns.
type fault struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
	Data    any    `json:"data,omitempty"`
}

func (f *fault) Error() string { return f.Message }

func (f *fault) encode(id json.RawMessage) []byte {
	if len(id) == 0 {
		id = json.RawMessage("null")
	}
	data, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": id, "error": f})
	if err != nil {
		return []byte(`{"jsonrpc":"2.0","id":null,"error":{"code":-32603,"message":"the error could not be encoded"}}`)
	}
	return data
}

// status follows 2026-07-28, which maps these codes to 400; before it, every
// JSON-RPC answer was 200.
func (f *fault) status(m *message) int {
	if m.modern() {
		return http.StatusBadRequest
	}
	return http.StatusOK
}

// invalidParams is a fault in what a protocol message carries.
func invalidParams(text string) *fault { return &fault{Code: mcp.INVALID_PARAMS, Message: text} }

// missingCapability says what the client would have to declare.
func missingCapability(names ...string) *fault {
	required := map[string]any{}
	for _, name := range names {
		required[name] = map[string]any{}
	}
	return &fault{
		Code: mcp.MISSING_REQUIRED_CLIENT_CAPABILITY, Message: "the client did not declare a capability that this needs",
		Data: map[string]any{"requiredCapabilities": required},
	}
}

// noteFault is mcp-go's error hook: it gives our faults back their code, and a
// missing resource its address.
func noteFault(ctx context.Context, _ any, method mcp.MCPMethod, msg any, err error) {
	x := from(ctx)
	if x == nil {
		return
	}
	var f *fault
	switch {
	case errors.As(err, &f):
		x.reply.fail(f)
	case method == mcp.MethodResourcesRead && errors.Is(err, server.ErrResourceNotFound):
		read, ok := msg.(*mcp.ReadResourceRequest)
		if !ok {
			return
		}
		code := mcp.RESOURCE_NOT_FOUND
		if x.message.modern() {
			code = mcp.INVALID_PARAMS
		}
		x.reply.fail(&fault{Code: code, Message: "no such resource", Data: map[string]any{"uri": read.Params.URI}})
	}
}
