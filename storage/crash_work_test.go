//go:build unix

package storage

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
)

// workload writes numbered batches from several callers, each to keys, indexed
// documents and blobs, with an audit entry and an idempotency key of its number,
// and knows what the database holds at every version.
type workload struct {
	rec     *recorder
	batches []*Batch
	early   bool // acknowledge before the commit: a control that must be caught

	base    *state // when the first batch begins
	first   uint64 // its version
	mu      sync.Mutex
	version map[int]uint64 // of each batch that was written
	states  []*state       // by version, from replay; nil before first
}

const workloadKeys = 20

// newWorkload makes n batches. Values reach over a page, so that a commit
// writes several; one batch in ten fails in its last mutation.
func newWorkload(rec *recorder, n int, seed uint64) *workload {
	rng := rand.New(rand.NewPCG(seed, 1))
	key := func() string { return fmt.Sprintf("k%02d", rng.IntN(workloadKeys)) }
	w := &workload{rec: rec, version: map[int]uint64{}}
	for i := range n {
		value, _ := json.Marshal(fmt.Sprint(i, strings.Repeat("x", rng.IntN(6000))))
		b := &Batch{App: "a", Mutations: []Mutation{
			KVSet{Key: key(), Value: value},
			KVIncrement{Key: "sum", By: json.Number(fmt.Sprint(i))},
			KVDelete{Key: key()},
			KVSet{Key: key(), Value: json.RawMessage(`"small"`)},
		}}
		b.Mutations = append(b.Mutations, docWork(rng, i)...)
		if i%10 == 9 {
			b.Mutations = append(b.Mutations, KVIncrement{Key: "text", By: "1"})
		}
		id := fmt.Sprintf("b%04d", i)
		kind := "person"
		if i%3 == 0 {
			kind = "agent" // whose writes are all kept for undo
		}
		b.Audit = &AuditEntry{Principal: "p", Kind: kind, Operation: "test", App: "a", RequestID: id}
		b.Idempotency = &Idempotency{Principal: "p", Operation: "test", Key: id, Render: func(*Outcome) ([]byte, error) {
			if w.early {
				rec.ack(i)
			}
			return []byte(id), nil
		}}
		w.batches = append(w.batches, b)
	}
	return w
}

// docWork changes documents under two indexes, one of them unique, and a full
// text: any may be there or not, as the order of the batches will have it.
func docWork(rng *rand.Rand, i int) []Mutation {
	id := func() string { return fmt.Sprintf("d%02d", rng.IntN(workloadKeys)) }
	doc := func(id string, one int) json.RawMessage { return crashDoc{ID: id, N: i % 7, One: one}.body() }
	put, add, gone := id(), fmt.Sprintf("n%04d", i), fmt.Sprintf("n%04d", rng.IntN(i+1))
	change, _ := json.Marshal(map[string]any{"$inc": map[string]int{"n": 1}})
	return []Mutation{
		DocReplace{Collection: "c", ID: put, Doc: doc(put, i)},
		DocInsert{Collection: "c", ID: add, Doc: doc(add, -i-1)},
		DocUpdateWhere{Collection: "c", Filter: json.RawMessage(fmt.Sprintf(`{"id":%q}`, id())), Update: change},
		DocDelete{Collection: "c", ID: gone},
		DocDelete{Collection: "c", ID: id()},
	}
}

// crashDoc is a document as it is stored.
type crashDoc struct {
	ID   string `json:"id"`
	N    int    `json:"n"`
	One  int    `json:"one"`
	Text string `json:"text"`
}

func (d crashDoc) body() json.RawMessage {
	d.Text = fmt.Sprintf("word%d and %s", d.One%5, strings.Repeat("more ", d.N*40))
	d.Text = strings.TrimSpace(d.Text)
	body, _ := json.Marshal(d)
	return body
}

const workloadBlobs = 4

// blobWork uploads, copies, moves or deletes; the upload is closed by the
// caller, nil when there is none.
func blobWork(db *DB, i int) (Mutation, *Upload, error) {
	key := fmt.Sprint("b", i/4%workloadBlobs)
	switch i % 4 {
	case 1:
		return BlobDelete{Key: key}, nil, nil
	case 2:
		return BlobCopy{Key: "base", To: key}, nil, nil
	}
	size := 1 + i*977%9000
	if i%40 == 3 {
		size += chunkBytes // two chunks
	}
	u, err := db.Upload(context.Background())
	if err != nil {
		return nil, nil, err
	}
	err = u.Copy(context.Background(), bytes.NewReader(randomBytes(size, uint64(i%24)))) // some are the same as others
	if err != nil {
		return nil, u, err
	}
	c, err := u.Finish(context.Background())
	return BlobPut{Key: key, Content: c, Type: "a/b"}, u, err
}

// prepare makes what the batches work in, and notes the state they begin with.
func (w *workload) prepare(f *fixture) {
	f.in(AppCreate{ID: "a"}, set("text", `"no number"`))
	f.in(CollectionSet{Collection: "c", Indexes: &[]IndexSpec{indexed("n"), {Fields: []string{"one"}, Unique: true}}, Text: &[]string{"text"}})
	f.putBlob("base", []byte("base"))
	err := f.onWriter(f.t.Context(), func(x *writer) (err error) {
		w.base, w.first, err = stateOf(x.conn)
		return err
	})
	if err != nil {
		f.t.Fatal(err)
	}
}

// run writes all batches. A batch that fails must be one of those that shall,
// unless tolerate says otherwise.
func (w *workload) run(t testing.TB, db *DB, callers int, tolerate func(error) bool) {
	next := make(chan int, len(w.batches))
	for i := range w.batches {
		next <- i
	}
	close(next)
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			for i := range next {
				o, err := w.write(db, w.batches[i], i)
				switch {
				case err == nil:
					if !w.early {
						w.rec.ack(i)
					}
					w.mu.Lock()
					w.version[i] = o.Version
					w.mu.Unlock()
				case i%10 == 9 && KindOf(err) == KindTypeMismatch:
				case tolerate == nil || !tolerate(err):
					t.Errorf("batch %d: %v", i, err)
				}
			}
		})
	}
	wg.Wait()
}

// write uploads what the batch needs, and writes it.
func (w *workload) write(db *DB, b *Batch, i int) (*Outcome, error) {
	m, u, err := blobWork(db, i)
	if u != nil {
		defer u.Close()
	}
	if err != nil {
		return nil, err
	}
	b.Mutations = append([]Mutation{m}, b.Mutations...)
	return db.Write(context.Background(), b)
}

// replay works out the state at every version up to last in plain Go. The
// versions between are those of uploads, which nobody sees.
func (w *workload) replay(last uint64) {
	batch := map[uint64]*Batch{}
	for i, v := range w.version {
		batch[v] = w.batches[i]
	}
	w.states = make([]*state, last+1)
	w.states[w.first] = w.base
	for v := w.first + 1; v <= last; v++ {
		w.states[v] = w.states[v-1]
		if b := batch[v]; b != nil {
			w.states[v] = w.states[v].clone()
			w.states[v].write(b, v)
		}
	}
}
