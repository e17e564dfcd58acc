package recipes

import (
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// libraryModule is the one import that every recipe has. Its values come from
// the prelude of the VM, through the parameter of the script's function.
const (
	libraryModule = "fazt"
	librarySource = `export const { defineRecipe, expect } = __fazt;`
)

const (
	namespaceLibrary = "fazt"
	namespaceRecipe  = "recipe"
)

// onlyKnownModules resolves `fazt` and the given modules from memory and
// refuses all else. esbuild's own resolver is never reached: it would read the
// disk of the machine.
func onlyKnownModules(modules map[string]string) api.Plugin {
	return api.Plugin{Name: "recipes", Setup: func(build api.PluginBuild) {
		build.OnResolve(api.OnResolveOptions{Filter: `.*`}, func(args api.OnResolveArgs) (api.OnResolveResult, error) {
			if args.Kind == api.ResolveEntryPoint {
				return api.OnResolveResult{}, nil
			}
			if args.Path == libraryModule {
				return api.OnResolveResult{Path: args.Path, Namespace: namespaceLibrary}, nil
			}
			if _, ok := modules[args.Path]; ok {
				return api.OnResolveResult{Path: args.Path, Namespace: namespaceRecipe}, nil
			}
			return api.OnResolveResult{Errors: []api.Message{unknownImport(args.Path, modules)}}, nil
		})
		build.OnLoad(api.OnLoadOptions{Filter: `.*`, Namespace: namespaceLibrary}, func(api.OnLoadArgs) (api.OnLoadResult, error) {
			source := librarySource
			return api.OnLoadResult{Contents: &source, Loader: api.LoaderJS}, nil
		})
		build.OnLoad(api.OnLoadOptions{Filter: `.*`, Namespace: namespaceRecipe}, func(args api.OnLoadArgs) (api.OnLoadResult, error) {
			source := modules[args.Path]
			return api.OnLoadResult{Contents: &source, Loader: api.LoaderTS}, nil
		})
	}}
}

func unknownImport(name string, modules map[string]string) api.Message {
	allowed := append([]string{libraryModule}, slices.Sorted(maps.Keys(modules))...)
	return api.Message{
		Text:  "a recipe cannot import \"" + name + "\"",
		Notes: []api.Note{{Text: "it can import: " + strings.Join(allowed, ", ")}},
	}
}

// embeddedSources resolves relative imports within one folder of an fs.FS.
func embeddedSources(files fs.FS, folder string) api.Plugin {
	return api.Plugin{Name: "embedded", Setup: func(build api.PluginBuild) {
		build.OnResolve(api.OnResolveOptions{Filter: `.*`}, func(args api.OnResolveArgs) (api.OnResolveResult, error) {
			name := strings.TrimSuffix(path.Base(args.Path), ".ts") + ".ts"
			return api.OnResolveResult{Path: name, Namespace: "embedded"}, nil
		})
		build.OnLoad(api.OnLoadOptions{Filter: `.*`, Namespace: "embedded"}, func(args api.OnLoadArgs) (api.OnLoadResult, error) {
			content, err := fs.ReadFile(files, path.Join(folder, args.Path))
			if err != nil {
				return api.OnLoadResult{}, err
			}
			source := string(content)
			return api.OnLoadResult{Contents: &source, Loader: api.LoaderTS}, nil
		})
	}}
}
