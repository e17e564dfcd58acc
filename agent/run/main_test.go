package run_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"go.uber.org/goleak"

	"fazt/agent/approval"
	"fazt/agent/run"
	"fazt/recipes"
	"fazt/server/op"
	"fazt/storage"
)

// TestMain serves as the worker when the package starts itself again.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == recipes.WorkerCommand {
		os.Exit(recipes.WorkerMain(os.Stdin, os.Stdout))
	}
	goleak.VerifyTestMain(m)
}

// world is a program without faces: everything real but the tab.
type world struct {
	t        testing.TB
	path     string
	db       *storage.DB
	registry *op.Registry
	runner   *run.Runner
	desk     *approval.Desk
	tabs     *scriptedTabs
	pool     *recipes.Pool
	options  worldOptions

	mu        sync.Mutex
	permits   int // held now
	published []string
}

type worldOptions struct {
	path    string // "" = a new database
	limits  recipes.Limits
	policy  approval.Policy
	shipped map[string]string
	open    bool // leave the closing to the test
	forms   bool // add the operations of the shipped page forms
}

func newWorld(t testing.TB, change ...func(*worldOptions)) *world {
	t.Helper()
	w := &world{t: t, options: worldOptions{policy: approval.OnlyWide}, tabs: newScriptedTabs()}
	for _, f := range change {
		f(&w.options)
	}
	w.path = w.options.path
	if w.path == "" {
		w.path = filepath.Join(t.TempDir(), "data.db")
	}
	logger := slog.New(slog.NewTextHandler(t.Output(), nil))
	var err error
	if w.db, err = storage.Open(context.Background(), storage.Options{Path: w.path, Now: time.Now, Logger: logger}); err != nil {
		t.Fatal(err)
	}
	if w.pool, err = recipes.NewPool(recipes.PoolOptions{Logger: logger}); err != nil {
		t.Fatal(err)
	}
	w.desk = approval.New(approval.Options{Policy: func(*op.Principal) approval.Policy { return w.options.policy }})
	w.registry = op.NewRegistry(op.Ports{
		Admitter: w, Recorder: recorder{w}, Approver: w.desk, Forms: lateForms{w},
		Ceiling: func(id string) (op.Effect, bool) { return w.runner.Ceiling(id) },
	})
	if err := w.registry.Add(w.operations()...); err != nil {
		t.Fatal(err)
	}
	if w.options.forms {
		if err := w.registry.Add(formOperations()...); err != nil {
			t.Fatal(err)
		}
	}
	w.runner = run.New(run.Options{
		DB: w.db, Registry: w.registry, Pool: w.pool, Tabs: w.tabs, Desk: w.desk, Commit: w.commit, ErrorOf: errorOf,
		Shipped: files(w.options.shipped), BaseURL: func() string { return "http://127.0.0.1:8080" },
		Publish: w.publish, Limits: w.options.limits, Logger: logger,
	})
	w.tabs.world = w
	if err := w.runner.Open(context.Background()); err != nil {
		t.Fatal(err)
	}
	if !w.options.open {
		t.Cleanup(w.close)
	}
	return w
}

// close ends the world in the program's order.
func (w *world) close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := errors.Join(w.runner.Close(ctx), w.pool.Close(ctx), w.db.Close(ctx)); err != nil {
		w.t.Error(err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.permits != 0 {
		w.t.Errorf("%d permits are still held", w.permits)
	}
}

type lateForms struct{ w *world }

func (f lateForms) Run(ctx context.Context, inv *op.Invocation, input []byte) (any, error) {
	return f.w.runner.Forms().Run(ctx, inv, input)
}

func (w *world) publish(topic string, _ any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.published = append(w.published, topic)
}

func (w *world) Admit(context.Context, *op.Principal, *op.Operation) (op.Permit, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.permits++
	return permit{w}, nil
}

type permit struct{ w *world }

func (p permit) Release() {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	p.w.permits--
}

func (w *world) held() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.permits
}

// recorder answers idempotency keys from storage, as the program's does.
type recorder struct{ w *world }

func (r recorder) Replay(ctx context.Context, principal, operation, key string) (*op.Stored, error) {
	record, found, err := r.w.db.Idempotent(ctx, principal, operation, key)
	if err != nil || !found {
		return nil, err
	}
	return &op.Stored{InputHash: record.InputHash, Result: record.Result}, nil
}

func (recorder) Record(context.Context, *op.Invocation, op.Done) {}

