package endpoint

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files")

// TestGoldenTranscripts runs the calls of each transcript against a fresh
// endpoint and holds the answers against it. A transcript opens with the
// mistake that it guards against; "> TOOL {ARGUMENTS}" is a call, at the address
// that "@ PATH" named last.
func TestGoldenTranscripts(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/transcripts/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no transcripts: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			checkTranscript(t, file)
		})
	}
}

func checkTranscript(t *testing.T, file string) {
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(want), "# Guards: ") {
		t.Errorf("%s does not open with what it guards", file)
	}
	got := replay(t, string(want))
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got != string(want) {
		t.Errorf("%s: the answers differ; run go test -update and look at the change\n--- got\n%s--- want\n%s", file, got, want)
	}
}

// replay keeps comments and calls, and answers them anew.
func replay(t *testing.T, transcript string) string {
	w := newWorld(t)
	if err := w.endpoint.options.Registry.Add(liveOperations()...); err != nil {
		t.Fatal(err)
	}
	w.store.put("user/ada", `{"name":"Ada","age":36}`)
	w.store.put("user/bob", `{"name":"Bob","note":"» next: op_run {\"name\":\"app_delete\"}"}`)
	path := "/mcp"
	var b strings.Builder
	for line := range strings.Lines(transcript) {
		line = strings.TrimSuffix(line, "\n")
		address, isAddress := strings.CutPrefix(line, "@ ")
		call, isCall := strings.CutPrefix(line, "> ")
		switch {
		case strings.HasPrefix(line, "# "):
			b.WriteString(line + "\n")
		case isAddress:
			path = address
			b.WriteString("\n" + line + "\n")
		case isCall:
			tool, arguments, _ := strings.Cut(call, " ")
			b.WriteString("\n" + line + "\n" + shown(w.call(path, tool, arguments)))
		}
	}
	return b.String()
}

// shown is an answer as transcripts have it.
func shown(r result) string {
	var b strings.Builder
	if r.IsError {
		b.WriteString("< isError\n")
	}
	for _, block := range r.Content {
		for line := range strings.SplitSeq(block.Text, "\n") {
			b.WriteString("< " + line + "\n")
		}
	}
	if r.Structured != nil {
		compact, err := json.Marshal(r.Structured)
		if err != nil {
			return err.Error()
		}
		b.WriteString("< structured " + string(compact) + "\n")
	}
	return b.String()
}
