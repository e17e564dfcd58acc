package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The repository's own rules, held by tests so that they stay true.

// arrows says which packages of fazt each package may import, and why it is
// so little: a leaf can be read, tested and replaced alone.
var arrows = map[string][]string{
	"server/op":       {},                                                                                                    // the core knows no other part
	"storage":         {},                                                                                                    // an engine that knows no operation
	"clientjs":        {},                                                                                                    // sources and their bundler
	"server/capacity": {"server/op"},                                                                                         // admission is one of op's ports
	"recipes":         {"clientjs", "server/op"},                                                                             // format, compiler, sandbox; no persistence
	"server/ui":       {"clientjs"},                                                                                          // a page over the ES module
	"server/auth":     {"storage", "server/op"},                                                                              // who calls
	"server/tabular":  {},                                                                                                    // files of rows
	"server":          {"storage", "clientjs", "server/op", "server/auth", "server/capacity", "server/ui", "server/tabular"}, // HTTP
	"agent":           {"storage", "recipes", "clientjs", "server/op"},                                                       // MCP, tabs, runs
}

// goFile is one parsed file with its folder, which is its package's path.
type goFile struct {
	dir, name string
	file      *ast.File
	fset      *token.FileSet
}

func goFiles(t *testing.T, mode parser.Mode) []goFile {
	t.Helper()
	var files []goFile
	err := filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (entry.Name() == "node_modules" || entry.Name() == "testdata" || name != "." && strings.HasPrefix(entry.Name(), ".")) {
			return fs.SkipDir
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, name, nil, mode)
		if err != nil {
			return err
		}
		files = append(files, goFile{dir: filepath.ToSlash(filepath.Dir(name)), name: filepath.ToSlash(name), file: file, fset: fset})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// roomOf returns the listed package that a folder belongs to: a helper package
// below a room follows the room's rule.
func roomOf(dir string) (string, bool) {
	for dir != "." && dir != "/" {
		if _, ok := arrows[dir]; ok {
			return dir, true
		}
		dir = path.Dir(dir)
	}
	return "", false
}

func TestImportArrows(t *testing.T) {
	t.Parallel()
	for _, f := range goFiles(t, parser.ImportsOnly) {
		if f.dir == "." {
			continue // the root puts all parts together
		}
		room, ok := roomOf(f.dir)
		if !ok {
			t.Errorf("%s: the folder %s is no room of the house; add it to arrows with its reason", f.name, f.dir)
			continue
		}
		for _, spec := range f.file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			target, ours := strings.CutPrefix(imported, "fazt/")
			if !ours {
				continue
			}
			targetRoom, _ := roomOf(target)
			if targetRoom != room && !slices.Contains(arrows[room], targetRoom) {
				t.Errorf("%s imports %s, but %s may import only %v", f.name, imported, room, arrows[room])
			}
		}
	}
}

func TestPackageComments(t *testing.T) {
	t.Parallel()
	documented := map[string]bool{}
	for _, f := range goFiles(t, parser.PackageClauseOnly|parser.ParseComments) {
		if strings.HasSuffix(f.name, "_test.go") {
			continue
		}
		documented[f.dir] = documented[f.dir] || f.file.Doc != nil && len(f.file.Doc.Text()) > 40
	}
	for dir, ok := range documented {
		if !ok {
			t.Errorf("package %s has no comment that says what it is", dir)
		}
	}
}

// TestOperationsAreDefinedOnce looks for the Name of each operation: one
// literal, in a file named ops_*.go.
func TestOperationsAreDefinedOnce(t *testing.T) {
	t.Parallel()
	registry, err := describe()
	if err != nil {
		t.Fatal(err)
	}
	places := map[string][]string{}
	for _, f := range goFiles(t, 0) {
		if strings.HasSuffix(f.name, "_test.go") {
			continue
		}
		ast.Inspect(f.file, func(n ast.Node) bool {
			pair, ok := n.(*ast.KeyValueExpr)
			if !ok {
				return true
			}
			key, isName := pair.Key.(*ast.Ident)
			value, isText := pair.Value.(*ast.BasicLit)
			if isName && isText && key.Name == "Name" && strings.HasPrefix(path.Base(f.name), "ops_") {
				name, _ := strconv.Unquote(value.Value)
				places[name] = append(places[name], f.name)
			}
			return true
		})
	}
	for _, o := range registry.All() {
		if len(places[o.Name]) != 1 {
			t.Errorf("operation %s is defined in %v, want one place in an ops_*.go", o.Name, places[o.Name])
		}
	}
}

