package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"fazt/clientjs/browsertest"
	"fazt/server/op"
)

// face is one way to call an operation from outside. An answer is JSON, or an
// error's code, field and hint.
type face interface {
	name() string
	call(ctx context.Context, t testing.TB, o *op.Operation, input []byte, envelope op.Envelope) reply
}

type reply struct {
	JSON  string
	Code  string
	Field string
	Hint  string
}

func (r reply) String() string {
	if r.Code != "" {
		return fmt.Sprintf("%s (field %q): %s", r.Code, r.Field, r.Hint)
	}
	return r.JSON
}

// problemBody is RFC 9457's object with our members.
type problemBody struct {
	Code  string `json:"code"`
	Field string `json:"field"`
	Hint  string `json:"hint"`
}

// plainHTTP forms its requests from the served OpenAPI document alone, as a
// client that others generate would.
type plainHTTP struct {
	base, token string
	paths       map[string]map[string]apiOperation
}

type apiOperation struct {
	ID         string `json:"operationId"`
	Parameters []struct {
		Name string `json:"name"`
		In   string `json:"in"`
	} `json:"parameters"`
	Body *struct {
		Content map[string]json.RawMessage `json:"content"`
	} `json:"requestBody"`
}

func newPlainHTTP(t testing.TB, p *process, token string) *plainHTTP {
	t.Helper()
	response := p.get(t, "/openapi.json", "")
	defer response.Body.Close()
	var document struct {
		Paths map[string]map[string]json.RawMessage `json:"paths"`
	}
	if err := json.NewDecoder(response.Body).Decode(&document); err != nil {
		t.Fatal(err)
	}
	f := &plainHTTP{base: p.url, token: token, paths: map[string]map[string]apiOperation{}}
	for path, methods := range document.Paths {
		f.paths[path] = map[string]apiOperation{}
		for method, raw := range methods {
			var o apiOperation
			if err := json.Unmarshal(raw, &o); err != nil {
				t.Fatalf("%s %s: %v", method, path, err)
			}
			f.paths[path][method] = o
		}
	}
	return f
}

func (f *plainHTTP) name() string { return "HTTP" }

// find returns the operation's place in the document.
func (f *plainHTTP) find(name string) (path, method string, o apiOperation, ok bool) {
	for path, methods := range f.paths {
		for method, o := range methods {
			if o.ID == name {
				return path, strings.ToUpper(method), o, true
			}
		}
	}
	return "", "", apiOperation{}, false
}

func (f *plainHTTP) call(ctx context.Context, t testing.TB, o *op.Operation, input []byte, envelope op.Envelope) reply {
	t.Helper()
	path, method, described, ok := f.find(o.Name)
	if !ok {
		t.Fatalf("%s is not in the OpenAPI document", o.Name)
	}
	request, err := http.NewRequestWithContext(ctx, method, f.base, nil)
	if err != nil {
		t.Fatal(err)
	}
	fields, err := members(input)
	body := input
	if err == nil && described.Body != nil || described.Body == nil {
		path, body = f.place(path, described, fields)
	}
	if described.Body != nil {
		request.Body = io.NopCloser(bytes.NewReader(body))
		request.ContentLength = int64(len(body))
		request.Header.Set("Content-Type", "application/json")
		if described.takesBytes() {
			request.Header.Set("Content-Type", "application/octet-stream")
		}
	}
	address, err := url.Parse(f.base + path)
	if err != nil {
		t.Fatal(err)
	}
	request.URL = address
	if f.token != "" {
		request.Header.Set("Authorization", "Bearer "+f.token)
	}
	setEnvelope(request, envelope)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode >= http.StatusBadRequest {
		return problemReply(t, content)
	}
	return reply{JSON: string(content)}
}

