package endpoint

import (
	"net/url"
	"slices"
	"strings"

	"fazt/server/op"
)

// variant is which tools an address offers, and how they answer. It is said in
// the URL, so that a client's configuration fixes it for good.
type variant struct {
	readOnly   bool     // /mcp/readonly
	structured bool     // ?structured=1
	only       bool     // without the default tools
	areas      []string // whose operations are tools of their own
}

// parseVariant reads an address such as /mcp?toolsets=kv,apps. What it does
// not know is an error: a misspelt toolset would else be missing silently.
func parseVariant(u *url.URL) (*variant, error) {
	v := &variant{}
	switch strings.TrimSuffix(u.Path, "/") {
	case "/mcp":
	case "/mcp/readonly":
		v.readOnly = true
	default:
		return nil, op.NotFound("path", "there is nothing at %q", u.Path).WithHint("use /mcp or /mcp/readonly")
	}
	for name, values := range u.Query() {
		if err := v.parameter(name, values[len(values)-1]); err != nil {
			return nil, err
		}
	}
	return v, nil
}

func (v *variant) parameter(name, value string) error {
	switch name {
	case "toolsets":
		return v.toolsets(value)
	case "structured":
		if value != "0" && value != "1" {
			return op.Invalid("structured", "structured is %q, and may be 0 or 1", value).WithHint("use ?structured=1")
		}
		v.structured = value == "1"
		return nil
	}
	return op.Invalid(name, "unknown parameter %q%s", name, op.Suggest(name, []string{"toolsets", "structured"})).
		WithHint("parameters are toolsets and structured")
}

func (v *variant) toolsets(value string) error {
	known := areaNames()
	for name := range strings.SplitSeq(value, ",") {
		name = strings.TrimSpace(name)
		switch {
		case name == "only":
			v.only = true
		case name == "" || name == "default":
		case !slices.Contains(known, name):
			return op.Invalid("toolsets", "unknown toolset %q%s", name, op.Suggest(name, known)).
				WithHint("toolsets are %s, and only to leave out the default tools", strings.Join(known, ", "))
		case !slices.Contains(v.areas, name):
			v.areas = append(v.areas, name)
		}
	}
	if v.only && len(v.areas) == 0 {
		return op.Invalid("toolsets", "only leaves out the default tools, and no toolset is named").
			WithHint("name at least one of %s", strings.Join(known, ", "))
	}
	return nil
}

// areaNames are the areas that scopes speak of.
func areaNames() []string {
	var names []string
	for _, s := range op.AllScopes() {
		if area := areaOf(s); !slices.Contains(names, area) {
			names = append(names, area)
		}
	}
	return names
}

func areaOf(s op.Scope) string {
	area, _, _ := strings.Cut(string(s), ":")
	return area
}
