package clientjs_test

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

// probe is a script that puts what the driver exports about elements where a
// test can call it: globalThis.driver.
const probe = `
import { roleOf, allRoles } from "./src/driver/roles";
import { nameOf, descriptionOf } from "./src/driver/names";
import { statesOf } from "./src/driver/states";
import { isHidden, isVisible } from "./src/driver/visible";
import { isClickable } from "./src/driver/clickable";
import { isRedacted } from "./src/driver/values";
import { ownText, directText } from "./src/driver/text";
import { composedChildren, composedParent } from "./src/driver/dom";
import { withCache } from "./src/driver/cache";
(globalThis as any).driver = { roleOf, allRoles, nameOf, descriptionOf, statesOf, isHidden, isVisible, isClickable,
	isRedacted, ownText, directText, composedChildren, composedParent, withCache };
`

// buildProbe bundles the driver's parts for a page.
func buildProbe(t testing.TB) string {
	t.Helper()
	return build(t, "probe", probe)
}

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
