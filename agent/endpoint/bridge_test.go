package endpoint

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// bridged is a bridge with its ends in a test's hands.
type bridged struct {
	t     *testing.T
	in    *io.PipeWriter
	lines *bufio.Scanner
	done  chan error
}

func startBridge(t *testing.T, o BridgeOptions) *bridged {
	t.Helper()
	inReader, in := io.Pipe()
	out, outWriter := io.Pipe()
	b := &bridged{t: t, in: in, lines: bufio.NewScanner(out), done: make(chan error, 1)}
	b.lines.Buffer(nil, maxLineBytes)
	go func() {
		err := Bridge(context.Background(), inReader, outWriter, o)
		outWriter.Close()
		b.done <- err
	}()
	return b
}

func (b *bridged) send(message string) {
	b.t.Helper()
	if _, err := io.WriteString(b.in, message+"\n"); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bridged) next() string {
	b.t.Helper()
	if !b.lines.Scan() {
		b.t.Fatal("the bridge ended")
	}
	return b.lines.Text()
}

// end closes the input, as a client that is done does, and reads what is left.
func (b *bridged) end() (rest []string) {
	b.t.Helper()
	b.in.Close()
	for b.lines.Scan() {
		rest = append(rest, b.lines.Text())
	}
	if err := <-b.done; err != nil {
		b.t.Error(err)
	}
	return rest
}

func (w *world) bridge(dir string) BridgeOptions {
	return BridgeOptions{URL: w.server.URL + "/mcp", Token: "agent", Dir: dir}
}

func TestBridgeForeignClient(t *testing.T) {
	t.Parallel()
	for _, revision := range revisions {
		t.Run(revision, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, withFixtures)
			in, inWriter := io.Pipe()
			out, outWriter := io.Pipe()
			done := make(chan error, 1)
			go func() {
				done <- Bridge(context.Background(), in, outWriter, w.bridge(""))
				outWriter.Close()
			}()
			var mu sync.Mutex
			var progress []float64
			client := mcp.NewClient(&mcp.Implementation{Name: "foreign", Version: "1"}, &mcp.ClientOptions{
				ProgressNotificationHandler: func(_ context.Context, r *mcp.ProgressNotificationClientRequest) {
					mu.Lock()
					defer mu.Unlock()
					progress = append(progress, r.Params.Progress)
				},
				ElicitationHandler: func(context.Context, *mcp.ElicitRequest) (*mcp.ElicitResult, error) {
					return &mcp.ElicitResult{Action: "accept", Content: map[string]any{"name": "Ada"}}, nil
				},
			})
			s, err := client.Connect(t.Context(), &mcp.IOTransport{Reader: out, Writer: inWriter}, &mcp.ClientSessionOptions{ProtocolVersion: revision})
			if err != nil {
				t.Fatal(err)
			}
			got, err := s.CallTool(t.Context(), &mcp.CallToolParams{Name: "test_input_required_result_elicitation"})
			if err != nil || got.Content[0].(*mcp.TextContent).Text != "Hello, Ada!" {
				t.Errorf("%v: %+v", err, got)
			}
			params := &mcp.CallToolParams{Name: "test_tool_with_progress"}
			params.SetProgressToken("p")
			if _, err := s.CallTool(t.Context(), params); err != nil {
				t.Error(err)
			}
			w.eventually(func() bool { mu.Lock(); defer mu.Unlock(); return len(progress) == 3 })
			if err := s.Close(); err != nil {
				t.Error(err)
			}
			if err := <-done; err != nil {
				t.Error(err)
			}
		})
	}
}

// TestBridgeAnswersBeforeItEnds: a script that writes its calls and closes the
// pipe still gets its answers.
func TestBridgeAnswersBeforeItEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := startBridge(t, w.bridge(""))
	b.send(callBody("kv_set", `{"app":"shop","key":"a","value":1}`))
	b.send("")
	rest := b.end()
	if len(rest) != 1 || !strings.Contains(rest[0], "ok kv_set") {
		t.Errorf("got %v", rest)
	}
}

