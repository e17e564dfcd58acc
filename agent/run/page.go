package run

import (
	"context"
	"encoding/json"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"

	"fazt/agent/draft"
	"fazt/recipes"
	"fazt/server/op"
)

const (
	// actTime and expectTime are how long the page retries when the recipe does
	// not say.
	actTime    = 10 * time.Second
	expectTime = 5 * time.Second
	// maxPageTime bounds what a recipe may say.
	maxPageTime = 2 * time.Minute
	// tabTime is kept beside that for the way to the page: a navigation, the
	// next document, a person who has the tab in hand.
	tabTime = time.Minute
	// openTime is for a browser to start and show the first document.
	openTime = time.Minute
)

// tabSession is the live tab of a run: the one it was given, the caller's only
// one, or one that is opened for it and closed afterwards.
type tabSession struct {
	given string

	mu     sync.Mutex
	id     string
	at     string // its address when the run took it
	opened bool
}

func (t *tabSession) name() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.id
}

// use returns the tab, taking or opening one at first.
func (t *tabSession) use(ctx context.Context, l *live) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.id != "" {
		return t.id, nil
	}
	if !l.caller.Scopes.Has(tabScope) {
		return "", op.Errorf(op.CodeForbidden, "acting in a page needs the scope %s, which %q lacks", tabScope, l.caller.Name).
			WithHint("use a token with %s", tabScope)
	}
	if tab, ok := t.known(l); ok {
		t.id, t.at = tab.ID, tab.URL
		return t.id, nil
	}
	if t.given != "" {
		return "", op.NotFound("tab", "no tab %q", t.given).WithHint("tab_list shows the tabs; without tab one is opened")
	}
	return t.id, t.open(ctx, l)
}

// known finds the given tab, or the only one that is the caller's own.
func (t *tabSession) known(l *live) (Tab, bool) {
	var own []Tab
	for _, tab := range l.runner.options.Tabs.List(l.root.principal) {
		if t.given != "" && tab.ID == t.given {
			return tab, true
		}
		if tab.Own {
			own = append(own, tab)
		}
	}
	if t.given == "" && len(own) == 1 {
		return own[0], true
	}
	return Tab{}, false
}

func (t *tabSession) open(ctx context.Context, l *live) error {
	ctx, cancel := context.WithTimeout(ctx, openTime)
	defer cancel()
	address := "/"
	if e := l.root.entry; e != nil {
		var err error
		if address, err = startOf(e, l.root.input); err != nil {
			return err
		}
	}
	end := l.journal.begin("open a tab at " + address)
	tab, err := l.runner.options.Tabs.Open(ctx, l.root.principal, address)
	if err != nil {
		end(stepFailed, errorNote(err))
		return err
	}
	end(stepOK, tab.ID)
	t.id, t.opened, t.at = tab.ID, true, l.runner.absolute(address)
	return nil
}

// release closes what was opened for the run.
func (t *tabSession) release(l *live) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.opened {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), openTime)
	defer cancel()
	if err := l.runner.options.Tabs.Close(ctx, l.root.principal, t.id); err != nil {
		l.runner.options.Logger.Info("the tab of a run was gone at its end", "run", l.id, "tab", t.id, "error", err)
	}
}

// absolute completes a path of the admin page.
func (r *Runner) absolute(address string) string {
	if strings.HasPrefix(address, "/") && !strings.HasPrefix(address, "//") {
		return r.options.BaseURL() + address
	}
	return address
}

var placeholder = regexp.MustCompile(`\{([a-z][a-z0-9_]*)\}`)

// startOf is where a recipe's ui begins: its at with the input's members in
// it, or the part of its on before the first star.
func startOf(e *Entry, input []byte) (string, error) {
	d := e.Definition
	if d.On != "" {
		start, _, _ := strings.Cut(d.On, "*")
		return start, nil
	}
	if d.At == "" {
		return "/", nil
	}
	var members map[string]json.RawMessage
	if err := decode(input, &members); err != nil {
		return "", op.AsError(err)
	}
	missing := ""
	path := placeholder.ReplaceAllStringFunc(d.At, func(match string) string {
		name := match[1 : len(match)-1]
		text := strings.Trim(string(members[name]), `"`)
		var s string
		if decode(members[name], &s) == nil {
			text = s
		}
		if text == "" {
			missing = name
		}
		return escapePart(text)
	})
	if missing != "" {
		return "", op.Invalid(missing, "the page of %s is %s, so %s must be given", d.Name, d.At, missing).WithHint("give %s", missing)
	}
	return path, nil
}

// escapePart escapes a text for a segment of a path and for a value of a query
// alike.
func escapePart(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }

