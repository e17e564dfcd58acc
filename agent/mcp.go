package agent

import (
	"context"
	"io"

	"fazt/agent/endpoint"
)

// BridgeOptions say where [Bridge] leads.
type BridgeOptions = endpoint.BridgeOptions

// Bridge carries MCP between in and out, a JSON-RPC message a line, and a
// server's endpoint: `fazt mcp`.
func Bridge(ctx context.Context, in io.Reader, out io.Writer, o BridgeOptions) error {
	return endpoint.Bridge(ctx, in, out, o)
}

// SkillText is how an agent works with fazt, as a skill file.
func SkillText() string { return endpoint.SkillText() }
