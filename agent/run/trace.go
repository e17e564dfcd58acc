package run

import (
	"encoding/json"

	"fazt/agent/draft"
)

// trace keeps what the outermost code of a run did, for a recipe that is written
// out of it. A check does nothing, and what a recipe inside did is one call.
func (f *frame) trace(a draft.Act) {
	log := f.runner.options.Log
	if log == nil || f.parent != nil || f.checking {
		return
	}
	f.live.tab.mu.Lock()
	tab := f.live.tab.id
	if f.live.tab.opened {
		tab = ""
	}
	f.live.tab.mu.Unlock()
	log.Run(f.live.caller, f.live.id, tab, a)
}

// stepsOf reads a locator that the page has taken already.
func stepsOf(raw json.RawMessage) []draft.Step {
	var steps []draft.Step
	_ = decode(raw, &steps)
	return steps
}

func quotedText(text string) json.RawMessage {
	raw, err := json.Marshal(text)
	if err != nil {
		return json.RawMessage(`""`)
	}
	return raw
}
