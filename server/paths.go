package server

import (
	"strings"

	"fazt/server/op"
)

// checkPath refuses a path that a router or a client would clean: the standard
// one redirects kv/a//b to kv/a/b, another key, and clients follow it with
// their body. It looks at the escaped path, so an encoded slash or dot is data.
//
// Under /api/ a slash at the end is refused too. Elsewhere it is a spelling.
func checkPath(escaped string) *op.Error {
	if escaped == "" || escaped[0] != '/' {
		return invalidPath("the path must begin with a slash")
	}
	api := isAPI(escaped)
	for rest := escaped[1:]; ; {
		segment, tail, more := strings.Cut(rest, "/")
		last := !more
		switch {
		case segment == "." || segment == "..":
			return invalidPath("the path has a segment %q, which would be taken for a step", segment)
		case segment == "" && !last:
			return invalidPath("the path has an empty segment")
		case segment == "" && last && api:
			return invalidPath("the path ends with a slash")
		}
		if last {
			return nil
		}
		rest = tail
	}
}

func isAPI(path string) bool { return path == "/api" || strings.HasPrefix(path, "/api/") }

func invalidPath(format string, args ...any) *op.Error {
	return op.Errorf(op.CodeInvalidPath, format, args...).
		WithHint("send a key with such parts as one encoded segment, as in kv/a%%2F%%2Fb, and the keys . and .. as ?key=")
}
