package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"fazt/server/op"
)

// runOperation carries out `fazt NOUN VERB …` over HTTP.
func runOperation(ctx context.Context, o *op.Operation, args []string, std *streams) error {
	// Also behind other flags, as people ask in the middle of a line.
	if n := len(args); n > 0 && slices.ContainsFunc([]string{args[0], args[n-1]}, func(a string) bool { return a == "-h" || a == "--help" }) {
		fmt.Fprint(std.out, op.CommandHelp(o))
		return nil
	}
	args, content, err := takeContent(o, args, std)
	if err != nil {
		return err
	}
	if content != nil {
		defer content.Close()
	}
	if o.Name == "secret_set" {
		if args, err = secretArgs(args, std); err != nil {
			return err
		}
	}
	input, envelope, err := op.ParseFlags(o, args, op.FlagSources{Stdin: std.in, Open: openFile})
	if err != nil {
		return &usageError{message: op.AsError(err).Detail, hint: hintOr(err, "see fazt "+o.Noun()+" "+verbOf(o)+" --help")}
	}
	client, err := newAPIClient(std)
	if err != nil {
		return err
	}
	var answer io.ReadCloser
	if content != nil {
		answer, err = client.call(ctx, o, input, envelope, content)
	} else {
		answer, err = client.call(ctx, o, input, envelope)
	}
	if err != nil {
		return err
	}
	defer answer.Close()
	return printAnswer(std, o, answer)
}

// takeContent takes the bytes of an operation that takes some out of its
// arguments: @FILE or - at either end. They are streamed, so ParseFlags, which
// holds what it reads, does not see them.
func takeContent(o *op.Operation, args []string, std *streams) ([]string, io.ReadCloser, error) {
	if !o.TakesBody {
		return args, nil, nil
	}
	for _, at := range []int{0, len(args) - 1} {
		if at < 0 || args[at] != "-" && !strings.HasPrefix(args[at], "@") {
			continue
		}
		if at > 0 && strings.HasPrefix(args[at-1], "--") && !strings.Contains(args[at-1], "=") {
			continue // the value of a flag
		}
		content := io.NopCloser(std.in)
		if args[at] != "-" {
			file, err := openFile(args[at][1:])
			if err != nil {
				return nil, nil, &usageError{message: err.Error(), hint: "give the file as @PATH"}
			}
			content = file
		}
		return slices.Delete(slices.Clone(args), at, at+1), content, nil
	}
	return args, nil, nil
}

func openFile(path string) (io.ReadCloser, error) { return os.Open(path) }

func verbOf(o *op.Operation) string { return strings.ReplaceAll(o.Verb(), "_", "-") }

func hintOr(err error, hint string) string {
	if e := op.AsError(err); e.Hint != "" {
		return e.Hint
	}
	return hint
}

// printAnswer copies streams and bytes as they come, prints a table on a
// terminal and compact JSON into a pipe.
func printAnswer(std *streams, o *op.Operation, answer io.Reader) error {
	if o.Bytes || o.Streams {
		_, err := io.Copy(std.out, answer)
		return err
	}
	body, err := io.ReadAll(answer)
	if err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	if !std.terminal {
		_, err := fmt.Fprintf(std.out, "%s\n", body)
		return err
	}
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		return fmt.Errorf("the answer is not JSON: %w", err)
	}
	return printTable(std.out, o, body)
}
