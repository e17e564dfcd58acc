package endpoint

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

// BridgeOptions say where a bridge leads.
type BridgeOptions struct {
	URL    string       // of the endpoint, as in http://127.0.0.1:8080/mcp
	Token  string       // sent as Bearer
	Dir    string       // the folder whose files arguments may name as "@./file"; "" = no files
	Client *http.Client // the default is one of the bridge's own
}

// maxLineBytes bounds one message of the client: the endpoint's own limit, and
// room for its JSON.
const maxLineBytes = maxBody + 1<<20

// Bridge carries MCP between in and out, a JSON-RPC message a line, and an
// endpoint. Messages are sent as they come, several at a time; it returns when
// in ends and what is under way has been answered, or when ctx ends.
func Bridge(ctx context.Context, in io.Reader, out io.Writer, o BridgeOptions) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	b := &bridge{options: o, out: out, inFlight: map[string]context.CancelFunc{}}
	if o.Client == nil {
		transport := http.DefaultTransport.(*http.Transport).Clone()
		defer transport.CloseIdleConnections()
		b.options.Client = &http.Client{Transport: transport}
	}
	if o.Dir != "" {
		root, err := os.OpenRoot(o.Dir)
		if err != nil {
			return fmt.Errorf("open the folder for files: %w", err)
		}
		defer root.Close()
		b.root = root
	}
	err := b.read(ctx, in)
	b.calls.Wait() // what was asked is answered, also when the asker closed its end
	cancel()
	b.listeners.Wait()
	b.end()
	return err
}

// bridge is one connection of a client.
type bridge struct {
	options BridgeOptions
	root    *os.Root

	calls     sync.WaitGroup // answers that are owed
	listeners sync.WaitGroup // streams that end with the bridge

	mu       sync.Mutex // guards what follows
	session  string
	version  string // of the protocol, once it is known
	inFlight map[string]context.CancelFunc

	writing sync.Mutex // guards out
	out     io.Writer
}

// read sends each line until in ends. It reads in a goroutine of its own, since
// reading a terminal or pipe takes no context.
func (b *bridge) read(ctx context.Context, in io.Reader) error {
	lines := make(chan []byte)
	failed := make(chan error, 1)
	go func() {
		defer close(lines)
		scanner := bufio.NewScanner(in)
		scanner.Buffer(make([]byte, 64<<10), maxLineBytes)
		for scanner.Scan() {
			select {
			case lines <- bytes.Clone(scanner.Bytes()):
			case <-ctx.Done():
				return
			}
		}
		failed <- scanner.Err()
	}()
	for {
		select {
		case line, ok := <-lines:
			if !ok {
				return readError(ctx, failed)
			}
			b.accept(ctx, line)
		case <-ctx.Done():
			return nil
		}
	}
}

func readError(ctx context.Context, failed <-chan error) error {
	select {
	case err := <-failed:
		if err != nil {
			return fmt.Errorf("read a message: %w", err)
		}
	case <-ctx.Done():
	}
	return nil
}

// accept takes one message. initialize is waited for, since what follows needs
// its session.
func (b *bridge) accept(ctx context.Context, line []byte) {
	if len(bytes.TrimSpace(line)) == 0 {
		return
	}
	var m message
	if err := json.Unmarshal(line, &m); err != nil {
		b.fail(nil, mcp.PARSE_ERROR, "the line is no JSON-RPC message")
		return
	}
	body, err := b.withFiles(line, &m)
	if err != nil {
		b.fail(m.ID, mcp.INVALID_PARAMS, err.Error())
		return
	}
	if m.Method == string(mcp.MethodNotificationCancelled) {
		b.cancel(body)
	}
	if m.Method == string(mcp.MethodInitialize) {
		b.send(ctx, body, &m)
		b.listen(ctx)
		return
	}
	b.start(ctx, body, &m)
}

func (b *bridge) start(ctx context.Context, body []byte, m *message) {
	group := &b.calls
	if m.Method == string(mcp.MethodSubscriptionsListen) {
		group = &b.listeners
	}
	ctx, cancel := context.WithCancel(ctx)
	b.mu.Lock()
	b.inFlight[string(m.ID)] = cancel
	b.mu.Unlock()
	group.Go(func() {
		defer func() {
			b.mu.Lock()
			delete(b.inFlight, string(m.ID))
			b.mu.Unlock()
			cancel()
		}()
		b.send(ctx, body, m)
	})
}

// cancel ends the HTTP request of the call that a client gave up, which is how
// 2026-07-28 cancels, and the only way where there is no session.
func (b *bridge) cancel(body []byte) {
	var note struct {
		Params struct {
			RequestID json.RawMessage `json:"requestId"`
		} `json:"params"`
	}
	if json.Unmarshal(body, &note) != nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if cancel := b.inFlight[string(note.Params.RequestID)]; cancel != nil {
		cancel()
	}
}

// send posts a message and writes what is answered. A server that does not
// answer is a JSON-RPC error, so that the client can tell its user.
func (b *bridge) send(ctx context.Context, body []byte, m *message) {
	response, err := b.post(ctx, body, m)
	if err != nil {
		if ctx.Err() == nil {
			b.fail(m.ID, mcp.INTERNAL_ERROR, fmt.Sprintf("the fazt server at %s does not answer: %v; start it with fazt server start", b.options.URL, cause(err)))
		}
		return
	}
	defer response.Body.Close()
	b.learn(response, m)
	b.relay(ctx, response, m)
}

