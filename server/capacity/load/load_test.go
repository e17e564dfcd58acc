package load

import (
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestParseMix(t *testing.T) {
	t.Parallel()
	mix, err := ParseMix("write=30, read=70,list=0")
	if err != nil || mix.String() != "read=70,write=30" {
		t.Errorf("%v, %v", mix, err)
	}
	for _, bad := range []string{"", "read", "read=", "read=-1", "read=NaN", "read=Inf", "dance=1", "read=0", "read=1,read=2", "read=1;write=2"} {
		if mix, err := ParseMix(bad); err == nil {
			t.Errorf("the mix %q is %v", bad, mix)
		}
	}
}

func TestLoopback(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"http://127.0.0.1:80": true, "http://localhost:1": true, "http://[::1]:2": true, "http://127.9.9.9": true,
		"http://10.0.0.1": false, "http://localhost.example": false, "http://example.com": false, "http://0.0.0.0": false, "%": false,
	} {
		if Loopback(address) != want {
			t.Errorf("Loopback(%q) = %v", address, !want)
		}
	}
}

// TestHistogram holds quantiles to those of the sorted values.
func TestHistogram(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	h, half := &Histogram{}, &Histogram{}
	var all []time.Duration
	for i := range 20_000 {
		d := time.Duration(random.ExpFloat64() * float64(20*time.Millisecond))
		all = append(all, d)
		if i%2 == 0 {
			h.Add(d)
		} else {
			half.Add(d)
		}
	}
	h.Merge(half)
	slices.Sort(all)
	for _, q := range []float64{0.01, 0.5, 0.9, 0.99, 0.999, 1} {
		want := all[max(0, int(q*float64(len(all)))-1)]
		got := h.Quantile(q)
		if diff := (got - want).Abs(); diff > want/100+time.Microsecond {
			t.Errorf("quantile %v is %v, want %v", q, got, want)
		}
	}
	if h.Quantile(1) != all[len(all)-1] {
		t.Errorf("the largest is %v, want %v", h.Quantile(1), all[len(all)-1])
	}
}

func server(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

func spec(url string) Spec {
	return Spec{
		URL: url, Token: "secret", App: "load", Users: 4, Keys: 10, Bytes: 20,
		Mix: Mix{{Read, 0.5}, {Write, 0.3}, {List, 0.2}}, Duration: 300 * time.Millisecond,
	}
}

func TestRunCountsOutcomes(t *testing.T) {
	t.Parallel()
	var n atomic.Int64
	url := server(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer secret" || !strings.HasPrefix(r.URL.Path, "/api/apps/load/kv") {
			t.Errorf("%s %s", r.Method, r.URL)
		}
		switch n.Add(1) % 10 {
		case 0:
			w.WriteHeader(http.StatusServiceUnavailable)
		case 1:
			w.WriteHeader(http.StatusInternalServerError)
		}
	})
	r, err := Run(t.Context(), spec(url))
	if err != nil {
		t.Fatal(err)
	}
	if r.OK == 0 || r.Shed == 0 || r.Failed == 0 || r.Shed*5 > r.OK || !strings.HasSuffix(r.First, "answered 500") {
		t.Errorf("%+v", r)
	}
	if len(r.Classes) != 3 || r.Classes[Read].OK < r.Classes[List].OK {
		t.Errorf("classes %+v", r.Classes)
	}
	total := 0
	for _, s := range r.Timeline {
		total += s.OK + s.Shed + s.Failed
	}
	if total != r.OK+r.Shed+r.Failed {
		t.Errorf("the timeline counts %d of %d", total, r.OK+r.Shed+r.Failed)
	}
}

// TestOpenCountsFromTheSchedule: a server that stalls for 200 ms makes all that
// were due meanwhile late, although only a few calls were under way.
func TestOpenCountsFromTheSchedule(t *testing.T) {
	t.Parallel()
	var stalled atomic.Bool
	began := time.Now()
	url := server(t, func(http.ResponseWriter, *http.Request) {
		if time.Since(began) > 300*time.Millisecond && stalled.CompareAndSwap(false, true) {
			time.Sleep(200 * time.Millisecond)
		}
	})
	s := spec(url)
	s.Users, s.Rate, s.Duration = 1, 200, 800*time.Millisecond
	r, err := Run(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	// Some 40 of 160 calls were due in the stall; half of them waited 100 ms.
	if r.Latency.P90 < 50 {
		t.Errorf("p90 is %v ms; the calls that could not begin were left out", r.Latency.P90)
	}
}

func TestRunRefusesNonsense(t *testing.T) {
	t.Parallel()
	for what, change := range map[string]func(*Spec){
		"no users": func(s *Spec) { s.Users = 0 }, "no time": func(s *Spec) { s.Duration = 0 }, "no mix": func(s *Spec) { s.Mix = nil },
		"https": func(s *Spec) { s.URL = "https://127.0.0.1" }, "a rate below 0": func(s *Spec) { s.Rate = -1 },
	} {
		s := spec("http://127.0.0.1:1")
		change(&s)
		if _, err := Run(t.Context(), s); err == nil {
			t.Errorf("%s was played", what)
		}
	}
	if _, err := Run(t.Context(), spec("http://127.0.0.1:1")); err == nil {
		t.Error("a load on a closed port was played")
	}
}
