package recipes

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"time"
)

// stderrKept is how much of a dying worker's last text goes into the log.
const stderrKept = 2 << 10

// process is the parent's side of one worker. One goroutine reads its answers
// and one its error output; both end with it. All other methods belong to
// whoever holds the process.
type process struct {
	pid     int
	cmd     *exec.Cmd
	in      *os.File
	replies chan reply    // closed when the worker's output ends
	exited  chan struct{} // closed once the process is gone and reaped
	killed  sync.Once

	seq       int64
	runs      int
	peak      int64 // of its resident memory, in bytes
	measured  bool  // peak is that of the last reply
	fresh     int64 // the peak before its first run
	idleSince time.Time

	// Set before exited is closed.
	exitCode int
	lastText string
}

// startProcess starts a worker without waiting for it. It must be called on a
// thread that lives as long as the worker may.
func startProcess(executable string, args []string, wg *sync.WaitGroup) (*process, error) {
	files, err := openPipes()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(executable, args...)
	cmd.Env = []string{"TZ=UTC"}
	cmd.Dir = workerDirectory
	cmd.Stdin, cmd.Stdout, cmd.Stderr = files.childIn, files.childOut, files.childErr
	cmd.SysProcAttr = childAttributes()
	err = cmd.Start()
	files.closeChildSide()
	if err != nil {
		files.closeParentSide()
		return nil, fmt.Errorf("start a recipe worker: %w", err)
	}
	p := &process{
		pid: cmd.Process.Pid, cmd: cmd, in: files.in,
		replies: make(chan reply), exited: make(chan struct{}),
	}
	wg.Add(2)
	go func() {
		defer wg.Done()
		p.read(files.out)
	}()
	go func() {
		defer wg.Done()
		p.reap(files.err)
	}()
	return p, nil
}

// pipes are the three of a worker, seen from both sides.
type pipes struct {
	childIn, childOut, childErr *os.File
	in, out, err                *os.File
}

func openPipes() (*pipes, error) {
	p := &pipes{}
	for _, pair := range []struct{ read, write **os.File }{
		{&p.childIn, &p.in}, {&p.out, &p.childOut}, {&p.err, &p.childErr},
	} {
		read, write, err := os.Pipe()
		if err != nil {
			p.closeChildSide()
			p.closeParentSide()
			return nil, fmt.Errorf("open pipes for a recipe worker: %w", err)
		}
		*pair.read, *pair.write = read, write
	}
	return p, nil
}

func (p *pipes) closeChildSide()  { closeAll(p.childIn, p.childOut, p.childErr) }
func (p *pipes) closeParentSide() { closeAll(p.in, p.out, p.err) }

func closeAll(files ...*os.File) {
	for _, file := range files {
		if file != nil {
			_ = file.Close()
		}
	}
}

// read passes answers on until the worker's output ends. A worker that sends
// what it must not is killed: it is no longer ours.
func (p *process) read(out *os.File) {
	defer close(p.replies)
	defer out.Close()
	buffered := bufio.NewReader(out)
	for {
		var r reply
		if err := readFrame(buffered, &r); err != nil {
			if !errors.Is(err, io.EOF) {
				p.kill()
			}
			return
		}
		select {
		case p.replies <- r:
		case <-p.exited:
			return
		}
	}
}

// reap keeps the worker's last words and collects its exit.
func (p *process) reap(text *os.File) {
	defer text.Close()
	var kept bytes.Buffer
	// Read errors end the text like its end does.
	_, _ = io.CopyN(&kept, text, stderrKept)
	_, _ = io.Copy(io.Discard, text)
	// The exit code says it all; Wait's error repeats it.
	_ = p.cmd.Wait()
	_ = p.in.Close()
	p.exitCode = p.cmd.ProcessState.ExitCode()
	p.lastText = kept.String()
	close(p.exited)
}

// send passes one message to the worker.
func (p *process) send(req *request) error {
	if err := p.in.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return err
	}
	return writeFrame(p.in, req)
}

// next numbers a request that will be answered.
func (p *process) next(req *request) *request {
	p.seq++
	req.Seq = p.seq
	return req
}

// kill ends the process now; the kernel does the rest.
func (p *process) kill() {
	p.killed.Do(func() { _ = p.cmd.Process.Kill() })
}

// dead reports whether the process is known to have ended.
func (p *process) dead() bool {
	select {
	case <-p.exited:
		return true
	default:
		return false
	}
}

// stop lets an idle worker end by itself, or kills it.
func (p *process) stop(patience time.Duration) {
	_ = p.in.Close()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-p.exited:
	case <-timer.C:
		p.kill()
		<-p.exited
	}
}