func (b *bridge) post(ctx context.Context, body []byte, m *message) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, b.options.URL, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json, text/event-stream")
	b.head(request, m)
	if m.file {
		request.Header.Set(headerFiles, "1")
	}
	return b.options.Client.Do(request)
}

// head sets what the transport says in headers and stdio does not.
func (b *bridge) head(request *http.Request, m *message) {
	if b.options.Token != "" {
		request.Header.Set("Authorization", "Bearer "+b.options.Token)
	}
	request.Header.Set("User-Agent", "fazt-mcp")
	if m != nil && m.modern() {
		request.Header.Set(mcp.HeaderProtocolVersion, m.Params.Meta.Version)
		request.Header.Set(mcp.HeaderMethod, m.Method)
		if name := m.target(); name != "" {
			encoded, _ := mcp.EncodeHeaderValue(name)
			request.Header.Set(mcp.HeaderName, encoded)
		}
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.session != "" {
		request.Header.Set(server.HeaderKeySessionID, b.session)
	}
	if b.version != "" {
		request.Header.Set(mcp.HeaderProtocolVersion, b.version)
	}
}

// learn keeps the session that initialize opened.
func (b *bridge) learn(response *http.Response, m *message) {
	if m.Method != string(mcp.MethodInitialize) {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.session = response.Header.Get(server.HeaderKeySessionID)
}

// relay writes the messages of a response: one of JSON, or a stream of events.
func (b *bridge) relay(ctx context.Context, response *http.Response, m *message) {
	kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type"))
	answered := false
	switch kind {
	case "text/event-stream":
		answered = b.events(response.Body, m.ID)
	case "application/json":
		body, err := io.ReadAll(response.Body)
		if err == nil && len(bytes.TrimSpace(body)) > 0 {
			b.note(body, m)
			b.write(body)
			answered = true
		}
	}
	if !answered && len(m.ID) > 0 && ctx.Err() == nil {
		b.fail(m.ID, mcp.INTERNAL_ERROR, refusal(response))
	}
}

// note keeps the version that initialize agreed on.
func (b *bridge) note(body []byte, m *message) {
	if m.Method != string(mcp.MethodInitialize) {
		return
	}
	var answer struct {
		Result struct {
			Version string `json:"protocolVersion"`
		} `json:"result"`
	}
	if json.Unmarshal(body, &answer) == nil {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.version = answer.Result.Version
	}
}

// refusal is what an HTTP error says, for a client that sees only JSON-RPC.
func refusal(response *http.Response) string {
	var p problem
	body, err := io.ReadAll(io.LimitReader(response.Body, 64<<10))
	if err == nil && json.Unmarshal(body, &p) == nil && p.Detail != "" {
		return strings.TrimSpace(fmt.Sprintf("%s: %s. %s", p.Code, p.Detail, p.Hint))
	}
	if response.StatusCode == http.StatusNotFound {
		return "the session has ended; connect again"
	}
	return "the server answered " + response.Status
}

// listen opens the stream of a session, on which the server may ask.
func (b *bridge) listen(ctx context.Context) {
	b.mu.Lock()
	session := b.session
	b.mu.Unlock()
	if session == "" {
		return
	}
	b.listeners.Go(func() {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, b.options.URL, nil)
		if err != nil {
			return
		}
		request.Header.Set("Accept", "text/event-stream")
		b.head(request, nil)
		response, err := b.options.Client.Do(request)
		if err != nil {
			return // the next call says that the server is gone
		}
		defer response.Body.Close()
		if response.StatusCode == http.StatusOK {
			b.events(response.Body, nil)
		}
	})
}

// events writes each event's message, and reports whether the answer to id was
// among them.
func (b *bridge) events(body io.Reader, id json.RawMessage) (answered bool) {
	scanner := bufio.NewScanner(body)
	scanner.Buffer(make([]byte, 64<<10), maxLineBytes)
	var data []byte
	for scanner.Scan() {
		line := scanner.Bytes()
		if part, ok := bytes.CutPrefix(line, []byte("data:")); ok {
			data = append(data, bytes.TrimPrefix(part, []byte(" "))...)
			continue
		}
		if len(line) > 0 || len(data) == 0 {
			continue
		}
		var m message
		if json.Unmarshal(data, &m) == nil && m.Method == "" && bytes.Equal(m.ID, id) {
			answered = true
		}
		b.write(data)
		data = nil
	}
	return answered
}

// endTime is how long the farewell may take: the server forgets idle sessions
// by itself.
const endTime = 2 * time.Second

// end closes the session.
func (b *bridge) end() {
	if b.session == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), endTime)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodDelete, b.options.URL, nil)
	if err != nil {
		return
	}
	b.head(request, nil)
	if response, err := b.options.Client.Do(request); err == nil {
		response.Body.Close()
	}
}

func (b *bridge) fail(id json.RawMessage, code int, text string) {
	b.write((&fault{Code: code, Message: text}).encode(id))
}

// write puts one message on its line.
func (b *bridge) write(body []byte) {
	var line bytes.Buffer
	if json.Compact(&line, body) != nil {
		return
	}
	line.WriteByte('\n')
	b.writing.Lock()
	defer b.writing.Unlock()
	_, _ = b.out.Write(line.Bytes())
}