// TestArchitectureNamesExist holds ARCHITECTURE.md to the code: every `name`
// of the form package.Identifier or path in it exists.
func TestArchitectureNamesExist(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	declared := declarations(t)
	quoted := regexp.MustCompile("`([^`\n]+)`")
	qualified := regexp.MustCompile(`^(?:[a-z]+\.)?([A-Z][A-Za-z]+)(?:\.([A-Z][A-Za-z]+))?$`)
	filePath := regexp.MustCompile(`^[a-z_./-]+\.(go|ts|md|json|sql)$|^[a-z]+(/[a-z]+)*/$`)
	checked := 0
	for _, m := range quoted.FindAllStringSubmatch(string(text), -1) {
		name := m[1]
		switch {
		case filePath.MatchString(name):
			checked++
			if _, err := os.Stat(filepath.FromSlash(name)); err != nil {
				t.Errorf("ARCHITECTURE.md names %s, which is not there", name)
			}
		case qualified.MatchString(name):
			checked++
			for _, part := range qualified.FindStringSubmatch(name)[1:] {
				if part != "" && !declared[part] {
					t.Errorf("ARCHITECTURE.md names %s, but nothing declares %s", name, part)
				}
			}
		}
	}
	if checked < 20 {
		t.Errorf("only %d names were checked; the patterns no longer fit the text", checked)
	}
}

// declarations returns every name that our Go code declares.
func declarations(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	for _, f := range goFiles(t, parser.SkipObjectResolution) {
		ast.Inspect(f.file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				names[n.Name.Name] = true
			case *ast.TypeSpec:
				names[n.Name.Name] = true
			case *ast.Field:
				for _, id := range n.Names {
					names[id.Name] = true
				}
			case *ast.ValueSpec:
				for _, id := range n.Names {
					names[id.Name] = true
				}
			}
			return true
		})
	}
	return names
}

// TestLibcFollowsSQLite: modernc.org/sqlite is tested with one version of its
// C library, and another has corrupted databases; QuickJS must follow.
func TestLibcFollowsSQLite(t *testing.T) {
	t.Parallel()
	ours := requirement(t, "go.mod", "modernc.org/libc")
	sqlite := requirement(t, "go.mod", "modernc.org/sqlite")
	cache := os.Getenv("GOMODCACHE")
	if cache == "" {
		cache = filepath.Join(goPath(t), "pkg", "mod")
	}
	theirs := requirement(t, filepath.Join(cache, "modernc.org", "sqlite@"+sqlite, "go.mod"), "modernc.org/libc")
	if ours != theirs {
		t.Errorf("go.mod requires modernc.org/libc %s, but sqlite %s is built with %s", ours, sqlite, theirs)
	}
}

func goPath(t *testing.T) string {
	t.Helper()
	if p := os.Getenv("GOPATH"); p != "" {
		return filepath.SplitList(p)[0]
	}
	home, err := os.UserHomeDir()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(home, "go")
}

func requirement(t *testing.T, file, module string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(regexp.QuoteMeta(module) + ` (v\S+)`).FindSubmatch(text)
	if m == nil {
		t.Fatalf("%s does not require %s", file, module)
	}
	return string(m[1])
}

// maxLines is the length past which a newcomer would dread to open a file.
const maxLines = 600

func TestFilesAreShort(t *testing.T) {
	t.Parallel()
	for _, f := range goFiles(t, parser.PackageClauseOnly) {
		text, err := os.ReadFile(f.name)
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(text), "\n"); n > maxLines {
			t.Errorf("%s has %d lines, over %d: split it by noun or verb", f.name, n, maxLines)
		}
	}
}
