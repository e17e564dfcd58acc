package storage

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"time"
)

// tokenWriter changes tokens. A token that has expired does not exist.
type tokenWriter struct {
	byHandle, taken, sweepTaken, insert, used, remove, removeSessions *stmt
}

func newTokenWriter(p *preparer) tokenWriter {
	const live = ` AND (expires_at IS NULL OR expires_at > ?)`
	return tokenWriter{
		byHandle: p.stmt(`SELECT id FROM token WHERE handle = ?` + live),
		taken: p.stmt(`SELECT handle FROM token WHERE handle = ?` + live + `
			UNION ALL SELECT handle FROM token WHERE hash = ?` + live),
		sweepTaken: p.stmt(`DELETE FROM token WHERE handle = ? OR hash = ?`),
		insert: p.stmt(`INSERT INTO token (handle, hash, name, kind, app, scopes, created_at, expires_at, created_by, budget)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`),
		used:           p.stmt(`UPDATE token SET used = ? WHERE handle = ?`),
		remove:         p.stmt(`DELETE FROM token WHERE id = ?`),
		removeSessions: p.stmt(`DELETE FROM session WHERE token = ?`),
	}
}

func (m TokenCreate) prepare(in *intake) (step, error) {
	k := m.Token
	in.bytes += mutationBytes + int64(len(k.ID)+len(k.Name)+len(k.CreatedBy))
	if err := checkName("token.id", k.ID); err != nil {
		return nil, err
	}
	if err := checkText("token.name", k.Name, maxNameBytes); err != nil {
		return nil, err
	}
	if err := checkText("token.created_by", k.CreatedBy, maxNameBytes); err != nil {
		return nil, err
	}
	switch k.Kind {
	case "person", "agent", "service":
	default:
		return nil, invalid("token.kind", "%q is no kind: use person, agent or service", k.Kind)
	}
	if k.App != "" {
		if err := checkApp("token.app", k.App); err != nil {
			return nil, err
		}
	}
	if k.Budget.Calls < 0 || k.Budget.Writes < 0 || k.Budget.Bytes < 0 {
		return nil, invalid("token.budget", "a budget is not negative")
	}
	return m, checkScopes("token.scopes", k.Scopes, in)
}

func checkScopes(field string, scopes []string, in *intake) error {
	if len(scopes) > maxScopes {
		return tooLarge(field, "%d scopes are too many: at most %d", len(scopes), maxScopes)
	}
	for i, s := range scopes {
		in.bytes += int64(len(s))
		if err := checkName(fmt.Sprintf("%s[%d]", field, i), s); err != nil {
			return err
		}
	}
	return nil
}

func (m TokenCreate) apply(t *tx) (Result, error) {
	k := m.Token
	if k.App != "" {
		if _, err := t.apps.state(k.App); err != nil {
			return Result{}, inField(err, "token.app")
		}
	}
	if row, ok, err := t.tokens.taken.one(k.ID, t.now, k.Hash[:], t.now); err != nil {
		return Result{}, err
	} else if ok {
		field := "token.hash"
		if asText(row[0]) == k.ID {
			field = "token.id"
		}
		return Result{}, &Error{Kind: KindExists, Field: field, Index: -1, Message: fmt.Sprintf("token %q exists with this id or hash", asText(row[0]))}
	}
	scopes, err := json.Marshal(append([]string{}, k.Scopes...))
	if err != nil {
		return Result{}, err
	}
	budget, err := budgetOrNull(k.Budget)
	if err != nil {
		return Result{}, err
	}
	if k.CreatedAt.IsZero() {
		k.CreatedAt = t.at
	}
	// An expired one that has not been swept yet makes room.
	if _, err := t.write(t.tokens.sweepTaken, k.ID, k.Hash[:]); err != nil {
		return Result{}, err
	}
	_, err = t.write(t.tokens.insert, k.ID, k.Hash[:], k.Name, k.Kind, orNull(k.App), string(scopes),
		k.CreatedAt.UnixMilli(), millisOrNull(k.ExpiresAt), k.CreatedBy, budget)
	if err != nil {
		return Result{}, err
	}
	return Result{Version: t.version, Created: true}, t.logSystem(changeTokenCreate, k.ID)
}

// budgetOrNull stores no limit at all as NULL.
func budgetOrNull(b Budget) (driver.Value, error) {
	if b == (Budget{}) {
		return nil, nil
	}
	text, err := json.Marshal(b)
	return string(text), err
}

func (m TokenUsed) prepare(in *intake) (step, error) {
	in.bytes += mutationBytes + int64(len(m.ID)+len(m.Used))
	if !json.Valid(m.Used) {
		return nil, invalid("used", "not one JSON value")
	}
	return m, checkName("id", m.ID)
}

// apply tells no watcher: who a token is has not changed.
func (m TokenUsed) apply(t *tx) (Result, error) {
	_, err := t.write(t.tokens.used, string(m.Used), m.ID)
	return Result{Version: t.version}, err
}

func (m TokenRevoke) prepare(in *intake) (step, error) {
	in.bytes += mutationBytes + int64(len(m.ID))
	return m, checkName("id", m.ID)
}

func (m TokenRevoke) apply(t *tx) (Result, error) {
	row, ok, err := t.tokens.byHandle.one(m.ID, t.now)
	if err != nil {
		return Result{}, err
	}
	if !ok {
		return Result{}, &Error{Kind: KindTokenNotFound, Field: "id", Index: -1, Message: fmt.Sprintf("no token %q", m.ID)}
	}
	id := asInt(row[0])
	if _, err := t.write(t.tokens.removeSessions, id); err != nil {
		return Result{}, err
	}
	if _, err := t.write(t.tokens.remove, id); err != nil {
		return Result{}, err
	}
	return Result{Deleted: true}, t.logSystem(changeTokenDelete, m.ID)
}

// inField returns a copy of err that blames another field.
func inField(err error, field string) error {
	if e, ok := err.(*Error); ok {
		c := *e
		c.Field = field
		return &c
	}
	return err
}

// millisOrNull stores a zero time as NULL. Times keep milliseconds, rounded
// down, so nothing lives longer than was said.
func millisOrNull(t time.Time) driver.Value {
	if t.IsZero() {
		return nil
	}
	return t.UnixMilli()
}

// millis is the time stored in a column, zero for NULL.
func millis(v driver.Value) time.Time {
	if v == nil {
		return time.Time{}
	}
	return time.UnixMilli(asInt(v))
}
