package server

import (
	"context"

	"fazt/server/op"
	"fazt/storage"
)

// Commit writes the batch of the call under way. It gives the batch the call's
// audit entry, idempotency key and dry run, so the caller leaves those fields
// alone. render makes the operation's output; with an idempotency key it also
// makes the result that a repetition hears, so it must be pure and quick.
//
// The error is an [*op.Error], the context's, or an [*op.Replayed] when the key
// was used meanwhile; a handler returns it as it is. Outside of a call, as at
// the first start, the batch is written without an audit entry.
func (s *Service) Commit(ctx context.Context, b *storage.Batch, render func(*storage.Outcome) any) (*storage.Outcome, error) {
	inv := op.From(ctx)
	if inv != nil {
		s.attach(inv, b, render)
	}
	timing := storage.Timing{}
	b.Timing = &timing
	outcome, err := s.DB.Write(ctx, b)
	if inv != nil {
		inv.Committed(timing.Queue, timing.Commit)
	}
	switch {
	case err != nil:
		return nil, ErrorOf(err)
	case outcome.Replayed != nil:
		return nil, &op.Replayed{Result: outcome.Replayed}
	case inv != nil && !b.DryRun:
		inv.Wrote()
	}
	return outcome, nil
}

func (s *Service) attach(inv *op.Invocation, b *storage.Batch, render func(*storage.Outcome) any) {
	b.DryRun = inv.Envelope.DryRun
	entry := auditEntry(inv)
	entry.Duration = inv.Since(s.Now())
	b.Audit = &entry
	if key := inv.Envelope.IdempotencyKey; key != "" && !b.DryRun {
		b.Idempotency = &storage.Idempotency{
			Principal: inv.Principal.ID, Operation: inv.Operation.Name, Key: key, InputHash: inv.InputHash,
			Render: func(o *storage.Outcome) ([]byte, error) { return op.Encode(render(o)) },
		}
	}
}

// answer commits and returns the rendered output.
func answer[Out any](ctx context.Context, s *Service, b *storage.Batch, render func(*storage.Outcome) Out) (Out, error) {
	outcome, err := s.Commit(ctx, b, func(o *storage.Outcome) any { return render(o) })
	if err != nil {
		var none Out
		return none, err
	}
	return render(outcome), nil
}
