package endpoint

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"

	"fazt/server/op"
)

// prompt is a task that people begin from their client's menu: a text that says
// how to go about it here, with the calls to make. A caller sees those whose
// operations it may call.
type prompt struct {
	name, about string
	needs       []string // operations
	arguments   []promptArgument
	text        func(given map[string]string) string
}

type promptArgument struct {
	name, about string
	required    bool
}

func prompts() []prompt {
	return []prompt{promptUndo(), promptSetUp(), promptCapacity()} // by name
}

func promptSetUp() prompt {
	return prompt{
		name: "app_set_up", about: "Set up an app: its collections, first data and, if wanted, a page",
		needs: []string{"app_create", "collection_set"},
		arguments: []promptArgument{
			{name: "app", about: "id of the app: lower case letters, digits and -", required: true},
			{name: "purpose", about: "what it is for"},
		},
		text: func(given map[string]string) string {
			app := object{{"app", given["app"]}}
			return steps("Set up the app "+quoted(given["app"])+" in fazt"+purpose(given["purpose"])+".",
				"See whether it exists: "+invoke("system_status", app)+". If it does, keep what is there and go on from its map; else "+
					invoke(toolRun, object{{"name", "app_create"}, {"input", object{{"id", given["app"]}}}})+".",
				"Propose to me, in a few lines, which collections it needs, with their fields and which of them are looked up or must be unique. Wait for my word.",
				"Make each with op_run collection_set (op_find {\"query\":\"collection_set\"} shows its input): a schema, and an index for each field that is searched.",
				"If I have data, store it with doc_put (up to 20) or csv_import (op_find {\"query\":\"csv_import\"}); do not invent any.",
				"If I want to see it in a browser: op_run page_from_collection, or a page of my own under site/ with blob_put.",
				"Show me the map at the end: "+invoke("system_status", app)+".")
		},
	}
}

func purpose(text string) string {
	if text = strings.TrimSpace(text); text == "" {
		return ""
	}
	return ". It is for " + quoted(text)
}

func promptCapacity() prompt {
	return prompt{
		name: "capacity_explain", about: "Explain how many users this server bears, and what would let it bear more",
		needs:     []string{"capacity_get"},
		arguments: []promptArgument{{name: "users", about: "how many are expected at once"}},
		text: func(given map[string]string) string {
			asked := "Explain to me what this fazt server can bear."
			if given["users"] != "" {
				asked = "Explain to me whether this fazt server bears " + quoted(given["users"]) + " users at once."
			}
			return steps(asked,
				"Read the measured figures: "+invoke(toolRun, object{{"name", "capacity_get"}, {"input", object{}}})+".",
				"If they are marked as not calibrated, say so, and offer a calibration (op_run capacity_calibrate); it takes some seconds of the machine. Begin it only when I agree.",
				"Say in plain words: how many users it bears with which mix and pause between their requests, between which bounds, and what binds first (processor, disk, memory or connections).",
				"Name what would raise the bound, and which figures are measured and which predicted. Do not add figures of your own.")
		},
	}
}

func promptUndo() prompt {
	return prompt{
		name: "agent_undo", about: "Find out what an agent did, and take it back",
		needs: []string{"system_audit", "undo_preview", "undo_run"},
		arguments: []promptArgument{
			{name: "agent", about: "name or id of its token", required: true},
			{name: "since", about: "from when on, such as: this morning, 14:00, 2 hours ago"},
		},
		text: func(given map[string]string) string {
			since := "everything that is kept"
			if given["since"] != "" {
				since = "what it did since " + quoted(given["since"])
			}
			undo := func(name string) string {
				return invoke(toolRun, object{{"name", name}, {"input", object{{"app", "APP"}, {"by", "ID"}, {"since", 0}}}})
			}
			return steps("Find out what the agent "+quoted(given["agent"])+" did in fazt, and take "+since+" back.",
				"Find the id of its token: op_run token_list (an owner's token can), or principal in "+
					invoke(toolRun, object{{"name", "system_audit"}, {"input", object{{"limit", 200}}}})+".",
				"Read from system_audit what that id did and when; turn the time into Unix ms for since (0 means all that is kept).",
				"For each app that it wrote to, see what an undo would do: "+undo("undo_preview")+".",
				"Tell me in a table what would be restored, removed and left alone because it has changed since. Wait for my word.",
				"Then "+undo("undo_run")+" with the same values, app by app. Deleted apps come back by op_run app_restore (app_bin lists them), sites by site_rollback.",
				"Say what was taken back and what was not, and why. To keep the agent from going on: I can press Stop all agents in the admin page, or revoke its token.")
		},
	}
}

// steps are a task and how to go about it.
func steps(task string, list ...string) string {
	var b strings.Builder
	b.WriteString(task + "\n")
	for i, step := range list {
		fmt.Fprintf(&b, "\n%d. %s", i+1, step)
	}
	return b.String()
}

// quoted is what a person typed for an argument, as one JSON string.
func quoted(given string) string { return fence(text(given)) }

// visiblePrompts is mcp-go's filter: for the list, and for a prompt by name.
func (e *Endpoint) visiblePrompts(ctx context.Context, listed []mcp.Prompt) []mcp.Prompt {
	x := from(ctx)
	if x == nil {
		return nil
	}
	kept := make([]mcp.Prompt, 0, len(listed))
	for _, shown := range listed {
		i := slices.IndexFunc(prompts(), func(p prompt) bool { return p.name == shown.Name })
		if i < 0 || e.mayUse(x, prompts()[i]) { // one that is not ours is a fixture
			kept = append(kept, shown)
		}
	}
	slices.SortFunc(kept, func(a, b mcp.Prompt) int { return strings.Compare(a.Name, b.Name) })
	return kept
}

func (e *Endpoint) mayUse(x *exchange, p prompt) bool {
	for _, name := range p.needs {
		o, ok := e.options.Registry.Lookup(name)
		if !ok || !x.principal.Scopes.Has(o.Scope) || x.variant.readOnly && o.Effect != op.Read {
			return false
		}
	}
	return true
}

func (e *Endpoint) registerPrompts() {
	for _, p := range prompts() {
		options := []mcp.PromptOption{mcp.WithPromptDescription(p.about)}
		for _, a := range p.arguments {
			given := []mcp.ArgumentOption{mcp.ArgumentDescription(a.about)}
			if a.required {
				given = append(given, mcp.RequiredArgument())
			}
			options = append(options, mcp.WithArgument(a.name, given...))
		}
		e.mcp.AddPrompt(mcp.NewPrompt(p.name, options...), func(_ context.Context, r mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
			if err := p.check(r.Params.Arguments); err != nil {
				return nil, err
			}
			return &mcp.GetPromptResult{Description: p.about, Messages: []mcp.PromptMessage{
				{Role: mcp.RoleUser, Content: mcp.NewTextContent(p.text(r.Params.Arguments))},
			}}, nil
		})
	}
}

// check names what is missing, which mcp-go takes as "".
func (p prompt) check(given map[string]string) error {
	for _, a := range p.arguments {
		if a.required && strings.TrimSpace(given[a.name]) == "" {
			return invalidParams(fmt.Sprintf("the prompt %s needs the argument %s: %s", p.name, a.name, a.about))
		}
	}
	return nil
}
