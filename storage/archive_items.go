package storage

import (
	"archive/tar"
	"context"
	"database/sql/driver"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
)

// archiveSource is one app on a connection that sees one moment.
type archiveSource struct {
	conn *conn
	app  int64
	now  int64
}

func (s *archiveSource) each(ctx context.Context, text string, fn func([]driver.Value) error, args ...driver.Value) error {
	return s.conn.query(ctx, text, fn, append([]driver.Value{s.app}, args...)...)
}

func (a *archiver) keys(ctx context.Context, s *archiveSource) error {
	err := s.each(ctx, `SELECT key, value, expires_at FROM kv WHERE app = ? AND (expires_at IS NULL OR expires_at > ?) ORDER BY key`, func(row []driver.Value) error {
		return a.line("kv", archivedKey{Key: asText(row[0]), Value: asBytes(row[1]), ExpiresAt: asInt(row[2])})
	}, s.now)
	return errors.Join(err, a.flush("kv"))
}

// collections writes what is declared, then every collection's documents.
func (a *archiver) collections(ctx context.Context, s *archiveSource) error {
	p := &preparer{conn: s.conn}
	k := newCatalogue(p)
	if p.err != nil {
		return p.err
	}
	var list []*collection
	err := s.each(ctx, collectionColumns+`WHERE app = ? ORDER BY name`, func(row []driver.Value) error {
		c, err := k.complete(row)
		list = append(list, c)
		return err
	})
	for i := 0; i < len(list) && err == nil; i++ {
		err = a.line("collections", archivedOf(list[i]))
	}
	if err = errors.Join(err, a.flush("collections")); err != nil {
		return err
	}
	for _, c := range list {
		folder := "docs/" + c.name
		err := s.conn.query(ctx, `SELECT body FROM doc WHERE collection = ? ORDER BY name`, func(row []driver.Value) error {
			return a.line(folder, json.RawMessage(asBytes(row[0])))
		}, c.id)
		if err = errors.Join(err, a.flush(folder)); err != nil {
			return err
		}
	}
	return nil
}

func archivedOf(c *collection) archivedCollection {
	out := archivedCollection{Name: c.name, Schema: c.schema, Text: pathNames(c.texts), History: int(c.history)}
	for _, x := range c.indexes {
		out.Indexes = append(out.Indexes, archivedIndex{Name: x.name, Fields: x.names(), Unique: x.unique, Sparse: x.sparse})
	}
	return out
}

// contents writes the bytes of the app's blobs and deployments, each once.
func (a *archiver) contents(ctx context.Context, s *archiveSource) error {
	type content struct {
		id, size int64
		hash     string
	}
	var list []content
	err := s.each(ctx, `SELECT id, size, hash FROM content WHERE id IN (SELECT content FROM blob WHERE app = ?1
		UNION SELECT f.content FROM site_file f JOIN site s ON s.id = f.site WHERE s.app = ?1) ORDER BY id`, func(row []driver.Value) error {
		list = append(list, content{asInt(row[0]), asInt(row[1]), hex.EncodeToString(asBytes(row[2]))})
		return nil
	})
	for i := 0; i < len(list) && err == nil; i++ {
		err = a.content(ctx, s, list[i].id, list[i].size, list[i].hash)
	}
	return err
}

func (a *archiver) content(ctx context.Context, s *archiveSource, id, size int64, hash string) error {
	err := a.tar.WriteHeader(&tar.Header{Name: "content/" + hash, Mode: 0o600, Size: size, ModTime: a.at})
	if err != nil {
		return err
	}
	a.totals["content"]++
	return s.conn.query(ctx, `SELECT data FROM chunk WHERE id >= ? AND id < ? ORDER BY id`, func(row []driver.Value) error {
		_, err := a.tar.Write(asBytes(row[0]))
		return err
	}, id*chunkIDs, (id+1)*chunkIDs)
}

func (a *archiver) sites(ctx context.Context, s *archiveSource) error {
	var list []archivedSite
	var ids []int64
	err := s.each(ctx, `SELECT id, at, by, active FROM site WHERE app = ? ORDER BY id`, func(row []driver.Value) error {
		ids = append(ids, asInt(row[0]))
		list = append(list, archivedSite{At: asInt(row[1]), By: asText(row[2]), Active: asInt(row[3]) != 0})
		return nil
	})
	for i := 0; i < len(list) && err == nil; i++ {
		err = s.conn.query(ctx, `SELECT f.key, f.type, c.hash FROM site_file f JOIN content c ON c.id = f.content WHERE f.site = ? ORDER BY f.key`, func(row []driver.Value) error {
			list[i].Files = append(list[i].Files, archivedFile(row))
			return nil
		}, ids[i])
		if err == nil {
			err = a.line("sites", list[i])
		}
	}
	return errors.Join(err, a.flush("sites"))
}

func archivedFile(row []driver.Value) archivedBlob {
	return archivedBlob{Key: asText(row[0]), Type: asText(row[1]), SHA256: fmt.Sprintf("%x", asBytes(row[2]))}
}

func (a *archiver) blobs(ctx context.Context, s *archiveSource) error {
	err := s.each(ctx, `SELECT b.key, b.type, c.hash FROM blob b JOIN content c ON c.id = b.content WHERE b.app = ? ORDER BY b.key`, func(row []driver.Value) error {
		return a.line("blobs", archivedFile(row))
	})
	return errors.Join(err, a.flush("blobs"))
}
