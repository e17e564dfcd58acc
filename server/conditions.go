package server

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"fazt/server/op"
)

// anyVersion marks an `If-Match: *`: the thing must exist, at whatever version.
const anyVersion = "*"

// conditions turns the conditional headers of a write into the input's own
// fields, so that they are decided inside the commit (RFC 9110, section 13). A
// condition that an operation cannot keep is an error, never ignored.
func (x *exchange) conditions() error {
	e := x.endpoint
	if e.op.Effect == op.Read {
		return nil // decided on the answer
	}
	if match := x.r.Header.Get("If-Match"); match != "" && match != anyVersion {
		version, ok := parseTag(match)
		if !ok {
			return op.Invalid("if_version", "If-Match is %q", clipText(match, 60)).
				WithHint(`send one version as the ETag showed it, as in If-Match: "7", or *`)
		}
		if err := x.condition("If-Match", "if_version", strconv.FormatUint(version, 10)); err != nil {
			return err
		}
	}
	switch none := x.r.Header.Get("If-None-Match"); {
	case none == "":
		return nil
	case none != anyVersion:
		return op.Invalid("if_version", "If-None-Match is %q", clipText(none, 60)).
			WithHint("on a write only If-None-Match: * has a meaning: it must not exist yet")
	case e.fields["if_version"]:
		return x.condition("If-None-Match", "if_version", "0")
	}
	return x.condition("If-None-Match", "create_only", "true")
}

func (x *exchange) condition(header, field, value string) error {
	if !x.endpoint.fields[field] {
		return op.Invalid(field, "%s takes no condition, so %s cannot be kept", x.endpoint.op.Name, header).
			WithHint("leave the header out; nothing was changed")
	}
	x.params = append(x.params, op.Param{Name: field, Value: value})
	return nil
}

// parseTag reads one entity tag. A weak one counts too: a version stands for
// exact content, and proxies that compress weaken what they pass on.
func parseTag(text string) (version uint64, ok bool) {
	text = strings.TrimPrefix(strings.TrimSpace(text), "W/")
	if len(text) < 3 || text[0] != '"' || text[len(text)-1] != '"' {
		return 0, false
	}
	version, err := strconv.ParseUint(text[1:len(text)-1], 10, 64)
	return version, err == nil
}

// tagListed reports whether a header's list of tags holds one.
func tagListed(header, tag string) bool {
	for header != "" {
		var one string
		one, header, _ = strings.Cut(header, ",")
		one = strings.TrimPrefix(strings.TrimSpace(one), "W/")
		if one == tag || one == anyVersion {
			return true
		}
	}
	return false
}

// maxMatchTries bounds how often a write that only asks for existence is tried
// against others that write the same thing.
const maxMatchTries = 5

// call makes the call, also where the header says If-Match: * and no field of
// the input can: it reads the version there is and writes on condition of it.
func (x *exchange) call(ctx context.Context, req op.Request) (*op.Result, error) {
	if x.endpoint.op.Effect == op.Read || x.r.Header.Get("If-Match") != anyVersion {
		return x.s.registry.Call(ctx, req)
	}
	params := req.Params
	for try := 1; ; try++ {
		version, err := x.currentVersion(ctx, req)
		if err != nil {
			return nil, err
		}
		x.params = params
		if err := x.condition("If-Match", "if_version", strconv.FormatUint(version, 10)); err != nil {
			return nil, err
		}
		req.Params = x.params
		result, err := x.s.registry.Call(ctx, req)
		if err == nil || op.AsError(err).Code != op.CodeVersionMismatch || try == maxMatchTries {
			return result, err
		}
	}
}

// currentVersion reads what the path names, as the caller.
func (x *exchange) currentVersion(ctx context.Context, req op.Request) (uint64, error) {
	reader := x.sibling(http.MethodGet)
	if reader == nil {
		return 0, op.Invalid("if_version", "%s cannot keep If-Match: *", req.Operation).WithHint("send the version instead")
	}
	read := req
	read.Operation, read.Input, read.Envelope = reader.op.Name, nil, op.Envelope{}
	read.Params = req.Params[:x.values.n]
	result, err := x.s.registry.Call(ctx, read)
	if err != nil {
		if e := op.AsError(err); e.Code.Status() == http.StatusNotFound && e.Code != "app_not_found" {
			return 0, op.Errorf(op.CodeVersionMismatch, "If-Match: * asks for something that exists, and nothing is there").
				WithHint("leave the header out to create it")
		}
		return 0, err
	}
	tag := reader.etag(result.Value)
	if result.Body != nil {
		tag = result.Body.Tag
	}
	version, ok := parseTag(tag)
	if !ok {
		return 0, op.Invalid("if_version", "%s has no version to hold If-Match: * to", reader.op.Name).WithHint("leave the header out")
	}
	return version, nil
}

// sibling is the operation of the same path with another method.
func (x *exchange) sibling(method string) *endpoint {
	for _, e := range x.spot.methods {
		if e.op.Method == method && !e.op.Streams {
			return e
		}
	}
	return nil
}
