package endpoint

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"fazt/agent/approval"
	"fazt/server/op"
)

// TestApprovalInPlace: a client that declared elicitation is asked itself. Only
// an answer counts; a decline of the client's own decides nothing, and the
// request goes on waiting in the approvals room.
func TestApprovalInPlace(t *testing.T) {
	t.Parallel()
	for _, revision := range revisions {
		for name, c := range map[string]struct {
			action, answer string
			gone           bool
			says           string
			state          approval.State
		}{
			"approved":            {"accept", "approve", true, "ok app_delete", approval.Used},
			"declined":            {"accept", "decline", false, "a person declined", approval.Declined},
			"by the client alone": {"decline", "", false, "waits for a person's approval", approval.Waiting},
			"closed":              {"cancel", "", false, "waits for a person's approval", approval.Waiting},
		} {
			t.Run(revision+"/"+name, func(t *testing.T) {
				t.Parallel()
				desk := approval.New(approval.Options{Wait: 10 * time.Millisecond})
				w := newWorld(t, func(o *Options, ports *op.Ports) {
					ports.Approver = desk
					o.Decide = func(id string, approve bool, by string) error {
						_, err := desk.Decide(id, approve, by)
						return err
					}
				})
				w.call("/mcp", "kv_set", `{"app":"shop","key":"a","value":1}`)
				var asked atomic.Int64
				s := w.foreign(revision, &mcp.ClientOptions{
					ElicitationHandler: func(_ context.Context, r *mcp.ElicitRequest) (*mcp.ElicitResult, error) {
						asked.Add(1)
						if !strings.Contains(r.Params.Message, `app_delete: app "shop" with`) {
							t.Errorf("the question is %q", r.Params.Message)
						}
						result := &mcp.ElicitResult{Action: c.action}
						if c.answer != "" {
							result.Content = map[string]any{"answer": c.answer}
						}
						return result, nil
					},
				})
				got, err := s.CallTool(t.Context(), &mcp.CallToolParams{Name: "op_run", Arguments: map[string]any{
					"name": "app_delete", "input": map[string]any{"app": "shop"}, "confirm": "shop",
				}})
				if err != nil {
					t.Fatal(err)
				}
				if text := got.Content[0].(*mcp.TextContent).Text; !strings.Contains(text, c.says) || got.IsError == c.gone {
					t.Errorf("the answer is %q", text)
				}
				if _, there := w.store.apps["shop"]; there == c.gone || asked.Load() != 1 {
					t.Errorf("asked %d times; the app is there: %v", asked.Load(), there)
				}
				if list := desk.List(); len(list) != 1 || list[0].State != c.state {
					t.Errorf("the desk holds %+v", list)
				}
			})
		}
	}
}

// TestApprovalInPlaceIsBound: an answer serves the call that was asked about,
// and nobody makes one up.
func TestApprovalInPlaceIsBound(t *testing.T) {
	t.Parallel()
	desk := approval.New(approval.Options{Wait: 10 * time.Millisecond})
	w := newWorld(t, func(o *Options, ports *op.Ports) {
		ports.Approver = desk
		o.Decide = func(id string, approve bool, by string) error {
			_, err := desk.Decide(id, approve, by)
			return err
		}
	})
	// A client without elicitation is not asked, whatever it sends.
	text := w.call("/mcp", "op_run", `{"name":"app_delete","input":{"app":"shop"},"confirm":"shop"}`).Content[0].Text
	if !strings.Contains(text, "waits for a person's approval") {
		t.Errorf("without elicitation: %s", text)
	}
	if list := desk.List(); len(list) != 1 || list[0].State != approval.Waiting {
		t.Errorf("%+v", list)
	}
}
