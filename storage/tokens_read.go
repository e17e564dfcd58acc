package storage

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"
)

type tokenReader struct {
	byHash, byHandle, list, used *stmt
}

type sessionReader struct {
	byHash *stmt
}

const tokenColumns = `t.handle, t.hash, t.name, t.kind, t.app, t.scopes, t.created_at, t.expires_at, t.created_by, t.budget`

func newTokenReader(p *preparer) tokenReader {
	const (
		from = `SELECT ` + tokenColumns + ` FROM token t WHERE `
		live = ` AND (t.expires_at IS NULL OR t.expires_at > ?)`
	)
	return tokenReader{
		byHash:   p.stmt(from + `t.hash = ?` + live),
		byHandle: p.stmt(from + `t.handle = ?` + live),
		list:     p.stmt(from + `t.handle > ?` + live + ` ORDER BY t.handle LIMIT ?`),
		used:     p.stmt(`SELECT handle, used FROM token WHERE used IS NOT NULL`),
	}
}

func newSessionReader(p *preparer) sessionReader {
	return sessionReader{byHash: p.stmt(`SELECT ` + tokenColumns + `, s.created_at, s.expires_at, s.driven, s.run, s.scopes, s.app
		FROM session s CROSS JOIN token t ON t.id = s.token
		WHERE s.hash = ? AND (s.expires_at IS NULL OR s.expires_at > ?) AND (t.expires_at IS NULL OR t.expires_at > ?)`)}
}

func tokenEntry(row []driver.Value) (Token, error) {
	k := Token{
		ID: asText(row[0]), Name: asText(row[2]), Kind: asText(row[3]), App: asText(row[4]),
		CreatedAt: millis(row[6]), ExpiresAt: millis(row[7]), CreatedBy: asText(row[8]),
	}
	copy(k.Hash[:], asBytes(row[1]))
	if row[9] != nil {
		if err := json.Unmarshal([]byte(asText(row[9])), &k.Budget); err != nil {
			return Token{}, fmt.Errorf("budget of token %q: %w", k.ID, err)
		}
	}
	if err := json.Unmarshal([]byte(asText(row[5])), &k.Scopes); err != nil {
		return Token{}, fmt.Errorf("scopes of token %q: %w", k.ID, err)
	}
	return k, nil
}

// TokenByHash returns the token with the SHA-256 of a secret. One that is
// revoked or has expired is KindTokenNotFound.
func (db *DB) TokenByHash(ctx context.Context, hash [32]byte) (Token, error) {
	return db.token(ctx, func(r *reader, now int64) ([]driver.Value, bool, error) {
		return r.tokens.byHash.one(hash[:], now)
	}, "no token with this secret: it may be revoked or expired")
}

// Token returns a token by its public id.
func (db *DB) Token(ctx context.Context, id string) (Token, error) {
	return db.token(ctx, func(r *reader, now int64) ([]driver.Value, bool, error) {
		return r.tokens.byHandle.one(id, now)
	}, fmt.Sprintf("no token %q: it may be revoked or expired", id))
}

func (db *DB) token(ctx context.Context, find func(*reader, int64) ([]driver.Value, bool, error), missing string) (k Token, err error) {
	err = db.readers.read(ctx, func(r *reader, now int64) error {
		row, ok, err := find(r, now)
		if err != nil {
			return err
		}
		if !ok {
			return &Error{Kind: KindTokenNotFound, Field: "id", Index: -1, Message: missing}
		}
		k, err = tokenEntry(row)
		return err
	})
	return k, err
}

// Tokens returns one page of tokens in the order of their ids, behind after.
func (db *DB) Tokens(ctx context.Context, after string, limit int) (page []Token, err error) {
	if limit, err = pageLimit(limit); err != nil {
		return nil, err
	}
	err = db.readers.page(ctx, func(ctx context.Context, r *reader, now int64) error {
		return r.tokens.list.each(ctx, func(row []driver.Value) error {
			k, err := tokenEntry(row)
			page = append(page, k)
			return err
		}, after, now, int64(limit))
	})
	if err != nil {
		return nil, err
	}
	return page, nil
}

// TokensUsed returns what was kept of each token's use, by its id.
func (db *DB) TokensUsed(ctx context.Context) (map[string]json.RawMessage, error) {
	used := map[string]json.RawMessage{}
	err := db.readers.page(ctx, func(ctx context.Context, r *reader, _ int64) error {
		return r.tokens.used.each(ctx, func(row []driver.Value) error {
			used[asText(row[0])] = json.RawMessage(asText(row[1]))
			return nil
		})
	})
	return used, err
}

// SessionByHash returns a session with the token it acts for. When either has
// expired it is KindSessionNotFound.
func (db *DB) SessionByHash(ctx context.Context, hash [32]byte) (s Session, k Token, err error) {
	err = db.readers.read(ctx, func(r *reader, now int64) error {
		row, ok, err := r.sessions.byHash.one(hash[:], now, now)
		if err != nil {
			return err
		}
		if !ok {
			return &Error{Kind: KindSessionNotFound, Index: -1, Message: "no such session: it may have ended"}
		}
		if k, err = tokenEntry(row); err != nil {
			return err
		}
		s = Session{
			Hash: hash, TokenID: k.ID, CreatedAt: millis(row[10]), ExpiresAt: millis(row[11]),
			Driven: asInt(row[12]) != 0, Run: asText(row[13]), App: asText(row[15]),
		}
		if row[14] == nil {
			return nil
		}
		if err := json.Unmarshal([]byte(asText(row[14])), &s.Scopes); err != nil {
			return fmt.Errorf("scopes of a session of token %q: %w", k.ID, err)
		}
		return nil
	})
	return s, k, err
}
