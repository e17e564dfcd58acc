package op_test

import (
	"context"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"fazt/server/op"
)

type setIn struct {
	App        string         `json:"app" doc:"the app" format:"app"`
	Key        string         `json:"key" doc:"the key" format:"key"`
	Value      jsontext.Value `json:"value" doc:"any JSON"`
	TTLMillis  int64          `json:"ttl_ms,omitzero" doc:"time to live" minimum:"1"`
	IfVersion  *uint64        `json:"if_version" doc:"only when at this version"`
	CreateOnly bool           `json:"create_only,omitzero" doc:"fail when it exists"`
}

type setOut struct {
	Key     string `json:"key" doc:"the key"`
	Version uint64 `json:"version" doc:"its version"`
	Created bool   `json:"created" doc:"whether it is new"`
}

func newSet(tb testing.TB) (*op.Registry, op.Request) {
	tb.Helper()
	registry := op.NewRegistry(op.Ports{Admitter: op.AdmitAll{}, Recorder: op.RecordNone{}, Approver: op.ApproveAll{}})
	set := op.Define(op.Operation{
		Name: "kv_set", Summary: "Store a value", Scope: "kv:write", Effect: op.Write, Idempotent: true,
		Method: "PUT", Path: "/api/apps/{app}/kv/{key...}",
	}, func(_ context.Context, in setIn) (setOut, error) {
		return setOut{Key: in.Key, Version: 7, Created: true}, nil
	})
	if err := registry.Add(set); err != nil {
		tb.Fatal(err)
	}
	scopes, err := op.NewScopeSet("kv:write")
	if err != nil {
		tb.Fatal(err)
	}
	return registry, op.Request{
		Operation: "kv_set", Principal: &op.Principal{ID: "t1", Name: "test", Kind: op.KindAgent, Scopes: scopes},
		Input:  []byte(`{"value":{"name":"Ada","age":36,"tags":["a","b"]},"ttl_ms":60000}`),
		Params: []op.Param{{Name: "app", Value: "shop"}, {Name: "key", Value: "user/1"}}, App: "shop", Face: "http",
	}
}

// maxCallAllocs is the gate on what the door itself may allocate.
const maxCallAllocs = 25

func TestCallAllocations(t *testing.T) {
	registry, request := newSet(t)
	ctx := t.Context()
	n := testing.AllocsPerRun(200, func() {
		if _, err := registry.Call(ctx, request); err != nil {
			t.Fatal(err)
		}
	})
	if n > maxCallAllocs && !raceEnabled {
		t.Errorf("Call allocates %v times, over %d", n, maxCallAllocs)
	}
	t.Logf("%v allocations", n)
}

// pairs is how many times the two sides of the benchmark alternate: what else
// the machine does then falls on both.
const pairs = 9

// BenchmarkCall compares Call without a real handler to a bare json.Unmarshal
// of the same body, in alternating runs, and reports the median of the ratios.
func BenchmarkCall(b *testing.B) {
	registry, request := newSet(b)
	ctx := b.Context()
	call := func() error {
		_, err := registry.Call(ctx, request)
		return err
	}
	unmarshal := func() error {
		var in setIn
		return json.Unmarshal(request.Input, &in)
	}
	b.ReportAllocs()
	ratios := make([]float64, 0, pairs)
	for b.Loop() {
		ratios = ratios[:0]
		for range pairs {
			ratios = append(ratios, float64(timeOf(b, call))/float64(timeOf(b, unmarshal)))
		}
	}
	slices.Sort(ratios)
	b.ReportMetric(ratios[pairs/2], "calls/unmarshal")
	b.ReportMetric(0, "ns/op") // of all pairs together, which says nothing
}

// timeOf returns how long many calls take.
func timeOf(b *testing.B, f func() error) time.Duration {
	b.Helper()
	const calls = 2_000
	start := time.Now()
	for range calls {
		if err := f(); err != nil {
			b.Fatal(err)
		}
	}
	return time.Since(start)
}

// BenchmarkCallAlone shows the time and the allocations of one call.
func BenchmarkCallAlone(b *testing.B) {
	registry, request := newSet(b)
	ctx := b.Context()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := registry.Call(ctx, request); err != nil {
			b.Fatal(err)
		}
	}
}
