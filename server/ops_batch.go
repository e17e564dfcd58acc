package server

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"fazt/server/op"
	"fazt/storage"
)

// maxBatchBytes bounds the keys and values of one batch_write: an honest one is
// far below, and a group of small writes should not wait for a giant.
const maxBatchBytes = 4 << 20

type batchWriteIn struct {
	App       string          `json:"app" doc:"the app" format:"app"`
	Checks    []batchCheck    `json:"checks,omitzero" doc:"what must hold before; up to 1000" maxItems:"1000"`
	Mutations []batchMutation `json:"mutations" doc:"what to do, in order; 1 to 1000" minItems:"1" maxItems:"1000"`
}

type batchCheck struct {
	Kind       string `json:"kind" doc:"of what" default:"kv" enum:"kv,doc,blob"`
	Key        string `json:"key,omitzero" doc:"of kind kv and blob: the key" format:"key"`
	Collection string `json:"collection,omitzero" doc:"of kind doc: the collection" minLength:"1" maxLength:"64"`
	ID         string `json:"id,omitzero" doc:"of kind doc: the document's id" minLength:"1" maxLength:"256"`
	Version    uint64 `json:"version" doc:"the version it must be at; 0 = it must not exist"`
}

// batchMutation is every mutation in one. Which fields go with which op is in
// batchCases.
type batchMutation struct {
	Op         string         `json:"op" doc:"what to do, as the operation of that name" enum:"kv_set,kv_delete,kv_increment,blob_copy,blob_move,blob_delete,doc_insert,doc_replace,doc_update,doc_delete,doc_update_many,doc_delete_many"`
	Key        string         `json:"key,omitzero" doc:"of kv_… and blob_…: the key" format:"key"`
	Value      jsontext.Value `json:"value,omitzero" doc:"of kv_set: any JSON value"`
	TTLMillis  int64          `json:"ttl_ms,omitzero" doc:"of kv_set: the key is gone after so many ms" minimum:"1" maximum:"3153600000000"`
	IfVersion  *uint64        `json:"if_version" doc:"only when the key, blob or document is at this version"`
	CreateOnly bool           `json:"create_only,omitzero" doc:"of kv_set: only when the key does not exist; of blob_copy and blob_move: only when to does not"`
	To         string         `json:"to,omitzero" doc:"of blob_copy and blob_move: the name it gets" format:"prefix"`
	By         jsontext.Value `json:"by,omitzero" doc:"of kv_increment: what to add; 1 when left out" type:"number"`
	Min        jsontext.Value `json:"min,omitzero" doc:"of kv_increment: the result is at least this" type:"number"`
	Max        jsontext.Value `json:"max,omitzero" doc:"of kv_increment: the result is at most this" type:"number"`
	Collection string         `json:"collection,omitzero" doc:"of doc_…: the collection" minLength:"1" maxLength:"64"`
	ID         string         `json:"id,omitzero" doc:"of doc_replace, doc_update and doc_delete: the document's id" minLength:"1" maxLength:"256"`
	Doc        jsontext.Value `json:"doc,omitzero" doc:"of doc_insert and doc_replace: the document" type:"object"`
	Update     jsontext.Value `json:"update,omitzero" doc:"of doc_update and doc_update_many: what to change" type:"object"`
	Filter     jsontext.Value `json:"filter,omitzero" doc:"of doc_update_many and doc_delete_many: which documents" type:"object"`
	All        bool           `json:"all,omitzero" doc:"of doc_update_many: every document"`

	made bool // the id was made here, not given
}

type batchWriteOut struct {
	Version uint64        `json:"version" doc:"of the whole batch"`
	Results []batchResult `json:"results" doc:"one for each mutation, in order"`
}

type batchResult struct {
	Op      string         `json:"op" doc:"what was done"`
	Key     string         `json:"key,omitzero" doc:"to which key"`
	ID      string         `json:"id,omitzero" doc:"to which document"`
	Version uint64         `json:"version,omitzero" doc:"of the key or document now"`
	Created *bool          `json:"created,omitzero" doc:"whether there was none before"`
	Deleted *bool          `json:"deleted,omitzero" doc:"of a delete: whether there was one"`
	Unkept  bool           `json:"unkept,omitzero" doc:"of a delete: the batch deletes over 64 MiB, and an undo does not bring all of it back"`
	Count   *int64         `json:"count,omitzero" doc:"of doc_update_many and doc_delete_many: how many documents match"`
	Value   jsontext.Value `json:"value,omitzero" doc:"of kv_increment: the number it holds now" type:"number"`
}

// batchCase is one kind of mutation: the scope it needs, the fields that go
// with it, and how it becomes storage's.
type batchCase struct {
	scope  op.Scope
	fields []string
	make   func(batchMutation) (storage.Mutation, error)
	result func(batchMutation, storage.Result) batchResult
}

