package server

import (
	"context"
	"fmt"
	"io"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"fazt/server/op"
	"fazt/storage"
)

func (s *Service) systemOperations() []*op.Operation {
	return []*op.Operation{s.opSystemStatus(), s.opSystemBackup(), s.opSystemAudit()}
}

type systemStatusIn struct {
	App string `json:"app,omitzero" doc:"add the map of this app: what it holds" format:"app"`
}

type systemStatusOut struct {
	Status    string                    `json:"status" doc:"ok, or stopped: the disk failed and nothing can be written"`
	Version   string                    `json:"version" doc:"of the program"`
	StartedAt int64                     `json:"started_at" doc:"Unix ms"`
	UptimeMS  int64                     `json:"uptime_ms" doc:"how long it has been serving"`
	Storage   storageStatus             `json:"storage" doc:"the database"`
	Parts     map[string]jsontext.Value `json:"parts,omitzero" doc:"what the other parts say: tabs, agents, capacity"`
	App       *appMap                   `json:"app,omitzero" doc:"the app's map, when asked for"`
}

type storageStatus struct {
	Version       uint64 `json:"version" doc:"of the last commit"`
	FileBytes     int64  `json:"file_bytes" doc:"size of the database"`
	WALBytes      int64  `json:"wal_bytes" doc:"size of its write-ahead log"`
	Waiting       int    `json:"waiting" doc:"batches that wait for the writer"`
	Batches       uint64 `json:"batches" doc:"batches answered since the start"`
	Failed        uint64 `json:"failed" doc:"of those, refused by a check or a limit"`
	Refused       uint64 `json:"refused" doc:"batches refused because too many waited"`
	Dropped       uint64 `json:"dropped" doc:"audit entries of calls that wrote nothing, lost under pressure"`
	CommitP50     int64  `json:"commit_p50_us" doc:"half of the commits took at most so many microseconds"`
	CommitP99     int64  `json:"commit_p99_us" doc:"99 of 100 commits took at most so many microseconds"`
	OldestReadAge int64  `json:"oldest_read_ms" doc:"age of the longest read in progress"`
}

func (s *Service) opSystemStatus() *op.Operation {
	return op.Define(op.Operation{
		Name: "system_status", Summary: "Say how the server is, or what an app holds", Scope: "system:read", Effect: op.Read,
		Description: "With app it adds a map of that app: its keys by family with counts, the shape of their values, and examples. Begin here in an app you do not know.",
		Method:      "GET", Path: "/api/system/status",
		Examples: []op.Example{{
			Title: "The map of an app", Given: welcome(), In: `{"app":"shop"}`,
			Out: `{"status":"ok","version":"0.11.0","started_at":1764000000000,"uptime_ms":5000,` +
				`"storage":{"version":8,"file_bytes":172032,"wal_bytes":90640,"waiting":0,"batches":2,"failed":0,"refused":0,"dropped":0,"commit_p50_us":250,"commit_p99_us":500,"oldest_read_ms":0},` +
				`"app":{"id":"shop","title":"Shop","keys":{"count":1,"more":false,"families":[{"prefix":"user/","count":1,"shape":"{name: string, age: number}","example":"user/ada"}],"plain":[]}}}`,
		}},
	}, s.systemStatus)
}

func (s *Service) systemStatus(ctx context.Context, in systemStatusIn) (systemStatusOut, error) {
	stats := s.DB.Stats()
	out := systemStatusOut{
		Status: "ok", Version: s.Version, StartedAt: s.Started.UnixMilli(),
		UptimeMS: s.Now().Sub(s.Started).Milliseconds(), Storage: storageStatusOf(stats),
	}
	if stats.Stopped {
		out.Status = "stopped"
	}
	for _, part := range s.Parts {
		name, value := part(ctx, caller(ctx))
		if name == "" {
			continue
		}
		encoded, err := op.Encode(value)
		if err != nil {
			return systemStatusOut{}, fmt.Errorf("encode status part %q: %w", name, err)
		}
		if out.Parts == nil {
			out.Parts = map[string]jsontext.Value{}
		}
		out.Parts[name] = encoded
	}
	var err error
	if in.App != "" {
		out.App, err = s.appMap(ctx, in.App)
	}
	return out, err
}

func storageStatusOf(s storage.Stats) storageStatus {
	return storageStatus{
		Version: s.Version, FileBytes: s.FileBytes, WALBytes: s.WALBytes, Waiting: s.QueueBatches,
		Batches: s.Batches, Failed: s.Failed, Refused: s.Refused, Dropped: s.Dropped,
		CommitP50: quantile(s.CommitMicros, 0.5), CommitP99: quantile(s.CommitMicros, 0.99),
		OldestReadAge: s.OldestReadAge.Milliseconds(),
	}
}

// quantile returns the upper bound of the bucket that holds the quantile, the
// last bound when it is over every one.
func quantile(h storage.Histogram, q float64) int64 {
	var total, below uint64
	for _, n := range h.Counts {
		total += n
	}
	for i, n := range h.Counts {
		if below += n; total > 0 && float64(below) >= q*float64(total) {
			return h.Bounds[min(i, len(h.Bounds)-1)]
		}
	}
	return 0
}

type systemBackupIn struct{}

