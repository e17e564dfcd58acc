package capacity

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"math"
	"path"
	"runtime"
	"strconv"
	"strings"
)

// Machine is what there is to work with, and where that was read.
type Machine struct {
	CPUs         float64 `json:"cpus" doc:"processors this program may use, in parts"`
	CPUSource    string  `json:"cpu_source" doc:"what bounds them: affinity, or a cgroup's quota"`
	Model        string  `json:"model,omitzero" doc:"of the processor"`
	MemoryBytes  int64   `json:"memory_bytes" doc:"memory this program may use, 0 = not known"`
	MemorySource string  `json:"memory_source" doc:"what bounds it: the machine, or a cgroup's limit"`
	Descriptors  int64   `json:"descriptors" doc:"files and connections that may be open, 0 = not known"`
	DiskFree     int64   `json:"disk_free_bytes" doc:"free bytes where the database is, 0 = not known"`
	Fingerprint  string  `json:"fingerprint" doc:"changes when the machine or its limits do"`
}

// readMachine reads what proc(5) and cgroups(7) say under root.
func readMachine(root fs.FS) Machine {
	m := Machine{CPUs: affinity(root), CPUSource: "affinity", MemorySource: "machine"}
	m.Model = processorModel(root)
	if kb, ok := field(readText(root, "proc/meminfo"), "MemTotal:"); ok {
		m.MemoryBytes = kb << 10
	}
	for _, g := range cgroups(root) {
		if quota, ok := g.cpu(root); ok && quota < m.CPUs {
			m.CPUs, m.CPUSource = quota, "cgroup "+g.path
		}
		if limit, ok := g.memory(root); ok && (m.MemoryBytes == 0 || limit < m.MemoryBytes) {
			m.MemoryBytes, m.MemorySource = limit, "cgroup "+g.path
		}
	}
	m.Fingerprint = m.fingerprint()
	return m
}

// fingerprint leaves out what changes from minute to minute.
func (m *Machine) fingerprint() string {
	text := fmt.Sprintf("%s|%s|%.2f|%d|%s", runtime.GOARCH, m.Model, m.CPUs, m.MemoryBytes>>20, runtime.Version())
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:6])
}

func readText(root fs.FS, name string) string {
	text, err := fs.ReadFile(root, name)
	if err != nil {
		return "" // not on this system, or not for this user
	}
	return string(text)
}

// field returns the number behind a name at the start of a line.
func field(text, name string) (int64, bool) {
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, name); ok {
			words := strings.Fields(rest)
			if len(words) == 0 {
				return 0, false
			}
			n, err := strconv.ParseInt(words[0], 10, 64)
			return n, err == nil
		}
	}
	return 0, false
}

// affinity is the processors that the scheduler may choose for this process.
func affinity(root fs.FS) float64 {
	for line := range strings.Lines(readText(root, "proc/self/status")) {
		if list, ok := strings.CutPrefix(line, "Cpus_allowed_list:"); ok {
			if n := countList(strings.TrimSpace(list)); n > 0 {
				return float64(n)
			}
		}
	}
	return float64(runtime.NumCPU())
}

// countList counts a list such as 0-3,8.
func countList(list string) int {
	n := 0
	for _, part := range strings.Split(list, ",") {
		first, last, isRange := strings.Cut(part, "-")
		from, err := strconv.Atoi(first)
		if err != nil {
			return 0
		}
		to := from
		if isRange {
			if to, err = strconv.Atoi(last); err != nil || to < from {
				return 0
			}
		}
		n += to - from + 1
	}
	return n
}

func processorModel(root fs.FS) string {
	for line := range strings.Lines(readText(root, "proc/cpuinfo")) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// cgroup is one group that this process is in, of the second version or of one
// controller of the first.
type cgroup struct {
	dir     string // under root
	path    string // as people know it
	unified bool
	kind    string // the controller of version 1
}

// cgroups lists the groups of this process with all their ancestors: a limit of
// any of them holds.
func cgroups(root fs.FS) []cgroup {
	mounts := cgroupMounts(readText(root, "proc/self/mountinfo"))
	var list []cgroup
	for line := range strings.Lines(readText(root, "proc/self/cgroup")) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) != 3 {
			continue
		}
		for _, m := range mounts {
			kind, ok := m.carries(parts[1])
			if !ok {
				continue
			}
			for _, rel := range ancestors(m.relative(parts[2])) {
				list = append(list, cgroup{dir: path.Join(m.point, rel), path: path.Join("/", rel), unified: m.unified, kind: kind})
			}
		}
	}
	return list
}

