package storage

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
)

// sessionWriter changes sessions. They are in no feed: their hashes are
// nobody's business, and a sign-in is in the audit log.
type sessionWriter struct {
	taken, insert, remove *stmt
}

func newSessionWriter(p *preparer) sessionWriter {
	return sessionWriter{
		taken: p.stmt(`SELECT 1 FROM session WHERE hash = ?`),
		insert: p.stmt(`INSERT INTO session (hash, token, created_at, expires_at, driven, run, scopes, app)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?)`),
		remove: p.stmt(`DELETE FROM session WHERE hash = ?`),
	}
}

func (m SessionCreate) prepare(in *intake) (step, error) {
	s := m.Session
	in.bytes += mutationBytes + int64(len(s.Run)+len(s.App))
	if err := checkName("session.token_id", s.TokenID); err != nil {
		return nil, err
	}
	if err := checkText("session.run", s.Run, maxNameBytes); err != nil {
		return nil, err
	}
	if s.App != "" {
		if err := checkApp("session.app", s.App); err != nil {
			return nil, err
		}
	}
	return m, checkScopes("session.scopes", s.Scopes, in)
}

func (m SessionCreate) apply(t *tx) (Result, error) {
	s := m.Session
	token, ok, err := t.tokens.byHandle.one(s.TokenID, t.now)
	if err != nil {
		return Result{}, err
	}
	if !ok {
		return Result{}, &Error{Kind: KindTokenNotFound, Field: "session.token_id", Index: -1, Message: fmt.Sprintf("no token %q", s.TokenID)}
	}
	id := asInt(token[0])
	if _, ok, err := t.sessions.taken.one(s.Hash[:]); err != nil {
		return Result{}, err
	} else if ok {
		return Result{}, &Error{Kind: KindExists, Field: "session.hash", Index: -1, Message: "a session with this hash exists"}
	}
	if s.CreatedAt.IsZero() {
		s.CreatedAt = t.at
	}
	scopes, err := scopesOrNull(s.Scopes)
	if err != nil {
		return Result{}, err
	}
	_, err = t.write(t.sessions.insert, s.Hash[:], id, s.CreatedAt.UnixMilli(), millisOrNull(s.ExpiresAt),
		boolInt(s.Driven), orNull(s.Run), scopes, orNull(s.App))
	if err != nil {
		return Result{}, err
	}
	return Result{Version: t.version, Created: true}, nil
}

// scopesOrNull stores nil as NULL, which is another thing than no scope at all.
func scopesOrNull(scopes []string) (driver.Value, error) {
	if scopes == nil {
		return nil, nil
	}
	list, err := json.Marshal(scopes)
	return string(list), err
}

func (m SessionDelete) prepare(in *intake) (step, error) {
	in.bytes += mutationBytes
	return m, nil
}

func (m SessionDelete) apply(t *tx) (Result, error) {
	n, err := t.write(t.sessions.remove, m.Hash[:])
	return Result{Deleted: n > 0}, err
}
