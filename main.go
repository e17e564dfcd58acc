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
)

// version is set by the release build with -ldflags.
var version = "0.11.0"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := runCommand(ctx, os.Args[1:], systemStreams())
	stop()
	os.Exit(code)
}
