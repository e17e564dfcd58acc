package storage

import (
	"encoding/json"
	"time"
)

// Batch is one atomic write, described as data: first every check, then every
// mutation in order, all or nothing. It carries its own audit entry and its
// idempotency record, which are written by the same commit.
//
// A batch belongs to one app, or to none when it changes only tokens,
// sessions, settings or the set of apps.
type Batch struct {
	App         string
	Checks      []Check
	Mutations   []Mutation
	DryRun      bool // apply inside a savepoint, report the outcome, roll back; no version is used up
	Audit       *AuditEntry
	Idempotency *Idempotency
	Timing      *Timing // when set, Write says there what its time went into

	staged bool // App is one that is being imported
}

// Timing is what the time of a write went into.
type Timing struct {
	Queue  time.Duration // until its group began
	Commit time.Duration // of its group, from the first statement to the disk
}

// Outcome is what a committed batch (or a dry run) did.
type Outcome struct {
	Version  uint64    // the commit sequence number of this batch; in a dry run the one it would have got
	At       time.Time // the clock of the commit, which its rows are stamped with
	Results  []Result  // one for each mutation, in order
	Replayed []byte    // set instead of Results when the idempotency key had been used with the same input: the stored rendering
}

// Result is what one mutation did. Fields that do not apply are zero.
type Result struct {
	Version  uint64          // the version the item has now; 0 after a delete
	Created  bool            // the item did not exist before
	Deleted  bool            // an item was there and is gone
	Count    int64           // items removed by a delete of many, or that an update of many found
	Changed  int64           // of those, how many an update has changed
	Value    json.RawMessage // the new value of an increment, min or max; the document that was written or removed
	Undo     *UndoReport     // of an Undo
	Restored *App            // of an AppRestore
	Refused  *Error          // of an Attempt: why nothing was written
	Unkept   bool            // of a delete: too much to keep, so an Undo does not bring all of it back
}

// Check is a condition on the state before the batch.
type Check interface {
	check()
	prepare(*intake) (condition, error) // validates; runs before the batch is queued
}

// CheckKV holds when the key is at Version; 0 means that it must not exist
// (an expired key does not exist).
type CheckKV struct {
	Key     string
	Version uint64
}

// CheckSetting holds when the setting has exactly this JSON value, as Setting
// returned it; nil means that it is not set.
type CheckSetting struct {
	Name  string
	Value json.RawMessage
}

// Mutation is one change. The set is closed: this package defines all of them.
type Mutation interface {
	mutation()
	prepare(*intake) (step, error) // validates; runs before the batch is queued
}

// KVSet stores a JSON value under a key of the batch's app, replacing what
// was there, its TTL included.
type KVSet struct {
	Key        string
	Value      json.RawMessage // any JSON value, kept as given
	TTL        time.Duration   // 0 = does not expire
	IfVersion  *uint64         // nil = any; 0 = must not exist
	CreateOnly bool            // KindExists when the key exists
}

// KVDelete removes a key. Deleting a missing key is no error.
type KVDelete struct {
	Key       string
	IfVersion *uint64
}

// KVDeletePrefix removes every key that starts with Prefix, taken literally.
// Over Limit keys (0 = 10,000) it is KindTooLarge and nothing is removed.
type KVDeletePrefix struct {
	Prefix string
	Limit  int
}

// KVIncrement adds By to a number; a missing key starts at 0. With both
// numbers integers the sum is exact in 64 bits, and an overflow is
// KindTypeMismatch; otherwise it is a 64-bit float. Keeps the TTL.
type KVIncrement struct {
	Key string
	By  json.Number
	// Min and Max, when set, bound the result: the value is clamped.
	Min, Max *json.Number
}

// AppCreate adds an app. KindExists when the id is taken.
type AppCreate struct {
	ID    string
	Title string
}

// AppUpdate changes an app's title.
type AppUpdate struct {
	ID        string
	Title     *string
	IfVersion *uint64
}

// AppDelete removes an app with everything in it, its change log and the
// tokens bound to it. For 24 hours AppRestore brings it back.
type AppDelete struct {
	ID        string
	IfVersion *uint64
}

