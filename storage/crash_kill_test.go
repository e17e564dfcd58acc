//go:build unix

package storage

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// killChild is the variable that makes the test binary a writer to be killed.
const killChild = "FAZT_TEST_KILL_CHILD"

const killWriters = 4

// runKillChild writes until it is killed. Each writer counts in a key of its
// own and stores the count a second time in the same batch; it prints the count
// when it is acknowledged.
func runKillChild(path string) int {
	db, err := Open(context.Background(), Options{Path: path, Now: time.Now, Logger: slog.New(slog.NewTextHandler(os.Stderr, nil))})
	if err == nil {
		err = db.onWriter(context.Background(), func(w *writer) error {
			_, err := w.conn.pragma("wal_autocheckpoint = 40")
			return err
		})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	_, err = db.Write(context.Background(), &Batch{App: "a", Mutations: []Mutation{
		AppCreate{ID: "a"}, CollectionSet{Collection: "c", Indexes: &[]IndexSpec{indexed("n"), {Fields: []string{"who"}, Unique: true}}, Text: &[]string{"text"}},
	}})
	if err != nil && KindOf(err) != KindExists {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	var wg sync.WaitGroup
	for id := range killWriters {
		wg.Go(func() { killWrite(db, id) })
	}
	wg.Wait()
	return 1
}

func killWrite(db *DB, id int) {
	for n := 0; ; n++ {
		o, err := killBatch(db, id, n)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return
		}
		fmt.Fprintf(os.Stdout, "%d %s\n", id, o.Results[0].Value) // one write(2): it survives the kill
	}
}

// killBatch counts in two keys and a document, and now and then gives a blob
// other bytes.
func killBatch(db *DB, id, n int) (*Outcome, error) {
	name := fmt.Sprint("w", id)
	b := &Batch{
		App: "a",
		Mutations: []Mutation{
			KVIncrement{Key: fmt.Sprint("count/", id), By: "1"},
			KVIncrement{Key: fmt.Sprint("again/", id), By: "1"},
			KVSet{Key: fmt.Sprint("last/", id), Value: json.RawMessage(`"` + strings.Repeat("y", 500) + `"`)},
			DocUpsert{
				Collection: "c", Filter: json.RawMessage(fmt.Sprintf(`{"id":%q}`, name)),
				Update: json.RawMessage(fmt.Sprintf(`{"$inc":{"n":1},"$set":{"who":%d,"text":"turn %d"}}`, id, n)),
			},
		},
		Audit:       &AuditEntry{Principal: fmt.Sprint(id), Operation: "count"},
		Idempotency: &Idempotency{Principal: name, Operation: "count", Key: fmt.Sprint(os.Getpid(), "/", n), Render: func(*Outcome) ([]byte, error) { return []byte("{}"), nil }},
	}
	if n%4 == 1 {
		u, err := db.Upload(context.Background())
		if err != nil {
			return nil, err
		}
		defer u.Close()
		if err := u.Copy(context.Background(), bytes.NewReader(randomBytes(20_000, uint64(n)))); err != nil {
			return nil, err
		}
		c, err := u.Finish(context.Background())
		if err != nil {
			return nil, err
		}
		b.Mutations = append(b.Mutations,
			BlobPut{Key: name, Content: c, Type: "a/b"}, BlobCopy{Key: name, To: name + "/copy"}, set("blob/"+name+"/sign", "1"))
	}
	return db.Write(context.Background(), b)
}

// TestKill kills a writing process again and again, each time on the file that
// the last kill has left: what it had acknowledged is there, whole.
func TestKill(t *testing.T) {
	t.Parallel()
	kills := 60
	switch {
	case long():
		kills = 10_000
	case testing.Short():
		kills = 5
	}
	path := filepath.Join(t.TempDir(), "test.db")
	rng := rand.New(rand.NewPCG(5, 6))
	acked := map[string]int{}
	for i := range kills {
		killOnce(t, path, acked, time.Duration(rng.IntN(6000))*time.Microsecond)
		if err := killJudge(path, acked, i%10 == 9 || i == kills-1); err != nil {
			t.Fatalf("after kill %d: %v", i, err)
		}
	}
	total := 0
	for _, n := range acked {
		total += n
	}
	t.Logf("%d kills, %d acknowledged batches", kills, total)
}

// killOnce starts a writer, lets it go on for a time after its first
// acknowledgement, and kills it.
func killOnce(t *testing.T, path string, acked map[string]int, after time.Duration) {
	t.Helper()
	child := exec.Command(os.Args[0], "-test.run=^$")
	child.Env = append(os.Environ(), killChild+"="+path)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	var timer *time.Timer
	for lines.Scan() {
		if timer == nil {
			timer = time.AfterFunc(after, func() { _ = child.Process.Kill() })
		}
		id, count, _ := strings.Cut(lines.Text(), " ")
		var n int
		if _, err := fmt.Sscan(count, &n); err != nil {
			t.Fatalf("the child printed %q", lines.Text())
		}
		acked[id] = max(acked[id], n)
	}
	_ = child.Wait() // it was killed
	if timer == nil {
		t.Fatal("the child ended before it wrote")
	}
}

// killJudge reads the file: every count is the last acknowledged or one more,
// and every copy of it, the blob and its copy agree with the audit log.
func killJudge(path string, acked map[string]int, full bool) (err error) {
	ctx := context.Background()
	c, err := dial(ctx, path, readWrite)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	if full {
		if err := c.sound(ctx); err != nil {
			return err
		}
	}
	s, _, err := stateOf(c)
	if err != nil {
		return err
	}
	number := func(key string) (n int) {
		_, value, _ := strings.Cut(s.keys[key], " ")
		_, _ = fmt.Sscan(value, &n)
		return n
	}
	total := 0
	for id := range killWriters {
		count, again, told := number(fmt.Sprint("count/", id)), number(fmt.Sprint("again/", id)), acked[fmt.Sprint(id)]
		if count != again || count < told || count > told+1 {
			return fmt.Errorf("writer %d was told %d; the file says %d and %d", id, told, count, again)
		}
		if err := killHalves(s, id, count); err != nil {
			return err
		}
		acked[fmt.Sprint(id)] = count
		total += count
	}
	if len(s.audit) != total || len(s.repeats) != total {
		return fmt.Errorf("%d audit rows and %d idempotency records for %d batches", len(s.audit), len(s.repeats), total)
	}
	return nil
}

// killHalves holds what one batch has written to itself.
func killHalves(s *state, id, count int) error {
	name := fmt.Sprint("w", id)
	_, body, _ := strings.Cut(s.keys["doc/"+name], " ")
	var doc struct{ N int }
	if body != "" {
		if err := json.Unmarshal([]byte(body), &doc); err != nil {
			return err
		}
	}
	if doc.N != count {
		return fmt.Errorf("writer %d: the document says %d and the key %d", id, doc.N, count)
	}
	blob := s.keys["blob/"+name]
	at, _, _ := strings.Cut(s.keys["blob/"+name+"/sign"], " ")
	if version, _, _ := strings.Cut(blob, " "); version != at || blob != s.keys["blob/"+name+"/copy"] {
		return fmt.Errorf("writer %d: blob %q, copy %q, key of version %q", id, blob, s.keys["blob/"+name+"/copy"], at)
	}
	return nil
}
