package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"

	"fazt/agent/hub"
	"fazt/server/op"
)

// Do implements [hub.Link]. It sees every call first, so it also learns here
// how the page's native dialogs are to be answered.
func (t *tab) Do(ctx context.Context, method string, params json.RawMessage) (json.RawMessage, error) {
	t.use()
	var p struct {
		URL    string `json:"url"`
		Dialog string `json:"dialog"`
	}
	if err := json.Unmarshal(params, &p); err != nil {
		return nil, op.Errorf(op.CodeInvalidInput, "the parameters of %s do not fit it", method).WithHint("%v", err)
	}
	t.mu.Lock()
	t.policy = p.Dialog
	t.mu.Unlock()
	switch method {
	case "goto":
		to, err := t.relative(p.URL)
		if err != nil {
			return nil, err
		}
		return t.navigate(ctx, to)
	case "reload":
		return t.leads(ctx, func(ctx context.Context) error {
			_, err := call(ctx, t, page.Reload, page.ReloadParams{})
			return err
		})
	case "back":
		return t.back(ctx)
	case "console", "network":
		return t.looked(method)
	}
	return nil, hub.ErrNotCarried
}

// relative lets goto take what a link may hold, seen from where the tab is.
func (t *tab) relative(raw string) (string, error) {
	return t.room.process.browser.address(strings.TrimSpace(raw))
}

// within gives a command the caller's time and the tab's life.
func (t *tab) within(ctx context.Context) (context.Context, func()) {
	own, cancel := context.WithCancel(t.ctx)
	stop := context.AfterFunc(ctx, cancel)
	return own, func() { stop(); cancel() }
}

// navigate goes to an address and returns when its document has been read.
func (t *tab) navigate(ctx context.Context, to string) (json.RawMessage, error) {
	return t.leads(ctx, func(ctx context.Context) error {
		result, err := call(ctx, t, page.Navigate, page.NavigateParams{URL: to})
		switch {
		case err != nil:
			return err
		case result.IsDownload:
			return op.Errorf(hub.CodeNavigation, "%s is a download, which a tab refuses", to).
				WithHint("fetch it another way; a tab shows pages")
		case result.ErrorText != "":
			return t.navigationFailed(to, result.ErrorText)
		case result.LoaderID == "":
			t.domLoaded() // within the document: nothing is loaded
		}
		return nil
	})
}

// leads runs a command that leads to another document, and waits for that.
func (t *tab) leads(ctx context.Context, command func(context.Context) error) (json.RawMessage, error) {
	own, done := t.within(ctx)
	defer done()
	loaded := make(chan struct{})
	t.mu.Lock()
	t.loaded, t.blocked, t.refused, t.leading = loaded, nil, nil, true
	t.mu.Unlock()
	defer t.arrived()
	if err := command(own); err != nil {
		if own.Err() != nil && t.ctx.Err() == nil {
			t.giveUp()
		}
		return nil, t.explain(ctx, err)
	}
	select {
	case <-loaded:
		if refused := t.arrived(); refused != nil {
			return nil, refused
		}
		return json.RawMessage(`{}`), nil
	case <-own.Done():
		if t.ctx.Err() != nil {
			return nil, op.NotFound("tab", "the tab was closed").WithHint("open a new one with tab_open")
		}
		// The address answered and the document is on its way: that is a page
		// which goes on loading, and can be looked at.
		return json.RawMessage(`{"note":"the page is still loading"}`), nil
	}
}

// arrived ends what leads began, and returns why no page of the address is there.
func (t *tab) arrived() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.leading = false
	if t.refused != nil {
		return t.refused
	}
	return nil
}

// giveUp stops a navigation that nobody waits for any longer: it would take the
// page away at any later moment.
func (t *tab) giveUp() {
	ctx, cancel := context.WithTimeout(t.ctx, sendTime)
	defer cancel()
	_, err := call(ctx, t, page.StopLoading, cdp.Empty{})
	t.note(err)
}

