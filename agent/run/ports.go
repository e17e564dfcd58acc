package run

import (
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"log/slog"
	"time"

	"fazt/agent/approval"
	"fazt/agent/draft"
	"fazt/recipes"
	"fazt/server/op"
	"fazt/storage"
)

// Tab is a live tab as a run sees it.
type Tab struct {
	ID, URL string
	Own     bool // the caller's, not one that was granted to it
}

// Tabs are the live tabs of the hub.
type Tabs interface {
	List(p *op.Principal) []Tab
	Call(ctx context.Context, p *op.Principal, tab, method string, params any) (json.RawMessage, error)
	// Open opens a tab of our own, whose session has exactly p's rights.
	Open(ctx context.Context, p *op.Principal, url string) (Tab, error)
	Close(ctx context.Context, p *op.Principal, tab string) error
}

// Options are what a Catalogue and a Runner need. All fields are required but
// those that say what they default to.
type Options struct {
	DB       *storage.DB
	Registry *op.Registry
	Pool     *recipes.Pool
	Tabs     Tabs
	Desk     *approval.Desk
	// Commit writes a batch with the audit entry and the idempotency key of the
	// call that ctx carries.
	Commit func(ctx context.Context, b *storage.Batch, render func(*storage.Outcome) any) (*storage.Outcome, error)
	// ErrorOf maps an error of storage to one of op.
	ErrorOf func(error) error
	// Shipped holds the recipes of the program, one a file. A file whose name
	// begins with "_" is no recipe but a module that they import.
	Shipped fs.FS
	// BaseURL is where the admin page is, without a slash at the end.
	BaseURL func() string
	// Publish tells subscribers of a topic; nil = nobody listens.
	Publish func(topic string, value any)
	// Log keeps what runs do, for recipes that are written out of it; nil =
	// nothing is kept.
	Log    *draft.Log
	Limits recipes.Limits // of a run; zero fields take the defaults of recipes
	Logger *slog.Logger
	Now    func() time.Time
	Rand   io.Reader
}

func (o *Options) publish(topic string, value any) {
	if o.Publish != nil {
		o.Publish(topic, value)
	}
}
