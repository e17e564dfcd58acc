package main

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"fazt/server/op"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestGeneratedFiles holds what is generated from the whole registry to what
// is committed, so that a change of an operation is seen in review. The
// TypeScript checks read operations.ts.
func TestGeneratedFiles(t *testing.T) {
	t.Parallel()
	registry, err := describe()
	if err != nil {
		t.Fatal(err)
	}
	openAPI, err := op.OpenAPI(registry, docInfo())
	if err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string]string{
		"openapi.json":  string(openAPI),
		"operations.ts": op.ClientModule(registry),
		"help.txt":      overview(registry),
		"llms.txt":      op.LLMs(registry, docInfo()),
	} {
		golden(t, name, got)
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Errorf("%s is not what the registry generates now: make generate", path)
	}
}
