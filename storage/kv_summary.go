package storage

import (
	"context"
	"database/sql/driver"
	"strings"
)

// KVPrefix is a family of keys: those that begin with the same first part.
type KVPrefix struct {
	Prefix string // up to and with its separator
	First  string // the first key of the family
	Count  int64  // at most MaxCount, which means that many or more
}

// KVSummary is what keys an app holds, at one moment.
type KVSummary struct {
	Count     int64      // all keys, at most MaxCount, which means that many or more
	Prefixes  []KVPrefix // in the order of their bytes
	Plain     []string   // keys of no family, at most maxPlain
	PlainMore bool       // there are more of those
	More      bool       // there are more prefixes or keys than were looked at
}

// A summary leaps from family to family, one look-up each, and counts no
// further than a person would care: some 20 ms at most.
const (
	maxPrefixes     = 20
	maxPlain        = 20
	maxSummarySteps = 500
	maxPrefixCount  = 1000
)

// KVSummary says what families of keys an app holds.
func (db *DB) KVSummary(ctx context.Context, app string) (sum KVSummary, err error) {
	err = db.readers.page(ctx, func(ctx context.Context, r *reader, now int64) error {
		if err := r.mustHave(app); err != nil {
			return err
		}
		if sum.Count, err = r.countKeys(ctx, app, "", keyEnd, now, MaxCount); err != nil {
			return err
		}
		return r.summarise(ctx, app, now, &sum)
	})
	return sum, err
}

func (r *reader) summarise(ctx context.Context, app string, now int64, sum *KVSummary) error {
	low := ""
	for range maxSummarySteps {
		key, ok, err := r.firstKey(ctx, app, low, now)
		if err != nil || !ok {
			return err
		}
		prefix := family(key)
		if prefix == "" {
			low = key + "\x00" // the next possible key
			if len(sum.Plain) == maxPlain {
				sum.PlainMore = true
				continue
			}
			sum.Plain = append(sum.Plain, key)
			continue
		}
		if len(sum.Prefixes) == maxPrefixes {
			break
		}
		_, high := prefixRange(prefix)
		n, err := r.countKeys(ctx, app, prefix, high, now, maxPrefixCount)
		if err != nil {
			return err
		}
		sum.Prefixes = append(sum.Prefixes, KVPrefix{Prefix: prefix, First: key, Count: n})
		low = high
	}
	sum.More = true
	return nil
}

func (r *reader) firstKey(ctx context.Context, app, low string, now int64) (key string, ok bool, err error) {
	err = r.kv.keys.each(ctx, func(row []driver.Value) error {
		key, ok = asText(row[0]), true
		return errStop
	}, app, low, keyEnd, now, int64(1))
	return key, ok, err
}

func (r *reader) countKeys(ctx context.Context, app, low, high string, now int64, limit int) (n int64, err error) {
	err = r.kv.count.each(ctx, func(row []driver.Value) error {
		n = asInt(row[0])
		return nil
	}, app, low, high, now, int64(limit))
	return n, err
}

// family is the first part of a key with the separator behind it, "" when it
// has none. People who write user/1 or user:1 mean a family; a hyphen or an
// underscore is as often part of a word, so it does not count.
func family(key string) string {
	i := strings.IndexAny(key, "/:.#|")
	if i <= 0 {
		return ""
	}
	return key[:i+1]
}
