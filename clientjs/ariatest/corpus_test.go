package ariatest

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fazt/clientjs/browsertest"
)

var only = flag.String("only", "", "compare only the files of testdata/aria whose name contains this")

// TestCorpusAgainstChromium compares roles, names and hiddenness of every
// element of the corpus with what Chromium computes of it.
func TestCorpusAgainstChromium(t *testing.T) {
	files, err := filepath.Glob("../testdata/aria/*.html")
	if err != nil || len(files) == 0 {
		t.Fatalf("no corpus: %v", err)
	}
	page := chromium.Open(t).Page(t, `<p>`)
	page.Inject(t, browsertest.Isolated, buildProbe(t))
	total := newTally()
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".html")
		if !strings.Contains(name, *only) {
			continue
		}
		html, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		show(t, page, string(html))
		total.add(name, look(t, page), nil)
	}
	report(t, total)
}

func report(t *testing.T, total *tally) {
	t.Helper()
	for _, d := range total.list {
		t.Log(d)
	}
	for _, what := range []string{"role", "name", "hidden", "description"} {
		t.Logf("%s: %d of %d equal, %.2f %%", what, total.compared[what]-total.missed[what], total.compared[what], 100*total.share(what))
	}
}
