package storage

import (
	"context"
	"database/sql/driver"
	"math"
	"time"
)

type eventReader struct {
	sums, page *stmt
}

func newEventReader(p *preparer) eventReader {
	return eventReader{
		sums: p.stmt(`SELECT at, value, events, visitors FROM event_sum` + ofApp + ` AND span = ? AND dim = ? AND at >= ? AND at < ? ORDER BY at, value`),
		page: p.stmt(`SELECT id, ` + eventColumns + ` FROM event` + ofApp + ` AND id < ? ORDER BY id DESC LIMIT ?`),
	}
}

// EventHours is how long sums are kept by the hour; then there are those by
// the day.
const EventHours = 62 * 24 * time.Hour

// EventQuery selects sums of one dimension.
type EventQuery struct {
	Dim      EventDim
	From, To time.Time // widened to whole hours, and to whole days of UTC where hours are not kept
	ByHour   bool      // hours wherever they are kept, rather than days where whole days are asked for
}

// EventSum is a sum over an hour or a day of UTC.
type EventSum struct {
	At       time.Time // when the hour or day begins
	Value    string
	Events   int64
	Visitors int64 // whose first view of the day is among the events
}

// eventSpan is a range of sums of one span.
type eventSpan struct{ span, from, to int64 }

// spans lays hours and days over the range, each moment once.
func (q EventQuery) spans(now time.Time) []eventSpan {
	from, to := hourOf(q.From), hourOf(q.To.Add(time.Hour-time.Millisecond))
	kept := dayOf(now.Add(-EventHours)) * 24
	firstDay, lastDay := floorDiv(from+23, 24), floorDiv(to, 24) // whole days
	if from < kept {
		firstDay = floorDiv(from, 24)
		from = firstDay * 24
	}
	if q.ByHour {
		lastDay = min(max(firstDay, kept/24), floorDiv(to+23, 24))
		if from >= kept {
			return []eventSpan{{spanHour, from, to}}
		}
		return []eventSpan{{spanDay, firstDay, lastDay}, {spanHour, lastDay * 24, to}}
	}
	if to < kept {
		lastDay = floorDiv(to+23, 24)
	}
	if firstDay >= lastDay {
		return []eventSpan{{spanHour, from, to}}
	}
	return []eventSpan{{spanHour, from, firstDay * 24}, {spanDay, firstDay, lastDay}, {spanHour, lastDay * 24, to}}
}

// EventSums calls fn with every sum of a query, in the order of time. Events
// accepted before are in them, unless the disk takes longer than a second.
func (db *DB) EventSums(ctx context.Context, app string, q EventQuery, fn func(EventSum)) error {
	db.events.flush(ctx)
	return db.readers.page(ctx, func(ctx context.Context, r *reader, now int64) error {
		if err := r.mustHave(app); err != nil {
			return err
		}
		for _, s := range q.spans(time.UnixMilli(now)) {
			unit := time.Hour
			if s.span == spanDay {
				unit = 24 * time.Hour
			}
			err := r.events.sums.each(ctx, func(row []driver.Value) error {
				fn(EventSum{
					At: time.UnixMilli(asInt(row[0]) * unit.Milliseconds()), Value: asText(row[1]),
					Events: asInt(row[2]), Visitors: asInt(row[3]),
				})
				return nil
			}, app, s.span, int64(q.Dim), s.from, s.to)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// EventListQuery selects a page of events as they came.
type EventListQuery struct {
	Before uint64    // events written before this id; 0 = from the newest
	Since  time.Time // none that came earlier; zero = as far as they are kept
	Name   string    // only custom events of this name; "" = all, page views too
	Limit  int       // 1 to MaxPage, 0 = DefaultPage
}

// maxEventsScanned bounds what one page reads when few events match.
const maxEventsScanned = 20_000

// EventList returns one page, newest first, and the Before of the next, 0 at
// the end. A page may be short, even empty, before the end.
func (db *DB) EventList(ctx context.Context, app string, q EventListQuery) (page []Event, next uint64, err error) {
	limit, err := pageLimit(q.Limit)
	if err != nil {
		return nil, 0, err
	}
	next, err = db.eachEvent(ctx, app, q, func(e *Event) bool {
		page = append(page, *e)
		return len(page) == limit
	})
	return page, next, err
}

// EventVisitors counts different visitors of pages since a moment that is not
// long ago: it walks the newest events, 20,000 at most.
func (db *DB) EventVisitors(ctx context.Context, app string, since time.Time) (int64, error) {
	seen := map[int64]bool{}
	_, err := db.eachEvent(ctx, app, EventListQuery{Since: since}, func(e *Event) bool {
		if e.Visitor != 0 {
			seen[e.Visitor] = true
		}
		return false
	})
	return int64(len(seen)), err
}

// eachEvent calls fn with events that match until it says enough, and returns
// where to go on, 0 at the end.
func (db *DB) eachEvent(ctx context.Context, app string, q EventListQuery, fn func(*Event) bool) (next uint64, err error) {
	db.events.flush(ctx)
	before := int64(math.MaxInt64)
	if q.Before != 0 && q.Before < math.MaxInt64 {
		before = int64(q.Before)
	}
	err = db.readers.page(ctx, func(ctx context.Context, r *reader, _ int64) error {
		if err := r.mustHave(app); err != nil {
			return err
		}
		last, seen, enough := uint64(0), 0, false
		return r.events.page.each(ctx, func(row []driver.Value) error {
			if enough || seen == maxEventsScanned {
				next = last
				return errStop
			}
			e := eventOf(app, row)
			if e.At.Before(q.Since) {
				return errStop
			}
			last = e.ID
			seen++
			if q.Name == "" || q.Name == e.Name {
				enough = fn(&e)
			}
			return nil
		}, app, before, int64(maxEventsScanned+1))
	})
	return next, err
}

func eventOf(app string, row []driver.Value) Event {
	return Event{
		ID: uint64(asInt(row[0])), App: app, At: time.UnixMilli(asInt(row[2])), Name: asText(row[3]), Page: asText(row[4]),
		Referrer: asText(row[5]), Browser: asText(row[6]), System: asText(row[7]), Device: asText(row[8]),
		Visitor: asInt(row[9]), Props: asBytes(row[10]),
	}
}
