package agent

import (
	"context"
	"slices"
	"strings"
	"time"

	"fazt/agent/hub"
	"fazt/server/op"
)

type grantCreateIn struct {
	Agent   string `json:"agent" maxLength:"200" doc:"the agent's token, by name or id"`
	Tab     string `json:"tab,omitzero" maxLength:"12" doc:"one tab of yours; nothing is every tab of yours"`
	Right   string `json:"right" default:"look" enum:"look,act" doc:"look, or act as well"`
	Minutes int    `json:"minutes" default:"60" minimum:"1" maximum:"720" doc:"when it ends by itself"`
}

type grantOut struct {
	Grant     string `json:"grant" doc:"the grant's id"`
	Agent     string `json:"agent" doc:"the agent's token id"`
	AgentName string `json:"agent_name" doc:"the agent's name"`
	Person    string `json:"person" doc:"whose tabs these are"`
	Tab       string `json:"tab,omitzero" doc:"the tab; nothing is every tab of that person"`
	Right     string `json:"right" doc:"look or act"`
	Until     int64  `json:"until" doc:"when it ends, Unix milliseconds"`
}

type grantListIn struct{}

type grantListOut struct {
	Items []grantOut `json:"items" doc:"the open grants that you gave or hold"`
	Next  *string    `json:"next_cursor" doc:"always null: the list is whole"`
}

type grantRevokeIn struct {
	Grant string `json:"grant" maxLength:"40" doc:"the grant's id"`
}

type grantRevokeOut struct {
	Revoked bool `json:"revoked" doc:"true"`
}

func (r *tabRoom) grantOperations() []*op.Operation {
	return []*op.Operation{
		op.Define(op.Operation{
			Name: "grant_create", Summary: "Let an agent look or act in your tabs", Scope: "tabs:write", Effect: op.Write,
			Description: "Only a person can, and only for tabs of their own. It ends by itself, when you revoke it, when you press Stop in the tab, and with the server.",
			Method:      "POST", Path: "/api/grants", PeopleOnly: true, ManyBatches: true,
		}, r.grant),
		op.Define(op.Operation{
			Name: "grant_list", Summary: "List the open grants that you gave or hold", Scope: "tabs:read", Effect: op.Read,
			Method: "GET", Path: "/api/grants",
			Examples: []op.Example{{Title: "None", In: `{}`, Out: `{"items": [], "next_cursor": null}`}},
		}, r.grants),
		op.Define(op.Operation{
			Name: "grant_revoke", Summary: "End a grant at once", Scope: "tabs:write", Effect: op.Write,
			Description: "What the agent was doing under it ends too.",
			Method:      "DELETE", Path: "/api/grants/{grant}", PeopleOnly: true, ManyBatches: true,
		}, r.revoke),
	}
}

func (r *tabRoom) grant(ctx context.Context, in grantCreateIn) (grantOut, error) {
	agent, err := r.agentNamed(ctx, in.Agent)
	if err != nil {
		return grantOut{}, err
	}
	g, err := r.hub.Grant(caller(ctx), hub.Grant{
		Agent: agent.ID, AgentName: agent.Name, Tab: tabNamed(in.Tab), Right: hub.Right(in.Right),
		Until: r.hub.Now().Add(time.Duration(in.Minutes) * time.Minute),
	})
	return grantOf(g), err
}

// agentNamed finds the token that a person means. A name that two tokens bear
// names neither: the right must not go to whoever took the same name.
func (r *tabRoom) agentNamed(ctx context.Context, name string) (namedToken, error) {
	tokens, err := r.agents(ctx)
	if err != nil {
		return namedToken{}, err
	}
	var found []namedToken
	var names []string
	for _, t := range tokens {
		if t.ID == name {
			return t, nil
		}
		if t.Name == name {
			found = append(found, t)
		}
		names = append(names, t.Name)
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return namedToken{}, op.Invalid("agent", "no agent %q%s", name, op.Suggest(name, names)).
			WithHint("agents are: %s", strings.Join(names, ", "))
	}
	ids := make([]string, len(found))
	for i, t := range found {
		ids[i] = t.ID
	}
	slices.Sort(ids)
	return namedToken{}, op.Invalid("agent", "%d agents are called %q", len(found), name).
		WithHint("name it by its id, one of %s", strings.Join(ids, ", "))
}

func (r *tabRoom) grants(ctx context.Context, _ grantListIn) (grantListOut, error) {
	items := []grantOut{}
	for _, g := range r.hub.Grants(caller(ctx)) {
		items = append(items, grantOf(g))
	}
	return grantListOut{Items: items}, nil
}

func (r *tabRoom) revoke(ctx context.Context, in grantRevokeIn) (grantRevokeOut, error) {
	err := r.hub.Revoke(caller(ctx), in.Grant)
	return grantRevokeOut{Revoked: err == nil}, err
}

func grantOf(g hub.Grant) grantOut {
	return grantOut{
		Grant: g.ID, Agent: g.Agent, AgentName: g.AgentName, Person: g.OwnerName, Tab: g.Tab,
		Right: string(g.Right), Until: g.Until.UnixMilli(),
	}
}
