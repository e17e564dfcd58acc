package browser

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"

	"fazt/server/op"
)

// process is one running Chromium.
type process struct {
	browser *Browser
	ctx     context.Context // chromedp's, of the first target; it owns Chromium
	stop    context.CancelFunc
	free    context.CancelFunc // of the allocator
	profile string
	proxy   string // address of ours
	started bool

	mu    sync.Mutex
	rooms map[roomKey]*room
}

// profilePrefix is followed by the server's pid, so that a later start knows
// which profiles nobody uses any more.
const profilePrefix = "fazt-browser-"

// start runs Chromium. The profile is new, so nothing of earlier times is read.
func (b *Browser) start(ctx context.Context, show bool, proxy string) (*process, error) {
	program, err := b.program()
	if err != nil {
		return nil, err
	}
	b.removeStale()
	profile, err := os.MkdirTemp(b.options.Dir, profilePrefix+strconv.Itoa(os.Getpid())+"-")
	if err != nil {
		return nil, fmt.Errorf("make a profile for the browser: %w", err)
	}
	p := &process{browser: b, profile: profile, proxy: proxy, rooms: map[roomKey]*room{}}
	allocator, free := chromedp.NewExecAllocator(context.Background(), flags(program, profile, show)...)
	quiet := func(format string, args ...any) {
		b.options.Logger.Debug("chromium", "message", fmt.Sprintf(format, args...))
	}
	p.free = free
	p.ctx, p.stop = chromedp.NewContext(allocator, chromedp.WithBrowserOption(
		chromedp.WithBrowserErrorf(quiet), chromedp.WithBrowserLogf(quiet)))
	// The first Do's context owns Chromium, so it has no deadline of its own.
	started := make(chan error, 1)
	b.running.Go(func() { started <- chromedp.Do(p.ctx) })
	select {
	case err = <-started:
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err != nil {
		p.end()
		return nil, op.Errorf(op.CodeOverloaded, "the browser did not start: %s", lastLine(err.Error())).
			WithHint("try %s --headless --version on the server, and call again", program)
	}
	p.started = true
	return p, nil
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}

// programs are the names under which Chromium is known, the free one first.
var programs = []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "headless-shell"}

func (b *Browser) program() (string, error) {
	if b.options.Program != "" {
		return b.options.Program, nil
	}
	for _, name := range programs {
		if found, err := exec.LookPath(name); err == nil {
			return found, nil
		}
	}
	return "", op.Errorf(op.CodeInvalidInput, "no Chromium is installed on the server, so it opens no tabs of its own").
		WithHint("install it with: sudo apt-get install -y chromium — or ask the person to open the admin page, and to share its tab")
}

// flags are Chromium's command line. Its environment is not ours: the owner's
// token may be in that.
func flags(program, profile string, show bool) []chromedp.ExecAllocatorOption {
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(program), chromedp.UserDataDir(profile),
		chromedp.NoInheritEnv, chromedp.Env(environment(os.Getenv, profile)...),
		chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck,
	}
	for _, name := range []string{
		"disable-background-networking", "disable-component-update", "disable-sync", "disable-quic", "disable-breakpad",
		"disable-default-apps", "disable-extensions", "disable-client-side-phishing-detection", "disable-domain-reliability",
		"disable-dev-shm-usage", "metrics-recording-only", "disable-prompt-on-repost", "disable-hang-monitor",
		"no-pings", "use-mock-keychain",
		// A tab that an agent drives is rarely the one in front.
		"disable-background-timer-throttling", "disable-backgrounding-occluded-windows", "disable-renderer-backgrounding",
	} {
		options = append(options, chromedp.Flag(name, true))
	}
	options = append(options,
		chromedp.Flag("password-store", "basic"),
		// A page that comes back out of the back/forward cache is an old document
		// whose driver does not start again; without it, going back loads a page.
		chromedp.Flag("disable-features", "BackForwardCache,Translate,OptimizationHints,MediaRouter,DialMediaRouteProvider,InterestFeedContentSuggestions,AutofillServerCommunication"),
		// Voice and video would reach the network beside the proxy.
		chromedp.Flag("force-webrtc-ip-handling-policy", "disable_non_proxied_udp"),
		chromedp.WindowSize(1280, 900),
	)
	if !show {
		options = append(options, chromedp.Flag("headless", true), chromedp.Flag("disable-gpu", true), chromedp.Flag("mute-audio", true), chromedp.Flag("hide-scrollbars", true))
	}
	return options
}

// environment is what Chromium needs of ours.
func environment(getenv func(string) string, profile string) []string {
	env := []string{"HOME=" + profile}
	for _, name := range []string{"PATH", "DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS", "LANG", "TZ", "TMPDIR", "SYSTEMROOT", "TEMP", "LOCALAPPDATA"} {
		if value := getenv(name); value != "" {
			env = append(env, name+"="+value)
		}
	}
	return env
}

