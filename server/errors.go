package server

import (
	"errors"
	"regexp"
	"strings"

	"fazt/server/op"
	"fazt/storage"
)

// ErrorOf maps an error of storage to the one that callers see: each kind to
// one code, with a hint that says the next step. Other errors stay as they are.
func ErrorOf(err error) error {
	var e *storage.Error
	var known *op.Error
	if err == nil || errors.As(err, &known) || !errors.As(err, &e) {
		return err
	}
	out := &op.Error{
		Code: codeOf(e.Kind), Detail: e.Message, Hint: hintOf(e), Field: fieldOf(e.Field),
		RetryAfter: e.RetryAfter, Cause: err,
	}
	if e.Kind == storage.KindVersionMismatch || e.Kind == storage.KindExists && e.CurrentVersion != 0 {
		current := e.CurrentVersion
		out.CurrentVersion = &current
	}
	return out
}

// storageCause returns an error as callers see it, and storage's own that it
// was made from, when it was.
func storageCause(err error) (*op.Error, *storage.Error) {
	var e *op.Error
	var cause *storage.Error
	if !errors.As(err, &e) || !errors.As(e.Cause, &cause) {
		return nil, nil
	}
	return e, cause
}

func codeOf(kind storage.Kind) op.Code {
	switch kind {
	case storage.KindInvalid:
		return op.CodeInvalidInput
	case storage.KindExists:
		return op.CodeAlreadyExists
	case storage.KindPinned:
		return op.CodeConflict
	case storage.KindVersionMismatch:
		return op.CodeVersionMismatch
	case storage.KindTypeMismatch:
		return op.CodeTypeMismatch
	case storage.KindTooLarge, storage.KindIndexNeeded:
		return op.CodeTooLarge
	case storage.KindUnique:
		return op.CodeUniqueViolation
	case storage.KindSchema:
		return op.CodeSchemaViolation
	case storage.KindCompacted:
		return op.CodeCompacted
	case storage.KindIdempotencyMismatch:
		return op.CodeIdempotencyMismatch
	case storage.KindInProgress:
		return op.CodeInProgress
	case storage.KindOverloaded, storage.KindClosed:
		return op.CodeOverloaded
	case storage.KindFailed:
		return op.CodeStorageFailed
	case storage.KindFull:
		return op.CodeFull
	case storage.KindDeadline:
		return op.CodeDeadline
	case storage.KindAppNotFound, storage.KindKeyNotFound, storage.KindTokenNotFound, storage.KindSessionNotFound,
		storage.KindRecipeNotFound, storage.KindRunNotFound, storage.KindSettingNotFound, storage.KindSecretNotFound,
		storage.KindCollectionNotFound, storage.KindDocNotFound,
		storage.KindBlobNotFound, storage.KindDeploymentNotFound:
		return op.Code(kind) // storage's names of these are the public ones
	}
	return op.CodeInternal
}

// hintOf says what to do next.
func hintOf(e *storage.Error) string {
	switch e.Kind {
	case storage.KindInvalid:
		return "correct the field and call again; nothing was changed"
	case storage.KindAppNotFound:
		return "app_list lists the apps; app_create makes one"
	case storage.KindKeyNotFound:
		return "kv_list lists the keys of an app; kv_set stores one"
	case storage.KindTokenNotFound:
		return "token_list lists the tokens"
	case storage.KindSessionNotFound:
		return "sign in again"
	case storage.KindBlobNotFound:
		return "blob_list lists the files of an app; blob_put stores one"
	case storage.KindDeploymentNotFound:
		return "site_list lists the deployments that can be gone back to"
	case storage.KindPinned:
		return "recipe_pin with pinned false unpins it first"
	case storage.KindRecipeNotFound:
		return "recipe_list lists the recipes"
	case storage.KindRunNotFound:
		return "run_list lists the runs"
	case storage.KindSettingNotFound:
		return "setting_list lists the settings"
	case storage.KindSecretNotFound:
		return secretHint
	case storage.KindCollectionNotFound, storage.KindDocNotFound, storage.KindUnique, storage.KindSchema, storage.KindIndexNeeded:
		return docHint(e.Kind)
	case storage.KindExists:
		return "choose another name, or change what is there"
	case storage.KindVersionMismatch:
		return versionHint(e)
	case storage.KindTypeMismatch:
		if strings.Contains(e.Field, "update") {
			return "read the document, and send an update that fits what it holds; nothing was changed"
		}
		return "read the value, and set it to a number if it should be one; nothing was changed"
	case storage.KindTooLarge:
		return "send less in one call; nothing was changed"
	}
	return conditionHint(e.Kind)
}

// docHint is hintOf for what is about documents.
func docHint(kind storage.Kind) string {
	switch kind {
	case storage.KindCollectionNotFound:
		return "collection_list lists the collections of an app; a first doc_insert makes one"
	case storage.KindDocNotFound:
		return "doc_find finds documents; doc_replace stores one under an id of your choice"
	case storage.KindUnique:
		return "use another value, or change the document that has it; nothing was changed"
	case storage.KindSchema:
		return "correct that field; collection_get shows the schema; nothing was changed"
	}
	return "declare the index with collection_set, which takes the whole list of indexes; doc_explain says how a query is carried out"
}

// conditionHint is hintOf for what is not the fault of the input.
func conditionHint(kind storage.Kind) string {
	switch kind {
	case storage.KindCompacted:
		return "call again without since for a new cursor, read the state anew, then go on from that cursor"
	case storage.KindIdempotencyMismatch:
		return "use a new key for a new call; repeat a key only with exactly the same input"
	case storage.KindInProgress:
		return "call again in a moment with the same key"
	case storage.KindOverloaded:
		return "nothing was written; call again after retry_after seconds"
	case storage.KindClosed:
		return "the server is stopping; call again when it is back"
	case storage.KindFailed:
		return "tell the owner: the disk failed, and the server must be restarted when it is well"
	case storage.KindFull:
		return "tell the owner: free space on the server's disk, then call again"
	case storage.KindDeadline:
		return "ask for less at once: a smaller limit, a longer prefix or fewer keys"
	}
	return ""
}

func versionHint(e *storage.Error) string {
	if e.CurrentVersion == 0 {
		return "it is gone: leave if_version out to write it anew, or send if_version 0"
	}
	return "read it again, decide anew, and send its version of now (current_version) as if_version"
}

// place is what storage puts before the field of a check or mutation.
var place = regexp.MustCompile(`^(checks|mutations)\[\d+\]\.?`)

// fieldOf is the input field that a field of a batch was made from. Inside a
// batch_write the place is part of the name; see batchWriteIn.locate.
func fieldOf(field string) string {
	field = place.ReplaceAllString(field, "")
	field = strings.TrimPrefix(field, "token.")
	switch field {
	case "ttl":
		return "ttl_ms"
	case "idempotency.key":
		return "idempotency_key"
	}
	return field
}
