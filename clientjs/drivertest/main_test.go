// Package drivertest_test holds the page engine to its promises in a real
// Chromium, as it is injected there: what a look says, that refs keep their
// meaning, which events an action makes, and what all of it costs.
package drivertest_test

import (
	"os"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"fazt/clientjs"
	"fazt/clientjs/browsertest"
)

var chromium browsertest.Shared

func TestMain(m *testing.M) { os.Exit(chromium.Main(m, func() error { return goleak.Find() })) }

// build bundles a source that imports parts of the driver.
func build(t testing.TB, name, source string) string {
	t.Helper()
	outputs, err := clientjs.Build(clientjs.BuildOptions{
		Files: clientjs.Sources, Entries: []string{name}, Virtual: map[string]string{name: source}, Format: clientjs.IIFE,
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, output := range outputs {
		if strings.HasSuffix(output.Path, ".js") {
			return string(output.Content)
		}
	}
	t.Fatal("the bundle has no script")
	return ""
}
