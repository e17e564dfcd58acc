// Package endpoint serves the Model Context Protocol: Streamable HTTP at /mcp
// and /mcp/readonly, in the revisions 2026-07-28 and 2025-11-25, and the
// bridge that carries it over standard input and output.
//
// # Model
//
// Tools are views over the operations of an [op.Registry]: a default tool has
// an input of its own, made for models, and every other operation is reached
// through op_run or named in ?toolsets=. A view whose operations are not
// registered is left out of the list. Each call ends in [op.Registry.Call] with
// the face "mcp", so rights, admission, confirmation and audit are those of
// every other face.
//
// An answer is one text block that holds everything, at most [MaxAnswer] bytes;
// ?structured=1 adds the same as structured content. What was stored by anyone,
// or read from a page, stands between « and », with these marks escaped inside.
//
// Resources are reads with an address (resources.go): how the server is, an
// app's map, and the whole of an answer that was cut. Prompts (prompts.go) are
// tasks that people begin from their client's menu. Both are shown to those who
// may make the calls behind them.
//
// # Protocol
//
// mcp-go speaks the protocol; the files front.go, reply.go, session.go and
// fault.go stand around it and hold what it lacks: checks of origin, host and
// size, a response writer that loses no notification and keeps streams alive,
// sessions that belong to a principal, and error codes. Sessions exist only for
// clients that can be asked something (elicitation or sampling); every other
// call stands alone, so that a restart breaks nobody.
//
// # Concurrency
//
// An Endpoint serves any number of requests. [Endpoint.Close] ends listeners at
// once, waits for calls, and leaves no goroutine.
//
// # Errors
//
// A call that fails answers isError with what happened, whether anything was
// done, and one next call. JSON-RPC errors are for faults of the protocol.
//
// # Testing
//
// Golden transcripts are in testdata/transcripts; `go test -update` writes them.
// Clients that others wrote run against an Endpoint in tests, and the
// conformance suite runs against the fixtures ([Options.Fixtures]).
package endpoint