func hasDisplay(getenv func(string) string) bool {
	switch runtime.GOOS {
	case "darwin", "windows":
		return true
	}
	return getenv("DISPLAY") != "" || getenv("WAYLAND_DISPLAY") != ""
}

// removeStale removes the profiles of servers that were killed.
func (b *Browser) removeStale() {
	found, err := filepath.Glob(filepath.Join(b.options.Dir, profilePrefix+"*-*"))
	if err != nil {
		return // the pattern is ours and right
	}
	for _, dir := range found {
		pid, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(dir), profilePrefix), "-")
		if n, err := strconv.Atoi(pid); err == nil && n != os.Getpid() && !runs(n) {
			if err := os.RemoveAll(dir); err != nil {
				b.options.Logger.Debug("a stale browser profile stays", "dir", dir, "error", err)
			}
		}
	}
}

// alive reports whether Chromium still answers on its pipe.
func (p *process) alive() bool { return p.ctx.Err() == nil }

// inUse reports whether a tab is in it.
func (p *process) inUse() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.rooms) > 0
}

// endTime is what Chromium has to end by itself.
const endTime = 3 * time.Second

// end ends Chromium and removes its profile. It returns when no process is left.
func (p *process) end() {
	if p.started && p.alive() {
		ctx, cancel := context.WithTimeout(p.ctx, endTime)
		_ = chromedp.Cancel(ctx) // graceful; what remains is killed below
		cancel()
	}
	p.stop()
	p.free()
	removeProfile(p.profile)
}

// removeProfile removes a profile that a process which is just ending may still
// write to.
func removeProfile(dir string) {
	for range 50 {
		if os.RemoveAll(dir) == nil {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// roomKey is who shares cookies: one principal with the same rights.
type roomKey struct {
	principal, run, app, profile string
	scopes                       op.ScopeSet
}

// room is a browser context.
type room struct {
	process *process
	key     roomKey
	id      cdp.BrowserContextID
	session string // value of the cookie, to end it
	tabs    int    // guarded by process.mu
}

// enter finds or makes the context of a principal, and counts a tab in it.
func (p *process) enter(ctx context.Context, who *op.Principal, profile string) (*room, error) {
	key := roomKey{principal: who.ID, run: who.Run, app: who.App, profile: profile, scopes: who.Scopes}
	p.mu.Lock()
	defer p.mu.Unlock()
	if r := p.rooms[key]; r != nil {
		r.tabs++
		return r, nil
	}
	r := &room{process: p, key: key, tabs: 1}
	err := p.call(ctx, func(ctx context.Context) error {
		result, err := chromedp.CallBrowser(ctx, target.CreateBrowserContext, target.CreateBrowserContextParams{
			DisposeOnDetach: new(true), ProxyServer: "http://" + p.proxy,
			ProxyBypassList: "<-loopback>", // which means: no exception for loopback
		})
		r.id = result.BrowserContextID
		return err
	})
	if err != nil {
		return nil, browserFailed(err)
	}
	if err = r.signIn(ctx, who); err != nil {
		r.dispose()
		return nil, err
	}
	p.rooms[key] = r
	return r, nil
}

// call runs a command that belongs to the browser and not to a tab, within the
// caller's time.
func (p *process) call(ctx context.Context, command func(context.Context) error) error {
	own, cancel := context.WithCancel(p.ctx)
	defer cancel()
	stop := context.AfterFunc(ctx, cancel)
	defer stop()
	return command(own)
}

func browserFailed(err error) *op.Error {
	e := op.Errorf(op.CodeOverloaded, "the browser did not answer").WithHint("call again; it is started anew when it has ended")
	e.Cause = err
	return e
}

// leave counts a tab out; an empty room is cleared away.
func (r *room) leave() {
	r.process.mu.Lock()
	r.tabs--
	empty := r.tabs == 0
	if empty {
		delete(r.process.rooms, r.key)
	}
	r.process.mu.Unlock()
	if empty {
		r.dispose()
	}
}

func (r *room) dispose() {
	ctx, cancel := context.WithTimeout(context.Background(), endTime)
	defer cancel()
	b := r.process.browser
	if r.process.alive() {
		err := r.process.call(ctx, func(ctx context.Context) error {
			_, err := chromedp.CallBrowser(ctx, target.DisposeBrowserContext, target.DisposeBrowserContextParams{BrowserContextID: r.id})
			return err
		})
		if err != nil {
			b.options.Logger.Debug("a browser context stays", "error", err)
		}
	}
	if r.session != "" && b.options.EndSession != nil {
		b.options.EndSession(ctx, r.session)
	}
}

// pid is Chromium's, for those who look after it from outside.
func (p *process) pid() int { return chromedp.FromContext(p.ctx).Browser.Process().Pid }
