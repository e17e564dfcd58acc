package main

import (
	"os"
	"path/filepath"
	"testing"

	"fazt/clientjs"
	"fazt/server/op"
)

// TestGeneratedDeclarations keeps the operations' types, which editors and the
// type check read from the repository, equal to what the registry says now.
func TestGeneratedDeclarations(t *testing.T) {
	t.Parallel()
	registry, err := describe()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("clientjs", "types", "operations.d.ts")
	got := clientjs.DeclareOperations(op.Declarations(registry))
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
