package servertest

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// Normal returns an answer in one form for comparing: members sorted, and what
// differs from run to run or from face to face replaced by its sort (versions,
// times, cursors, sizes, ids of tokens, secrets) or left out (clients, parts, counters since the start).
func Normal(tb testing.TB, answer string) string {
	tb.Helper()
	dec := json.NewDecoder(strings.NewReader(answer))
	dec.UseNumber() // keeps the text of numbers
	var value any
	if err := dec.Decode(&value); err != nil {
		tb.Fatalf("%v in %s", err, answer)
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(normal("", value)); err != nil {
		tb.Fatal(err)
	}
	return strings.TrimSpace(out.String())
}

func normal(name string, value any) any {
	switch v := value.(type) {
	case map[string]any:
		for _, gone := range []string{"client", "parts", "kept", "moments"} {
			delete(v, gone)
		}
		for member := range v {
			v[member] = normal(member, v[member])
		}
	case []any:
		for i := range v {
			v[i] = normal(name, v[i])
		}
	case json.Number:
		if volatileNumber(name) {
			return "number"
		}
	case string:
		if strings.Contains(v, "/up/") { // an address that is used once
			return "address"
		}
		if volatileText(name) || name == "id" && (strings.HasPrefix(v, "t_") || strings.HasPrefix(v, "r_") || v == "owner") {
			return "text"
		}
	}
	return value
}

func volatileNumber(name string) bool {
	switch name {
	case "at", "ms", "version", "deployment", "current_version", "waiting", "batches":
		return true
	}
	for _, unit := range []string{"_at", "_ms", "_us", "_bytes"} {
		if strings.HasSuffix(name, unit) {
			return true
		}
	}
	return false
}

func volatileText(name string) bool {
	switch name {
	case "cursor", "next_cursor", "secret", "request_id", "principal", "face", "version", "created_by", "hash", "from_hash", "to_hash", "note", "sentence":
		return true
	}
	return false
}
