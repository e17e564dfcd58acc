package storage

import (
	"context"
	"database/sql/driver"
	"fmt"
	"time"
)

type kvReader struct {
	get                                            *stmt
	list, listBack, keys, keysBack, count, present *stmt
}

// A reader never remembers an app's number: the subquery makes a deleted app
// disappear at once, also before its rows are swept.
const ofApp = ` WHERE app = (SELECT id FROM app WHERE name = ?)`

func newKVReader(p *preparer) kvReader {
	const (
		live   = ` AND (expires_at IS NULL OR expires_at > ?)`
		inside = ofApp + ` AND key >= ? AND key < ?` + live
		value  = `SELECT key, version, expires_at, value FROM kv` + inside
		key    = `SELECT key, version, expires_at FROM kv` + inside
	)
	return kvReader{
		get:      p.stmt(`SELECT key, version, expires_at, value FROM kv` + ofApp + ` AND key = ?` + live),
		list:     p.stmt(value + ` ORDER BY key LIMIT ?`),
		listBack: p.stmt(value + ` ORDER BY key DESC LIMIT ?`),
		keys:     p.stmt(key + ` ORDER BY key LIMIT ?`),
		keysBack: p.stmt(key + ` ORDER BY key DESC LIMIT ?`),
		count:    p.stmt(`SELECT count(*) FROM (SELECT 1 FROM kv` + inside + ` LIMIT ?)`),
		present:  p.stmt(`SELECT 1 FROM app WHERE name = ?`),
	}
}

// KVQuery selects keys. All bounds hold together.
type KVQuery struct {
	Prefix   string // taken literally
	After    string // the page starts behind this key, before it when Reverse
	Start    string // keys from this one on
	End      string // keys before this one; "" = no bound
	Limit    int    // 1 to MaxPage, 0 = DefaultPage
	Reverse  bool   // from the last key to the first
	KeysOnly bool   // leave the values out
}

// bounds turns the query into one range of keys.
func (q KVQuery) bounds() (low, high string, err error) {
	for _, f := range []struct{ name, value string }{{"prefix", q.Prefix}, {"cursor", q.After}, {"start", q.Start}, {"end", q.End}} {
		if err := checkPrefix(f.name, f.value); err != nil {
			return "", "", err
		}
	}
	low, high = prefixRange(q.Prefix)
	low = max(low, q.Start)
	if q.End != "" {
		high = min(high, q.End)
	}
	switch {
	case q.After == "":
	case q.Reverse:
		high = min(high, q.After)
	default:
		low = max(low, q.After+"\x00") // the next possible key
	}
	return low, high, nil
}

func kvEntry(row []driver.Value) KVEntry {
	e := KVEntry{Key: asText(row[0]), Version: uint64(asInt(row[1])), ExpiresAt: millis(row[2])}
	if len(row) > 3 {
		e.Value = asBytes(row[3])
	}
	return e
}

// KVGet returns one key, or KindKeyNotFound, KindAppNotFound.
func (db *DB) KVGet(ctx context.Context, app, key string) (KVEntry, error) {
	if err := checkKey("key", key); err != nil {
		return KVEntry{}, err
	}
	e, ok, ticket := db.kvs.get(kvName{app, key})
	if ok && db.readers.usable(ctx) && (e.ExpiresAt.IsZero() || e.ExpiresAt.After(db.now().Truncate(time.Millisecond))) {
		return e, nil
	}
	err := db.readers.read(ctx, func(r *reader, now int64) error {
		row, ok, err := r.kv.get.one(app, key, now)
		if err != nil {
			return err
		}
		if !ok {
			if err := r.mustHave(app); err != nil {
				return err
			}
			return &Error{Kind: KindKeyNotFound, Field: "key", Index: -1, Message: fmt.Sprintf("no key %q in app %q", key, app)}
		}
		e = kvEntry(row)
		return nil
	})
	if err != nil {
		return KVEntry{}, err
	}
	db.kvs.bring(kvName{app, key}, e, ticket)
	return e, nil
}

// mustHave tells an empty app from a missing one.
func (r *reader) mustHave(app string) error {
	_, ok, err := r.kv.present.one(app)
	if err == nil && !ok {
		return appNotFound(app)
	}
	return err
}

// KVGetMany returns the keys in their order, from one snapshot. A missing one
// has Version 0. More than 64 MiB of values is KindTooLarge.
func (db *DB) KVGetMany(ctx context.Context, app string, keys []string) ([]KVEntry, error) {
	if len(keys) > MaxPage {
		return nil, tooLarge("keys", "%d keys are too many: at most %d", len(keys), MaxPage)
	}
	for i, k := range keys {
		if err := checkKey(fmt.Sprintf("keys[%d]", i), k); err != nil {
			return nil, err
		}
	}
	out := make([]KVEntry, len(keys))
	err := db.readers.page(ctx, func(ctx context.Context, r *reader, now int64) error {
		if err := r.mustHave(app); err != nil {
			return err
		}
		bytes := 0
		for i, k := range keys {
			if err := ctx.Err(); err != nil {
				return err
			}
			row, ok, err := r.kv.get.one(app, k, now)
			if err != nil {
				return err
			}
			out[i] = KVEntry{Key: k}
			if ok {
				out[i] = kvEntry(row)
			}
			if bytes += len(out[i].Value); bytes > maxManyBytes {
				return tooLarge("keys", "the values are over %d bytes: ask for fewer keys", maxManyBytes)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// KVList returns one page of keys in the order of their bytes, and the key to
// pass as After for the next, "" at the end. A page ends early over
// MaxPageBytes.
func (db *DB) KVList(ctx context.Context, app string, q KVQuery) (page []KVEntry, next string, err error) {
	limit, err := pageLimit(q.Limit)
	if err != nil {
		return nil, "", err
	}
	low, high, err := q.bounds()
	if err != nil {
		return nil, "", err
	}
	err = db.readers.page(ctx, func(ctx context.Context, r *reader, now int64) error {
		bytes := 0
		err := r.kv.listing(q).each(ctx, func(row []driver.Value) error {
			if len(page) == limit || bytes > MaxPageBytes {
				next = page[len(page)-1].Key
				return errStop
			}
			e := kvEntry(row)
			bytes += len(e.Key) + len(e.Value)
			page = append(page, e)
			return nil
		}, app, low, high, now, int64(limit+1))
		if err != nil || len(page) > 0 {
			return err
		}
		return r.mustHave(app)
	})
	if err != nil {
		return nil, "", err
	}
	return page, next, nil
}

func (k *kvReader) listing(q KVQuery) *stmt {
	switch {
	case q.KeysOnly && q.Reverse:
		return k.keysBack
	case q.KeysOnly:
		return k.keys
	case q.Reverse:
		return k.listBack
	}
	return k.list
}

// MaxCount is where counting stops.
const MaxCount = 10_000

// KVCount counts keys with a prefix. It walks the rows, so it stops at
// MaxCount, which means that many or more: some 10 ms at most.
func (db *DB) KVCount(ctx context.Context, app, prefix string) (int64, error) {
	if err := checkPrefix("prefix", prefix); err != nil {
		return 0, err
	}
	low, high := prefixRange(prefix)
	var n int64
	err := db.readers.page(ctx, func(ctx context.Context, r *reader, now int64) error {
		err := r.kv.count.each(ctx, func(row []driver.Value) error {
			n = asInt(row[0])
			return nil
		}, app, low, high, now, int64(MaxCount))
		if err != nil || n > 0 {
			return err
		}
		return r.mustHave(app)
	})
	return n, err
}
