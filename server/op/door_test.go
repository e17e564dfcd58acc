package op_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/jsonschema-go/jsonschema"

	"fazt/server/op"
)

// ports write down what Call asks of them, in order.
type ports struct {
	mu      sync.Mutex
	log     []string
	held    int // permits
	refuse  error
	stored  *op.Stored
	approve func(needed func()) error
	done    []op.Done
}

func (p *ports) note(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.log = append(p.log, fmt.Sprintf(format, args...))
}

func (p *ports) Admit(context.Context, *op.Principal, *op.Operation) (op.Permit, error) {
	p.note("admit")
	if p.refuse != nil {
		return nil, p.refuse
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held++
	return &permit{ports: p}, nil
}

type permit struct {
	ports *ports
	once  sync.Once
}

func (p *permit) Release() {
	twice := true
	p.once.Do(func() { twice = false })
	if twice {
		panic("a permit was released twice")
	}
	p.ports.note("release")
	p.ports.mu.Lock()
	defer p.ports.mu.Unlock()
	p.ports.held--
}

func (p *ports) Replay(_ context.Context, principal, operation, key string) (*op.Stored, error) {
	p.note("replay %s %s %s", principal, operation, key)
	return p.stored, nil
}

func (p *ports) Record(_ context.Context, inv *op.Invocation, done op.Done) {
	p.note("record %s %s", inv.Operation.Name, done.Code)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done = append(p.done, done)
}

func (p *ports) Approve(_ context.Context, _ *op.Invocation, risk op.Risk, needed func()) error {
	p.note("approve %s", risk.Confirm)
	if p.approve != nil {
		return p.approve(needed)
	}
	return nil
}

func (p *ports) holding() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.held
}

// door is a registry over such ports with one operation, t_do.
type door struct {
	*ports
	registry *op.Registry
	handle   func(ctx context.Context, in doIn) (doOut, error)
}

type doIn struct {
	App  string                    `json:"app,omitzero" doc:"the app" format:"app"`
	Name string                    `json:"name,omitzero" doc:"a name"`
	Map  map[string]jsontext.Value `json:"map,omitzero" doc:"members"`
}

type doOut struct {
	OK bool `json:"ok" doc:"yes"`
}

func newDoor(t *testing.T, change func(*op.Operation)) *door {
	t.Helper()
	d := &door{ports: &ports{}}
	d.registry = op.NewRegistry(op.Ports{Admitter: d.ports, Recorder: d.ports, Approver: d.ports, Forms: forms{d.ports}})
	o := op.Operation{Name: "t_do", Summary: "Do", Scope: "kv:write", Effect: op.Destructive, Method: "POST", Path: "/api/do"}
	if change != nil {
		change(&o)
	}
	defined := op.Define(o, func(ctx context.Context, in doIn) (doOut, error) {
		d.note("handle holding %d", d.holding())
		if d.handle != nil {
			return d.handle(ctx, in)
		}
		return doOut{OK: true}, nil
	}, op.WithRisk(func(_ context.Context, in doIn) (op.Risk, error) {
		d.note("risk")
		if in.Name == "safe" {
			return op.Risk{}, nil
		}
		return op.Risk{Confirm: in.Name, Summary: "everything in " + in.Name}, nil
	}))
	if err := d.registry.Add(defined); err != nil {
		t.Fatal(err)
	}
	return d
}

type forms struct{ ports *ports }

func (f forms) Run(_ context.Context, inv *op.Invocation, input []byte) (any, error) {
	f.ports.note("form of %s in %q with %s", inv.Operation.Name, inv.Tab, input)
	return doOut{OK: true}, nil
}

func principal(kind op.Kind, scopes ...op.Scope) *op.Principal {
	set, err := op.NewScopeSet(scopes...)
	if err != nil {
		panic(err)
	}
	return &op.Principal{ID: "t1", Name: "tester", Kind: kind, Scopes: set}
}

func (d *door) call(req op.Request) (*op.Result, *op.Error) {
	return d.callIn(context.Background(), req)
}

func (d *door) callIn(ctx context.Context, req op.Request) (*op.Result, *op.Error) {
	req.Operation = "t_do"
	if req.Principal == nil {
		req.Principal = principal(op.KindAgent, "kv:write")
	}
	result, err := d.registry.Call(ctx, req)
	if err == nil {
		return result, nil
	}
	return nil, op.AsError(err)
}

