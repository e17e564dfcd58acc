package server

import (
	"context"
	"encoding/hex"
	"io"
	"path"
	"strconv"

	"fazt/server/op"
	"fazt/storage"
)

// notes makes the app and the blob that examples begin with.
func notes() []op.Given {
	return []op.Given{
		{Op: "app_create", In: `{"id":"shop","title":"Shop"}`},
		{Op: "blob_put", In: `{"app":"shop","key":"notes/a.txt","text":"hello"}`},
	}
}

// helloHash is the SHA-256 of hello, as examples show it.
const helloHash = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"

func (s *Service) blobOperations() []*op.Operation {
	return []*op.Operation{
		s.opBlobList(), s.opBlobGet(), s.opBlobPut(), s.opBlobDelete(), s.opBlobCopy(), s.opBlobMove(), s.opBlobUpload(),
	}
}

type blobItem struct {
	Key        string `json:"key" doc:"its name"`
	Size       int64  `json:"size" doc:"in bytes"`
	Type       string `json:"type" doc:"media type"`
	SHA256     string `json:"sha256" doc:"of its bytes, in hex"`
	Version    uint64 `json:"version" doc:"of the write that stored it"`
	ModifiedAt int64  `json:"modified_at" doc:"when, in Unix ms"`
}

func blobItemOf(b storage.Blob) blobItem {
	return blobItem{
		Key: b.Key, Size: b.Size, Type: b.Type, SHA256: hex.EncodeToString(b.Hash[:]), Version: b.Version,
		ModifiedAt: b.ModifiedAt.UnixMilli(),
	}
}

type blobListIn struct {
	App       string `json:"app" doc:"the app" format:"app"`
	Prefix    string `json:"prefix,omitzero" doc:"only keys that begin with this, taken literally" format:"prefix"`
	Delimiter string `json:"delimiter,omitzero" doc:"give keys that have it behind the prefix once, in prefixes, as / does for folders" maxLength:"16"`
	Limit     int    `json:"limit" doc:"how many at most, prefixes included" default:"100" minimum:"1" maximum:"1000"`
	Cursor    string `json:"cursor,omitzero" doc:"next_cursor of the page before" minLength:"1"`
}

func (in blobListIn) query() []string {
	return []string{"blob_list", in.App, in.Prefix, in.Delimiter}
}

type blobListOut struct {
	Items      []blobItem `json:"items" doc:"blobs in the order of their keys' bytes"`
	Prefixes   []string   `json:"prefixes" doc:"with delimiter: what further keys begin with, up to it"`
	NextCursor *string    `json:"next_cursor" doc:"cursor of the next page, null at the end"`
}

func (s *Service) opBlobList() *op.Operation {
	return op.Define(op.Operation{
		Name: "blob_list", Summary: "List an app's files with size, type and hash", Scope: "blobs:read", Effect: op.Read,
		Method: "GET", Path: "/api/apps/{app}/blobs",
		Examples: []op.Example{
			{
				Title: "Files of a folder", Given: notes(), In: `{"app":"shop","prefix":"notes/"}`,
				Out: `{"items":[{"key":"notes/a.txt","size":5,"type":"text/plain; charset=utf-8","sha256":"` + helloHash + `","version":8,"modified_at":1764000000000}],"prefixes":[],"next_cursor":null}`,
			},
			{
				Title: "The folders at the top", Given: notes(), In: `{"app":"shop","delimiter":"/"}`,
				Out: `{"items":[],"prefixes":["notes/"],"next_cursor":null}`,
			},
		},
	}, func(ctx context.Context, in blobListIn) (blobListOut, error) {
		after, err := openCursor(in.Cursor, in.query()...)
		if err != nil {
			return blobListOut{}, err
		}
		page, err := s.DB.Blobs(ctx, in.App, storage.BlobQuery{Prefix: in.Prefix, Delimiter: in.Delimiter, After: after, Limit: in.Limit})
		if err != nil {
			return blobListOut{}, ErrorOf(err)
		}
		out := blobListOut{
			Items: make([]blobItem, len(page.Blobs)), Prefixes: append([]string{}, page.Prefixes...),
			NextCursor: sealCursor(page.Next, in.query()...),
		}
		for i, b := range page.Blobs {
			out.Items[i] = blobItemOf(b)
		}
		return out, nil
	})
}

type blobGetIn struct {
	App string `json:"app" doc:"the app" format:"app"`
	Key string `json:"key" doc:"the blob's name" format:"key"`
}

