package op

import (
	"fmt"
	"strings"
)

// LLMs is /llms.txt: what a model should know of this server, in Markdown as
// llmstxt.org describes it, with a line for each operation.
func LLMs(r *Registry, info DocInfo) string {
	var b strings.Builder
	base := strings.TrimRight(info.ServerURL, "/")
	fmt.Fprintf(&b, "# %s\n\n", info.title())
	b.WriteString("> A personal cloud in one program, operable exactly by AI agents: every function is one typed operation over MCP, HTTP, an ES module and the command line.\n\n")
	fmt.Fprintf(&b, "Version %s. Over MCP connect to %s/mcp and start with op_find. Over HTTP send `Authorization: Bearer TOKEN`; "+
		"errors are application/problem+json with a code and a hint, the next step. "+
		"Writes take Idempotency-Key and Fazt-Dry-Run headers.\n\n", info.Version, base)
	fmt.Fprintf(&b, "## Documents\n\n"+
		"- [OpenAPI 3.1](%[1]s/openapi.json): every operation with its schemas and errors\n"+
		"- [Reference](%[1]s/docs): the same for people, with examples\n"+
		"- [ES module](%[1]s/agent/fazt.js): `import { connect } from \"%[1]s/agent/fazt.js\"`\n"+
		"- [Types](%[1]s/agent/fazt.d.ts): the module's declarations\n", base)
	for _, group := range byNoun(published(r)) {
		fmt.Fprintf(&b, "\n## %s\n\n", nounTitle(group.Noun))
		for _, o := range group.Operations {
			fmt.Fprintf(&b, "- [%s](%s/docs#%s): %s. `%s %s` `fazt.%s(%s)`\n",
				o.Name, base, o.Name, oneLine(o.Summary), o.Method, o.Path, o.JSName(), o.sketchFields())
		}
	}
	return b.String()
}

// sketchFields lists the input's fields as a signature, optional ones with ?.
func (o *Operation) sketchFields() string {
	var names []string
	for _, f := range o.Fields() {
		name := f.Name
		if !f.Required {
			name += "?"
		}
		names = append(names, name)
	}
	if len(names) == 0 {
		return ""
	}
	return "{" + strings.Join(names, ", ") + "}"
}
