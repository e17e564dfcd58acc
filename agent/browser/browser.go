package browser

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"sync"
	"time"

	"fazt/agent/hub"
	"fazt/server/op"
)

// Options configure a browser.
type Options struct {
	Driver  []byte        // the script that is injected into every document
	BaseURL func() string // of the admin page, as in "http://127.0.0.1:8080"
	// OwnHost says which hosts (without port) are ours: the admin's and the apps'.
	OwnHost func(host string) bool
	// AllowURL says whether the owner listed the origin of an outside address.
	AllowURL func(u *url.URL) bool
	// Session makes the cookie with which p's tabs are signed in, and
	// EndSession ends it. A nil Session leaves them signed out.
	Session    func(ctx context.Context, p *op.Principal) (*http.Cookie, error)
	EndSession func(ctx context.Context, value string)

	Program string        // Chromium; "" looks for it on PATH
	Dir     string        // where profiles are made; the default is the system's temporary folder
	Idle    time.Duration // after which a tab is closed; the default is 10 min
	Logger  *slog.Logger
	Now     func() time.Time
}

// maxTabs bounds the open tabs: one takes 73 MB and more.
const maxTabs = 8

// sweepEvery is how often idle tabs are looked for.
const sweepEvery = 15 * time.Second

// Browser opens tabs. It implements [hub.Browser].
type Browser struct {
	options Options
	ctx     context.Context // ends with Close
	stop    context.CancelFunc
	running sync.WaitGroup
	opening chan struct{} // held while a Chromium starts or ends

	mu        sync.Mutex
	closed    bool
	tabs      map[*tab]struct{}
	reserved  int               // tabs that are being opened
	processes map[bool]*process // by whether their windows are shown
	proxy     *proxy
}

// New returns a browser; nothing is started before the first Open.
func New(o Options) *Browser {
	o.Idle = cmp.Or(o.Idle, 10*time.Minute)
	o.Dir = cmp.Or(o.Dir, os.TempDir())
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.OwnHost == nil {
		o.OwnHost = func(string) bool { return false }
	}
	if o.AllowURL == nil {
		o.AllowURL = func(*url.URL) bool { return false }
	}
	ctx, stop := context.WithCancel(context.Background())
	b := &Browser{
		options: o, ctx: ctx, stop: stop, opening: make(chan struct{}, 1),
		tabs: map[*tab]struct{}{}, processes: map[bool]*process{},
	}
	b.running.Go(b.sweep)
	return b
}

// Shows implements [hub.Browser]: whether there is a display.
func (b *Browser) Shows() bool { return hasDisplay(os.Getenv) }

// Open implements [hub.Browser].
func (b *Browser) Open(ctx context.Context, p *op.Principal, r hub.OpenRequest, sink *hub.Page) (hub.Link, error) {
	target, err := b.address(r.URL)
	if err != nil {
		return nil, err
	}
	if r.Show && !b.Shows() {
		return nil, op.Invalid("show", "this machine has no display to show a tab on").WithHint("open it with show: false; nobody sees it then")
	}
	if err := b.reserve(); err != nil {
		return nil, err
	}
	defer b.unreserve()
	t, err := b.openTab(ctx, p, r, sink)
	if err != nil {
		return nil, err
	}
	if _, err := t.navigate(ctx, target); err != nil {
		t.Close("its first page did not load")
		return nil, err
	}
	return t, nil
}

func (b *Browser) reserve() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return op.Errorf(op.CodeOverloaded, "the server is closing").WithHint("call again when it is back")
	}
	if len(b.tabs)+b.reserved >= maxTabs {
		return op.Errorf(op.CodeQuota, "%d tabs are open, which is the most", maxTabs).
			WithHint("close one with tab_close; idle ones close after %v", b.options.Idle)
	}
	b.reserved++
	b.running.Add(1)
	return nil
}

func (b *Browser) unreserve() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.reserved--
	b.running.Done()
}

