package run

import (
	"fmt"
	"strings"
	"sync"
	"time"
)

// maxSteps bounds what is kept of a run's steps: a loop of thousands says
// nothing more. The number in Step goes on counting.
const maxSteps = 500

// journal notes what a run does, in order of beginning.
type journal struct {
	now func() time.Time

	mu      sync.Mutex
	steps   []Step
	began   []time.Time
	last    int
	changed bool // since it was taken
}

// begin notes a step and returns how to end it.
func (j *journal) begin(what string) (end func(state, note string)) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.last++
	j.changed = true
	if len(j.steps) == maxSteps {
		return func(string, string) {}
	}
	i := len(j.steps)
	j.steps = append(j.steps, Step{N: j.last, What: what, State: stepRunning})
	j.began = append(j.began, j.now())
	return func(state, note string) {
		j.mu.Lock()
		defer j.mu.Unlock()
		s := &j.steps[i]
		s.State, s.Note, s.Millis = state, note, j.now().Sub(j.began[i]).Milliseconds()
		j.changed = true
	}
}

// list returns the steps; one that was left out is said at the end.
func (j *journal) list() []Step {
	j.mu.Lock()
	defer j.mu.Unlock()
	steps := append([]Step{}, j.steps...)
	if more := j.last - len(steps); more > 0 {
		steps = append(steps, Step{N: j.last, What: fmt.Sprintf("… %d more steps", more), State: stepOK})
	}
	return steps
}

// take reports whether there is news since the last take.
func (j *journal) take() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	changed := j.changed
	j.changed = false
	return changed
}

// cutOff marks the steps that never ended as unknown: of a run that a crash
// ended, or whose host calls were abandoned.
func cutOff(steps []Step) []Step {
	for i := range steps {
		if steps[i].State == stepRunning {
			steps[i].State = stepUnknown
		}
	}
	return steps
}

// sumUp says what is done, what failed and what nobody knows, as in
// "done 1–3 · failed 4". It is empty for a run without steps.
func sumUp(steps []Step) string {
	var parts []string
	for _, group := range []struct{ state, word string }{
		{stepOK, "done"}, {stepFailed, "failed"}, {stepUnknown, "unknown"}, {stepRunning, "under way"},
	} {
		if numbers := spans(steps, group.state); numbers != "" {
			parts = append(parts, group.word+" "+numbers)
		}
	}
	return strings.Join(parts, " · ")
}

func spans(steps []Step, state string) string {
	var parts []string
	for i := 0; i < len(steps); i++ {
		if steps[i].State != state {
			continue
		}
		from := i
		for i+1 < len(steps) && steps[i+1].State == state {
			i++
		}
		if from == i {
			parts = append(parts, fmt.Sprint(steps[from].N))
		} else {
			parts = append(parts, fmt.Sprintf("%d–%d", steps[from].N, steps[i].N))
		}
	}
	return strings.Join(parts, ", ")
}
