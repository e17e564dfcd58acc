package storage

import (
	"context"
	"database/sql/driver"
	"fmt"
	"time"
)

// SitePrefix is what the keys of an app's site begin with.
const SitePrefix = "site/"

// Limits of a site's deployments.
const (
	MaxSiteFiles = 5000 // of one deployment: one commit switches them all
	keepSites    = 10   // deployments that can be gone back to
)

// SiteFile is one file of a deployment. Key has no SitePrefix.
type SiteFile struct {
	Key     string
	Type    string
	Content Content
}

// SiteDeploy makes the files the app's whole site, in one commit: blobs under
// SitePrefix that are not among them go.
type SiteDeploy struct{ Files []SiteFile }

// SiteRollback makes an earlier deployment the app's site again; 0 = the one
// before the active one. Blobs that were put under SitePrefix since go.
type SiteRollback struct{ Deployment int64 }

func (SiteDeploy) mutation()   {}
func (SiteRollback) mutation() {}

// Deployment is one of the last deployments of an app's site.
type Deployment struct {
	ID      int64
	Version uint64
	At      time.Time
	By      string // the principal
	Files   int64
	Bytes   int64
	Active  bool // the one that was switched to last
}

type siteWriter struct {
	add, addFile, activate, active, before, known *stmt
	unlink, clear, link, fill                     *stmt
	unlinkFiles, dropFiles, dropSite, old         *stmt
}

func newSiteWriter(p *preparer) siteWriter {
	const ofSite = ` app = ? AND key >= 'site/' AND key < 'site0'`
	return siteWriter{
		add:      p.stmt(`INSERT INTO site (app, version, at, by, files, bytes, active) VALUES (?, ?, ?, ?, ?, ?, 0) RETURNING id`),
		addFile:  p.stmt(`INSERT INTO site_file (site, key, content, size, type) VALUES (?, ?, ?, ?, ?)`),
		activate: p.stmt(`UPDATE site SET active = (id = ?) WHERE app = ?`),
		active:   p.stmt(`SELECT id FROM site WHERE app = ? AND active = 1`),
		before:   p.stmt(`SELECT id FROM site WHERE app = ? AND id < ? ORDER BY id DESC LIMIT 1`),
		known:    p.stmt(`SELECT id FROM site WHERE app = ? AND id = ?`),

		unlink: p.stmt(`UPDATE content SET refs = refs - (SELECT count(*) FROM blob b WHERE b.content = content.id AND b.app = ? AND b.key >= 'site/' AND b.key < 'site0')
			WHERE id IN (SELECT content FROM blob WHERE` + ofSite + `)`),
		clear: p.stmt(`DELETE FROM blob WHERE` + ofSite),
		link: p.stmt(`UPDATE content SET refs = refs + (SELECT count(*) FROM site_file f WHERE f.site = ? AND f.content = content.id)
			WHERE id IN (SELECT content FROM site_file WHERE site = ?)`),
		fill: p.stmt(`INSERT INTO blob (app, key, content, size, type, version, modified_at)
			SELECT ?, 'site/' || key, content, size, type, ?, ? FROM site_file WHERE site = ?`),

		unlinkFiles: p.stmt(`UPDATE content SET refs = refs - (SELECT count(*) FROM site_file f WHERE f.site = ? AND f.content = content.id)
			WHERE id IN (SELECT content FROM site_file WHERE site = ?)`),
		dropFiles: p.stmt(`DELETE FROM site_file WHERE site = ?`),
		dropSite:  p.stmt(`DELETE FROM site WHERE id = ?`),
		old:       p.stmt(`SELECT id FROM site WHERE app = ? AND active = 0 ORDER BY id DESC LIMIT -1 OFFSET ?`),
	}
}

// drop removes a deployment from those that can be gone back to.
func (s *siteWriter) drop(id int64) error {
	if _, err := s.unlinkFiles.run(id, id); err != nil {
		return err
	}
	if _, err := s.dropFiles.run(id); err != nil {
		return err
	}
	_, err := s.dropSite.run(id)
	return err
}

// show makes the blobs under SitePrefix those of a deployment.
func (s *siteWriter) show(t *tx, app *appState, id, what int64) error {
	t.wrote = true
	for _, run := range []func() (int64, error){
		func() (int64, error) { return s.link.run(id, id) }, // first, so that nothing falls to 0 between
		func() (int64, error) { return s.unlink.run(app.id, app.id) },
		func() (int64, error) { return s.clear.run(app.id) },
		func() (int64, error) { return s.fill.run(app.id, int64(t.version), t.now, id) },
		func() (int64, error) { return s.activate.run(id, app.id) },
	} {
		if _, err := run(); err != nil {
			return err
		}
	}
	return t.log(app, what, fmt.Sprint(id))
}

