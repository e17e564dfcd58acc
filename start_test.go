package main

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestStartStopRestart(t *testing.T) {
	t.Parallel()
	p := serve(t)
	first := p.out.String()
	if p.agent == "" || !strings.Contains(first, "/sign-in/") {
		t.Errorf("the first start printed no link or no line for an agent:\n%s", first)
	}
	if strings.Contains(first, ownerSecret) {
		t.Error("the owner's token was printed")
	}
	if lines := strings.Split(strings.TrimSpace(first), "\n"); lines[len(lines)-1] != "fazt ready "+p.url {
		t.Errorf("the last line is %q", lines[len(lines)-1])
	}
	response := p.get(t, "/healthz", "")
	response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Errorf("/healthz: %s", response.Status)
	}
	if code := p.terminate(t); code != exitOK {
		t.Errorf("SIGTERM ended it with %d", code)
	}
	if n := strings.Count(p.out.String(), "fazt ready http://"); n != 1 {
		t.Errorf("the ready line was printed %d times", n)
	}
	again := serveDB(t, p.db)
	if text := again.out.String(); strings.Contains(text, "fazt_") || strings.Contains(text, "/sign-in/") || !strings.Contains(text, "sign in: ") {
		t.Errorf("a restart printed:\n%s", text)
	}
	response = again.get(t, "/api/apps", p.agent)
	response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Errorf("the agent's token after a restart: %s", response.Status)
	}
}

// refuseStart starts a server that must not start, and returns what it says.
func refuseStart(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.Command(buildBinary(t), append([]string{"server", "start"}, args...)...)
	cmd.Env = append(os.Environ(), "XDG_RUNTIME_DIR="+t.TempDir())
	out, err := cmd.CombinedOutput()
	if err == nil {
		t.Fatalf("it started:\n%s", out)
	}
	return string(out)
}

func TestRefusedStarts(t *testing.T) {
	t.Parallel()
	p := serve(t)
	_, port, _ := strings.Cut(strings.TrimPrefix(p.url, "http://"), ":")
	fresh := func() string { return filepath.Join(t.TempDir(), "data.db") }
	for name, c := range map[string]struct {
		args []string
		says []string
	}{
		"second server":      {[]string{"--port", "0", "--db", p.db}, []string{"open in process"}},
		"port in use":        {[]string{"--port", port, "--db", fresh()}, []string{"in use", "--port"}},
		"open without TLS":   {[]string{"--port", "0", "--listen", "0.0.0.0", "--db", fresh()}, []string{"--behind-proxy", "--insecure"}},
		"no such folder":     {[]string{"--port", "0", "--db", filepath.Join(t.TempDir(), "missing", "data.db")}, []string{"folder", "create"}},
		"not a database":     {[]string{"--port", "0", "--db", notADatabase(t)}, []string{"data.db"}},
		"unknown flag":       {[]string{"--prot", "0"}, []string{"--port"}},
		"proxy is no CIDR":   {[]string{"--port", "0", "--behind-proxy", "nginx", "--db", fresh()}, []string{"--behind-proxy"}},
		"address is no IP":   {[]string{"--port", "0", "--listen", "example.org", "--db", fresh()}, []string{"127.0.0.1"}},
		"domain is an IP":    {[]string{"--port", "0", "--domain", "127.0.0.1", "--db", fresh()}, []string{"--domain"}},
		"domain with spaces": {[]string{"--port", "0", "--domain", "a b", "--db", fresh()}, []string{"--domain"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := refuseStart(t, c.args...)
			for _, want := range c.says {
				if !strings.Contains(text, want) {
					t.Errorf("says %q, without %q", text, want)
				}
			}
			if strings.Contains(text, "goroutine ") || strings.Contains(text, "fazt ready") {
				t.Errorf("says %q", text)
			}
		})
	}
}

func notADatabase(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "data.db")
	if err := os.WriteFile(path, []byte(strings.Repeat("this is no database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
