package recipes

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"unicode/utf8"
)

// Source is what an author wrote.
type Source struct {
	// Name is the file name in positions. Default "recipe.ts".
	Name string
	// Code is TypeScript or JavaScript, at most 256 KiB.
	Code string
	// Modules are further sources that it may import, by the name it imports
	// them under. They may import each other and "fazt".
	Modules map[string]string
}

// Compiled is a source that can run. It is immutable and may be shared.
type Compiled struct {
	Definition Definition
	source     Source
	script     string
	mapping    []byte
	isCode     bool
}

// Compile compiles a recipe and reads its definition. Errors are *CompileError,
// or ErrClosed.
func (p *Pool) Compile(ctx context.Context, source Source) (*Compiled, error) {
	return p.compile(ctx, source, false)
}

// CompileCode compiles a short piece of code that is no recipe: the body of an
// async function in which fazt, page, input and expect are known and whose
// return is the result, or a module whose default export is a function of
// { fazt, page, input, expect }. It runs as entry "default".
func (p *Pool) CompileCode(ctx context.Context, source Source) (*Compiled, error) {
	return p.compile(ctx, source, true)
}

func (p *Pool) compile(ctx context.Context, source Source, isCode bool) (*Compiled, error) {
	if source.Name == "" {
		source.Name = defaultSourceName
	}
	if err := checkSource(source); err != nil {
		return nil, err
	}
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.active.Done()
	proc, err := p.acquire(ctx)
	if err != nil {
		return nil, compileUnavailable(source, err)
	}
	req := &compileRequest{
		Name: source.Name, Code: source.Code, Modules: source.Modules,
		Body: isCode, Memory: defaultMemory,
	}
	t := turn{pool: p, proc: proc, budget: compileCPU}
	result := t.run(ctx, &request{Kind: requestCompile, Compile: req})
	sound := result.reply != nil && result.reply.Compiled != nil && result.reason == notStopped
	p.release(proc, sound)
	if !sound {
		return nil, p.compileStopped(source, proc, result)
	}
	answer := result.reply.Compiled
	if len(answer.Problems) > 0 {
		return nil, &CompileError{Code: CodeCompile, Problems: answer.Problems}
	}
	compiled := &Compiled{source: source, script: answer.Script, mapping: []byte(answer.Map), isCode: isCode}
	compiled.Definition = *answer.Definition
	compiled.Definition.Hash = hashOf(source.Code)
	return compiled, nil
}

func hashOf(code string) string {
	sum := sha256.Sum256([]byte(code))
	return hex.EncodeToString(sum[:])
}

func checkSource(source Source) error {
	total := len(source.Code)
	for _, module := range source.Modules {
		total += len(module)
	}
	switch {
	case total > maxSourceBytes:
		return compileFailure(CodeCompile, source, fmt.Sprintf("the source has %d bytes, at most %d are allowed", total, maxSourceBytes),
			"move data into the app's key-value store or documents and read it with fazt")
	case !utf8.ValidString(source.Code):
		return compileFailure(CodeCompile, source, "the source is not UTF-8", "save the file as UTF-8")
	}
	return nil
}

func compileFailure(code Code, source Source, message, hint string) *CompileError {
	problem := Problem{Position: Position{File: source.Name}, Message: message, Hint: hint}
	return &CompileError{Code: code, Problems: []Problem{problem}}
}

func compileUnavailable(source Source, err error) error {
	switch {
	case errors.Is(err, ErrClosed):
		return ErrClosed
	case errors.Is(err, context.DeadlineExceeded):
		return compileFailure(CodeDeadline, source, "no compiler was free in time", "try again later")
	case errors.Is(err, context.Canceled):
		return compileFailure(CodeCancelled, source, "the compilation was cancelled", "")
	default:
		return compileFailure(CodeWorkerDied, source, "no compiler process could be started", "look at the server's log")
	}
}

// compileStopped says why a compiler gave no answer. The process is gone.
func (p *Pool) compileStopped(source Source, proc *process, result turnResult) error {
	const simpler = "make the source smaller and nest less"
	switch result.reason {
	case stoppedCancel:
		return compileFailure(CodeCancelled, source, "the compilation was cancelled", "")
	case stoppedCPU, stoppedWall:
		if result.reply != nil && result.reply.Compiled != nil && len(result.reply.Compiled.Problems) > 0 {
			return &CompileError{Code: CodeDeadline, Problems: result.reply.Compiled.Problems}
		}
		return compileFailure(CodeDeadline, source, fmt.Sprintf("the source takes more than %v to compile", compileCPU), simpler)
	}
	if proc.exitCode == exitMemory {
		return compileFailure(CodeMemory, source, "the source needs too much memory to compile", simpler)
	}
	p.options.Logger.Warn("a recipe compiler died", "exit", proc.exitCode, "text", proc.lastText)
	return compileFailure(CodeWorkerDied, source, "the compiler ended on this source", simpler)
}
