package run

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"fazt/recipes"
	"fazt/server/op"
	"fazt/storage"
)

// live is a run under way.
type live struct {
	runner  *Runner
	id      string
	caller  *op.Principal // with all its rights; its scopes decide about tabs
	root    *frame
	effect  op.Effect // the most that anything in it may do
	journal *journal
	tab     tabSession
	answer  func(Record) any

	ctx       context.Context
	cancel    context.CancelCauseFunc
	inv       *op.Invocation
	endPermit func()
	endCover  func()
	started   chan struct{} // closed once the record's start is durable
	startErr  error         // set before started is closed
	done      chan struct{} // closed when the record has ended

	mu      sync.Mutex
	row     storage.Run
	failure *Failure
	err     *op.Error // how a call of the recipe ends, nil when it is ok
	console []recipes.ConsoleLine
	waiting int // approvals waited for
	resume  []func()
	frames  map[*frame]context.Context // by their host calls, for the wall clock
}

// recordStart writes the run's first record. Only a call with an idempotency
// key waits for it here, since its key may turn out to be used; otherwise the
// run begins meanwhile, and its first writing call waits.
func (l *live) recordStart(ctx context.Context) error {
	l.started = make(chan struct{})
	batch := &storage.Batch{
		Mutations:   []storage.Mutation{storage.RunStart{Run: l.row}},
		Idempotency: l.idempotency(storage.Idempotency{Begin: true}),
	}
	write := func() (*storage.Outcome, error) {
		defer close(l.started)
		outcome, err := l.runner.options.DB.Write(context.WithoutCancel(ctx), batch)
		l.startErr = l.runner.options.ErrorOf(err)
		return outcome, l.startErr
	}
	if batch.Idempotency == nil {
		l.runner.running.Go(func() { _, _ = write() }) // recorded tells its error
		return nil
	}
	outcome, err := write()
	if err == nil && outcome.Replayed != nil {
		return &op.Replayed{Result: outcome.Replayed}
	}
	return err
}