// answered notes an answer to the main document's request that is no page of
// what was asked for. The caller holds mu.
func (t *tab) answered(r *network.Response) {
	reason := ""
	for name, value := range r.Headers {
		if strings.EqualFold(name, refusedHeader) && strings.HasPrefix(r.URL, "http:") {
			reason = fmt.Sprint(value)
		}
	}
	switch {
	case reason != "":
		t.refused = notConnected(r.URL, reason)
		if !t.leading {
			t.remarkLocked("%s; %s", t.refused.Detail, t.refused.Hint)
		}
	case r.Status >= 400:
		t.remarkLocked("the server answered %d", r.Status)
	}
}

// notConnected is a navigation that ended in the proxy.
func notConnected(to, reason string) *op.Error {
	hint := "look at the address; tab_do [\"goto URL\"] once it can be reached"
	switch {
	case strings.Contains(reason, "public network"):
		hint = "a tab goes to a private address only by its literal with port, once the owner listed that: fazt setting update --add-browse http://ADDRESS:PORT"
	case strings.Contains(reason, "refused"):
		hint = "nothing listens there; tab_do [\"goto URL\"] again once the site's server runs"
	case strings.Contains(reason, "reset"), strings.Contains(reason, "EOF"):
		hint = "the site broke off without an answer; tab_do [\"reload\"] asks it again"
	case strings.Contains(reason, "no such host"):
		hint = "no such host is known; look at the address"
	}
	return op.Errorf(hub.CodeNavigation, "%s did not load: %s", to, reason).WithHint("%s", hint)
}

func (t *tab) back(ctx context.Context) (json.RawMessage, error) {
	own, done := t.within(ctx)
	defer done()
	history, err := call(own, t, page.GetNavigationHistory, cdp.Empty{})
	if err != nil {
		return nil, t.explain(ctx, err)
	}
	if history.CurrentIndex <= 1 { // the first entry is the blank page that the tab began with
		return nil, op.Errorf(hub.CodeNavigation, "the tab has no page to go back to").WithHint("go somewhere with goto")
	}
	entry := history.Entries[history.CurrentIndex-1]
	return t.leads(ctx, func(ctx context.Context) error {
		_, err := call(ctx, t, page.NavigateToHistoryEntry, page.NavigateToHistoryEntryParams{EntryID: entry.ID})
		return err
	})
}

// navigationFailed puts Chromium's reason into words.
func (t *tab) navigationFailed(to, reason string) error {
	t.mu.Lock()
	blocked := t.blocked
	t.mu.Unlock()
	if blocked != nil && reason == "net::ERR_BLOCKED_BY_CLIENT" {
		return blocked
	}
	hint := "look at the address; goto it again when it can be reached"
	switch reason {
	case "net::ERR_NAME_NOT_RESOLVED":
		hint = "no such host is known; look at the address"
	case "net::ERR_CONNECTION_REFUSED":
		hint = "nothing listens there; is the server running?"
	case "net::ERR_TUNNEL_CONNECTION_FAILED":
		if why := t.room.process.browser.tunnelReason(to); why != "" {
			return notConnected(to, why)
		}
		hint = "the host cannot be reached, or is not on the public network"
	case "net::ERR_TOO_MANY_REDIRECTS":
		hint = "its redirects go round in a circle, often for want of a sign-in: goto the site's first page, and look"
	case "net::ERR_ABORTED":
		hint = "the address answered with no page (an empty answer or a download)"
	}
	if strings.HasPrefix(reason, "net::ERR_CERT_") {
		hint = "its certificate is not trusted here, and no tab goes on without; ask the owner to make the server's machine trust it"
	}
	return op.Errorf(hub.CodeNavigation, "%s did not load: %s", to, strings.TrimPrefix(reason, "net::")).WithHint("%s", hint)
}

// explain turns a command's error into the caller's.
func (t *tab) explain(ctx context.Context, err error) error {
	switch {
	case t.ctx.Err() != nil:
		return op.NotFound("tab", "the tab was closed").WithHint("open a new one with tab_open")
	case ctx.Err() != nil:
		return op.Errorf(op.CodeDeadline, "the page did not answer in time").WithHint("look at the page that is there: tab_look; or call again with a larger wait_s")
	}
	if e := op.AsError(err); e.Code != op.CodeInternal {
		return e
	}
	return browserFailed(err)
}
