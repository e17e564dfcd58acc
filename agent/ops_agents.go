package agent

import (
	"context"
	"encoding/json"

	"fazt/agent/limit"
	"fazt/server/op"
	"fazt/storage"
)

// stopRoom is what the operations on all agents at once work with.
type stopRoom struct{ agent *Agent }

type agentStateOut struct {
	Stopped   bool   `json:"stopped" doc:"whether a person has stopped all agents"`
	StoppedBy string `json:"stopped_by,omitzero" doc:"the name of the person's token"`
	StoppedAt int64  `json:"stopped_at,omitzero" doc:"Unix ms"`
	Runs      int    `json:"runs" doc:"runs under way; of agent_stop those that it ended"`
	Tabs      int    `json:"tabs" doc:"tabs that the server has open for agents; of agent_stop those that it closed"`
}

type agentStateIn struct{}

func (r *stopRoom) operations() []*op.Operation {
	return []*op.Operation{r.opStatus(), r.opStop(), r.opResume()}
}

func (r *stopRoom) opStatus() *op.Operation {
	return op.Define(op.Operation{
		Name: "agent_status", Summary: "Say whether agents may work, and what they have under way", Scope: "system:read", Effect: op.Read,
		Method: "GET", Path: "/api/agents",
		Examples: []op.Example{{Title: "They may", In: `{}`, Out: `{"stopped":false,"runs":0,"tabs":0}`}},
	}, r.status)
}

func (r *stopRoom) opStop() *op.Operation {
	return op.Define(op.Operation{
		Name: "agent_stop", Summary: "Stop all agents at once", Scope: "system:write", Effect: op.Write, Idempotent: true, PeopleOnly: true,
		Description: "Every run is ended, every tab of an agent closed, every grant ended, and whatever an agent's token or a call over MCP asks for from now on is refused with agents_stopped, also after a restart, until agent_resume. People and services go on.",
		Method:      "POST", Path: "/api/agents/stop",
		Examples: []op.Example{{
			Title: "Nothing was under way", In: `{}`, Out: `{"stopped":true,"stopped_by":"owner","stopped_at":1764000000000,"runs":0,"tabs":0}`,
		}},
	}, r.stop)
}

func (r *stopRoom) opResume() *op.Operation {
	return op.Define(op.Operation{
		Name: "agent_resume", Summary: "Let agents work again", Scope: "system:write", Effect: op.Write, Idempotent: true, PeopleOnly: true,
		Description: "What was ended does not go on by itself, and grants are to be given anew.",
		Method:      "POST", Path: "/api/agents/resume",
		Examples: []op.Example{{
			Title: "After a stop", Given: []op.Given{{Op: "agent_stop", In: `{}`}}, In: `{}`, Out: `{"stopped":false,"runs":0,"tabs":0}`,
		}},
	}, r.resume)
}

func (r *stopRoom) status(ctx context.Context, _ agentStateIn) (agentStateOut, error) {
	stop, err := r.agent.options.Gate.Stopped(ctx)
	if err != nil {
		return agentStateOut{}, r.agent.options.ErrorOf(err)
	}
	tabs, _ := r.agent.hub.Count()
	out := agentStateOut{Runs: r.agent.runner.Count(), Tabs: tabs}
	if stop != nil {
		out.Stopped, out.StoppedBy, out.StoppedAt = true, stop.By, stop.At
	}
	return out, nil
}

// stop first makes the stop durable: from then on the gate lets nothing of an
// agent begin, so what is ended afterwards is all there was.
func (r *stopRoom) stop(ctx context.Context, _ agentStateIn) (agentStateOut, error) {
	inv, o := op.From(ctx), r.agent.options
	stop, err := o.Gate.Stopped(ctx)
	if err != nil {
		return agentStateOut{}, o.ErrorOf(err)
	}
	if stop == nil {
		stop = &limit.Stop{At: o.Now().UnixMilli(), By: inv.Principal.Name}
	}
	value, err := json.Marshal(stop)
	if err != nil {
		return agentStateOut{}, err
	}
	out := agentStateOut{Stopped: true, StoppedBy: stop.By, StoppedAt: stop.At}
	if err := r.write(ctx, value, out); err != nil || inv.Envelope.DryRun {
		return out, err
	}
	out.Runs, out.Tabs, err = r.agent.cutOff(ctx, inv.Principal.Name)
	return out, err
}

// cutOff ends what is under way. The gate has ended the calls by now.
func (a *Agent) cutOff(ctx context.Context, by string) (runs, tabs int, err error) {
	if _, err := a.options.Gate.Stopped(ctx); err != nil {
		return 0, 0, a.options.ErrorOf(err)
	}
	a.endpoint.CutOff()
	tabs, _ = a.hub.CutOff(by + " has stopped all agents")
	runs = a.runner.CutOff(ctx, by+", who stopped all agents")
	a.hub.Publish("agents", struct{}{})
	return runs, tabs, nil
}

func (r *stopRoom) resume(ctx context.Context, in agentStateIn) (agentStateOut, error) {
	if err := r.write(ctx, json.RawMessage("null"), agentStateOut{}); err != nil {
		return agentStateOut{}, err
	}
	r.agent.hub.Publish("agents", struct{}{})
	out, err := r.status(ctx, in)
	if op.From(ctx).Envelope.DryRun {
		out.Stopped, out.StoppedBy, out.StoppedAt = false, "", 0
	}
	return out, err
}

func (r *stopRoom) write(ctx context.Context, value json.RawMessage, out agentStateOut) error {
	batch := &storage.Batch{Mutations: []storage.Mutation{storage.SettingSet{Name: limit.SettingStopped, Value: value}}}
	_, err := r.agent.options.Commit(ctx, batch, func(*storage.Outcome) any { return out })
	return err
}
