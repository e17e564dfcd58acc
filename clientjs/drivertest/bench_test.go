package drivertest_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
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

// best is the least of several tries: on a loaded machine the others measure it.
func best(tries int, try func() float64) float64 {
	least := try()
	for range tries - 1 {
		least = min(least, try())
	}
	return least
}

func TestLookIsFastEnough(t *testing.T) {
	t.Parallel()
	p := openTab(t, manyNodes())
	full := best(2, func() float64 {
		p.Eval(t, `document.head.append(document.createElement("style"))`, nil)
		return p.timed(`{}`)
	})
	n := 0
	small := best(4, func() float64 {
		n++
		p.Eval(t, fmt.Sprintf(`document.querySelectorAll("tr")[%d].cells[0].textContent = "Changed %d"; 0`, 3+n, n), nil)
		return p.timed(`{since: 1}`)
	})
	t.Logf("a full look %.1f ms, one after a small change %.1f ms", full, small)
	if os.Getenv("FAZT_LONG") != "" && (full > 100 || small > 5) {
		t.Errorf("a full look takes %.1f ms (gate 100), one after a small change %.1f ms (gate 5)", full, small)
	}
	// On a machine that others use too, only the proportion can be held.
	if small > full/4 {
		t.Errorf("a full look takes %.1f ms, one after a small change %.1f ms: it is not in proportion", full, small)
	}
}

func BenchmarkLook(b *testing.B) {
	p := openTab(b, manyNodes())
	b.Run("full", func(b *testing.B) {
		total := 0.0
		for b.Loop() {
			p.Eval(b, `document.head.append(document.createElement("style"))`, nil)
			total += p.timed(`{}`)
		}
		b.ReportMetric(total/float64(b.N), "page-ms/op")
	})
	b.Run("changed", func(b *testing.B) {
		total, n := 0.0, 0
		for b.Loop() {
			n++
			p.Eval(b, fmt.Sprintf(`document.querySelectorAll("tr")[%d].cells[0].textContent = "Changed %d"; 0`, 1+n%1000, n), nil)
			total += p.timed(`{since: 1}`)
		}
		b.ReportMetric(total/float64(b.N), "page-ms/op")
	})
	b.Run("click", func(b *testing.B) {
		for b.Loop() {
			if err := p.call("step", params{"step": `click t1#r5/Edit`}, nil); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// maxDriver is what a page pays at most before it can be driven.
const maxDriver = 42_000

func TestDriverIsSmall(t *testing.T) {
	t.Parallel()
	script, err := driver()
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
