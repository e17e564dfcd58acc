// Package capacity answers how many people this machine can serve, by
// measuring, and keeps serving when more come.
//
// # Model
//
// [Admission] is the server's [op.Admitter]. Each call goes through one gate:
// reads, which use a processor while they hold a place, so there are as many
// places as processors; writes, which mostly wait together for one sync of the
// disk, so there are many; runs, which occupy the sandbox; and pages, which
// wait for a browser. Behind a full gate callers queue, one flow a token, and
// flows take turns. A caller who would wait too long is refused at once.
//
// [Meter] probes the machine, measures what each class of call costs in
// processor time ([Meter.Calibrate]), and predicts from that model what mixes of
// calls the machine can carry, with bounds. [Meter.Report] is all of it.
//
// # Concurrency
//
// All methods may be called from any goroutine. A [Meter] that was started
// owns one goroutine, which Close ends.
//
// # Errors
//
// Refusals are [op.Error] of code overloaded or quota with the time after which
// to come back. Nothing was begun then.
//
// # Testing
//
// Waiting is tested in synctest bubbles. What is read of the machine comes
// through a file system, so tests use fixtures of other machines.
package capacity
