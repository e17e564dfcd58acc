package storage

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"
)

// track accepts an event that must be taken.
func (f *fixture) track(e Event) {
	f.t.Helper()
	if e.App == "" {
		e.App = "a"
	}
	if e.At.IsZero() {
		e.At = f.clock.now()
	}
	if err := f.Track(e); err != nil {
		f.t.Fatal(err)
	}
}

// sums adds up a query by value, as "events/visitors".
func (f *fixture) sums(q EventQuery) map[string]string {
	f.t.Helper()
	if q.From.IsZero() {
		q.From, q.To = f.clock.now().Add(-48*time.Hour), f.clock.now().Add(time.Hour)
	}
	by := map[string]EventSum{}
	err := f.EventSums(f.t.Context(), "a", q, func(s EventSum) {
		have := by[s.Value]
		by[s.Value] = EventSum{Events: have.Events + s.Events, Visitors: have.Visitors + s.Visitors}
	})
	if err != nil {
		f.t.Fatal(err)
	}
	out := map[string]string{}
	for value, s := range by {
		out[value] = fmt.Sprintf("%d/%d", s.Events, s.Visitors)
	}
	return out
}

func same(t *testing.T, what string, got, want map[string]string) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// TestEventSums: each dimension has its sums, a visitor counts once a day, and
// programs are counted apart.
func TestEventSums(t *testing.T) {
	t.Parallel()
	f := openApp(t)
	f.track(Event{Page: "/", Referrer: "news.example", Browser: "Firefox", Visitor: 7})
	f.track(Event{Page: "/about", Browser: "Firefox", Visitor: 7})
	f.track(Event{Page: "/about", Browser: "Safari", Source: "mail", Visitor: 8})
	f.track(Event{Page: "/about", Browser: "Safari"})
	f.track(Event{Name: "bought", Page: "/about", Visitor: 9, Props: json.RawMessage(`{"price": 5}`)})
	f.track(Event{Bot: true, Page: "/"})
	f.clock.add(24 * time.Hour)
	f.track(Event{Page: "/", Visitor: 7})
	for dim, want := range map[EventDim]map[string]string{
		EventViews:     {"": "5/3"},
		EventPages:     {"/": "2/2", "/about": "3/1"},
		EventReferrers: {"news.example": "1/1"},
		EventBrowsers:  {"Firefox": "2/1", "Safari": "2/1"},
		EventSources:   {"mail": "1/1"},
		EventNames:     {"bought": "1/0"},
		EventBots:      {"": "1/0"},
		EventCampaigns: {},
	} {
		for _, byHour := range []bool{false, true} {
			same(t, fmt.Sprint(dim, byHour), f.sums(EventQuery{Dim: dim, ByHour: byHour}), want)
		}
	}
	page, next, err := f.EventList(t.Context(), "a", EventListQuery{Name: "bought"})
	if err != nil || next != 0 || len(page) != 1 || string(page[0].Props) != `{"price":5}` || page[0].Page != "/about" {
		t.Errorf("%+v, %d, %v", page, next, err)
	}
	if n, err := f.EventVisitors(t.Context(), "a", f.clock.now().Add(-time.Minute)); n != 1 || err != nil {
		t.Errorf("%d visitors now (%v), want 1", n, err)
	}
	if err := f.EventSums(t.Context(), "none", EventQuery{Dim: EventViews}, nil); KindOf(err) != KindAppNotFound {
		t.Errorf("sums of no app: %v", err)
	}
}

// TestEventListPages: pages join without a gap, newest first.
func TestEventListPages(t *testing.T) {
	t.Parallel()
	f := openApp(t)
	for i := range 5 {
		f.track(Event{Name: fmt.Sprint(i)})
	}
	var names []string
	for q := (EventListQuery{Limit: 2}); ; {
		page, next, err := f.EventList(t.Context(), "a", q)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range page {
			names = append(names, e.Name)
		}
		if q.Before = next; next == 0 {
			break
		}
	}
	if !slices.Equal(names, []string{"4", "3", "2", "1", "0"}) {
		t.Error(names)
	}
}