func (s *Service) opBlobGet() *op.Operation {
	return op.Define(op.Operation{
		Name: "blob_get", Summary: "Get a file's bytes", Scope: "blobs:read", Effect: op.Read, Bytes: true,
		Description: "Over HTTP with Range (also several), If-Match, If-None-Match and HEAD; the ETag is the version. " +
			"Types that a browser would run go out as application/octet-stream; blob_list says the true one.",
		Method: "GET", Path: "/api/apps/{app}/blobs/{key...}",
	}, func(ctx context.Context, in blobGetIn) (*op.Body, error) {
		b, err := s.DB.Blob(ctx, in.App, in.Key)
		if err != nil {
			return nil, ErrorOf(err)
		}
		open := func(ctx context.Context) (io.ReadSeekCloser, error) {
			r, err := s.DB.OpenRead(ctx, b)
			if err != nil {
				return nil, ErrorOf(err)
			}
			return r, nil
		}
		return &op.Body{
			Type: inertType(b.Type), Filename: path.Base(b.Key), Tag: `"` + strconv.FormatUint(b.Version, 10) + `"`, Modified: b.ModifiedAt,
			Open: open,
			Write: func(ctx context.Context, w io.Writer) error {
				r, err := open(ctx)
				if err != nil {
					return err
				}
				defer r.Close()
				_, err = io.Copy(w, r)
				return err
			},
		}, nil
	})
}

type blobPutIn struct {
	App        string  `json:"app" doc:"the app" format:"app"`
	Key        string  `json:"key" doc:"the blob's name: 1 to 1024 bytes; site/… is the app's site" format:"key"`
	Text       *string `json:"text" doc:"the content, where it is text; other bytes are sent as they are"`
	Type       string  `json:"type,omitzero" doc:"media type; without it, as the name says, else as the content looks" maxLength:"255"`
	IfVersion  *uint64 `json:"if_version" doc:"store only when the blob is at this version; 0 = only when there is none"`
	CreateOnly bool    `json:"create_only,omitzero" doc:"store only when the blob does not exist"`
}

type blobPutOut struct {
	Key     string `json:"key" doc:"the blob's name"`
	Size    int64  `json:"size" doc:"in bytes"`
	Type    string `json:"type" doc:"media type"`
	SHA256  string `json:"sha256" doc:"of its bytes, in hex"`
	Version uint64 `json:"version" doc:"its version now"`
	Created bool   `json:"created" doc:"whether it did not exist before"`
}

func (s *Service) opBlobPut() *op.Operation {
	return op.Define(op.Operation{
		Name: "blob_put", Summary: "Store a file", Scope: "blobs:write", Effect: op.Write, Idempotent: true,
		TakesBody: true, BodyText: "text",
		Description: "It replaces what was there, at once and whole: nobody sees a part. Up to 5 GiB, streamed. " +
			"The media type comes from type, else from Content-Type, unless that is application/octet-stream or a form's.",
		Method: "PUT", Path: "/api/apps/{app}/blobs/{key...}",
		Examples: []op.Example{
			{
				Title: "A text", Given: notes()[:1], In: `{"app":"shop","key":"notes/a.txt","text":"hello"}`,
				Out: `{"key":"notes/a.txt","size":5,"type":"text/plain; charset=utf-8","sha256":"` + helloHash + `","version":8,"created":true}`,
			},
		},
	}, s.blobPut)
}

func (s *Service) blobPut(ctx context.Context, in blobPutIn) (blobPutOut, error) {
	if err := checkCreateOnly("", in.CreateOnly, in.IfVersion); err != nil {
		return blobPutOut{}, err
	}
	if err := s.mayStore(ctx, in); err != nil {
		return blobPutOut{}, err
	}
	var out blobPutOut
	err := s.receive(ctx, in.Text, func(got received) error {
		kind := typeOf(in.Type, in.Key, got.head)
		b := &storage.Batch{App: in.App, Mutations: []storage.Mutation{storage.BlobPut{
			Key: in.Key, Content: got.content, Type: kind, IfVersion: in.IfVersion, CreateOnly: in.CreateOnly,
		}}}
		var err error
		out, err = answer(ctx, s, b, func(o *storage.Outcome) blobPutOut {
			return blobPutOut{
				Key: in.Key, Size: got.content.Size, Type: kind, SHA256: hex.EncodeToString(got.content.Hash[:]),
				Version: o.Results[0].Version, Created: o.Results[0].Created,
			}
		})
		return err
	})
	return out, err
}

// mayStore refuses what the commit would refuse before its bytes are sent.
func (s *Service) mayStore(ctx context.Context, in blobPutIn) error {
	have, err := s.DB.Blob(ctx, in.App, in.Key)
	if err != nil && storage.KindOf(err) != storage.KindBlobNotFound {
		return ErrorOf(err)
	}
	if in.CreateOnly && have.Version != 0 {
		e := op.Errorf(op.CodeAlreadyExists, "blob %q exists at version %d", in.Key, have.Version)
		e.Field, e.CurrentVersion = "key", &have.Version
		return e.WithHint("choose another name, or change what is there")
	}
	if in.IfVersion != nil && *in.IfVersion != have.Version {
		e := op.Errorf(op.CodeVersionMismatch, "blob %q is at version %d, and %d was asked for", in.Key, have.Version, *in.IfVersion)
		e.Field, e.CurrentVersion = "if_version", &have.Version
		return e.WithHint("look again with blob_list, and send its version of now (current_version) as if_version")
	}
	return nil
}

type blobDeleteIn struct {
	App       string  `json:"app" doc:"the app" format:"app"`
	Key       string  `json:"key" doc:"the blob's name" format:"key"`
	IfVersion *uint64 `json:"if_version" doc:"delete only when the blob is at this version"`
}

