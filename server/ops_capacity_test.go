package server_test

import (
	"testing"

	"fazt/server/op"
	"fazt/server/servertest"
)

func TestCapacity(t *testing.T) {
	t.Parallel()
	w := servertest.Open(t)
	play(t, w, []scenario{
		{
			name: "in full before anything was measured", op: "capacity_get", input: `{}`,
			want: []string{`"schema":"fazt.capacity/1"`, `"confidence":"assumed"`, `"stale_reason":"it was never measured`, `"predictions":[{"mix":"read=70,write=30"`, `"tiers":[`, `"gates":[`, `"bottleneck":{`},
		},
		{name: "short", op: "capacity_get", input: `{"detail":"short"}`, want: []string{"70 % reads", "assumed"}, not: []string{"schema", "live"}},
		{name: "an agent looks", role: servertest.Agent, op: "capacity_get", input: `{}`, want: []string{`"machine":{`}},
	})
	refused(t, w, servertest.Owner, "capacity_get", `{"detail":"some"}`, op.Envelope{}, op.CodeInvalidInput)
	refused(t, w, servertest.Owner, "capacity_calibrate", `{}`, op.Envelope{DryRun: true}, op.CodeInvalidInput)
	o, err := w.Registry.Find("capacity_calibrate")
	if err != nil || o.Status != 202 {
		t.Errorf("calibrating answers %d: %v", o.Status, err)
	}
}
