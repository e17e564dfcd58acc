package storage

import (
	"strconv"
	"strings"
)

// Cursor is a place in a change log: behind the change with these numbers.
// 0.0 is the start, {v+1, 0} is behind everything of version v.
type Cursor struct {
	Version uint64
	Index   uint32 // changes of a version are counted from 1
}

// String returns "version.index" in decimal.
func (c Cursor) String() string {
	return strconv.FormatUint(c.Version, 10) + "." + strconv.FormatUint(uint64(c.Index), 10)
}

// ParseCursor reads what String writes, and 0 for the start; nothing else.
func ParseCursor(s string) (Cursor, error) {
	if s == "0" {
		return Cursor{}, nil
	}
	version, index, ok := strings.Cut(s, ".")
	v, errV := strconv.ParseUint(version, 10, 63) // SQLite's integers have a sign
	i, errI := strconv.ParseUint(index, 10, 32)
	c := Cursor{Version: v, Index: uint32(i)}
	if !ok || errV != nil || errI != nil || c.String() != s {
		return Cursor{}, invalid("since", "%q is no cursor: use one as a page of changes gave it, or 0 for the start", clip(s, 40))
	}
	return c, nil
}

func (c Cursor) before(d Cursor) bool {
	return c.Version < d.Version || c.Version == d.Version && c.Index < d.Index
}
