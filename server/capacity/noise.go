package capacity

import (
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"
)

// Noise is what others on the machine take.
type Noise struct {
	ForeignCPU  float64 `json:"foreign_cpu" doc:"processors that other programs use"`
	Steal       float64 `json:"steal" doc:"share of time in which the machine below ran something else"`
	CPUPressure float64 `json:"cpu_pressure" doc:"share of the last 10 s in which somebody waited for a processor (PSI)"`
	IOPressure  float64 `json:"io_pressure" doc:"share of the last 10 s in which somebody waited for the disk (PSI)"`
	Quiet       bool    `json:"quiet" doc:"little enough to believe what is measured"`
}

// noiseSample is the counters that noise is the difference of.
type noiseSample struct {
	at                 time.Time
	own                time.Duration
	busy, steal, total float64 // ticks of all processors
}

func sampleNoise(root fs.FS, now time.Time) noiseSample {
	s := noiseSample{at: now, own: cpuTime()}
	line, _, _ := strings.Cut(readText(root, "proc/stat"), "\n")
	words := strings.Fields(line)
	if len(words) < 9 || words[0] != "cpu" {
		return s
	}
	for i, w := range words[1:9] { // guest time is in user time already
		n, err := strconv.ParseFloat(w, 64)
		if err != nil {
			return noiseSample{at: now, own: s.own}
		}
		s.total += n
		switch i {
		case 3, 4: // idle, iowait
		case 7:
			s.steal += n
		default:
			s.busy += n
		}
	}
	return s
}

// ticks a second in /proc/stat; Linux shows 100 to every program.
const ticks = 100

// quietCPU is the foreign processor time under which figures are believed.
const quietCPU = 0.1

// noiseBetween is what others took between two samples.
func noiseBetween(root fs.FS, a, b noiseSample) Noise {
	n := Noise{
		CPUPressure: pressure(readText(root, "proc/pressure/cpu")), IOPressure: pressure(readText(root, "proc/pressure/io")),
	}
	span := b.at.Sub(a.at).Seconds()
	if span > 0 && b.total > a.total {
		n.ForeignCPU = rounded(max(0, (b.busy-a.busy)/ticks/span-(b.own-a.own).Seconds()/span))
		n.Steal = rounded((b.steal - a.steal) / (b.total - a.total))
	}
	n.Quiet = n.ForeignCPU < quietCPU && n.Steal < 0.01
	return n
}

// pressure reads avg10 of the line "some" as a share.
func pressure(text string) float64 {
	for _, word := range strings.Fields(text) {
		if value, ok := strings.CutPrefix(word, "avg10="); ok {
			percent, err := strconv.ParseFloat(value, 64)
			if err != nil {
				return 0
			}
			return rounded(percent / 100)
		}
	}
	return 0
}

// resident is the private memory of this process; see proc(5).
func resident(root fs.FS) int64 {
	kb, _ := field(readText(root, "proc/self/status"), "RssAnon:")
	return kb << 10
}

// MachineBusy is the processor time that everything on this machine has used
// since it started, 0 where that is not known.
func MachineBusy() time.Duration {
	s := sampleNoise(os.DirFS("/"), time.Now())
	return time.Duration(s.busy / ticks * float64(time.Second))
}
