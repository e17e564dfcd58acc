package storage

// Run with a million documents:
//
//	FAZT_LONG=1 go test ./storage -run '^$' -bench BenchmarkDocs -benchtime 2s

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func benchDocs() int {
	if os.Getenv("FAZT_LONG") != "" {
		return 1_000_000
	}
	return 50_000
}

func benchDoc(r *rand.Rand, i int) string {
	return fmt.Sprintf(`{"id":"d%08d","email":"u%d@example.org","city":"c%d","at":%d,"note":"w%d w%d w%d w%d w%d w%d"}`,
		i, i, r.IntN(1000), r.Int64N(1<<40), r.IntN(5000), r.IntN(5000), r.IntN(5000), r.IntN(5000), r.IntN(5000), r.IntN(5000))
}

// BenchmarkDocs measures queries on one large collection, in process.
func BenchmarkDocs(b *testing.B) {
	f := openApp(b)
	f.in(CollectionSet{Collection: "c", Indexes: &[]IndexSpec{indexed("email"), indexed("city", "at")}, Text: &[]string{"note"}})
	n := benchDocs()
	r := rand.New(rand.NewPCG(1, 2))
	f.fill(n, func(i int) string { return benchDoc(r, i) })
	for _, q := range []struct {
		name  string
		query func() DocQuery
	}{
		{"equal", func() DocQuery {
			return DocQuery{Filter: json.RawMessage(fmt.Sprintf(`{"email":"u%d@example.org"}`, r.IntN(n)))}
		}},
		{"sorted20", func() DocQuery {
			return DocQuery{Filter: json.RawMessage(fmt.Sprintf(`{"city":"c%d"}`, r.IntN(1000))), Sort: []string{"-at"}, Limit: 20}
		}},
		{"text20", func() DocQuery {
			return DocQuery{Filter: json.RawMessage(fmt.Sprintf(`{"$text":{"$search":"w%d"}}`, r.IntN(5000))), Limit: 20}
		}},
	} {
		b.Run(q.name, func(b *testing.B) {
			for b.Loop() {
				dq := q.query()
				dq.Collection = "c"
				if _, _, err := f.DocFind(b.Context(), "a", dq); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkDocInsert compares inserting documents with two indexes to setting
// new keys, by turns in one process: "ratio" is held to 0.5.
func BenchmarkDocInsert(b *testing.B) {
	f := openApp(b)
	f.in(declare(indexed("email"), indexed("city", "at")))
	var next atomic.Int64
	through := func(n int, mutation func(r *rand.Rand, i int64) Mutation) float64 {
		var wg sync.WaitGroup
		var done atomic.Int64
		started := time.Now()
		for c := range 256 {
			wg.Go(func() {
				r := rand.New(rand.NewPCG(uint64(c), uint64(n)))
				for done.Add(1) <= int64(n) {
					if _, err := f.Write(context.Background(), &Batch{App: "a", Mutations: []Mutation{mutation(r, next.Add(1))}}); err != nil {
						b.Error(err)
						return
					}
				}
			})
		}
		wg.Wait()
		return float64(n) / time.Since(started).Seconds()
	}
	var docs, keys, ratios []float64
	for b.Loop() {
		k := through(10_000, func(r *rand.Rand, i int64) Mutation {
			return KVSet{Key: fmt.Sprintf("k%08d", i), Value: json.RawMessage(benchDoc(r, int(i)))}
		})
		d := through(10_000, func(r *rand.Rand, i int64) Mutation { return insertDoc(benchDoc(r, int(i))) })
		docs, keys, ratios = append(docs, d), append(keys, k), append(ratios, d/k)
	}
	b.ReportMetric(median(docs), "docs/s")
	b.ReportMetric(median(keys), "keys/s")
	b.ReportMetric(median(ratios), "ratio")
}
