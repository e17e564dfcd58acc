package storage

import (
	"bytes"
	"database/sql/driver"
	"fmt"
	"time"
)

// IdempotencyRecord is what is stored of a key that has been used.
type IdempotencyRecord struct {
	InputHash [32]byte
	Result    []byte // nil while the key's first call is in progress
	Version   uint64 // of the batch that stored it
	CreatedAt time.Time
}

// idempotencyWriter decides inside the writer whether a batch is a repetition,
// so two calls with one key can not both pass, in one group or in two.
type idempotencyWriter struct {
	find, insert, finish, remove *stmt
}

const sqlIdempotency = `SELECT input_hash, result, version, created_at FROM idempotency WHERE principal = ? AND operation = ? AND key = ?`

func newIdempotencyWriter(p *preparer) idempotencyWriter {
	const one = ` WHERE principal = ? AND operation = ? AND key = ?`
	return idempotencyWriter{
		find:   p.stmt(sqlIdempotency),
		insert: p.stmt(`INSERT INTO idempotency (principal, operation, key, input_hash, result, version, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)`),
		finish: p.stmt(`UPDATE idempotency SET result = ?, version = ?` + one),
		remove: p.stmt(`DELETE FROM idempotency` + one),
	}
}

func (k *Idempotency) prepare(in *intake) error {
	in.bytes += int64(len(k.Principal) + len(k.Operation) + len(k.Key))
	if err := checkText("idempotency.principal", k.Principal, maxNameBytes); err != nil {
		return err
	}
	if err := checkName("idempotency.operation", k.Operation); err != nil {
		return err
	}
	if err := checkName("idempotency.key", k.Key); err != nil {
		return err
	}
	if k.Render == nil && !k.Begin {
		return invalid("idempotency.render", "a batch that ends its call needs Render; one that begins a longer call says Begin")
	}
	return nil
}

// replay returns the stored outcome when the key has been used, an error when
// it can not be used now, and neither when the batch is the key's first.
func (w *idempotencyWriter) replay(t *tx, b *Batch) (*Outcome, error) {
	k := b.Idempotency
	row, found, err := w.find.one(k.Principal, k.Operation, k.Key)
	if err != nil {
		return nil, err
	}
	if !found {
		if k.Finish {
			return nil, invalid("idempotency.finish", "key %q has not been begun, or what it began was forgotten", k.Key)
		}
		return nil, nil
	}
	r := idempotencyRecord(row)
	switch {
	case r.InputHash != k.InputHash:
		return nil, &Error{
			Kind: KindIdempotencyMismatch, Field: "idempotency.key", Index: -1,
			Message: fmt.Sprintf("key %q was used with another input: use a new key for a new call", k.Key),
		}
	case r.Result == nil && k.Finish:
		return nil, nil
	case r.Result == nil:
		return nil, &Error{
			Kind: KindInProgress, Field: "idempotency.key", Index: -1,
			Message: fmt.Sprintf("the first call with key %q has not ended", k.Key),
		}
	}
	if b.Audit != nil {
		// The call is recorded, though it changed nothing and used no version.
		if err := t.audit.insert(t, b.Audit, 0); err != nil {
			return nil, err
		}
	}
	return &Outcome{Version: r.Version, Replayed: r.Result}, nil
}

// record stores the rendered outcome, or only the key when a call begins.
func (w *idempotencyWriter) record(t *tx, k *Idempotency, o *Outcome) error {
	var result []byte
	if k.Render != nil && !k.Begin {
		var err error
		if result, err = k.Render(o); err != nil {
			return fmt.Errorf("render the outcome: %w", err)
		}
		if result == nil {
			result = []byte{} // NULL means in progress
		}
	}
	var err error
	if k.Finish {
		_, err = t.write(w.finish, result, int64(t.version), k.Principal, k.Operation, k.Key)
	} else {
		_, err = t.write(w.insert, k.Principal, k.Operation, k.Key, bytes.Clone(k.InputHash[:]), result, int64(t.version), t.now)
	}
	return err
}

func (m IdempotencyForget) prepare(in *intake) (step, error) {
	in.bytes += mutationBytes + int64(len(m.Principal)+len(m.Operation)+len(m.Key))
	return m, checkName("key", m.Key)
}

func (m IdempotencyForget) apply(t *tx) (Result, error) {
	n, err := t.write(t.idempotency.remove, m.Principal, m.Operation, m.Key)
	return Result{Deleted: n > 0}, err
}

func idempotencyRecord(row []driver.Value) IdempotencyRecord {
	r := IdempotencyRecord{Version: uint64(asInt(row[2])), CreatedAt: millis(row[3])}
	copy(r.InputHash[:], asBytes(row[0]))
	if row[1] != nil {
		r.Result = append([]byte{}, asBytes(row[1])...) // empty is not nil: the call has ended
	}
	return r
}
