package endpoint

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/tiktoken-go/tokenizer"
)

// Limits of what a client loads before it has done anything.
const (
	maxListTokens   = 3_000
	maxListBytes    = 12_000
	maxInstructions = 2_000 // clients cut about there
	maxDefaultTools = 15
)

// defaultList is the list with every operation there, as compact JSON.
func defaultList(t *testing.T) []json.RawMessage {
	t.Helper()
	var list []json.RawMessage
	for _, view := range views() {
		view.input = view.schema()
		tool, err := json.Marshal(view.definition(&variant{}))
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, tool)
	}
	return list
}

func TestDefaultListIsSmall(t *testing.T) {
	t.Parallel()
	list := defaultList(t)
	text, err := json.Marshal(map[string]any{"tools": list})
	if err != nil {
		t.Fatal(err)
	}
	codec, err := tokenizer.Get(tokenizer.O200kBase)
	if err != nil {
		t.Fatal(err)
	}
	tokens, err := codec.Count(string(text))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d tools, %d tokens, %d bytes", len(list), tokens, len(text))
	if len(list) > maxDefaultTools || tokens > maxListTokens || len(text) > maxListBytes {
		t.Errorf("%d tools, %d tokens, %d bytes; the limits are %d, %d and %d",
			len(list), tokens, len(text), maxDefaultTools, maxListTokens, maxListBytes)
	}
}

func TestInstructionsAreShort(t *testing.T) {
	t.Parallel()
	if n := len(Instructions()); n > maxInstructions {
		t.Errorf("the instructions have %d bytes, over %d", n, maxInstructions)
	}
	for _, idea := range []string{"op_find", "op_run", "ecipe", "confirm", "pprov", "« and »", "next:"} {
		if !strings.Contains(Instructions(), idea) {
			t.Errorf("the instructions do not speak of %s", idea)
		}
		if !strings.Contains(SkillText(), idea) {
			t.Errorf("the skill file does not speak of %s", idea)
		}
	}
}

// TestToolsAreSound holds every tool of every toolset to what clients bear.
func TestToolsAreSound(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	list := append(defaultList(t), w.tools("/mcp?toolsets=kv,apps,system,tokens")...)
	name := regexp.MustCompile(`^[a-z][a-z0-9_]{0,29}$`)
	for _, raw := range list {
		var tool struct {
			Name, Description string
			InputSchema       map[string]json.RawMessage
			Annotations       map[string]*bool
		}
		if err := json.Unmarshal(raw, &tool); err != nil {
			t.Fatal(err)
		}
		if !name.MatchString(tool.Name) || tool.Description == "" {
			t.Errorf("tool %q, described as %q", tool.Name, tool.Description)
		}
		for _, hint := range []string{"readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"} {
			if tool.Annotations[hint] == nil {
				t.Errorf("%s: no %s", tool.Name, hint)
			}
		}
		checkSchema(t, tool.Name, tool.InputSchema)
	}
}

func checkSchema(t *testing.T, tool string, schema map[string]json.RawMessage) {
	t.Helper()
	if string(schema["type"]) != `"object"` {
		t.Errorf("%s: the root's type is %s", tool, schema["type"])
	}
	if closed := string(schema["additionalProperties"]); closed != "false" && closed != `{"not":{}}` {
		t.Errorf("%s: additionalProperties is %s", tool, closed)
	}
	for _, keyword := range []string{"anyOf", "oneOf", "allOf", "if", "$ref"} {
		if _, there := schema[keyword]; there {
			t.Errorf("%s: %s at the root", tool, keyword)
		}
	}
	var properties map[string]struct{ Description string }
	if err := json.Unmarshal(schema["properties"], &properties); err != nil {
		t.Errorf("%s: %v", tool, err)
	}
	for name, p := range properties {
		if p.Description == "" {
			t.Errorf("%s: field %s has no description", tool, name)
		}
	}
}
