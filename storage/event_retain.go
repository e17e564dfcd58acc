package storage

import (
	"database/sql/driver"
	"encoding/json"
	"time"
)

// eventRetainer removes events and sums that are kept no longer.
type eventRetainer struct {
	old, newest, trim *stmt // rows of events
	strangers, leave  *stmt // visitors of other days
	oldest, drop      *stmt // sums of one place
	goneEvents        *stmt // of deleted apps
	gonePlace         *stmt

	lastApp int64 // the app whose sums were looked at last
	done    int64 // the hour in which all of them were looked at last
}

// Names of the settings that say how long events are kept, whole numbers.
const (
	SettingEventDays  = "event_days"  // events as they came
	SettingEventYears = "event_years" // sums by the day
)

// What is kept when nothing was set.
const (
	EventDays  = 30
	EventYears = 3

	maxEventRows = 5_000_000
)

func newEventRetainer(p *preparer) eventRetainer {
	return eventRetainer{
		old:    p.stmt(`SELECT id, at FROM event ORDER BY id LIMIT ?`),
		newest: p.stmt(`SELECT id FROM event ORDER BY id DESC LIMIT 1`),
		trim:   p.stmt(`DELETE FROM event WHERE id <= ?`),

		strangers: p.stmt(`SELECT day, app, visitor FROM event_visitor WHERE day < ? LIMIT ?`),
		leave:     p.stmt(`DELETE FROM event_visitor WHERE day = ? AND app = ? AND visitor = ?`),

		oldest: p.stmt(`SELECT at FROM event_sum WHERE app = ? AND span = ? AND dim = ? AND at < ? ORDER BY at LIMIT 1`),
		drop:   p.stmt(`DELETE FROM event_sum WHERE app = ? AND span = ? AND dim = ? AND at = ?`),

		goneEvents: p.stmt(`DELETE FROM event WHERE id IN (SELECT id FROM event WHERE app = ? LIMIT ?)`),
		gonePlace:  p.stmt(`SELECT span, dim, at FROM event_sum WHERE app = ? LIMIT 1`),
	}
}

// keep reads one of the settings.
func (r *eventRetainer) keep(w *writer, name string, otherwise int64) (int64, error) {
	row, ok, err := w.settings.get.one(name)
	if err != nil || !ok {
		return otherwise, err
	}
	var n int64
	if err := json.Unmarshal(asBytes(row[0]), &n); err != nil || n < 1 {
		return otherwise, nil // the server holds what is set to whole numbers
	}
	return n, nil
}

// rows removes the oldest events.
func (r *eventRetainer) rows(w *writer, now time.Time) (bool, error) {
	row, ok, err := r.newest.one()
	if err != nil || !ok {
		return false, err
	}
	days, err := r.keep(w, SettingEventDays, EventDays)
	if err != nil {
		return false, err
	}
	last := asInt(row[0]) - maxEventRows
	return w.retain.trimByID(w, r.old, r.trim, now.Add(-time.Duration(days)*24*time.Hour), last)
}

// visitors forgets who was here on other days. Yesterday stays: an event of the
// last second before midnight may be written after it.
func (r *eventRetainer) visitors(w *writer, now time.Time) (bool, error) {
	var found [][3]int64
	err := r.strangers.all(func(row []driver.Value) error {
		found = append(found, [3]int64{asInt(row[0]), asInt(row[1]), asInt(row[2])})
		return nil
	}, dayOf(now)-1, int64(retainRows))
	if err != nil || len(found) == 0 {
		return false, err
	}
	return true, w.transact(func() error {
		for _, v := range found {
			if _, err := r.leave.run(v[0], v[1], v[2]); err != nil {
				return err
			}
		}
		return nil
	})
}

// sums removes sums that are too old, one hour or day of one dimension at a
// time: at most MaxEventValues rows. It looks at every app once an hour.
func (r *eventRetainer) sums(w *writer, now time.Time) (more bool, err error) {
	if r.done == hourOf(now) {
		return false, nil
	}
	years, err := r.keep(w, SettingEventYears, EventYears)
	if err != nil {
		return false, err
	}
	cuts := [...]int64{spanHour: dayOf(now.Add(-EventHours)) * 24, spanDay: dayOf(now) - years*366}
	row, ok, err := w.retain.nextApp.one(r.lastApp)
	if err != nil || !ok {
		r.lastApp, r.done = 0, hourOf(now)
		return false, err
	}
	app := asInt(row[0])
	for span, cut := range cuts {
		for dim := range eventDims {
			old, ok, err := r.oldest.one(app, int64(span), int64(dim), cut)
			if err != nil {
				return false, err
			}
			if ok {
				return true, r.remove(w, app, int64(span), int64(dim), asInt(old[0]))
			}
		}
	}
	r.lastApp = app
	return true, nil
}

func (r *eventRetainer) remove(w *writer, app, span, dim, at int64) error {
	return w.transact(func() error {
		_, err := r.drop.run(app, span, dim, at)
		return err
	})
}

// gone removes some of what a deleted app had, inside a transaction.
func (r *eventRetainer) gone(app int64) (more bool, err error) {
	n, err := r.goneEvents.run(app, int64(retainRows))
	if err != nil || n > 0 {
		return n > 0, err
	}
	row, ok, err := r.gonePlace.one(app)
	if err != nil || !ok {
		return false, err
	}
	_, err = r.drop.run(app, row[0], row[1], row[2])
	return true, err
}
