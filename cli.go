package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"fazt/server/op"
)

// Exit codes, the same for every command.
const (
	exitOK          = 0
	exitFailed      = 1 // the operation answered an error
	exitUsage       = 2 // the command line was wrong; nothing was sent
	exitUnreachable = 3 // no server answered
)

// streams are a command's surroundings, so that tests can run commands in
// their own process.
type streams struct {
	in       io.Reader
	out, err io.Writer
	getenv   func(string) string
	terminal bool // out is a terminal: print tables
}

func systemStreams() *streams {
	info, err := os.Stdout.Stat()
	return &streams{
		in: os.Stdin, out: os.Stdout, err: os.Stderr, getenv: os.Getenv,
		terminal: err == nil && info.Mode()&os.ModeCharDevice != 0,
	}
}

// commands are the ones that are no operations. Operations come from the
// registry as `fazt NOUN VERB`.
type commands struct {
	Server struct {
		Start startCommand `cmd:"" help:"Serve. With no flags it works at once, on 127.0.0.1:8080 with data.db."`
	} `cmd:"" help:"Run the server."`
	Open    openCommand    `cmd:"" help:"Open the admin page in the browser, signed in, for a server on this machine."`
	Connect connectCommand `cmd:"" help:"Write the configuration of an MCP client: claude, cursor, vscode or codex."`
	Login   loginCommand   `cmd:"" help:"Save the address and token that operations use."`
	Token   struct {
		Reset tokenResetCommand `cmd:"" help:"Make a new owner token while the server is stopped."`
	} `cmd:"" help:"Tokens."`
	Loadtest loadtestCommand `cmd:"" help:"Play many people at once against a server of yours, and compare with what it predicts."`
	Deploy   deployCommand   `cmd:"" help:"Publish a folder, or a zip or tar, as an app's site: fazt deploy ./dist --app shop."`
	Backup   backupCommand   `cmd:"" help:"Write a consistent copy of the database to standard output: fazt backup > f.db."`
	Restore  restoreCommand  `cmd:"" help:"Make a backup the database, while the server is stopped."`
	Db       struct {
		Check dbCheckCommand `cmd:"" help:"Read the whole database file and say what is wrong with it."`
	} `cmd:"" help:"The database file."`
	Export  exportCommand  `cmd:"" help:"Write an app as one archive, or a collection as CSV, to standard output: fazt export shop > shop.tar.gz, fazt export shop/people > people.csv."`
	Import  importCommand  `cmd:"" help:"Make an app of an archive, or documents of a CSV or JSON file: fazt import shop/people people.csv."`
	Origin  originCommands `cmd:"" help:"The sites whose scripts may call this server."`
	Types   typesCommand   `cmd:"" help:"Print the TypeScript types of an app's collections: fazt types --app shop > shop.d.ts."`
	Recipe  recipeCommands `cmd:"" help:"Recipes as files. Their operations are in fazt recipe."`
	Mcp     mcpCommand     `cmd:"" name:"mcp" help:"Bridge MCP from standard input and output to the server."`
	Module  moduleCommand  `cmd:"" help:"Save the ES module for scripts: fazt module -o fazt.mjs."`
	Openapi openapiCommand `cmd:"" name:"openapi" help:"Print the OpenAPI 3.1 document."`
	Skill   skillCommand   `cmd:"" help:"Print how an agent works with fazt, as a skill file."`
	Version versionCommand `cmd:"" help:"Print the version."`
}

// runCommand runs one command line and returns its exit code.
func runCommand(ctx context.Context, args []string, std *streams) int {
	registry, err := describe()
	if err != nil {
		return report(std, err)
	}
	if len(args) == 0 || slices.Contains([]string{"help", "-h", "--help"}, args[0]) {
		fmt.Fprint(std.out, overview(registry))
		return exitOK
	}
	if o, noun, ok := findCommand(registry, args); ok {
		if o == nil {
			fmt.Fprint(std.err, nounHelp(registry, noun, args[1:]))
			return exitUsage
		}
		return report(std, runOperation(ctx, o, args[2:], std))
	}
	return report(std, runKong(ctx, args, std, registry))
}

// ownVerbs are commands of their own under an operation's noun.
var ownVerbs = map[string][]string{"token": {"reset"}, "recipe": {"new", "push", "pull", "show", "test"}}

// findCommand decides whether the arguments name an operation.
func findCommand(registry *op.Registry, args []string) (*op.Operation, string, bool) {
	noun := args[0]
	isNoun := slices.ContainsFunc(registry.All(), func(o *op.Operation) bool { return o.Noun() == noun })
	if !isNoun || len(args) > 1 && slices.Contains(ownVerbs[noun], args[1]) {
		return nil, "", false
	}
	if len(args) == 1 {
		return nil, noun, true
	}
	o, _ := registry.Lookup(noun + "_" + strings.ReplaceAll(args[1], "-", "_"))
	return o, noun, true
}

// usageError is a mistake in the command line.
type usageError struct{ message, hint string }

func (e *usageError) Error() string { return e.message }

// unreachableError is a server that did not answer.
type unreachableError struct {
	url   string
	cause error
}

