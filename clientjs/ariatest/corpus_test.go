package ariatest

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fazt/clientjs/browsertest"
)

var (
	only   = flag.String("only", "", "compare only the files of testdata/aria whose name contains this")
	update = flag.Bool("update", false, "append differences that are not in exceptions.txt to it, for a review")
)

// The shares of elements that must be equal to Chromium's.
var gates = map[string]float64{"role": 0.98, "name": 0.995, "hidden": 0.995, "description": 0.99}

const (
	corpus         = "../testdata/aria"
	exceptionsFile = corpus + "/exceptions.txt"
)

// TestCorpusAgainstChromium compares roles, names, descriptions and hiddenness
// of every element of the corpus with what Chromium computes of it. What differs
// must be in exceptions.txt with its reason.
func TestCorpusAgainstChromium(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(corpus + "/*.html")
	if err != nil || len(files) < 150 {
		t.Fatalf("the corpus has %d pages, want at least 150 (%v)", len(files), err)
	}
	page := chromium.Open(t).Page(t, `<p>`)
	page.Inject(t, browsertest.Isolated, buildProbe(t))
	known := readExceptions(t)
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
		page.SetContent(t, string(html))
		total.add(name, look(t, page))
	}
	total.report(t)
	known.check(t, total.list)
}

// exceptions are the reviewed differences, by what they say.
type exceptions struct {
	lines map[string]string // the reason by the difference
	used  map[string]bool
}

func (d difference) line() string {
	return fmt.Sprintf("%s | %s | %s | %s | %s", d.file, d.path, d.what, d.ours, d.theirs)
}

func readExceptions(t *testing.T) *exceptions {
	t.Helper()
	text, err := os.ReadFile(exceptionsFile)
	if err != nil {
		t.Fatal(err)
	}
	e := &exceptions{lines: map[string]string{}, used: map[string]bool{}}
	for i, line := range strings.Split(string(text), "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		cut := strings.LastIndex(line, " | ")
		if strings.Count(line, " | ") != 5 || strings.TrimSpace(line[cut+3:]) == "" {
			t.Fatalf("%s:%d: want six parts and a reason in the last", exceptionsFile, i+1)
		}
		e.lines[line[:cut]] = line[cut+3:]
	}
	return e
}

// check fails for every difference without an exception and for every exception
// without a difference.
func (e *exceptions) check(t *testing.T, list []difference) {
	t.Helper()
	for _, d := range list {
		if _, ok := e.lines[d.line()]; ok {
			e.used[d.line()] = true
			continue
		}
		t.Errorf("%s", d)
		if *update {
			appendLine(t, d.line()+" | ")
		}
	}
	for line := range e.lines {
		if !e.used[line] && *only == "" {
			t.Errorf("%s: no longer so: %s", exceptionsFile, line)
		}
	}
}

func appendLine(t *testing.T, line string) {
	t.Helper()
	file, err := os.OpenFile(exceptionsFile, os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := fmt.Fprintln(file, line); err != nil {
		t.Fatal(err)
	}
}
