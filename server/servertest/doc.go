// Package servertest makes a server's registry over a real database for tests,
// and holds the calls that every face must refuse.
//
// # Model
//
// [Open] gives a [World]: a database in the test's own folder, the operations
// of server.Service, a clock that the test sets, and a caller for each [Role].
// [BadCases] are calls as data, made in the world that [Prepare] lists, so that
// a test of any face can run the same table and expect the same codes.
//
// # Concurrency
//
// A World may be used from any goroutine.
//
// # Errors
//
// What goes wrong in making a World ends the test.
package servertest
