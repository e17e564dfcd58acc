package ariatest

import (
	"fmt"
	"strings"
	"testing"

	"fazt/clientjs/browsertest"
)

// element is what one side says of an element.
type element struct {
	Path        string
	Role        string
	Name        string
	Description string
	Hidden      bool
	States      map[string]any
	Source      string
	Leaf        bool // below an element whose content is no node of its own
}

// collect is evaluated in the page: what the driver says of every element, in
// the order of the tree with shadow roots before children.
const collect = `(() => driver.withCache(() => {
	const out = [];
	const leaves = new Set("` + leafRoles + `".split(" "));
	const source = (el) => [el, ...["aria-labelledby", "aria-describedby"].flatMap((name) => (el.getAttribute(name) || "").split(" "))
		.map((id) => id && document.getElementById(id)).filter(Boolean)].concat([...(el.labels || [])]).map((e) => e.outerHTML.slice(0, 400)).join("\n      -> ");
	const visit = (node, path, leaf) => {
		let n = 0;
		for (const child of node.children) {
			n++;
			const at = path + (path ? " > " : "") + child.localName + (child.id ? "#" + child.id : node.children.length > 1 ? ":nth(" + n + ")" : "");
			const role = driver.roleOf(child);
			out.push({path: at, role, name: driver.nameOf(child), description: driver.descriptionOf(child), hidden: driver.isHidden(child), leaf, states: driver.statesOf(child), source: source(child)});
			const inside = leaf || leaves.has(role);
			if (child.shadowRoot) visit(child.shadowRoot, at + " > #shadow", inside);
			visit(child, at, inside);
		}
	};
	visit(document, "", false);
	return out;
}))()`

const leafRoles = "image"

// domNode is a node of the protocol's DOM.getDocument.
type domNode struct {
	BackendNodeID  int
	NodeType       int
	NodeName       string
	ShadowRootType string
	ShadowRoots    []domNode
	Children       []domNode
}

// elementIDs appends the backend ids of all elements in collect's order.
func elementIDs(ids []int, n domNode) []int {
	for _, root := range n.ShadowRoots {
		if root.ShadowRootType == "open" {
			ids = elementIDs(ids, root)
		}
	}
	for _, child := range n.Children {
		if child.NodeType == 1 {
			ids = append(ids, child.BackendNodeID)
			ids = elementIDs(ids, child)
		}
	}
	return ids
}

// pair is one element as both sides see it.
type pair struct {
	ours     element
	theirs   browsertest.AXNode
	inTree   bool // Chromium has a node for it, ignored or not
	exposed  bool // and does not ignore it
	unwanted bool // it is ignored because it is hidden
}

// look compares the page's present document element by element.
func look(t testing.TB, page *browsertest.Page) []pair {
	t.Helper()
	var ours []element
	page.EvalIn(t, browsertest.Isolated, collect, &ours)
	var document struct{ Root domNode }
	page.Call(t, "DOM.getDocument", map[string]any{"depth": -1, "pierce": true}, &document)
	ids := elementIDs(nil, document.Root)
	if len(ids) != len(ours) {
		t.Fatalf("the page has %d elements, the protocol %d", len(ours), len(ids))
	}
	byID := map[int]browsertest.AXNode{}
	for _, node := range page.AXTree(t) {
		if node.DOMNode != 0 && (byID[node.DOMNode].DOMNode == 0 || byID[node.DOMNode].Ignored) {
			byID[node.DOMNode] = node
		}
	}
	pairs := make([]pair, len(ours))
	for i, el := range ours {
		node, ok := byID[ids[i]]
		pairs[i] = pair{ours: el, theirs: node, inTree: ok, exposed: ok && !node.Ignored, unwanted: ok && node.Ignored && isHiddenReason(node.Reasons)}
	}
	return pairs
}

