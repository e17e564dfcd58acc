package storage

import (
	"database/sql/driver"
	"time"
)

// eventWriter writes events and their sums.
type eventWriter struct {
	insertRow, come         *stmt
	raise, begin, different *stmt

	known map[sumPlace]int // values summed apart there, of places in use
}

// The spans of sums.
const (
	spanHour = 0
	spanDay  = 1
)

// sumPlace is where values are summed apart from each other.
type sumPlace struct {
	app  int64
	span int64
	dim  EventDim
	at   int64
}

// sumKey is one sum.
type sumKey struct {
	sumPlace
	value string
}

// tally is what a batch adds to it.
type tally struct{ events, visitors int64 }

// maxSumPlaces bounds the memory; forgetting costs one count a place.
const maxSumPlaces = 20_000

const eventColumns = `app, at, name, page, referrer, browser, system, device, visitor, props`

func newEventWriter(p *preparer) eventWriter {
	return eventWriter{
		insertRow: p.stmt(`INSERT INTO event (` + eventColumns + `) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`),
		come:      p.stmt(`INSERT OR IGNORE INTO event_visitor (day, app, visitor) VALUES (?, ?, ?)`),
		raise: p.stmt(`UPDATE event_sum SET events = events + ?, visitors = visitors + ?
			WHERE app = ? AND span = ? AND dim = ? AND at = ? AND value = ?`),
		begin: p.stmt(`INSERT INTO event_sum (events, visitors, app, span, dim, at, value) VALUES (?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (app, span, dim, at, value) DO UPDATE SET events = events + excluded.events, visitors = visitors + excluded.visitors`),
		different: p.stmt(`SELECT count(*) FROM event_sum WHERE app = ? AND span = ? AND dim = ? AND at = ?`),
		known:     map[sumPlace]int{},
	}
}

// forget drops what is remembered, after a rollback.
func (w *eventWriter) forget() { clear(w.known) }

// insert writes a batch: a row for each event, and one change for each sum that
// any of them adds to.
func (w *eventWriter) insert(t *tx, batch *eventBatch) error {
	batch.unknown = 0 // an attempt before this one may have counted
	sums := map[sumKey]tally{}
	for i := range batch.events {
		e := &batch.events[i]
		app, err := t.apps.state(e.App)
		if KindOf(err) == KindAppNotFound {
			batch.unknown++
			continue
		}
		if err != nil {
			return err
		}
		first, err := w.one(t, app.id, e)
		if err != nil {
			return err
		}
		add(sums, app.id, e, first)
	}
	for key, s := range sums {
		if err := w.sum(t, key, s); err != nil {
			return err
		}
	}
	return nil
}

// one writes the event's own row, and says whether it is its visitor's first
// view of the day.
func (w *eventWriter) one(t *tx, app int64, e *Event) (first bool, err error) {
	if e.Bot {
		return false, nil
	}
	var visitor, props driver.Value
	if e.Visitor != 0 {
		visitor = e.Visitor
	}
	if e.Props != nil {
		props = []byte(e.Props)
	}
	if _, err := t.write(w.insertRow, app, e.At.UnixMilli(), orNull(e.Name), orNull(e.Page), orNull(e.Referrer),
		orNull(e.Browser), orNull(e.System), orNull(e.Device), visitor, props); err != nil {
		return false, err
	}
	if e.Visitor == 0 || e.Name != "" {
		return false, nil
	}
	n, err := t.write(w.come, dayOf(e.At), app, e.Visitor)
	return n == 1, err
}

func hourOf(t time.Time) int64 { return floorDiv(t.UnixMilli(), time.Hour.Milliseconds()) }
func dayOf(t time.Time) int64  { return floorDiv(hourOf(t), 24) }

func floorDiv(a, b int64) int64 {
	if a < 0 {
		return (a - b + 1) / b
	}
	return a / b
}

func add(sums map[sumKey]tally, app int64, e *Event, first bool) {
	one := tally{1, boolInt(first)}
	e.values(func(dim EventDim, value string) {
		for _, place := range [...]sumPlace{{app, spanHour, dim, hourOf(e.At)}, {app, spanDay, dim, dayOf(e.At)}} {
			key := sumKey{place, value}
			s := sums[key]
			sums[key] = tally{s.events + one.events, s.visitors + one.visitors}
		}
	})
}

// sum adds to a sum that is there, or begins one while there is room for
// another value; then it adds to the sum of the others.
func (w *eventWriter) sum(t *tx, key sumKey, s tally) error {
	args := [...]driver.Value{s.events, s.visitors, key.app, key.span, int64(key.dim), key.at, key.value}
	n, err := t.write(w.raise, args[:]...)
	if err != nil || n > 0 {
		return err
	}
	have, err := w.values(key.sumPlace)
	if err != nil {
		return err
	}
	if have >= MaxEventValues && key.value != EventOther {
		key.value = EventOther
		return w.sum(t, key, s)
	}
	w.known[key.sumPlace] = have + 1
	_, err = t.write(w.begin, args[:]...)
	return err
}

// values is how many values are summed apart at a place.
func (w *eventWriter) values(place sumPlace) (int, error) {
	if n, ok := w.known[place]; ok {
		return n, nil
	}
	row, ok, err := w.different.one(place.app, place.span, int64(place.dim), place.at)
	if err != nil || !ok {
		return 0, err
	}
	if len(w.known) >= maxSumPlaces {
		w.forget()
	}
	w.known[place] = int(asInt(row[0]))
	return w.known[place], nil
}
