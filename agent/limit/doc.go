// Package limit holds agents to what people allow them: it ends all of them at
// once, and keeps each token within its budget.
//
// # Model
//
// A [Gate] is the [op.Gate] of the program, so every call of every face passes
// it. While a person has stopped the agents it refuses whatever an agent does:
// calls of agents' tokens, calls over MCP whoever's token it is, and calls of
// tabs that are driven. What is under way ends by the context of its pass. The
// stop is a setting in the database, so that it outlives the program, and the
// gate reads it again after each commit that touched settings. People go on, in
// person, and with recipes that they start after the stop; so do services.
//
// A budget is the token's own and comes with its principal, so no call costs a
// read. What is used up is counted in memory, in minutes: an hour is the last
// sixty of them. Calls that a run makes count as its token's, or a recipe would
// be the way round. Every half minute, and when the gate closes, it is written
// to the token's row; a program that is killed forgets at most that last half
// minute.
//
// # Concurrency
//
// A Gate may be used from any goroutine. A check and what it adds are one step
// under a lock, so calls that arrive together never pass a budget together. Open
// starts the one goroutine, Close ends it.
//
// # Errors
//
// agents_stopped while agents are stopped; quota with the budget's name as its
// field and the time after which the call fits again.
package limit
