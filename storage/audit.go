package storage

import (
	"database/sql/driver"
	"time"
)

type auditWriter struct {
	add *stmt
}

const auditColumns = `at, principal, kind, face, client, operation, app, input_hash, code, duration, version, request_id`

func newAuditWriter(p *preparer) auditWriter {
	return auditWriter{
		add: p.stmt(`INSERT INTO audit (` + auditColumns + `) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`),
	}
}

// insert writes one row. Texts come from outside, so they are cut to a bound.
func (w *auditWriter) insert(t *tx, e *AuditEntry, version uint64) error {
	at := e.At
	if at.IsZero() {
		at = t.at
	}
	text := func(s string) driver.Value { return orNull(clip(s, maxAuditBytes)) }
	var hash driver.Value
	if e.InputHash != ([32]byte{}) {
		hash = e.InputHash[:]
	}
	_, err := t.write(w.add, at.UnixMilli(), text(e.Principal), text(e.Kind), text(e.Face), text(e.Client), text(e.Operation),
		text(e.App), hash, text(e.Code), e.Duration.Microseconds(), int64(version), text(e.RequestID))
	return err
}

func auditEntry(row []driver.Value) AuditEntry {
	e := AuditEntry{
		ID: uint64(asInt(row[0])), At: time.UnixMilli(asInt(row[1])),
		Principal: asText(row[2]), Kind: asText(row[3]), Face: asText(row[4]), Client: asText(row[5]),
		Operation: asText(row[6]), App: asText(row[7]), Code: asText(row[9]),
		Duration: time.Duration(asInt(row[10])) * time.Microsecond, Version: uint64(asInt(row[11])), RequestID: asText(row[12]),
	}
	copy(e.InputHash[:], asBytes(row[8]))
	return e
}

// Record queues the audit entry of a call that wrote nothing. Nobody waits for
// it: it is written with the next group, or within 200 ms. It reports false
// when the entry was dropped because the queue is under pressure, closing or
// stopped; Stats counts those.
func (db *DB) Record(e AuditEntry) bool {
	size := batchBytes + len(e.Principal) + len(e.Client) + len(e.Operation) + len(e.App) + len(e.RequestID)
	return db.queue.offer(&unit{entry: &e, bytes: int64(size)}, false) == nil
}
