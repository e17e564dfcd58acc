package browser

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"

	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/inspector"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	cdpruntime "github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"

	"fazt/server/op"
)

// event takes each event of the tab in the order in which Chromium sent them.
// It sends no command: that waits in work.
func (t *tab) event(ev any) {
	switch ev := ev.(type) {
	case *cdpruntime.EventExecutionContextCreated:
		t.worldMade(ev.Context)
	case *cdpruntime.EventExecutionContextDestroyed:
		t.worldGone(ev.ExecutionContextUniqueID)
	case *cdpruntime.EventExecutionContextsCleared:
		t.worldsGone()
	case *cdpruntime.EventBindingCalled:
		t.said(ev)
	case *page.EventDomContentEventFired:
		t.domLoaded()
	case *page.EventJavascriptDialogOpening:
		t.dialog(ev)
	case *page.EventWindowOpen:
		t.remark("the page wanted a new window at «%s»; open it with tab_open", ev.URL)
	case *fetch.EventRequestPaused:
		t.later(func(ctx context.Context) { t.judge(ctx, ev) })
	case *inspector.EventTargetCrashed:
		t.crash()
	case *target.EventAttachedToTarget:
		t.attached(ev)
	case *target.EventTargetCreated:
		t.popup(ev.TargetInfo)
	case *cdpruntime.EventConsoleAPICalled:
		t.log.console(ev)
	case *cdpruntime.EventExceptionThrown:
		t.log.exception(ev)
	case *cdplog.EventEntryAdded:
		t.log.entry(ev)
	default:
		t.networkEvent(ev)
	}
}

