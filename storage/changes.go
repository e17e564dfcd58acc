package storage

// The change log is written by the same commit as the change. It holds no
// values: a feed joins the value when it is still the one that was written.

// change kinds, as stored. Numbers are for ever; 0 is not used.
const (
	changeKVSet         = 1
	changeKVDelete      = 2
	changeAppCreate     = 10
	changeAppUpdate     = 11
	changeAppDelete     = 12
	changeAppRestore    = 13
	changeTokenCreate   = 20
	changeTokenDelete   = 21
	changeSettingSet    = 30
	changeSettingDelete = 31
	changeSecretSet     = 32
	changeSecretDelete  = 33

	changeDocInsert         = 50
	changeDocReplace        = 51
	changeDocUpdate         = 52
	changeDocDelete         = 53
	changeCollectionSet     = 54
	changeCollectionDelete  = 55
	changeCollectionRestore = 56
)

// changeKind says what a stored number means in a feed.
func changeKind(what int64) (kind, op string) {
	switch what {
	case changeKVSet:
		return "kv", "set"
	case changeKVDelete:
		return "kv", "delete"
	case changeAppCreate:
		return "app", "create"
	case changeAppUpdate:
		return "app", "update"
	case changeAppDelete:
		return "app", "delete"
	case changeAppRestore:
		return "app", "restore"
	case changeTokenCreate:
		return "token", "create"
	case changeTokenDelete:
		return "token", "delete"
	case changeRecipeSave:
		return "recipe", "save"
	case changeRecipeEnable:
		return "recipe", "enable"
	case changeRecipeDelete:
		return "recipe", "delete"
	case changeDocInsert:
		return "doc", "insert"
	case changeDocReplace:
		return "doc", "replace"
	case changeDocUpdate:
		return "doc", "update"
	case changeDocDelete:
		return "doc", "delete"
	case changeCollectionSet:
		return "collection", "set"
	case changeCollectionDelete:
		return "collection", "delete"
	case changeCollectionRestore:
		return "collection", "restore"
	case changeBlobSet:
		return "blob", "set"
	case changeBlobDelete:
		return "blob", "delete"
	case changeSiteDeploy:
		return "site", "deploy"
	case changeSiteRollback:
		return "site", "rollback"
	case changeSettingSet:
		return "setting", "set"
	case changeSettingDelete:
		return "setting", "delete"
	case changeSecretSet:
		return "secret", "set"
	case changeSecretDelete:
		return "secret", "delete"
	}
	return "unknown", "unknown"
}

type changeWriter struct {
	insert, newest *stmt
}

func newChangeWriter(p *preparer) changeWriter {
	return changeWriter{
		insert: p.stmt(`INSERT INTO change (app, version, idx, n, at, what, name, key, principal) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`),
		newest: p.stmt(`SELECT n FROM change WHERE app = ? ORDER BY version DESC, idx DESC LIMIT 1`),
	}
}

// log writes one change of an app.
func (t *tx) log(app *appState, what int64, key string) error {
	return t.logNamed(app, what, "", key)
}

// logSystem writes one change of the system feed.
func (t *tx) logSystem(what int64, key string) error {
	return t.logNamed(t.apps.system(), what, "", key)
}

// logNamed is log for an item inside a named collection.
func (t *tx) logNamed(app *appState, what int64, name, key string) error {
	if app.rows < 0 {
		row, ok, err := t.changes.newest.one(app.id)
		if err != nil {
			return err
		}
		app.rows = 0
		if ok {
			app.rows = asInt(row[0])
		}
	}
	t.index++
	app.rows++
	_, err := t.write(t.changes.insert, app.id, int64(t.version), int64(t.index), app.rows, t.now, what, orNull(name), key, orNull(t.principal()))
	t.touch(app.name)
	t.forget(app.name, what, key)
	return err
}

// forget notes what the readers' cache must not know any longer.
func (t *tx) forget(app string, what int64, key string) {
	switch what {
	case changeKVSet, changeKVDelete:
		t.kvChanges = append(t.kvChanges, kvChange{name: kvName{app, key}})
	case changeAppCreate, changeAppDelete, changeAppRestore:
		t.kvChanges = append(t.kvChanges, kvChange{})
	}
}

// touch notes that the feed of an app has something new.
func (t *tx) touch(name string) {
	touched := t.unit.touched
	if n := len(touched); n > 0 && touched[n-1] == name {
		return
	}
	t.unit.touched = append(touched, name)
}
