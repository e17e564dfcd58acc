// Package op is the core of fazt: one definition of each operation, and the
// one door through which every call of it goes.
//
// # Model
//
// An [Operation] is a name, a scope, an effect, an HTTP binding and a typed
// handler. It is built once with [Define] and kept in a [Registry]. Every face
// (HTTP, MCP, the command line, the ES module, a recipe) turns what it received
// into a [Request] and calls [Registry.Call], which looks up, authorises,
// admits, decodes, replays, confirms, approves, handles and records, in that
// order. So a rule that holds on one face holds on all.
//
// The definition is also the source of everything written about an operation:
// input and output schemas, the OpenAPI document, the typed client, the
// reference page, command line flags and MCP tools are projections of it.
//
// # Inputs
//
// A handler takes a struct. At registration the struct is compiled into a
// decoder that knows every field, its bounds and whether it may be left out
// (see [Define] for the tags), and that decodes strictly: exact case, no unknown and
// no duplicate names, valid UTF-8, nesting of at most [MaxDepth], and null only
// where null is a value. Handlers never see the wire.
//
// # Concurrency
//
// A Registry may be read and called from any goroutine; operations may be
// added and removed while it serves (recipes are). An Operation never changes
// after Define.
//
// # Errors
//
// Every error a caller sees is an [*Error] with a [Code], the same on every
// face. Anything else a handler returns is an internal fault: it is recorded
// with its cause and answered as [CodeInternal] without text.
//
// # Testing
//
// Call needs no network and no database: give the Registry the ports
// [AdmitAll], [RecordNone] and [ApproveAll], or ports of the test's own.
package op
