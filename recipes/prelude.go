package recipes

import (
	"embed"
	"errors"
	"fmt"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

//go:embed prelude/*.ts
var preludeSources embed.FS

// buildPrelude bundles prelude/main.ts to one expression that evaluates to its
// exports. It stays on one line: stack frames on line 1 are the prelude's, all
// others the author's (see positions).
func buildPrelude() (string, error) {
	result := api.Build(api.BuildOptions{
		EntryPoints:      []string{"main.ts"},
		Bundle:           true,
		Write:            false,
		Outfile:          "/prelude.js",
		AbsWorkingDir:    "/",
		Format:           api.FormatIIFE,
		GlobalName:       "__p",
		MinifyWhitespace: true,
		Charset:          api.CharsetASCII,
		Target:           api.ES2022,
		TsconfigRaw:      "{}",
		LogLevel:         api.LogLevelSilent,
		Plugins:          []api.Plugin{embeddedSources(preludeSources, "prelude")},
	})
	if len(result.Errors) > 0 {
		first := result.Errors[0]
		return "", fmt.Errorf("build the recipe prelude: %s", first.Text)
	}
	bundle := strings.TrimSpace(string(result.OutputFiles[0].Contents))
	if strings.Contains(bundle, "\n") {
		return "", errors.New("build the recipe prelude: it is not on one line")
	}
	return "(function(){" + bundle + "return __p})()", nil
}
