package main

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"fazt/clientjs"
	"fazt/server/op"
)

var update = flag.Bool("update", false, "write the files that follow from the registry")

// TestGeneratedFiles keeps what is generated from the whole registry, such as
// the types that editors and the type check read, equal to what it says now.
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
	generated(t, filepath.Join("clientjs", "types", "operations.d.ts"), clientjs.DeclareOperations(op.Declarations(registry)))
	generated(t, filepath.Join("testdata", "openapi.json"), string(openAPI))
	generated(t, filepath.Join("testdata", "help.txt"), overview(registry))
	generated(t, filepath.Join("testdata", "llms.txt"), op.LLMs(registry, docInfo()))
}

// generated holds a file to what it is made from.
func generated(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is not what the registry says now; run make generate", path)
	}
}
