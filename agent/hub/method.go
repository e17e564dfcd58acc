package hub

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"fazt/server/op"
)

// method is what a call asks of a page.
type method struct {
	name    string
	mutates bool
}

// readers are the actions of "act" that change nothing.
var readers = []string{
	"count", "textContent", "allTextContents", "innerText", "allInnerTexts", "inputValue", "getAttribute",
	"isVisible", "isHidden", "isEnabled", "isDisabled", "isChecked", "isEditable", "waitFor", "url", "title", "look",
}

// methodOf sorts a call, and turns steps and actions that lead to another
// document into methods of their own, which a link may carry out itself.
func methodOf(name string, params []byte) (method, []byte, error) {
	var p struct {
		Action string            `json:"action"`
		Args   []json.RawMessage `json:"args"`
		Step   string            `json:"step"`
	}
	switch name {
	case "look", "expect", "resolve", "console", "network":
		return method{name: name}, params, nil
	case "goto", "reload", "back":
		return method{name: name, mutates: true}, params, nil
	case "act", "step":
		if err := json.Unmarshal(params, &p); err != nil {
			return method{}, nil, op.Errorf(op.CodeInvalidInput, "the parameters of %s do not fit it", name).WithHint("%v", err)
		}
	default:
		return method{}, nil, op.Errorf(op.CodeInvalidInput, "no page method %q", name).
			WithHint("look, act, expect, step, resolve, goto, reload and back are known")
	}
	if name == "step" {
		return ofStep(strings.TrimSpace(p.Step), params)
	}
	return ofAction(p.Action, p.Args, params)
}

func ofStep(step string, params []byte) (method, []byte, error) {
	verb, rest, _ := strings.Cut(step, " ")
	switch verb {
	case "goto":
		raw, err := encode(map[string]string{"url": strings.TrimSpace(rest)})
		return method{name: "goto", mutates: true}, raw, err
	case "reload", "back":
		if rest == "" {
			return method{name: verb, mutates: true}, []byte("{}"), nil
		}
	case "expect", "wait":
		return method{name: "step"}, params, nil
	}
	return method{name: "step", mutates: true}, params, nil
}

func ofAction(action string, args []json.RawMessage, params []byte) (method, []byte, error) {
	switch action {
	case "goto":
		if len(args) == 0 {
			return method{}, nil, op.Errorf("bad_step", "goto needs an address").WithHint(`goto("/apps")`)
		}
		raw, err := encode(map[string]json.RawMessage{"url": args[0]})
		return method{name: "goto", mutates: true}, raw, err
	case "reload":
		return method{name: "reload", mutates: true}, []byte("{}"), nil
	}
	return method{name: "act", mutates: !slices.Contains(readers, action)}, params, nil
}

// request renders a call: the caller's parameters with the fence, the time
// that is left and who asks, which the person sees in the pill.
func request(ctx context.Context, c *call, fence uint64, p *op.Principal, params []byte) ([]byte, error) {
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal(params, &fields); err != nil {
		return nil, op.Errorf(op.CodeInvalidInput, "the parameters of %s do not fit it", c.method.name).WithHint("%v", err)
	}
	extra := map[string]any{"fence": fence, "by": p.Name}
	if deadline, ok := ctx.Deadline(); ok && fields["timeout_ms"] == nil {
		// A little less than the call has, so that the engine's own answer,
		// which says what was in the way, arrives before the deadline.
		extra["timeout_ms"] = max(time.Until(deadline)-answerTime, answerTime).Milliseconds()
	}
	for name, value := range extra {
		raw, err := encode(value)
		if err != nil {
			return nil, err
		}
		fields[name] = raw
	}
	raw, err := encode(fields)
	if err != nil {
		return nil, err
	}
	return encode(message{Version: "2.0", ID: &c.id, Method: c.method.name, Params: raw})
}

// answerTime is kept of a deadline for the answer's way back.
const answerTime = 200 * time.Millisecond
