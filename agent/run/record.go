package run

import (
	"bytes"
	"regexp"

	"github.com/go-json-experiment/json/jsontext"

	"fazt/recipes"
	"fazt/storage"
)

// State is where a run stands.
type State string

// The states of a run.
const (
	WaitingApproval State = "waiting_approval"
	Running         State = "running"
	OK              State = "ok"
	Failed          State = "failed"
	Cancelled       State = "cancelled"
	TimedOut        State = "timeout"
	Unknown         State = "unknown" // a crash cut it off, or nobody knows whether a step acted
)

// Ended reports whether nothing more will happen in a run of this state.
func (s State) Ended() bool { return s != Running && s != WaitingApproval }

// The verdicts of a run's check.
const (
	CheckOK     = "ok"
	CheckFailed = "failed"
	CheckNone   = "none" // the recipe has no check
)

// Record is a run as callers see it.
type Record struct {
	ID        string                `json:"id" doc:"the run's id, for run_get and run_cancel"`
	Recipe    string                `json:"recipe" doc:"the recipe's name, or code for a code run"`
	Mode      string                `json:"mode" doc:"api or ui, or undo of one that undid another"`
	State     State                 `json:"state" doc:"waiting_approval, running, ok, failed, cancelled, timeout or unknown"`
	By        string                `json:"by" doc:"the name of the token it runs for"`
	StartedAt int64                 `json:"started_at" doc:"Unix milliseconds"`
	EndedAt   int64                 `json:"ended_at,omitzero" doc:"Unix milliseconds; absent while it goes on"`
	Tab       string                `json:"tab,omitzero" doc:"the live tab it acted in"`
	Input     jsontext.Value        `json:"input" doc:"what it was called with"`
	Output    jsontext.Value        `json:"output,omitzero" doc:"what it answered, once it is ok"`
	Error     *Failure              `json:"error,omitzero" doc:"why it did not end well"`
	Steps     []Step                `json:"steps" doc:"what it did, in order"`
	Check     string                `json:"check,omitzero" doc:"what its check said: ok, failed, or none when it has no check"`
	Console   []recipes.ConsoleLine `json:"console,omitzero" doc:"what it logged"`
}

// Step is one host call of a run.
type Step struct {
	N      int    `json:"n" doc:"its number, from 1"`
	What   string `json:"what" doc:"what was called, in one line"`
	State  string `json:"state" doc:"running, ok, failed or unknown"`
	Millis int64  `json:"ms" doc:"how long it took, in milliseconds"`
	Note   string `json:"note,omitzero" doc:"what it answered or changed, shortly"`
}

// The states of a step.
const (
	stepRunning = "running"
	stepOK      = "ok"
	stepFailed  = "failed"
	stepUnknown = "unknown"
)

// Failure is why a run did not end well.
type Failure struct {
	Code   string `json:"code" doc:"the machine-readable reason"`
	Detail string `json:"detail" doc:"what happened, and what was done before"`
	Hint   string `json:"hint,omitzero" doc:"the next step"`
	Field  string `json:"field,omitzero" doc:"the input field at fault"`
	At     string `json:"at,omitzero" doc:"the author's line: file:line:column"`
	Frame  string `json:"frame,omitzero" doc:"the lines around it"`
}

// Answer is the output of a run, which knows its record: what a call of a
// recipe as an operation answers.
type Answer struct{ Record Record }

// MarshalJSON returns the output alone.
func (a Answer) MarshalJSON() ([]byte, error) {
	if len(a.Record.Output) == 0 {
		return []byte("null"), nil
	}
	return a.Record.Output, nil
}

// RunState names the run, for faces that say it first.
func (a Answer) RunState() (id, state string) { return a.Record.ID, string(a.Record.State) }

// recordOf reads what storage keeps of a run.
func recordOf(s storage.Run) (Record, error) {
	r := Record{
		ID: s.ID, Recipe: s.Recipe, Mode: s.Mode, State: State(s.State), By: s.PrincipalName,
		StartedAt: s.StartedAt.UnixMilli(), Tab: s.Tab, Input: jsontext.Value(s.Input),
		Output: jsontext.Value(s.Output), Check: s.Verdict, Steps: []Step{},
	}
	if !s.EndedAt.IsZero() {
		r.EndedAt = s.EndedAt.UnixMilli()
	}
	for _, part := range []struct {
		raw  []byte
		into any
	}{{s.Error, &r.Error}, {s.Steps, &r.Steps}, {s.Console, &r.Console}} {
		if len(part.raw) == 0 {
			continue
		}
		if err := decode(part.raw, part.into); err != nil {
			return Record{}, err
		}
	}
	return r, nil
}

// secretText is a token's secret. A recipe that makes one hands it to its
// caller; nothing that is kept may hold it.
var secretText = regexp.MustCompile(`fazt_[A-Za-z0-9_-]{16,}`)

// withoutSecrets is what is written down of a text.
func withoutSecrets(raw []byte) []byte {
	if !bytes.Contains(raw, []byte("fazt_")) {
		return raw
	}
	return secretText.ReplaceAll(raw, []byte("fazt_…"))
}
