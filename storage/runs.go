package storage

import (
	"encoding/json"
	"fmt"
	"time"
)

// Run is one execution of a recipe, as it is kept.
type Run struct {
	ID            string
	Recipe, Hash  string
	Mode          string // api or ui
	State         string // waiting_approval, running, ok, failed, cancelled, timeout or unknown
	Principal     string // the id of the token it runs for
	PrincipalName string
	Tab           string
	Input         json.RawMessage
	Output        json.RawMessage // nil until it has ended well
	Error         json.RawMessage // nil unless it failed
	Steps         json.RawMessage // what it did, in order; nil when nothing was noted
	Console       json.RawMessage // lines that it logged; nil for none
	Rights        json.RawMessage // what it may do, written once, by RunStart
	Verdict       string          // of its check: ok, failed or none; "" = not known
	StartedAt     time.Time
	EndedAt       time.Time // zero while it goes on
}

// RunStart records a run that begins. KindExists when the id is taken.
type RunStart struct{ Run Run }

// RunUpdate replaces what changes of a run: its state, tab, output, error,
// steps, console, verdict and end.
type RunUpdate struct{ Run Run }

// RunsLost marks every run that has not ended as unknown: what a start does
// about runs that a crash cut off. The idempotency keys of calls that were under
// way are given up with them: nobody is left to finish those calls.
type RunsLost struct{}

func (RunStart) mutation()  {}
func (RunUpdate) mutation() {}
func (RunsLost) mutation()  {}

// maxRunBytes bounds each of a run's texts: over a value of the largest size
// with what is around it.
const maxRunBytes = 2 << 20

type runWriter struct {
	insert, update, lost, giveUp *stmt
}

func newRunWriter(p *preparer) runWriter {
	return runWriter{
		insert: p.stmt(`INSERT INTO run (handle, recipe, hash, mode, state, principal, principal_name, tab, input, steps, rights, started_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (handle) DO NOTHING`),
		update: p.stmt(`UPDATE run SET state = ?, tab = ?, output = ?, error = ?, steps = ?, console = ?, verdict = ?, ended_at = ? WHERE handle = ?`),
		lost:   p.stmt(`UPDATE run SET state = 'unknown', ended_at = ? WHERE ended_at IS NULL`),
		giveUp: p.stmt(`DELETE FROM idempotency WHERE result IS NULL`),
	}
}

func (r Run) check(in *intake) error {
	for field, text := range map[string]string{
		"id": r.ID, "recipe": r.Recipe, "hash": r.Hash, "mode": r.Mode, "state": r.State, "principal": r.Principal,
	} {
		if err := checkName(field, text); err != nil {
			return err
		}
	}
	for field, data := range map[string]json.RawMessage{"input": r.Input, "output": r.Output, "error": r.Error, "steps": r.Steps, "console": r.Console, "rights": r.Rights} {
		in.bytes += int64(len(data))
		if len(data) > maxRunBytes {
			return tooLarge(field, "%d bytes are too many: at most %d", len(data), maxRunBytes)
		}
	}
	in.bytes += mutationBytes
	return nil
}

func (m RunStart) prepare(in *intake) (step, error)  { return m, m.Run.check(in) }
func (m RunUpdate) prepare(in *intake) (step, error) { return m, m.Run.check(in) }
func (m RunsLost) prepare(*intake) (step, error)     { return m, nil }

func (m RunStart) apply(t *tx) (Result, error) {
	r := m.Run
	n, err := t.write(t.runs.insert, r.ID, r.Recipe, r.Hash, r.Mode, r.State, r.Principal, r.PrincipalName,
		orNull(r.Tab), []byte(r.Input), bytesOrNull(r.Steps), bytesOrNull(r.Rights), t.now)
	if err == nil && n == 0 {
		err = &Error{Kind: KindExists, Field: "id", Index: -1, Message: fmt.Sprintf("run %q exists", r.ID)}
	}
	return Result{Version: t.version, Created: true}, err
}

func (m RunUpdate) apply(t *tx) (Result, error) {
	r := m.Run
	n, err := t.write(t.runs.update, r.State, orNull(r.Tab), bytesOrNull(r.Output), bytesOrNull(r.Error),
		bytesOrNull(r.Steps), bytesOrNull(r.Console), orNull(r.Verdict), millisOrNull(r.EndedAt), r.ID)
	if err == nil && n == 0 {
		err = runNotFound(r.ID)
	}
	return Result{Version: t.version}, err
}

func (RunsLost) apply(t *tx) (Result, error) {
	n, err := t.write(t.runs.lost, t.now)
	if err == nil {
		_, err = t.write(t.runs.giveUp)
	}
	return Result{Version: t.version, Count: n}, err
}

func runNotFound(id string) *Error {
	return &Error{Kind: KindRunNotFound, Field: "run", Index: -1, Message: fmt.Sprintf("no run %q", id)}
}