// place puts members into the path, the query and the body.
func (f *plainHTTP) place(path string, described apiOperation, fields []member) (string, []byte) {
	query := url.Values{}
	var body []member
	for _, field := range fields {
		in := "query"
		if described.Body != nil {
			in = "body"
		}
		for _, p := range described.Parameters {
			if p.Name == field.name {
				in = p.In
			}
		}
		switch {
		case in == "path" && (plainText(field.value) == "." || plainText(field.value) == ".."):
			path = strings.Replace(path, "/{"+field.name+"}", "", 1)
			query.Set(field.name, plainText(field.value))
		case in == "path":
			path = strings.Replace(path, "{"+field.name+"}", url.PathEscape(plainText(field.value)), 1)
		case in == "body":
			body = append(body, field)
		default:
			query.Set(field.name, plainText(field.value))
		}
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	if described.takesBytes() { // the one field that is no parameter stands for them as text
		if len(body) == 0 {
			return path, nil
		}
		return path, []byte(plainText(body[0].value))
	}
	return path, object(body)
}

// takesBytes reports whether the body is anything at all, rather than JSON.
func (o apiOperation) takesBytes() bool { return o.Body != nil && o.Body.Content["*/*"] != nil }

func setEnvelope(r *http.Request, e op.Envelope) {
	if e.IdempotencyKey != "" {
		r.Header.Set("Idempotency-Key", e.IdempotencyKey)
	}
	if e.DryRun {
		r.Header.Set("Fazt-Dry-Run", "true")
	}
	if e.Confirm != "" {
		r.Header.Set("Fazt-Confirm", e.Confirm)
	}
}

func problemReply(t testing.TB, content []byte) reply {
	t.Helper()
	var p problemBody
	if err := json.Unmarshal(content, &p); err != nil || p.Code == "" {
		t.Fatalf("no problem: %s", content)
	}
	return reply{Code: p.Code, Field: p.Field, Hint: p.Hint}
}

// commandLine runs a command once a call: in this process, as main would, or as
// one of its own where the way through the system is what is looked at.
type commandLine struct {
	server *process
	token  string
	binary bool
}

func (f commandLine) name() string { return "CLI" }

func (f commandLine) call(ctx context.Context, t testing.TB, o *op.Operation, input []byte, envelope op.Envelope) reply {
	t.Helper()
	args := []string{o.Noun(), verbOf(o)}
	fields, err := members(input)
	if err != nil {
		t.Fatalf("%s: %v", input, err)
	}
	content := ""
	for _, field := range fields {
		value := plainText(field.value)
		if o.Name == "secret_set" && field.name == "value" {
			content = value // never an argument
			continue
		}
		if field.value.Kind() == '"' && isRaw(o, field.name) {
			value = string(field.value)
		}
		args = append(args, "--"+strings.ReplaceAll(field.name, "_", "-")+"="+value)
	}
	if envelope.IdempotencyKey != "" {
		args = append(args, "--idempotency-key", envelope.IdempotencyKey)
	}
	if envelope.DryRun {
		args = append(args, "--dry-run")
	}
	if envelope.Confirm != "" {
		args = append(args, "--confirm", envelope.Confirm)
	}
	run := f.server.commandWith
	if f.binary {
		run = f.server.faztWith
	}
	out, problems, code := run(ctx, t, content, f.token, args...)
	if code == exitOK {
		return reply{JSON: strings.TrimSuffix(out, "\n")}
	}
	return cliReply(problems, code)
}

// isRaw reports whether a field takes any JSON, so that text needs its quotes.
func isRaw(o *op.Operation, name string) bool {
	for _, f := range o.Fields() {
		if f.Name == name {
			return f.Type == "any"
		}
	}
	return false
}

// cliReply reads "fazt: CODE: DETAIL" and the indented hint under it.
func cliReply(problems string, code int) reply {
	first, rest, _ := strings.Cut(problems, "\n")
	name, _, _ := strings.Cut(strings.TrimPrefix(first, "fazt: "), ":")
	if code == exitUsage {
		name = "usage"
	}
	return reply{Code: name, Hint: strings.TrimSpace(rest)}
}

// foreignMCP is the official Go SDK's client, over op_run with structured
// answers.
type foreignMCP struct{ session *mcp.ClientSession }

// bearer adds a token to every request of an HTTP client.
type bearer struct{ token string }

func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+b.token)
	return http.DefaultTransport.RoundTrip(r)
}

// connectMCP connects the official client to an endpoint of the server.
func connectMCP(t testing.TB, p *process, path, token string) *mcp.ClientSession {
	t.Helper()
	client := mcp.NewClient(&mcp.Implementation{Name: "end-to-end", Version: "1"}, nil)
	session, err := client.Connect(t.Context(), &mcp.StreamableClientTransport{
		Endpoint: p.url + path, HTTPClient: &http.Client{Transport: bearer{token}},
	}, nil)
	if err != nil {
		t.Fatalf("connect to %s: %v", path, err)
	}
	t.Cleanup(func() { _ = session.Close() }) // the server may have been killed
	return session
}

