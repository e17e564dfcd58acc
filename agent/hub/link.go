package hub

import (
	"context"
	"encoding/json"

	"fazt/server/op"
)

// Link is the way to one tab's page: a websocket or a browser of ours.
type Link interface {
	// Send hands the page one JSON-RPC message. It does not wait for it to
	// arrive; an error means that the page cannot be reached any more.
	Send(message []byte) error
	// Do sees every call first, and carries out what is the transport's and not
	// the page's: goto, reload, back, console, network. ErrNotCarried means that
	// the page must do it.
	Do(ctx context.Context, method string, params json.RawMessage) (json.RawMessage, error)
	// Reliable reports whether everything that a page sent before it went away
	// arrives, and in order.
	Reliable() bool
	// Remarks returns what happened beside the calls since it was last asked:
	// dialogs that were answered, windows and downloads that were refused.
	Remarks() []string
	// Close ends the link; a tab of ours is closed with it.
	Close(reason string)
}

// Browser opens tabs of our own.
type Browser interface {
	// Open opens a tab and returns when its first document is on its way. The
	// page's messages go to sink from then on.
	Open(ctx context.Context, p *op.Principal, r OpenRequest, sink *Page) (Link, error)
	// Shows reports whether there is a display to show a tab on.
	Shows() bool
	// Close ends the browser with its tabs.
	Close(ctx context.Context) error
}

// OpenRequest says what to open.
type OpenRequest struct {
	URL     string // "/path" of the admin page, "app:ID/path", or a listed outside address
	Show    bool   // in a visible window, where there is a display
	Profile string // keeps cookies apart within one principal; "" is the usual one
}

// Page is what a Browser reports to: one tab of ours, as the hub sees it.
type Page struct{ tab *tab }

// Message takes one JSON-RPC message of the page.
func (p *Page) Message(data []byte) { p.tab.receive(data) }

// Left says that the document is gone and another will come.
func (p *Page) Left() { p.tab.left() }

// Asleep says that the page does not answer any more though its tab is there,
// as after a crash; calls under way end with reason.
func (p *Page) Asleep(reason *op.Error) { p.tab.sleeps(reason) }

// Gone says that the tab was closed, and why.
func (p *Page) Gone(reason string) { p.tab.hub.remove(p.tab, reason) }
