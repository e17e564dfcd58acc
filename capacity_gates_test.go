package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"fazt/server/capacity/load"
	"fazt/server/op"
)

// Gates of a minute against the real binary: make capacity. Each needs a
// machine with little else to do.

const (
	slowClients   = 2000
	slowCallers   = 32
	slowPairs     = 3
	slowPeriod    = 4 * time.Second
	slowTimes     = 2 // the p99 of others beside slow clients, in that without
	thinkingUsers = 10_000
	thinkingPause = 5 * time.Second
	thinkingTime  = 20 * time.Second
)

func longGate(t *testing.T) {
	t.Helper()
	if os.Getenv("FAZT_LONG") == "" {
		t.Skip("a gate of a minute: make capacity")
	}
}

// trickle opens connections whose requests never end, and sends a byte to each
// of them every now and then until stop.
func trickle(t *testing.T, address string, n int) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var done sync.WaitGroup
	var open []net.Conn
	for i := range n {
		conn, err := net.DialTimeout("tcp", address, 10*time.Second)
		if err != nil {
			t.Fatalf("slow client %d: %v", i, err)
		}
		open = append(open, conn)
		head := "GET /api/apps HTTP/1.1\r\nHost: 127.0.0.1\r\nSlow: "
		if i%2 == 1 { // half of them are slow with the body
			head = "PUT /api/apps/load/kv/slow HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer " + ownerSecret +
				"\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n{"
		}
		if _, err := io.WriteString(conn, head); err != nil {
			t.Fatal(err)
		}
	}
	done.Go(func() {
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				for _, conn := range open {
					_, _ = io.WriteString(conn, "x") // the server may have ended it
				}
			}
		}
	})
	return func() {
		cancel()
		done.Wait()
		for _, conn := range open {
			conn.Close()
		}
	}
}

// TestSlowClientsHoldNobodyUp: 2,000 clients that send a byte a second leave the
// p99 of others under twice what it is without them.
func TestSlowClientsHoldNobodyUp(t *testing.T) {
	longGate(t)
	registry, err := describe()
	if err != nil {
		t.Fatal(err)
	}
	p := serve(t)
	fillLoad(t, newPlainHTTP(t, p, ownerSecret), registry)
	address := strings.TrimPrefix(p.url, "http://")
	var alone, beside []float64
	for range slowPairs {
		a := loadPeriodOf(t, address, slowCallers, loadWrites, slowPeriod)
		stop := trickle(t, address, slowClients)
		b := loadPeriodOf(t, address, slowCallers, loadWrites, slowPeriod)
		stop()
		if a.failed+b.failed > 0 {
			t.Errorf("%d answers were failures: %s%s", a.failed+b.failed, a.first, b.first)
		}
		alone, beside = append(alone, a.p99.Seconds()*1000), append(beside, b.p99.Seconds()*1000)
		t.Logf("p99 alone %v, beside %d slow clients %v; %.0f/s and %.0f/s", a.p99, slowClients, b.p99, a.rate, b.rate)
	}
	if a, b := middle(alone), middle(beside); b > slowTimes*a {
		t.Errorf("the p99 of others went from %.1f to %.1f ms", a, b)
	}
}