func (d *door) expect(t *testing.T, want ...string) {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	if !slices.Equal(d.log, want) {
		t.Errorf("the order is\n  %s\nwant\n  %s", strings.Join(d.log, "\n  "), strings.Join(want, "\n  "))
	}
	if d.held != 0 {
		t.Errorf("%d permits are still held", d.held)
	}
}

func code(e *op.Error) op.Code {
	if e == nil {
		return ""
	}
	return e.Code
}

func TestOrderOfACall(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	result, err := d.call(op.Request{Input: []byte(`{"name":"shop"}`), Envelope: op.Envelope{IdempotencyKey: "k", Confirm: "shop"}})
	if err != nil || string(result.JSON) != `{"ok":true}` {
		t.Fatalf("%v", err)
	}
	d.expect(t, "admit", "replay t1 t_do k", "risk", "approve shop", "handle holding 1", "release", "record t_do ")
}

func TestRefusalsByStage(t *testing.T) {
	t.Parallel()
	overloaded := &op.Error{Code: op.CodeOverloaded, Detail: "full"}
	for _, c := range []struct {
		name string
		req  op.Request
		set  func(*door)
		code op.Code
		log  []string
	}{
		{"no scope: before a permit", op.Request{Principal: principal(op.KindAgent, "kv:read")}, nil, op.CodeForbidden, []string{"record t_do forbidden"}},
		{"no permit: before decoding", op.Request{Input: []byte(`{"bad":1}`)}, func(d *door) { d.refuse = overloaded }, op.CodeOverloaded,
			[]string{"admit", "record t_do overloaded"}},
		{"bad input: before replay", op.Request{Input: []byte(`{"bad":1}`), Envelope: op.Envelope{IdempotencyKey: "k"}}, nil, op.CodeUnknownField,
			[]string{"admit", "release", "record t_do unknown_field"}},
		{"another input for the key: before confirmation", op.Request{Input: []byte(`{"name":"shop"}`), Envelope: op.Envelope{IdempotencyKey: "k"}},
			func(d *door) { d.stored = &op.Stored{} }, op.CodeIdempotencyMismatch,
			[]string{"admit", "replay t1 t_do k", "release", "record t_do idempotency_mismatch"}},
		{"no confirmation: before approval", op.Request{Input: []byte(`{"name":"shop"}`)}, nil, op.CodeConfirmationRequired,
			[]string{"admit", "risk", "release", "record t_do confirmation_required"}},
		{"another confirmation", op.Request{Input: []byte(`{"name":"shop"}`), Envelope: op.Envelope{Confirm: "shpo"}}, nil, op.CodeConfirmationRequired,
			[]string{"admit", "risk", "release", "record t_do confirmation_required"}},
		{"not approved: before the handler", op.Request{Input: []byte(`{"name":"safe"}`)},
			func(d *door) {
				d.approve = func(func()) error { return op.Errorf(op.CodeForbidden, "a person said no") }
			}, op.CodeForbidden,
			[]string{"admit", "risk", "approve ", "release", "record t_do forbidden"}},
		{"too long a key", op.Request{Envelope: op.Envelope{IdempotencyKey: strings.Repeat("k", 256)}}, nil, op.CodeInvalidInput,
			[]string{"admit", "release", "record t_do invalid_input"}},
		{"an unknown mode", op.Request{Mode: "UI"}, nil, op.CodeInvalidInput, []string{"admit", "release", "record t_do invalid_input"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDoor(t, nil)
			if c.set != nil {
				c.set(d)
			}
			if _, err := d.call(c.req); code(err) != c.code {
				t.Errorf("got %v, want %s", err, c.code)
			}
			d.expect(t, c.log...)
		})
	}
}

func TestUnknownOperationNamesTheNearest(t *testing.T) {
	t.Parallel()
	registry := testRegistry(t)
	_, err := registry.Call(t.Context(), op.Request{Operation: "kv_sett"})
	if e := op.AsError(err); e.Code != op.CodeOperationNotFound || !strings.Contains(e.Detail, `did you mean "kv_set"?`) {
		t.Errorf("got %v", err)
	}
}

