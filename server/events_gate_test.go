//go:build unix

package server_test

// Run with:
//
//	FAZT_LONG=1 go test ./server -run TestEventsBesideKeys -v
//
// It sends 5,000 page views a second through POST /track, from a thousand
// addresses, beside 32 callers that read and write keys as fast as they can.
// Rounds with and without events take turns in one process, so the machine's
// noise hits both. What counts is time of the processors, which neighbours do
// not take part in: what an event costs more than the calls beside it, as a
// share of all the processors that there are. The rates are shown too.

import (
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"fazt/server"
)

const (
	gateRate   = 5000 // events a second
	gateShare  = 0.15 // of the rate of keys that they may cost
	gateRounds = 7
	gateTime   = 2 * time.Second
)

func TestEventsBesideKeys(t *testing.T) {
	if os.Getenv("FAZT_LONG") == "" {
		t.Skip("set FAZT_LONG=1: it takes half a minute, and wants a quiet machine")
	}
	f := openTracked(t, func(o *server.Options) {
		o.Events = server.NewEvents(o.DB, time.Now)
		o.Proxies = server.Proxies{netip.MustParsePrefix("127.0.0.0/8")}
	})
	mix, stream := newKeyMix(f, 32), newViewStream(f)
	mix.run(gateTime) // warm
	var alone, beside, sent, cost []float64
	for range gateRounds {
		begin := processorTime(t)
		a := mix.run(gateTime)
		between := processorTime(t)
		stop := stream.start()
		b := mix.run(gateTime)
		events := stop()
		call := (between - begin).Seconds() / a
		alone, beside, sent = append(alone, a/gateTime.Seconds()), append(beside, b/gateTime.Seconds()), append(sent, events/gateTime.Seconds())
		cost = append(cost, ((processorTime(t)-between).Seconds()-b*call)/events)
	}
	f.Must("event_count", `{"app":"shop"}`) // what was accepted is on the disk before it answers
	stats := f.DB.EventStats()
	share := middle(cost) * gateRate / float64(runtime.GOMAXPROCS(0))
	t.Logf("an event costs %.1f µs of a processor (rounds from %.1f to %.1f): %d a second are %.1f %% of the machine", 1e6*middle(cost),
		1e6*slices.Min(cost), 1e6*slices.Max(cost), gateRate, 100*share)
	t.Logf("keys: %.0f calls a second alone, %.0f beside %.0f events a second", middle(alone), middle(beside), middle(sent))
	t.Logf("events: %d accepted, %d stored, %d dropped", stats.Accepted, stats.Stored, stats.Dropped)
	if stats.Dropped != 0 || stats.Stored != stats.Accepted || stream.refused.Load() != 0 {
		t.Errorf("events were lost: %+v, %d refused", stats, stream.refused.Load())
	}
	if middle(sent) < 0.95*gateRate {
		t.Skipf("the generator reached only %.0f events a second: the machine is too busy to say", middle(sent))
	}
	if share > gateShare {
		t.Errorf("events take %.1f %% of what keys could have, over %.0f %%", 100*share, 100*gateShare)
	}
}

// processorTime is what this process has used.
func processorTime(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func middle(v []float64) float64 {
	v = slices.Clone(v)
	slices.Sort(v)
	return v[len(v)/2]
}

// keyMix is callers that read seven times and write three times in turn.
type keyMix struct{ get, put []func() int }

func newKeyMix(f *face, callers int) *keyMix {
	m := &keyMix{}
	for i := range callers {
		path := fmt.Sprint("/api/apps/shop/kv/key", i)
		m.put = append(m.put, hot(f, "PUT", path, `{"value":{"name":"Ada","age":36}}`))
		m.get = append(m.get, hot(f, "GET", path, ""))
		m.put[i]()
	}
	return m
}

// run returns how many calls were answered.
func (m *keyMix) run(d time.Duration) float64 {
	var calls atomic.Int64
	var wg sync.WaitGroup
	begin := time.Now()
	for i := range m.get {
		wg.Go(func() {
			for n := 0; time.Since(begin) < d; n++ {
				do := m.get[i]
				if n%10 < 3 {
					do = m.put[i]
				}
				if do() == http.StatusOK {
					calls.Add(1)
				}
			}
		})
	}
	wg.Wait()
	return float64(calls.Load())
}

// viewStream sends page views of many visitors at an even rate.
type viewStream struct {
	f       *face
	refused atomic.Int64
}

func newViewStream(f *face) *viewStream { return &viewStream{f: f} }

// start sends until stop is called, which says how many there were.
func (s *viewStream) start() (stop func() float64) {
	done, ended := make(chan struct{}), make(chan int)
	begin := time.Now()
	go func() {
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		sent := 0
		for {
			select {
			case <-done:
				ended <- sent
				return
			case <-tick.C:
				for due := int(time.Since(begin).Seconds() * gateRate); sent < due; sent++ {
					s.view(sent)
				}
			}
		}
	}()
	return func() float64 {
		close(done)
		return float64(<-ended)
	}
}

func (s *viewStream) view(n int) {
	body := fmt.Sprintf(`{"page":"/page/%d?utm_source=mail","referrer":"https://site%d.example/"}`, n%50, n%20)
	r := &http.Request{
		Method: "POST", URL: &url.URL{Path: "/track"}, Host: "shop.localhost", Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Body: &rewindable{*strings.NewReader(body)}, ContentLength: int64(len(body)), RemoteAddr: "127.0.0.1:9999",
		Header: http.Header{
			"User-Agent": {[]string{firefox, iphone}[n%2]}, "X-Forwarded-For": {fmt.Sprintf("10.0.%d.%d", n%1000/250, n%250)},
			"Sec-Fetch-Site": {"same-origin"},
		},
	}
	w := &sink{header: http.Header{}}
	if s.f.server.Handler().ServeHTTP(w, r); w.status != http.StatusAccepted {
		s.refused.Add(1)
	}
}

// BenchmarkTrack is the cost of a page view, its share of the writer's work
// included.
func BenchmarkTrack(b *testing.B) {
	f := openTracked(b, func(o *server.Options) {
		o.Events = server.NewEvents(o.DB, time.Now)
		o.Proxies = server.Proxies{netip.MustParsePrefix("127.0.0.0/8")}
	})
	s := newViewStream(f)
	n := 0
	b.ReportAllocs()
	for b.Loop() {
		s.view(n)
		n++
	}
	b.ReportMetric(float64(f.DB.EventStats().Dropped)/float64(n), "dropped/op")
}
