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
	const tested = `{"mode":"open","mix":"read=100","users":9,"seconds":5,"rps":95,"predicted_rps":100,"predicted_lo":90,"predicted_hi":110,"error_percent":-5,"p99_ms":3,"shed":0,"failed":0,"valid":true,"doubts":[],"calibrated_at":0}`
	play(t, w, []scenario{
		{name: "a load test is kept", op: "capacity_validate", input: tested, want: []string{`"at":`, `"test":{"mode":"open"`}},
		{name: "and shown", op: "capacity_get", input: `{}`, want: []string{`"validation":{"at":`, `"error_percent":-5`}},
	})
	refused(t, w, servertest.Reader, "capacity_validate", tested, op.Envelope{}, op.CodeForbidden)
	refused(t, w, servertest.Owner, "capacity_validate", `{"mode":"fast"}`, op.Envelope{}, op.CodeInvalidInput)
	refused(t, w, servertest.Owner, "capacity_get", `{"detail":"some"}`, op.Envelope{}, op.CodeInvalidInput)
	refused(t, w, servertest.Owner, "capacity_calibrate", `{}`, op.Envelope{DryRun: true}, op.CodeInvalidInput)
	o, err := w.Registry.Find("capacity_calibrate")
	if err != nil || o.Status != 202 {
		t.Errorf("calibrating answers %d: %v", o.Status, err)
	}
}
