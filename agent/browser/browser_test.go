package browser

import (
	"strings"
	"testing"
	"time"

	"fazt/agent/hub"
	"fazt/server/op"
)

func TestIdleTabsAndBrowserEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	idle, used := w.open(robot, "/"), w.open(robot, "/second")
	w.clock.add(9 * time.Minute)
	if _, err := w.call(robot, used.ID, "look", nil); err != nil {
		t.Fatal(err)
	}
	w.clock.add(time.Minute)
	w.browser.closeIdle()
	if _, err := w.call(robot, idle.ID, "look", nil); codeOf(err) != "tab_not_found" {
		t.Errorf("the idle tab: %v", err)
	}
	if _, err := w.call(robot, used.ID, "look", nil); err != nil {
		t.Errorf("the used tab: %v", err)
	}
	w.browser.mu.Lock()
	pid := w.browser.processes[false].pid()
	w.browser.mu.Unlock()
	w.clock.add(10 * time.Minute)
	eventually(t, "chromium ends when no tab is left", func() bool {
		w.browser.closeIdle()
		return !runs(pid)
	})
	w.open(robot, "/") // and starts again
}

func TestTooManyTabs(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.browser.mu.Lock()
	w.browser.reserved = maxTabs - 1
	w.browser.mu.Unlock()
	first := w.open(robot, "/")
	if _, err := w.hub.Open(t.Context(), robot, hub.OpenRequest{URL: "/"}); codeOf(err) != op.CodeQuota {
		t.Errorf("%v", err)
	}
	if err := w.hub.Close(t.Context(), robot, first.ID); err != nil {
		t.Fatal(err)
	}
	eventually(t, "there is room again", func() bool {
		_, err := w.hub.Open(t.Context(), robot, hub.OpenRequest{URL: "/"})
		return err == nil
	})
	w.browser.mu.Lock()
	w.browser.reserved = 0
	w.browser.mu.Unlock()
}

func TestChromiumThatDies(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	tab := w.open(robot, "/")
	w.browser.mu.Lock()
	process := w.browser.processes[false]
	w.browser.mu.Unlock()
	kill(t, process.pid())
	eventually(t, "its tabs are gone", func() bool { return len(w.hub.List(robot)) == 0 })
	if _, err := w.call(robot, tab.ID, "look", nil); codeOf(err) != "tab_not_found" {
		t.Errorf("%v", err)
	}
	w.open(robot, "/") // in a new one
}

func TestMissingChromium(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	b := New(Options{Driver: driver, BaseURL: func() string { return "http://127.0.0.1:1" }, Dir: t.TempDir()})
	defer b.Close(t.Context())
	_, err := b.Open(t.Context(), robot, hub.OpenRequest{URL: "/"}, nil)
	if codeOf(err) != op.CodeInvalidInput || !strings.Contains(op.AsError(err).Hint, "apt-get install -y chromium") {
		t.Errorf("%v", err)
	}
}

func TestShowWithoutADisplay(t *testing.T) {
	t.Setenv("DISPLAY", "")
	t.Setenv("WAYLAND_DISPLAY", "")
	b := New(Options{Driver: driver, BaseURL: func() string { return "http://127.0.0.1:1" }, Dir: t.TempDir()})
	defer b.Close(t.Context())
	if b.Shows() {
		t.Skip("this system always has a display")
	}
	if _, err := b.Open(t.Context(), robot, hub.OpenRequest{URL: "/", Show: true}, nil); op.AsError(err).Field != "show" {
		t.Errorf("%v", err)
	}
}