// covers reports whether an address fits a pattern of on.
func covers(pattern, address string) bool {
	quoted := strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*`, `.*`)
	ok, err := regexp.MatchString("^"+quoted+"$", address)
	return err == nil && ok
}

// arrive takes a tab and brings it to where the recipe begins.
func (f *frame) arrive(ctx context.Context) error {
	f.live.attend(ctx, f)
	defer f.live.leave(f)
	address, err := startOf(f.entry, f.input)
	if err != nil {
		return err
	}
	var tab string
	if err := f.idle(ctx, func() error {
		tab, err = f.live.tab.use(ctx, f.live)
		return err
	}); err != nil {
		return err
	}
	target := f.runner.absolute(address)
	fresh := f.live.tab.opened && f.parent == nil
	f.trace(draft.Act{At: target, Action: "goto", Args: []json.RawMessage{quotedText(target)}})
	if fresh || f.entry.Definition.On != "" && covers(f.entry.Definition.On, f.live.tab.at) {
		return nil
	}
	end := f.live.journal.begin(f.label() + "goto " + address)
	_, err = f.tabCall(ctx, tab, "goto", map[string]any{"url": target}, actTime)
	return ended(end, nil, err)
}

// ended closes a step with what came of it.
func ended(end func(state, note string), value json.RawMessage, err error) error {
	switch {
	case err == nil:
		end(stepOK, valueNote(value))
	case isUnknown(err):
		end(stepUnknown, errorNote(err))
	default:
		end(stepFailed, errorNote(err))
	}
	return err
}

func isUnknown(err error) bool { return hostError(err).Code == codeUnknown }

// idle waits without the run's permit: what is waited for keeps nobody out.
func (f *frame) idle(ctx context.Context, wait func() error) error {
	var err error
	// A permit that cannot be had again is no reason to lose what was waited
	// for: calls inside then take their own.
	_ = f.live.inv.Idle(ctx, func() error {
		err = wait()
		return nil
	})
	return err
}

// tabCall sends one message to the page.
func (f *frame) tabCall(ctx context.Context, tab, method string, params map[string]any, timeout time.Duration) (answer json.RawMessage, err error) {
	ctx, cancel := context.WithTimeout(ctx, timeout+tabTime)
	defer cancel()
	params["timeout_ms"] = timeout.Milliseconds()
	err = f.idle(ctx, func() error {
		answer, err = f.runner.options.Tabs.Call(ctx, f.principal, tab, method, params)
		return err
	})
	return answer, err
}

// page carries out a locator chain with its action.
func (f *frame) page(ctx context.Context, args json.RawMessage) (json.RawMessage, error) {
	var c recipes.PageCall
	if err := strictly(args, &c, "the call of the page"); err != nil {
		return nil, err
	}
	tab, err := f.tab(ctx)
	if err != nil {
		return nil, err
	}
	if c.Action == "goto" {
		if err := f.completeAddress(&c); err != nil {
			return nil, err
		}
	}
	if len(c.Locator) == 0 {
		c.Locator = json.RawMessage("[]")
	}
	if c.Args == nil {
		c.Args = []json.RawMessage{}
	}
	if f.mutates(c.Action) {
		if err := f.live.recorded(ctx); err != nil {
			return nil, err
		}
	}
	end := f.live.journal.begin(f.label() + actionText(c))
	answer, err := f.tabCall(ctx, tab, "act", map[string]any{"locator": c.Locator, "action": c.Action, "args": c.Args}, timeoutOf(actTime, c.Args...))
	value := memberValue(answer)
	if err == nil && f.mutates(c.Action) {
		f.trace(draft.Act{At: f.runner.options.BaseURL(), Action: c.Action, Locator: stepsOf(c.Locator), Args: c.Args})
	}
	return value, ended(end, value, err)
}

func (f *frame) mutates(action string) bool {
	return !strings.HasPrefix(action, "is") && !strings.HasSuffix(action, "TextContent")
}

// tab takes the run's tab, for a check in mode api too.
func (f *frame) tab(ctx context.Context) (id string, err error) {
	if id := f.live.tab.name(); id != "" {
		return id, nil
	}
	err = f.idle(ctx, func() error {
		id, err = f.live.tab.use(ctx, f.live)
		return err
	})
	return id, err
}

func (f *frame) completeAddress(c *recipes.PageCall) error {
	var address string
	if len(c.Args) == 0 || decode(c.Args[0], &address) != nil {
		return op.Errorf("bad_step", "goto needs an address").WithHint(`page.goto("/apps")`)
	}
	raw, err := json.Marshal(f.runner.absolute(address))
	c.Args[0] = raw
	return err
}

// memberValue takes the value out of the engine's answer.
func memberValue(answer json.RawMessage) json.RawMessage {
	var a struct {
		Value json.RawMessage `json:"value"`
	}
	if len(answer) == 0 || decode(answer, &a) != nil || len(a.Value) == 0 {
		return json.RawMessage("null")
	}
	return a.Value
}

// expect holds the page to an expectation.
func (f *frame) expect(ctx context.Context, args json.RawMessage) (json.RawMessage, error) {
	var c recipes.ExpectCall
	if err := strictly(args, &c, "the expectation"); err != nil {
		return nil, err
	}
	tab, err := f.tab(ctx)
	if err != nil {
		return nil, err
	}
	if c.Args == nil {
		c.Args = []json.RawMessage{}
	}
	end := f.live.journal.begin(f.label() + expectText(c))
	params := map[string]any{"target": c.Target, "locator": c.Locator, "matcher": c.Matcher, "args": c.Args, "not": c.Not}
	_, err = f.tabCall(ctx, tab, "expect", params, timeoutOf(expectTime, c.Options))
	if err == nil {
		f.trace(draft.Act{Matcher: c.Matcher, Not: c.Not, Page: c.Target == "page", Locator: stepsOf(c.Locator), Args: c.Args})
	}
	return json.RawMessage("null"), ended(end, nil, err)
}

// timeoutOf reads the timeout, in milliseconds, of the last options given.
func timeoutOf(otherwise time.Duration, args ...json.RawMessage) time.Duration {
	if len(args) == 0 {
		return otherwise
	}
	var options struct {
		Timeout *float64 `json:"timeout"`
	}
	if decode(args[len(args)-1], &options) != nil || options.Timeout == nil {
		return otherwise
	}
	return min(max(time.Duration(*options.Timeout*float64(time.Millisecond)), time.Millisecond), maxPageTime)
}
