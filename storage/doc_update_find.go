package storage

// lookUp follows the path of a $pop, $pull or $rename: nil when a member or an
// element is missing. What could not have one is a mistake and is said, as in
// MongoDB, where only $unset passes over it.
func (c *docChange) lookUp(doc *value) (*value, error) {
	at := doc
	for n, s := range c.path {
		switch {
		case at.kind != kindObject && at.kind != kindArray:
			return nil, c.mismatch("%s holds %s, which has no field %q", c.path[:n], article(at.kind), s)
		case at.kind == kindArray && arrayIndex(s) < 0:
			return nil, c.mismatch("%s is an array, and %q is no place in it", c.path[:n], s)
		}
		if at = path(c.path[n : n+1]).find(at); at == nil {
			return nil, nil
		}
	}
	return at, nil
}

// rename moves a member. Elements of arrays neither come nor go this way: what
// is left of the array would not be said.
func (c *docChange) rename(doc *value) error {
	at, err := c.lookUp(doc)
	if at == nil || err != nil {
		return err
	}
	for _, p := range []path{c.path, c.target} {
		if n := p.arrayWithin(doc); n > 0 {
			return c.mismatch("%s is an array, and $rename moves no elements: use $push, $pull or $set", p[:n])
		}
	}
	moved := at.clone()
	c.path.remove(doc)
	to, _, err := (&docChange{field: c.field, path: c.target}).place(doc)
	if err == nil {
		*to = moved
	}
	return err
}

// arrayWithin is how many segments lead to an array that the path goes into, 0
// when there is none.
func (p path) arrayWithin(doc *value) int {
	for n := 1; n < len(p); n++ {
		if at := p[:n].find(doc); at == nil {
			return 0
		} else if at.kind == kindArray {
			return n
		}
	}
	return 0
}
