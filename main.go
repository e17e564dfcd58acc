// Command fazt is a personal cloud in one program and one database file.
//
// `fazt server start` serves; every other command talks to a server over HTTP
// (see cli.go) or to the one on this machine through its local socket (see
// local.go).
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"fazt/recipes"
)

// version is set by the release build with -ldflags.
var version = "0.11.0"

func main() {
	if len(os.Args) > 1 && os.Args[1] == recipes.WorkerCommand {
		os.Exit(recipes.WorkerMain(os.Stdin, os.Stdout)) // a child that runs user code, and nothing else
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends what the first one did not
	if len(os.Args) > 1 && os.Args[1] == loadWorkerCommand {
		os.Exit(loadWorkerMain(ctx, os.Stdin, os.Stdout, os.Stderr))
	}
	code := runCommand(ctx, os.Args[1:], systemStreams())
	stop()
	os.Exit(code)
}