type blobDeleteOut struct {
	Deleted bool   `json:"deleted" doc:"whether it was there"`
	Version uint64 `json:"version" doc:"of this write"`
}

func (s *Service) opBlobDelete() *op.Operation {
	return op.Define(op.Operation{
		Name: "blob_delete", Summary: "Delete a file", Scope: "blobs:write", Effect: op.Destructive, Idempotent: true,
		Method: "DELETE", Path: "/api/apps/{app}/blobs/{key...}",
		Examples: []op.Example{{
			Title: "One file", Given: notes(), In: `{"app":"shop","key":"notes/a.txt"}`, Out: `{"deleted":true,"version":9}`,
		}},
	}, func(ctx context.Context, in blobDeleteIn) (blobDeleteOut, error) {
		b := &storage.Batch{App: in.App, Mutations: []storage.Mutation{storage.BlobDelete{Key: in.Key, IfVersion: in.IfVersion}}}
		return answer(ctx, s, b, func(o *storage.Outcome) blobDeleteOut {
			return blobDeleteOut{Deleted: o.Results[0].Deleted, Version: o.Version}
		})
	})
}

type blobCopyIn struct {
	App        string  `json:"app" doc:"the app" format:"app"`
	Key        string  `json:"key" doc:"the blob's name" format:"key"`
	To         string  `json:"to" doc:"the name it gets" format:"key"`
	IfVersion  *uint64 `json:"if_version" doc:"only when the blob is at this version"`
	CreateOnly bool    `json:"create_only,omitzero" doc:"only when nothing has the new name"`
}

type blobCopyOut struct {
	Key     string `json:"key" doc:"the name it got"`
	Version uint64 `json:"version" doc:"its version now"`
	Created bool   `json:"created" doc:"whether nothing had the name before"`
}

func (s *Service) opBlobCopy() *op.Operation {
	return op.Define(op.Operation{
		Name: "blob_copy", Summary: "Copy a file within its app", Scope: "blobs:write", Effect: op.Write, Idempotent: true,
		Description: "It replaces what has the new name. No byte is copied: both share them.",
		Method:      "POST", Path: "/api/apps/{app}/blobs:copy",
		Examples: []op.Example{{
			Title: "Under another name", Given: notes(), In: `{"app":"shop","key":"notes/a.txt","to":"notes/b.txt"}`,
			Out: `{"key":"notes/b.txt","version":9,"created":true}`,
		}},
	}, func(ctx context.Context, in blobCopyIn) (blobCopyOut, error) { return s.blobCopy(ctx, in, false) })
}

func (s *Service) opBlobMove() *op.Operation {
	return op.Define(op.Operation{
		Name: "blob_move", Summary: "Rename a file within its app", Scope: "blobs:write", Effect: op.Destructive,
		Description: "In one commit: nobody sees both names or none. It replaces what has the new name.",
		Method:      "POST", Path: "/api/apps/{app}/blobs:move",
		Examples: []op.Example{{
			Title: "To another folder", Given: notes(), In: `{"app":"shop","key":"notes/a.txt","to":"old/a.txt"}`,
			Out: `{"key":"old/a.txt","version":9,"created":true}`,
		}},
	}, func(ctx context.Context, in blobCopyIn) (blobCopyOut, error) { return s.blobCopy(ctx, in, true) })
}

func (s *Service) blobCopy(ctx context.Context, in blobCopyIn, move bool) (blobCopyOut, error) {
	b := &storage.Batch{App: in.App, Mutations: []storage.Mutation{storage.BlobCopy{
		Key: in.Key, To: in.To, Move: move, IfVersion: in.IfVersion, CreateOnly: in.CreateOnly,
	}}}
	return answer(ctx, s, b, func(o *storage.Outcome) blobCopyOut {
		return blobCopyOut{Key: in.To, Version: o.Results[0].Version, Created: o.Results[0].Created}
	})
}

func (s *Service) opBlobUpload() *op.Operation {
	return op.Define(op.Operation{
		Name: "blob_upload", Summary: "Get a one-time address to upload a file to", Scope: "blobs:write", Effect: op.Write, ManyBatches: true,
		Description: "PUT the bytes to it, once, within 10 minutes; it is bound to the app, the name and the caller. A large file can come in " +
			"parts: PUT each with Content-Range: bytes FIRST-LAST/SIZE, in order; GET says how much has arrived, and a part that broke off is gone on from there.",
		Method: "POST", Path: "/api/apps/{app}/blobs:upload",
		Examples: []op.Example{{
			Title: "For a picture", Given: notes()[:1], In: `{"app":"shop","key":"cat.png"}`,
			Out: `{"url":"http://127.0.0.1:8080/up/abcdefghijklmnopqrstuvwxyz234567","expires_at":1764000600000,"command":"curl -fsST FILE http://127.0.0.1:8080/up/abcdefghijklmnopqrstuvwxyz234567"}`,
		}},
	}, s.blobUpload)
}
