package endpoint

import (
	"errors"
	"fmt"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"fazt/agent/approval"
)

// Approvals in place: a client that declared elicitation is asked for its
// person's word, in both revisions by a result that requires input (mcp-go makes
// requests of the server of it within a session).
//
// Only what was truly answered counts. A client may decline or close a question
// that nobody saw, so that decides nothing: the call is made again as one that
// waits for the approvals room.

// questionKey names the one question of an approval.
const questionKey = "approval"

// answerField must hold one of two words: an empty form that was accepted is no
// approval.
const answerField = "answer"

const (
	answerApprove = "approve"
	answerDecline = "decline"
)

// asksInPlace readies a call to be asked about in place, or takes the answer of
// one that was.
func (c *call) asksInPlace(request mcp.CallToolRequest) error {
	p := request.Params
	if c.endpoint.options.Decide == nil || capabilities(c.ctx).Elicitation == nil {
		return nil
	}
	if p.RequestState == "" {
		c.ctx = approval.AskInPlace(c.ctx)
		return nil
	}
	id, err := c.endpoint.states.open(c.exchange, p.RawArguments, p.RequestState)
	if err != nil {
		return err
	}
	c.decide(id, server.ElicitationResponse(p.InputResponses, questionKey))
	return nil
}

// decide hands a person's answer to the desk. A request that is decided or
// expired meanwhile stays as it is: the call hears how.
func (c *call) decide(id string, result *mcp.ElicitationResult) {
	if result == nil || result.Action != mcp.ElicitationResponseActionAccept {
		return
	}
	content, ok := result.Content.(map[string]any)
	if !ok {
		return
	}
	switch content[answerField] {
	case answerApprove:
		_ = c.endpoint.options.Decide(id, true, c.person())
	case answerDecline:
		_ = c.endpoint.options.Decide(id, false, c.person())
	}
}

func (c *call) person() string { return "a person, asked by " + c.exchange.client }

// noted keeps what is to be asked in place.
func (c *call) noted(err error) {
	var pending *approval.Pending
	if errors.As(err, &pending) {
		c.pending = &pending.Request
	}
}

// question is the result that asks a person in place.
func (c *call) question(arguments []byte) *mcp.CallToolResult {
	r := c.pending
	b := server.NewInputRequestBuilder(c.endpoint.states.seal(c.exchange, arguments, r.ID))
	b.Elicit(questionKey, mcp.ElicitationParams{
		Message: fmt.Sprintf("%s wants to do %s: %s. An approval serves this one call.", line(r.Name), r.Operation, line(r.Summary)),
		RequestedSchema: map[string]any{
			"type": "object", "required": []string{answerField},
			"properties": map[string]any{answerField: map[string]any{
				"type": "string", "enum": []string{answerApprove, answerDecline}, "title": "Answer",
				"description": "approve lets this one call go on, decline ends it",
			}},
		},
	})
	return b.ToolResult()
}
