package capacity

import (
	"math"
	"runtime/debug"
	"runtime/metrics"
	"slices"
	"sync/atomic"
	"time"

	"fazt/server/op"
)

// Stage is how short of memory the server is. Each stage gives up what the one
// before does, and something more that people need more.
type Stage int32

// The stages.
const (
	StageNone   Stage = iota // there is enough
	StageCaches              // caches and idle browsers go
	StageRuns                // and new tabs and runs are refused
	StageWrites              // and so are writes that are not the owner's and remove nothing
	StageReads               // and so are all calls but the owner's
)

// String returns the name that reports use.
func (s Stage) String() string {
	return [...]string{"none", "caches", "runs", "writes", "reads"}[s]
}

// enters is the share of the memory at which each stage begins. One is left
// only when the use is leaveBelow under that, so that nothing flickers.
func (s Stage) enters() float64 {
	return [...]float64{0, 0.80, 0.88, 0.93, 0.97}[s]
}

const (
	leaveBelow = 0.05
	// relieveEvery is how often caches are dropped while a stage lasts.
	relieveEvery = 30 * time.Second
)

// Memory is a reading of what is used and what may be used, in bytes. A limit
// of 0 says that there is none.
type Memory struct{ Used, Limit int64 }

// MemoryLive is memory as it is now.
type MemoryLive struct {
	UsedBytes  int64    `json:"used_bytes" doc:"memory in use, against the limit that ends first"`
	LimitBytes int64    `json:"limit_bytes" doc:"of the cgroup, of GOMEMLIMIT or of the machine; 0 = not known"`
	Stage      string   `json:"stage" doc:"what was given up: none, caches, runs (new tabs and runs are refused), writes or reads" enum:"none,caches,runs,writes,reads"`
	Refused    uint64   `json:"refused" doc:"calls refused for want of memory since the start"`
	Relieved   uint64   `json:"relieved" doc:"how often caches and idle browsers were given up"`
	Shed       []string `json:"shed" doc:"what is given up or refused now"`
}

// shortage is how short of memory the server is.
type shortage struct {
	stage    atomic.Int32
	refused  atomic.Uint64
	relieved atomic.Uint64
}

// next is the stage that follows from a share of the memory.
func (s Stage) next(share float64) Stage {
	for above := StageReads; above > s; above-- {
		if share >= above.enters() {
			return above
		}
	}
	for s > StageNone && share < s.enters()-leaveBelow {
		s--
	}
	return s
}

// refuses reports whether a call must not begin for want of memory. What frees
// memory or room is let in, and the owner, who has to put things right.
func (p *shortage) refuses(gate string, who *op.Principal, o *op.Operation) error {
	stage := Stage(p.stage.Load())
	if stage < StageRuns || who.Owner && gate != "run" && gate != "page" {
		return nil
	}
	begins := gate == "run" || gate == "page" && slices.Contains([]string{"tab_open", "tab_do"}, o.Name)
	writes := gate == "write" && o.Effect != op.Destructive
	if !begins && !(writes && stage >= StageWrites) && stage < StageReads {
		return nil
	}
	p.refused.Add(1)
	e := op.Errorf(op.CodeOverloaded, "the server is short of memory and begins nothing of this kind now; nothing was begun")
	e.RetryAfter = jittered(sampleEvery)
	return e.WithHint("call again after retry_after seconds; capacity_get shows live.memory")
}

// weigh moves the stage by a reading and gives up what it says.
func (m *Meter) weigh(now time.Time, memory Memory) {
	p := &m.options.Admission.shortage
	before := Stage(p.stage.Load())
	after := StageNone
	if memory.Limit > 0 {
		after = before.next(float64(memory.Used) / float64(memory.Limit))
	}
	p.stage.Store(int32(after))
	m.mu.Lock()
	m.memory = memory
	due := after > before || now.Sub(m.relieved) >= relieveEvery
	if after >= StageCaches && due {
		m.relieved = now
	}
	m.mu.Unlock()
	if after != before {
		m.options.Logger.Warn("memory", "stage", after.String(), "used", memory.Used, "limit", memory.Limit)
	}
	if after >= StageCaches && due {
		p.relieved.Add(1)
		if m.options.Relieve != nil {
			m.options.Relieve()
		}
		debug.FreeOSMemory()
	}
}

// memoryLive is what reports show.
func (m *Meter) memoryLive(memory Memory) MemoryLive {
	p := &m.options.Admission.shortage
	stage := Stage(p.stage.Load())
	shed := []string{"caches and idle browsers", "new tabs and runs", "writes", "reads"}[:stage]
	return MemoryLive{
		UsedBytes: memory.Used, LimitBytes: memory.Limit, Stage: stage.String(),
		Refused: p.refused.Load(), Relieved: p.relieved.Load(), Shed: shed,
	}
}

// Protection is what keeps the server up, as it is now.
type Protection struct {
	Memory      MemoryLive
	Connections ConnectionsLive
}

// Protection returns it, without all else that a Report asks for.
func (m *Meter) Protection() Protection {
	m.mu.Lock()
	memory := m.memory
	m.mu.Unlock()
	p := Protection{Memory: m.memoryLive(memory)}
	if m.options.Connections != nil {
		p.Connections = m.options.Connections.Live()
	}
	return p
}

// readMemory is the reading that is nearest to its limit: the cgroup's, in which
// browsers count too, or this process's against GOMEMLIMIT or the machine.
func (m *Meter) readMemory() Memory {
	root := m.options.Root
	own := Memory{Used: goMemory(), Limit: readMachine(root).MemoryBytes}
	if limit := debug.SetMemoryLimit(-1); limit < math.MaxInt64 && (own.Limit == 0 || limit < own.Limit) {
		own.Limit = limit
	}
	for _, g := range cgroups(root) {
		limit, ok := g.memory(root)
		used, known := g.memoryUsed(root)
		if ok && known && own.share() < (Memory{used, limit}).share() {
			own = Memory{used, limit}
		}
	}
	return own
}

func (m Memory) share() float64 {
	if m.Limit <= 0 {
		return 0
	}
	return float64(m.Used) / float64(m.Limit)
}

// goMemory is what the Go runtime has mapped and not given back: what
// GOMEMLIMIT bounds (package runtime/debug).
func goMemory() int64 {
	s := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(s)
	return int64(s[0].Value.Uint64()) - int64(s[1].Value.Uint64())
}
