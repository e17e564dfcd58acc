package storage

import (
	"bytes"
	"fmt"
)

// settingWriter changes settings.
type settingWriter struct {
	get, upsert, remove *stmt
}

func newSettingWriter(p *preparer) settingWriter {
	return settingWriter{
		get: p.stmt(`SELECT value FROM setting WHERE name = ?`),
		upsert: p.stmt(`INSERT INTO setting (name, value, version) VALUES (?, ?, ?)
			ON CONFLICT (name) DO UPDATE SET value = excluded.value, version = excluded.version`),
		remove: p.stmt(`DELETE FROM setting WHERE name = ?`),
	}
}

func (c CheckSetting) prepare(in *intake) (condition, error) {
	in.bytes += mutationBytes + int64(len(c.Name)+len(c.Value))
	return c, checkName("name", c.Name)
}

func (c CheckSetting) test(t *tx) error {
	row, ok, err := t.settings.get.one(c.Name)
	if err != nil || ok == (c.Value != nil) && (!ok || bytes.Equal(asBytes(row[0]), c.Value)) {
		return err
	}
	return &Error{Kind: KindVersionMismatch, Field: "value", Index: -1, Message: fmt.Sprintf("setting %q has changed", c.Name)}
}

func (m SettingSet) prepare(in *intake) (step, error) {
	if err := checkName("name", m.Name); err != nil {
		return nil, err
	}
	v, err := compactJSON("value", m.Value)
	if err != nil {
		return nil, err
	}
	m.Value = v
	in.bytes += mutationBytes + int64(len(m.Name)+len(v))
	return m, nil
}

func (m SettingSet) apply(t *tx) (Result, error) {
	_, had, err := t.settings.get.one(m.Name)
	if err != nil {
		return Result{}, err
	}
	if string(m.Value) == "null" {
		if !had {
			return Result{}, nil
		}
		if _, err := t.write(t.settings.remove, m.Name); err != nil {
			return Result{}, err
		}
		return Result{Deleted: true}, t.logSystem(changeSettingDelete, m.Name)
	}
	if _, err := t.write(t.settings.upsert, m.Name, []byte(m.Value), int64(t.version)); err != nil {
		return Result{}, err
	}
	return Result{Version: t.version, Created: !had}, t.logSystem(changeSettingSet, m.Name)
}
