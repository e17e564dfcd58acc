package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"fazt/server/op"
)

// apiClient sends operations over HTTP.
type apiClient struct {
	url   string // without a trailing slash
	token string
	http  *http.Client
}

// newAPIClient takes the address and token from FAZT_URL and FAZT_TOKEN, and
// what is missing from the saved profile.
func newAPIClient(std *streams) (*apiClient, error) {
	saved, err := loadProfile(std.getenv)
	if err != nil {
		return nil, err
	}
	address := firstOf(std.getenv("FAZT_URL"), saved.URL, "http://127.0.0.1:8080")
	token := firstOf(std.getenv("FAZT_TOKEN"), saved.Token)
	parsed, err := url.Parse(address)
	if err != nil || parsed.Host == "" || parsed.Scheme != "http" && parsed.Scheme != "https" {
		return nil, &usageError{message: fmt.Sprintf("FAZT_URL %q is no address", address), hint: "as in http://127.0.0.1:8080"}
	}
	if token == "" {
		return nil, &usageError{
			message: "no token to call " + address + " with",
			hint:    "run fazt login on the server's machine, or set FAZT_TOKEN",
		}
	}
	// No overall timeout: a watch or a backup may go on for long.
	return &apiClient{url: strings.TrimRight(address, "/"), token: token, http: &http.Client{}}, nil
}

func firstOf(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

// call sends one operation and returns the body of its answer.
func (c *apiClient) call(ctx context.Context, o *op.Operation, input []byte, envelope op.Envelope, content ...io.Reader) (io.ReadCloser, error) {
	request, err := c.request(ctx, o, input)
	if err != nil {
		return nil, err
	}
	if len(content) > 0 {
		request.Body = io.NopCloser(content[0])
		request.ContentLength = -1 // framed as it comes
	}
	if envelope.IdempotencyKey != "" {
		request.Header.Set("Idempotency-Key", envelope.IdempotencyKey)
	}
	if envelope.DryRun {
		request.Header.Set("Fazt-Dry-Run", "true")
	}
	if envelope.Confirm != "" {
		request.Header.Set("Fazt-Confirm", envelope.Confirm)
	}
	return c.send(request)
}

func (c *apiClient) send(request *http.Request) (io.ReadCloser, error) {
	request.Header.Set("Authorization", "Bearer "+c.token)
	request.Header.Set("User-Agent", "fazt-cli/"+version)
	response, err := c.http.Do(request)
	if err != nil {
		var ue *url.Error
		if errors.As(err, &ue) {
			err = ue.Err
		}
		return nil, &unreachableError{url: c.url, cause: err}
	}
	if response.StatusCode < http.StatusBadRequest {
		return response.Body, nil
	}
	defer response.Body.Close()
	return nil, readProblem(response)
}

// maxProblem bounds how much of an error's body is read.
const maxProblem = 64 << 10

// readProblem turns an RFC 9457 answer back into the error it was made from.
func readProblem(response *http.Response) error {
	body, err := io.ReadAll(io.LimitReader(response.Body, maxProblem))
	if err != nil {
		return fmt.Errorf("read the error: %w", err)
	}
	var problem struct {
		Code           op.Code `json:"code"`
		Detail         string  `json:"detail"`
		Hint           string  `json:"hint"`
		Field          string  `json:"field"`
		CurrentVersion *uint64 `json:"current_version"`
		RetryAfter     float64 `json:"retry_after"`
	}
	if err := json.Unmarshal(body, &problem); err != nil || problem.Code == "" {
		return fmt.Errorf("the server answered %s without a fazt error; is FAZT_URL a fazt server?", response.Status)
	}
	return &op.Error{
		Code: problem.Code, Detail: problem.Detail, Hint: problem.Hint, Field: problem.Field,
		CurrentVersion: problem.CurrentVersion, RetryAfter: time.Duration(problem.RetryAfter * float64(time.Second)),
	}
}

// request places an input's fields in the path, the query and the body as the
// operation's HTTP form says.
func (c *apiClient) request(ctx context.Context, o *op.Operation, input []byte) (*http.Request, error) {
	fields, err := members(input)
	if err != nil {
		return nil, fmt.Errorf("input: %w", err)
	}
	path, query := o.Path, url.Values{}
	var body []member
	var content io.Reader
	params := o.PathParams()
	for _, f := range fields {
		switch {
		case contains(params, f.name):
			path = fillPath(path, f.name, plainText(f.value), query)
		case f.name == o.BodyText:
			content = strings.NewReader(plainText(f.value))
		case o.HasBody():
			body = append(body, f)
		default:
			query.Set(f.name, plainText(f.value))
		}
	}
	address := c.url + path
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	if o.HasBody() {
		content = bytes.NewReader(object(body))
	}
	request, err := http.NewRequestWithContext(ctx, o.Method, address, content)
	if err != nil {
		return nil, fmt.Errorf("make the request: %w", err)
	}
	if o.HasBody() {
		request.Header.Set("Content-Type", "application/json")
	}
	if o.TakesBody {
		request.Header.Set("Content-Type", "application/octet-stream") // the server goes by name and content
	}
	if o.Streams {
		request.Header.Set("Accept", "text/event-stream")
	}
	return request, nil
}

func contains(list []string, s string) bool {
	for _, item := range list {
		if item == s {
			return true
		}
	}
	return false
}

// fillPath puts a value into the path as one encoded segment. "." and ".."
// would be taken for path steps, so they go as a query parameter.
func fillPath(path, name, value string, query url.Values) string {
	for _, placeholder := range []string{"/{" + name + "...}", "/{" + name + "}"} {
		if !strings.Contains(path, placeholder) {
			continue
		}
		if value == "." || value == ".." {
			query.Set(name, value)
			return strings.Replace(path, placeholder, "", 1)
		}
		return strings.Replace(path, placeholder, "/"+url.PathEscape(value), 1)
	}
	return path
}

// plainText is a value as a query or path carries it: text without quotes,
// lists with commas, anything else as its JSON.
func plainText(value jsontext.Value) string {
	switch value.Kind() {
	case '"':
		if text, err := jsontext.AppendUnquote(nil, []byte(value)); err == nil {
			return string(text)
		}
	case '[':
		var items []jsontext.Value
		if json.Unmarshal(value, &items) == nil {
			parts := make([]string, len(items))
			for i, item := range items {
				parts[i] = plainText(item)
				if k := item.Kind(); k == '[' || k == '{' || strings.Contains(parts[i], ",") || strings.HasPrefix(parts[i], "[") || parts[i] == "" {
					return string(value) // commas could not tell the items apart
				}
			}
			return strings.Join(parts, ",")
		}
	}
	return string(value)
}

// object writes members as a JSON object, in order and as they are.
func object(fields []member) []byte {
	out := []byte{'{'}
	for i, f := range fields {
		if i > 0 {
			out = append(out, ',')
		}
		out, _ = jsontext.AppendQuote(out, f.name) // the name was decoded as valid UTF-8
		out = append(out, ':')
		out = append(out, f.value...)
	}
	return append(out, '}')
}