func TestNobodyIsUnauthenticated(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	_, err := d.registry.Call(t.Context(), op.Request{Operation: "t_do"})
	if e := op.AsError(err); e.Code != op.CodeUnauthenticated {
		t.Errorf("got %v", err)
	}
	d.expect(t, "record t_do unauthenticated")
}

func TestConfirmationIsForAgents(t *testing.T) {
	t.Parallel()
	for _, kind := range []op.Kind{op.KindPerson, op.KindService} {
		d := newDoor(t, nil)
		if _, err := d.call(op.Request{Principal: principal(kind, "kv:write"), Input: []byte(`{"name":"shop"}`)}); err != nil {
			t.Errorf("a %s was asked: %v", kind, err)
		}
		d.expect(t, "admit", "handle holding 1", "release", "record t_do ")
	}
	d := newDoor(t, nil)
	_, err := d.call(op.Request{Input: []byte(`{"name":"shop"}`)})
	if code(err) != op.CodeConfirmationRequired || err.Confirm != "shop" || !strings.Contains(err.Detail, "everything in shop; nothing was changed") {
		t.Errorf("got %+v", err)
	}
}

func TestDryRunAsksNobody(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	if _, err := d.call(op.Request{Input: []byte(`{"name":"shop"}`), Envelope: op.Envelope{DryRun: true, IdempotencyKey: "k"}}); err != nil {
		t.Fatal(err)
	}
	d.expect(t, "admit", "handle holding 1", "release", "record t_do ")
	many := newDoor(t, func(o *op.Operation) { o.ManyBatches = true })
	if _, err := many.call(op.Request{Envelope: op.Envelope{DryRun: true}}); code(err) != op.CodeInvalidInput || err.Field != "dry_run" {
		t.Errorf("an operation of many batches: %v", err)
	}
}

func TestReplayAnswersWithoutHandling(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	var hash [32]byte
	d.handle = func(ctx context.Context, _ doIn) (doOut, error) {
		hash = op.From(ctx).InputHash
		return doOut{OK: true}, nil
	}
	req := op.Request{Input: []byte(`{"name":"safe","map":{"a":1,"b":2,"c":3,"d":4,"e":5}}`), Envelope: op.Envelope{IdempotencyKey: "k"}}
	if _, err := d.call(req); err != nil {
		t.Fatal(err)
	}
	d.stored = &op.Stored{InputHash: hash, Result: []byte(`{"ok":"first"}`)}
	d.log = nil
	// The same input, written otherwise.
	req.Input = []byte(` {"map" : {"a":1,"b":2,"c":3,"d":4,"e":5} , "name":"\u0073afe"}`)
	result, err := d.call(req)
	if err != nil || !result.Replayed || string(result.JSON) != `{"ok":"first"}` {
		t.Fatalf("got %+v, %v", result, err)
	}
	d.expect(t, "admit", "replay t1 t_do k", "release", "record t_do ")
	if last := d.done[len(d.done)-1]; !last.Wrote {
		t.Error("a replay is recorded as if it had written nothing, so it would be audited twice")
	}
	d.stored.Result = nil
	if _, err := d.call(req); code(err) != op.CodeInProgress {
		t.Errorf("while the first call is under way: %v", err)
	}
}

// TestHashOfMaps: the members of a Go map come in any order.
func TestHashOfMaps(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	hashes := map[[32]byte]bool{}
	d.handle = func(ctx context.Context, _ doIn) (doOut, error) {
		hashes[op.From(ctx).InputHash] = true
		return doOut{}, nil
	}
	for range 50 {
		if _, err := d.call(op.Request{Input: []byte(`{"name":"safe","map":{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7,"h":8}}`)}); err != nil {
			t.Fatal(err)
		}
	}
	if len(hashes) != 1 {
		t.Errorf("one input has %d hashes", len(hashes))
	}
}

// TestReplayedWithinTheCommit: two calls with one key raced, and the writer
// found the first one's result.
func TestReplayedWithinTheCommit(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	d.handle = func(context.Context, doIn) (doOut, error) {
		return doOut{}, fmt.Errorf("commit: %w", &op.Replayed{Result: []byte(`{"ok":true}`)})
	}
	result, err := d.call(op.Request{Input: []byte(`{"name":"safe"}`)})
	if err != nil || !result.Replayed || string(result.JSON) != `{"ok":true}` || !d.done[0].Wrote {
		t.Errorf("got %+v, %v", result, err)
	}
}