func TestBridgeErrors(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	gone := w.bridge("")
	gone.URL = "http://127.0.0.1:1/mcp"
	stranger := w.bridge("")
	stranger.Token = "nobody"
	misspelt := w.bridge("")
	misspelt.URL += "?toolsets=bloobs"
	for name, c := range map[string]struct {
		options       BridgeOptions
		message, says string
	}{
		"no server":     {gone, callBody("kv_get", `{}`), "does not answer"},
		"no token":      {stranger, callBody("kv_get", `{}`), "unauthenticated: this needs a token"},
		"a wrong URL":   {misspelt, callBody("kv_get", `{}`), "unknown toolset"},
		"no JSON":       {w.bridge(""), `{"jsonrpc":`, "no JSON-RPC message"},
		"no files here": {w.bridge(""), callBody("blob_put", `{"path":"@x"}`), "reads no files"},
	} {
		b := startBridge(t, c.options)
		b.send(c.message)
		var answer struct {
			ID    json.RawMessage
			Error struct{ Message string }
		}
		got := b.next()
		if err := json.Unmarshal([]byte(got), &answer); err != nil || !strings.Contains(answer.Error.Message, c.says) {
			t.Errorf("%s: %s", name, got)
		}
		if name != "no JSON" && string(answer.ID) != "1" {
			t.Errorf("%s: the id is %s", name, answer.ID)
		}
		b.end()
	}
}

// TestBridgeCancels: a client that gives a call up frees the server of it.
func TestBridgeCancels(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := startBridge(t, w.bridge(""))
	b.send(callBody("op_run", `{"name":"system_wait"}`))
	w.eventually(func() bool { return w.endpointCalls() > 0 })
	b.send(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}`)
	b.send(`{"jsonrpc":"2.0","id":2,"method":"ping"}`)
	if got := b.next(); !strings.Contains(got, `"id":2`) {
		t.Errorf("got %s", got)
	}
	if rest := b.end(); len(rest) != 0 {
		t.Errorf("a cancelled call was answered: %v", rest)
	}
}

// TestBridgeFiles: a file under the folder goes along as text; nothing leads
// out of the folder, neither dots, nor an absolute path, nor a link.
func TestBridgeFiles(t *testing.T) {
	t.Parallel()
	outside := t.TempDir()
	dir := t.TempDir()
	write := func(path, content string) {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(filepath.Join(outside, "secret.txt"), "secret")
	write(filepath.Join(dir, "contacts.csv"), "name\n\"Ada\"\n")
	write(filepath.Join(dir, "picture.png"), "\x89PNG\xff")
	if err := os.Symlink(filepath.Join(outside, "secret.txt"), filepath.Join(dir, "link.txt")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(dir, "folder")); err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	b := &bridge{options: BridgeOptions{Dir: dir}, root: root}
	fill := func(body string) (string, error) {
		var m message
		if err := json.Unmarshal([]byte(body), &m); err != nil {
			t.Fatal(err)
		}
		got, err := b.withFiles([]byte(body), &m)
		return string(got), err
	}
	for body, want := range map[string]string{
		callBody("blob_put", `{"app":"shop","path":"@./contacts.csv","key":"c"}`):                           callBody("blob_put", `{"app":"shop","text":"name\n\"Ada\"\n","key":"c"}`),
		callBody("op_run", `{"name":"csv_import","input":{"app":"shop","path":"@contacts.csv"}}`):           callBody("op_run", `{"name":"csv_import","input":{"app":"shop","text":"name\n\"Ada\"\n"}}`),
		callBody("kv_set", `{"app":"shop","key":"@./contacts.csv","value":{"path":"@./contacts.csv"}}`):     callBody("kv_set", `{"app":"shop","key":"@./contacts.csv","value":{"path":"@./contacts.csv"}}`),
		`{"jsonrpc":"2.0","id":1,"method":"prompts/get","params":{"name":"x","arguments":{"path":"@./x"}}}`: `{"jsonrpc":"2.0","id":1,"method":"prompts/get","params":{"name":"x","arguments":{"path":"@./x"}}}`,
	} {
		if got, err := fill(body); got != want || err != nil {
			t.Errorf("%s became %s, %v", body, got, err)
		}
	}
	for _, path := range []string{"@../secret.txt", "@" + filepath.Join(outside, "secret.txt"), "@link.txt", "@folder/secret.txt", "@./../" + filepath.Base(outside) + "/secret.txt", "@none", "@.", "@picture.png", "@"} {
		arguments, err := json.Marshal(map[string]string{"path": path})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := fill(callBody("blob_put", string(arguments))); err == nil {
			t.Errorf("%s went along: %s", path, got)
		}
	}
}
