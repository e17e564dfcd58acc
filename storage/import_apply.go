package storage

import (
	"context"
	"fmt"
)

// appStage makes an app that nobody sees. Its name is made by NewImport.
type appStage struct{ name string }

// appAdopt gives such an app its id.
type appAdopt struct {
	from, id, title string
}

// appDiscard removes one for good.
type appDiscard struct{ name string }

// siteKept adds a deployment that can be gone back to, without switching to
// it: what the site shows is among the blobs.
type siteKept struct {
	files  []SiteFile
	at     int64
	by     string
	active bool
}

func (appStage) mutation()   {}
func (appAdopt) mutation()   {}
func (appDiscard) mutation() {}
func (siteKept) mutation()   {}

func (m appStage) prepare(in *intake) (step, error) {
	in.bytes += mutationBytes
	return m, nil
}

func (m appStage) apply(t *tx) (Result, error) {
	_, err := t.write(t.apps.insert, m.name, "", int64(t.version), int64(t.version), t.now, t.now)
	return Result{}, err
}

func (m appAdopt) prepare(in *intake) (step, error) {
	in.bytes += mutationBytes + int64(len(m.title))
	if err := checkApp("id", m.id); err != nil {
		return nil, err
	}
	return m, checkText("title", m.title, maxTitleBytes)
}

func (m appAdopt) apply(t *tx) (Result, error) {
	if s, err := t.apps.state(m.id); err == nil {
		return Result{}, &Error{Kind: KindExists, Field: "id", Index: -1, CurrentVersion: s.version, Message: fmt.Sprintf("app %q exists", m.id)}
	} else if KindOf(err) != KindAppNotFound {
		return Result{}, err
	}
	s, err := t.apps.state(m.from)
	if err != nil {
		return Result{}, err
	}
	if _, err := t.write(t.apps.adopt, m.id, m.title, int64(t.version), t.now, t.now, s.id); err != nil {
		return Result{}, err
	}
	delete(t.apps.known, m.from)
	t.unit.touched = append(t.unit.touched, m.id)
	if err := t.catalogueChanged(); err != nil {
		return Result{}, err
	}
	return Result{Version: t.version, Created: true}, t.logSystem(changeAppCreate, m.id)
}

func (m appDiscard) prepare(in *intake) (step, error) {
	in.bytes += mutationBytes
	return m, nil
}

func (m appDiscard) apply(t *tx) (Result, error) {
	s, err := t.apps.state(m.name)
	if err != nil {
		return Result{}, err
	}
	if _, err := t.write(t.apps.gone, t.now, nil, t.now, s.id); err != nil {
		return Result{}, err
	}
	delete(t.apps.known, m.name)
	t.retain.hurry()
	_, err = t.write(t.apps.remove, s.id)
	return Result{Deleted: true}, err
}

// discardStaged removes what imports have left that were torn by the end of the
// process.
func (w *writer) discardStaged(ctx context.Context) error {
	const those = ` FROM app WHERE name >= '` + stagedPrefix + `' AND name < '` + stagedEnd + `'`
	return w.transact(func() error {
		err := w.conn.exec(ctx, `INSERT INTO app_gone (id, version, born, created_at) SELECT id, version, born, created_at`+those)
		if err == nil {
			err = w.conn.exec(ctx, `DELETE`+those)
		}
		return err
	})
}

func (m siteKept) prepare(in *intake) (step, error) {
	if _, err := (SiteDeploy{Files: m.files}).prepare(in); err != nil {
		return nil, err
	}
	return m, checkText("by", m.by, maxNameBytes)
}

func (m siteKept) apply(t *tx) (Result, error) {
	app, err := t.inApp()
	if err != nil {
		return Result{}, err
	}
	id, err := t.blobs.site.keep(t, app, m.files, m.at, m.by)
	if err == nil && m.active {
		_, err = t.write(t.blobs.site.activate, id, app.id)
	}
	return Result{Version: t.version}, err
}
