package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"fazt/server/op"
)

// The load figure of the README: make load. Many keep-alive connections in a
// closed loop, the generator beside the server, everything on: tokens checked,
// calls admitted, writes durable. It is compared to a handler that does nothing
// on the same connections, by turns in one run.

const (
	loadUsers  = 2000
	loadPairs  = 7
	loadPeriod = 4 * time.Second
	loadWrites = 30 // percent
	loadKeys   = 50_000
)

// trivialEnv makes the test binary serve the handler that does nothing.
const trivialEnv = "FAZT_TEST_TRIVIAL"

// serveTrivial answers every request with a few bytes, and says where.
func serveTrivial() error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Printf("fazt ready http://%s\n", listener.Addr())
	body := []byte(`{"ok":true}`)
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // what cannot be read is the client's loss
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body)
	})}
	return server.Serve(listener)
}

func startTrivial(t *testing.T) string {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), trivialEnv+"=1")
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it serves until then
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimPrefix(strings.TrimSpace(line), "fazt ready http://")
}

// loadResult is one period of load.
type loadResult struct {
	rate   float64 // answers a second
	failed int64
	sent   int64  // also before and after the rate was taken
	first  string // the first failure
	p99    time.Duration
}

func TestLoad(t *testing.T) {
	if os.Getenv("FAZT_LOAD") == "" {
		t.Skip("a load of a minute: make load")
	}
	registry, err := describe()
	if err != nil {
		t.Fatal(err)
	}
	p := serve(t)
	fillLoad(t, newPlainHTTP(t, p, ownerSecret), registry)
	address := strings.TrimPrefix(p.url, "http://")
	trivial := startTrivial(t)
	var ours, bare, ratios []float64
	var peak int64
	for range loadPairs {
		spent := processorTime(t, p.cmd.Process.Pid)
		a := loadPeriodOf(t, address, loadUsers, loadWrites, loadPeriod)
		spent = (processorTime(t, p.cmd.Process.Pid) - spent) / time.Duration(a.sent)
		peak = max(peak, rssAnon(t, p.cmd.Process.Pid))
		b := loadPeriodOf(t, trivial, loadUsers, loadWrites, loadPeriod)
		if a.failed > 0 {
			t.Errorf("%d of the answers were failures: %s", a.failed, a.first)
		}
		ours, bare, ratios = append(ours, a.rate), append(bare, b.rate), append(ratios, a.rate/b.rate)
		t.Logf("fazt %.0f/s p99 %v · trivial %.0f/s · %.2f · %v of processor a request · RssAnon %d MB",
			a.rate, a.p99.Round(time.Millisecond), b.rate, a.rate/b.rate, spent.Round(time.Microsecond), peak>>20)
	}
	t.Logf("medians: fazt %.0f/s, trivial handler %.0f/s, ratio %.2f (target 0.40), RssAnon %d MB (target 180)", middle(ours), middle(bare), middle(ratios), peak>>20)
}

// fillLoad stores every key that the load asks for.
func fillLoad(t *testing.T, f face, registry *op.Registry) {
	t.Helper()
	must(t, f, registry, "app_create", `{"id":"load"}`)
	const each = 1000
	for from := 0; from < loadKeys; from += each {
		var b strings.Builder
		for key := from; key < from+each; key++ {
			fmt.Fprintf(&b, `,{"op":"kv_set","key":"%d","value":"%x"}`, key, rand.Uint64())
		}
		must(t, f, registry, "batch_write", `{"app":"load","mutations":[`+b.String()[1:]+`]}`)
	}
}

func middle(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}

