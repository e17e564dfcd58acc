// Package browser opens tabs of our own in a Chromium of our own.
//
// # Model
//
// A [Browser] starts Chromium when the first tab is asked for, speaks to it
// over its debugging pipe (no port that others could use) and ends it after
// idle time or with the server; if the server is killed, the kernel kills
// Chromium. Each principal has a browser context, so that nobody shares cookies;
// the context gets a session for the admin page that is marked as driven.
//
// A [hub.Link] is one tab. The driver is injected into an isolated world of
// every frame and new document, where the page's scripts and content policies
// do not reach. It and the server speak the hub's messages: the driver calls
// the binding __fazt_send(json) and offers __fazt_receive(json). What a script
// cannot do the driver asks for with requests of its own: host.input {kind,
// params} (real mouse and keyboard), host.pending (open requests) and
// host.frame {index, method, params} (a call into a frame of another origin).
//
// # Where a tab may go
//
// The main document may be a page of ours or an origin that the owner listed;
// every request for it, redirects too, is checked before it leaves. All other
// traffic goes through a proxy of ours, which looks a name up once, refuses
// private, loopback and metadata addresses, and dials what it has checked: a
// name that resolves differently a moment later gains nothing.
//
// # Concurrency
//
// A Browser may be used from any goroutine. Every goroutine ends with its tab
// or with Close.
//
// # Errors
//
// All errors are [*op.Error]; a missing Chromium names the package to install,
// a navigation that fails keeps Chromium's reason.
//
// # Testing
//
// Tests run a real Chromium with a driver of a few lines, and skip where there
// is none.
package browser
