package agent_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"go.uber.org/goleak"

	"fazt/agent"
	"fazt/agent/approval"
	"fazt/agent/limit"
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

// world is an agent over a real database and a registry with a few operations
// of the server's.
type world struct {
	t        testing.TB
	db       *storage.DB
	registry *op.Registry
	agent    *agent.Agent
	desk     *approval.Desk
	gate     *limit.Gate
}

func newWorld(t testing.TB) *world {
	t.Helper()
	logger := slog.New(slog.NewTextHandler(t.Output(), nil))
	db, err := storage.Open(context.Background(), storage.Options{Path: filepath.Join(t.TempDir(), "data.db"), Now: time.Now, Logger: logger})
	if err != nil {
		t.Fatal(err)
	}
	pool, err := recipes.NewPool(recipes.PoolOptions{Logger: logger})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, db: db, desk: approval.New(approval.Options{Wait: 50 * time.Millisecond})}
	w.gate = limit.New(limit.Options{DB: db, Now: time.Now, Logger: logger})
	if err := w.gate.Open(context.Background()); err != nil {
		t.Fatal(err)
	}
	w.registry = op.NewRegistry(op.Ports{
		Admitter: op.AdmitAll{}, Gate: w.gate, Recorder: op.RecordNone{}, Approver: w.desk,
		Ceiling: func(run string) (op.Effect, bool) { return w.agent.Ceiling(run) },
	})
	no := func(string) bool { return false }
	w.agent = agent.New(agent.Options{
		DB: db, Registry: w.registry, Desk: w.desk, Gate: w.gate, Pool: pool, Commit: w.commit, ErrorOf: errorOf,
		Shipped:      fstest.MapFS{"app_make.ts": {Data: []byte(formSource)}},
		Authenticate: func(*http.Request) (*op.Principal, error) { return owner(), nil },
		BaseURL:      func() string { return "http://127.0.0.1:1" }, Hosts: func(host string) bool { return host == "test" }, Origins: no,
		Logger: logger, Now: time.Now, Rand: rand.Reader, Version: "0.0.0-test",
	})
	if err := errors.Join(w.registry.Add(w.operations()...), w.registry.Add(w.agent.Operations()...), w.agent.Open(context.Background())); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := errors.Join(w.agent.Close(ctx), pool.Close(ctx), w.gate.Close(ctx), db.Close(ctx)); err != nil {
			t.Error(err)
		}
	})
	return w
}

const formSource = `import { defineRecipe } from "fazt";
export default defineRecipe({ name: "app_make", title: "Make an app", effect: "read", async api() { return 1; } });`

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
	return &op.Error{Code: op.Code(e.Kind), Detail: e.Message, Field: e.Field, Hint: "read it again", Cause: err}
}

type createIn struct {
	ID    string `json:"id" doc:"its id" format:"newapp"`
	Title string `json:"title,omitzero" doc:"its title"`
}

type keyIn struct {
	App   string         `json:"app" doc:"the app" format:"app"`
	Key   string         `json:"key" doc:"the key" format:"key"`
	Value jsontext.Value `json:"value,omitzero" doc:"any JSON"`
}

type keyOut struct {
	Key     string         `json:"key" doc:"the key"`
	Value   jsontext.Value `json:"value,omitzero" doc:"any JSON"`
	Version uint64         `json:"version" doc:"its version"`
	Created bool           `json:"created" doc:"whether it is new"`
}

func (w *world) operations() []*op.Operation {
	return []*op.Operation{
		op.Define(op.Operation{
			Name: "app_create", Summary: "Create", Scope: "apps:write", Effect: op.Write, Method: "POST", Path: "/api/apps",
		}, func(ctx context.Context, in createIn) (keyOut, error) {
			_, err := w.commit(ctx, &storage.Batch{Mutations: []storage.Mutation{storage.AppCreate{ID: in.ID, Title: in.ID}}}, nil)
			return keyOut{Key: in.ID}, err
		}),
		op.Define(op.Operation{
			Name: "kv_set", Summary: "Write", Scope: "kv:write", Effect: op.Write, Method: "PUT", Path: "/api/apps/{app}/kv/{key...}",
		}, func(ctx context.Context, in keyIn) (keyOut, error) {
			outcome, err := w.commit(ctx, &storage.Batch{App: in.App, Mutations: []storage.Mutation{storage.KVSet{Key: in.Key, Value: json.RawMessage(in.Value)}}}, nil)
			if err != nil {
				return keyOut{}, err
			}
			return keyOut{Key: in.Key, Version: outcome.Version, Created: outcome.Results[0].Created}, nil
		}),
		op.Define(op.Operation{
			Name: "kv_get", Summary: "Read", Scope: "kv:read", Effect: op.Read, Method: "GET", Path: "/api/apps/{app}/kv/{key...}",
		}, func(ctx context.Context, in keyIn) (keyOut, error) {
			entry, err := w.db.KVGet(ctx, in.App, in.Key)
			return keyOut{Key: in.Key, Value: jsontext.Value(entry.Value), Version: entry.Version}, errorOf(err)
		}),
	}
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

func robot() *op.Principal { return principal("robot", op.KindAgent, op.AgentScopes()...) }

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

func (w *world) must(p *op.Principal, name, input string) string {
	w.t.Helper()
	out, err := w.call(p, name, input)
	if err != nil {
		w.t.Fatalf("%s %s: %v", name, input, err)
	}
	return out
}

func codeOf(err error) op.Code {
	var e *op.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

func has(text string, words ...string) bool {
	for _, word := range words {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}
