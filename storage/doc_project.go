package storage

import "strings"

// projection keeps or drops fields of a document. The id always stays.
type projection struct {
	drop  bool
	paths []path
}

const maxProjection = 100

// compileProjection reads names of fields to keep, or, each with a hyphen
// before it, to drop. nil keeps everything.
func compileProjection(fields []string) (*projection, error) {
	if len(fields) == 0 {
		return nil, nil
	}
	if len(fields) > maxProjection {
		return nil, tooLarge("fields", "%d fields are too many: at most %d", len(fields), maxProjection)
	}
	p := &projection{drop: strings.HasPrefix(fields[0], "-")}
	for _, f := range fields {
		name, dropped := strings.CutPrefix(f, "-")
		if dropped != p.drop {
			return nil, invalid("fields", "name either the fields to keep or, with a hyphen before each, those to drop")
		}
		parsed, err := parsePath("fields", name)
		if err != nil {
			return nil, err
		}
		p.paths = append(p.paths, parsed)
	}
	return p, nil
}

// apply returns the JSON of what is kept.
func (p *projection) apply(body []byte) []byte {
	if p == nil {
		return body
	}
	doc := storedValue(body)
	out := p.row(&doc)
	return out.json()
}

// row is what is kept of a document or a pipeline's row: its id at any rate.
func (p *projection) row(v *value) value {
	out := p.of(v, p.paths)
	if id := v.field("id"); id != nil && out.field("id") == nil {
		out.names = append([]string{"id"}, out.names...)
		out.list = append([]value{*id}, out.list...)
	}
	return out
}

func (p *projection) of(v *value, paths []path) value {
	if v.kind == kindArray {
		out := value{kind: kindArray}
		for i := range v.list {
			if e := &v.list[i]; e.kind == kindObject || e.kind == kindArray {
				out.list = append(out.list, p.of(e, paths))
			} else if p.drop {
				out.list = append(out.list, *e)
			}
		}
		return out
	}
	out := value{kind: kindObject}
	for i, name := range v.names {
		whole, deeper := p.about(name, paths)
		m := &v.list[i]
		inside := m.kind == kindObject || m.kind == kindArray
		switch {
		case whole && p.drop, !whole && !p.drop && (deeper == nil || !inside):
		case whole || deeper == nil || !inside:
			out.names, out.list = append(out.names, name), append(out.list, *m)
		default:
			out.names, out.list = append(out.names, name), append(out.list, p.of(m, deeper))
		}
	}
	return out
}

// about says whether a member is named itself, and what is named inside it.
func (p *projection) about(name string, paths []path) (whole bool, deeper []path) {
	for _, q := range paths {
		switch {
		case q[0] != name:
		case len(q) == 1:
			whole = true
		default:
			deeper = append(deeper, q[1:])
		}
	}
	return whole, deeper
}
