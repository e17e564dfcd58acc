package storage

import (
	"errors"
	"slices"
)

// Attempt makes a mutation of one document one that may fail alone: what a
// caller could correct becomes the Refused of its Result, and the rest of the
// batch is written. Faults of the store still fail the batch.
type Attempt struct {
	Of   Mutation
	Only []Kind // what may be refused; nil = all that is about the document
}

func (Attempt) mutation() {}

// attempt relies on what a step promises: with an *Error it fails before its
// first write.
type attempt struct {
	step step
	only []Kind
}

func (m Attempt) prepare(in *intake) (step, error) {
	switch m.Of.(type) {
	case DocInsert, DocReplace:
	default:
		return nil, invalid("attempt", "only the insert and the replacement of one document can be attempted")
	}
	s, err := m.Of.prepare(in)
	if e := refusal(err, m.Only); e != nil {
		return refused{e}, nil
	}
	return attempt{s, m.Only}, err
}

func (m attempt) apply(t *tx) (Result, error) {
	r, err := m.step.apply(t)
	if e := refusal(err, m.only); e != nil {
		return Result{Refused: e}, nil
	}
	return r, err
}

// refused is a step that was found wrong before the batch was queued.
type refused struct{ why *Error }

func (m refused) apply(*tx) (Result, error) { return Result{Refused: m.why}, nil }

// refusal is err when it is about the document itself and may be one.
func refusal(err error, only []Kind) *Error {
	var e *Error
	if !errors.As(err, &e) {
		return nil
	}
	switch {
	case only != nil && !slices.Contains(only, e.Kind):
		return nil
	case e.Kind == KindExists, e.Kind == KindUnique, e.Kind == KindSchema, e.Kind == KindTooLarge:
		return e
	case e.Kind == KindInvalid && e.Field != "collection" && e.Field != "app":
		return e
	}
	return nil
}
