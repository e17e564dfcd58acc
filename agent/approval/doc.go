// Package approval asks a person before an agent does something wide.
//
// # Model
//
// A [Desk] is the [op.Approver] of the program. When an agent's call is of the
// kind that its policy asks about, Approve files a [Request] bound to the
// principal, the operation and the hash of the exact input, and waits. A person
// answers it with [Desk.Decide]; the operations that do so are for people only,
// so no agent, no call over MCP and no tab that an agent drives can answer.
//
// A caller that can ask its person in place ([AskInPlace]) gets the request back
// at once, as a [Pending], and makes the same call again with the answer.
//
// A call waits at the desk for a while and then ends with approval_required.
// Its request stays for ten minutes: the same call again joins it, goes on at
// once when it was approved meanwhile (an approval serves one call), and hears
// the same answer when it was declined. Requests live in memory, as the calls
// that wait for them do; a restart drops both.
//
// # Concurrency
//
// A Desk may be used from any goroutine. No goroutine is its own.
//
// # Errors
//
// Approve answers approval_required, or forbidden when a person declined.
// Decide answers approval_not_found, or conflict for a request that is decided.
package approval