// recorded waits until the run's record exists.
func (l *live) recorded(ctx context.Context) error {
	select {
	case <-l.started:
		return l.startErr
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (l *live) hasRecord() bool {
	select {
	case <-l.started:
		return l.startErr == nil
	default:
		return false
	}
}

func (l *live) idempotency(i storage.Idempotency) *storage.Idempotency {
	if l.inv.Envelope.IdempotencyKey == "" {
		return nil
	}
	i.Principal, i.Operation = l.inv.Principal.ID, l.inv.Operation.Name
	i.Key, i.InputHash = l.inv.Envelope.IdempotencyKey, l.inv.InputHash
	return &i
}

// work carries the run out and writes its end.
func (l *live) work() {
	stopFlush := l.flush()
	value, verdict, err := l.root.carryOut(l.ctx)
	l.tab.release(l)
	l.end(value, verdict, err)
	stopFlush()
	l.writeEnd()
	l.runner.forget(l)
	close(l.done)
	l.publish()
}

// flush writes the steps down from time to time, so that a crash leaves what
// was done.
func (l *live) flush() (stop func()) {
	quit, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(flushEvery)
		defer tick.Stop()
		for {
			select {
			case <-quit:
				return
			case <-tick.C:
				// The record's start may still be on its way.
				if l.hasRecord() && l.journal.take() {
					l.write(nil)
					l.publish()
				}
			}
		}
	}()
	return func() {
		close(quit)
		<-ended
	}
}

// end settles how the run ended.
func (l *live) end(value json.RawMessage, verdict string, err error) {
	state, failure, e := OK, (*Failure)(nil), (*op.Error)(nil)
	if err != nil {
		state, failure, e = l.explain(err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.row.State, l.row.Verdict, l.row.EndedAt = string(state), verdict, l.runner.options.Now()
	l.row.Tab = l.tab.name()
	l.failure, l.err = failure, e
	if err == nil {
		l.row.Output = value
	}
}

// writeEnd writes the last record. It must not be lost to a caller who left.
func (l *live) writeEnd() {
	if err := l.recorded(context.Background()); err != nil {
		l.runner.options.Logger.Error("a run has no record", "run", l.id, "error", err)
		l.mu.Lock()
		l.err = cmp.Or(l.err, op.AsError(err))
		l.mu.Unlock()
		return
	}
	record := l.snapshot()
	if record.State != OK || l.answer == nil {
		l.write(nil)
		l.forgetKey()
		return
	}
	l.write(l.idempotency(storage.Idempotency{Finish: true, Render: func(*storage.Outcome) ([]byte, error) {
		raw, err := op.Encode(l.answer(record))
		return withoutSecrets(raw), err
	}}))
}

// forgetKey lets the caller try again what did not end well.
func (l *live) forgetKey() {
	key := l.idempotency(storage.Idempotency{})
	if key == nil {
		return
	}
	l.writeBatch(&storage.Batch{Mutations: []storage.Mutation{
		storage.IdempotencyForget{Principal: key.Principal, Operation: key.Operation, Key: key.Key},
	}})
}

func (l *live) write(key *storage.Idempotency) {
	l.mu.Lock()
	row := l.row
	row.Error, row.Console = jsonOrNil(l.failure != nil, l.failure), jsonOrNil(len(l.console) > 0, l.console)
	row.Output = withoutSecrets(row.Output)
	l.mu.Unlock()
	steps := l.journal.list()
	row.Steps = jsonOrNil(len(steps) > 0, steps)
	l.writeBatch(&storage.Batch{Mutations: []storage.Mutation{storage.RunUpdate{Run: row}}, Idempotency: key})
}

func (l *live) writeBatch(b *storage.Batch) {
	ctx, cancel := context.WithTimeout(context.Background(), writeTime)
	defer cancel()
	if _, err := l.runner.options.DB.Write(ctx, b); err != nil {
		l.runner.options.Logger.Error("the record of a run could not be written", "run", l.id, "error", err)
	}
}

// jsonOrNil encodes what this package made of plain fields.
func jsonOrNil(there bool, value any) json.RawMessage {
	if !there {
		return nil
	}
	raw, err := json.Marshal(value)
	if err != nil {
		return nil
	}
	return withoutSecrets(raw)
}

// snapshot is the run as it stands.
func (l *live) snapshot() Record {
	steps := l.journal.list()
	l.mu.Lock()
	defer l.mu.Unlock()
	r := Record{
		ID: l.id, Recipe: l.row.Recipe, Mode: l.row.Mode, State: State(l.row.State), By: l.row.PrincipalName,
		StartedAt: l.row.StartedAt.UnixMilli(), Tab: l.row.Tab, Input: jsontext.Value(l.row.Input),
		Output: jsontext.Value(l.row.Output), Error: l.failure, Steps: steps, Check: l.row.Verdict,
		Console: append([]recipes.ConsoleLine(nil), l.console...),
	}
	if !l.row.EndedAt.IsZero() {
		r.EndedAt = l.row.EndedAt.UnixMilli()
	}
	return r
}

// outcome is what a call of the recipe ends with.
func (l *live) outcome() (Record, error) {
	record := l.snapshot()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil {
		return record, l.err
	}
	return record, nil
}

func (l *live) publish() {
	l.mu.Lock()
	news := map[string]string{"run": l.id, "recipe": l.row.Recipe, "state": l.row.State}
	l.mu.Unlock()
	l.runner.options.publish("runs", news)
}

func (l *live) log(line recipes.ConsoleLine) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.console = append(l.console, line)
}

// attend notes under which context a frame's host calls run, so that a wait
// for a person can be taken out of its time.
func (l *live) attend(ctx context.Context, f *frame) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.frames == nil {
		l.frames = map[*frame]context.Context{}
	}
	l.frames[f] = ctx
}

func (l *live) leave(f *frame) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.frames, f)
}

// approval is called when something in the run begins and ends to wait for a
// person: meanwhile its time stands still.
func (l *live) approval(waits bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if waits {
		l.waiting++
	} else {
		l.waiting--
	}
	switch {
	case waits && l.waiting == 1:
		l.row.State = string(WaitingApproval)
		for _, ctx := range l.frames {
			l.resume = append(l.resume, recipes.PauseWall(ctx))
		}
	case l.waiting == 0:
		if State(l.row.State) == WaitingApproval {
			l.row.State = string(Running)
		}
		for _, resume := range l.resume {
			resume()
		}
		l.resume = nil
	}
}

// errCancelled is the cause of a run that somebody ended.
type errCancelled struct{ by string }

func (e errCancelled) Error() string { return "cancelled by " + e.by }

// causeOf says why a run's context ended.
func causeOf(ctx context.Context) string {
	cause := context.Cause(ctx)
	var by errCancelled
	switch {
	case errors.As(cause, &by):
		return by.Error()
	case errors.Is(cause, errStopping):
		return "the server was stopped"
	}
	return "its caller ended"
}
