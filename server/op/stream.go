package op

import (
	"context"
	"io"
	"time"
)

// Stream is an output that goes on after the call: a feed of events. Its
// permit ends when the handler returns it; the face counts it in its own gate,
// reads it until it ends and closes it.
type Stream interface {
	// Next waits for the next event. It returns io.EOF at the end and the
	// context's error when that ends first; it may then be called again, and
	// no event is lost.
	Next(ctx context.Context) (Event, error)
	// Close releases what the stream holds. It is called once.
	Close() error
}

// Event is one item of a stream. ID is what a reader resumes from.
type Event struct {
	ID   string
	Type string
	Data any // encoded as JSON by the face
}

// Body is an output of bytes rather than JSON, such as a backup. The face
// calls WriteTo once, after sending the type.
type Body struct {
	Type     string // media type
	Filename string // offered as a download when not empty
	Write    func(ctx context.Context, w io.Writer) error

	// Open, when set, opens the same bytes for a face that can answer parts of
	// them and conditions on them. Tag is then their entity tag, with quotes,
	// and Modified when they were stored.
	Open     func(ctx context.Context) (io.ReadSeekCloser, error)
	Tag      string
	Modified time.Time
}
