//go:build unix

package storage

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	sqlite3 "modernc.org/sqlite/lib"
)

// kvCall and kvAnswer are one operation of a history on one key. A number
// stands for the key's value, "" for none.
type kvCall struct {
	key, op string
	value   string
}

type kvAnswer struct {
	value   string // read, or the sum of an increment
	ok      bool   // of a create or a delete
	unknown bool   // nobody knows whether it was done
}

// kvModel says what a single thread would see.
func kvModel() porcupine.Model {
	return porcupine.Model{
		Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
			by := map[string][]porcupine.Operation{}
			for _, o := range history {
				key := o.Input.(kvCall).key
				by[key] = append(by[key], o)
			}
			var parts [][]porcupine.Operation
			for _, p := range by {
				parts = append(parts, p)
			}
			return parts
		},
		Init: func() any { return "" },
		Step: func(state, in, out any) (bool, any) {
			have, call, answer := state.(string), in.(kvCall), out.(kvAnswer)
			switch call.op {
			case "get":
				return answer.value == have, have
			case "set":
				return true, call.value
			case "create":
				if have != "" {
					return answer.unknown || !answer.ok, have
				}
				return answer.unknown || answer.ok, call.value
			case "delete":
				return answer.unknown || answer.ok == (have != ""), ""
			}
			n, _ := strconv.Atoi(have)
			by, _ := strconv.Atoi(call.value)
			sum := strconv.Itoa(n + by)
			return answer.unknown || answer.value == sum, sum
		},
		DescribeOperation: func(in, out any) string { return fmt.Sprintf("%+v → %+v", in, out) },
	}
}

// history collects what callers did and heard, and when.
type history struct {
	start time.Time
	mu    sync.Mutex
	ops   []porcupine.Operation
}

func (h *history) now() int64 { return int64(time.Since(h.start)) }

// client makes n random calls. An answer that says that nothing was written
// leaves no trace in the history, so a lie about it would show.
func (h *history) client(db *DB, id, n int, rng *rand.Rand) {
	for range n {
		c := kvCall{
			key: fmt.Sprint("k", rng.IntN(4)), value: fmt.Sprint(1 + rng.IntN(1000)),
			op: []string{"get", "get", "set", "create", "delete", "add"}[rng.IntN(6)],
		}
		called := h.now()
		answer, err := c.do(db)
		returned := h.now()
		if err != nil {
			if c.op == "get" || !strings.Contains(err.Error(), "known after a restart") {
				continue
			}
			answer, returned = kvAnswer{unknown: true}, math.MaxInt64
		}
		h.mu.Lock()
		h.ops = append(h.ops, porcupine.Operation{ClientId: id, Input: c, Call: called, Output: answer, Return: returned})
		h.mu.Unlock()
	}
}

func (c kvCall) do(db *DB) (kvAnswer, error) {
	if c.op == "get" {
		e, err := db.KVGet(context.Background(), "a", c.key)
		if KindOf(err) == KindKeyNotFound {
			err = nil
		}
		return kvAnswer{value: string(e.Value)}, err
	}
	m := map[string]Mutation{
		"set":    KVSet{Key: c.key, Value: json.RawMessage(c.value)},
		"create": KVSet{Key: c.key, Value: json.RawMessage(c.value), CreateOnly: true},
		"delete": KVDelete{Key: c.key},
		"add":    KVIncrement{Key: c.key, By: json.Number(c.value)},
	}[c.op]
	o, err := db.Write(context.Background(), &Batch{App: "a", Mutations: []Mutation{m}})
	switch {
	case c.op == "create" && KindOf(err) == KindExists:
		return kvAnswer{}, nil
	case err != nil:
		return kvAnswer{}, err
	}
	r := o.Results[0]
	return kvAnswer{value: string(r.Value), ok: r.Created || r.Deleted}, nil
}

func (h *history) check(t *testing.T) {
	t.Helper()
	if result := porcupine.CheckOperationsTimeout(kvModel(), h.ops, time.Minute); result != porcupine.Ok {
		t.Errorf("a history of %d operations is %s", len(h.ops), result)
	}
	t.Logf("%d operations", len(h.ops))
}

// TestHistory: what concurrent callers see is what one after the other would,
// also across power losses in the middle, each after a failed sync and each
// leaving any part of what was not synced.
func TestHistory(t *testing.T) {
	t.Parallel()
	rounds, calls := 3, 40
	if long() {
		rounds, calls = 30, 60
	}
	h := &history{start: time.Now()}
	dir := t.TempDir()
	for round := range rounds {
		rec := record(t, dir)
		f := open(t, func(o *Options) { o.Path = filepath.Join(dir, "test.db") })
		if round == 0 {
			f.write(&Batch{Mutations: []Mutation{AppCreate{ID: "a"}}})
		}
		var syncs atomic.Int32
		rec.failing(func(op ioOp) int32 {
			if op.kind == ioSync && syncs.Add(1) > int32(30+10*round) {
				return sqlite3.SQLITE_IOERR_FSYNC
			}
			return sqlite3.SQLITE_OK
		})
		var wg sync.WaitGroup
		for id := range 6 {
			wg.Go(func() { h.client(f.DB, round*10+id, calls, rand.New(rand.NewPCG(uint64(round), uint64(id)))) })
		}
		wg.Wait()
		dir = h.crash(t, dir, rec, round)
		rec.failing(nil) // the disk of that life is gone; closing it is of no matter
	}
	h.check(t)
}

// crash loses power now and returns a folder with what that left.
func (h *history) crash(t *testing.T, from string, rec *recorder, round int) string {
	t.Helper()
	d := disk{}
	if round > 0 {
		for _, name := range []string{"test.db", "test.db-wal"} {
			if data, err := os.ReadFile(filepath.Join(from, "start-"+name)); err == nil {
				d[name] = &diskFile{durable: data, exists: true}
			}
		}
	}
	for _, op := range rec.log() {
		d.apply(op)
	}
	to := t.TempDir()
	d.write(t, to, loss(round%3), rand.New(rand.NewPCG(9, uint64(round))))
	for name := range d { // what the next life begins with
		data, err := os.ReadFile(filepath.Join(to, name))
		if err == nil {
			err = os.WriteFile(filepath.Join(to, "start-"+name), data, 0o600)
		}
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	return to
}

// TestHistoryControl shows that the checker can see: a lost write fails it.
func TestHistoryControl(t *testing.T) {
	t.Parallel()
	lost := []porcupine.Operation{
		{ClientId: 1, Input: kvCall{"k", "set", "1"}, Call: 1, Output: kvAnswer{}, Return: 2},
		{ClientId: 2, Input: kvCall{"k", "get", ""}, Call: 3, Output: kvAnswer{}, Return: 4},
	}
	if porcupine.CheckOperations(kvModel(), lost) {
		t.Error("a history in which a write is lost passed")
	}
}
