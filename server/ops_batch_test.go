package server_test

import (
	"strings"
	"testing"

	"fazt/server/op"
)

func TestBatch(t *testing.T) {
	t.Parallel()
	w := openShop(t)
	version := versionOf(t, w.Must("kv_get", `{"app":"shop","key":"user/ada"}`))
	play(t, w, []scenario{
		{
			name: "with a check that holds", op: "batch_write",
			input: `{"app":"shop","checks":[{"key":"user/ada","version":` + version + `},{"kind":"kv","key":"new","version":0}],` +
				`"mutations":[{"op":"kv_set","key":"new","value":null,"ttl_ms":5000,"create_only":true},{"op":"kv_delete","key":"user/ada","if_version":` + version + `},` +
				`{"op":"kv_delete","key":"nobody"},{"op":"kv_increment","key":"n","by":2.5,"max":2},{"op":"kv_increment","key":"n","by":-5,"min":0}]}`,
			want: []string{
				`"results":[{"op":"kv_set","key":"new","version":`, `"created":true}`, `{"op":"kv_delete","key":"user/ada","deleted":true}`,
				`{"op":"kv_delete","key":"nobody","deleted":false}`, `"value":2}`, `"created":false,"value":0}`,
			},
		},
		{name: "the value is there", op: "kv_get", input: `{"app":"shop","key":"new"}`, want: []string{`"value":null`, `"expires_at":1764000005000`}},
		{name: "the key is gone", op: "kv_list", input: `{"app":"shop","prefix":"user/"}`, want: []string{"bob"}, not: []string{"ada"}},
		{
			name: "tried", op: "batch_write", envelope: op.Envelope{DryRun: true},
			input: `{"app":"shop","mutations":[{"op":"kv_increment","key":"n","by":7},{"op":"kv_delete","key":"user/bob"}]}`,
			want:  []string{`"value":7`, `"deleted":true`},
		},
		{name: "nothing of the trial stays", op: "kv_get", input: `{"app":"shop","key":"n"}`, want: []string{`"value":0`}},
	})
}

// TestBatchHasOneVersion: what was written together is one version, so that a
// reader of the feed sees it together.
func TestBatchHasOneVersion(t *testing.T) {
	t.Parallel()
	w := openShop(t)
	out := w.Must("batch_write", `{"app":"shop","mutations":[{"op":"kv_set","key":"x","value":1},{"op":"kv_set","key":"y","value":2}]}`)
	v := versionOf(t, out)
	if n := strings.Count(out, `"version":`+v); n != 3 {
		t.Errorf("version %s stands %d times in %s", v, n, out)
	}
	changes := w.Must("change_list", `{"app":"shop","since":"`+v+`.0","limit":2}`)
	for _, want := range []string{`"cursor":"` + v + `.1"`, `"cursor":"` + v + `.2"`, `"next_cursor":"` + v + `.2"`} {
		if !strings.Contains(changes, want) {
			t.Errorf("no %s in %s", want, changes)
		}
	}
}
