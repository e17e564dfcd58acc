package browser

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"
	cdpruntime "github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"

	"fazt/agent/hub"
	"fazt/server/op"
)

// world is the isolated world that the driver lives in, and binding the
// function with which it speaks to us. Pages see neither.
const (
	worldName = "fazt"
	binding   = "__fazt_send"
	receive   = "__fazt_receive"
)

// tab is one tab of ours. It implements [hub.Link].
type tab struct {
	room   *room
	sink   *hub.Page
	ctx    context.Context // chromedp's, of the target
	stop   context.CancelFunc
	page   atomic.Pointer[chromedp.Target] // set when the tab is attached
	out    chan []byte                     // messages on their way to the page
	work   chan func(context.Context)
	doing  sync.WaitGroup
	ending sync.Once

	mu       sync.Mutex
	used     time.Time
	worlds   map[string]cdp.FrameID         // the driver's contexts, by unique id
	changed  chan struct{}                  // closed and replaced when there is a new one
	sessions map[target.ID]*chromedp.Target // of frames in processes of their own
	places   map[cdp.FrameID]place          // where those frames' drivers are
	main     string                         // the main document's
	mainID   cdpruntime.ExecutionContextID
	crashed  bool
	policy   string // how native dialogs are answered: "accept", "accept:TEXT" for a prompt, all else is no
	remarks  []string
	blocked  *op.Error // why the last navigation was refused
	refused  *op.Error // why the document that is there is the proxy's own
	leading  bool      // a command that leads elsewhere runs, and answers for the document
	loaded   chan struct{}
	log      journal
	requests map[network.RequestID]string // open ones, with their address
}

// Bounds of what waits for a page.
const (
	maxOut     = 64
	maxWork    = 1_024
	maxRemarks = 20
	sendTime   = 10 * time.Second
)

// newTab opens a blank tab and prepares it: the driver goes into every document
// from now on, and every main document is judged before it is asked for.
func newTab(ctx context.Context, r *room, sink *hub.Page) (*tab, error) {
	b := r.process.browser
	t := &tab{
		room: r, sink: sink, used: b.options.Now(),
		out: make(chan []byte, maxOut), work: make(chan func(context.Context), maxWork),
		worlds: map[string]cdp.FrameID{}, requests: map[network.RequestID]string{}, loaded: make(chan struct{}),
		changed: make(chan struct{}), sessions: map[target.ID]*chromedp.Target{}, places: map[cdp.FrameID]place{},
	}
	t.ctx, t.stop = chromedp.NewContext(r.process.ctx,
		chromedp.WithExistingBrowserContext(r.id), chromedp.WithListener(t.event))
	opened := make(chan error, 1)
	t.doing.Go(func() { opened <- t.prepare() }) // the target lives as long as t.ctx, not as the caller's
	var err error
	select {
	case err = <-opened:
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err != nil {
		t.stop()
		t.doing.Wait()
		return nil, browserFailed(err)
	}
	t.doing.Go(t.write)
	t.doing.Go(t.carryOn)
	t.doing.Go(t.watch)
	return t, nil
}

// call sends a command to the tab's target.
func call[P, R any](ctx context.Context, t *tab, command cdp.Command[P, R], params P) (R, error) {
	return cdp.Call(ctx, t.page.Load(), command, params)
}

func (t *tab) prepare() error {
	if err := chromedp.Do(t.ctx); err != nil {
		return err
	}
	t.page.Store(chromedp.FromContext(t.ctx).Target)
	if err := chromedp.ListenBrowser(t.ctx, t.browserEvent); err != nil {
		return err
	}
	if err := t.inject(t.ctx, t.page.Load(), false); err != nil {
		return err
	}
	_, err := call(t.ctx, t, fetch.Enable, fetch.EnableParams{
		Patterns: []*fetch.RequestPattern{{URLPattern: "*", ResourceType: network.ResourceTypeDocument}},
	})
	return err
}

func (t *tab) lastUsed() time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.used
}

