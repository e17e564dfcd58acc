package recipes

import (
	"bytes"
	"io"
	"os"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// childAttributes makes the kernel kill the worker with its parent. The signal
// follows the thread that started it, which is why the pool starts processes
// on one locked thread only.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}

// workerDirectory is where workers stand: they open no file there.
const workerDirectory = "/"

const (
	// dataLimit bounds private memory where the watch is too slow; the Go heap
	// reserves address space freely, so RLIMIT_AS would hit the innocent.
	dataLimit = 1 << 30
	// fileLimit leaves no room to open anything beside the runtime's own.
	fileLimit = 16
)

// confine gives up what a worker does not need. Each step is a second wall
// behind the sandbox, so a kernel that refuses one is no reason to stop.
func confine() {
	closeInherited()
	_ = unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
	_ = unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0)
	for resource, limit := range map[int]uint64{
		unix.RLIMIT_CORE:   0,
		unix.RLIMIT_FSIZE:  0,
		unix.RLIMIT_DATA:   dataLimit,
		unix.RLIMIT_NOFILE: fileLimit,
	} {
		_ = unix.Setrlimit(resource, &unix.Rlimit{Cur: limit, Max: limit})
	}
}

// closeInherited closes what came through exec: the runtime's own descriptors
// all carry the close-on-exec flag, so those without it are not ours.
func closeInherited() {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return
	}
	for _, entry := range entries {
		fd, err := strconv.Atoi(entry.Name())
		if err != nil || fd <= 2 {
			continue
		}
		flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
		if err == nil && flags&unix.FD_CLOEXEC == 0 {
			_ = unix.Close(fd)
		}
	}
}

// polled lets the runtime wait for a pipe among its other events: a thread that
// sleeps in read hands each request to another one, which the kernel must wake
// first.
func polled(in io.Reader) io.Reader {
	file, ok := in.(*os.File)
	if !ok {
		return in
	}
	fd := file.Fd()
	if unix.SetNonblock(int(fd), true) != nil {
		return in
	}
	return os.NewFile(fd, file.Name())
}

// memoryOf returns the resident memory of this process in bytes, as it is and
// as it was at its peak.
func memoryOf() (now, peak int64) {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, 0
	}
	return statusField(text, "\nVmRSS:"), statusField(text, "\nVmHWM:")
}

// statusField reads a line of proc_pid_status(5) in kB.
func statusField(text []byte, name string) int64 {
	_, rest, _ := bytes.Cut(text, []byte(name))
	line, _, _ := bytes.Cut(rest, []byte(" kB"))
	kilobytes, err := strconv.ParseInt(string(bytes.TrimSpace(line)), 10, 64)
	if err != nil {
		return 0
	}
	return kilobytes << 10
}

// processorTime returns the processor time that another process has used. The
// clock's number is that of clock_getcpuclockid(3): the complement of the
// process id, with the bits of CPUCLOCK_SCHED.
func processorTime(pid int) (time.Duration, bool) {
	const schedulerClock = 2
	var used unix.Timespec
	if err := unix.ClockGettime(int32(^pid)<<3|schedulerClock, &used); err != nil {
		return 0, false
	}
	return time.Duration(used.Nano()), true
}
