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
// reported and left alone. The first three conditions hold together; one at least
// must be given. Over 10,000 things are KindTooLarge. A dry run says what
// would be done.
type Undo struct {
	Run   string    // what this run did
	By    string    // what this principal did
	Since time.Time // what was done at this time or later
	Kinds []string  // only things of these kinds; nil = all
}

// UndoReport is what an Undo did.
type UndoReport struct {
	Items     []UndoItem // the first 1,000, in the order of their keys
	Restored  int        // hold what they held before
	Removed   int        // had not been there before
	Conflicts int        // have changed since and were left alone
	Skipped   int        // are of other kinds than were asked for
}

// UndoItem is what an Undo did with one thing.
type UndoItem struct {
	Kind    string // kv, doc, collection, blob
	Name    string // the collection, "" when the kind has none
	Key     string
	Did     string // restored, removed or conflict
	Version uint64 // the version whose content it holds again; of a conflict the one it is at, 0 = it is gone
	Why     string // of a conflict other than a change since
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
	turn           int
	item           UndoItem
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
	report, err := m.run(t, app, targets)
	if err != nil {
		return Result{}, err
	}
	return Result{Version: t.version, Count: int64(report.Restored + report.Removed), Undo: report}, nil
}

// run takes the targets back in the order that they need, and reports them in
// the order of their keys. What a unique index refuses is tried again when the
// others are done: one of them may have let go of the value.
func (m Undo) run(t *tx, app *appState, targets []*undoTarget) (*UndoReport, error) {
	report := &UndoReport{}
	order := make([]*undoTarget, 0, len(targets))
	for _, g := range targets {
		if kind := t.undoKind(g.newest.kind); m.Kinds != nil && !slices.Contains(m.Kinds, kind.name) {
			report.Skipped++
			continue
		}
		if err := g.rank(t, app); err != nil {
			return nil, err
		}
		order = append(order, g)
	}
	inOrder := slices.Clone(order)
	slices.SortStableFunc(order, func(a, b *undoTarget) int { return cmp.Compare(a.turn, b.turn) })
	for range maxUndoPasses {
		if again, err := pass(t, app, order); err != nil {
			return nil, err
		} else if !again {
			break
		}
	}
	if err := exchange(t, app, order); err != nil {
		return nil, err
	}
	for _, g := range inOrder {
		report.add(g.item)
	}
	return report, nil
}

// maxUndoPasses bounds the time of values that wait for each other in a chain.
const maxUndoPasses = 10

// pass takes back what is not taken back yet. again says that another pass can
// change more.
func pass(t *tx, app *appState, order []*undoTarget) (again bool, err error) {
	for _, g := range order {
		first := g.item.Did == ""
		if !first && g.item.Why == "" {
			continue
		}
		if err := g.take(t, app); err != nil {
			return false, err
		}
		again = again || first != (g.item.Why == "")
	}
	return again, nil
}

// Turns of targets: a collection is there before its documents, and empty
// before it goes.
const (
	turnCollectionBack = iota
	turnRemove
	turnCollectionChange
	turnRestore
	turnCollectionGone
)

func (g *undoTarget) rank(t *tx, app *appState) error {
	removal := g.removes(t)
	g.turn = turnRestore
	if removal {
		g.turn = turnRemove
	}
	if g.newest.kind != undoKindCollection {
		return nil
	}
	have, err := t.undoCollectionCurrent(app, &g.newest)
	switch {
	case have == 0:
		g.turn = turnCollectionBack
	case removal:
		g.turn = turnCollectionGone
	default:
		g.turn = turnCollectionChange
	}
	return err
}

// removes reports whether there is nothing to restore.
func (g *undoTarget) removes(t *tx) bool {
	return g.oldest.before == 0 || g.oldest.expires != nil && asInt(g.oldest.expires) <= t.now
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

// take gives one thing what it held before, and notes what was done.
func (g *undoTarget) take(t *tx, app *appState) error {
	kind := t.undoKind(g.newest.kind)
	g.item = UndoItem{Kind: kind.name, Name: g.newest.name, Key: g.newest.key, By: g.newest.principal, At: g.newest.at}
	have, err := kind.current(app, &g.newest)
	if err != nil {
		return err
	}
	switch {
	case have != g.newest.after:
		g.item.Did, g.item.Version = "conflict", have
		return nil
	case g.removes(t):
		g.item.Did = "removed"
		if have != 0 {
			err = kind.remove(app, &g.oldest)
		}
	default:
		g.item.Did, g.item.Version = "restored", g.oldest.before
		err = kind.restore(app, &g.oldest)
	}
	if c := asConflict(err); c != nil {
		g.item.Did, g.item.Version, g.item.Why = "conflict", have, c.why
		return nil
	}
	return err
}

// undoKind is how one sort of thing is taken back. A conflict comes before the
// first write.
type undoKind struct {
	name    string
	current func(*appState, *undoEntry) (uint64, error) // its version now, 0 = it is not there
	remove  func(*appState, *undoEntry) error
	restore func(*appState, *undoEntry) error
}

func (t *tx) undoKind(kind int64) undoKind {
	switch kind {
	case undoKindKV:
		return undoKind{"kv", t.undoKVCurrent, t.undoKVRemove, t.undoKVRestore}
	case undoKindDoc:
		return undoKind{"doc", t.undoDocCurrent, t.undoDocRemove, t.undoDocRestore}
	case undoKindCollection:
		return undoKind{"collection", t.undoCollectionCurrent, t.undoCollectionRemove, t.undoCollectionRestore}
	case undoKindBlob:
		return undoKind{"blob", t.undoBlobCurrent, t.undoBlobRemove, t.undoBlobRestore}
	}
	unknown := func(*appState, *undoEntry) error { return fmt.Errorf("undo: unknown kind %d", kind) }
	return undoKind{
		name:    "unknown",
		current: func(a *appState, e *undoEntry) (uint64, error) { return 0, unknown(a, e) },
		remove:  unknown, restore: unknown,
	}
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
