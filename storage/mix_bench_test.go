package storage

// Run with:
//
//	go test ./storage -run '^$' -bench 'Mix|Lone|Feature' -benchtime 7x
//
// All compare by turns in one process and report the median of the pairs.

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const mixPeriod = 400 * time.Millisecond

// during counts what writers and readers do in one period.
func during(b *testing.B, writers, readers int, write, read func(r *rand.Rand, i int64) error) (writes, reads float64) {
	var wrote, got atomic.Int64
	var wg sync.WaitGroup
	end := time.Now().Add(mixPeriod)
	loop := func(seed int, count *atomic.Int64, do func(*rand.Rand, int64) error) {
		r := rand.New(rand.NewPCG(uint64(seed), 11))
		for time.Now().Before(end) {
			if err := do(r, count.Add(1)); err != nil {
				b.Error(err)
				return
			}
		}
	}
	for w := range writers {
		wg.Go(func() { loop(w, &wrote, write) })
	}
	for w := range readers {
		wg.Go(func() { loop(w, &got, read) })
	}
	wg.Wait()
	return float64(wrote.Load()) / mixPeriod.Seconds(), float64(got.Load()) / mixPeriod.Seconds()
}

// BenchmarkMix is 256 writers of keys and 2 readers of documents, alone and
// together: "sum" of both shares is held to 0.85, each of them to 0.35.
func BenchmarkMix(b *testing.B) {
	f := openApp(b)
	f.in(declare(indexed("email")))
	seed := rand.New(rand.NewPCG(1, 2))
	f.fill(benchKeys, func(i int) string { return benchDoc(seed, i) })
	throughQueue(b, f, 64, benchKeys)
	write := func(r *rand.Rand, _ int64) error {
		_, err := f.Write(context.Background(), benchBatch(r, benchValue(r)))
		return err
	}
	read := func(r *rand.Rand, _ int64) error {
		filter := json.RawMessage(fmt.Sprintf(`{"email":"u%d@example.org"}`, r.IntN(benchKeys)))
		_, _, err := f.DocFind(context.Background(), "a", DocQuery{Collection: "c", Filter: filter})
		return err
	}
	var sums, writeShares, readShares []float64
	for b.Loop() {
		w, _ := during(b, 256, 0, write, read)
		_, r := during(b, 0, 2, write, read)
		both, beside := during(b, 256, 2, write, read)
		writeShares, readShares = append(writeShares, both/w), append(readShares, beside/r)
		sums = append(sums, both/w+beside/r)
	}
	b.ReportMetric(median(sums), "sum")
	b.ReportMetric(median(writeShares), "writes/alone")
	b.ReportMetric(median(readShares), "reads/alone")
}

// BenchmarkLone is one caller beside the same commits done bare: "times" is
// held to 1.3.
func BenchmarkLone(b *testing.B) {
	f := openApp(b)
	throughQueue(b, f, 64, benchKeys)
	var times []float64
	const n = 300
	for b.Loop() {
		queued := throughQueue(b, f, 1, n)
		times = append(times, queued.Seconds()/bareLoop(b, f, n, 1).Seconds())
	}
	b.ReportMetric(median(times), "times")
}

// BenchmarkFeature is what each feature costs a write of 256 callers: "cost" is
// the time of a write with it over one without. Keys come without audit,
// documents without an index; a change row is part of both.
func BenchmarkFeature(b *testing.B) {
	f := openApp(b)
	none := []IndexSpec{}
	one, two := []IndexSpec{indexed("email")}, []IndexSpec{indexed("email"), indexed("city", "at")}
	f.in(CollectionSet{Collection: "none", Indexes: &none}, CollectionSet{Collection: "one", Indexes: &one}, CollectionSet{Collection: "two", Indexes: &two},
		CollectionSet{Collection: "text", Indexes: &none, Text: &[]string{"note"}})
	var next atomic.Int64
	key := func(change func(*Batch, *rand.Rand)) func(*rand.Rand) *Batch {
		return func(r *rand.Rand) *Batch {
			batch := benchBatch(r, benchValue(r))
			batch.Audit.Kind = "person"
			change(batch, r)
			return batch
		}
	}
	document := func(collection string) func(*rand.Rand) *Batch {
		return func(r *rand.Rand) *Batch {
			return &Batch{App: "a", Mutations: []Mutation{DocInsert{Collection: collection, Doc: json.RawMessage(benchDoc(r, int(next.Add(1))))}}}
		}
	}
	plain := key(func(c *Batch, _ *rand.Rand) { c.Audit = nil })
	audited := key(func(*Batch, *rand.Rand) {})
	for _, c := range []struct {
		name          string
		without, with func(*rand.Rand) *Batch
	}{
		{"audit", plain, audited},
		{"idempotency", audited, key(func(c *Batch, _ *rand.Rand) {
			c.Idempotency = &Idempotency{
				Principal: "tok_benchmark", Operation: "kv_set", Key: fmt.Sprint(next.Add(1)),
				Render: func(*Outcome) ([]byte, error) { return []byte(`{}`), nil },
			}
		})},
		{"before-image", audited, key(func(c *Batch, _ *rand.Rand) { c.Audit.Kind = "agent" })},
		{"first-index", document("none"), document("one")},
		{"second-index", document("one"), document("two")},
		{"full-text", document("none"), document("text")},
	} {
		b.Run(c.name, func(b *testing.B) { benchCost(b, f, c.without, c.with) })
	}
	b.Run("change-row", func(b *testing.B) { benchChangeRow(b, f) })
}

func benchCost(b *testing.B, f *fixture, without, with func(*rand.Rand) *Batch) {
	writing := func(make func(*rand.Rand) *Batch) func(*rand.Rand, int64) error {
		return func(r *rand.Rand, _ int64) error {
			_, err := f.Write(context.Background(), make(r))
			return err
		}
	}
	var costs, rates []float64
	for b.Loop() {
		plain, _ := during(b, 256, 0, writing(without), nil)
		more, _ := during(b, 256, 0, writing(with), nil)
		costs, rates = append(costs, plain/more), append(rates, more)
	}
	b.ReportMetric(median(costs), "cost")
	b.ReportMetric(median(rates), "writes/s")
}

// benchChangeRow compares keys set on the bare connection with and without the
// row of the change log, which no batch can leave out. Nothing of it is kept.
func benchChangeRow(b *testing.B, f *fixture) {
	var costs []float64
	for b.Loop() {
		without := bareKeys(b, f, false)
		costs = append(costs, bareKeys(b, f, true).Seconds()/without.Seconds())
	}
	b.ReportMetric(median(costs), "cost")
}

func bareKeys(b *testing.B, f *fixture, logged bool) (took time.Duration) {
	err := f.onWriter(context.Background(), func(w *writer) error {
		started := time.Now()
		defer func() { took = time.Since(started) }()
		err := w.transact(func() error {
			for i := range int64(10_000) {
				key := fmt.Sprintf("key/%08d", i)
				if _, err := w.kv.upsert.run(int64(1), key, []byte(`"v"`), i, nil); err != nil {
					return err
				}
				if !logged {
					continue
				}
				if _, err := w.changes.insert.run(int64(1), int64(w.last)+i+1, int64(1), i, int64(0), int64(changeKVSet), nil, key, "tok"); err != nil {
					return err
				}
			}
			return errStop // roll back
		})
		if err == errStop {
			return nil
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return took
}
