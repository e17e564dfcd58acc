package storage

import (
	"context"
	"database/sql/driver"
	"math"
)

type auditReader struct {
	page *stmt
}

func newAuditReader(p *preparer) auditReader {
	return auditReader{page: p.stmt(`SELECT id, ` + auditColumns + ` FROM audit WHERE id < ? ORDER BY id DESC LIMIT ?`)}
}

// AuditQuery selects a page of the audit log. Empty fields select all.
type AuditQuery struct {
	Before    uint64 // entries recorded before this id; 0 = from the newest
	Limit     int    // 1 to MaxPage, 0 = DefaultPage
	Principal string
	App       string
	Operation string
	Code      string
}

func (q AuditQuery) match(e *AuditEntry) bool {
	return (q.Principal == "" || q.Principal == e.Principal) && (q.App == "" || q.App == e.App) &&
		(q.Operation == "" || q.Operation == e.Operation) && (q.Code == "" || q.Code == e.Code)
}

// maxAuditScanned bounds what one page reads when few entries match: the log
// has no index but its order, for each would slow down every write.
const maxAuditScanned = 20_000

// AuditLog returns one page, newest first, and the Before of the next, 0 at
// the end. A page may be short, even empty, before the end.
func (db *DB) AuditLog(ctx context.Context, q AuditQuery) (page []AuditEntry, next uint64, err error) {
	limit, err := pageLimit(q.Limit)
	if err != nil {
		return nil, 0, err
	}
	before := int64(math.MaxInt64)
	if q.Before != 0 && q.Before < math.MaxInt64 {
		before = int64(q.Before)
	}
	err = db.readers.page(ctx, func(ctx context.Context, r *reader, _ int64) error {
		seen := 0
		var last uint64
		return r.audit.page.each(ctx, func(row []driver.Value) error {
			if len(page) == limit || seen == maxAuditScanned {
				next = last
				return errStop
			}
			e := auditEntry(row)
			seen++
			last = e.ID
			if q.match(&e) {
				page = append(page, e)
			}
			return nil
		}, before, int64(maxAuditScanned+1))
	})
	if err != nil {
		return nil, 0, err
	}
	return page, next, nil
}
