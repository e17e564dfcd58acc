package storage

import (
	"bytes"
	"cmp"
	"container/heap"
	"encoding/base64"
	"strings"

	"github.com/go-json-experiment/json"
)

// sortField is one field of an order.
type sortField struct {
	path       path
	descending bool
}

// order is how documents are sorted: by its fields, then by id in the
// direction of the first field, so that it is total whatever the plan.
type order []sortField

const maxSortFields = 8

// compileSort reads names such as "-age", a hyphen meaning descending.
func compileSort(fields []string) (order, error) {
	if len(fields) > maxSortFields {
		return nil, tooLarge("sort", "%d fields to sort by are too many: at most %d", len(fields), maxSortFields)
	}
	o := make(order, 0, len(fields))
	for _, f := range fields {
		name, descending := strings.CutPrefix(f, "-")
		p, err := parsePath("sort", name)
		if err != nil {
			return nil, err
		}
		o = append(o, sortField{p, descending})
		if name == "id" {
			break // what follows the id can not matter
		}
	}
	return o, nil
}

func (o order) backwards() bool { return len(o) > 0 && o[0].descending }

// byID reports whether documents come in the order of their ids.
func (o order) byID() bool { return len(o) == 0 || len(o[0].path) == 1 && o[0].path[0] == "id" }

func (o order) String() string {
	parts := make([]string, len(o))
	for i, f := range o {
		parts[i] = f.path.String()
		if f.descending {
			parts[i] = "-" + parts[i]
		}
	}
	return strings.Join(parts, ", ")
}

// position is a document's place in an order; a cursor is one.
type position struct {
	Keys  [][]byte `json:"k,omitzero"`
	Score float64  `json:"s,omitzero"` // of $text without a sort: smaller is better
	Row   int64    `json:"r,omitzero"` // with Score: its row, which breaks ties
	Name  string   `json:"n"`
}

func (o order) position(doc *value, name string) position {
	p := position{Name: name}
	if o.byID() {
		return p
	}
	p.Keys = make([][]byte, len(o))
	for i, f := range o {
		p.Keys[i] = sortKey(doc, f.path, f.descending)
	}
	return p
}

func (o order) compare(a, b *position) int {
	for i := range a.Keys {
		if c := bytes.Compare(a.Keys[i], b.Keys[i]); c != 0 {
			if o[i].descending {
				return -c
			}
			return c
		}
	}
	if c := cmp.Compare(a.Score, b.Score); c != 0 {
		return c
	}
	c := strings.Compare(a.Name, b.Name)
	if o.backwards() {
		return -c
	}
	return c
}

var cursorEncoding = base64.RawURLEncoding.Strict()

func (p position) cursor() string {
	text, err := json.Marshal(p, json.Deterministic(true))
	if err != nil {
		return "" // bytes, a float and a valid string have no error
	}
	return cursorEncoding.EncodeToString(text)
}

// openPosition reads what cursor wrote for the same order.
func (o order) openPosition(cursor string) (*position, error) {
	if cursor == "" {
		return nil, nil
	}
	bad := invalid("cursor", "this is no cursor of this query: send next_cursor exactly as the last page gave it")
	text, err := cursorEncoding.DecodeString(cursor)
	if err != nil {
		return nil, bad
	}
	p := &position{}
	if err := json.Unmarshal(text, p, json.RejectUnknownMembers(true)); err != nil {
		return nil, bad
	}
	want := len(o)
	if o.byID() {
		want = 0
	}
	if len(p.Keys) != want || checkDocID("cursor", p.Name) != nil {
		return nil, bad
	}
	for _, k := range p.Keys {
		if len(k) == 0 || k[0] < tagEmpty || k[0] > kindBool.tag() {
			return nil, bad
		}
	}
	return p, nil
}

// best keeps the first n documents of an order out of many.
type best struct {
	order order
	n     int
	list  []candidate
}

type candidate struct {
	at      position
	id      int64
	body    []byte
	version uint64
}

func (b *best) Len() int           { return len(b.list) }
func (b *best) Less(i, j int) bool { return b.order.compare(&b.list[i].at, &b.list[j].at) > 0 }
func (b *best) Swap(i, j int)      { b.list[i], b.list[j] = b.list[j], b.list[i] }
func (b *best) Push(x any)         { b.list = append(b.list, x.(candidate)) }
func (b *best) Pop() any {
	last := b.list[len(b.list)-1]
	b.list = b.list[:len(b.list)-1]
	return last
}

// offer adds a candidate when it is among the first n so far.
func (b *best) offer(c candidate) {
	if len(b.list) == b.n {
		if b.order.compare(&c.at, &b.list[0].at) >= 0 {
			return
		}
		b.list[0] = c
		heap.Fix(b, 0)
		return
	}
	heap.Push(b, c)
}

// sorted empties it, first document first.
func (b *best) sorted() []candidate {
	out := make([]candidate, len(b.list))
	for i := len(out) - 1; i >= 0; i-- {
		out[i] = heap.Pop(b).(candidate)
	}
	return out
}
