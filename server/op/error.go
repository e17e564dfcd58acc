package op

import (
	"errors"
	"fmt"
	"time"
)

// Error is what a caller sees when an operation fails. Detail says what
// happened, Hint what to do next; both are complete sentences without the
// secret or internal text that Cause may hold.
type Error struct {
	Code           Code
	Detail         string
	Hint           string
	Field          string        // the input field at fault, dotted, with indices as in items[3].key
	CurrentVersion *uint64       // with version_mismatch and already_exists
	RetryAfter     time.Duration // with overloaded and quota
	Confirm        string        // with confirmation_required: the name to repeat
	RequestID      string        // with internal: what to look for in the log
	Cause          error         // for the log only
}

func (e *Error) Error() string { return string(e.Code) + ": " + e.Detail }

func (e *Error) Unwrap() error { return e.Cause }

// Errorf returns an error with a formatted detail.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Detail: fmt.Sprintf(format, args...)}
}

// NotFound returns the not-found error of a noun, such as key_not_found.
func NotFound(noun, format string, args ...any) *Error {
	return &Error{Code: Code(noun + "_not_found"), Detail: fmt.Sprintf(format, args...)}
}

// Invalid returns an invalid_input error about one field.
func Invalid(field, format string, args ...any) *Error {
	return &Error{Code: CodeInvalidInput, Field: field, Detail: fmt.Sprintf(format, args...)}
}

// WithHint returns a copy of e with the next step set.
func (e *Error) WithHint(format string, args ...any) *Error {
	c := *e
	c.Hint = fmt.Sprintf(format, args...)
	return &c
}

// AsError returns err as an *Error. Any other error becomes an internal one
// that keeps err as its cause.
func AsError(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return &Error{
		Code:   CodeInternal,
		Detail: "an internal error occurred; nothing more is known to the caller",
		Hint:   "look for the request id in the server's log, and report it if it happens again",
		Cause:  err,
	}
}

// WithField returns a copy of e that is about another field.
func (e *Error) WithField(field string) *Error {
	c := *e
	c.Field = field
	return &c
}
