package server

import (
	"context"
	"slices"
	"time"

	"fazt/server/auth"
	"fazt/server/capacity"
	"fazt/server/op"
	"fazt/storage"
)

// Service holds what the operations need. Its zero value can list and describe
// them; calls need every field but Parts.
type Service struct {
	DB       *storage.DB
	Auth     *auth.Auth
	Registry *op.Registry // what operation_list searches
	Now      func() time.Time
	Version  string    // of the program
	Started  time.Time // when it began to serve
	Parts    []StatusPart
	BaseURL  func() string // where callers reach the admin host, without a slash at the end

	// Used returns what a token with a budget has used up within the hour; nil
	// where nobody counts.
	Used func(token string) op.Budget

	uploads  tickets
	Capacity *capacity.Meter // what capacity_get asks
	Events   *Events         // what event_track gives to
	Slow     *SlowLog        // what system_slow lists
}

// StatusPart adds to system_status what another part of the program knows of
// itself. The value is encoded as JSON; an empty name leaves the part out.
type StatusPart func(ctx context.Context, p *op.Principal) (name string, value any)

// Operations returns every operation over storage.
func (s *Service) Operations() []*op.Operation {
	return slices.Concat(
		s.appOperations(),
		s.kvOperations(),
		s.collectionOperations(),
		s.docOperations(),
		s.blobOperations(),
		s.siteOperations(),
		s.changeOperations(),
		s.batchOperations(),
		s.tokenOperations(),
		s.settingOperations(),
		s.secretOperations(),
		s.systemOperations(),
		s.operationOperations(),
		s.undoOperations(),
		s.capacityOperations(),
		s.archiveOperations(),
		s.csvOperations(),
		s.eventOperations(),
		s.slowOperations(),
	)
}

// caller returns who calls.
func caller(ctx context.Context) *op.Principal { return op.From(ctx).Principal }