// TestThinkingPeople: ten thousand people who each do something every 5 s are
// all served, within a second.
func TestThinkingPeople(t *testing.T) {
	longGate(t)
	registry, err := describe()
	if err != nil {
		t.Fatal(err)
	}
	p := serve(t)
	fillLoad(t, newPlainHTTP(t, p, ownerSecret), registry)
	r, err := load.Run(t.Context(), load.Spec{
		URL: p.url, Token: ownerSecret, App: "load", Users: thinkingUsers, Think: thinkingPause, Ramp: thinkingPause, Duration: thinkingTime,
		Mix: load.Mix{{Class: load.Read, Part: 0.7}, {Class: load.Write, Part: 0.3}}, Keys: loadKeys, Bytes: 100,
	})
	if err != nil {
		t.Skipf("%d connections cannot be had here: %v", thinkingUsers, err)
	}
	t.Logf("%d connections, pause %v: %.0f/s, p50 %.1f ms, p99 %.1f ms, failed %d, shed %d, RssAnon %d MB, lag p99 %.0f ms, Little %.2f",
		thinkingUsers, thinkingPause, r.RPS, r.Latency.P50, r.Latency.P99, r.Failed, r.Shed, rssAnon(t, p.cmd.Process.Pid)>>20, r.LagP99MS, r.Little)
	if r.Failed > 0 || r.Shed > 0 {
		t.Errorf("%d failed and %d were shed: %s", r.Failed, r.Shed, r.First)
	}
	if doubts := r.Doubts(); len(doubts) > 0 {
		t.Skipf("the machine disturbed the run: %s", fmt.Sprint(doubts))
	}
	if r.Latency.P99 > 1000 {
		t.Errorf("p99 is %.0f ms", r.Latency.P99)
	}
}

// playLoad runs fazt loadtest and returns its result.
func playLoad(t *testing.T, p *process, args ...string) (r loadtestResult, table string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "result.json")
	cmd := exec.Command(buildBinary(t), append([]string{"loadtest", "--json", file}, args...)...)
	cmd.Env = append(os.Environ(), "FAZT_URL="+p.url, "FAZT_TOKEN="+ownerSecret, "XDG_CONFIG_HOME="+t.TempDir())
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("loadtest %s: %v\n%s", args, err, out)
	}
	text, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(text, &r)
	}
	if err != nil {
		t.Fatal(err)
	}
	return r, string(out)
}

// The grid of predictions: mixes times loads, closed and open.
const (
	gridTime   = "5s"
	gridValid  = 9
	gridMedian = 15.0 // percent
	gridWorst  = 30.0
	gridWithin = 30 * time.Second // of a calibration
)

// TestPredictionGrid holds what is predicted before each of twelve runs to what
// comes of it. Which runs count is decided by rules that do not see the error.
func TestPredictionGrid(t *testing.T) {
	longGate(t)
	registry, err := describe()
	if err != nil {
		t.Fatal(err)
	}
	p := serve(t)
	calibrated(t, newPlainHTTP(t, p, ownerSecret), registry)
	var errs []float64
	for _, mix := range []string{"read=70,write=30", "read=100", "read=95,write=5"} {
		for _, offered := range [][]string{{"--users", "64"}, {"--users", "256"}, {"--users", "500", "--open", "--rate", "1000"}, {"--users", "2000", "--think", "1s"}} {
			r, _ := playLoad(t, p, append([]string{"--mix", mix, "--duration", gridTime}, offered...)...)
			t.Logf("%-18s %-32s %8.0f/s, predicted %8.0f: %+6.1f %% (%+.1f without others) %q", mix, strings.Join(offered, " "), r.RPS, r.Predicted, r.ErrorPC, r.SubtractedPC, r.Doubts)
			if r.Valid {
				errs = append(errs, math.Abs(r.ErrorPC))
			}
		}
	}
	if len(errs) < gridValid {
		t.Skipf("only %d of 12 runs were undisturbed, %d are needed: nothing was shown", len(errs), gridValid)
	}
	if median := middle(errs); median > gridMedian || errs[len(errs)-1] > gridWorst {
		t.Errorf("the median error is %.1f %%, the worst %.1f", median, errs[len(errs)-1])
	}
}

// calibrated waits for a whole calibration.
func calibrated(t *testing.T, f face, registry *op.Registry) {
	t.Helper()
	must(t, f, registry, "capacity_calibrate", `{}`)
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(gridWithin); ; <-tick.C {
		var r struct {
			Calibration struct{ State, Error string }
		}
		if err := json.Unmarshal([]byte(must(t, f, registry, "capacity_get", `{}`)), &r); err != nil {
			t.Fatal(err)
		}
		switch r.Calibration.State {
		case "done":
			return
		case "running":
		default:
			t.Fatalf("calibrating: %+v", r.Calibration)
		}
		if time.Now().After(deadline) {
			t.Fatal("calibrating does not end")
		}
	}
}
