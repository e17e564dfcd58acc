package op

// isPage reports whether the code says that a live page was not in the state
// that a call needed: the engine's own codes and those of the hub of tabs.
func (c Code) isPage() bool {
	switch c {
	case "no_match", "ambiguous", "hidden", "disabled", "readonly", "covered", "unstable", "detached", "gone",
		"timeout", "bad_target", "bad_step", "no_option", "trusted_required", "expectation_failed", "asleep",
		"redirected", "navigation", "page_failed", "tab_busy", "tab_away", "paused", "stopped", "unsaved_input", "unknown":
		return true
	}
	return false
}
