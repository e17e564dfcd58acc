package recipes

import (
	"math"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// The script is an expression: a function of the library that runs the module
// and returns its exports. The line break keeps the author's part off line 1.
const (
	scriptHead = "(function(__fazt){\n"
	scriptTail = "\nreturn __r})"
)

// A code run without exports is the body of an async function. The inner block
// lets the author declare names that are also parameters.
const (
	bodyHead = "export default async ({ fazt, page, input, expect }) => {{\n"
	bodyTail = "\n}};"
)

// defaultSourceName names a source that has no name.
const defaultSourceName = "recipe.ts"

// built is a bundle with the way back to its source.
type built struct {
	script   string
	mapping  string
	problems []Problem
	source   *authored
}

// bundle compiles one source. It reads nothing but its arguments.
func bundle(req *compileRequest, body bool) built {
	code := req.Code
	if body {
		code = bodyHead + code + bodyTail
	}
	modules := withHelpers(req.Modules)
	result := api.Build(api.BuildOptions{
		Stdin:            &api.StdinOptions{Contents: code, Sourcefile: req.Name, Loader: api.LoaderTS},
		Bundle:           true,
		Write:            false,
		Outfile:          "/recipe.js",
		AbsWorkingDir:    "/",
		Format:           api.FormatIIFE,
		GlobalName:       "__r",
		Platform:         api.PlatformNeutral,
		Target:           api.ES2022,
		Sourcemap:        api.SourceMapExternal,
		SourcesContent:   api.SourcesContentExclude,
		MinifyWhitespace: true, // indentation of deep nesting grows with its square
		Charset:          api.CharsetASCII,
		LegalComments:    api.LegalCommentsNone,
		TsconfigRaw:      "{}",
		LogLevel:         api.LogLevelSilent,
		Plugins:          []api.Plugin{onlyKnownModules(modules)},
	})
	out := built{source: newAuthored(req.Name, req.Code, modules, body, nil)}
	for _, message := range result.Errors {
		out.problems = append(out.problems, out.source.problemOf(message))
	}
	for _, file := range result.OutputFiles {
		if strings.HasSuffix(file.Path, ".map") {
			out.mapping = string(file.Contents)
		} else {
			out.script = scriptHead + string(file.Contents) + scriptTail
		}
	}
	out.source = newAuthored(req.Name, req.Code, modules, body, []byte(out.mapping))
	return out
}

// problemOf puts one message of esbuild into our form: its columns are bytes
// from 0, and the way out is in its notes or its suggestion.
func (a *authored) problemOf(message api.Message) Problem {
	problem := Problem{Message: message.Text, Position: Position{File: a.name}}
	if at := message.Location; at != nil {
		file := at.File
		if at.Namespace == namespaceRecipe {
			file = namespaceRecipe + ":" + strings.TrimPrefix(file, namespaceRecipe+":")
		}
		if place, ok := a.position(file, at.Line, columnOf(at.LineText, at.Column)); ok {
			problem.Position = place
			problem.Frame = a.excerpt(place)
		}
		if at.Suggestion != "" {
			problem.Hint = "write " + at.Suggestion
		}
	}
	for _, note := range message.Notes {
		if problem.Hint == "" {
			problem.Hint = note.Text
		}
	}
	return problem
}

// compile answers one compile request.
func (w *worker) compile(req *compileRequest) (*compileReply, error) {
	if req.Body {
		return w.compileCode(req)
	}
	result := bundle(req, false)
	if len(result.problems) > 0 {
		return &compileReply{Problems: result.problems}, nil
	}
	turn, err := w.evaluateModule(result.script, "inspect", req.Memory)
	if err != nil {
		return nil, err
	}
	out := &compileReply{Script: result.script, Map: result.mapping, Failure: turn.Failure}
	if turn.Failure != "" || turn.Thrown != nil {
		out.Problems = []Problem{result.source.evaluationProblem(turn)}
		return out, nil
	}
	out.Definition, out.Problems = readDefinition(turn.Value, result.source)
	return out, nil
}

// compileCode accepts a function body first, since that is what most write,
// and a module with a default export otherwise.
func (w *worker) compileCode(req *compileRequest) (*compileReply, error) {
	asBody := bundle(req, true)
	if len(asBody.problems) == 0 {
		return &compileReply{Script: asBody.script, Map: asBody.mapping, Definition: &Definition{Body: true}}, nil
	}
	asModule := bundle(req, false)
	if len(asModule.problems) > 0 {
		if looksLikeModule(req.Code) {
			return &compileReply{Problems: asModule.problems}, nil
		}
		return &compileReply{Problems: asBody.problems}, nil
	}
	turn, err := w.evaluateModule(asModule.script, "probe", req.Memory)
	if err != nil {
		return nil, err
	}
	out := &compileReply{Script: asModule.script, Map: asModule.mapping, Definition: &Definition{}, Failure: turn.Failure}
	if turn.Failure != "" || turn.Thrown != nil {
		out.Problems = []Problem{asModule.source.evaluationProblem(turn)}
	} else if string(turn.Value) != "true" {
		out.Problems = []Problem{{
			Position: Position{File: req.Name},
			Message:  "the module has no default export that is a function",
			Hint:     "write export default async ({ fazt, page, input }) => { … }, or only statements with a return",
		}}
	}
	return out, nil
}

// looksLikeModule decides only which of two lists of errors to show.
func looksLikeModule(code string) bool {
	for line := range strings.Lines(code) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "export ") || strings.HasPrefix(line, "import ") {
			return true
		}
	}
	return false
}

// evaluateModule runs the top level of a module in a VM that refuses every
// host call, and answers what the prelude's function says of it.
func (w *worker) evaluateModule(script, function string, memory int64) (*turnReply, error) {
	limits := vmLimits{Memory: memory, OutputBytes: math.MaxInt32}
	box, err := w.open(limits)
	if err != nil {
		return nil, err
	}
	return box.evaluate(script, function), nil
}

// evaluationProblem says why a module's top level did not come to its end.
func (a *authored) evaluationProblem(turn *turnReply) Problem {
	problem := Problem{Position: Position{File: a.name}}
	var stack string
	if turn.Thrown != nil {
		stack = turn.Thrown.Stack
	}
	switch {
	case turn.Failure == CodeTooManyCalls || turn.Failure == CodeArgsTooLarge:
		problem.Message = "the module calls the host when it is loaded"
		problem.Hint = "call fazt and page only inside ui, api, check and undo"
	case turn.Failure == codeInterrupted:
		problem.Message = "loading the module took too long"
		problem.Hint = "the top level may only define things; move work into ui or api"
	case turn.Failure != "":
		problem.Message = "loading the module failed: " + string(turn.Failure)
	case turn.Thrown.Thrown == "no_default":
		problem.Message = "the module has no default export"
		problem.Hint = "write export default defineRecipe({ … })"
	case turn.Thrown.Thrown == "not_defined":
		problem.Message = "the default export is not a recipe"
		problem.Hint = `import { defineRecipe } from "fazt" and write export default defineRecipe({ … })`
	default:
		problem.Message = "loading the module failed: " + turn.Thrown.text()
		problem.Hint = turn.Thrown.Hint
	}
	if frames := a.stack(stack); len(frames) > 0 {
		problem.Position = frames[0].Position
		problem.Frame = a.excerpt(problem.Position)
	}
	return problem
}

// text is the thrown value as one line.
func (t *thrown) text() string {
	switch {
	case t.Thrown != "error":
		return "threw " + t.Message
	case t.Name == "" || t.Name == "Error":
		return t.Message
	default:
		return t.Name + ": " + t.Message
	}
}
