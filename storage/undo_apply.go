package storage

import (
	"cmp"
	"database/sql/driver"
	"fmt"
	"slices"
	"time"
)

// Undo takes back what was changed in the batch's app, as far as that is kept:
// each thing gets what it held before, unless it has changed since, which is
// reported and left alone. All three conditions hold together; one at least
// must be given. Over 10,000 things are KindTooLarge. A dry run says what
// would be done.
type Undo struct {
	Run   string    // what this run did
	By    string    // what this principal did
	Since time.Time // what was done at this time or later
}

// UndoReport is what an Undo did.
type UndoReport struct {
	Items     []UndoItem // the first 1,000, in the order of their keys
	Restored  int        // hold what they held before
	Removed   int        // had not been there before
	Conflicts int        // have changed since and were left alone
}

// UndoItem is what an Undo did with one thing.
type UndoItem struct {
	Kind    string // kv
	Name    string // the collection, "" when the kind has none
	Key     string
	Did     string // restored, removed or conflict
	Version uint64 // the version whose content it holds again; of a conflict the one it is at, 0 = it is gone
	By      string // who made the change that was taken back
	At      time.Time
}

func (Undo) mutation() {}

func (m Undo) prepare(in *intake) (step, error) {
	in.bytes += mutationBytes + int64(len(m.Run)+len(m.By))
	if m.Run == "" && m.By == "" && m.Since.IsZero() {
		return nil, invalid("since", "an undo says whose changes: those of a run, by a principal, or since a time")
	}
	if err := checkText("by", m.By, maxNameBytes); err != nil {
		return nil, err
	}
	return m, checkText("run", m.Run, maxNameBytes)
}

// undoEntry is one row of what is kept.
type undoEntry struct {
	id            int64
	kind          int64
	name, key     string
	after, before uint64
	version       uint64
	at            time.Time
	principal     string
	expires       driver.Value
}

// undoTarget is one thing, and the entry whose before-image it is to have.
type undoTarget struct {
	newest, oldest undoEntry
	broken         bool // somebody else's change lies before oldest
}

func (m Undo) apply(t *tx) (Result, error) {
	app, err := t.inApp()
	if err != nil {
		return Result{}, err
	}
	targets, err := m.targets(t, app)
	if err != nil {
		return Result{}, err
	}
	report := &UndoReport{}
	for _, g := range targets {
		item, err := g.take(t, app)
		if err != nil {
			return Result{}, err
		}
		report.add(item)
	}
	return Result{Version: t.version, Count: int64(report.Restored + report.Removed), Undo: report}, nil
}

// targets collects what is to be taken back, newest change first. A thing that
// was changed several times goes back to before the first of those changes, but
// not past a change of somebody else.
func (m Undo) targets(t *tx, app *appState) ([]*undoTarget, error) {
	type thing struct {
		kind      int64
		name, key string
	}
	by := map[thing]*undoTarget{}
	rows, err := 0, error(nil)
	s, args := m.entries(t, app)
	err = s.all(func(row []driver.Value) error {
		e := undoRow(row)
		if !m.Since.IsZero() && e.at.Before(m.Since) {
			return errStop
		}
		if m.By != "" && m.By != e.principal {
			return nil
		}
		if rows++; rows > maxUndoEntries {
			return errStop
		}
		id := thing{e.kind, e.name, e.key}
		switch g := by[id]; {
		case g == nil:
			by[id] = &undoTarget{newest: e, oldest: e}
		case g.broken || e.after != g.oldest.before:
			g.broken = true
		default:
			g.oldest = e
		}
		return nil
	}, args...)
	if err != nil {
		return nil, err
	}
	if rows > maxUndoEntries || len(by) > maxUndoItems {
		return nil, tooLarge("since", "more than %d things would be changed: undo the last changes first, with a later since", maxUndoItems)
	}
	targets := make([]*undoTarget, 0, len(by))
	for _, g := range by {
		targets = append(targets, g)
	}
	slices.SortFunc(targets, func(a, b *undoTarget) int {
		return cmp.Or(cmp.Compare(a.newest.kind, b.newest.kind), cmp.Compare(a.newest.name, b.newest.name), cmp.Compare(a.newest.key, b.newest.key))
	})
	return targets, nil
}

