// Package draft writes recipes out of what was done.
//
// # Model
//
// A [Log] keeps, for each live tab and each run, what was done in it: actions
// with the locators that the page's engine answers for them, expectations that
// held, and the operations that a driven page called meanwhile. [Log.Take]
// hands out one stretch of it, and [Write] makes the source of a recipe of
// that: the steps are its ui, the operations its api, and what was seen last
// its check. Literals that the caller names become its input.
//
// # Rights
//
// A tape belongs to the principal that acted. To everyone else it does not
// exist. What was typed into a private field is never on a tape, and a source
// that would hold a token's secret is refused.
//
// # Concurrency
//
// A Log is safe for concurrent use. An operation belongs to the tab in which its
// principal acted last; where two of its tabs were acted in at once nobody can
// tell, and the stretch has no operations.
//
// # Errors
//
// All errors are [*op.Error].
//
// # Testing
//
// Sources are golden strings; that they run is tested with a real page.
package draft
