package capacity

import (
	"math"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

func fixture(files map[string]string) fstest.MapFS {
	root := fstest.MapFS{}
	for name, text := range files {
		root[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return root
}

// mib is in kB, as meminfo has it.
const meminfo = "MemTotal:        4194304 kB\nMemFree: 1 kB\n"

func TestReadMachine(t *testing.T) {
	t.Parallel()
	const unified = "29 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw\n"
	cases := map[string]struct {
		files        map[string]string
		cpus         float64
		memory       int64
		cpuSource    string
		memorySource string
	}{
		"no cgroup": {map[string]string{"proc/self/status": "Cpus_allowed_list:\t0-2,7\n"}, 4, 4 << 30, "affinity", "machine"},
		"version 2, an ancestor's quota and memory": {map[string]string{
			"proc/self/status": "Cpus_allowed_list:\t0-7\n", "proc/self/cgroup": "0::/a/b/c\n", "proc/self/mountinfo": unified,
			"sys/fs/cgroup/a/b/c/cpu.max": "max 100000\n", "sys/fs/cgroup/a/cpu.max": "150000 100000\n", "sys/fs/cgroup/a/b/cpu.max": "300000 100000",
			"sys/fs/cgroup/a/b/memory.max": "1073741824\n", "sys/fs/cgroup/a/memory.max": "max\n",
		}, 1.5, 1 << 30, "cgroup /a", "cgroup /a/b"},
		"version 2, a container's own root": {map[string]string{
			"proc/self/status": "Cpus_allowed_list:\t0-7\n", "proc/self/cgroup": "0::/\n", "proc/self/mountinfo": unified,
			"sys/fs/cgroup/cpu.max": "50000 100000\n",
		}, 0.5, 4 << 30, "cgroup /", "machine"},
		"version 1, mounted from within": {map[string]string{
			"proc/self/status": "Cpus_allowed_list:\t0-3\n", "proc/self/cgroup": "5:memory:/docker/x\n3:cpu,cpuacct:/docker/x\n",
			"proc/self/mountinfo": "30 24 0:27 /docker/x /sys/fs/cgroup/cpu,cpuacct ro - cgroup cgroup rw,cpu,cpuacct\n" +
				"31 24 0:28 /docker/x /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n",
			"sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "200000\n", "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
			"sys/fs/cgroup/memory/memory.limit_in_bytes": "536870912\n",
		}, 2, 512 << 20, "cgroup /", "cgroup /"},
		"version 1 without limits": {map[string]string{
			"proc/self/status": "Cpus_allowed_list:\t0\n", "proc/self/cgroup": "5:memory:/\n3:cpu:/\n",
			"proc/self/mountinfo":                "30 24 0:27 / /sys/fs/cgroup/cpu ro - cgroup cgroup rw,cpu\n31 24 0:28 / /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n",
			"sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n", "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
			"sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
		}, 1, 4 << 30, "affinity", "machine"},
	}
	prints := map[string]bool{}
	for name, c := range cases {
		c.files["proc/meminfo"] = meminfo
		m := readMachine(fixture(c.files))
		if m.CPUs != c.cpus || m.MemoryBytes != c.memory || m.CPUSource != c.cpuSource || m.MemorySource != c.memorySource {
			t.Errorf("%s: %v CPUs by %s, %d bytes by %s; want %v by %s, %d by %s",
				name, m.CPUs, m.CPUSource, m.MemoryBytes, m.MemorySource, c.cpus, c.cpuSource, c.memory, c.memorySource)
		}
		prints[m.Fingerprint] = true
	}
	if len(prints) != len(cases) {
		t.Errorf("%d machines have %d fingerprints", len(cases), len(prints))
	}
}

func FuzzReadMachine(f *testing.F) {
	f.Add("0::/a\n", "29 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n", "100 200", "Cpus_allowed_list: 0-3\n")
	f.Fuzz(func(t *testing.T, groups, mounts, quota, status string) {
		m := readMachine(fixture(map[string]string{
			"proc/self/cgroup": groups, "proc/self/mountinfo": mounts, "sys/fs/cgroup/a/cpu.max": quota, "proc/self/status": status,
		}))
		if !(m.CPUs > 0) {
			t.Errorf("%v processors", m.CPUs)
		}
	})
}

func TestNoise(t *testing.T) {
	t.Parallel()
	root := fixture(map[string]string{"proc/pressure/cpu": "some avg10=12.50 avg60=1.00 avg300=0.00 total=1\nfull avg10=0.00\n"})
	at := time.Unix(1_800_000_000, 0)
	stat := func(text string) noiseSample {
		s := sampleNoise(fixture(map[string]string{"proc/stat": text}), at)
		s.own = 0
		return s
	}
	a, b := stat("cpu 100 0 100 1000 0 0 0 0 0 0\n"), stat("cpu 200 0 200 1750 0 0 0 50 0 0\n")
	b.at, b.own = at.Add(5*time.Second), time.Second
	n := noiseBetween(root, a, b)
	if math.Abs(n.ForeignCPU-0.2) > 1e-9 || n.Steal != 0.05 || n.CPUPressure != 0.125 || n.Quiet {
		t.Errorf("%+v: want 0.2 foreign processors, 5 %% steal, 12.5 %% pressure", n)
	}
	if n := noiseBetween(fixture(nil), noiseSample{}, noiseSample{}); n.ForeignCPU != 0 || n.Steal != 0 {
		t.Errorf("without counters: %+v", n)
	}
}

func TestMeasureDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	disk, err := measureDisk(dir, time.Millisecond)
	if err != nil || disk.SyncP50US < 0 || disk.SyncP99US < disk.SyncP50US || disk.Syncs == 0 {
		t.Errorf("%+v, %v", disk, err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if _, err := measureDisk(dir+"/none", time.Millisecond); err == nil || !strings.Contains(err.Error(), "measure the disk") {
		t.Errorf("a folder that is not there: %v", err)
	}
}
