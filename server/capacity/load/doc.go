// Package load makes calls of many people at once against a server, and says
// what became of them.
//
// # Model
//
// A [Spec] is users, a mix of classes of calls, and either think time between
// a user's calls (closed) or a rate that is offered whatever comes back (open).
// [Run] opens a connection for each user, lets them all begin together and
// returns a [Result]. A call's latency counts from when it was meant to start,
// so a server that stalls cannot hide those it kept from asking.
//
// # Concurrency
//
// A Run has a goroutine for each user and ends all of them before it returns.
//
// # Errors
//
// A Spec that says nothing useful is an error that names the part. What happens
// to single calls is counted in the Result.
//
// # Testing
//
// Tests run against real servers that behave in a known way.
package load