func isHiddenReason(reasons []string) bool {
	for _, reason := range reasons {
		switch reason {
		case "ariaHiddenElement", "ariaHiddenSubtree", "notRendered", "notVisible", "inertElement", "inertSubtree", "activeModalDialog":
			return true
		}
	}
	return false
}

// ariaRole is Chromium's role as an ARIA role: its internal roles for what HTML
// maps to none are generic, and those for fields with a picker are the textbox
// that one types into.
func ariaRole(role string) string {
	switch role {
	case "RootWebArea":
		return "document"
	case "DisclosureTriangle", "DisclosureTriangleGrouped":
		return "button"
	case "Date", "DateTime", "InputTime", "ColorWell", "Month", "Week":
		return "textbox"
	case "MathMLMath":
		return "math"
	case "SvgRoot":
		return "graphics-document"
	case "None", "none":
		return "generic" // both are without meaning
	}
	if role != "" && role[0] >= 'A' && role[0] <= 'Z' {
		return "generic"
	}
	return role
}

// difference is one thing that the sides say differently.
type difference struct {
	file, path, what string // what: role, name, hidden
	ours, theirs     string
	source           string // the element and what it refers to, as HTML
}

func (d difference) String() string {
	return fmt.Sprintf("%s: %s: %s is %q, Chromium says %q", d.file, d.path, d.what, d.ours, d.theirs)
}

// tally counts comparisons and keeps the differences.
type tally struct {
	compared map[string]int
	missed   map[string]int
	list     []difference
}

func newTally() *tally { return &tally{compared: map[string]int{}, missed: map[string]int{}} }

func (c *tally) add(file string, pairs []pair) {
	for _, p := range pairs {
		for _, d := range differences(file, p) {
			c.compared[d.what]++
			if d.ours != d.theirs {
				c.missed[d.what]++
				c.list = append(c.list, d)
			}
		}
	}
}

// report logs the shares that are equal and fails below a gate. Differences that
// are reviewed exceptions count as missed here.
func (c *tally) report(t *testing.T) {
	t.Helper()
	for _, what := range []string{"role", "name", "hidden", "description"} {
		equal := c.compared[what] - c.missed[what]
		t.Logf("%s: %d of %d equal, %.2f %%", what, equal, c.compared[what], 100*c.share(what))
		if c.share(what) < gates[what] {
			t.Errorf("%s: %.2f %% are equal to Chromium's, want %.1f %%", what, 100*c.share(what), 100*gates[what])
		}
	}
}

// differences lists what is compared of one element, equal or not.
func differences(file string, p pair) []difference {
	say := func(what, ours, theirs string) difference {
		return difference{file, p.ours.Path, what, ours, theirs, p.ours.Source}
	}
	hidden := func(theirs bool) difference {
		return say("hidden", fmt.Sprint(p.ours.Hidden), fmt.Sprint(theirs))
	}
	switch {
	case p.exposed:
		return []difference{
			hidden(false),
			say("role", ariaRole(p.ours.Role), ariaRole(p.theirs.Role)),
			say("name", nameOfRole(p.ours.Name, p.theirs.Role), nameOfRole(words(p.theirs.Name), p.theirs.Role)),
			say("description", p.ours.Description, words(p.theirs.Description)),
		}
	case p.unwanted:
		return []difference{hidden(true)}
	case p.inTree || p.ours.Leaf || p.ours.Role == "generic" || p.ours.Role == "none":
		return nil // ignored or left out for having no meaning: that says nothing of it
	}
	return []difference{hidden(true)}
}

func words(s string) string { return strings.Join(strings.Fields(s), " ") }

// nameOfRole leaves out the names of the cells of layout tables: Chromium names
// them by their content, as cells, although they are none.
func nameOfRole(name, role string) string {
	if strings.HasPrefix(role, "LayoutTable") {
		return ""
	}
	return name
}

func (c *tally) share(what string) float64 {
	if c.compared[what] == 0 {
		return 1
	}
	return 1 - float64(c.missed[what])/float64(c.compared[what])
}