func (w *world) commit(ctx context.Context, b *storage.Batch, _ func(*storage.Outcome) any) (*storage.Outcome, error) {
	if inv := op.From(ctx); inv != nil {
		b.DryRun = inv.Envelope.DryRun
	}
	outcome, err := w.db.Write(ctx, b)
	return outcome, errorOf(err)
}

func errorOf(err error) error {
	var e *storage.Error
	if !errors.As(err, &e) {
		return err
	}
	code := op.Code(e.Kind)
	return &op.Error{Code: code, Detail: e.Message, Field: e.Field, Hint: "read it again", Cause: err}
}

type keyIn struct {
	App string `json:"app" doc:"the app" format:"app"`
	Key string `json:"key" doc:"the key" format:"key"`
}

type setIn struct {
	App        string         `json:"app" doc:"the app" format:"app"`
	Key        string         `json:"key" doc:"the key" format:"key"`
	Value      jsontext.Value `json:"value" doc:"any JSON"`
	TTLMillis  int64          `json:"ttl_ms,omitzero" doc:"time to live"`
	IfVersion  *uint64        `json:"if_version" doc:"only at this version"`
	CreateOnly bool           `json:"create_only,omitzero" doc:"only when it is new"`
}

type setOut struct {
	Key     string `json:"key" doc:"the key"`
	Version uint64 `json:"version" doc:"its version"`
	Created bool   `json:"created" doc:"whether it is new"`
}

type getOut struct {
	Value   jsontext.Value `json:"value" doc:"the value"`
	Version uint64         `json:"version" doc:"its version"`
}

type appIn struct {
	App string `json:"app" doc:"the app" format:"app"`
}

type doneOut struct {
	Done bool `json:"done" doc:"true"`
}

// operations are those that the tests' recipes call.
func (w *world) operations() []*op.Operation {
	return []*op.Operation{
		op.Define(op.Operation{
			Name: "kv_get", Summary: "Read", Scope: "kv:read", Effect: op.Read, Method: "GET", Path: "/api/apps/{app}/kv/{key...}",
		}, func(ctx context.Context, in keyIn) (getOut, error) {
			entry, err := w.db.KVGet(ctx, in.App, in.Key)
			return getOut{Value: jsontext.Value(entry.Value), Version: entry.Version}, errorOf(err)
		}),
		op.Define(op.Operation{
			Name: "kv_set", Summary: "Write", Scope: "kv:write", Effect: op.Write, Method: "PUT", Path: "/api/apps/{app}/kv/{key...}",
		}, w.set),
		op.Define(op.Operation{
			Name: "app_wipe", Summary: "Empty an app", Scope: "apps:write", Effect: op.Destructive, Method: "POST", Path: "/api/apps/{app}/wipe",
		}, func(ctx context.Context, in appIn) (doneOut, error) {
			_, err := w.commit(ctx, &storage.Batch{App: in.App, Mutations: []storage.Mutation{storage.KVDeletePrefix{}}}, nil)
			return doneOut{err == nil}, err
		}, op.WithRisk(func(_ context.Context, in appIn) (op.Risk, error) {
			return op.Risk{Wide: true, Summary: "the app " + in.App}, nil
		})),
		op.Define(op.Operation{
			Name: "kv_flood", Summary: "Write much", Scope: "kv:write", Effect: op.Write, Method: "POST", Path: "/api/apps/{app}/flood",
		}, func(context.Context, appIn) (doneOut, error) { return doneOut{true}, nil },
			op.WithRisk(func(context.Context, appIn) (op.Risk, error) { return op.Risk{Wide: true, Summary: "everything"}, nil })),
		op.Define(op.Operation{
			Name: "person_greet", Summary: "Greet", Scope: "people:read", Effect: op.Read, Method: "GET", Path: "/api/greet", PeopleOnly: true,
		}, func(context.Context, struct{}) (doneOut, error) { return doneOut{true}, nil }),
	}
}

func (w *world) set(ctx context.Context, in setIn) (setOut, error) {
	outcome, err := w.commit(ctx, &storage.Batch{App: in.App, Mutations: []storage.Mutation{
		storage.KVSet{Key: in.Key, Value: json.RawMessage(in.Value), CreateOnly: in.CreateOnly},
	}}, nil)
	if err != nil {
		return setOut{}, err
	}
	return setOut{Key: in.Key, Version: outcome.Version, Created: outcome.Results[0].Created}, nil
}

func (w *world) app(id string) {
	w.t.Helper()
	if _, err := w.db.Write(context.Background(), &storage.Batch{Mutations: []storage.Mutation{storage.AppCreate{ID: id, Title: id}}}); err != nil {
		w.t.Fatal(err)
	}
}

