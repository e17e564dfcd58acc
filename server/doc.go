// Package server is the HTTP side of fazt and the operations over its storage.
//
// # Model
//
// A [Service] holds what the operations of ops_*.go need; its methods are their
// handlers. Each operation is defined once, with its types, beside its handler,
// and [Service.Operations] lists them all. Listing touches no dependency, so
// the zero Service describes the product.
//
// A handler that writes makes one storage.Batch and gives it to
// [Service.Commit], with a function that renders the answer. Commit puts the
// call's audit entry, its idempotency key and its wish for a dry run into that
// batch: what a caller hears, what a repetition hears and what the log holds
// are one commit. Handlers that read ask the DB for one page.
//
// Lists answer {items, next_cursor}; a cursor is bound to the query that it
// was given for. Times are Unix milliseconds, null where there is none.
//
// # Concurrency
//
// Everything here may be used from any goroutine. A long poll gives its permit
// back while it waits, and ends with its context.
//
// # Errors
//
// Every error that storage returns by intent becomes an *op.Error in one place,
// [ErrorOf]: one code, the field as the caller knows it, and a hint that says
// the next step. Anything else is internal and reaches the log through
// [Recorder].
//
// # Testing
//
// The tests call operations through op.Registry.Call on a real database.
// Package servertest makes such a server and holds the calls that must be
// refused, as data, for tests of every face.
package server
