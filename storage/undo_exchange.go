package storage

import "slices"

// maxExchanges bounds how often an exchange begins anew without a document
// that stands in its way.
const maxExchanges = 10

// exchange takes back documents that hold each other's unique values, so that
// none of them can be the first: all are removed, then all are stored as they
// were. Who meets a document outside is left alone.
func exchange(t *tx, app *appState, targets []*undoTarget) error {
	waiting := slices.DeleteFunc(slices.Clone(targets), func(g *undoTarget) bool {
		return g.newest.kind != undoKindDoc || g.item.Why == "" || g.removes(t)
	})
	for range maxExchanges {
		if len(waiting) < 2 {
			return nil
		}
		refused, err := exchangeAll(t, app, waiting)
		if asConflict(err) == nil {
			return err
		}
		waiting = slices.DeleteFunc(waiting, func(g *undoTarget) bool { return g == refused })
	}
	return nil
}

// exchangeAll takes all back, or none and says which was refused.
func exchangeAll(t *tx, app *appState, waiting []*undoTarget) (refused *undoTarget, err error) {
	err = t.tryCollection(app, func() error {
		for _, g := range waiting {
			if err := t.undoDocRemove(app, &g.oldest); err != nil {
				return err
			}
		}
		for _, g := range waiting {
			refused = g
			if err := t.undoDocRestore(app, &g.oldest); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return refused, err
	}
	for _, g := range waiting {
		g.item.Did, g.item.Version, g.item.Why = "restored", g.oldest.before, ""
	}
	return nil, nil
}