func (m SiteDeploy) prepare(in *intake) (step, error) {
	if len(m.Files) == 0 {
		return nil, invalid("files", "a deployment has one file at least")
	}
	if len(m.Files) > MaxSiteFiles {
		return nil, tooLarge("files", "%d files are too many: at most %d", len(m.Files), MaxSiteFiles)
	}
	seen := make(map[string]bool, len(m.Files))
	for _, f := range m.Files {
		in.bytes += mutationBytes + int64(len(f.Key)+len(f.Type))
		if err := checkKey("files", SitePrefix+f.Key); err != nil {
			return nil, err
		}
		if seen[f.Key] || f.Content.id == 0 {
			return nil, invalid("files", "%q is there twice, or without content", f.Key)
		}
		seen[f.Key] = true
		if err := checkType("files", f.Type); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func (m SiteDeploy) apply(t *tx) (Result, error) {
	app, err := t.inApp()
	if err != nil {
		return Result{}, err
	}
	s := &t.blobs.site
	id, err := s.keep(t, app, m.Files, t.now, t.principal())
	if err != nil {
		return Result{}, err
	}
	if err := s.show(t, app, id, changeSiteDeploy); err != nil {
		return Result{}, err
	}
	return Result{Version: t.version, Created: true, Count: id}, s.forget(app)
}

// keep stores a deployment, which holds its files.
func (s *siteWriter) keep(t *tx, app *appState, files []SiteFile, at int64, by string) (id int64, err error) {
	bytes := int64(0)
	for _, f := range files {
		bytes += f.Content.Size
	}
	t.wrote = true
	row, _, err := s.add.one(app.id, int64(t.version), at, orNull(by), int64(len(files)), bytes)
	if err != nil {
		return 0, err
	}
	id = asInt(row[0])
	for _, f := range files {
		content, err := t.blobs.adopt(t, f.Content)
		if err == nil {
			_, err = s.addFile.run(id, f.Key, content, f.Content.Size, f.Type)
		}
		if err != nil {
			return 0, err
		}
	}
	_, err = s.link.run(id, id)
	return id, err
}

// forget drops the oldest deployments over those that are kept.
func (s *siteWriter) forget(app *appState) error {
	var old []int64
	err := s.old.all(func(row []driver.Value) error {
		old = append(old, asInt(row[0]))
		return nil
	}, app.id, int64(keepSites-1))
	for i := 0; i < len(old) && err == nil; i++ {
		err = s.drop(old[i])
	}
	return err
}

func (m SiteRollback) prepare(in *intake) (step, error) {
	in.bytes += mutationBytes
	if m.Deployment < 0 {
		return nil, invalid("deployment", "%d is no deployment", m.Deployment)
	}
	return m, nil
}

func (m SiteRollback) apply(t *tx) (Result, error) {
	app, err := t.inApp()
	if err != nil {
		return Result{}, err
	}
	s := &t.blobs.site
	var row []driver.Value
	ok := false
	if m.Deployment != 0 {
		row, ok, err = s.known.one(app.id, m.Deployment)
	} else if row, ok, err = s.active.one(app.id); ok && err == nil {
		row, ok, err = s.before.one(app.id, asInt(row[0]))
	}
	if err != nil {
		return Result{}, err
	}
	if !ok {
		return Result{}, &Error{
			Kind: KindDeploymentNotFound, Field: "deployment", Index: -1,
			Message: fmt.Sprintf("app %q has no such deployment to go back to", app.name),
		}
	}
	id := asInt(row[0])
	return Result{Version: t.version, Count: id}, s.show(t, app, id, changeSiteRollback)
}

type siteReader struct{ list *stmt }

func newSiteReader(p *preparer) siteReader {
	return siteReader{list: p.stmt(`SELECT id, version, at, by, files, bytes, active FROM site` + ofApp + ` ORDER BY id DESC`)}
}

// Deployments returns the deployments of an app's site, the newest first. They
// are ten at most.
func (db *DB) Deployments(ctx context.Context, app string) (list []Deployment, err error) {
	err = db.readers.page(ctx, func(ctx context.Context, r *reader, _ int64) error {
		err := r.blobs.site.list.each(ctx, func(row []driver.Value) error {
			list = append(list, Deployment{
				ID: asInt(row[0]), Version: uint64(asInt(row[1])), At: millis(row[2]), By: asText(row[3]),
				Files: asInt(row[4]), Bytes: asInt(row[5]), Active: asInt(row[6]) != 0,
			})
			return nil
		}, app)
		if err != nil || len(list) > 0 {
			return err
		}
		return r.mustHave(app)
	})
	if err != nil {
		return nil, err
	}
	return list, nil
}