func TestPanicsAreInternalErrors(t *testing.T) {
	t.Parallel()
	for name, set := range map[string]func(*door){
		"in the handler":  func(d *door) { d.handle = func(context.Context, doIn) (doOut, error) { panic("boom") } },
		"in the approver": func(d *door) { d.approve = func(func()) error { panic("boom") } },
	} {
		d := newDoor(t, nil)
		set(d)
		_, err := d.call(op.Request{RequestID: "r1", Input: []byte(`{"name":"safe"}`)})
		if code(err) != op.CodeInternal || err.RequestID != "r1" || strings.Contains(err.Detail+err.Hint, "boom") {
			t.Errorf("%s: got %+v", name, err)
		}
		if done := d.done[0]; done.Cause == nil || !strings.Contains(done.Cause.Error(), "boom") || !strings.Contains(done.Cause.Error(), "door_test.go") {
			t.Errorf("%s: the record's cause is %v, want the panic with its stack", name, done.Cause)
		}
		if n := d.holding(); n != 0 {
			t.Errorf("%s: %d permits are still held", name, n)
		}
	}
}

func TestOtherErrorsAreInternal(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	d.handle = func(context.Context, doIn) (doOut, error) { return doOut{}, errors.New("disk on fire at /dev/sda") }
	_, err := d.call(op.Request{RequestID: "r1", Input: []byte(`{"name":"safe"}`)})
	if code(err) != op.CodeInternal || strings.Contains(err.Detail, "sda") || err.RequestID != "r1" {
		t.Errorf("got %+v", err)
	}
}

func TestTheCallersOwnDeadline(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	d.handle = func(ctx context.Context, _ doIn) (doOut, error) {
		cancel()
		<-ctx.Done()
		return doOut{}, fmt.Errorf("read: %w", ctx.Err())
	}
	if _, err := d.callIn(ctx, op.Request{Input: []byte(`{"name":"safe"}`)}); code(err) != op.CodeDeadline {
		t.Errorf("got %v", err)
	}
	// The same error without the caller's doing is a fault of ours.
	d.handle = func(context.Context, doIn) (doOut, error) { return doOut{}, context.Canceled }
	if _, err := d.call(op.Request{Input: []byte(`{"name":"safe"}`)}); code(err) != op.CodeInternal {
		t.Errorf("got %v", err)
	}
}

func TestModeUI(t *testing.T) {
	t.Parallel()
	d := newDoor(t, func(o *op.Operation) { o.Path = "/api/do/{name}" })
	person := principal(op.KindPerson, "kv:write")
	result, err := d.call(op.Request{
		Mode: op.ModeUI, Tab: "tab1", Principal: person, Input: []byte(`{"app":"shop"}`), Params: []op.Param{{Name: "name", Value: "x\"y"}},
	})
	if err != nil || string(result.JSON) != `{"ok":true}` {
		t.Fatal(err)
	}
	d.expect(t, "admit", `form of t_do in "tab1" with {"app":"shop","name":"x\"y"}`, "release", "record t_do ")
	if _, err := d.call(op.Request{Mode: op.ModeUI, Principal: person, Params: []op.Param{{Name: "name", Value: "x"}}, Envelope: op.Envelope{DryRun: true}}); code(err) != op.CodeInvalidInput {
		t.Errorf("a dry run in a page acts: %v", err)
	}
	if _, err := d.call(op.Request{Mode: op.ModeUI, Principal: person, Input: []byte(`{"bad":1}`)}); code(err) != op.CodeUnknownField {
		t.Errorf("the page form got an input that was not validated: %v", err)
	}
}

