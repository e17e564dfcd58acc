package server_test

import (
	"encoding/json"
	"testing"

	"fazt/server/servertest"
)

func TestOperationsDescribeThemselves(t *testing.T) {
	t.Parallel()
	w := servertest.Open(t)
	play(t, w, []scenario{
		{name: "by words", op: "operation_list", input: `{"query":"delete many keys"}`, want: []string{`"name":"kv_delete_many"`}},
		{name: "nothing fits", op: "operation_list", input: `{"query":"zzzzqqqq"}`, want: []string{`"items":[]`}},
		{name: "what a bound token may call", role: servertest.Bound, op: "operation_get", input: `{"name":"kv_set"}`, want: []string{`"allowed":true`, `"ttl_ms"`}},
		{name: "what it may not", role: servertest.Bound, op: "operation_get", input: `{"name":"app_create"}`, want: []string{`"allowed":false`}},
		{name: "what an agent may not", role: servertest.Agent, op: "operation_get", input: `{"name":"token_create"}`, want: []string{`"allowed":false`}},
		{name: "a stream", op: "operation_get", input: `{"name":"change_follow"}`, want: []string{`"answers":"stream"`}, not: []string{`"output"`}},
		{name: "bytes", op: "operation_get", input: `{"name":"system_backup"}`, want: []string{`"answers":"bytes"`}, not: []string{`"output"`}},
	})
	var list struct {
		Items []struct{ Name, Path, Scope string }
	}
	if err := json.Unmarshal([]byte(w.Must("operation_list", `{"limit":1000}`)), &list); err != nil {
		t.Fatal(err)
	}
	if len(list.Items) != len(w.Registry.All()) {
		t.Errorf("%d of %d operations", len(list.Items), len(w.Registry.All()))
	}
	for _, item := range list.Items {
		w.Must("operation_get", `{"name":"`+item.Name+`"}`)
	}
}
