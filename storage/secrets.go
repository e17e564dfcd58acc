package storage

import (
	"encoding/json"
	"fmt"
	"time"
)

// Secret is what may be typed into pages of its origins. Sealed is its value as
// the caller encrypted it: this package holds no key and reads nothing of it.
type Secret struct {
	Name       string
	Origins    []string
	Sealed     []byte
	Version    uint64
	ModifiedAt time.Time
}

// SecretSet stores a secret, replacing the one of its name.
type SecretSet struct {
	Name    string
	Origins []string
	Sealed  []byte
}

// SecretDelete removes a secret. A missing one is KindSecretNotFound.
type SecretDelete struct{ Name string }

func (SecretSet) mutation()    {}
func (SecretDelete) mutation() {}

// maxSealed bounds a sealed value; a caller's own bound is far below.
const maxSealed = 64 << 10

// secretWriter changes secrets.
type secretWriter struct {
	get, upsert, remove *stmt
}

func newSecretWriter(p *preparer) secretWriter {
	return secretWriter{
		get: p.stmt(`SELECT 1 FROM secret WHERE name = ?`),
		upsert: p.stmt(`INSERT INTO secret (name, origins, sealed, version, modified_at) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (name) DO UPDATE SET origins = excluded.origins, sealed = excluded.sealed,
			version = excluded.version, modified_at = excluded.modified_at`),
		remove: p.stmt(`DELETE FROM secret WHERE name = ?`),
	}
}

func (m SecretSet) prepare(in *intake) (step, error) {
	if err := checkName("name", m.Name); err != nil {
		return nil, err
	}
	if len(m.Sealed) == 0 || len(m.Sealed) > maxSealed {
		return nil, tooLarge("sealed", "a sealed secret has 1 to %d bytes, not %d", maxSealed, len(m.Sealed))
	}
	in.bytes += mutationBytes + int64(len(m.Name)+len(m.Sealed))
	for _, origin := range m.Origins {
		in.bytes += int64(len(origin))
	}
	return m, nil
}

func (m SecretSet) apply(t *tx) (Result, error) {
	_, had, err := t.secrets.get.one(m.Name)
	if err != nil {
		return Result{}, err
	}
	origins, err := json.Marshal(append([]string{}, m.Origins...))
	if err != nil {
		return Result{}, err
	}
	if _, err := t.write(t.secrets.upsert, m.Name, string(origins), m.Sealed, int64(t.version), t.at.UnixMilli()); err != nil {
		return Result{}, err
	}
	return Result{Version: t.version, Created: !had}, t.logSystem(changeSecretSet, m.Name)
}

func (m SecretDelete) prepare(in *intake) (step, error) {
	in.bytes += mutationBytes + int64(len(m.Name))
	return m, checkName("name", m.Name)
}

func (m SecretDelete) apply(t *tx) (Result, error) {
	n, err := t.write(t.secrets.remove, m.Name)
	if err != nil {
		return Result{}, err
	}
	if n == 0 {
		return Result{}, secretNotFound(m.Name)
	}
	return Result{Deleted: true}, t.logSystem(changeSecretDelete, m.Name)
}

func secretNotFound(name string) error {
	return &Error{Kind: KindSecretNotFound, Field: "name", Index: -1, Message: fmt.Sprintf("no secret %q", name)}
}
