package browser

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"fazt/agent/hub"
)

const orphanEnv = "FAZT_TEST_ORPHAN_DIR"

// beOrphan is a server that opens a tab, says its Chromium's pid, and is killed.
func beOrphan() {
	server := httptest.NewServer(http.HandlerFunc(serveSite))
	b := New(Options{Driver: driver, BaseURL: func() string { return server.URL }, Dir: os.Getenv(orphanEnv)})
	h := hub.New(hub.Options{Browser: b})
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	if _, err := h.Open(ctx, robot, hub.OpenRequest{URL: "/"}); err != nil {
		fmt.Println("failed", err)
		return
	}
	b.mu.Lock()
	pid := b.processes[false].pid()
	b.mu.Unlock()
	fmt.Println("pid", pid)
	select {}
}

func TestNoOrphanAfterAKill(t *testing.T) {
	t.Parallel()
	needChromium(t)
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), orphanEnv+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || len(line) < 5 || line[:4] != "pid " {
		t.Fatalf("%q, %v", line, err)
	}
	pid, err := strconv.Atoi(line[4 : len(line)-1])
	if err != nil || !runs(pid) {
		t.Fatalf("chromium %d does not run (%v)", pid, err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	eventually(t, "chromium is gone", func() bool { return !runs(pid) || zombie(pid) })
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Fatalf("the killed server's profile: %v", left)
	}
	b := New(Options{Dir: dir, BaseURL: func() string { return "" }})
	defer b.Close(t.Context())
	eventually(t, "the profile is removed by the next start", func() bool {
		b.removeStale()
		left, _ := os.ReadDir(dir)
		return len(left) == 0
	})
}

// zombie reports whether a process is dead and only not yet waited for, which
// is its new parent's business.
func zombie(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && len(stat) > 0 && containsState(string(stat))
}

func containsState(stat string) bool {
	for i := len(stat) - 1; i >= 0; i-- {
		if stat[i] == ')' {
			return len(stat) > i+2 && stat[i+2] == 'Z'
		}
	}
	return false
}
