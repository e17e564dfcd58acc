package endpoint

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

// Fixtures that ask the client back: in 2026-07-28 by a result that requires
// input, before it by requests of the server within a session.

// question is an input request with its key.
type question struct {
	key    string
	method string // elicitation, sampling or roots
	text   string
	field  string
	kind   string
}

// round is what a tool asks at one stage of a request.
type round struct {
	questions []question
	state     string
}

func (r round) builder(e *Endpoint, ctx context.Context, arguments []byte) *server.InputRequestBuilder {
	state := ""
	if r.state != "" {
		state = e.states.seal(from(ctx), arguments, r.state)
	}
	b := server.NewInputRequestBuilder(state)
	for _, q := range r.questions {
		switch q.method {
		case "sampling":
			b.Sample(q.key, sampling(q.text))
		case "roots":
			b.Roots(q.key)
		default:
			b.Elicit(q.key, mcp.ElicitationParams{Message: q.text, RequestedSchema: askFor(q.field, q.kind)})
		}
	}
	return b
}

func askFor(name, kind string) map[string]any {
	return map[string]any{
		"type": "object", "properties": map[string]any{name: map[string]any{"type": kind}}, "required": []string{name},
	}
}

func sampling(text string) mcp.CreateMessageParams {
	return mcp.CreateMessageParams{
		Messages:  []mcp.SamplingMessage{{Role: mcp.RoleUser, Content: mcp.NewTextContent(text)}},
		MaxTokens: 100,
	}
}

var askName = question{key: "user_name", text: "What is your name?", field: "name", kind: "string"}

func (e *Endpoint) askingFixtures() []fixture {
	ask := func(name string, r round, finish func(mcp.InputResponses) string) fixture {
		return fixture{name: name, about: "Asks the client for input", handle: e.asking(r, finish)}
	}
	constant := func(text string) func(mcp.InputResponses) string {
		return func(mcp.InputResponses) string { return text }
	}
	sample := question{key: "capital_question", method: "sampling", text: "What is the capital of France?"}
	roots := question{key: "client_roots", method: "roots"}
	confirm := question{key: "confirm", text: "Please confirm", field: "ok", kind: "boolean"}
	return []fixture{
		ask("test_input_required_result_elicitation", round{questions: []question{askName}}, func(answers mcp.InputResponses) string {
			return "Hello, " + answered(answers, "user_name", "name") + "!"
		}),
		ask("test_streaming_elicitation", round{questions: []question{askName}}, constant("thank you")),
		ask("test_input_required_result_sampling", round{questions: []question{sample}}, func(answers mcp.InputResponses) string {
			return "The client's model said: " + text(server.SamplingResponse(answers, "capital_question"))
		}),
		ask("test_input_required_result_list_roots", round{questions: []question{roots}}, func(answers mcp.InputResponses) string {
			return "Roots: " + text(server.RootsResponse(answers, "client_roots"))
		}),
		ask("test_input_required_result_request_state", round{[]question{confirm}, "confirm"}, constant("state-ok")),
		ask("test_input_required_result_tampered_state", round{[]question{confirm}, "confirm"}, constant("state-ok")),
		ask("test_input_required_result_multiple_inputs", round{
			[]question{askName, {key: "greeting", method: "sampling", text: "Generate a greeting"}, roots}, "several",
		}, constant("all answered")),
		{name: "test_input_required_result_multi_round", about: "Asks twice", handle: e.askTwice},
		{name: "test_input_required_result_capabilities", about: "Asks only what the client can answer", handle: e.askWhatCan},
	}
}

// answered returns one field of an accepted form.
func answered(answers mcp.InputResponses, key, field string) string {
	result := server.ElicitationResponse(answers, key)
	if result == nil || result.Action != mcp.ElicitationResponseActionAccept {
		return "stranger"
	}
	content, ok := result.Content.(map[string]any)
	if !ok {
		return "stranger"
	}
	return fmt.Sprint(content[field])
}

// asking asks until every question is answered.
func (e *Endpoint) asking(r round, finish func(mcp.InputResponses) string) server.ToolHandlerFunc {
	return func(ctx context.Context, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		if err := canAsk(ctx, r.questions); err != nil {
			return nil, err
		}
		p := request.Params
		if p.RequestState != "" {
			if _, err := e.states.open(from(ctx), p.RawArguments, p.RequestState); err != nil {
				return nil, err
			}
		}
		if !complete(r.questions, p.InputResponses) || r.state != "" && p.RequestState == "" {
			return r.builder(e, ctx, p.RawArguments).ToolResult(), nil
		}
		return said(finish(p.InputResponses)), nil
	}
}

// complete reports whether each question has an answer of its kind.
func complete(questions []question, answers mcp.InputResponses) bool {
	for _, q := range questions {
		var ok bool
		switch q.method {
		case "sampling":
			ok = server.SamplingResponse(answers, q.key) != nil
		case "roots":
			ok = server.RootsResponse(answers, q.key) != nil
		default:
			result := server.ElicitationResponse(answers, q.key)
			ok = result != nil && result.Action != ""
		}
		if !ok {
			return false
		}
	}
	return true
}

// canAsk refuses what the client did not say it can answer.
func canAsk(ctx context.Context, questions []question) error {
	can := capabilities(ctx)
	for _, q := range questions {
		switch {
		case q.method == "sampling" && can.Sampling == nil:
			return missingCapability("sampling")
		case q.method == "roots" && can.Roots == nil:
			return missingCapability("roots")
		case q.method == "" && can.Elicitation == nil:
			return missingCapability("elicitation")
		}
	}
	return nil
}

