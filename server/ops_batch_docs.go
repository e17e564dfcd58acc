package server

import (
	"encoding/json"

	"fazt/server/op"
	"fazt/storage"
)

// docBatchCases are the kinds of mutation of documents in a batch.
func docBatchCases() map[string]batchCase {
	return map[string]batchCase{
		"doc_insert": {"docs:write", []string{"collection", "doc"}, func(m batchMutation) (storage.Mutation, error) {
			if err := m.needs("collection", "doc"); err != nil {
				return nil, err
			}
			return storage.DocInsert{Collection: m.Collection, ID: m.ID, Doc: json.RawMessage(m.Doc)}, nil
		}, docBatchResult},
		"doc_replace": {"docs:write", []string{"collection", "id", "doc", "if_version", "create_only"}, docReplaceMutation, docBatchResult},
		"doc_update": {"docs:write", []string{"collection", "id", "update", "if_version"}, func(m batchMutation) (storage.Mutation, error) {
			if err := m.needs("collection", "id", "update"); err != nil {
				return nil, err
			}
			return storage.DocUpdate{Collection: m.Collection, ID: m.ID, Update: json.RawMessage(m.Update), IfVersion: m.IfVersion}, nil
		}, docBatchResult},
		"doc_delete": {"docs:write", []string{"collection", "id", "if_version"}, func(m batchMutation) (storage.Mutation, error) {
			if err := m.needs("collection", "id"); err != nil {
				return nil, err
			}
			return storage.DocDelete{Collection: m.Collection, ID: m.ID, IfVersion: m.IfVersion}, nil
		}, func(m batchMutation, r storage.Result) batchResult {
			return batchResult{Op: m.Op, ID: m.ID, Deleted: &r.Deleted}
		}},
		"doc_update_many": {"docs:write", []string{"collection", "filter", "update", "all"}, func(m batchMutation) (storage.Mutation, error) {
			if err := m.needs("collection", "update"); err != nil {
				return nil, err
			}
			return storage.DocUpdateWhere{Collection: m.Collection, Filter: json.RawMessage(m.Filter), Update: json.RawMessage(m.Update), All: m.All}, nil
		}, docCountResult},
		// Every document is deleted by doc_delete_many itself, which asks for a
		// confirmation; here a filter must say which.
		"doc_delete_many": {"docs:write", []string{"collection", "filter"}, func(m batchMutation) (storage.Mutation, error) {
			if err := m.needs("collection", "filter"); err != nil {
				return nil, err
			}
			return storage.DocDeleteWhere{Collection: m.Collection, Filter: json.RawMessage(m.Filter)}, nil
		}, docCountResult},
	}
}

func docReplaceMutation(m batchMutation) (storage.Mutation, error) {
	if err := m.needs("collection", "id", "doc"); err != nil {
		return nil, err
	}
	if err := checkCreateOnly("", m.CreateOnly, m.IfVersion); err != nil {
		return nil, err
	}
	return docReplaceIn{Collection: m.Collection, ID: m.ID, Doc: m.Doc, IfVersion: m.IfVersion, CreateOnly: m.CreateOnly}.mutation(), nil
}

// needs refuses a mutation that lacks a field.
func (m batchMutation) needs(names ...string) error {
	given := map[string]bool{"collection": m.Collection != "", "id": m.ID != "", "doc": m.Doc != nil, "update": m.Update != nil, "filter": m.Filter != nil}
	for _, name := range names {
		if !given[name] {
			return op.Invalid(name, "%s needs %s", m.Op, name).WithHint("operation %s describes its fields", m.Op)
		}
	}
	return nil
}

func docBatchResult(m batchMutation, r storage.Result) batchResult {
	var doc struct {
		ID string `json:"id"`
	}
	if json.Unmarshal(r.Value, &doc) == nil && doc.ID != "" {
		m.ID = doc.ID
	}
	return batchResult{Op: m.Op, ID: m.ID, Version: r.Version, Created: &r.Created}
}

func docCountResult(m batchMutation, r storage.Result) batchResult {
	return batchResult{Op: m.Op, Version: r.Version, Count: &r.Count}
}

// storage is the check as storage makes it.
func (c batchCheck) storage() (storage.Check, error) {
	if c.Kind == "doc" {
		if c.Collection == "" || c.ID == "" || c.Key != "" {
			return nil, op.Invalid("id", "a check of kind doc names collection and id").WithHint(`as in {"kind":"doc","collection":"people","id":"ada","version":3}`)
		}
		return storage.CheckDoc{Collection: c.Collection, ID: c.ID, Version: c.Version}, nil
	}
	if c.Key == "" || c.Collection != "" || c.ID != "" {
		return nil, op.Invalid("key", "a check of kind kv or blob names a key").WithHint(`as in {"key":"user/ada","version":3}`)
	}
	if c.Kind == "blob" {
		return storage.CheckBlob{Key: c.Key, Version: c.Version}, nil
	}
	return storage.CheckKV{Key: c.Key, Version: c.Version}, nil
}
