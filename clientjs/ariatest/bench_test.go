package ariatest

import (
	"strings"
	"testing"

	"fazt/clientjs/browsertest"
)

// BenchmarkRolesAndNames is the role and the name of each of 10,000 elements in
// one computation: a table with controls, as admin pages have them.
func BenchmarkRolesAndNames(b *testing.B) {
	page := chromium.Open(b).Page(b, `<p>`)
	page.Inject(b, browsertest.Isolated, buildProbe(b))
	row := `<tr data-key=1><th>Name</th><td><a href=x>link <b>b</b></a></td><td>12 <em>x</em></td><td><button>Edit</button><button aria-label=Delete><i></i></button></td></tr>`
	page.SetContent(b, `<!doctype html><table><caption>T</caption>`+strings.Repeat(row, 834)+`</table>`)
	var ms float64
	for b.Loop() {
		var took float64
		page.EvalIn(b, browsertest.Isolated, `(() => { const all = document.querySelectorAll("*"); const start = performance.now();
			driver.withCache(() => { for (const el of all) { driver.roleOf(el); driver.nameOf(el); } }); return performance.now() - start; })()`, &took)
		ms += took
	}
	b.ReportMetric(ms/float64(b.N), "ms/10k")
}
