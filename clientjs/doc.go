// Package clientjs holds the sources of the ES module and of the page driver,
// and the one place where TypeScript of ours is bundled.
//
// # Model
//
// The sources are embedded, so a fresh clone needs only Go. [Build] bundles an
// entry of a file system with esbuild and resolves nothing outside of what it
// was given: esbuild's own resolver would read the machine's disk. [Bundle]
// makes from them and the table of operations what a server hands out, its
// [Assets]: the module for pages and for Node, the driver that is injected into
// pages, and the types.
//
// # Concurrency
//
// Everything here may be called from any goroutine. Assets never change.
//
// # Errors
//
// A source that does not compile is an error that names file, line and column.
// It is a mistake in the program, so it ends a start.
//
// # Testing
//
// The module and the driver are tested in a real Chromium.
package clientjs

import "embed"

// declarations are the hand-written types of the module and of recipes.
//
//go:embed types
var declarations embed.FS

// Sources are the TypeScript sources: the module's entry is src/fazt.ts, the
// injected driver's src/driver/main.ts.
//
//go:embed src
var Sources embed.FS
