package server

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"fazt/server/op"
)

// routes maps paths to operations. It is a tree of segments and not the
// standard mux, which cleans paths by redirects and cannot be asked which
// methods a path has.
type routes struct {
	root *node
}

// node is the place of one segment. A literal goes before a parameter, that
// before the rest of the path.
type node struct {
	literals map[string]*node
	param    *node
	rest     *node
	name     string // of the parameter that leads here
	here     *spot
}

// spot is a path that has operations.
type spot struct {
	methods []*endpoint
	allow   string
}

// maxParams is how many parameters a path can have.
const maxParams = 4

// values are the segments that parameters took, still escaped.
type values struct {
	list [maxParams]string
	n    int
}

func newRoutes(operations []*op.Operation, endpointOf func(*op.Operation) *endpoint) (*routes, error) {
	t := &routes{root: &node{}}
	for _, o := range operations {
		if o.Path == "" {
			continue // a recipe has no path of its own
		}
		if err := t.add(endpointOf(o)); err != nil {
			return nil, err
		}
	}
	return t, nil
}

func (t *routes) add(e *endpoint) error {
	n := t.root
	for _, segment := range strings.Split(strings.TrimPrefix(e.op.Path, "/"), "/") {
		next, err := n.child(segment)
		if err != nil {
			return fmt.Errorf("route of %s: %w", e.op.Name, err)
		}
		n = next
	}
	if n.here == nil {
		n.here = &spot{}
	}
	return n.here.add(e)
}

func (n *node) child(segment string) (*node, error) {
	name, isParam := strings.CutPrefix(segment, "{")
	if !isParam {
		if strings.ContainsAny(segment, "{}") {
			return nil, fmt.Errorf("%q is neither a parameter nor a literal", segment)
		}
		if n.literals == nil {
			n.literals = map[string]*node{}
		}
		if n.literals[segment] == nil {
			n.literals[segment] = &node{}
		}
		return n.literals[segment], nil
	}
	name = strings.TrimSuffix(name, "}")
	slot := &n.param
	if short, isRest := strings.CutSuffix(name, "..."); isRest {
		name, slot = short, &n.rest
	}
	if *slot == nil {
		*slot = &node{name: name}
	}
	if (*slot).name != name {
		return nil, fmt.Errorf("the parameter {%s} is {%s} in another path", name, (*slot).name)
	}
	return *slot, nil
}

// add refuses a second operation with the same method, but for a page and a
// stream of one thing, which Accept tells apart.
func (p *spot) add(e *endpoint) error {
	for _, other := range p.methods {
		if other.op.Method == e.op.Method && other.op.Streams == e.op.Streams {
			return fmt.Errorf("%s and %s are both %s %s", other.op.Name, e.op.Name, e.op.Method, e.op.Path)
		}
	}
	p.methods = append(p.methods, e)
	allowed := []string{http.MethodOptions}
	for _, m := range p.methods {
		allowed = append(allowed, m.op.Method)
		if m.op.Method == http.MethodGet {
			allowed = append(allowed, http.MethodHead)
		}
	}
	slices.Sort(allowed)
	p.allow = strings.Join(slices.Compact(allowed), ", ")
	return nil
}

// find returns the node of an escaped path, nil when there is none, and what
// its parameters took.
func (t *routes) find(escaped string, v *values) *node { return t.root.find(escaped, v) }

func (n *node) find(path string, v *values) *node {
	if path == "" {
		return n.found()
	}
	segment, tail := path[1:], ""
	if i := strings.IndexByte(segment, '/'); i >= 0 {
		segment, tail = segment[:i], segment[i:]
	}
	if child := n.literal(segment); child != nil {
		if found := child.find(tail, v); found != nil {
			return found
		}
	}
	if v.n == maxParams {
		return nil
	}
	before := v.n
	if n.param != nil {
		v.list[v.n] = segment
		v.n++
		if found := n.param.find(tail, v); found != nil {
			return found
		}
		v.n = before
	}
	if n.rest == nil {
		return nil
	}
	v.list[v.n] = path[1:]
	v.n++
	return n.rest.found()
}

func (n *node) found() *node {
	if n.here == nil && n.rest == nil && n.param == nil {
		return nil
	}
	return n
}

// literal also finds a segment whose plain characters were encoded, as some
// clients encode the colon.
func (n *node) literal(segment string) *node {
	if child := n.literals[segment]; child != nil || strings.IndexByte(segment, '%') < 0 {
		return child
	}
	plain, err := unescape(segment)
	if err != nil {
		return nil
	}
	return n.literals[plain]
}

// choose returns the operation of a request at a node: by method, by what is
// accepted, and by whether the query holds the parameter that the path of a
// node below would have, for a key that a path cannot carry. Without one it
// returns the methods there are, "" when there are none.
func (n *node) choose(r *http.Request) (*endpoint, string) {
	for _, below := range []*node{n.rest, n.param} {
		if below == nil || below.here == nil || r.URL.RawQuery == "" || !queryHas(r.URL.RawQuery, below.name) {
			continue
		}
		e := below.here.choose(r)
		if here := n.here.choose(r); e != nil && (here == nil || !here.fields[below.name]) {
			return e, below.here.allow
		}
	}
	if n.here == nil {
		return nil, ""
	}
	return n.here.choose(r), n.here.allow
}

// spotOf returns the path that an operation chosen at n has.
func (n *node) spotOf(e *endpoint) *spot {
	for _, below := range []*node{n, n.rest, n.param} {
		if below != nil && below.here != nil && slices.Contains(below.here.methods, e) {
			return below.here
		}
	}
	return nil
}

func (p *spot) choose(r *http.Request) *endpoint {
	if p == nil {
		return nil
	}
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	var found *endpoint
	for _, e := range p.methods {
		if e.op.Method != method {
			continue
		}
		if found == nil || e.op.Streams == acceptsStream(r) {
			found = e
		}
	}
	return found
}

func acceptsStream(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept"), "text/event-stream")
}
