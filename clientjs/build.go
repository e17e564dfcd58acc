package clientjs

import (
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// Format is the form of a bundle.
type Format string

// The forms: a module, and a script that runs at once and keeps its names.
const (
	ESM  Format = "esm"
	IIFE Format = "iife"
)

// BuildOptions say what is bundled.
type BuildOptions struct {
	Files    fs.FS             // all that may be read
	Entries  []string          // paths in Files, or names of Virtual
	Virtual  map[string]string // TypeScript sources by the exact name they are imported under
	External map[string]string // modules that stay outside: the URL by the name they are imported under
	Format   Format
	Hashed   bool // name the outputs by their content, and split what entries share
	Minify   bool
	NoMaps   bool   // leave source maps out
	Base     string // the URL folder of the outputs; the default is /agent
}

// Output is one file of a bundle; Path begins with the base.
type Output struct {
	Path    string
	Content []byte
	Entry   string // the entry it was made from; "" for chunks and source maps
}

// Build bundles entries. TypeScript, CSS (as an output of its own) and imports
// of .css?text and .svg?text (as a string) are understood.
func Build(o BuildOptions) ([]Output, error) {
	if o.Base == "" {
		o.Base = "/agent"
	}
	options := api.BuildOptions{
		EntryPoints: o.Entries, Bundle: true, Write: false, Outdir: o.Base, AbsWorkingDir: "/",
		Format: api.FormatESModule, Target: api.ES2022, Platform: api.PlatformBrowser,
		Sourcemap: api.SourceMapLinked, TsconfigRaw: "{}", LogLevel: api.LogLevelSilent,
		LegalComments: api.LegalCommentsNone, Charset: api.CharsetUTF8, Metafile: true,
		MinifyWhitespace: o.Minify, MinifyIdentifiers: o.Minify, MinifySyntax: o.Minify,
		Plugins: []api.Plugin{only(o)},
	}
	if o.NoMaps {
		options.Sourcemap = api.SourceMapNone
	}
	if o.Format == IIFE {
		options.Format = api.FormatIIFE
	}
	if o.Hashed {
		options.EntryNames, options.ChunkNames, options.Splitting = "[name]-[hash]", "[name]-[hash]", options.Format == api.FormatESModule
	}
	result := api.Build(options)
	if len(result.Errors) > 0 {
		return nil, fmt.Errorf("bundle %s: %s", strings.Join(o.Entries, ", "), describe(result.Errors[0]))
	}
	entries, err := entryPoints(result.Metafile)
	if err != nil {
		return nil, err
	}
	outputs := make([]Output, len(result.OutputFiles))
	for i, file := range result.OutputFiles {
		outputs[i] = Output{Path: file.Path, Content: file.Contents, Entry: entries[file.Path]}
	}
	return outputs, nil
}

func describe(m api.Message) string {
	if m.Location == nil {
		return m.Text
	}
	return fmt.Sprintf("%s:%d:%d: %s", m.Location.File, m.Location.Line, m.Location.Column+1, m.Text)
}

const (
	ours    = "fazt"
	virtual = "virtual"
)

// only resolves imports within Files and Virtual and refuses all others.
func only(o BuildOptions) api.Plugin {
	return api.Plugin{Name: "only", Setup: func(build api.PluginBuild) {
		build.OnResolve(api.OnResolveOptions{Filter: `.*`}, func(args api.OnResolveArgs) (api.OnResolveResult, error) {
			if url, ok := o.External[args.Path]; ok {
				return api.OnResolveResult{Path: url, External: true}, nil
			}
			if _, ok := o.Virtual[args.Path]; ok {
				return api.OnResolveResult{Path: args.Path, Namespace: virtual}, nil
			}
			name := args.Path
			if args.Kind != api.ResolveEntryPoint {
				if !strings.HasPrefix(name, ".") {
					return refused(args), nil
				}
				name = path.Join(path.Dir(args.Importer), name)
			}
			bare, suffix, _ := strings.Cut(name, "?")
			for _, candidate := range []string{bare, bare + ".ts"} {
				if info, err := fs.Stat(o.Files, candidate); err == nil && !info.IsDir() {
					return api.OnResolveResult{Path: candidate, Namespace: ours, PluginData: suffix, Suffix: query(suffix)}, nil
				}
			}
			return refused(args), nil
		})
		build.OnLoad(api.OnLoadOptions{Filter: `.*`, Namespace: ours}, func(args api.OnLoadArgs) (api.OnLoadResult, error) {
			content, err := fs.ReadFile(o.Files, args.Path)
			if err != nil {
				return api.OnLoadResult{}, err
			}
			text := string(content)
			return api.OnLoadResult{Contents: &text, Loader: loader(args.Path, args.PluginData)}, nil
		})
		build.OnLoad(api.OnLoadOptions{Filter: `.*`, Namespace: virtual}, func(args api.OnLoadArgs) (api.OnLoadResult, error) {
			text := o.Virtual[args.Path]
			return api.OnLoadResult{Contents: &text, Loader: api.LoaderTS}, nil
		})
	}}
}

func query(suffix string) string {
	if suffix == "" {
		return ""
	}
	return "?" + suffix
}

func refused(args api.OnResolveArgs) api.OnResolveResult {
	return api.OnResolveResult{Errors: []api.Message{{Text: fmt.Sprintf("%q is none of our sources", args.Path)}}}
}

func loader(name string, suffix any) api.Loader {
	if suffix == "text" {
		return api.LoaderText
	}
	switch path.Ext(name) {
	case ".css":
		return api.LoaderCSS
	case ".json":
		return api.LoaderJSON
	case ".js", ".mjs":
		return api.LoaderJS
	}
	return api.LoaderTS
}
