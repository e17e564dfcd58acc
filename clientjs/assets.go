package clientjs

import (
	"fmt"
	"path"
	"strings"
)

// Options are what the bundle takes from the registry of operations.
type Options struct {
	Operations   string // the TypeScript source imported as "fazt:operations"
	Declarations string // the types of the operations, for the .d.ts
}

// Assets are the client as a server hands it out.
type Assets struct {
	module []byte
	driver []byte
	hash   string
	files  map[string]*file // by URL path
}

// Where the entries stand in Sources.
const (
	moduleEntry = "src/fazt.ts"
	driverEntry = "src/driver/main.ts"
)

// Bundle builds the client. It takes a tenth of a second, so a server does it
// once, at its start.
func Bundle(o Options) (*Assets, error) {
	virtual := map[string]string{"fazt:operations": o.Operations}
	hashed, err := Build(BuildOptions{
		Files: Sources, Entries: []string{moduleEntry}, Virtual: virtual, Format: ESM, Hashed: true, Minify: true,
	})
	if err != nil {
		return nil, err
	}
	module, err := single(BuildOptions{Files: Sources, Entries: []string{moduleEntry}, Virtual: virtual, Format: ESM})
	if err != nil {
		return nil, err
	}
	driver, err := single(BuildOptions{Files: Sources, Entries: []string{driverEntry}, Format: IIFE, Minify: true})
	if err != nil {
		return nil, err
	}
	types, err := types(o.Declarations)
	if err != nil {
		return nil, err
	}
	a := &Assets{module: module, driver: driver, files: map[string]*file{}}
	a.addModule(hashed)
	a.files["/agent/fazt.d.ts"] = revalidated("text/plain; charset=utf-8", []byte(types))
	return a, nil
}

// single builds one entry into one file without a source map.
func single(o BuildOptions) ([]byte, error) {
	o.NoMaps = true
	outputs, err := Build(o)
	if err != nil {
		return nil, err
	}
	if len(outputs) != 1 {
		return nil, fmt.Errorf("bundle %s: %d files, want one", o.Entries[0], len(outputs))
	}
	return outputs[0].Content, nil
}

// addModule adds the hashed files, and the plain name that re-exports the
// entry. A redirect would make two instances of the module in a page.
func (a *Assets) addModule(outputs []Output) {
	for _, output := range outputs {
		a.files[output.Path] = immutable(contentType(output.Path), output.Content)
		if output.Entry == moduleEntry {
			name := path.Base(output.Path)
			a.hash = strings.TrimSuffix(strings.TrimPrefix(name, "fazt-"), ".js")
			a.files["/agent/fazt.js"] = revalidated(javaScript, fmt.Appendf(nil, "export * from \"./%s\";\n", name))
		}
	}
}

const javaScript = "text/javascript; charset=utf-8"

func contentType(name string) string {
	if path.Ext(name) == ".map" {
		return "application/json"
	}
	return javaScript
}

// Module returns the whole module as one file, for Node and for scripts.
func (a *Assets) Module() []byte { return a.module }

// Driver returns the page driver as a script that runs at once.
func (a *Assets) Driver() []byte { return a.driver }

// Hash names the module's content: a page that has another one is out of date.
func (a *Assets) Hash() string { return a.hash }