func TestInvocationOfACall(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	d.handle = func(ctx context.Context, _ doIn) (doOut, error) {
		inv := op.From(ctx)
		if inv.Face != "http" || inv.Client != "curl" || inv.RequestID != "r9" || inv.App != "shop" || inv.Principal.ID != "t1" || inv.Start.IsZero() {
			t.Errorf("the invocation is %+v", inv)
		}
		if inv.Since(inv.Start.Add(time.Second)) != time.Second {
			t.Error("Since does not count from Start")
		}
		inv.Wrote()
		return doOut{}, nil
	}
	_, err := d.call(op.Request{Face: "http", Client: "curl", RequestID: "r9", App: "shop", Input: []byte(`{"name":"safe","app":"shop"}`)})
	if err != nil || !d.done[0].Wrote {
		t.Errorf("%v, %+v", err, d.done)
	}
	if op.From(t.Context()) != nil {
		t.Error("there is a call under way outside of one")
	}
}

// TestRawOperations: a recipe's input is bytes that its schema checks.
func TestRawOperations(t *testing.T) {
	t.Parallel()
	registry := op.NewRegistry(op.Ports{Admitter: op.AdmitAll{}, Recorder: op.RecordNone{}, Approver: op.ApproveAll{}})
	var got string
	recipe := op.DefineRaw(op.Operation{Name: "my_recipe", Summary: "Mine", Scope: "kv:write", Effect: op.Write, Recipe: true},
		&jsonschema.Schema{Type: "object"}, nil,
		func(in []byte) error {
			if strings.Contains(string(in), "bad") {
				return op.Invalid("x", "x is bad")
			}
			return nil
		},
		func(_ context.Context, in []byte) (any, error) {
			got = string(in)
			return map[string]int{"n": 1}, nil
		})
	if err := registry.Add(recipe); err != nil {
		t.Fatal(err)
	}
	for input, want := range map[string]op.Code{
		``: "", `{"x":1}`: "", `[1]`: op.CodeInvalidInput, `{"x":"bad"}`: op.CodeInvalidInput, `{"x":1,"x":2}`: op.CodeInvalidJSON,
		`{"x":` + nested(100) + `}`: op.CodeInvalidJSON, `{`: op.CodeInvalidJSON, `{} {}`: op.CodeInvalidJSON, "{\"x\":\"\xff\"}": op.CodeInvalidJSON,
	} {
		_, err := registry.Call(t.Context(), op.Request{Operation: "my_recipe", Principal: principal(op.KindAgent, "kv:write"), Input: []byte(input)})
		if err == nil && want != "" || err != nil && op.AsError(err).Code != want {
			t.Errorf("%.60s: %v, want %q", input, err, want)
		}
	}
	_, err := registry.Call(t.Context(), op.Request{
		Operation: "my_recipe", Principal: principal(op.KindAgent, "kv:write"), Input: []byte(`{"b":1.50}`), Params: []op.Param{{Name: "a", Value: "x"}},
	})
	if err != nil || got != `{"a":"x","b":1.50}` {
		t.Errorf("got %s, %v", got, err)
	}
}

func TestRegistryChanges(t *testing.T) {
	t.Parallel()
	registry := testRegistry(t)
	before := len(registry.All())
	recipe := func(name string) *op.Operation {
		return op.DefineRaw(op.Operation{Name: name, Summary: "Mine", Scope: "kv:write", Effect: op.Write, Recipe: true}, &jsonschema.Schema{}, nil,
			func([]byte) error { return nil }, func(context.Context, []byte) (any, error) { return nil, nil })
	}
	if err := registry.Add(recipe("fresh"), recipe("kv_set")); err == nil {
		t.Error("a taken name was added")
	}
	if _, ok := registry.Lookup("fresh"); ok || len(registry.All()) != before {
		t.Error("a part of a refused Add was added")
	}
	if err := registry.Replace(recipe("kv_set")); err == nil {
		t.Error("a recipe replaced an operation")
	}
	if err := registry.Replace(recipe("fresh")); err != nil {
		t.Error(err)
	}
	second := recipe("fresh")
	if err := registry.Replace(second); err != nil {
		t.Error(err)
	}
	if o, _ := registry.Lookup("fresh"); o != second {
		t.Error("the old version stayed")
	}
	if err := registry.Remove("kv_set"); err == nil {
		t.Error("an operation was removed")
	}
	if err := registry.Remove("fresh"); err != nil || len(registry.All()) != before {
		t.Errorf("%v, %d operations", err, len(registry.All()))
	}
	if !slices.IsSortedFunc(registry.All(), func(a, b *op.Operation) int { return strings.Compare(a.Name, b.Name) }) {
		t.Error("the list is not sorted by name")
	}
}
