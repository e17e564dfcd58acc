//go:build unix

package storage

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// state is what must be in the file at one version.
type state struct {
	keys    map[string]string // key → "version value"; documents as doc/id, blobs as blob/key with their hash
	changes []string
	audit   []string
	repeats []string
	undo    []string
}

// write applies a batch to the model.
func (s *state) write(b *Batch, v uint64) {
	w := stateWrite{state: s, batch: b, version: v}
	for _, m := range b.Mutations {
		w.mutate(m)
	}
	s.audit = append(s.audit, fmt.Sprintf("%d %s", v, b.Audit.RequestID))
	s.repeats = append(s.repeats, fmt.Sprintf("%d %s %s", v, b.Idempotency.Key, b.Idempotency.Key))
}

// stateWrite is one batch on its way into the model.
type stateWrite struct {
	*state
	batch   *Batch
	version uint64
	index   int
}

func (w *stateWrite) mutate(m Mutation) {
	switch m := m.(type) {
	case KVSet:
		w.set("", m.Key, "kv set", string(m.Value))
	case KVDelete:
		w.remove("", m.Key, "kv delete")
	case KVIncrement:
		have, _ := strconv.Atoi(w.value(m.Key))
		by, _ := strconv.Atoi(string(m.By))
		w.set("", m.Key, "kv set", fmt.Sprint(have+by))
	case DocReplace:
		op := "doc replace"
		if _, there := w.keys["doc/"+m.ID]; !there {
			op = "doc insert"
		}
		w.set("doc/", m.ID, op, string(m.Doc))
	case DocInsert:
		w.set("doc/", m.ID, "doc insert", string(m.Doc))
	case DocUpdateWhere:
		w.increment(m)
	case DocDelete:
		w.remove("doc/", m.ID, "doc delete")
	case BlobPut:
		w.set("blob/", m.Key, "blob set", fmt.Sprintf("%x", m.Content.Hash))
	case BlobCopy:
		w.set("blob/", m.To, "blob set", w.value("blob/"+m.Key))
	case BlobDelete:
		w.remove("blob/", m.Key, "blob delete")
	}
}

// increment is the update of docWork.
func (w *stateWrite) increment(m DocUpdateWhere) {
	var filter crashDoc
	_ = json.Unmarshal(m.Filter, &filter)
	have := w.value("doc/" + filter.ID)
	if have == "" {
		return
	}
	var d crashDoc
	_ = json.Unmarshal([]byte(have), &d)
	d.N++
	body, _ := json.Marshal(d)
	w.set("doc/", d.ID, "doc update", string(body))
}

func (w *stateWrite) value(key string) string {
	_, value, _ := strings.Cut(w.keys[key], " ")
	return value
}

func (w *stateWrite) set(kind, key, op, value string) {
	w.keep(kind, key, w.version)
	w.keys[kind+key] = fmt.Sprintf("%d %s", w.version, value)
	w.log(op, key)
}

func (w *stateWrite) remove(kind, key, op string) {
	if _, there := w.keys[kind+key]; !there {
		return
	}
	w.keep(kind, key, 0)
	delete(w.keys, kind+key)
	w.log(op, key)
}

// keep notes what undo keeps: what an agent writes, and what anybody deletes.
func (w *stateWrite) keep(kind, key string, after uint64) {
	var before uint64
	_, _ = fmt.Sscan(w.keys[kind+key], &before)
	if w.batch.Audit.Kind == "agent" || after == 0 {
		w.undo = append(w.undo, fmt.Sprintf("%d %s %d → %d", w.version, key, before, after))
	}
}

func (w *stateWrite) log(op, key string) {
	w.index++
	w.changes = append(w.changes, fmt.Sprintf("%d.%d %s %s", w.version, w.index, op, key))
}

// stateOf reads a file into the form of the model.
func stateOf(c *conn) (*state, uint64, error) {
	s := &state{keys: map[string]string{}}
	var version uint64
	ctx := context.Background()
	err := errors.Join(
		c.query(ctx, sqlVersion, func(r []driver.Value) error { version = uint64(asInt(r[0])); return nil }),
		c.query(ctx, `SELECT key, version, value FROM kv`, func(r []driver.Value) error {
			s.keys[asText(r[0])] = fmt.Sprintf("%d %s", asInt(r[1]), asBytes(r[2]))
			return nil
		}),
		c.query(ctx, `SELECT name, version, body FROM doc`, func(r []driver.Value) error {
			s.keys["doc/"+asText(r[0])] = fmt.Sprintf("%d %s", asInt(r[1]), asBytes(r[2]))
			return nil
		}),
		c.query(ctx, `SELECT b.key, b.version, c.hash FROM blob b JOIN content c ON c.id = b.content`, func(r []driver.Value) error {
			s.keys["blob/"+asText(r[0])] = fmt.Sprintf("%d %x", asInt(r[1]), asBytes(r[2]))
			return nil
		}),
		c.query(ctx, `SELECT version, idx, what, key FROM change WHERE app > 0 ORDER BY version, idx`, func(r []driver.Value) error {
			kind, op := changeKind(asInt(r[2]))
			s.changes = append(s.changes, fmt.Sprintf("%d.%d %s %s %s", asInt(r[0]), asInt(r[1]), kind, op, asText(r[3])))
			return nil
		}),
		c.query(ctx, `SELECT version, request_id FROM audit WHERE version > 0 ORDER BY version`, func(r []driver.Value) error {
			s.audit = append(s.audit, fmt.Sprintf("%d %s", asInt(r[0]), asText(r[1])))
			return nil
		}),
		c.query(ctx, `SELECT version, key, result FROM idempotency ORDER BY version`, func(r []driver.Value) error {
			s.repeats = append(s.repeats, fmt.Sprintf("%d %s %s", asInt(r[0]), asText(r[1]), asBytes(r[2])))
			return nil
		}),
		c.query(ctx, `SELECT version, key, before, after FROM undo ORDER BY id`, func(r []driver.Value) error {
			s.undo = append(s.undo, fmt.Sprintf("%d %s %d → %d", asInt(r[0]), asText(r[1]), asInt(r[2]), asInt(r[3])))
			return nil
		}),
	)
	return s, version, err
}