// openTab makes a tab that shows nothing yet.
func (b *Browser) openTab(ctx context.Context, p *op.Principal, r hub.OpenRequest, sink *hub.Page) (*tab, error) {
	proc, err := b.process(ctx, r.Show)
	if err != nil {
		return nil, err
	}
	room, err := proc.enter(ctx, p, r.Profile)
	if err != nil {
		return nil, err
	}
	t, err := newTab(ctx, room, sink)
	if err != nil {
		room.leave()
		return nil, err
	}
	b.mu.Lock()
	closed := b.closed
	if !closed {
		b.tabs[t] = struct{}{}
	}
	b.mu.Unlock()
	if closed {
		t.end("the server is closing")
		return nil, op.Errorf(op.CodeOverloaded, "the server is closing").WithHint("call again when it is back")
	}
	return t, nil
}

// process returns the running Chromium, or starts one.
func (b *Browser) process(ctx context.Context, show bool) (*process, error) {
	select {
	case b.opening <- struct{}{}:
	case <-ctx.Done():
		return nil, op.Errorf(op.CodeDeadline, "the browser is still starting").WithHint("call again in a moment")
	}
	defer func() { <-b.opening }()
	b.mu.Lock()
	proc, proxy := b.processes[show], b.proxy
	b.mu.Unlock()
	if proc != nil && proc.alive() {
		return proc, nil
	}
	if proc != nil {
		proc.end() // it died; what it left is cleared away
	}
	if proxy == nil {
		var err error
		if proxy, err = startProxy(b); err != nil {
			return nil, err
		}
	}
	proc, err := b.start(ctx, show, proxy.address)
	b.mu.Lock()
	b.proxy = proxy
	if err == nil {
		b.processes[show] = proc
	}
	b.mu.Unlock()
	return proc, err
}

// sweep closes what nobody used for a while.
func (b *Browser) sweep() {
	ticker := time.NewTicker(sweepEvery)
	defer ticker.Stop()
	for {
		select {
		case <-b.ctx.Done():
			return
		case <-ticker.C:
			b.closeIdle()
		}
	}
}

// closeIdle closes idle tabs, and then a Chromium without tabs.
func (b *Browser) closeIdle() { b.closeUnused(b.options.Idle) }

func (b *Browser) closeUnused(idle time.Duration) {
	now := b.options.Now()
	b.mu.Lock()
	var unused []*tab
	for t := range b.tabs {
		if now.Sub(t.lastUsed()) >= idle {
			unused = append(unused, t)
		}
	}
	b.mu.Unlock()
	for _, t := range unused {
		t.end("it was not used for " + idle.String())
	}
	select {
	case b.opening <- struct{}{}:
		defer func() { <-b.opening }()
		b.endUnused()
	default: // one is just starting
	}
}

// relieveIdle is how long a tab must have been unused to be given up when
// memory is short.
const relieveIdle = time.Minute

// Relieve gives up tabs that nobody has used for a minute, and a Chromium that
// has none then.
func (b *Browser) Relieve() { b.closeUnused(relieveIdle) }

// endUnused ends Chromiums without tabs. The caller holds opening.
func (b *Browser) endUnused() {
	b.mu.Lock()
	var unused []*process
	for show, proc := range b.processes {
		if b.reserved == 0 && !proc.inUse() {
			unused = append(unused, proc)
			delete(b.processes, show)
		}
	}
	b.mu.Unlock()
	for _, proc := range unused {
		proc.end()
	}
}

func (b *Browser) forget(t *tab) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.tabs, t)
}

// Close implements [hub.Browser]: it closes every tab and ends Chromium.
func (b *Browser) Close(context.Context) error {
	b.mu.Lock()
	b.closed = true
	tabs := make([]*tab, 0, len(b.tabs))
	for t := range b.tabs {
		tabs = append(tabs, t)
	}
	b.mu.Unlock()
	for _, t := range tabs {
		t.end("the server is closing")
	}
	b.opening <- struct{}{} // a start that is under way ends first; for good, so that none begins
	b.mu.Lock()
	processes := b.processes
	b.processes = map[bool]*process{}
	proxy := b.proxy
	b.mu.Unlock()
	for _, proc := range processes {
		proc.end()
	}
	if proxy != nil {
		proxy.close()
	}
	b.stop()
	b.running.Wait()
	return nil
}