// TestEventSpans: hours and days are laid over a range so that no moment is
// counted twice or left out.
func TestEventSpans(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 10, 12, 30, 0, 0, time.UTC)
	for _, ago := range []time.Duration{0, time.Hour, 5 * time.Hour, 30 * time.Hour, 61 * 24 * time.Hour, 62 * 24 * time.Hour, 70*24*time.Hour + 5*time.Hour, 400 * 24 * time.Hour} {
		for _, long := range []time.Duration{time.Minute, time.Hour, 7 * time.Hour, 24 * time.Hour, 100 * time.Hour, 90 * 24 * time.Hour} {
			for _, byHour := range []bool{false, true} {
				q := EventQuery{From: now.Add(-ago - long), To: now.Add(-ago), ByHour: byHour}
				seen := map[int64]int{}
				for _, s := range q.spans(now) {
					for at := s.from; at < s.to; at++ {
						if s.span == spanHour {
							seen[at]++
							if at < dayOf(now.Add(-EventHours))*24 {
								t.Fatalf("%+v asks for hour %d, which is not kept", q, at)
							}
							continue
						}
						for hour := range int64(24) {
							seen[at*24+hour]++
						}
					}
				}
				for at := hourOf(q.From); at <= hourOf(q.To.Add(-1)); at++ {
					if seen[at] != 1 {
						t.Fatalf("ago %v, long %v, by hour %v: hour %d is counted %d times", ago, long, byHour, at, seen[at])
					}
				}
			}
		}
	}
}

// TestEventsRefused: what is over a limit is refused and not counted.
func TestEventsRefused(t *testing.T) {
	t.Parallel()
	f := openApp(t)
	long := string(make([]byte, MaxEventText+1))
	for kind, e := range map[Kind]Event{
		KindTooLarge: {App: "a", Page: long},
		KindInvalid:  {App: "a", Name: "x", Props: json.RawMessage(`[1]`)},
	} {
		if err := f.Track(e); KindOf(err) != kind {
			t.Errorf("%+v: %v", e, err)
		}
	}
	f.track(Event{App: "none", Page: "/"})
	f.track(Event{Page: "/"})
	same(t, "views", f.sums(EventQuery{Dim: EventViews}), map[string]string{"": "1/0"})
	if s := f.EventStats(); s != (EventStats{Accepted: 2, Stored: 1, Dropped: 1}) {
		t.Errorf("%+v: the event of no app is not counted as dropped", s)
	}
}

// TestEventsSurviveClose: what was accepted is written before the file closes.
func TestEventsSurviveClose(t *testing.T) {
	t.Parallel()
	f := openApp(t)
	const n = 3*eventsTogether + 7
	for range n {
		f.track(Event{Page: "/"})
	}
	if err := f.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := f.Track(Event{App: "a"}); KindOf(err) != KindClosed {
		t.Errorf("after the close: %v", err)
	}
	f.reopen()
	same(t, "views", f.sums(EventQuery{Dim: EventViews}), map[string]string{"": fmt.Sprintf("%d/0", n)})
}

// heldUp runs fn while the writer is held up.
func (f *fixture) heldUp(fn func()) {
	f.t.Helper()
	begun, end, ended := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- f.onWriter(context.Background(), func(*writer) error {
			close(begun)
			<-end
			return nil
		})
	}()
	<-begun
	fn()
	close(end)
	if err := <-ended; err != nil {
		f.t.Fatal(err)
	}
}

// TestEventsAreBounded: while the disk does not answer, no more than the stated
// number is held; the rest is refused and counted, and what was held is stored.
func TestEventsAreBounded(t *testing.T) {
	t.Parallel()
	f := openApp(t)
	const over = 100
	f.heldUp(func() {
		for range MaxEventsHeld {
			f.track(Event{Page: "/"})
		}
		for range over {
			if err := f.Track(Event{App: "a", Page: "/"}); KindOf(err) != KindOverloaded {
				t.Fatalf("over the bound: %v", err)
			}
		}
		if s := f.EventStats(); s.Held != MaxEventsHeld || s.Dropped != over {
			t.Errorf("%+v", s)
		}
	})
	f.settled(func(s EventStats) bool { return s.Stored == MaxEventsHeld && s.Dropped == over && s.Held == 0 })
}

// settled waits until the events that were accepted are as they should be.
func (f *fixture) settled(want func(EventStats) bool) {
	f.t.Helper()
	for range 20 {
		f.events.flush(f.t.Context())
		if want(f.EventStats()) {
			return
		}
	}
	f.t.Errorf("%+v", f.EventStats())
}

