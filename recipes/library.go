package recipes

import (
	_ "embed" // the helpers below
	"maps"
)

// helpersModule is the second import that every recipe has.
const helpersModule = "fazt/lib"

//go:embed lib/lib.ts
var helpersSource string

// withHelpers adds the helpers to the modules of a source.
func withHelpers(modules map[string]string) map[string]string {
	all := map[string]string{helpersModule: helpersSource}
	maps.Copy(all, modules)
	return all
}
