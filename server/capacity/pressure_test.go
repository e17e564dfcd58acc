package capacity

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"fazt/server/op"
)

// TestStages: what is given up in which order by readings of the memory, that it
// is visible, and that it ends again.
func TestStages(t *testing.T) {
	t.Parallel()
	relieved := 0
	admission := NewAdmission(AdmissionOptions{})
	m := NewMeter(MeterOptions{
		Dir: t.TempDir(), Admission: admission, Now: time.Now, Logger: slog.New(slog.DiscardHandler), Relieve: func() { relieved++ },
	})
	t.Cleanup(m.Close)
	owner := &op.Principal{ID: "owner", Kind: op.KindPerson, Owner: true}
	calls := []struct {
		name string
		who  *op.Principal
		o    *op.Operation
	}{
		{"tab_open", token("a"), operation("tab_open", op.Write)}, {"code_run", token("a"), operation("code_run", op.Write)},
		{"owner's tab", owner, operation("tab_open", op.Write)}, {"kv_set", token("a"), operation("kv_set", op.Write)},
		{"kv_get", token("a"), operation("kv_get", op.Read)}, {"kv_delete", token("a"), operation("kv_delete", op.Destructive)},
		{"tab_close", token("a"), operation("tab_close", op.Write)}, {"owner's write", owner, operation("kv_set", op.Write)},
		{"owner's read", owner, operation("kv_get", op.Read)},
	}
	now := time.Unix(1_764_000_000, 0)
	for _, c := range []struct {
		used     int64
		stage    string
		refused  []string
		relieved int
	}{
		{79, "none", nil, 0},
		{80, "caches", nil, 1},
		{79, "caches", nil, 1}, // not at once
		{88, "runs", []string{"tab_open", "code_run", "owner's tab"}, 2},
		{84, "runs", []string{"tab_open", "code_run", "owner's tab"}, 2},
		{93, "writes", []string{"tab_open", "code_run", "owner's tab", "kv_set"}, 3},
		{98, "reads", []string{"tab_open", "code_run", "owner's tab", "kv_set", "kv_get", "kv_delete", "tab_close"}, 4},
		{85, "runs", []string{"tab_open", "code_run", "owner's tab"}, 4},
		{50, "none", nil, 4},
	} {
		now = now.Add(time.Second)
		m.weigh(now, Memory{Used: c.used, Limit: 100})
		var refused []string
		for _, call := range calls {
			permit, err := admission.Admit(context.Background(), call.who, call.o)
			if err == nil {
				permit.Release()
				continue
			}
			if e := op.AsError(err); e.Code != op.CodeOverloaded || e.Hint == "" || e.RetryAfter == 0 {
				t.Errorf("at %d %%: %s: %v", c.used, call.name, err)
			}
			refused = append(refused, call.name)
		}
		live := m.Report().Live
		if live.Memory.Stage != c.stage || !slices.Equal(refused, c.refused) || relieved != c.relieved {
			t.Errorf("at %d %%: stage %s, refused %q, relieved %d times; want %s, %q, %d", c.used, live.Memory.Stage, refused, relieved, c.stage, c.refused, c.relieved)
		}
		if short := c.stage != "none"; short != (live.State == "critical") || short != (len(live.Memory.Shed) > 0) {
			t.Errorf("at %d %%: the report says %q and %q", c.used, live.State, live.Memory.Shed)
		}
	}
	m.weigh(now, Memory{Used: 81, Limit: 100})
	m.weigh(now.Add(relieveEvery), Memory{Used: 81, Limit: 100})
	if relieved != 6 {
		t.Errorf("caches were given up %d times, and must be again while it lasts", relieved)
	}
	m.weigh(now, Memory{Used: 1 << 40})
	if p := m.Protection(); p.Memory.Stage != "none" || p.Memory.Refused == 0 || !strings.Contains(m.Report().Recommendation.Action, "calibrate") {
		t.Errorf("without a limit: %+v", p.Memory)
	}
}

// TestMemoryOfCgroups: files that the kernel may drop are not counted, and the
// limit that is nearest counts.
func TestMemoryOfCgroups(t *testing.T) {
	t.Parallel()
	m := NewMeter(MeterOptions{
		Dir: t.TempDir(), Admission: NewAdmission(AdmissionOptions{}), Now: time.Now, Logger: slog.New(slog.DiscardHandler),
		Root: fixture(map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "0::/a/b\n",
			"proc/self/mountinfo":            "29 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n",
			"sys/fs/cgroup/a/memory.max":     "1073741824\n",
			"sys/fs/cgroup/a/memory.current": "1000000000\n",
			"sys/fs/cgroup/a/memory.stat":    "anon 5\ninactive_file 100000000\n",
			"sys/fs/cgroup/a/b/memory.max":   "max\n",
		}),
	})
	t.Cleanup(m.Close)
	if got, want := m.readMemory(), (Memory{900_000_000, 1 << 30}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}
