package storage

// Run with:
//
//	go test ./storage -run '^$' -bench BenchmarkBlob -benchtime 5x
//
// Each compares with a bare loop over the same rows on the same connections, by
// turns in one process; "ratio" is the median of the pairs, and 0.70 is what
// both are held to.

import (
	"bytes"
	"context"
	"io"
	"testing"
	"time"
)

const benchBlob = 64 << 20

func benchUpload(b *testing.B, f *fixture, data []byte) time.Duration {
	started := time.Now()
	u, err := f.Upload(context.Background())
	if err != nil {
		b.Fatal(err)
	}
	defer u.Close()
	if err := u.Copy(context.Background(), bytes.NewReader(data)); err != nil {
		b.Fatal(err)
	}
	c, err := u.Finish(context.Background())
	if err != nil {
		b.Fatal(err)
	}
	f.in(BlobPut{Key: "k", Content: c, Type: "a/b"})
	return time.Since(started)
}

// bareChunks writes the same chunks, 1 MiB a commit, and removes them.
func bareChunks(b *testing.B, f *fixture, data []byte) (took time.Duration) {
	const first = int64(1) << 50
	err := f.onWriter(context.Background(), func(w *writer) error {
		started := time.Now()
		for at := 0; at < len(data); at += uploadChunks * chunkBytes {
			err := w.transact(func() error {
				for i := range uploadChunks {
					from := at + i*chunkBytes
					if _, err := w.blobs.chunk.run(first+int64(from/chunkBytes), data[from:from+chunkBytes]); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
		took = time.Since(started)
		return w.transact(func() error {
			_, err := w.blobs.dropChunks.run(first, first+chunkIDs, int64(chunkIDs))
			return err
		})
	})
	if err != nil {
		b.Fatal(err)
	}
	return took
}

func BenchmarkBlobWrite(b *testing.B) {
	f := openApp(b)
	data := randomBytes(benchBlob, 1)
	var ratios, rates []float64
	for b.Loop() {
		q, bare := benchUpload(b, f, data), bareChunks(b, f, data)
		ratios = append(ratios, bare.Seconds()/q.Seconds())
		rates = append(rates, benchBlob/1e6/q.Seconds())
		f.in(BlobDelete{Key: "k"})
		if err := f.onWriter(context.Background(), func(w *writer) error { return w.retain.round(w) }); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(median(rates), "MB/s")
	b.ReportMetric(median(ratios), "ratio")
}

func BenchmarkBlobRead(b *testing.B) {
	f := openApp(b)
	benchUpload(b, f, randomBytes(benchBlob, 1))
	f.readBlob("k") // so that both find the pages in memory
	var ratios, rates []float64
	for b.Loop() {
		r, err := f.OpenBlob(context.Background(), "a", "k")
		if err != nil {
			b.Fatal(err)
		}
		started := time.Now()
		if _, err := io.Copy(io.Discard, r); err != nil {
			b.Fatal(err)
		}
		took := time.Since(started)
		started = time.Now()
		err = f.readers.read(context.Background(), func(c *reader, _ int64) error {
			for n := range int64(benchBlob / chunkBytes) {
				if _, _, err := c.blobs.chunk.one(r.Blob.content*chunkIDs + n); err != nil {
					return err
				}
			}
			return nil
		})
		bare := time.Since(started)
		if err != nil {
			b.Fatal(err)
		}
		r.Close()
		ratios = append(ratios, bare.Seconds()/took.Seconds())
		rates = append(rates, benchBlob/1e6/took.Seconds())
	}
	b.ReportMetric(median(rates), "MB/s")
	b.ReportMetric(median(ratios), "ratio")
}