// TestEventsAreTriedAgain: a batch that finds no room in the queue, or loses
// its place there, is not lost.
func TestEventsAreTriedAgain(t *testing.T) {
	t.Parallel()
	f := openApp(t, func(o *Options) { o.QueueBytes = 64 << 10 })
	const n = eventsTogether
	f.heldUp(func() {
		for range n { // weighs more than half of the queue
			f.track(Event{Page: "/"})
		}
		if s := f.EventStats(); s.Retried == 0 || s.Dropped != 0 || s.Held != n {
			t.Errorf("%+v, want a batch that is tried again", s)
		}
	})
	for _, batch := range f.events.take(false) { // as a larger queue would
		f.events.send(batch, true)
	}
	f.settled(func(s EventStats) bool { return s.Stored == n && s.Dropped == 0 && s.Held == 0 })
}

// TestEventValues: a day that has too many values of a dimension sums the rest
// together, also after a restart.
func TestEventValues(t *testing.T) {
	t.Parallel()
	f := openApp(t)
	for i := range MaxEventValues + 30 {
		f.track(Event{Page: fmt.Sprint("/", i)})
	}
	f.events.flush(t.Context())
	f.reopen()
	f.track(Event{Page: "/new"})
	got := f.sums(EventQuery{Dim: EventPages})
	if got[EventOther] != "31/0" || len(got) != MaxEventValues+1 || got["/new"] != "" {
		t.Errorf("%d values, %s together", len(got), got[EventOther])
	}
	same(t, "views", f.sums(EventQuery{Dim: EventViews}), map[string]string{"": fmt.Sprintf("%d/0", MaxEventValues+31)})
}

// TestEventRetention: events go after their days, hours after two months, days
// after their years, and everything with its app.
func TestEventRetention(t *testing.T) {
	t.Parallel()
	f := openApp(t)
	start := f.clock.now()
	f.track(Event{Page: "/", Visitor: 7})
	f.events.flush(t.Context())
	at := func(day int) (rows, visitors, hours, days int64) {
		t.Helper()
		f.clock.add(start.Add(time.Duration(day) * 24 * time.Hour).Sub(f.clock.now()))
		f.round()
		return f.number(`SELECT count(*) FROM event`), f.number(`SELECT count(*) FROM event_visitor`),
			f.number(`SELECT count(*) FROM event_sum WHERE span = 0`), f.number(`SELECT count(*) FROM event_sum WHERE span = 1`)
	}
	for _, c := range []struct {
		day  int
		want [4]int64
	}{{1, [4]int64{1, 1, 2, 2}}, {2, [4]int64{1, 0, 2, 2}}, {31, [4]int64{0, 0, 2, 2}}, {64, [4]int64{0, 0, 0, 2}}, {400, [4]int64{0, 0, 0, 2}}} {
		rows, visitors, hours, days := at(c.day)
		if got := [4]int64{rows, visitors, hours, days}; got != c.want {
			t.Errorf("after %d days: %v, want %v", c.day, got, c.want)
		}
	}
	f.system(SettingSet{Name: SettingEventYears, Value: json.RawMessage(`1`)})
	if _, _, _, days := at(401); days != 0 {
		t.Errorf("%d sums by the day are there after the year that they are kept", days)
	}
	f.track(Event{Page: "/", Visitor: 8})
	f.events.flush(t.Context())
	f.system(AppDelete{ID: "a"})
	f.clock.add(25 * time.Hour)
	f.round()
	if n := f.number(`SELECT (SELECT count(*) FROM event) + (SELECT count(*) FROM event_sum)`); n != 0 {
		t.Errorf("%d rows of a deleted app", n)
	}
}

// number reads one number.
func (f *fixture) number(query string) (n int64) {
	f.t.Helper()
	err := f.onWriter(f.t.Context(), func(w *writer) error {
		s, err := w.conn.temporary(query)
		if err != nil {
			return err
		}
		row, _, err := s.one()
		if err == nil {
			n = asInt(row[0])
		}
		return s.close()
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return n
}

// reopen closes the database and opens it again.
func (f *fixture) reopen() {
	f.t.Helper()
	if err := f.Close(f.t.Context()); err != nil {
		f.t.Fatal(err)
	}
	db, err := Open(f.t.Context(), f.opts)
	if err != nil {
		f.t.Fatal(err)
	}
	f.DB = db
}
