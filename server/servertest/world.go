package servertest

import (
	"context"
	"crypto/rand"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"fazt/server"
	"fazt/server/auth"
	"fazt/server/capacity"
	"fazt/server/op"
	"fazt/storage"
)

// World is a server without its HTTP face.
type World struct {
	DB       *storage.DB
	Service  *server.Service
	Registry *op.Registry
	Clock    *Clock
	// AgentSecret is the token of the first agent, as a first start prints it.
	AgentSecret string

	tb testing.TB
}

// OwnerSecret is the owner's token.
const OwnerSecret = "an owner's own token"

// Clock is a clock that the test sets. It begins in November 2025.
type Clock struct {
	mu sync.Mutex
	t  time.Time
}

// Now returns its time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

// Add moves it on.
func (c *Clock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// Open makes a world as a first start does: no app, and the tokens of the owner
// and the first agent. It is closed when the test ends.
func Open(tb testing.TB) *World {
	tb.Helper()
	clock := &Clock{t: time.UnixMilli(1_764_000_000_000)}
	logger := slog.New(slog.NewTextHandler(testLog{tb}, nil))
	db, err := storage.Open(tb.Context(), storage.Options{
		Path: filepath.Join(tb.TempDir(), "data.db"), Now: clock.Now, Logger: logger,
	})
	if err != nil {
		tb.Fatal(err)
	}
	var service *server.Service
	keeper := auth.New(auth.Options{DB: db, Now: clock.Now, Rand: rand.Reader})
	tb.Cleanup(func() {
		if service != nil {
			service.CloseUploads()
		}
		keeper.Close()
		if err := db.Close(context.Background()); err != nil {
			tb.Error(err)
		}
	})
	agent, err := keeper.FirstStart(tb.Context(), OwnerSecret)
	if err != nil {
		tb.Fatal(err)
	}
	recorder := server.NewRecorder(db, logger)
	recorder.Now = clock.Now
	registry := op.NewRegistry(op.Ports{Admitter: op.AdmitAll{}, Recorder: recorder, Approver: op.ApproveAll{}, Now: clock.Now})
	meter := capacity.NewMeter(capacity.MeterOptions{
		Dir: tb.TempDir(), Admission: capacity.NewAdmission(capacity.AdmissionOptions{}), Now: clock.Now, Logger: logger,
		Probes: func(context.Context) ([]op.Probe, func(), error) { return nil, func() {}, nil },
	})
	tb.Cleanup(meter.Close)
	service = &server.Service{
		DB: db, Auth: keeper, Registry: registry, Now: clock.Now, Version: "0.0.0-test", Started: clock.Now(),
		Capacity: meter,
		BaseURL:  func() string { return "http://127.0.0.1:8080" },
		Events:   server.NewEvents(db, clock.Now),
		Slow:     server.NewSlowLog(func(context.Context) time.Duration { return server.SlowMillis * time.Millisecond }, logger),
	}
	recorder.Slow = service.Slow
	if err := registry.Add(service.Operations()...); err != nil {
		tb.Fatal(err)
	}
	return &World{DB: db, Service: service, Registry: registry, Clock: clock, AgentSecret: agent, tb: tb}
}

// testLog sends the log to the test's.
type testLog struct{ tb testing.TB }

func (w testLog) Write(p []byte) (int, error) {
	w.tb.Logf("log: %s", p)
	return len(p), nil
}

// Call makes a call as a role, as a face without paths would.
func (w *World) Call(role Role, operation, input string, envelope op.Envelope) (*op.Result, error) {
	return w.CallContext(w.tb.Context(), role, operation, input, envelope)
}

// CallContext is Call with a context of the test's own.
func (w *World) CallContext(ctx context.Context, role Role, operation, input string, envelope op.Envelope) (*op.Result, error) {
	return w.Registry.Call(ctx, op.Request{
		Operation: operation, Principal: role.Principal(), Input: []byte(input), App: op.PeekApp([]byte(input)),
		Envelope: envelope, Face: "test", Client: "servertest", RequestID: "r_test",
	})
}

// Must makes a call as the owner that has to succeed, and returns its answer.
func (w *World) Must(operation, input string) string {
	w.tb.Helper()
	result, err := w.Call(Owner, operation, input, op.Envelope{})
	if err != nil {
		w.tb.Fatalf("%s %s: %v", operation, input, err)
	}
	return string(result.JSON)
}

// Given makes the calls of an example's preparation.
func (w *World) Given(calls []op.Given) {
	w.tb.Helper()
	for _, g := range calls {
		w.Must(g.Op, g.In)
	}
}