func (t *tab) use() {
	now := t.room.process.browser.options.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.used = now
}

var errGone = errors.New("the tab is gone")

// Send implements [hub.Link].
func (t *tab) Send(message []byte) error {
	t.use()
	t.mu.Lock()
	crashed := t.crashed
	t.mu.Unlock()
	if crashed || t.ctx.Err() != nil {
		return errGone
	}
	select {
	case t.out <- message:
		return nil
	default:
		return errGone // a page that took none of so many messages is stuck
	}
}

// Reliable implements [hub.Link]: the binding is called within the page's own
// turn, so what it said before it went away has been said.
func (t *tab) Reliable() bool { return true }

// Remarks implements [hub.Link].
func (t *tab) Remarks() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	remarks := t.remarks
	t.remarks = nil
	return remarks
}

func (t *tab) remark(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.remarkLocked(format, args...)
}

func (t *tab) remarkLocked(format string, args ...any) {
	if len(t.remarks) < maxRemarks {
		t.remarks = append(t.remarks, fmt.Sprintf(format, args...))
	}
}

// Close implements [hub.Link].
func (t *tab) Close(string) { t.end("") }

// end closes the tab once, and tells the hub if the hub does not know.
func (t *tab) end(reason string) {
	t.ending.Do(func() {
		b := t.room.process.browser
		b.running.Go(func() {
			t.stop()
			t.doing.Wait()
			t.room.leave()
			b.forget(t)
		})
		if reason != "" {
			t.sink.Gone(reason)
		}
	})
}

// watch notices a tab that was closed from elsewhere: by its page, its window's
// button, or with Chromium.
func (t *tab) watch() {
	detached, err := chromedp.Detached(t.ctx)
	if err != nil {
		return // the tab has ended already
	}
	select {
	case <-t.ctx.Done():
		if !t.room.process.alive() {
			t.end("the browser ended")
		}
	case <-detached:
		t.end("its window was closed")
	}
}

// write hands messages to the page, in order. The driver answers by the
// binding, so nothing is waited for but the hand-over.
func (t *tab) write() {
	for {
		select {
		case <-t.ctx.Done():
			return
		case message := <-t.out:
			t.evaluate(receive+"("+quoted(message)+")", t.mainWorld())
		}
	}
}

func (t *tab) mainWorld() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.main
}

// evaluate runs our own code in one of the driver's contexts.
func (t *tab) evaluate(code, contextID string) {
	if contextID == "" {
		return // the document that it was for is gone, and the hub knows
	}
	ctx, cancel := context.WithTimeout(t.ctx, sendTime)
	defer cancel()
	_, err := call(ctx, t, cdpruntime.Evaluate, cdpruntime.EvaluateParams{
		Expression: code, UniqueContextID: contextID, Silent: new(true),
	})
	if err != nil {
		t.room.process.browser.options.Logger.Debug("a message did not reach a page", "error", err)
	}
}

// quoted renders a JSON message as a JavaScript string: JSON is a subset of
// JavaScript's syntax (ECMA-262, since 2019).
func quoted(message []byte) string {
	text, err := json.Marshal(string(message))
	if err != nil {
		return `""` // a string always encodes
	}
	return string(text)
}

// carryOn does, one after another, what events ask for: an event's own function
// may send no command.
func (t *tab) carryOn() {
	for {
		select {
		case <-t.ctx.Done():
			return
		case do := <-t.work:
			do(t.ctx)
		}
	}
}

// later queues what an event asks for.
func (t *tab) later(do func(ctx context.Context)) {
	select {
	case t.work <- do:
	default:
		t.room.process.browser.options.Logger.Warn("a page asks for more than is done")
	}
}

// apart runs what may wait for something else that is queued.
func (t *tab) apart(do func(ctx context.Context)) {
	t.later(func(ctx context.Context) { t.doing.Go(func() { do(ctx) }) })
}