func newForeignMCP(t testing.TB, p *process, token string) foreignMCP {
	return foreignMCP{connectMCP(t, p, "/mcp?structured=1", token)}
}

func (f foreignMCP) name() string { return "MCP" }

func (f foreignMCP) call(ctx context.Context, t testing.TB, o *op.Operation, input []byte, envelope op.Envelope) reply {
	t.Helper()
	arguments := map[string]any{"name": o.Name, "input": json.RawMessage(input)}
	if envelope.IdempotencyKey != "" {
		arguments["idempotency_key"] = envelope.IdempotencyKey
	}
	if envelope.DryRun {
		arguments["dry_run"] = true
	}
	if envelope.Confirm != "" {
		arguments["confirm"] = envelope.Confirm
	}
	result, err := f.session.CallTool(ctx, &mcp.CallToolParams{Name: "op_run", Arguments: arguments})
	if err != nil {
		t.Fatalf("op_run %s: %v", o.Name, err)
	}
	if result.IsError {
		problem, err := json.Marshal(result.Meta["fazt/problem"])
		if err != nil {
			t.Fatal(err)
		}
		return problemReply(t, problem)
	}
	structured, err := json.Marshal(result.StructuredContent)
	if err != nil {
		t.Fatal(err)
	}
	return reply{JSON: string(structured)}
}

// moduleInPage is the ES module in Chromium, imported by the admin page, with a
// token of its own.
type moduleInPage struct {
	page   *browsertest.Page
	client int // its place among the page's
}

func newModuleInPage(t testing.TB, page *browsertest.Page, token string) moduleInPage {
	t.Helper()
	f := moduleInPage{page: page}
	page.Eval(t, fmt.Sprintf(`(async () => {
		const { connect } = await import("/agent/fazt.js");
		return (globalThis.clients ??= []).push(await connect({ token: %q })) - 1;
	})()`, token), &f.client)
	return f
}

// signedIn is the admin page in Chromium, after a person signed in by the form.
func signedIn(t testing.TB, p *process) *browsertest.Page {
	t.Helper()
	page := chromium.Open(t).Page(t, p.url+"/sign-in")
	signIn(t, page)
	return page
}

// signIn fills the form of the page that is shown, as its owner.
func signIn(t testing.TB, page *browsertest.Page) {
	t.Helper()
	page.Eval(t, fmt.Sprintf(`document.querySelector("[name=token]").value = %q; document.querySelector("form").submit()`, ownerSecret), nil)
	waitFor(t, func() bool {
		var there bool
		return page.TryEval(browsertest.Main, `document.querySelector("main#room h1") !== null`, &there) == nil && there
	})
}

func (f moduleInPage) name() string { return "ES module" }

func (f moduleInPage) call(_ context.Context, t testing.TB, o *op.Operation, input []byte, envelope op.Envelope) reply {
	t.Helper()
	options, err := json.Marshal(map[string]any{
		"idempotencyKey": orUndefined(envelope.IdempotencyKey), "dryRun": envelope.DryRun, "confirm": orUndefined(envelope.Confirm),
	})
	if err != nil {
		t.Fatal(err)
	}
	var answer struct {
		JSON  json.RawMessage
		Error *problemBody
	}
	f.page.Eval(t, fmt.Sprintf(`globalThis.clients[%d].%s(%s, JSON.parse(%q, (k, v) => v === null ? undefined : v))
		.then((value) => ({ JSON: value }), (e) => ({ Error: { code: e.code ?? String(e), field: e.field, hint: e.hint } }))`,
		f.client, o.JSName(), input, options), &answer)
	if answer.Error != nil {
		return reply{Code: answer.Error.Code, Field: answer.Error.Field, Hint: answer.Error.Hint}
	}
	return reply{JSON: string(answer.JSON)}
}

func orUndefined(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// putKey writes a key of app "shop" with nothing but net/http.
func putKey(ctx context.Context, base, key, value string) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodPut, base+"/api/apps/shop/kv/"+url.PathEscape(key), strings.NewReader(`{"value":`+value+`}`))
	if err != nil {
		return false
	}
	request.Header.Set("Authorization", "Bearer "+ownerSecret)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	return err == nil && response.StatusCode == http.StatusOK
}

// callTool reports whether a tool's call succeeded.
func callTool(ctx context.Context, session *mcp.ClientSession, name string, arguments map[string]any) bool {
	result, err := session.CallTool(ctx, &mcp.CallToolParams{Name: name, Arguments: arguments})
	return err == nil && !result.IsError
}
