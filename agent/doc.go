// Package agent is how programs that think work with fazt: over MCP, in live
// tabs, and by recipes.
//
// # Model
//
// An [Agent] ties four parts together, each a package below this one:
//
//   - hub knows every live tab and carries calls to its page; browser opens tabs
//     of our own, by Chromium;
//   - run keeps the catalogue of recipes and carries them out;
//   - endpoint is the MCP face, with its tools over the registry's operations;
//   - approval asks a person before an agent does something wide.
//
// The operations on tabs, grants, recipes, runs and approvals are defined here,
// in ops_*.go, and are thin: what they do is the parts'.
//
// # Lifecycle
//
// New makes the parts and touches nothing outside; a zero Agent can still list
// its operations, for descriptions. Open registers the recipes, so the registry
// must have all operations by then. Close ends MCP calls, then runs, then tabs:
// a run that ends may still want its tab, and a call its run.
//
// # Concurrency
//
// Everything may be used from any goroutine.
//
// # Errors
//
// All errors that callers see are [*op.Error].
//
// # Testing
//
// The parts are tested in their own packages; tests here put them together over
// a real database and a real registry.
package agent
