package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"golang.org/x/term"
)

// secretArgs makes `fazt secret set NAME --origin URL` the operation's own
// arguments. The value comes from a prompt or standard input: other users of the
// machine can read a process's arguments, and a shell keeps them.
func secretArgs(args []string, std *streams) ([]string, error) {
	args = slices.Clone(args)
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		args = slices.Insert(args, 0, "--name")
	}
	for i, arg := range args {
		switch flag, rest, _ := strings.Cut(arg, "="); {
		case flag == "--value":
			return nil, &usageError{message: "a secret is never an argument, which others can read", hint: "leave --value out and type it, or: fazt secret set NAME --origin URL < FILE"}
		case flag == "--origin" && rest != "":
			args[i] = "--origins=" + rest
		case flag == "--origin":
			args[i] = "--origins"
		}
	}
	if slices.ContainsFunc(args, func(a string) bool { return strings.HasPrefix(a, "--value-file") }) {
		return args, nil
	}
	value, err := readSecret(std)
	if err != nil {
		return nil, err
	}
	std.in = strings.NewReader(value)
	return append(args, "--value-file", "-"), nil
}

// readSecret takes one line that is typed unseen, or all of what is piped in
// without its last line end.
func readSecret(std *streams) (string, error) {
	if file, ok := std.in.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		fmt.Fprint(std.err, "value: ")
		defer fmt.Fprintln(std.err)
		value, err := term.ReadPassword(int(file.Fd()))
		return string(value), err
	}
	text, err := io.ReadAll(std.in)
	return strings.TrimSuffix(strings.TrimSuffix(string(text), "\n"), "\r"), err
}
