package storage

import (
	"encoding/json"
	"testing"
)

// TestCheckSetting: two writers that read the same value can not both change
// it.
func TestCheckSetting(t *testing.T) {
	t.Parallel()
	f := open(t)
	set := func(before, after string) error {
		c := CheckSetting{Name: "browse"}
		if before != "" {
			c.Value = json.RawMessage(before)
		}
		_, err := f.Write(t.Context(), &Batch{
			Checks:    []Check{c},
			Mutations: []Mutation{SettingSet{Name: "browse", Value: json.RawMessage(after)}},
		})
		return err
	}
	for _, step := range []struct {
		before, after string
		want          Kind
	}{
		{`["a"]`, `["b"]`, KindVersionMismatch}, // not set yet
		{``, `["a"]`, ""},
		{``, `["b"]`, KindVersionMismatch},
		{`["b"]`, `["c"]`, KindVersionMismatch},
		{`["a"]`, `["a","b"]`, ""},
		{`["a","b"]`, `null`, ""},
		{``, `[]`, ""},
	} {
		if got := KindOf(set(step.before, step.after)); got != step.want {
			t.Errorf("%s to %s: got %q, want %q", step.before, step.after, got, step.want)
		}
	}
	v, err := f.Setting(t.Context(), "browse")
	if err != nil || string(v) != `[]` {
		t.Errorf("the setting is %s, %v", v, err)
	}
}
