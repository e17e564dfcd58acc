package storage

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

// as writes mutations for a principal of a kind, in a run when one is named.
func (f *fixture) as(kind, principal, run string, m ...Mutation) *Outcome {
	f.t.Helper()
	return f.write(&Batch{App: "a", Mutations: m, Audit: &AuditEntry{Kind: kind, Principal: principal, Run: run, Operation: "test"}})
}

// holds holds keys to their values; "" is a key that is not there.
func (f *fixture) holds(want map[string]string) {
	f.t.Helper()
	for key, value := range want {
		e, err := f.KVGet(f.t.Context(), "a", key)
		if err != nil && KindOf(err) != KindKeyNotFound {
			f.t.Fatal(err)
		}
		if string(e.Value) != value {
			f.t.Errorf("%s is %q, want %q", key, e.Value, value)
		}
	}
}

// reported writes a report as one line an item.
func reported(o *Outcome) string {
	var b strings.Builder
	for _, i := range o.Results[0].Undo.Items {
		fmt.Fprintf(&b, "%s %s %d; ", i.Key, i.Did, i.Version)
	}
	return strings.TrimSuffix(b.String(), "; ")
}

func TestUndo(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		do     func(f *fixture)
		undo   Undo
		report string
		want   map[string]string
	}{
		"an agent's writes": {
			do: func(f *fixture) {
				f.in(set("old", "1"))
				f.as("agent", "bot", "", set("old", "2"), set("new", "3"), KVIncrement{Key: "n", By: "4"})
			},
			undo: Undo{By: "bot"}, report: "n removed 0; new removed 0; old restored 2",
			want: map[string]string{"old": "1", "new": "", "n": ""},
		},
		"several changes go back to before the first": {
			do: func(f *fixture) {
				f.in(set("k", "1"))
				f.as("agent", "bot", "", set("k", "2"), set("k", "3"))
				f.as("agent", "bot", "", KVDelete{Key: "k"})
				f.as("agent", "bot", "", KVIncrement{Key: "k", By: "9"})
			},
			undo: Undo{By: "bot"}, report: "k restored 2", want: map[string]string{"k": "1"},
		},
		"what has changed since is left alone": {
			do: func(f *fixture) {
				f.as("agent", "bot", "", set("k", "1"), set("l", "1"))
				f.as("person", "me", "", set("k", `"mine"`))
			},
			undo: Undo{By: "bot"}, report: "k conflict 3; l removed 0", want: map[string]string{"k": `"mine"`, "l": ""},
		},
		"what was deleted since is left alone": {
			do: func(f *fixture) {
				f.in(set("k", "0"))
				f.as("agent", "bot", "", set("k", "1"))
				f.as("person", "me", "", KVDelete{Key: "k"})
			},
			undo: Undo{By: "bot"}, report: "k conflict 0", want: map[string]string{"k": ""},
		},
		"not past somebody else's change": {
			do: func(f *fixture) {
				f.as("agent", "bot", "", set("k", "1"))
				f.as("person", "me", "", set("k", "2"))
				f.as("agent", "bot", "", set("k", "3"))
			},
			undo: Undo{By: "bot"}, report: "k restored 3", want: map[string]string{"k": "2"},
		},
		"a run's writes only": {
			do: func(f *fixture) {
				f.as("agent", "bot", "r1", set("k", "1"))
				f.as("agent", "bot", "r2", set("l", "1"))
				f.as("agent", "bot", "", set("m", "1"))
			},
			undo: Undo{Run: "r1"}, report: "k removed 0", want: map[string]string{"k": "", "l": "1", "m": "1"},
		},
		"a person's deletes": {
			do: func(f *fixture) {
				f.in(set("a/1", "1"), set("a/2", "2"), set("b", "3"))
				f.as("person", "me", "", KVDeletePrefix{Prefix: "a/"}, KVDelete{Key: "b"}, set("c", "4"))
			},
			undo: Undo{By: "me"}, report: "a/1 restored 2; a/2 restored 2; b restored 2",
			want: map[string]string{"a/1": "1", "a/2": "2", "b": "3", "c": "4"},
		},
		"since a time": {
			do: func(f *fixture) {
				f.as("agent", "bot", "", set("k", "1"))
				f.clock.add(time.Minute)
				f.as("agent", "bot", "", set("k", "2"), set("l", "2"))
			},
			undo: Undo{Since: newClock().now().Add(time.Second)}, report: "k restored 2; l removed 0",
			want: map[string]string{"k": "1", "l": ""},
		},
		"nothing to undo": {do: func(*fixture) {}, undo: Undo{By: "ghost"}, report: "", want: nil},
		"what would have expired is gone": {
			do: func(f *fixture) {
				f.in(KVSet{Key: "k", Value: json.RawMessage("1"), TTL: time.Second}, KVSet{Key: "l", Value: json.RawMessage("1"), TTL: time.Hour})
				f.as("agent", "bot", "", set("k", "2"), KVDelete{Key: "l"})
				f.clock.add(time.Minute)
			},
			undo: Undo{By: "bot"}, report: "k removed 0; l restored 2", want: map[string]string{"k": "", "l": "1"},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := openApp(t)
			c.do(f)
			before := f.Version()
			dry := f.write(&Batch{App: "a", DryRun: true, Mutations: []Mutation{c.undo}})
			if f.Version() != before {
				t.Fatal("a preview used up a version")
			}
			o := f.in(c.undo)
			if got := reported(o); got != c.report || got != reported(dry) {
				t.Errorf("reported %q, preview %q, want %q", got, reported(dry), c.report)
			}
			f.holds(c.want)
			if err := f.Check(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestUndoTwice: an agent's undo can itself be taken back.
func TestUndoTwice(t *testing.T) {
	t.Parallel()
	f := openApp(t)
	f.in(set("k", "1"))
	f.as("agent", "bot", "r1", set("k", "2"), set("l", "2"))
	f.as("agent", "bot", "r2", Undo{Run: "r1"})
	f.holds(map[string]string{"k": "1", "l": ""})
	o := f.as("agent", "bot", "r3", Undo{Run: "r2"})
	if r := o.Results[0].Undo; r.Restored != 2 || r.Conflicts != 0 {
		t.Errorf("%+v", r)
	}
	f.holds(map[string]string{"k": "2", "l": "2"})
	page, err := f.Changes(t.Context(), "a", ChangeQuery{Since: &Cursor{}})
	if err != nil || len(page.Items) != 7 {
		t.Errorf("%d changes in the feed, want 7: an undo is a change; %v", len(page.Items), err)
	}
}

func TestUndoRefused(t *testing.T) {
	t.Parallel()
	f := openApp(t)
	f.fails(KindInvalid, one(Undo{}))
	f.fails(KindAppNotFound, &Batch{App: "ghost", Mutations: []Mutation{Undo{By: "x"}}})
	f.fails(KindTooLarge, one(Undo{By: strings.Repeat("x", 1000)}))
}

// TestUndoKept: deletes are kept for a day, agents' writes for seven, both up to
// their bytes, the oldest going first.
func TestUndoKept(t *testing.T) {
	t.Parallel()
	f := openApp(t)
	rows := func() (n int) {
		t.Helper()
		if err := f.onWriter(t.Context(), func(w *writer) error {
			if err := w.retain.round(w); err != nil {
				return err
			}
			s, err := w.conn.temporary(`SELECT count(*) FROM undo`)
			if err != nil {
				return err
			}
			row, _, err := s.one()
			n = int(asInt(row[0]))
			return joinClose(err, s)
		}); err != nil {
			t.Fatal(err)
		}
		return n
	}
	f.in(set("k", "1"), set("l", "1"))
	f.as("person", "me", "", KVDelete{Key: "k"}, set("l", "2"))
	f.as("agent", "bot", "", set("m", "1"))
	for _, step := range []struct {
		after time.Duration
		want  int
	}{{0, 2}, {24*time.Hour - time.Millisecond, 2}, {time.Millisecond, 1}, {6*24*time.Hour - time.Millisecond, 1}, {time.Millisecond, 0}} {
		f.clock.add(step.after)
		if n := rows(); n != step.want {
			t.Errorf("%d rows after %v more, want %d", n, step.after, step.want)
		}
	}
	if err := f.onWriter(t.Context(), func(w *writer) error {
		w.retain.maxUndoAgents, w.retain.maxUndoDeletes = 150_000, 100_000
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	value := `"` + strings.Repeat("x", 1000) + `"`
	for range 3 {
		var m []Mutation
		for i := range 300 {
			m = append(m, set(fmt.Sprint("big", i), value))
		}
		f.as("agent", "bot", "", m...)
	}
	if n := rows(); n < 120 || n > 125 {
		t.Errorf("%d rows of agents' writes are left, want what 150,000 bytes hold", n)
	}
	f.as("person", "me", "", KVDeletePrefix{Prefix: "big"})
	if n := rows() - 124; n < 80 || n > 84 {
		t.Errorf("%d deletes are left, want what 100,000 bytes hold", n)
	}
}

func joinClose(err error, s *stmt) error {
	if e := s.close(); err == nil {
		err = e
	}
	return err
}

// TestUndoBin: a deleted app comes back with everything in it, for a day.
func TestUndoBin(t *testing.T) {
	t.Parallel()
	f := openApp(t)
	f.in(set("k", "1"))
	f.write(&Batch{Mutations: []Mutation{AppDelete{ID: "a"}}, Audit: &AuditEntry{Principal: "me", Kind: "person", Operation: "test"}})
	f.fails(KindAppNotFound, one(set("k", "2")))
	list, err := f.DeletedApps(t.Context(), "")
	if err != nil || len(list) != 1 || list[0].ID != "a" || list[0].Title != "A" || list[0].DeletedBy != "me" {
		t.Fatalf("bin %+v, %v", list, err)
	}
	if err := f.onWriter(t.Context(), func(w *writer) error { return w.retain.round(w) }); err != nil {
		t.Fatal(err)
	}
	f.write(&Batch{Mutations: []Mutation{AppCreate{ID: "a"}}})
	f.holds(map[string]string{"k": ""})
	f.fails(KindExists, &Batch{Mutations: []Mutation{AppRestore{ID: "a"}}})
	f.write(&Batch{Mutations: []Mutation{AppDelete{ID: "a"}}})
	f.write(&Batch{Mutations: []Mutation{AppRestore{ID: "a"}}}) // the last that was deleted, which is empty
	f.holds(map[string]string{"k": ""})
	f.write(&Batch{Mutations: []Mutation{AppDelete{ID: "a"}}})
	f.clock.add(time.Hour)
	f.fails(KindAppNotFound, &Batch{Mutations: []Mutation{AppRestore{ID: "never"}}})
	if err := f.Check(t.Context()); err != nil {
		t.Error(err)
	}
	f.clock.add(24 * time.Hour)
	f.fails(KindAppNotFound, &Batch{Mutations: []Mutation{AppRestore{ID: "a"}}})
}
