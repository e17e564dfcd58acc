package server

import (
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"fazt/server/op"
)

// endpoint is an operation with what HTTP needs to know of it, worked out once.
type endpoint struct {
	op       *op.Operation
	params   []string // of the path, in order
	fields   map[string]bool
	appParam int // the index of app among params, -1 when the path has none

	requests [6]prometheus.Counter // by the status's first digit
	latency  prometheus.Observer

	version atomic.Pointer[versionField]
}

// versionField is where an output keeps the version that its ETag shows.
type versionField struct {
	typ   reflect.Type
	index int // -1 = nowhere
}

func newEndpoint(o *op.Operation, m *metrics) *endpoint {
	e := &endpoint{op: o, params: o.PathParams(), fields: map[string]bool{}, appParam: -1}
	for i, name := range e.params {
		if name == "app" {
			e.appParam = i
		}
	}
	for _, f := range o.Fields() {
		e.fields[f.Name] = true
	}
	for class := 1; class < len(e.requests); class++ {
		e.requests[class] = m.requests.WithLabelValues(o.Name, strconv.Itoa(class)+"xx")
	}
	e.latency = m.latency.WithLabelValues(o.Name)
	return e
}

// etag returns the entity tag of an output, "" when it has no version: the
// integer field "version" of its struct.
func (e *endpoint) etag(value any) string {
	if value == nil {
		return ""
	}
	v := reflect.ValueOf(value)
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct {
		return ""
	}
	known := e.version.Load()
	if known == nil || known.typ != v.Type() {
		known = findVersion(v.Type())
		e.version.Store(known)
	}
	if known.index < 0 {
		return ""
	}
	n := v.Field(known.index).Uint()
	if n == 0 {
		return ""
	}
	var room [24]byte
	tag := append(strconv.AppendUint(append(room[:0], '"'), n, 10), '"')
	return string(tag)
}

func findVersion(t reflect.Type) *versionField {
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "version" && f.IsExported() && f.Type.Kind() == reflect.Uint64 {
			return &versionField{t, i}
		}
	}
	return &versionField{t, -1}
}

// tagged reports whether an answer to the method is the thing that the path
// names, and so bears its tag.
func tagged(method string) bool {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPut, http.MethodPatch:
		return true
	}
	return false
}
