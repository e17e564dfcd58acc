// Package hub is where live tabs meet the server: it knows every tab, carries
// calls to its page and brings the answers back.
//
// # Model
//
// A tab is a place that shows one document after another. Tabs of a person
// join over a websocket at /agent/ws ([Hub.Handler]); tabs of our own are
// opened by a [Browser]. Both sit behind a [Link] and speak the same JSON-RPC
// 2.0 messages, one a frame, so [Hub.Call] does not know which it drives.
//
// A page says hello with a ticket in its first frame: made by an operation for
// one principal, good once and for 30 seconds, never in an address. The welcome
// gives the tab its id, a secret key to resume it with, and a fence. The fence
// rises with every connection, so a page can refuse what was meant for an older
// one. A tab whose page went away is kept for [Options.Keep]: after navigation,
// reload or reconnect the next call waits for the new document of the same tab.
//
// One mutating call a tab runs at a time; others queue until their deadline. A
// page announces "acted" before a call takes effect. When the document goes
// away after that, the call is done and says navigated; before it, a read is
// asked again of the new document, and an action is asked again only where the
// announcement cannot have been lost, else its outcome is unknown and said so.
//
// # Rights
//
// Whoever opened a tab may look and act in it. A person's tab is looked at or
// driven by an agent only under a [Grant] of that person, which names the
// agent, the right and an end, and lives in memory. Without one the tab does
// not exist for the agent. A person's click or typing pauses the agent for ten
// seconds, Pause for good, and Stop takes the grants away. A tab with unsaved
// input of the person's is not taken at all.
//
// # Subscriptions
//
// A page may follow topics over the same socket: [Hub.Publish] sends to whoever
// follows and may ([Options.May]); feeds of changes come from [Options.Changes]
// as cursors only, the newest replacing what a slow page has not read. A page
// that is too slow for a topic hears "resync" and reads anew.
//
// # Concurrency
//
// A Hub may be used from any goroutine. A connection costs one goroutine that
// reads; a writer exists only while there is something to write. Close answers
// every waiting call, says goodbye to all pages at once and leaves no goroutine.
//
// # Errors
//
// All errors are [*op.Error]. An engine's own codes (no_match, covered, …) are
// kept; the hub adds tab_not_found, tab_away, tab_busy, paused, stopped,
// unsaved_input, navigation (not run) and unknown.
//
// # Testing
//
// Tests use real websockets with a scripted page; [Options.Now], [Options.Rand]
// and the durations of [Options] are the test's own.
package hub