// cgroupMount is one mounted hierarchy.
type cgroupMount struct {
	root, point string // point is under root, without a leading slash
	unified     bool
	options     []string // controllers of version 1
}

func cgroupMounts(mountinfo string) []cgroupMount {
	var list []cgroupMount
	for line := range strings.Lines(mountinfo) {
		before, after, ok := strings.Cut(line, " - ")
		left, right := strings.Fields(before), strings.Fields(after)
		if !ok || len(left) < 5 || len(right) < 3 || right[0] != "cgroup" && right[0] != "cgroup2" {
			continue
		}
		list = append(list, cgroupMount{
			root: left[3], point: strings.TrimPrefix(left[4], "/"), unified: right[0] == "cgroup2", options: strings.Split(right[2], ","),
		})
	}
	return list
}

// carries reports whether a line of /proc/self/cgroup is about this mount, and
// for which controller.
func (m *cgroupMount) carries(controllers string) (string, bool) {
	if controllers == "" {
		return "", m.unified
	}
	if m.unified {
		return "", false
	}
	for _, c := range strings.Split(controllers, ",") {
		for _, o := range m.options {
			if c == o && (c == "cpu" || c == "memory") {
				return c, true
			}
		}
	}
	return "", false
}

// relative is a group's path below the mount: a container may see a part of the
// hierarchy only.
func (m *cgroupMount) relative(group string) string {
	if rest, ok := strings.CutPrefix(group, strings.TrimSuffix(m.root, "/")+"/"); ok {
		return rest
	}
	if group == m.root || strings.Contains(group, "..") {
		return ""
	}
	return strings.TrimPrefix(group, "/")
}

// ancestors returns a path and all above it, down to "".
func ancestors(rel string) []string {
	list := []string{rel}
	for rel != "" && rel != "." {
		if rel = path.Dir(rel); rel == "." {
			rel = ""
		}
		list = append(list, rel)
	}
	return list
}

// cpu returns the processors that the group's quota comes to.
func (g *cgroup) cpu(root fs.FS) (float64, bool) {
	var quota, period string
	switch {
	case g.unified:
		words := strings.Fields(readText(root, path.Join(g.dir, "cpu.max")))
		if len(words) != 2 {
			return 0, false
		}
		quota, period = words[0], words[1]
	case g.kind == "cpu":
		quota = strings.TrimSpace(readText(root, path.Join(g.dir, "cpu.cfs_quota_us")))
		period = strings.TrimSpace(readText(root, path.Join(g.dir, "cpu.cfs_period_us")))
	}
	q, err1 := strconv.ParseFloat(quota, 64)
	p, err2 := strconv.ParseFloat(period, 64)
	if err1 != nil || err2 != nil || q <= 0 || p <= 0 { // max, or -1: no quota
		return 0, false
	}
	return q / p, true
}

// memoryUsed is what the group uses without what the kernel would drop at once:
// cached files that nobody has used for long.
func (g *cgroup) memoryUsed(root fs.FS) (int64, bool) {
	name, inactive := "memory.current", "inactive_file "
	if !g.unified {
		name, inactive = "memory.usage_in_bytes", "total_inactive_file "
	}
	used, err := strconv.ParseInt(strings.TrimSpace(readText(root, path.Join(g.dir, name))), 10, 64)
	cached, _ := field(readText(root, path.Join(g.dir, "memory.stat")), inactive)
	return max(0, used-cached), err == nil
}

// noLimit is over what version 1 writes for no limit at all.
const noLimit = math.MaxInt64 >> 2

func (g *cgroup) memory(root fs.FS) (int64, bool) {
	name := "memory.max"
	if !g.unified {
		if g.kind != "memory" {
			return 0, false
		}
		name = "memory.limit_in_bytes"
	}
	n, err := strconv.ParseInt(strings.TrimSpace(readText(root, path.Join(g.dir, name))), 10, 64)
	return n, err == nil && n > 0 && n < noLimit
}
