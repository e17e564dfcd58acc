package storage

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
