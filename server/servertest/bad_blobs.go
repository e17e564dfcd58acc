package servertest

import (
	"strings"

	"fazt/server/op"
)

// badBlobs are about files, and about what the bin does not hold.
func badBlobs() []BadCase {
	of := func(name, operation, members string, code op.Code, field, hint string) BadCase {
		return bad("blobs: "+name, operation, `{"app":"shop",`+members+`}`, code, field, hint)
	}
	return []BadCase{
		of("none", "blob_delete", `"key":"pic.png","if_version":7`, op.CodeVersionMismatch, "if_version", "is gone"),
		of("one that exists", "blob_put", `"key":"notes/a.txt","text":"x","create_only":true`, op.CodeAlreadyExists, "key", "another name"),
		of("another version", "blob_put", `"key":"notes/a.txt","text":"x","if_version":999`, op.CodeVersionMismatch, "if_version", "current_version"),
		of("two conditions that exclude each other", "blob_put", `"key":"new","text":"x","create_only":true,"if_version":3`, op.CodeInvalidInput, "if_version", "one of the two"),
		of("no name", "blob_put", `"key":"","text":"x"`, op.CodeInvalidInput, "key", "empty"),
		of("a name that is too long", "blob_put", `"key":"`+strings.Repeat("k", 1025)+`","text":"x"`, op.CodeInvalidInput, "key", "1024"),
		of("a type that is too long", "blob_put", `"key":"new","text":"x","type":"`+strings.Repeat("t", 256)+`"`, op.CodeInvalidInput, "type", "255"),
		of("a copy of nothing", "blob_copy", `"key":"none","to":"b"`, "blob_not_found", "key", "blob_list"),
		of("a copy to itself", "blob_copy", `"key":"notes/a.txt","to":"notes/a.txt"`, op.CodeInvalidInput, "to", "already"),
		of("a copy onto another", "blob_copy", `"key":"notes/a.txt","to":"notes/b.txt","create_only":true`, op.CodeAlreadyExists, "to", "another name"),
		of("a move at another version", "blob_move", `"key":"notes/a.txt","to":"c","if_version":999`, op.CodeVersionMismatch, "if_version", "current_version"),
		of("a cursor of another query", "blob_list", `"cursor":"abc"`, op.CodeInvalidInput, "cursor", "next_cursor"),
		of("a page that is too long", "blob_list", `"limit":1001`, op.CodeInvalidInput, "limit", "1000"),
		of("a file without its scope", "blob_put", `"key":"new","text":"x"`, op.CodeForbidden, "", "blobs:write").as(Reader),
		bad("blobs: a file of another app", "blob_delete", `{"app":"other","key":"notes/a.txt"}`, "app_not_found", "", "bound").as(Bound),
		of("a purge, unconfirmed", "collection_purge", `"collection":"people"`, op.CodeConfirmationRequired, "", "people").as(Agent),
		of("a collection that no bin holds", "collection_restore", `"collection":"none"`, "collection_not_found", "collection", "collection_bin"),
		of("a collection that is there", "collection_restore", `"collection":"people"`, op.CodeAlreadyExists, "collection", "another name"),
		of("a collection to purge that is there", "collection_purge", `"collection":"people"`, "collection_not_found", "collection", "collection_bin"),
		of("a history of too many days", "collection_set", `"collection":"people","history_days":366`, op.CodeInvalidInput, "history_days", "365"),
		bad("blobs: an app to purge that is there", "app_purge", `{"app":"shop"}`, "app_not_found", "app", "app_bin"),
		bad("blobs: an app to purge, unconfirmed", "app_purge", `{"app":"shop"}`, op.CodeConfirmationRequired, "", "shop").as(Agent),
	}
}