func (e *unreachableError) Error() string {
	return fmt.Sprintf("no server answers at %s: %v", e.url, e.cause)
}

func (e *unreachableError) Unwrap() error { return e.cause }

// errHelp ends a command that only printed its help.
var errHelp = errors.New("help")

func runKong(ctx context.Context, args []string, std *streams, registry *op.Registry) error {
	var cli commands
	helped := false
	parser, err := kong.New(&cli,
		kong.Name("fazt"), kong.Writers(std.out, std.err), kong.Exit(func(int) { helped = true }),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(std, registry),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true}),
	)
	if err != nil {
		return err
	}
	parsed, err := parser.Parse(args)
	if helped {
		return errHelp
	}
	if err != nil {
		names := append(commandNames(parser.Model), nouns(registry)...)
		hint := "see fazt help"
		if name, ok := op.Nearest(args[0], names); ok && !slices.Contains(names, args[0]) {
			hint = fmt.Sprintf("did you mean fazt %s? All commands: fazt help", name)
		}
		return &usageError{message: err.Error(), hint: hint}
	}
	return parsed.Run()
}

func commandNames(model *kong.Application) []string {
	var names []string
	for _, child := range model.Children {
		names = append(names, child.Name)
	}
	return names
}

// report prints an error with its next step and returns the exit code.
func report(std *streams, err error) int {
	var usage *usageError
	var unreachable *unreachableError
	var coded *op.Error
	var start *startError
	switch {
	case err == nil || errors.Is(err, errHelp):
		return exitOK
	case errors.As(err, &usage):
		fmt.Fprintf(std.err, "fazt: %s\n", usage.message)
		printHint(std, usage.hint)
		return exitUsage
	case errors.As(err, &unreachable):
		fmt.Fprintf(std.err, "fazt: %s\n", unreachable)
		printHint(std, "start one with fazt server start, or set FAZT_URL")
		return exitUnreachable
	case errors.As(err, &start):
		fmt.Fprintf(std.err, "fazt: %s\n", start.message)
		printHint(std, start.hint)
		return exitFailed
	case errors.As(err, &coded):
		fmt.Fprintf(std.err, "fazt: %s: %s\n", coded.Code, coded.Detail)
		printHint(std, coded.Hint)
		return exitFailed
	}
	fmt.Fprintf(std.err, "fazt: %v\n", err)
	return exitFailed
}

func printHint(std *streams, hint string) {
	if hint != "" {
		fmt.Fprintf(std.err, "  %s\n", hint)
	}
}

func nouns(registry *op.Registry) []string {
	var list []string
	for _, o := range registry.All() {
		if !slices.Contains(list, o.Noun()) {
			list = append(list, o.Noun())
		}
	}
	return list
}

// overview is `fazt help`.
func overview(registry *op.Registry) string {
	var b strings.Builder
	b.WriteString(`fazt: a personal cloud in one program and one database file

  fazt server start         serve on 127.0.0.1:8080 with data.db
  fazt open                 open the admin page, signed in
  fazt connect CLIENT       configure claude, cursor, vscode or codex
  fazt login [URL]          save the address and token that operations use
  fazt origin add URL       let scripts of a site call this server with a token
  fazt token reset          make a new owner token (server stopped)
  fazt backup --dir DIR     a consistent copy of the database (or: fazt backup > f.db)
  fazt restore FILE         make a backup the database (server stopped)
  fazt db check             read the whole file and say what is wrong
  fazt export --app APP > f an app as one archive; fazt import f makes an app of it
  fazt export APP/COLL > f  a collection as CSV; fazt import APP/COLL f makes documents of it
  fazt loadtest             play many people at once, and compare with the prediction

  fazt mcp                  MCP over standard input and output
  fazt module -o fazt.mjs   the ES module for scripts
  fazt types --app APP      the TypeScript types of an app's collections
  fazt openapi | skill | version

Operations, as fazt NOUN VERB (fazt NOUN for help; FAZT_URL and FAZT_TOKEN say where):

`)
	for _, noun := range nouns(registry) {
		var verbs []string
		for _, o := range registry.All() {
			if o.Noun() == noun {
				verbs = append(verbs, strings.ReplaceAll(o.Verb(), "_", "-"))
			}
		}
		fmt.Fprintf(&b, "  %-10s %s\n", noun, strings.Join(verbs, ", "))
	}
	return b.String()
}

// nounHelp lists a noun's operations, and says when a verb is unknown.
func nounHelp(registry *op.Registry, noun string, rest []string) string {
	var b strings.Builder
	var verbs []string
	for _, o := range registry.All() {
		if o.Noun() == noun {
			verbs = append(verbs, strings.ReplaceAll(o.Verb(), "_", "-"))
		}
	}
	if len(rest) > 0 && !strings.HasPrefix(rest[0], "-") {
		fmt.Fprintf(&b, "fazt: no operation %s %s%s\n\n", noun, rest[0], op.Suggest(rest[0], verbs))
	}
	for _, verb := range verbs {
		o, _ := registry.Lookup(noun + "_" + strings.ReplaceAll(verb, "-", "_"))
		fmt.Fprintf(&b, "  fazt %s %-16s %s\n", noun, verb, o.Summary)
	}
	return b.String()
}
