package drivertest_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"fazt/clientjs/browsertest"
)

// manyNodes is a page of about 10,000 elements.
func manyNodes() string {
	var b strings.Builder
	b.WriteString(`<title>big</title><main><table aria-label=Big><tr><th>A<th>B<th>C<th>Do</tr>`)
	for i := range 1250 {
		fmt.Fprintf(&b, `<tr data-key=r%d><td>Thing %d<td>Some words %d<td><b>%d</b><td><button>Edit</button><button>Delete</button></tr>`, i, i, i*7, i%10)
	}
	b.WriteString(`</table></main>`)
	return b.String()
}

// timed answers the milliseconds that a look took inside the page.
func (p *tab) timed(look string) float64 {
	p.t.Helper()
	var ms float64
	p.EvalIn(p.t, browsertest.Isolated, `(async () => { const t = performance.now(); const r = JSON.parse(await __fazt.dispatch(JSON.stringify({ id: 1, method: "look", params: `+look+` })));
		if (r.error) throw new Error(r.error.message); return performance.now() - t })()`, &ms)
	return ms
}

// median of several tries.
func median(tries int, try func() float64) float64 {
	all := make([]float64, tries)
	for i := range all {
		all[i] = try()
	}
	slices.Sort(all)
	return all[tries/2]
}

// styles answers the milliseconds of the least that a look could do: to go to each
// element and read one property of its style. Looks are held to a multiple of it,
// whatever else the machine does.
func (p *tab) styles() float64 {
	p.t.Helper()
	var ms float64
	p.EvalIn(p.t, browsertest.Isolated, `(() => { const t = performance.now(), walker = document.createTreeWalker(document, 1); let shown = 0;
		for (let el = walker.nextNode(); el; el = walker.nextNode()) if (getComputedStyle(el).display !== "none") shown++;
		return shown > 0 ? performance.now() - t : 0 })()`, &ms)
	return ms
}

// The most that a look takes, in passes of styles; measured are about 12 and 1.
const (
	mostFull  = 40
	mostSmall = 6
)

func TestLookIsFastEnough(t *testing.T) {
	t.Parallel()
	p := openTab(t, manyNodes())
	var bare []float64
	full := median(3, func() float64 {
		p.Eval(t, `document.head.append(document.createElement("style"))`, nil)
		bare = append(bare, p.styles())
		return p.timed(`{}`)
	})
	n := 0
	small := median(5, func() float64 {
		n++
		p.Eval(t, fmt.Sprintf(`document.querySelectorAll("tr")[%d].cells[0].textContent = "Changed %d"; 0`, 3+n, n), nil)
		return p.timed(`{since: 1}`)
	})
	slices.Sort(bare)
	pass := bare[1]
	t.Logf("medians: a full look %.1f ms, one after a small change %.1f ms, a pass of styles %.1f ms", full, small, pass)
	if os.Getenv("FAZT_LONG") != "" && (full > 100 || small > 5) {
		t.Errorf("a full look takes %.1f ms (gate 100), one after a small change %.1f ms (gate 5)", full, small)
	}
	if full > mostFull*pass || small > mostSmall*pass {
		t.Errorf("looks take %.1f and %.1f passes of styles, over %d and %d", full/pass, small/pass, mostFull, mostSmall)
	}
}

// processor answers the milliseconds that the page's thread has computed so far:
// what a look costs however many others use the machine.
func (p *tab) processor() float64 {
	p.t.Helper()
	var answer struct {
		Metrics []struct {
			Name  string
			Value float64
		}
	}
	p.Call(p.t, "Performance.enable", nil, nil)
	p.Call(p.t, "Performance.getMetrics", nil, &answer)
	for _, metric := range answer.Metrics {
		if metric.Name == "ThreadTime" {
			return metric.Value * 1000
		}
	}
	p.t.Fatal("the page tells no thread time")
	return 0
}

// spent adds up what looks took, by the page's clock and by its thread's.
type spent struct{ page, thread float64 }

func (s *spent) look(p *tab, look string) {
	before := p.processor()
	s.page += p.timed(look)
	s.thread += p.processor() - before
}

func (s *spent) report(b *testing.B) {
	b.ReportMetric(s.page/float64(b.N), "page-ms/op")
	b.ReportMetric(s.thread/float64(b.N), "thread-ms/op")
}

// BenchmarkLook: the first look of a tab is "cold": nothing is compiled or known.
// "full" looks have only their code warm, "changed" ones what did not change too.
func BenchmarkLook(b *testing.B) {
	b.Run("cold", func(b *testing.B) {
		var sum spent
		for b.Loop() {
			b.StopTimer()
			p := openTab(b, manyNodes())
			p.styles()
			b.StartTimer()
			sum.look(p, `{}`)
		}
		sum.report(b)
	})
	p := openTab(b, manyNodes())
	p.timed(`{}`)
	b.Run("full", func(b *testing.B) {
		var sum spent
		for b.Loop() {
			p.Eval(b, `document.head.append(document.createElement("style"))`, nil)
			sum.look(p, `{}`)
		}
		sum.report(b)
	})
	b.Run("changed", func(b *testing.B) {
		var sum spent
		n := 0
		for b.Loop() {
			n++
			p.Eval(b, fmt.Sprintf(`document.querySelectorAll("tr")[%d].cells[0].textContent = "Changed %d"; 0`, 1+n%1000, n), nil)
			sum.look(p, `{since: 1}`)
		}
		sum.report(b)
	})
	b.Run("click", func(b *testing.B) {
		for b.Loop() {
			if err := p.call("step", params{"step": `click t1#r5/Edit`}, nil); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// maxDriver is what a page pays at most before it can be driven. The last of its
// thousands is what the quick ways through a plain page cost.
const maxDriver = 41_100

func TestDriverIsSmall(t *testing.T) {
	t.Parallel()
	script, err := injected()
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(script)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes, %d gzipped", len(script), packed.Len())
	if packed.Len() > maxDriver {
		t.Errorf("the driver has %d bytes gzipped, over %d", packed.Len(), maxDriver)
	}
}