// loadPeriodOf runs users connections in a closed loop.
func loadPeriodOf(t *testing.T, address string, users, writes int, period time.Duration) loadResult {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var answers, failed, sent atomic.Int64
	var first atomic.Value
	var counting atomic.Bool
	latencies := make([][]time.Duration, users)
	var connected, done sync.WaitGroup
	begin := make(chan struct{})
	connected.Add(users)
	for u := range users {
		done.Go(func() {
			c, err := dialLoad(address)
			connected.Done()
			if err != nil {
				failed.Add(1)
				first.CompareAndSwap(nil, err.Error())
				return
			}
			defer c.conn.Close()
			<-begin
			r := rand.New(rand.NewPCG(uint64(u), uint64(time.Now().UnixNano())))
			for ctx.Err() == nil {
				started := time.Now()
				err := c.exchange(r, r.IntN(100) < writes)
				sent.Add(1)
				if !counting.Load() {
					continue
				}
				answers.Add(1)
				latencies[u] = append(latencies[u], time.Since(started))
				if err != nil {
					failed.Add(1)
					first.CompareAndSwap(nil, err.Error())
				}
			}
		})
	}
	connected.Wait()
	close(begin)
	time.Sleep(period / 4) // until every connection is at work
	counting.Store(true)
	started := time.Now()
	time.Sleep(period)
	counting.Store(false)
	took := time.Since(started)
	cancel()
	done.Wait()
	all := slices.Concat(latencies...)
	slices.Sort(all)
	result := loadResult{rate: float64(answers.Load()) / took.Seconds(), failed: failed.Load(), sent: sent.Load()}
	if len(all) > 0 {
		result.p99 = all[len(all)*99/100]
	}
	result.first, _ = first.Load().(string)
	return result
}

// loadConn is one keep-alive connection that parses no more than it must.
type loadConn struct {
	conn net.Conn
	in   *bufio.Reader
	out  []byte
}

func dialLoad(address string) (*loadConn, error) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	return &loadConn{conn: conn, in: bufio.NewReaderSize(conn, 1024)}, nil
}

const loadHead = " HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer " + ownerSecret + "\r\n"

func (c *loadConn) exchange(r *rand.Rand, write bool) error {
	key := strconv.Itoa(r.IntN(loadKeys))
	if write {
		value := make([]byte, 100)
		for i := range value {
			value[i] = byte('a' + r.IntN(26))
		}
		c.out = fmt.Appendf(c.out[:0], "PUT /api/apps/load/kv/%s%sContent-Type: application/json\r\nContent-Length: %d\r\n\r\n{\"value\":\"%s\"}", key, loadHead, len(value)+12, value)
	} else {
		c.out = fmt.Appendf(c.out[:0], "GET /api/apps/load/kv/%s%s\r\n", key, loadHead)
	}
	if _, err := c.conn.Write(c.out); err != nil {
		return err
	}
	return c.read(write)
}

func (c *loadConn) read(write bool) error {
	status, err := c.in.ReadString('\n')
	if err != nil {
		return err
	}
	length := -1
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return err
		}
		if len(line) <= 2 {
			break
		}
		if name, value, ok := strings.Cut(string(line), ":"); ok && strings.EqualFold(name, "Content-Length") {
			if length, err = strconv.Atoi(strings.TrimSpace(value)); err != nil {
				return err
			}
		}
	}
	if length < 0 {
		return errors.New("an answer without Content-Length")
	}
	if _, err := c.in.Discard(length); err != nil {
		return err
	}
	// A key that nobody has written yet is an honest 404.
	if strings.Contains(status, " 200 ") || !write && strings.Contains(status, " 404 ") {
		return nil
	}
	return errors.New(strings.TrimSpace(status))
}

// rssAnon is the private memory of a process, in bytes; 0 where it cannot be
// read. See proc(5), /proc/pid/status.
func rssAnon(t testing.TB, pid int) int64 {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "RssAnon:"); ok {
			kb, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			return kb << 10
		}
	}
	return 0
}

// processorTime is what a process has used of the processors so far.
func processorTime(t testing.TB, pid int) time.Duration {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(rest) // from the third on
	user, err1 := strconv.ParseInt(fields[11], 10, 64)
	system, err2 := strconv.ParseInt(fields[12], 10, 64)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	return time.Duration(user+system) * (time.Second / 100) // the kernel's ticks
}