// kv returns what an app holds under a key, "" for nothing.
func (w *world) kv(app, key string) string {
	w.t.Helper()
	entry, err := w.db.KVGet(context.Background(), app, key)
	if storage.KindOf(err) == storage.KindKeyNotFound {
		return ""
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return string(entry.Value)
}

func principal(id string, kind op.Kind, scopes ...op.Scope) *op.Principal {
	set, err := op.NewScopeSet(scopes...)
	if err != nil {
		panic(err)
	}
	return &op.Principal{ID: id, Name: id, Kind: kind, Scopes: set}
}

func owner() *op.Principal {
	p := principal("owner", op.KindPerson, op.AllScopes()...)
	p.Owner = true
	return p
}

func agent() *op.Principal { return principal("robot", op.KindAgent, op.AgentScopes()...) }

// within makes a call of no operation that is registered, so that the runner's
// methods find an invocation as they do in a handler.
func (w *world) within(p *op.Principal, name string, do func(ctx context.Context) error) error {
	return w.withinOp(w.t.Context(), p, op.Operation{
		Name: name, Summary: "Test", Scope: "runs:read", Effect: op.Write, AppFree: true, Method: "POST", Path: "/api/test",
	}, op.Envelope{}, do)
}

func (w *world) withinOp(ctx context.Context, p *op.Principal, o op.Operation, envelope op.Envelope, do func(ctx context.Context) error) error {
	registry := op.NewRegistry(op.Ports{Admitter: w, Recorder: recorder{w}, Approver: w.desk})
	defined := op.Define(o, func(ctx context.Context, _ struct{}) (doneOut, error) { return doneOut{}, do(ctx) })
	if err := registry.Add(defined); err != nil {
		return err
	}
	_, err := registry.Call(ctx, op.Request{Operation: o.Name, Principal: p, Envelope: envelope})
	return err
}

func (w *world) save(p *op.Principal, source string, enable bool) (e *run.Entry, err error) {
	return e, w.within(p, "recipe_save", func(ctx context.Context) error {
		e, err = w.runner.Save(ctx, p, run.Save{Source: source, Enable: enable})
		return err
	})
}

func (w *world) mustSave(p *op.Principal, source string, enable bool) *run.Entry {
	w.t.Helper()
	e, err := w.save(p, source, enable)
	if err != nil {
		w.t.Fatalf("save: %v", err)
	}
	return e
}

// call calls an operation or a recipe as a face does.
func (w *world) call(p *op.Principal, name, input string, change ...func(*op.Request)) (string, error) {
	req := op.Request{Operation: name, Principal: p, Input: []byte(input), App: op.PeekApp([]byte(input)), Face: "http"}
	for _, f := range change {
		f(&req)
	}
	result, err := w.registry.Call(w.t.Context(), req)
	if err != nil {
		return "", err
	}
	return string(result.JSON), nil
}

func (w *world) mustCall(p *op.Principal, name, input string, change ...func(*op.Request)) string {
	w.t.Helper()
	out, err := w.call(p, name, input, change...)
	if err != nil {
		var e *op.Error
		errors.As(err, &e)
		w.t.Fatalf("%s: %v\nhint: %s", name, err, e.Hint)
	}
	return out
}

// start begins a run and returns its record as it then is.
func (w *world) start(p *op.Principal, s run.Start, wait time.Duration) (record run.Record, err error) {
	return record, w.within(p, "recipe_run", func(ctx context.Context) error {
		if s.Mode == "" {
			s.Mode = op.ModeAPI
		}
		record, err = w.runner.Run(ctx, s, wait)
		return err
	})
}

func (w *world) find(p *op.Principal, name string) *run.Entry {
	w.t.Helper()
	e, err := w.runner.Find(p, name)
	if err != nil {
		w.t.Fatal(err)
	}
	return e
}

func (w *world) get(p *op.Principal, id string, wait time.Duration) (record run.Record, err error) {
	return record, w.within(p, "run_get", func(ctx context.Context) error {
		record, err = w.runner.Get(ctx, p, id, wait)
		return err
	})
}

// last returns the newest run.
func (w *world) last() run.Record {
	w.t.Helper()
	page, _, err := w.runner.List(context.Background(), owner(), run.Query{Limit: 1})
	if err != nil || len(page) == 0 {
		w.t.Fatalf("no run: %v", err)
	}
	record, err := w.get(owner(), page[0].ID, 0)
	if err != nil {
		w.t.Fatal(err)
	}
	return record
}

func codeOf(err error) op.Code {
	var e *op.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// has reports whether a text holds all words.
func has(text string, words ...string) bool {
	for _, word := range words {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}
