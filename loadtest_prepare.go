package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"fazt/server/capacity/load"
	"fazt/server/op"
	"fazt/storage"
)

const (
	loadtestDocs  = 2000 // before the run, so that finding finds something
	loadtestBatch = 500  // of them in one call
	loadtestBlob  = 8 << 10
	tokenTime     = 2 * 60 * 60 * 1000 // ms; a run that is killed leaves none behind for long
)

// prepareOthers makes what the classes beside keys need, and the tokens of live
// tabs.
func (x *loadtest) prepareOthers(ctx context.Context) error {
	uses := func(classes ...string) bool {
		return slices.ContainsFunc(x.spec.Mix, func(s load.Share) bool { return slices.Contains(classes, s.Class) })
	}
	if uses(load.Insert, load.Find) {
		if err := x.prepareDocuments(ctx); err != nil {
			return err
		}
	}
	for class, key := range map[string]string{load.Blob: load.BlobKey, load.Site: storage.SitePrefix + load.SiteFile} {
		if uses(class) {
			if err := x.prepareBlob(ctx, key); err != nil {
				return err
			}
		}
	}
	for i := range x.spec.Joiners {
		var made struct{ ID, Secret string }
		input := fmt.Sprintf(`{"name":"load test %d","kind":"service","scopes":["tabs:read","tabs:write","changes:read","kv:read"],"ttl_ms":%d}`, i+1, tokenTime)
		if err := x.ask(ctx, "token_create", input, op.Envelope{}, &made); err != nil {
			return fmt.Errorf("live tabs need tokens: %w", err)
		}
		x.tokens, x.spec.Joiners[i] = append(x.tokens, made.ID), made.Secret
	}
	return nil
}

func (x *loadtest) prepareDocuments(ctx context.Context) error {
	var ignored any
	created := fmt.Sprintf(`{"app":%q,"collection":%q,"indexes":[{"fields":["n"]}]}`, x.spec.App, load.Collection)
	if err := x.ask(ctx, "collection_set", created, op.Envelope{}, &ignored); err != nil {
		return err
	}
	for from := 0; from < loadtestDocs; from += loadtestBatch {
		docs := make([]string, loadtestBatch)
		for i := range docs {
			docs[i] = fmt.Sprintf(`{"n":%d,"text":"before the run"}`, (from+i)%load.Numbers)
		}
		input := fmt.Sprintf(`{"app":%q,"collection":%q,"docs":[%s]}`, x.spec.App, load.Collection, strings.Join(docs, ","))
		if err := x.ask(ctx, "doc_insert", input, op.Envelope{}, &ignored); err != nil {
			return err
		}
	}
	return nil
}

func (x *loadtest) prepareBlob(ctx context.Context, key string) error {
	address := x.client.url + "/api/apps/" + x.spec.App + "/blobs/" + key
	request, err := http.NewRequestWithContext(ctx, http.MethodPut, address, bytes.NewReader(make([]byte, loadtestBlob)))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/octet-stream")
	answer, err := x.client.send(request)
	if err != nil {
		return err
	}
	return answer.Close()
}

// revoke takes the tokens of live tabs back. One that stays ends by itself.
func (x *loadtest) revoke(ctx context.Context) {
	for _, id := range x.tokens {
		var ignored any
		_ = x.ask(ctx, "token_revoke", fmt.Sprintf(`{"token":%q}`, id), op.Envelope{}, &ignored)
	}
}
