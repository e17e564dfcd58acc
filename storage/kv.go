package storage

import (
	"bytes"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"math"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// kvWriter changes keys. A key that has expired does not exist, whether it
// has been swept or not: every statement here asks.
type kvWriter struct {
	get, version, update, upsert, remove, inRange, removeRange *stmt
}

func newKVWriter(p *preparer) kvWriter {
	const live = ` AND (expires_at IS NULL OR expires_at > ?)`
	return kvWriter{
		get:     p.stmt(`SELECT value, version, expires_at FROM kv WHERE app = ? AND key = ?` + live),
		version: p.stmt(`SELECT version FROM kv WHERE app = ? AND key = ?` + live),
		update:  p.stmt(`UPDATE kv SET value = ?, version = ?, expires_at = ? WHERE app = ? AND key = ?` + live),
		upsert: p.stmt(`INSERT INTO kv (app, key, value, version, expires_at) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (app, key) DO UPDATE SET value = excluded.value, version = excluded.version, expires_at = excluded.expires_at`),
		remove:      p.stmt(`DELETE FROM kv WHERE app = ? AND key = ?`),
		inRange:     p.stmt(`SELECT key, length(value) FROM kv WHERE app = ? AND key >= ? AND key < ?` + live + ` ORDER BY key LIMIT ?`),
		removeRange: p.stmt(`DELETE FROM kv WHERE app = ? AND key >= ? AND key < ?`),
	}
}

// current returns the version a key is at, 0 when it does not exist.
func (k *kvWriter) current(t *tx, app int64, key string) (uint64, error) {
	row, ok, err := k.version.one(app, key, t.now)
	if err != nil || !ok {
		return 0, err
	}
	return uint64(asInt(row[0])), nil
}

// put stores a value whether or not the key is there.
func (k *kvWriter) put(t *tx, app int64, key string, value []byte, expires driver.Value) error {
	_, err := t.write(k.upsert, app, key, value, int64(t.version), expires)
	return err
}

// compactJSON checks that v is one JSON value of valid UTF-8 and takes the
// white space out; member order and the text of numbers stay. It copies only
// when there is something to take out.
func compactJSON(field string, v json.RawMessage) ([]byte, error) {
	if len(v) > 4*MaxValueBytes {
		return nil, tooLarge(field, "%d bytes are too many: at most %d", len(v), MaxValueBytes)
	}
	if !jsontext.Value(v).IsValid(jsontext.AllowDuplicateNames(true)) {
		return nil, invalid(field, "not one JSON value in valid UTF-8")
	}
	out := []byte(v)
	if bytes.ContainsAny(v, " \t\r\n") {
		c := jsontext.Value(bytes.Clone(v))
		if err := c.Compact(); err != nil {
			return nil, invalid(field, "%v", err)
		}
		out = c
	}
	if len(out) > MaxValueBytes {
		return nil, tooLarge(field, "%d bytes are too many: at most %d", len(out), MaxValueBytes)
	}
	return out, nil
}

func (c CheckKV) prepare(in *intake) (condition, error) {
	in.bytes += mutationBytes + int64(len(c.Key))
	return c, checkKey("key", c.Key)
}

func (c CheckKV) test(t *tx) error {
	app, err := t.inApp()
	if err != nil {
		return err
	}
	have, err := t.kv.current(t, app.id, c.Key)
	if err == nil && have != c.Version {
		e := mismatch(fmt.Sprintf("key %q", c.Key), c.Version, have)
		e.Field = "version"
		return e
	}
	return err
}

// kvSet is a KVSet made ready.
type kvSet struct {
	KVSet
	ttl int64 // milliseconds, 0 = none
}

func (m KVSet) prepare(in *intake) (step, error) {
	if err := checkKey("key", m.Key); err != nil {
		return nil, err
	}
	v, err := compactJSON("value", m.Value)
	if err != nil {
		return nil, err
	}
	if m.TTL < 0 {
		return nil, invalid("ttl", "%v is in the past: use a positive time, or none to keep the key", m.TTL)
	}
	m.Value = v
	in.bytes += mutationBytes + int64(len(m.Key)+len(v))
	return kvSet{m, int64((m.TTL + time.Millisecond - 1) / time.Millisecond)}, nil
}

func (m kvSet) apply(t *tx) (Result, error) {
	app, err := t.inApp()
	if err != nil {
		return Result{}, err
	}
	created, err := m.store(t, app)
	if err != nil {
		return Result{}, err
	}
	if err := t.log(app, changeKVSet, m.Key); err != nil {
		return Result{}, err
	}
	t.cacheKV(m)
	return Result{Version: t.version, Created: created}, nil
}

// cacheKV lets the readers' cache have the value when it is committed. What is
// being imported nobody can ask for yet.
func (t *tx) cacheKV(m kvSet) {
	if t.unit.batch.staged {
		return
	}
	e := &KVEntry{Key: m.Key, Value: bytes.Clone(m.Value), Version: t.version}
	if m.ttl > 0 {
		e.ExpiresAt = millis(t.now + m.ttl)
	}
	t.kvChanges[len(t.kvChanges)-1].entry = e
}

func (m kvSet) store(t *tx, app *appState) (created bool, err error) {
	var expires driver.Value
	if m.ttl > 0 {
		expires = t.now + m.ttl
	}
	if m.IfVersion == nil && !m.CreateOnly {
		// Overwriting is the common case: one statement, which says whether
		// the key was there.
		if err := t.keepKV(app, m.Key, t.version); err != nil {
			return false, err
		}
		n, err := t.write(t.kv.update, []byte(m.Value), int64(t.version), expires, app.id, m.Key, t.now)
		if err != nil || n > 0 {
			return false, err
		}
		return true, t.kv.put(t, app.id, m.Key, m.Value, expires)
	}
	have, err := t.kv.current(t, app.id, m.Key)
	switch {
	case err != nil:
		return false, err
	case m.CreateOnly && have != 0:
		return false, &Error{
			Kind: KindExists, Field: "key", Index: -1, CurrentVersion: have,
			Message: fmt.Sprintf("key %q exists at version %d", m.Key, have),
		}
	case m.IfVersion != nil && *m.IfVersion != have:
		return false, mismatch(fmt.Sprintf("key %q", m.Key), *m.IfVersion, have)
	}
	if err := t.keepKV(app, m.Key, t.version); err != nil {
		return false, err
	}
	return have == 0, t.kv.put(t, app.id, m.Key, m.Value, expires)
}

func (m KVDelete) prepare(in *intake) (step, error) {
	in.bytes += mutationBytes + int64(len(m.Key))
	return m, checkKey("key", m.Key)
}

func (m KVDelete) apply(t *tx) (Result, error) {
	app, err := t.inApp()
	if err != nil {
		return Result{}, err
	}
	have, err := t.kv.current(t, app.id, m.Key)
	switch {
	case err != nil:
		return Result{}, err
	case m.IfVersion != nil && *m.IfVersion != have:
		return Result{}, mismatch(fmt.Sprintf("key %q", m.Key), *m.IfVersion, have)
	case have == 0:
		return Result{}, nil
	}
	if err := t.keepKV(app, m.Key, 0); err != nil {
		return Result{}, err
	}
	if _, err := t.write(t.kv.remove, app.id, m.Key); err != nil {
		return Result{}, err
	}
	return Result{Deleted: true, Unkept: t.unkept()}, t.log(app, changeKVDelete, m.Key)
}

func (m KVDeletePrefix) prepare(in *intake) (step, error) {
	in.bytes += mutationBytes + int64(len(m.Prefix))
	if m.Limit < 0 || m.Limit > MaxPrefixDelete {
		return nil, invalid("limit", "%d is out of range: 1 to %d", m.Limit, MaxPrefixDelete)
	}
	if m.Limit == 0 {
		m.Limit = MaxPrefixDelete
	}
	return m, checkPrefix("prefix", m.Prefix)
}

func (m KVDeletePrefix) apply(t *tx) (Result, error) {
	app, err := t.inApp()
	if err != nil {
		return Result{}, err
	}
	low, high := prefixRange(m.Prefix)
	var keys []string
	bytes := int64(0)
	err = t.kv.inRange.all(func(row []driver.Value) error {
		keys = append(keys, asText(row[0]))
		bytes += asInt(row[1]) + undoRowBytes
		return nil
	}, app.id, low, high, t.now, int64(m.Limit+1))
	if err != nil {
		return Result{}, err
	}
	if len(keys) > m.Limit {
		return Result{}, tooLarge("prefix", "more than %d keys begin with %q: delete longer prefixes one after the other", m.Limit, m.Prefix)
	}
	if len(keys) == 0 {
		return Result{}, nil
	}
	kept := bytes <= maxUndoDeletes
	if kept {
		if err := t.keepRange(app, low, high); err != nil {
			return Result{}, err
		}
	}
	if _, err := t.write(t.kv.removeRange, app.id, low, high); err != nil {
		return Result{}, err
	}
	for _, k := range keys {
		if err := t.log(app, changeKVDelete, k); err != nil {
			return Result{}, err
		}
	}
	return Result{Deleted: true, Count: int64(len(keys)), Unkept: !kept || t.unkept()}, nil
}

func (m KVIncrement) prepare(in *intake) (step, error) {
	in.bytes += mutationBytes + int64(len(m.Key))
	if err := checkKey("key", m.Key); err != nil {
		return nil, err
	}
	s := kvIncrement{key: m.Key}
	var err error
	if s.by, err = parseNumber("by", string(m.By)); err != nil {
		return nil, err
	}
	if m.Min != nil {
		if s.min, err = parseBound("min", *m.Min); err != nil {
			return nil, err
		}
	}
	if m.Max != nil {
		if s.max, err = parseBound("max", *m.Max); err != nil {
			return nil, err
		}
	}
	if s.min != nil && s.max != nil && s.min.compare(*s.max) > 0 {
		return nil, invalid("min", "min %s is over max %s", s.min, s.max)
	}
	return s, nil
}

// kvIncrement is a KVIncrement made ready.
type kvIncrement struct {
	key      string
	by       number
	min, max *number
}

func (m kvIncrement) apply(t *tx) (Result, error) {
	app, err := t.inApp()
	if err != nil {
		return Result{}, err
	}
	row, found, err := t.kv.get.one(app.id, m.key, t.now)
	if err != nil {
		return Result{}, err
	}
	old, expires := number{integer: true}, driver.Value(nil)
	if found {
		expires = row[2]
		if old, err = parseNumber("key", string(asBytes(row[0]))); err != nil {
			return Result{}, typeMismatch("key %q holds %s, which is no number that can be added to", m.key, clip(string(asBytes(row[0])), 40))
		}
	}
	sum, err := m.sum(old)
	if err != nil {
		return Result{}, err
	}
	text := []byte(sum.String())
	if err := t.keepKV(app, m.key, t.version); err != nil {
		return Result{}, err
	}
	if err := t.kv.put(t, app.id, m.key, text, expires); err != nil {
		return Result{}, err
	}
	return Result{Version: t.version, Created: !found, Value: text}, t.log(app, changeKVSet, m.key)
}

func (m kvIncrement) sum(old number) (number, error) {
	sum, over := old.plus(m.by)
	switch {
	case m.max != nil && (over > 0 || over == 0 && sum.compare(*m.max) > 0):
		return *m.max, nil
	case m.min != nil && (over < 0 || over == 0 && sum.compare(*m.min) < 0):
		return *m.min, nil
	case over != 0 && sum.integer:
		return number{}, typeMismatch("key %q: %s + %s overflows a 64-bit integer (%d to %d)", m.key, old, m.by, math.MinInt64, math.MaxInt64)
	case over != 0:
		return number{}, typeMismatch("key %q: %s + %s overflows a 64-bit float", m.key, old, m.by)
	}
	return sum, nil
}

func typeMismatch(format string, args ...any) *Error {
	return &Error{Kind: KindTypeMismatch, Field: "key", Index: -1, Message: fmt.Sprintf(format, args...)}
}

// prefixRange returns the keys from low up to, not including, high. Keys are
// valid UTF-8, so their bytes are below 0xF5 and the successor exists.
func prefixRange(prefix string) (low, high string) {
	if prefix == "" {
		return "", keyEnd
	}
	last := len(prefix) - 1
	return prefix, prefix[:last] + string([]byte{prefix[last] + 1})
}

// keyEnd sorts behind every key.
const keyEnd = "\xff"
