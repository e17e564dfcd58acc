package storage

import "fmt"

func (c CheckDoc) prepare(in *intake) (condition, error) { return c, in.docName(c.Collection, c.ID) }

func (c CheckDoc) test(t *tx) error {
	app, err := t.inApp()
	if err != nil {
		return err
	}
	var have uint64
	of, err := t.collection(app, c.Collection)
	if err != nil {
		return err
	}
	if of != nil {
		old, err := t.stored(of, c.ID)
		if err != nil {
			return err
		}
		have = old.at()
	}
	if have != c.Version {
		e := mismatch(fmt.Sprintf("document %q", c.ID), c.Version, have)
		e.Field = "version"
		return e
	}
	return nil
}

// at is the version of a document, 0 when there is none.
func (d *storedDoc) at() uint64 {
	if d == nil {
		return 0
	}
	return d.version
}

// at holds a document to the version that was asked for.
func (d *storedDoc) mustBe(id string, want *uint64) error {
	if want == nil || *want == d.at() {
		return nil
	}
	return mismatch(fmt.Sprintf("document %q", id), *want, d.at())
}

type docInsert struct{ docStep }

func (m DocInsert) prepare(in *intake) (step, error) {
	s, err := in.doc(m.Collection, m.ID, m.Doc)
	return docInsert{s}, err
}

func (m docInsert) apply(t *tx) (Result, error) {
	app, c, err := t.makeCollection(m.collection)
	if err != nil {
		return Result{}, err
	}
	old, err := t.stored(c, m.id)
	if err != nil {
		return Result{}, err
	}
	if old != nil {
		return Result{}, docExists(m.collection, m.id, old.version)
	}
	err = t.store(app, c, nil, m.id, &m.doc, m.body, changeDocInsert)
	return Result{Version: t.version, Created: true, Value: m.body}, err
}

type docReplace struct {
	docStep
	ifVersion *uint64
}

func (m DocReplace) prepare(in *intake) (step, error) {
	s, err := in.doc(m.Collection, m.ID, m.Doc)
	return docReplace{s, m.IfVersion}, err
}

func (m docReplace) apply(t *tx) (Result, error) {
	app, c, err := t.makeCollection(m.collection)
	if err != nil {
		return Result{}, err
	}
	old, err := t.stored(c, m.id)
	if err == nil {
		err = old.mustBe(m.id, m.ifVersion)
	}
	if err != nil {
		return Result{}, err
	}
	what := int64(changeDocReplace)
	if old == nil {
		what = changeDocInsert
	}
	err = t.store(app, c, old, m.id, &m.doc, m.body, what)
	return Result{Version: t.version, Created: old == nil, Value: m.body}, err
}

type docUpdate struct {
	DocUpdate
	update *update
}

func (m DocUpdate) prepare(in *intake) (step, error) {
	in.bytes += int64(len(m.Update))
	if err := in.docName(m.Collection, m.ID); err != nil {
		return nil, err
	}
	u, err := compileUpdate(m.Update)
	return docUpdate{m, u}, err
}

func (m docUpdate) apply(t *tx) (Result, error) {
	app, c, err := t.mustCollection(m.Collection)
	if err != nil {
		return Result{}, err
	}
	old, err := t.stored(c, m.ID)
	if err == nil {
		err = old.mustBe(m.ID, m.IfVersion)
	}
	if err == nil && old == nil {
		err = docNotFound(m.Collection, m.ID)
	}
	if err != nil {
		return Result{}, err
	}
	r, _, err := t.updateDoc(app, c, old, m.update)
	return r, err
}

// updateDoc changes one document, and says whether anything in it changed.
func (t *tx) updateDoc(app *appState, c *collection, old *storedDoc, u *update) (Result, bool, error) {
	doc := storedValue(old.body)
	if err := u.apply(&doc, t.at); err != nil {
		return Result{}, false, err
	}
	body, err := bodyOf("update", &doc)
	if err != nil {
		return Result{}, false, err
	}
	if string(body) == string(old.body) {
		return Result{Version: old.version, Value: body}, false, nil
	}
	err = t.store(app, c, old, old.name, &doc, body, changeDocUpdate)
	return Result{Version: t.version, Value: body}, true, err
}

func (m DocDelete) prepare(in *intake) (step, error) { return m, in.docName(m.Collection, m.ID) }

func (m DocDelete) apply(t *tx) (Result, error) {
	app, c, err := t.mustCollection(m.Collection)
	if err != nil {
		return Result{}, err
	}
	old, err := t.stored(c, m.ID)
	if err == nil {
		err = old.mustBe(m.ID, m.IfVersion)
	}
	if err != nil || old == nil {
		return Result{}, err
	}
	err = t.erase(app, c, old)
	return Result{Deleted: true, Value: old.body, Unkept: t.unkept()}, err
}
