// Package run keeps the catalogue of recipes and carries them out.
//
// # Model
//
// A recipe is a source with versions by content hash. The [Catalogue] compiles
// and saves them, and registers each as an operation, so that every face can
// call it. Saved by an agent, a version is a draft: its saver runs it, everyone
// else once a person enables it. A recipe with the name of a Go operation is
// that operation's page form and is not registered: the operation is carried
// out by it when it is called with mode ui. The recipes that the program ships
// with come from a file system and need no saving.
//
// The [Runner] carries out one entry of a recipe (ui or api), then its check,
// both in a worker of [recipes.Pool]. All that the code can do is a host call:
// an operation, which goes through [op.Registry.Call] like everyone's, or a
// message to the page of a live tab. A run has an id and a record; it goes on
// when its caller leaves, and its record is found by run_get.
//
// # Rights
//
// A run has the scopes that its caller, its author (at the time of saving) and
// its declaration have in common, and is bound to an app when one of them is.
// Nothing inside it may have a larger effect than the recipe declares, neither
// by operation, nor by another recipe, nor in the tab it opens, whose session
// is the run's own. It acts as driven, so nothing that asks for a person in
// person can be done by it. An approval is asked once, before the run, and
// covers what is inside; what the declaration could not tell is asked when it
// comes up, and the run waits.
//
// # Concurrency
//
// Everything is safe for concurrent use. Each run has one goroutine, owned by
// the Runner; Close ends and awaits them all. Recipes that call recipes share
// one run.
//
// # Errors
//
// All errors are [*op.Error]. A run that fails answers with the code of what
// failed in it, and run_failed where the author's code is at fault; the detail
// names the author's line, what was done and what is not known.
//
// # Crashes
//
// A run that a crash cut off is unknown. Open looks at each: when its check
// passes it is ok, when its check fails it is failed, and without a check it
// stays unknown. Nothing is ever run again.
//
// # Testing
//
// Tests use a real pool, database and registry; only the tab is scripted.
package run