func (e *Endpoint) askTwice(ctx context.Context, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	p := request.Params
	first := round{[]question{{key: "step1", text: "Step 1: What is your name?", field: "name", kind: "string"}}, "1"}
	second := round{[]question{{key: "step2", text: "Step 2: What is your favorite color?", field: "color", kind: "string"}}, "2"}
	if err := canAsk(ctx, first.questions); err != nil {
		return nil, err
	}
	state := ""
	if p.RequestState != "" {
		var err error
		if state, err = e.states.open(from(ctx), p.RawArguments, p.RequestState); err != nil {
			return nil, err
		}
	}
	switch {
	case state == "1" && complete(first.questions, p.InputResponses):
		return second.builder(e, ctx, p.RawArguments).ToolResult(), nil
	case state == "2" && complete(second.questions, p.InputResponses):
		return said("You like " + answered(p.InputResponses, "step2", "color")), nil
	case state == "2":
		return second.builder(e, ctx, p.RawArguments).ToolResult(), nil
	}
	return first.builder(e, ctx, p.RawArguments).ToolResult(), nil
}

func (e *Endpoint) askWhatCan(ctx context.Context, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	can := capabilities(ctx)
	var r round
	if can.Elicitation != nil {
		r.questions = append(r.questions, askName)
	}
	if can.Sampling != nil {
		r.questions = append(r.questions, question{key: "greeting", method: "sampling", text: "Generate a greeting"})
	}
	if can.Roots != nil {
		r.questions = append(r.questions, question{key: "client_roots", method: "roots"})
	}
	if len(r.questions) == 0 || complete(r.questions, request.Params.InputResponses) {
		return said("asked what could be answered"), nil
	}
	return r.builder(e, ctx, request.Params.RawArguments).ToolResult(), nil
}

// legacyFixtures ask by requests of the server, as before 2026-07-28.
func (e *Endpoint) legacyFixtures() []fixture {
	message := func(name string) string {
		return `{"type":"object","properties":{"` + name + `":{"type":"string","description":"what to say"}},"required":["` + name + `"],"additionalProperties":false}`
	}
	return []fixture{
		{name: "test_sampling", about: "Asks the client's model", schema: message("prompt"), handle: e.askModel},
		{name: "test_elicitation", about: "Asks the user", schema: message("message"), handle: func(ctx context.Context, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			return e.askUser(ctx, "User response: ", mcp.ElicitationParams{Message: request.GetString("message", ""), RequestedSchema: json.RawMessage(
				`{"type":"object","properties":{"username":{"type":"string","description":"User's response"},"email":{"type":"string","description":"User's email address"}},"required":["username","email"]}`)})
		}},
		{name: "test_elicitation_sep1034_defaults", about: "Asks with defaults", handle: e.askingUser(fixtureDefaults)},
		{name: "test_elicitation_sep1330_enums", about: "Asks with choices", handle: e.askingUser(fixtureEnums)},
	}
}

const fixtureDefaults = `{"type":"object","properties":{"name":{"type":"string","default":"John Doe"},"age":{"type":"integer","default":30},` +
	`"score":{"type":"number","default":95.5},"status":{"type":"string","enum":["active","inactive","pending"],"default":"active"},` +
	`"verified":{"type":"boolean","default":true}}}`

const fixtureEnums = `{"type":"object","properties":{"untitledSingle":{"type":"string","enum":["option1","option2","option3"]},` +
	`"titledSingle":{"type":"string","oneOf":[{"const":"value1","title":"First Option"},{"const":"value2","title":"Second Option"},{"const":"value3","title":"Third Option"}]},` +
	`"legacyEnum":{"type":"string","enum":["opt1","opt2","opt3"],"enumNames":["Option One","Option Two","Option Three"]},` +
	`"untitledMulti":{"type":"array","items":{"type":"string","enum":["option1","option2","option3"]}},` +
	`"titledMulti":{"type":"array","items":{"anyOf":[{"const":"value1","title":"First Choice"},{"const":"value2","title":"Second Choice"},{"const":"value3","title":"Third Choice"}]}}}}`

func (e *Endpoint) askingUser(schema string) server.ToolHandlerFunc {
	return func(ctx context.Context, _ mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return e.askUser(ctx, "Elicitation completed: ", mcp.ElicitationParams{Message: "Please fill this in", RequestedSchema: json.RawMessage(schema)})
	}
}

func (e *Endpoint) askUser(ctx context.Context, before string, params mcp.ElicitationParams) (*mcp.CallToolResult, error) {
	if capabilities(ctx).Elicitation == nil {
		return mcp.NewToolResultError("the client did not declare elicitation"), nil
	}
	result, err := e.mcp.RequestElicitation(ctx, mcp.ElicitationRequest{Params: params})
	if err != nil {
		return mcp.NewToolResultError(err.Error()), nil
	}
	return said(fmt.Sprintf("%saction=%s, content=%s", before, result.Action, text(result.Content))), nil
}

func (e *Endpoint) askModel(ctx context.Context, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	if capabilities(ctx).Sampling == nil {
		return mcp.NewToolResultError("the client did not declare sampling"), nil
	}
	result, err := e.mcp.RequestSampling(ctx, mcp.CreateMessageRequest{CreateMessageParams: sampling(request.GetString("prompt", ""))})
	if err != nil {
		return mcp.NewToolResultError(err.Error()), nil
	}
	if content, ok := result.Content.(mcp.TextContent); ok {
		return said("LLM response: " + content.Text), nil
	}
	return said("LLM response: " + text(result.Content)), nil
}