// TokenCreate adds a token by the hash of its secret.
type TokenCreate struct{ Token Token }

// TokenRevoke removes a token at once, and the sessions opened with it.
type TokenRevoke struct{ ID string }

// TokenUsed keeps what a token has used up, for the next start: any JSON. A
// missing token is no error.
type TokenUsed struct {
	ID   string
	Used json.RawMessage
}

// SessionCreate adds a browser session by the hash of its secret.
type SessionCreate struct{ Session Session }

// SessionDelete ends a session. A missing one is no error.
type SessionDelete struct{ Hash [32]byte }

// SettingSet stores a setting's JSON value; a JSON null removes it.
type SettingSet struct {
	Name  string
	Value json.RawMessage
}

// IdempotencyForget removes a key that a call has begun and can not finish, so
// that the caller may try again. A missing one is no error.
type IdempotencyForget struct{ Principal, Operation, Key string }

func (CheckKV) check()      {}
func (CheckSetting) check() {}

func (KVSet) mutation()             {}
func (KVDelete) mutation()          {}
func (KVDeletePrefix) mutation()    {}
func (KVIncrement) mutation()       {}
func (AppCreate) mutation()         {}
func (AppUpdate) mutation()         {}
func (AppDelete) mutation()         {}
func (TokenCreate) mutation()       {}
func (TokenRevoke) mutation()       {}
func (TokenUsed) mutation()         {}
func (SessionCreate) mutation()     {}
func (SessionDelete) mutation()     {}
func (SettingSet) mutation()        {}
func (IdempotencyForget) mutation() {}

// AuditEntry is the record of one call.
type AuditEntry struct {
	ID        uint64 // set on reading: the order of recording
	At        time.Time
	Principal string // the id of who called
	Kind      string // person, agent or service
	Face      string // http, mcp, cli, page, recipe …
	Client    string // what the client calls itself, when it said
	Operation string
	App       string
	InputHash [32]byte // SHA-256 of the input as received
	Code      string   // ok, or the error's code
	Duration  time.Duration
	Version   uint64 // the batch's version, 0 when nothing was written
	Run       string // the run it is part of, for Undo; not kept in the log
	RequestID string
}

// Idempotency asks that this batch be applied at most once for its key.
type Idempotency struct {
	Principal string
	Operation string
	Key       string
	InputHash [32]byte
	// Render turns the outcome into the result that a replay answers. It is
	// pure, quick and runs on the writer.
	// An error or a panic of it fails the batch.
	Render func(*Outcome) ([]byte, error)
	// Begin stores the key without a result, for a call of several batches:
	// until the batch that says Finish, others hear KindInProgress.
	Begin bool
	// Finish is set on the last batch of a call that began: it stores the
	// result. A call that fails instead removes its key by IdempotencyForget.
	Finish bool
}

// App is one application: a name space for keys, documents, blobs and a site.
type App struct {
	ID        string
	Title     string
	Version   uint64
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Token is a credential; its secret is never stored.
type Token struct {
	ID        string // public handle, safe to show
	Hash      [32]byte
	Name      string
	Kind      string // person, agent or service
	App       string // bound to this app when not empty
	Scopes    []string
	CreatedAt time.Time
	ExpiresAt time.Time // zero = never
	CreatedBy string
	Budget    Budget
}

// Budget is what a token may use up in an hour. A zero is no limit.
type Budget struct {
	Calls  int64 `json:"calls,omitempty"`
	Writes int64 `json:"writes,omitempty"`
	Bytes  int64 `json:"bytes,omitempty"`
}

// Session is a browser's sign-in, which acts with its token's rights.
type Session struct {
	Hash      [32]byte
	TokenID   string
	Driven    bool     // of a tab that an agent drives
	Run       string   // acts for this run of a recipe
	Scopes    []string // narrower than the token's; nil = the token's
	App       string   // bound to this app; "" = as the token
	CreatedAt time.Time
	ExpiresAt time.Time
}

// KVEntry is one key with its value.
type KVEntry struct {
	Key       string
	Value     json.RawMessage // nil in a listing of keys only
	Version   uint64
	ExpiresAt time.Time // zero = never
}
