package hub

import (
	"bytes"
	"encoding/json"
	"fmt"

	jsonv2 "github.com/go-json-experiment/json"
)

// Protocol is the version of the messages; a page of another one reloads its
// module.
const Protocol = 1

// message is one JSON-RPC 2.0 message: a request (method and id), a
// notification (method alone) or a response (id alone).
type message struct {
	Version string          `json:"jsonrpc"`
	ID      *uint64         `json:"id,omitempty"`
	Method  string          `json:"method,omitempty"`
	Params  json.RawMessage `json:"params,omitempty"`
	Result  json.RawMessage `json:"result,omitempty"`
	Error   *wireError      `json:"error,omitempty"`
}

// wireError is a JSON-RPC error; what we understand is in its data.
type wireError struct {
	Code    int        `json:"code"`
	Message string     `json:"message"`
	Data    *errorData `json:"data,omitempty"`
}

// errorData is an error of the in-page engine, or one of ours to the page.
type errorData struct {
	Code   string          `json:"code"`
	Hint   string          `json:"hint,omitempty"`
	Detail json.RawMessage `json:"detail,omitempty"`
}

// failed is the code of a JSON-RPC error that carries data of ours; it is in
// the range that the specification leaves to implementations.
const failed = -32000

// hello is the first message of a page.
type hello struct {
	Protocol int      `json:"protocol"`
	Ticket   string   `json:"ticket"`
	Tab      string   `json:"tab"` // to resume; "" for a new one
	Key      string   `json:"key"` // the secret of the tab to resume
	Epoch    string   `json:"epoch"`
	URL      string   `json:"url"`
	Title    string   `json:"title"`
	Hidden   bool     `json:"hidden"`
	Unsaved  bool     `json:"unsaved"`
	Module   string   `json:"module"`  // hash of the page's module
	Pending  []uint64 `json:"pending"` // calls that this document has received and not answered
}

// welcome answers hello.
type welcome struct {
	Protocol int    `json:"protocol"`
	Tab      string `json:"tab,omitempty"` // "" for a page that is driven already: it may subscribe only
	Key      string `json:"key,omitempty"`
	Fence    uint64 `json:"fence"`
	Module   string `json:"module"` // hash of the server's module: another one means reload when convenient
	Person   string `json:"person"` // whose tab it is, as people know them
}

func decode(data []byte, target any) error { return jsonv2.Unmarshal(data, target) }

// encode renders what is known to be encodable.
func encode(value any) ([]byte, error) {
	data, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("encode a message: %w", err)
	}
	return data, nil
}

func notification(method string, params any) ([]byte, error) {
	data, err := encode(params)
	if err != nil {
		return nil, err
	}
	return encode(message{Version: "2.0", Method: method, Params: data})
}

func response(id uint64, result any) ([]byte, error) {
	data, err := encode(result)
	if err != nil {
		return nil, err
	}
	return encode(message{Version: "2.0", ID: &id, Result: data})
}

// isObject reports whether params can take fields of ours.
func isObject(params []byte) bool { return bytes.HasPrefix(bytes.TrimSpace(params), []byte("{")) }