// batchCases returns the kinds of mutation by their op.
func batchCases() map[string]batchCase {
	cases := docBatchCases()
	maps.Copy(cases, map[string]batchCase{
		"kv_set": {"kv:write", []string{"value", "ttl_ms", "if_version", "create_only"}, kvSetMutation, kvSetResult},
		"kv_delete": {"kv:write", []string{"if_version"}, func(m batchMutation) (storage.Mutation, error) {
			return storage.KVDelete{Key: m.Key, IfVersion: m.IfVersion}, nil
		}, deletedResult},
		"kv_increment": {"kv:write", []string{"by", "min", "max"}, func(m batchMutation) (storage.Mutation, error) {
			if m.By == nil {
				m.By = jsontext.Value("1")
			}
			return incrementOf(m.Key, m.By, m.Min, m.Max), nil
		}, kvSetResult},
		"blob_copy":   {"blobs:write", []string{"to", "if_version", "create_only"}, blobCopyMutation, kvSetResult},
		"blob_move":   {"blobs:write", []string{"to", "if_version", "create_only"}, blobCopyMutation, kvSetResult},
		"blob_delete": {"blobs:write", []string{"if_version"}, blobDeleteMutation, deletedResult},
	})
	return cases
}

func deletedResult(m batchMutation, r storage.Result) batchResult {
	return batchResult{Op: m.Op, Key: m.Key, Deleted: &r.Deleted, Unkept: r.Unkept}
}

func blobCopyMutation(m batchMutation) (storage.Mutation, error) {
	if m.To == "" {
		return nil, op.Invalid("to", "%s needs the name that the blob gets", m.Op).WithHint("send it as to")
	}
	return storage.BlobCopy{Key: m.Key, To: m.To, Move: m.Op == "blob_move", IfVersion: m.IfVersion, CreateOnly: m.CreateOnly}, nil
}

func blobDeleteMutation(m batchMutation) (storage.Mutation, error) {
	return storage.BlobDelete{Key: m.Key, IfVersion: m.IfVersion}, nil
}

func kvSetMutation(m batchMutation) (storage.Mutation, error) {
	if m.Value == nil {
		return nil, op.Invalid("value", "kv_set needs a value").WithHint("send any JSON value; null is one")
	}
	if err := checkCreateOnly("", m.CreateOnly, m.IfVersion); err != nil {
		return nil, err
	}
	return storage.KVSet{
		Key: m.Key, Value: []byte(m.Value), TTL: ttlOf(m.TTLMillis), IfVersion: m.IfVersion, CreateOnly: m.CreateOnly,
	}, nil
}

func kvSetResult(m batchMutation, r storage.Result) batchResult {
	return batchResult{Op: m.Op, Key: m.Key, Version: r.Version, Created: &r.Created, Value: jsontext.Value(r.Value)}
}

func (s *Service) batchOperations() []*op.Operation { return []*op.Operation{s.opBatchWrite()} }

func (s *Service) opBatchWrite() *op.Operation {
	return op.Define(op.Operation{
		Name: "batch_write", Summary: "Apply several changes of an app together or not at all", Scope: "kv:write", Effect: op.Destructive,
		Description: "First every check, then every mutation in order, in one commit with one version. When one fails, nothing is changed, " +
			"and the error names it in field. At most 1,000 mutations and 4 MiB.",
		Method: "POST", Path: "/api/apps/{app}/batch",
		Examples: []op.Example{
			{
				Title: "Move a value, only if it has not changed", Given: welcome(),
				In:  `{"app":"shop","checks":[{"key":"user/bob","version":0}],"mutations":[{"op":"kv_set","key":"user/bob","value":{"name":"Bob"}},{"op":"kv_delete","key":"user/ada"},{"op":"kv_increment","key":"moves"}]}`,
				Out: `{"version":9,"results":[{"op":"kv_set","key":"user/bob","version":9,"created":true},{"op":"kv_delete","key":"user/ada","deleted":true},{"op":"kv_increment","key":"moves","version":9,"created":true,"value":1}]}`,
			},
			{
				Title: "Publish a file with its entry", Given: notes(),
				In:  `{"app":"shop","checks":[{"kind":"blob","key":"public/a.txt","version":0}],"mutations":[{"op":"blob_copy","key":"notes/a.txt","to":"public/a.txt"},{"op":"kv_set","key":"public","value":["a.txt"]}]}`,
				Out: `{"version":9,"results":[{"op":"blob_copy","key":"notes/a.txt","version":9,"created":true},{"op":"kv_set","key":"public","version":9,"created":true}]}`,
			},
		},
	}, s.batchWrite, op.WithRisk(batchRisk))
}

func (s *Service) batchWrite(ctx context.Context, in batchWriteIn) (batchWriteOut, error) {
	cases := batchCases()
	b, err := in.batch(caller(ctx), cases, s.idOf)
	if err != nil {
		return batchWriteOut{}, err
	}
	out, err := answer(ctx, s, b, func(o *storage.Outcome) batchWriteOut {
		results := make([]batchResult, len(in.Mutations))
		for i, m := range in.Mutations {
			results[i] = cases[m.Op].result(m, o.Results[i])
		}
		return batchWriteOut{Version: o.Version, Results: results}
	})
	return out, in.locate(err)
}