// differs says where two states differ, "" when they do not.
func (s *state) differs(want *state) string {
	for k, v := range want.keys {
		if s.keys[k] != v {
			return fmt.Sprintf("key %s is %.40q, want %.40q", k, s.keys[k], v)
		}
	}
	for k := range s.keys {
		if _, ok := want.keys[k]; !ok {
			return fmt.Sprintf("key %s is there", k)
		}
	}
	for _, l := range []struct {
		name      string
		got, want []string
	}{{"changes", s.changes, want.changes}, {"audit", s.audit, want.audit}, {"idempotency", s.repeats, want.repeats}, {"undo", s.undo, want.undo}} {
		if !slices.Equal(l.got, l.want) {
			return fmt.Sprintf("%s: %d rows, want %d, ending %.200v, want %.200v", l.name, len(l.got), len(l.want), tail(l.got), tail(l.want))
		}
	}
	return ""
}

func (s *state) clone() *state {
	return &state{
		keys: maps.Clone(s.keys), changes: slices.Clone(s.changes), audit: slices.Clone(s.audit),
		repeats: slices.Clone(s.repeats), undo: slices.Clone(s.undo),
	}
}

// sound holds a file to SQLite's rules, this package's, every blob to its hash,
// and every index to its documents.
func (c *conn) sound(ctx context.Context) error {
	return errors.Join(c.integrity(ctx), c.invariants(ctx), c.contents(ctx), c.entries(ctx))
}

// contents reads the bytes of every finished upload.
func (c *conn) contents(ctx context.Context) error {
	type content struct {
		id   int64
		hash []byte
	}
	var list []content
	err := c.query(ctx, `SELECT id, hash FROM content WHERE hash IS NOT NULL`, func(r []driver.Value) error {
		list = append(list, content{asInt(r[0]), asBytes(r[1])})
		return nil
	})
	for _, k := range list {
		sum := sha256.New()
		err = errors.Join(err, c.query(ctx, `SELECT data FROM chunk WHERE id >= ? AND id < ? ORDER BY id`, func(r []driver.Value) error {
			_, err := sum.Write(asBytes(r[0]))
			return err
		}, k.id*chunkIDs, (k.id+1)*chunkIDs))
		if got := sum.Sum(nil); !bytes.Equal(got, k.hash) {
			err = errors.Join(err, fmt.Errorf("content %d has the hash %x, not %x", k.id, got, k.hash))
		}
	}
	return err
}

// entries works out what the indexes of collection "c" must hold.
func (c *conn) entries(ctx context.Context) error {
	p := &preparer{conn: c}
	k := newCatalogue(p)
	if p.err != nil {
		return p.err
	}
	var app int64
	err := c.query(ctx, `SELECT id FROM app WHERE name = 'a'`, func(r []driver.Value) error { app = asInt(r[0]); return nil })
	of, e := k.load(app, "c")
	if err = errors.Join(err, e); err != nil || of == nil {
		return err
	}
	want := map[string]bool{}
	err = c.query(ctx, `SELECT id, name, body FROM doc`, func(r []driver.Value) error {
		doc := storedValue(asBytes(r[2]))
		for _, x := range of.indexes {
			keys, _, err := x.keys(&doc)
			if err != nil {
				return err
			}
			for _, key := range keys {
				want[fmt.Sprintf("%d %x %s %d", x.id, key, asText(r[1]), asInt(r[0]))] = true
			}
		}
		return nil
	})
	err = errors.Join(err, c.query(ctx, `SELECT idx, key, name, doc FROM doc_entry`, func(r []driver.Value) error {
		entry := fmt.Sprintf("%d %x %s %d", asInt(r[0]), asBytes(r[1]), asText(r[2]), asInt(r[3]))
		if !want[entry] {
			return fmt.Errorf("the index entry %s is of no document", entry)
		}
		delete(want, entry)
		return nil
	}))
	if len(want) > 0 {
		err = errors.Join(err, fmt.Errorf("%d index entries are missing", len(want)))
	}
	return err
}

func tail(list []string) []string { return list[max(0, len(list)-3):] }
