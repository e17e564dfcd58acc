package storage

// Run all with:
//
//	go test ./storage -run '^$' -bench . -benchtime 2s
//
// BenchmarkWriteQueue compares the queue with a bare loop that executes the
// same statements from one goroutine in groups of 256. Both run by turns in
// one process, so the machine's noise hits both; "ratio" is the median of the
// pairs. 0.80 at 256 callers is what the queue is held to.

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const benchKeys = 50_000

func benchBatch(r *rand.Rand, value []byte) *Batch {
	return &Batch{
		App:       "a",
		Mutations: []Mutation{KVSet{Key: fmt.Sprintf("key/%08d", r.IntN(benchKeys)), Value: value}},
		Audit:     &AuditEntry{Principal: "tok_benchmark", Kind: "agent", Face: "http", Operation: "kv_set", App: "a", Code: "ok", RequestID: "req_0123456789", InputHash: [32]byte{1}},
	}
}

func benchValue(r *rand.Rand) []byte {
	v := make([]byte, 100)
	for i := range v {
		v[i] = byte('a' + r.IntN(26))
	}
	v[0], v[len(v)-1] = '"', '"'
	return v
}

// throughQueue writes n batches from so many callers.
func throughQueue(b *testing.B, f *fixture, callers, n int) time.Duration {
	var next atomic.Int64
	var wg sync.WaitGroup
	started := time.Now()
	for c := range callers {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(uint64(c), uint64(n)))
			value := benchValue(r)
			for next.Add(1) <= int64(n) {
				if _, err := f.Write(context.Background(), benchBatch(r, value)); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	return time.Since(started)
}

// bareLoop executes the same statements on the writer's connection, in commits
// of a group each.
func bareLoop(b *testing.B, f *fixture, n, group int) time.Duration {
	var took time.Duration
	err := f.onWriter(context.Background(), func(w *writer) error {
		r := rand.New(rand.NewPCG(7, uint64(n)))
		value := benchValue(r)
		started := time.Now()
		for done := 0; done < n; done += group {
			if err := bareGroup(w, r, value, min(group, n-done)); err != nil {
				return err
			}
		}
		w.committed.Store(w.last)
		took = time.Since(started)
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	return took
}

func bareGroup(w *writer, r *rand.Rand, value []byte, n int) error {
	if _, err := w.begin.run(); err != nil {
		return err
	}
	app, err := w.apps.state("a")
	if err != nil {
		return err
	}
	at := w.now()
	now := at.UnixMilli()
	for range n {
		batch := benchBatch(r, value)
		m, e := batch.Mutations[0].(KVSet), batch.Audit
		w.last++
		app.rows++
		done, err := w.kv.update.run([]byte(m.Value), int64(w.last), nil, app.id, m.Key, now)
		if err != nil {
			return err
		}
		if done == 0 {
			if _, err := w.kv.upsert.run(app.id, m.Key, []byte(m.Value), int64(w.last), nil); err != nil {
				return err
			}
		}
		if _, err := w.changes.insert.run(app.id, int64(w.last), int64(1), app.rows, now, int64(changeKVSet), nil, m.Key, e.Principal); err != nil {
			return err
		}
		if _, err := w.audit.add.run(now, e.Principal, e.Kind, e.Face, nil, e.Operation, e.App, e.InputHash[:], e.Code, int64(0), int64(w.last), e.RequestID); err != nil {
			return err
		}
	}
	if _, err := w.setVersion.run(int64(w.last)); err != nil {
		return err
	}
	_, err = w.commit.run()
	return err
}

func BenchmarkWriteQueue(b *testing.B) {
	for _, callers := range []int{1, 64, 256, 2000} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) { benchPairs(b, callers, false) })
	}
	// What isolating every batch would cost, instead of those that need it.
	b.Run("callers=256/savepoint=always", func(b *testing.B) { benchPairs(b, 256, true) })
}

func benchPairs(b *testing.B, callers int, isolateAll bool) {
	f := openApp(b)
	if err := f.onWriter(context.Background(), func(w *writer) error { w.isolateAll = isolateAll; return nil }); err != nil {
		b.Fatal(err)
	}
	per := 20_000
	if callers == 1 {
		per = 2000
	}
	throughQueue(b, f, max(callers, 64), benchKeys) // fill, warm up
	bareLoop(b, f, per, maxGroup)
	var ratios, queue, bare []float64
	b.ResetTimer()
	for b.Loop() {
		q := throughQueue(b, f, callers, per)
		l := bareLoop(b, f, per, maxGroup)
		queue = append(queue, float64(per)/q.Seconds())
		bare = append(bare, float64(per)/l.Seconds())
		ratios = append(ratios, l.Seconds()/q.Seconds())
	}
	b.ReportMetric(median(queue), "writes/s")
	b.ReportMetric(median(bare), "bare/s")
	b.ReportMetric(median(ratios), "ratio")
	s := f.Stats()
	b.ReportMetric(float64(s.GroupSize.Sum)/float64(s.Groups), "batches/group")
}

func median(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}
