package op_test

import (
	"fmt"
	"strings"
	"testing"

	"fazt/server/op"
)

var docInfo = op.DocInfo{Title: "fazt", Version: "0.11.0", ServerURL: "http://127.0.0.1:8080"}

func TestGoldenOpenAPI(t *testing.T) {
	t.Parallel()
	document, err := op.OpenAPI(testRegistry(t), docInfo)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "openapi.json", document)
}

func TestGoldenClientModule(t *testing.T) {
	t.Parallel()
	golden(t, "operations.ts", []byte(op.ClientModule(testRegistry(t))))
}

func TestGoldenReference(t *testing.T) {
	t.Parallel()
	golden(t, "reference.html", op.Reference(testRegistry(t), docInfo))
}

func TestGoldenLLMs(t *testing.T) {
	t.Parallel()
	golden(t, "llms.txt", []byte(op.LLMs(testRegistry(t), docInfo)))
}

func TestGoldenCommandHelp(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for _, o := range testRegistry(t).All() {
		fmt.Fprintf(&b, "$ fazt %s --help\n%s\n", o.CLIName(), op.CommandHelp(o))
	}
	golden(t, "help.txt", []byte(b.String()))
}

func TestGoldenToolSchemas(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for _, o := range testRegistry(t).All() {
		fmt.Fprintf(&b, "%s %s\n", o.Name, op.ToolSchema(o))
	}
	golden(t, "tools.txt", []byte(b.String()))
}