// batch turns the input into storage's, and refuses what no commit need be
// tried for.
func (in batchWriteIn) batch(p *op.Principal, cases map[string]batchCase, newID func(jsontext.Value) (string, error)) (*storage.Batch, error) {
	b := &storage.Batch{App: in.App, Mutations: make([]storage.Mutation, len(in.Mutations))}
	for _, c := range in.Checks {
		check, err := c.storage()
		if err != nil {
			return nil, op.AsError(err).WithField(fmt.Sprintf("checks[%d].%s", len(b.Checks), op.AsError(err).Field))
		}
		b.Checks = append(b.Checks, check)
	}
	size := 0
	for i, m := range in.Mutations {
		if size += len(m.Key) + len(m.Value) + len(m.Doc) + len(m.Update) + len(m.Filter); size > maxBatchBytes {
			return nil, tooLargeBatch(i)
		}
		if m.Op == "doc_insert" && m.Doc != nil && m.ID == "" {
			id, err := newID(m.Doc)
			if err != nil {
				return nil, err
			}
			m.ID, m.made = id, true
		}
		mutation, err := m.mutation(p, cases[m.Op])
		if err != nil {
			return nil, in.blame(i, op.AsError(err))
		}
		b.Mutations[i] = mutation
	}
	return b, nil
}

func tooLargeBatch(i int) error {
	e := op.Errorf(op.CodeTooLarge, "the keys and values are over %d bytes with mutation %d; nothing was changed", maxBatchBytes, i)
	e.Field = fmt.Sprintf("mutations[%d]", i)
	return e.WithHint("send it in several batches; large values belong in blobs")
}

func (m batchMutation) mutation(p *op.Principal, c batchCase) (storage.Mutation, error) {
	if !p.Scopes.Has(c.scope) {
		return nil, op.Errorf(op.CodeForbidden, "%s needs the scope %s, which %q lacks", m.Op, c.scope, p.Name).
			WithHint("leave it out, or use a token with %s", c.scope)
	}
	if key := (strings.HasPrefix(m.Op, "kv_") || strings.HasPrefix(m.Op, "blob_")); key && m.Key == "" {
		return nil, op.Invalid("key", "%s needs a key", m.Op).WithHint("name the key")
	} else if !key && m.Key != "" {
		return nil, op.Invalid("key", "key does not go with %s", m.Op).WithHint("name collection and id")
	}
	for _, name := range m.given() {
		if !slices.Contains(c.fields, name) {
			return nil, op.Invalid(name, "%s does not go with %s", name, m.Op).
				WithHint("%s takes %s", m.Op, strings.Join(c.fields, ", "))
		}
	}
	return c.make(m)
}

// given returns the names of the optional fields that were sent.
func (m batchMutation) given() []string {
	var names []string
	for _, f := range []struct {
		name  string
		given bool
	}{
		{"value", m.Value != nil}, {"ttl_ms", m.TTLMillis != 0}, {"if_version", m.IfVersion != nil}, {"create_only", m.CreateOnly},
		{"by", m.By != nil}, {"min", m.Min != nil}, {"max", m.Max != nil}, {"to", m.To != ""},
		{"collection", m.Collection != ""}, {"id", m.ID != "" && !m.made}, {"doc", m.Doc != nil}, {"update", m.Update != nil},
		{"filter", m.Filter != nil}, {"all", m.All},
	} {
		if f.given {
			names = append(names, f.name)
		}
	}
	return names
}

// blame says in an error which mutation it is about.
func (in batchWriteIn) blame(i int, e *op.Error) error {
	c := *e
	c.Field = fmt.Sprintf("mutations[%d]", i)
	if e.Field != "" {
		c.Field += "." + e.Field
	}
	m := in.Mutations[i]
	c.Detail = fmt.Sprintf("mutation %d (%s of %q): %s; nothing of the batch was done", i, m.Op, cmp.Or(m.Key, m.ID, m.Collection), e.Detail)
	return &c
}

// locate does the same for an error of the commit, and for one of a check.
func (in batchWriteIn) locate(err error) error {
	e, cause := storageCause(err)
	switch {
	case cause == nil:
		return err
	case cause.Index >= 0 && cause.Index < len(in.Mutations):
		return in.blame(cause.Index, e)
	case !strings.HasPrefix(cause.Field, "checks["):
		return err
	}
	c := *e
	c.Field = cause.Field // checks[i]…
	c.Detail = "a check failed: " + e.Detail + "; nothing of the batch was done"
	return &c
}

// batchRisk tells the approver when a batch deletes much. Every key is named,
// so no confirmation is asked.
func batchRisk(_ context.Context, in batchWriteIn) (op.Risk, error) {
	deletes, many := int64(0), false
	for _, m := range in.Mutations {
		if m.Op == "kv_delete" || m.Op == "blob_delete" || m.Op == "doc_delete" {
			deletes++
		}
		many = many || strings.HasSuffix(m.Op, "_many")
	}
	return op.Risk{
		Wide:    deletes > wideCount || many,
		Summary: fmt.Sprintf("%s of app %q in a batch of %d", countOf(deletes, "deletion"), in.App, len(in.Mutations)),
	}, nil
}
