package server

import (
	"context"
	"log/slog"
	"time"

	"fazt/server/op"
	"fazt/storage"
)

// Recorder is the op.Recorder over storage.
//
// The audit log holds every call that could change something, also refused and
// tried ones, and every read that was forbidden. A read that went well or found
// nothing is not in it: followers and pollers would push out within minutes
// what people look for. Nor is an event that was accepted, which is a record
// itself. Calls without a principal are the face's to count, or
// strangers could empty the log by filling it.
type Recorder struct {
	Now  func() time.Time // the clock of durations; NewRecorder sets time.Now
	Slow *SlowLog         // hears of calls that took long; nil = nothing does

	db     *storage.DB
	logger *slog.Logger
}

// NewRecorder returns a recorder. The logger hears the causes of internal
// errors, under the request ids that their callers were told.
func NewRecorder(db *storage.DB, logger *slog.Logger) *Recorder {
	return &Recorder{Now: time.Now, db: db, logger: logger}
}

// Replay returns what is stored of an idempotency key.
func (r *Recorder) Replay(ctx context.Context, principal, operation, key string) (*op.Stored, error) {
	rec, found, err := r.db.Idempotent(ctx, principal, operation, key)
	if err != nil || !found {
		return nil, ErrorOf(err)
	}
	return &op.Stored{InputHash: rec.InputHash, Result: rec.Result}, nil
}

// Record queues the audit entry of a call whose batch does not hold it.
func (r *Recorder) Record(ctx context.Context, inv *op.Invocation, done op.Done) {
	if done.Code == op.CodeInternal {
		r.logger.ErrorContext(ctx, "a call failed", "operation", inv.Operation.Name, "request", inv.RequestID, "error", done.Cause)
	}
	if r.Slow != nil {
		r.Slow.note(ctx, inv, done, r.Now())
	}
	forbidden := done.Code == op.CodeForbidden || done.Code == op.CodeApprovalRequired
	if done.Wrote || inv.Principal == nil || inv.Operation.Effect == op.Read && !forbidden || isEvent(inv, done) {
		return
	}
	entry := auditEntry(inv)
	entry.At = inv.Start
	entry.Duration = inv.Since(r.Now())
	if done.Code != "" {
		entry.Code = string(done.Code)
	}
	r.db.Record(entry) // one that is dropped is counted by storage and shown in system_status
}

// isEvent reports whether the call was an event that was accepted.
func isEvent(inv *op.Invocation, done op.Done) bool {
	return inv.Operation.Scope == "events:write" && done.Code == ""
}

// auditEntry is the record of a call that went well.
func auditEntry(inv *op.Invocation) storage.AuditEntry {
	return storage.AuditEntry{
		Principal: inv.Principal.ID, Kind: string(inv.Principal.Kind), Face: inv.Face, Client: inv.Client,
		Operation: inv.Operation.Name, App: inv.App, InputHash: inv.InputHash, Code: "ok", RequestID: inv.RequestID,
		Run: inv.Principal.Run,
	}
}
