package clientjs

import (
	"fmt"
	"io/fs"
	"strings"
)

// generated is the file of types that follows from the registry. It stands in
// the repository for editors and checks; a server writes its own.
const generated = "types/operations.d.ts"

// DeclareOperations wraps the operations' types as the module that the written
// types refer to.
func DeclareOperations(declarations string) string {
	var b strings.Builder
	b.WriteString("// Generated from the registry of operations.\n\ndeclare module \"fazt:types\" {\n")
	for line := range strings.Lines(declarations) {
		if line != "\n" {
			b.WriteString("  ")
		}
		b.WriteString(line)
	}
	b.WriteString("}\n")
	return b.String()
}

// types joins the written types and those of the operations.
func types(operations string) (string, error) {
	names, err := fs.Glob(declarations, "types/*.d.ts")
	if err != nil {
		return "", fmt.Errorf("list the types: %w", err)
	}
	var b strings.Builder
	for _, name := range names {
		if name == generated {
			continue
		}
		text, err := fs.ReadFile(declarations, name)
		if err != nil {
			return "", fmt.Errorf("read the types: %w", err)
		}
		b.Write(text)
		b.WriteString("\n")
	}
	b.WriteString(DeclareOperations(operations))
	return b.String(), nil
}