func (s *Service) opSystemBackup() *op.Operation {
	return op.Define(op.Operation{
		Name: "system_backup", Summary: "Take a consistent copy of the whole database", Scope: "system:write", Effect: op.Read,
		Description: "A SQLite file, checked before the first byte is sent. It holds every app, the hashes of tokens and the secrets, so agents cannot take one.",
		Method:      "GET", Path: "/api/system/backup", Bytes: true,
	}, func(ctx context.Context, _ systemBackupIn) (*op.Body, error) {
		p := caller(ctx)
		if p.Kind == op.KindAgent || p.Driven {
			return nil, op.Errorf(op.CodeForbidden, "a backup holds credentials and secrets, so agents cannot take one").
				WithHint("ask a person to run fazt backup, or use a token of kind service")
		}
		return &op.Body{
			Type: "application/vnd.sqlite3", Filename: "fazt-" + s.Now().UTC().Format("20060102-150405") + ".db",
			Write: func(ctx context.Context, w io.Writer) error { return ErrorOf(s.DB.Backup(ctx, w)) },
		}, nil
	})
}

type systemAuditIn struct {
	Principal string `json:"principal,omitzero" doc:"only calls of the token with this id" minLength:"1" maxLength:"256"`
	App       string `json:"app,omitzero" doc:"only calls about this app" format:"app"`
	Operation string `json:"operation,omitzero" doc:"only calls of this operation" minLength:"1" maxLength:"100"`
	Code      string `json:"code,omitzero" doc:"only calls that ended so: ok, or an error's code" minLength:"1" maxLength:"100"`
	Limit     int    `json:"limit" doc:"how many at most" default:"100" minimum:"1" maximum:"1000"`
	Cursor    string `json:"cursor,omitzero" doc:"next_cursor of the page before" minLength:"1"`
}

func (in systemAuditIn) query() []string {
	return []string{"system_audit", in.Principal, in.App, in.Operation, in.Code}
}

type auditItem struct {
	At         int64  `json:"at" doc:"Unix ms"`
	Principal  string `json:"principal" doc:"the id of the token that called"`
	Kind       string `json:"kind" doc:"person, agent or service"`
	Face       string `json:"face" doc:"how it called: http, mcp, cli, page, recipe"`
	Client     string `json:"client,omitzero" doc:"what the client calls itself"`
	Operation  string `json:"operation" doc:"what was called"`
	App        string `json:"app,omitzero" doc:"the app it was about"`
	Code       string `json:"code" doc:"ok, or the error's code"`
	DurationUS int64  `json:"duration_us" doc:"microseconds; of a write, until its commit began"`
	Version    uint64 `json:"version" doc:"of what was written, 0 when nothing was"`
	RequestID  string `json:"request_id,omitzero" doc:"as the caller was told"`
}

type systemAuditOut struct {
	Items      []auditItem `json:"items" doc:"calls, newest first"`
	NextCursor *string     `json:"next_cursor" doc:"cursor of the next page, null at the end"`
}

func (s *Service) opSystemAudit() *op.Operation {
	return op.Define(op.Operation{
		Name: "system_audit", Summary: "List who called what", Scope: "system:read", Effect: op.Read,
		Description: "Every call that could change something, refused and tried ones too, and every read that was forbidden.",
		Method:      "GET", Path: "/api/system/audit",
		Examples: []op.Example{{
			Title: "What was stored last in an app",
			Given: append(welcome(), op.Given{Op: "kv_set", In: `{"app":"shop","key":"user/bob","value":{"name":"Bob"}}`}),
			In:    `{"app":"shop","operation":"kv_set","limit":1}`,
			Out:   `{"items":[{"at":1764000000000,"principal":"t_owner","kind":"person","face":"http","operation":"kv_set","app":"shop","code":"ok","duration_us":120,"version":9,"request_id":"r_1"}],"next_cursor":"Zm9vYmFyOQ"}`,
		}},
	}, s.systemAudit)
}

// maxAuditPages bounds how far one call looks for entries that match.
const maxAuditPages = 5

func (s *Service) systemAudit(ctx context.Context, in systemAuditIn) (systemAuditOut, error) {
	place, err := openCursor(in.Cursor, in.query()...)
	if err != nil {
		return systemAuditOut{}, err
	}
	q := storage.AuditQuery{Principal: in.Principal, App: in.App, Operation: in.Operation, Code: in.Code, Limit: in.Limit}
	if place != "" {
		if q.Before, err = strconv.ParseUint(place, 10, 63); err != nil {
			return systemAuditOut{}, op.Invalid("cursor", "this is no cursor").WithHint("%s", cursorHint)
		}
	}
	out := systemAuditOut{Items: []auditItem{}}
	for range maxAuditPages {
		page, next, err := s.DB.AuditLog(ctx, q)
		if err != nil {
			return systemAuditOut{}, ErrorOf(err)
		}
		for _, e := range page {
			out.Items = append(out.Items, auditItemOf(e))
		}
		q.Before = next
		if len(page) > 0 || next == 0 {
			break
		}
	}
	if q.Before != 0 {
		out.NextCursor = sealCursor(strconv.FormatUint(q.Before, 10), in.query()...)
	}
	return out, nil
}

func auditItemOf(e storage.AuditEntry) auditItem {
	return auditItem{
		At: e.At.UnixMilli(), Principal: e.Principal, Kind: e.Kind, Face: e.Face, Client: e.Client, Operation: e.Operation,
		App: e.App, Code: e.Code, DurationUS: e.Duration.Microseconds(), Version: e.Version, RequestID: e.RequestID,
	}
}