// browserEvent takes what Chromium says of no tab: which of them a download is
// of, its frame tells.
func (t *tab) browserEvent(ev any) {
	download, ok := ev.(*cdpbrowser.EventDownloadWillBegin)
	if !ok {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	mine := t.isMain(download.FrameID)
	for _, frame := range t.worlds {
		mine = mine || frame == download.FrameID
	}
	if mine && !t.leading {
		t.remarkLocked("the page wanted to download «%s» from %s, which a tab refuses; fetch it another way", download.SuggestedFilename, download.URL)
	}
}

func (t *tab) networkEvent(ev any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch ev := ev.(type) {
	case *network.EventRequestWillBeSent:
		if len(t.requests) < maxRequests {
			t.requests[ev.RequestID] = ev.Request.Method + " " + ev.Request.URL
		}
	case *network.EventResponseReceived:
		if ev.Type == network.ResourceTypeDocument && t.isMain(ev.FrameID) {
			t.answered(ev.Response)
		}
		if ev.Response.Status >= 400 {
			t.log.failed(t.requests[ev.RequestID], ev.Response.Status, "")
		}
	case *network.EventLoadingFinished:
		delete(t.requests, ev.RequestID)
	case *network.EventLoadingFailed:
		if !ev.Canceled {
			t.log.failed(t.requests[ev.RequestID], 0, ev.ErrorText)
		}
		delete(t.requests, ev.RequestID)
	}
}

// maxRequests bounds the open requests that are remembered.
const maxRequests = 1_000

// worldMade notes a driver's context. The main frame's is a new document: the
// one before it is gone.
func (t *tab) worldMade(c *cdpruntime.ExecutionContextDescription) {
	frame, ok := driverFrame(c)
	if !ok {
		return
	}
	t.mu.Lock()
	t.worlds[c.UniqueID] = frame
	t.signal()
	main := t.isMain(frame)
	left := main && t.main != ""
	if main {
		t.main, t.mainID, t.crashed = c.UniqueID, c.ID, false
		clear(t.requests) // of the document before: their ends are not reported
	}
	t.mu.Unlock()
	if left {
		t.sink.Left()
	}
}

// isMain reports whether a frame is the tab's main one, which has the target's
// id.
func (t *tab) isMain(frame cdp.FrameID) bool {
	target := t.page.Load()
	return target != nil && string(frame) == string(target.TargetID)
}

func (t *tab) worldGone(id string) {
	t.mu.Lock()
	delete(t.worlds, id)
	left := t.main == id
	if left {
		t.main, t.mainID = "", 0
	}
	t.mu.Unlock()
	if left {
		t.sink.Left()
	}
}

func (t *tab) worldsGone() {
	t.mu.Lock()
	clear(t.worlds)
	left := t.main != ""
	t.main, t.mainID = "", 0
	t.mu.Unlock()
	if left {
		t.sink.Left()
	}
}

// said takes a message of a driver: a request for what only we can do, or else
// the main document's word to the hub.
func (t *tab) said(ev *cdpruntime.EventBindingCalled) {
	session := t.page.Load()
	if session == nil || t.request(session, ev) {
		return
	}
	t.mu.Lock()
	main := t.mainID == ev.ExecutionContextID
	t.mu.Unlock()
	if main && ev.Name == binding {
		t.sink.Message([]byte(ev.Payload))
	}
}

// request serves a driver's request; false when the message is none. The
// binding exists in our own world alone, so no page can ask.
func (t *tab) request(session *chromedp.Target, ev *cdpruntime.EventBindingCalled) bool {
	var head struct {
		ID     *uint64         `json:"id"`
		Method string          `json:"method"`
		Params json.RawMessage `json:"params"`
	}
	if ev.Name != binding || json.Unmarshal([]byte(ev.Payload), &head) != nil || head.ID == nil || head.Method == "" {
		return false
	}
	from := asker{tab: t, session: session, context: ev.ExecutionContextID}
	t.apart(func(ctx context.Context) { from.serve(ctx, *head.ID, head.Method, head.Params) })
	return true
}

// judge lets a document's request go on, or not. Frames inside a page may be
// from anywhere on the public network, as with any browser.
func (t *tab) judge(ctx context.Context, ev *fetch.EventRequestPaused) {
	var refused *op.Error
	if t.isMain(ev.FrameID) {
		u, err := url.Parse(ev.Request.URL)
		if err != nil {
			refused = op.Errorf(op.CodeForbidden, "the page led to no address")
		} else {
			refused = t.room.process.browser.permitted(u)
		}
	}
	if refused == nil {
		_, err := call(ctx, t, fetch.ContinueRequest, fetch.ContinueRequestParams{RequestID: ev.RequestID})
		t.note(err)
		return
	}
	if ev.RedirectedRequestID != "" {
		refused.Detail = "a redirect was refused: " + refused.Detail
	}
	t.mu.Lock()
	t.blocked = refused
	if !t.leading {
		t.remarkLocked("%s; %s", refused.Detail, refused.Hint)
	}
	t.mu.Unlock()
	_, err := call(ctx, t, fetch.FailRequest, fetch.FailRequestParams{RequestID: ev.RequestID, ErrorReason: network.ErrorReasonBlockedByClient})
	t.note(err)
}

// note logs what has no one to answer to: a command about something that is
// gone by now.
func (t *tab) note(err error) {
	if err != nil && t.ctx.Err() == nil {
		t.room.process.browser.options.Logger.Debug("a command to chromium failed", "error", err)
	}
}

// dialog answers a native dialog by the policy of the step that runs. Leaving a
// page is never held up.
func (t *tab) dialog(ev *page.EventJavascriptDialogOpening) {
	t.mu.Lock()
	policy, text, typed := strings.Cut(t.policy, ":")
	t.mu.Unlock()
	accept := policy == "accept" || ev.Type == page.DialogTypeBeforeunload
	if !typed {
		text = ev.DefaultPrompt
	}
	answer := "dismissed"
	if accept {
		answer = "accepted"
	}
	if ev.Type != page.DialogTypeBeforeunload {
		t.remark("the page showed %s «%s», which was %s", ev.Type, ev.Message, answer)
	}
	t.apart(func(ctx context.Context) {
		_, err := call(ctx, t, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: accept, PromptText: text})
		t.note(err)
	})
}

// crash says that the page's process died. A goto or reload revives the tab.
func (t *tab) crash() {
	t.mu.Lock()
	t.crashed = true
	t.main, t.mainID = "", 0
	clear(t.worlds)
	t.mu.Unlock()
	t.sink.Asleep(op.Errorf("gone", "the page crashed").WithHint("reload it: tab_do [\"reload\"], or go on with goto"))
}

// popup closes a window that the page opened: its tab is the one that is driven.
func (t *tab) popup(info *target.Info) {
	own := t.page.Load()
	if info.Type != "page" || own == nil || info.OpenerID != own.TargetID {
		return
	}
	t.apart(func(ctx context.Context) {
		_, err := chromedp.CallBrowser(ctx, target.CloseTarget, target.CloseTargetParams{TargetID: info.TargetID})
		t.note(err)
	})
}

func (t *tab) domLoaded() {
	t.mu.Lock()
	defer t.mu.Unlock()
	select {
	case <-t.loaded:
	default:
		close(t.loaded)
	}
}
