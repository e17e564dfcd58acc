package storage

import (
	"encoding/json"
	"time"
)

// Event is one thing that happened in an app: a page was viewed, or what a
// name stands for. It is written as part of the droppable class: Track answers
// before it is on the disk, a crash loses what came since the last flush, and
// what is dropped is counted.
type Event struct {
	ID       uint64 // set on reading: the order of writing
	App      string
	At       time.Time
	Bot      bool   // by a program: counted, and nothing else of it is kept
	Name     string // of a custom event; "" = a page view
	Page     string // its path
	Referrer string // the host that led to it
	Source   string // utm_source; this and the next two are kept as sums only
	Medium   string // utm_medium
	Campaign string // utm_campaign
	Browser  string
	System   string
	Device   string
	Visitor  int64           // who, for today; 0 = not known
	Props    json.RawMessage // a JSON object, nil = none
}

// EventDim is what sums are made by.
type EventDim int64

// The dimensions. Their numbers are in the file.
const (
	EventViews EventDim = iota + 1 // every page view; its value is ""
	EventNames                     // custom events by name
	EventPages
	EventReferrers
	EventBrowsers
	EventSystems
	EventDevices
	EventSources
	EventMediums
	EventCampaigns
	EventBots // views and events of programs; its value is ""
)

// eventDims is the number after the last dimension.
const eventDims = EventBots + 1

// EventOther is the value of what is summed together, since a day had too many
// different values.
const EventOther = "(other)"

// Limits of events.
const (
	MaxEventText  = 512     // bytes of each text
	MaxEventProps = 4 << 10 // bytes of the props

	// MaxEventsHeld is how many accepted events may wait for the disk, those that
	// are tried again included: three seconds at 5,000 a second.
	MaxEventsHeld = 16_384
	// MaxEventValues is how many different values of one dimension are summed
	// apart in an hour and in a day.
	MaxEventValues = 1000

	maxEventBytes = 16 << 20 // held, in bytes
	eventBytes    = 160      // what an event weighs beside its texts
)

// EventStats is what became of events since the start.
type EventStats struct {
	Held     int    // accepted, and not on the disk yet
	Accepted uint64 // answered as accepted
	Stored   uint64 // of those, on the disk
	Dropped  uint64 // not stored: refused because too many were held, or given up
	Retried  uint64 // batches of events that were tried again
}

// values are the dimensions of an event with its values. A dimension without
// a value is left out.
func (e *Event) values(visit func(EventDim, string)) {
	if e.Bot {
		visit(EventBots, "")
		return
	}
	if e.Name != "" {
		visit(EventNames, e.Name)
		return
	}
	visit(EventViews, "")
	for _, v := range [...]struct {
		dim   EventDim
		value string
	}{
		{EventPages, e.Page}, {EventReferrers, e.Referrer}, {EventBrowsers, e.Browser}, {EventSystems, e.System},
		{EventDevices, e.Device}, {EventSources, e.Source}, {EventMediums, e.Medium}, {EventCampaigns, e.Campaign},
	} {
		if v.value != "" {
			visit(v.dim, v.value)
		}
	}
}

// check holds an event to the limits and returns what it weighs.
func (e *Event) check() (int64, error) {
	if err := checkApp("app", e.App); err != nil {
		return 0, err
	}
	size := int64(eventBytes + len(e.Props))
	for _, f := range [...]struct{ name, text string }{
		{"name", e.Name}, {"page", e.Page}, {"referrer", e.Referrer}, {"source", e.Source}, {"medium", e.Medium},
		{"campaign", e.Campaign}, {"browser", e.Browser}, {"system", e.System}, {"device", e.Device},
	} {
		if err := checkText(f.name, f.text, MaxEventText); err != nil {
			return 0, err
		}
		size += int64(len(f.text))
	}
	if e.Props == nil {
		return size, nil
	}
	props, err := compactJSON("props", e.Props)
	switch {
	case err != nil:
		return 0, err
	case len(props) > MaxEventProps:
		return 0, tooLarge("props", "%d bytes are too many: at most %d", len(props), MaxEventProps)
	case props[0] != '{':
		return 0, invalid("props", "must be a JSON object")
	}
	e.Props = props
	return size, nil
}

// Track accepts an event. It is on the disk within a second, together with
// others; nil says no more than that it is held. With too many held it is
// KindOverloaded, and counted as dropped. Whether the app exists is the
// caller's to ask: an event of one that does not is dropped when it is written.
func (db *DB) Track(e Event) error {
	size, err := e.check()
	if err != nil {
		return err
	}
	return db.events.add(e, size)
}

// EventStats returns what became of events since the start.
func (db *DB) EventStats() EventStats { return db.events.measure() }
