package storage

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"strings"
)

// Import makes an app of an archive. What it has read is in an app that nobody
// sees; the batch that holds Adopt gives it its name, in one commit. What is
// not adopted goes with Close, or at the next start. It is used by one
// goroutine.
type Import struct {
	Manifest Manifest
	Counts   ImportCounts // of what has been read

	db       *DB
	archive  *ArchiveReader
	app      string
	upload   *Upload // whose contents stay until something names them
	contents map[string]Content
	schemas  []Mutation // set when the documents are there: older ones need not fit
	batch    []Mutation
	bytes    int
}

// ImportCounts says how much an import has read.
type ImportCounts struct{ Keys, Collections, Docs, Blobs, Deployments int64 }

// What one batch of an import holds: some milliseconds of the writer.
const (
	importItems = 1000
	importBytes = 2 << 20
)

// stagedPrefix begins the name of an app that is being imported: no id may
// begin with it, and all others sort behind it.
const (
	stagedPrefix = "!"
	stagedEnd    = `"`
)

// NewImport reads the head of an archive and begins. Close it.
func (db *DB) NewImport(ctx context.Context, r io.Reader) (*Import, error) {
	archive, err := NewArchiveReader(r)
	if err != nil {
		return nil, err
	}
	id, err := db.NewDocID()
	if err != nil {
		return nil, err
	}
	upload, err := db.Upload(ctx)
	if err != nil {
		return nil, err
	}
	i := &Import{Manifest: archive.Manifest, db: db, archive: archive, app: stagedPrefix + id, upload: upload, contents: map[string]Content{}}
	if _, err := db.Write(ctx, &Batch{Mutations: []Mutation{appStage{i.app}}}); err != nil {
		upload.Close()
		return nil, err
	}
	return i, nil
}

// Adopt is the mutation that makes the app of what was loaded. KindExists when
// the id is taken.
func (i *Import) Adopt(id, title string) Mutation { return appAdopt{i.app, id, title} }

// Close removes what was not adopted.
func (i *Import) Close(ctx context.Context) error {
	i.upload.Close()
	_, err := i.db.Write(context.WithoutCancel(ctx), &Batch{Mutations: []Mutation{appDiscard{i.app}}})
	if KindOf(err) == KindAppNotFound {
		return nil // adopted
	}
	return err
}

// Load reads the whole archive. What is damaged, there twice or too large is an
// *Error of field archive.
func (i *Import) Load(ctx context.Context) error {
	for {
		item, err := i.archive.Next()
		if err == io.EOF {
			break
		}
		if err == nil {
			err = i.take(ctx, item)
		}
		if err != nil {
			return ofArchive(err)
		}
	}
	if err := i.flush(ctx); err != nil {
		return ofArchive(err)
	}
	i.batch = i.schemas
	return ofArchive(i.flush(ctx))
}

// ofArchive says that what an archive holds is at fault, where it is.
func ofArchive(err error) error {
	var e *Error
	if !errors.As(err, &e) || strings.HasPrefix(e.Field, "archive") {
		return err
	}
	switch e.Kind {
	case KindInvalid, KindExists, KindVersionMismatch, KindUnique, KindTooLarge, KindSchema, KindCollectionNotFound:
		kind := e.Kind
		if kind != KindTooLarge {
			kind = KindInvalid
		}
		return &Error{Kind: kind, Field: "archive", Index: -1, Message: "the archive holds what can not be: " + e.Message, Cause: err}
	}
	return err
}

func (i *Import) take(ctx context.Context, item ArchiveItem) error {
	switch {
	case item.Key != nil:
		return i.key(ctx, item.Key)
	case item.collection != nil:
		i.Counts.Collections++
		return i.collection(ctx, item.collection)
	case item.doc != nil:
		i.Counts.Docs++
		return i.add(ctx, DocInsert{Collection: item.in, Doc: item.doc}, len(item.doc))
	case item.Content != nil:
		return i.content(ctx, item.Content)
	case item.site != nil:
		i.Counts.Deployments++
		return i.site(ctx, item.site)
	}
	i.Counts.Blobs++
	c, err := i.named(item.blob)
	if err != nil {
		return err
	}
	return i.add(ctx, BlobPut{Key: item.blob.Key, Content: c, Type: item.blob.Type, CreateOnly: true}, len(item.blob.Key))
}

func (i *Import) key(ctx context.Context, k *KVEntry) error {
	m := KVSet{Key: k.Key, Value: k.Value, CreateOnly: true}
	if !k.ExpiresAt.IsZero() {
		if m.TTL = k.ExpiresAt.Sub(i.db.now()); m.TTL <= 0 {
			return nil
		}
	}
	i.Counts.Keys++
	return i.add(ctx, m, len(k.Key)+len(k.Value))
}

func (i *Import) collection(ctx context.Context, c *archivedCollection) error {
	specs := make([]IndexSpec, len(c.Indexes))
	for n, x := range c.Indexes {
		specs[n] = IndexSpec(x)
	}
	none := uint64(0)
	m := CollectionSet{Collection: c.Name, Indexes: &specs, Text: &c.Text, History: &c.History, IfVersion: &none}
	if c.Schema != nil {
		schema := c.Schema
		i.schemas = append(i.schemas, CollectionSet{Collection: c.Name, Schema: &schema})
		if len(i.schemas) > maxCollections {
			return tooLarge("archive", "the archive holds over %d collections", maxCollections)
		}
	}
	return i.add(ctx, m, len(c.Schema))
}

// content stores bytes and holds them to their sum.
func (i *Import) content(ctx context.Context, c *ArchiveContent) error {
	name := hex.EncodeToString(c.Hash[:])
	if _, twice := i.contents[name]; twice {
		return invalid("archive", "content/%s is there twice", name)
	}
	if err := i.upload.Next(ctx); err != nil {
		return err
	}
	if err := i.upload.Copy(ctx, c.Bytes); err != nil {
		return err
	}
	stored, err := i.upload.Finish(ctx)
	if err != nil {
		return err
	}
	if stored.Hash != c.Hash {
		return damaged(nil, "content/%s has the SHA-256 %x", name, stored.Hash)
	}
	i.contents[name] = stored
	return nil
}

func (i *Import) named(b *archivedBlob) (Content, error) {
	c, ok := i.contents[b.SHA256]
	if !ok {
		return c, damaged(nil, "the bytes of %q are not there", clip(b.Key, 200))
	}
	return c, nil
}

func (i *Import) site(ctx context.Context, s *archivedSite) error {
	if i.Counts.Deployments > keepSites {
		return tooLarge("archive", "the archive holds over %d deployments", keepSites)
	}
	m := siteKept{at: s.At, by: s.By, active: s.Active}
	for _, f := range s.Files {
		c, err := i.named(&f)
		if err != nil {
			return err
		}
		m.files = append(m.files, SiteFile{Key: f.Key, Type: f.Type, Content: c})
	}
	return i.add(ctx, m, importBytes) // a batch of its own
}

func (i *Import) add(ctx context.Context, m Mutation, size int) error {
	if len(i.batch) == importItems || len(i.batch) > 0 && i.bytes+size > importBytes {
		if err := i.flush(ctx); err != nil {
			return err
		}
	}
	i.batch = append(i.batch, m)
	i.bytes += size
	return nil
}

func (i *Import) flush(ctx context.Context) error {
	if len(i.batch) == 0 {
		return nil
	}
	_, err := i.db.Write(ctx, &Batch{App: i.app, staged: true, Mutations: i.batch})
	i.batch, i.bytes = nil, 0
	return err
}
