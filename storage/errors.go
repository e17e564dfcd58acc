package storage

import (
	"errors"
	"fmt"
	"time"
)

// Kind says what went wrong in terms a caller can act on. The server maps
// each kind to one public code; nothing outside this package looks at SQLite
// error codes or message texts.
type Kind string

// The kinds of error this package returns.
const (
	KindInvalid             Kind = "invalid"              // a name, key or value the format forbids; Field says which
	KindAppNotFound         Kind = "app_not_found"        // no such app
	KindKeyNotFound         Kind = "key_not_found"        // no such key, or it has expired
	KindTokenNotFound       Kind = "token_not_found"      // no such token, or revoked, or expired
	KindSessionNotFound     Kind = "session_not_found"    // no such session, or it has expired
	KindPinned              Kind = "pinned"               // the recipe is pinned at another version
	KindRecipeNotFound      Kind = "recipe_not_found"     // no such recipe, or no such version of it
	KindRunNotFound         Kind = "run_not_found"        // no such run
	KindBlobNotFound        Kind = "blob_not_found"       // no such blob
	KindDeploymentNotFound  Kind = "deployment_not_found" // no such deployment of a site
	KindSettingNotFound     Kind = "setting_not_found"    // no such setting
	KindSecretNotFound      Kind = "secret_not_found"     // no such secret
	KindCollectionNotFound  Kind = "collection_not_found" // no such collection
	KindDocNotFound         Kind = "doc_not_found"        // no such document
	KindUnique              Kind = "unique_violation"     // another document has the value in a unique index
	KindSchema              Kind = "schema_violation"     // the resulting document does not fit its collection's schema
	KindIndexNeeded         Kind = "index_needed"         // the query would look at too much: the message names the index
	KindExists              Kind = "already_exists"       // create_only, or a name that is taken
	KindVersionMismatch     Kind = "version_mismatch"     // a check on a version failed; CurrentVersion says what is there
	KindTypeMismatch        Kind = "type_mismatch"        // increment of something that is no number, or an overflow
	KindTooLarge            Kind = "too_large"            // over a stated limit
	KindCompacted           Kind = "compacted"            // a cursor older than what is kept
	KindIdempotencyMismatch Kind = "idempotency_mismatch" // the key was used with another input
	KindInProgress          Kind = "in_progress"          // the key's first call has not ended
	KindOverloaded          Kind = "overloaded"           // the queue is full or the batch waited too long; nothing was written
	KindFailed              Kind = "storage_failed"       // writes have stopped for good after a failed sync; restart
	KindFull                Kind = "full"                 // the disk is full; nothing was written
	KindClosed              Kind = "closed"               // the database is closing; nothing was written
	KindDeadline            Kind = "deadline"             // a read took too long and was interrupted
)

// Error is every error this package returns by intent; anything else is an
// internal fault.
type Error struct {
	Kind           Kind
	Message        string        // for people: what happened, with the value that caused it
	Field          string        // the field of the batch or query at fault, in dotted form, when there is one
	Index          int           // the mutation at fault within its batch, -1 when none is
	CurrentVersion uint64        // with KindVersionMismatch and KindExists; 0 means that nothing is there
	RetryAfter     time.Duration // with KindOverloaded
	Cause          error         // for the log only
}

func (e *Error) Error() string {
	if e.Cause != nil {
		return fmt.Sprintf("%s: %s: %v", e.Kind, e.Message, e.Cause)
	}
	return fmt.Sprintf("%s: %s", e.Kind, e.Message)
}

func (e *Error) Unwrap() error { return e.Cause }

// KindOf returns the kind of err, or "" when err is none of this package's.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return ""
}
