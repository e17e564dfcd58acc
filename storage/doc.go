// Package storage keeps everything of the program in one SQLite file.
//
// # Model
//
// A write is data: a [Batch] of checks and mutations of one app, all or
// nothing, with its audit entry and its idempotency record. [DB.Write] gives it
// to the one writer, which takes what has gathered as a group, applies each
// batch in a unit of its own, and commits once with synchronous=FULL. Each
// batch gets its own version, in the order of commit; its changes are the feed
// that [DB.Changes] pages through and a [Watcher] announces.
//
// A read is one page on one of a few read-only connections. No transaction of
// a reader outlives its page.
//
// # Concurrency
//
// All methods of [DB] may be called at the same time. A batch must not change
// until Write has returned. Write answers after the commit, and never lies: a
// caller who gives up before the batch has started writes nothing, and one who
// gives up later hears the true outcome. Watchers are woken before callers are
// answered.
//
// # Errors
//
// What a caller can act on is an [*Error] with a [Kind]. After a failed sync
// the writer stops for good and says so, since a later commit would prove
// nothing.
//
// # Testing
//
// Tests use a real file and a clock of their own; see Options.Now.
package storage