// entries is the statement that the narrowest condition is served by.
func (m Undo) entries(t *tx, app *appState) (*stmt, []driver.Value) {
	limit := int64(maxUndoEntries + 1)
	switch {
	case m.Run != "":
		return t.undos.byRun, []driver.Value{app.id, m.Run, limit}
	case m.By != "":
		return t.undos.byPrincipal, []driver.Value{app.id, m.By, limit}
	}
	return t.undos.byApp, []driver.Value{app.id, limit}
}

func undoRow(row []driver.Value) undoEntry {
	return undoEntry{
		id: asInt(row[0]), kind: asInt(row[1]), name: asText(row[2]), key: asText(row[3]),
		after: uint64(asInt(row[4])), before: uint64(asInt(row[5])), version: uint64(asInt(row[6])),
		at: millis(row[7]), principal: asText(row[8]), expires: row[9],
	}
}

// take gives one thing what it held before.
func (g *undoTarget) take(t *tx, app *appState) (UndoItem, error) {
	kind := t.undoKind(g.newest.kind)
	item := UndoItem{Kind: kind.name, Name: g.newest.name, Key: g.newest.key, By: g.newest.principal, At: g.newest.at}
	have, err := kind.current(app, &g.newest)
	if err != nil {
		return item, err
	}
	switch {
	case have != g.newest.after:
		item.Did, item.Version = "conflict", have
		return item, nil
	case g.oldest.before == 0 || g.oldest.expires != nil && asInt(g.oldest.expires) <= t.now:
		item.Did = "removed"
		if have != 0 {
			err = kind.remove(app, &g.oldest)
		}
		return item, err
	}
	item.Did, item.Version = "restored", g.oldest.before
	return item, kind.restore(app, &g.oldest)
}

// undoKind is how one sort of thing is taken back.
type undoKind struct {
	name    string
	current func(*appState, *undoEntry) (uint64, error) // its version now, 0 = it is not there
	remove  func(*appState, *undoEntry) error
	restore func(*appState, *undoEntry) error
}

func (t *tx) undoKind(kind int64) undoKind {
	if kind == undoKindKV {
		return undoKind{name: "kv", current: t.undoKVCurrent, remove: t.undoKVRemove, restore: t.undoKVRestore}
	}
	unknown := func(*appState, *undoEntry) error { return fmt.Errorf("undo: unknown kind %d", kind) }
	return undoKind{
		name:    "unknown",
		current: func(a *appState, e *undoEntry) (uint64, error) { return 0, unknown(a, e) },
		remove:  unknown, restore: unknown,
	}
}

func (t *tx) undoKVCurrent(app *appState, e *undoEntry) (uint64, error) {
	return t.kv.current(t, app.id, e.key)
}

func (t *tx) undoKVRemove(app *appState, e *undoEntry) error {
	if err := t.keepKV(app, e.key, 0); err != nil {
		return err
	}
	if _, err := t.write(t.kv.remove, app.id, e.key); err != nil {
		return err
	}
	return t.log(app, changeKVDelete, e.key)
}

func (t *tx) undoKVRestore(app *appState, e *undoEntry) error {
	if err := t.keepKV(app, e.key, t.version); err != nil {
		return err
	}
	if _, err := t.write(t.undos.kvRestore, int64(t.version), e.id); err != nil {
		return err
	}
	return t.log(app, changeKVSet, e.key)
}

func (r *UndoReport) add(item UndoItem) {
	switch item.Did {
	case "restored":
		r.Restored++
	case "removed":
		r.Removed++
	default:
		r.Conflicts++
	}
	if len(r.Items) < maxUndoReported {
		r.Items = append(r.Items, item)
	}
}
