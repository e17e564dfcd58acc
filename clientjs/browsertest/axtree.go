package browsertest

import (
	"encoding/json"
	"testing"
)

// AXNode is one node of the accessibility tree that Chromium computed.
type AXNode struct {
	ID          string
	Parent      string
	Children    []string
	DOMNode     int // the backend id; 0 for nodes without one, such as lines of text
	Ignored     bool
	Reasons     []string // why it is ignored
	Role        string
	Name        string
	Description string
	Value       string
	Properties  map[string]any
}

type axValue struct{ Value json.RawMessage }

// text returns a string value as it is and any other as its JSON.
func (v *axValue) text() string {
	if v == nil {
		return ""
	}
	var s string
	if json.Unmarshal(v.Value, &s) == nil {
		return s
	}
	return string(v.Value)
}

// AXTree returns Chromium's own accessibility tree of the main frame's
// document, ignored nodes included, in tree order.
func (p *Page) AXTree(t testing.TB) []AXNode {
	t.Helper()
	type property struct {
		Name  string
		Value axValue
	}
	var answer struct {
		Nodes []struct {
			NodeID, ParentID  string
			ChildIDs          []string
			BackendDOMNodeID  int
			Ignored           bool
			IgnoredReasons    []property
			Role, Name, Value *axValue
			Description       *axValue
			Properties        []property
		}
	}
	p.Call(t, "Accessibility.getFullAXTree", map[string]any{}, &answer)
	nodes := make([]AXNode, len(answer.Nodes))
	for i, n := range answer.Nodes {
		node := AXNode{
			ID: n.NodeID, Parent: n.ParentID, Children: n.ChildIDs, DOMNode: n.BackendDOMNodeID, Ignored: n.Ignored,
			Role: n.Role.text(), Name: n.Name.text(), Description: n.Description.text(), Value: n.Value.text(),
			Properties: map[string]any{},
		}
		for _, reason := range n.IgnoredReasons {
			node.Reasons = append(node.Reasons, reason.Name)
		}
		for _, property := range n.Properties {
			var value any
			_ = json.Unmarshal(property.Value.Value, &value) // a property without a value is one that is set
			node.Properties[property.Name] = value
		}
		nodes[i] = node
	}
	return nodes
}
