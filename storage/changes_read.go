package storage

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"slices"
	"strings"
	"time"
)

type changeReader struct {
	place, page, pageValues *stmt
}

func newChangeReader(p *preparer) changeReader {
	// (version, idx) > (?, ?), written so that the key serves it.
	const behind = ` WHERE c.app = ? AND c.version >= ? AND (c.version > ? OR c.idx > ?) ORDER BY c.version, c.idx LIMIT ?`
	const columns = `SELECT c.version, c.idx, c.at, c.what, c.name, c.key, c.principal`
	return changeReader{
		place: p.stmt(`SELECT a.id, a.born, f.version, f.idx FROM app a LEFT JOIN change_floor f ON f.app = a.id WHERE a.name = ?
			UNION ALL SELECT 0, 0, (SELECT version FROM change_floor WHERE app = 0), (SELECT idx FROM change_floor WHERE app = 0) WHERE ? = ''`),
		page: p.stmt(columns + ` FROM change c` + behind),
		pageValues: p.stmt(columns + `, coalesce(k.value, d.body) FROM change c LEFT JOIN kv k
			ON c.what = 1 AND k.app = c.app AND k.key = c.key AND k.version = c.version AND (k.expires_at IS NULL OR k.expires_at > ?)
			LEFT JOIN doc d ON c.what BETWEEN 50 AND 52 AND d.name = c.key AND d.version = c.version
			AND d.collection = (SELECT id FROM collection n WHERE n.app = c.app AND n.name = c.name)` + behind),
	}
}

// Change is one entry of a feed.
type Change struct {
	Cursor    Cursor
	At        time.Time
	Kind      string // kv, doc, collection, app, token, setting
	Op        string // set, delete, create, insert, replace, update
	Name      string // the collection, "" when the kind has none
	Key       string
	Version   uint64 // the version that made the change
	Principal string
	Value     json.RawMessage // when asked for, and still the one that was written
}

// ChangeQuery selects a page of a feed.
type ChangeQuery struct {
	Since  *Cursor  // the page starts behind it; nil = from now on, 0.0 = from the start
	Kinds  []string // nil = all
	Prefix string   // of the key, taken literally
	Limit  int      // 1 to MaxPage, 0 = DefaultPage
	Values bool     // join values
}

// ChangePage is one page; Next is the Since of the one behind it, also when
// the page is empty.
type ChangePage struct {
	Items []Change
	Next  Cursor
}

// maxChangesScanned bounds what one page reads when few entries match. Next
// moves on over what did not match.
const maxChangesScanned = 10_000

// Changes returns what has changed in an app since a cursor; "" is the system
// feed of apps, tokens and settings. A cursor that is older than what is kept,
// or from another history, is KindCompacted: read the state anew, with a
// cursor taken before.
func (db *DB) Changes(ctx context.Context, app string, q ChangeQuery) (page ChangePage, err error) {
	limit, err := pageLimit(q.Limit)
	if err != nil {
		return ChangePage{}, err
	}
	if err := checkPrefix("prefix", q.Prefix); err != nil {
		return ChangePage{}, err
	}
	err = db.readers.page(ctx, func(ctx context.Context, r *reader, now int64) error {
		id, err := r.feed(app, q.Since, &page)
		if err != nil || q.Since == nil {
			return err
		}
		return r.collect(ctx, id, now, limit, q, &page)
	})
	if err != nil {
		return ChangePage{}, err
	}
	return page, nil
}

// feed finds the feed's number and holds the cursor to what is kept.
func (r *reader) feed(app string, since *Cursor, page *ChangePage) (id int64, err error) {
	row, ok, err := r.changes.place.one(app, app)
	if err != nil {
		return 0, err
	}
	if !ok {
		return 0, appNotFound(app)
	}
	id = asInt(row[0])
	born := Cursor{Version: uint64(asInt(row[1]))}
	floor := Cursor{Version: uint64(asInt(row[2])), Index: uint32(asInt(row[3]))}
	row, _, err = r.version.one()
	if err != nil {
		return 0, err
	}
	now := Cursor{Version: uint64(asInt(row[0])) + 1}
	if since == nil {
		page.Next = now
		return id, nil
	}
	start := *since == Cursor{} && floor == Cursor{}
	if !start && (since.before(floor) || since.before(born) || now.before(*since)) {
		return 0, &Error{
			Kind: KindCompacted, Field: "since", Index: -1,
			Message: "changes since " + since.String() + " are not kept: take a new cursor without since, read the state, then follow from that cursor",
		}
	}
	page.Next = *since
	return id, nil
}

func (r *reader) collect(ctx context.Context, id, now int64, limit int, q ChangeQuery, page *ChangePage) error {
	statement, args := r.changes.page, make([]driver.Value, 0, 6)
	if q.Values {
		statement, args = r.changes.pageValues, append(args, now)
	}
	since := int64(q.Since.Version)
	args = append(args, id, since, since, int64(q.Since.Index), int64(maxChangesScanned))
	bytes := 0
	return statement.each(ctx, func(row []driver.Value) error {
		if len(page.Items) == limit || bytes > MaxPageBytes {
			return errStop
		}
		c := change(row)
		page.Next = c.Cursor
		if strings.HasPrefix(c.Key, q.Prefix) && (q.Kinds == nil || slices.Contains(q.Kinds, c.Kind)) {
			bytes += len(c.Key) + len(c.Value)
			page.Items = append(page.Items, c)
		}
		return nil
	}, args...)
}

func change(row []driver.Value) Change {
	c := Change{
		Cursor: Cursor{Version: uint64(asInt(row[0])), Index: uint32(asInt(row[1]))}, Version: uint64(asInt(row[0])),
		At: millis(row[2]), Name: asText(row[4]), Key: asText(row[5]), Principal: asText(row[6]),
	}
	c.Kind, c.Op = changeKind(asInt(row[3]))
	if len(row) > 7 {
		c.Value = asBytes(row[7])
	}
	return c
}
