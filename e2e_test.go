package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"fazt/clientjs/browsertest"
)

// The end-to-end tests start the built binary and speak to it from outside.

// binary is the program, built once for all tests of this package.
var binary = struct {
	once sync.Once
	dir  string
	path string
	err  error
}{}

// chromium is the browser that the tests of this package share.
var chromium browsertest.Shared

func TestMain(m *testing.M) {
	if os.Getenv(trivialEnv) != "" {
		if err := serveTrivial(); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		os.Exit(1)
	}
	code := chromium.Main(m)
	if binary.dir != "" {
		_ = os.RemoveAll(binary.dir)
	}
	os.Exit(code)
}

func buildBinary(t testing.TB) string {
	t.Helper()
	binary.once.Do(func() {
		if binary.dir, binary.err = os.MkdirTemp("", "fazt-e2e-"); binary.err != nil {
			return
		}
		binary.path = filepath.Join(binary.dir, "fazt")
		if runtime.GOOS == "windows" {
			binary.path += ".exe"
		}
		out, err := exec.Command("go", "build", "-o", binary.path, ".").CombinedOutput()
		if err != nil {
			binary.err = fmt.Errorf("build: %w\n%s", err, out)
		}
	})
	if binary.err != nil {
		t.Fatal(binary.err)
	}
	return binary.path
}

// ownerSecret is the owner's token of the servers that tests start.
const ownerSecret = "owner-secret-of-the-tests"

// process is a running server.
type process struct {
	url   string
	agent string // the agent token that the first start printed
	db    string
	cmd   *exec.Cmd
	out   *output
	ended chan struct{}
}

// output gathers what a server prints.
type output struct {
	mu   sync.Mutex
	text strings.Builder
}

func (o *output) add(line string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.text.WriteString(line + "\n")
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

var (
	readyLine  = regexp.MustCompile(`^fazt ready (http://\S+)$`)
	tokenInOut = regexp.MustCompile(`Bearer (fazt_[A-Za-z0-9_-]+)`)
)

// readyWithin is how long a start may take on a machine that runs everything
// else meanwhile.
const readyWithin = 60 * time.Second

// serve starts a server on a fresh database, and stops it when the test ends.
func serve(t testing.TB, args ...string) *process {
	t.Helper()
	return serveDB(t, filepath.Join(t.TempDir(), "data.db"), args...)
}

func serveDB(t testing.TB, db string, args ...string) *process {
	t.Helper()
	p := &process{db: db, out: &output{}, ended: make(chan struct{})}
	p.cmd = exec.Command(buildBinary(t), append([]string{"server", "start", "--port", "0", "--db", db, "--no-calibration"}, args...)...)
	p.cmd.Env = append(os.Environ(), "FAZT_ADMIN_TOKEN="+ownerSecret, "XDG_RUNTIME_DIR="+t.TempDir())
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.cmd.Stderr = p.cmd.Stdout
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ready := make(chan string, 1)
	go func() {
		defer close(p.ended)
		for lines := bufio.NewScanner(stdout); lines.Scan(); {
			p.out.add(lines.Text())
			if m := readyLine.FindStringSubmatch(lines.Text()); m != nil {
				ready <- m[1]
			}
		}
		_ = p.cmd.Wait() // how it ended is looked at through ProcessState
	}()
	t.Cleanup(func() { p.kill() })
	select {
	case p.url = <-ready:
	case <-p.ended:
		t.Fatalf("the server ended before it was ready:\n%s", p.out)
	case <-time.After(readyWithin):
		t.Fatalf("the server was not ready in time:\n%s", p.out)
	}
	if m := tokenInOut.FindStringSubmatch(p.out.String()); m != nil {
		p.agent = m[1]
	}
	return p
}

// kill ends the server as a power cut would, as far as a process can.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may have ended already
	<-p.ended
}

// terminate asks the server to stop, and returns its exit code.
func (p *process) terminate(t testing.TB) int {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	select {
	case <-p.ended:
	case <-time.After(readyWithin):
		t.Fatalf("the server did not stop:\n%s", p.out)
	}
	return p.cmd.ProcessState.ExitCode()
}

// fazt runs one command of the binary against the server.
func (p *process) fazt(ctx context.Context, t testing.TB, token string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	return p.faztWith(ctx, t, "", token, args...)
}

// faztWith is fazt with something on standard input.
func (p *process) faztWith(ctx context.Context, t testing.TB, input, token string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	cmd := exec.CommandContext(ctx, buildBinary(t), args...)
	cmd.Env = append(os.Environ(), "FAZT_URL="+p.url, "FAZT_TOKEN="+token, "HOME="+t.TempDir())
	var out, problems bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(input), &out, &problems
	err := cmd.Run()
	if _, exited := err.(*exec.ExitError); err != nil && !exited {
		t.Fatal(err)
	}
	return out.String(), problems.String(), cmd.ProcessState.ExitCode()
}

// commandWith is faztWith without a process of its own: runCommand is all that
// main calls, and a start takes longer than most commands.
func (p *process) commandWith(ctx context.Context, t testing.TB, input, token string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	env := map[string]string{"FAZT_URL": p.url, "FAZT_TOKEN": token, "HOME": t.TempDir()}
	var out, problems bytes.Buffer
	code = runCommand(ctx, args, &streams{
		in: strings.NewReader(input), out: &out, err: &problems, getenv: func(name string) string { return env[name] },
	})
	return out.String(), problems.String(), code
}

// get asks for a path as a plain client.
func (p *process) get(t testing.TB, path, token string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	return response
}

// runner returns a function that runs one command line as the owner and holds
// it to its exit code and to something it says.
func (p *process) runner(t *testing.T) func(code int, says string, args ...string) string {
	return func(code int, says string, args ...string) string {
		t.Helper()
		out, problems, got := p.fazt(t.Context(), t, ownerSecret, args...)
		if got != code || !strings.Contains(out+problems, says) {
			t.Fatalf("fazt %s ended with %d and said %q %q, want %d and %q", strings.Join(args, " "), got, out, problems, code, says)
		}
		return out
	}
}
