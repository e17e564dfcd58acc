package hub

import (
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"fazt/server/op"
)

// ErrNotCarried is what a Link answers for a method that is the page's.
var ErrNotCarried = errors.New("the page must do this itself")

// Codes that the hub adds to those of op and of the engine.
const (
	CodeAway       op.Code = "tab_away"      // no document came within the deadline
	CodeBusy       op.Code = "tab_busy"      // another call acted all the time
	CodePaused     op.Code = "paused"        // the person is at it
	CodeStopped    op.Code = "stopped"       // the person ended it
	CodeUnsaved    op.Code = "unsaved_input" // the person has typed and not saved
	CodeNavigation op.Code = "navigation"    // the page went away before the call acted
	CodeUnknown    op.Code = "unknown"       // nobody can say whether the call acted
	codePage       op.Code = "page_failed"   // a page's error without a code that we know
)

// engineCodes are the codes of the in-page engine. A page may not answer with
// others, so that its words never pass for the server's.
var engineCodes = []string{
	"no_match", "ambiguous", "hidden", "disabled", "readonly", "covered", "unstable", "detached", "gone",
	"timeout", "bad_target", "bad_step", "no_option", "trusted_required", "expectation_failed", "asleep",
	"redirected", "navigation",
}

// maxPageText bounds what a page's error may say.
const maxPageText = 2_000

func fromEngine(e *wireError) *op.Error {
	out := &op.Error{Code: codePage, Detail: clip(e.Message), Hint: "look at the page again"}
	if e.Data == nil {
		return out
	}
	if slices.Contains(engineCodes, e.Data.Code) {
		out.Code = op.Code(e.Data.Code)
	}
	if e.Data.Hint != "" {
		out.Hint = clip(e.Data.Hint)
	}
	return out
}

func clip(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if len(text) <= maxPageText {
		return text
	}
	cut := maxPageText
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + "…"
}

func notFound(id string) *op.Error {
	if id == "" {
		return op.NotFound("tab", "no tab is open").WithHint("open one with tab_open {url: \"/\"}")
	}
	return op.NotFound("tab", "no tab %q", clip(id)).
		WithHint("tab_list shows the tabs; open one with tab_open. A person shares a tab of theirs by the button in its corner")
}

func closedError() *op.Error {
	return op.Errorf(op.CodeOverloaded, "the server is closing").WithHint("call again when it is back")
}

// toWire renders an error for a page.
func toWire(err error) *wireError {
	e := op.AsError(err)
	return &wireError{Code: failed, Message: e.Detail, Data: &errorData{Code: string(e.Code), Hint: e.Hint}}
}
