package op

// Code is the machine-readable name of an error, the same on every face.
type Code string

// The codes that any operation may answer. Not-found codes are one per noun
// and made by [NotFound].
const (
	CodeInvalidJSON          Code = "invalid_json"
	CodeInvalidInput         Code = "invalid_input"
	CodeInvalidPath          Code = "invalid_path"
	CodeUnknownField         Code = "unknown_field"
	CodeUnauthenticated      Code = "unauthenticated"
	CodeForbidden            Code = "forbidden"
	CodeAgentsStopped        Code = "agents_stopped"
	CodeApprovalRequired     Code = "approval_required"
	CodeMethodNotAllowed     Code = "method_not_allowed"
	CodeConflict             Code = "conflict"
	CodeAlreadyExists        Code = "already_exists"
	CodeUniqueViolation      Code = "unique_violation"
	CodeTypeMismatch         Code = "type_mismatch"
	CodeInProgress           Code = "in_progress"
	CodeCompacted            Code = "compacted"
	CodeVersionMismatch      Code = "version_mismatch"
	CodeTooLarge             Code = "too_large"
	CodeUnsupportedType      Code = "unsupported_type"
	CodeBadRange             Code = "bad_range"
	CodeWrongHost            Code = "wrong_host"
	CodeSchemaViolation      Code = "schema_violation"
	CodeIdempotencyMismatch  Code = "idempotency_mismatch"
	CodeConfirmationRequired Code = "confirmation_required"
	CodeQuota                Code = "quota"
	CodeInternal             Code = "internal"
	CodeOverloaded           Code = "overloaded"
	CodeStorageFailed        Code = "storage_failed"
	CodeDeadline             Code = "deadline"
	CodeFull                 Code = "full"
	CodeRunFailed            Code = "run_failed"
	CodeOperationNotFound    Code = "operation_not_found"
	CodeNotFound             Code = "not_found"
)

// Status returns the HTTP status of a code (RFC 9110 and, for 428 and 429,
// RFC 6585; 507 is RFC 4918).
func (c Code) Status() int {
	switch c {
	case CodeInvalidJSON, CodeInvalidInput, CodeInvalidPath, CodeUnknownField:
		return 400
	case CodeUnauthenticated:
		return 401
	case CodeForbidden, CodeApprovalRequired, CodeAgentsStopped:
		return 403
	case CodeMethodNotAllowed:
		return 405
	case CodeConflict, CodeAlreadyExists, CodeUniqueViolation, CodeTypeMismatch, CodeInProgress:
		return 409
	case CodeCompacted:
		return 410
	case CodeVersionMismatch:
		return 412
	case CodeTooLarge:
		return 413
	case CodeUnsupportedType:
		return 415
	case CodeBadRange:
		return 416
	case CodeWrongHost:
		return 421
	case CodeSchemaViolation, CodeIdempotencyMismatch, CodeRunFailed:
		return 422
	case CodeConfirmationRequired:
		return 428
	case CodeQuota:
		return 429
	case CodeOverloaded, CodeStorageFailed:
		return 503
	case CodeDeadline:
		return 504
	case CodeFull:
		return 507
	}
	if c.isNotFound() {
		return 404
	}
	if c.isPage() {
		return 409
	}
	return 500
}

func (c Code) isNotFound() bool {
	const suffix = "not_found"
	return len(c) >= len(suffix) && c[len(c)-len(suffix):] == suffix
}
