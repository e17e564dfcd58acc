package load

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// user plays one person. Everything in it is its own goroutine's.
type user struct {
	conn    *conn
	spec    *Spec
	begin   time.Time // of the measured time
	end     time.Time
	classes map[string]*tally
	seconds []Second
	lags    Histogram // how late calls began that nothing but the generator held up
	first   string    // error
}

// tally is the calls of one class.
type tally struct {
	ok           Histogram
	shed, failed int
}

// Run plays a load until it is over or ctx ends, which is an error.
func Run(ctx context.Context, spec Spec) (*Result, error) {
	if err := spec.Check(); err != nil {
		return nil, err
	}
	address, err := spec.address()
	if err != nil {
		return nil, err
	}
	users := make([]*user, spec.Users)
	for i := range users {
		users[i] = &user{conn: newConn(&spec, address, uint64(i)), spec: &spec, classes: map[string]*tally{}}
	}
	defer func() {
		for _, u := range users {
			u.conn.close()
		}
	}()
	if err := connect(ctx, users); err != nil {
		return nil, err
	}
	pages, err := joinSockets(ctx, &spec)
	if err != nil {
		return nil, err
	}
	used := processorTime()
	began := time.Now()
	var done sync.WaitGroup
	for _, u := range users {
		u.begin = began.Add(spec.Ramp)
		u.end = u.begin.Add(spec.Duration)
		done.Go(func() { u.play(ctx, began) })
	}
	done.Wait()
	took, used := time.Since(began), processorTime()-used
	joined := pages.end()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r := collect(&spec, users, took, used)
	r.Sockets = joined
	return r, nil
}

// connectors is how many connections are being opened at the same time: a
// listener has a short backlog.
const connectors = 64

func connect(ctx context.Context, users []*user) error {
	var done sync.WaitGroup
	errs := make([]error, connectors)
	for i := range connectors {
		done.Go(func() {
			for j := i; j < len(users) && ctx.Err() == nil && errs[i] == nil; j += connectors {
				errs[i] = users[j].conn.dial()
			}
		})
	}
	done.Wait()
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("connect %d users: %w", len(users), err)
	}
	return ctx.Err()
}

// play makes calls until the end. due is when a call is meant to begin.
func (u *user) play(ctx context.Context, began time.Time) {
	due := began
	if gap := u.gap(); gap > 0 { // not all at once
		due = began.Add(time.Duration(u.conn.random.Float64() * float64(gap)))
	}
	for due.Before(u.end) && ctx.Err() == nil {
		now := time.Now()
		if wait := due.Sub(now); wait > 0 {
			if !sleep(ctx, wait) {
				return
			}
			now = time.Now()
			u.lags.Add(now.Sub(due))
		}
		class := u.spec.Mix.pick(u.conn.random.Float64())
		status, err := u.conn.call(class)
		ended := time.Now()
		u.count(class, status, err, due, ended)
		due = u.next(due, ended)
		if err != nil && !sleep(ctx, 10*time.Millisecond) { // a server that is gone is not hammered
			return
		}
	}
}

// gap is the mean time between a user's calls, 0 when one follows the other.
func (u *user) gap() time.Duration {
	if u.spec.Rate > 0 {
		return time.Duration(float64(u.spec.Users) / u.spec.Rate * float64(time.Second))
	}
	return u.spec.Think
}

// next is when the user's next call is due. With a rate it does not depend on
// the answer: calls that could not begin in time are late, not fewer.
func (u *user) next(due, ended time.Time) time.Time {
	if u.spec.Rate > 0 {
		return due.Add(time.Duration(u.conn.random.ExpFloat64() * float64(u.gap())))
	}
	return ended.Add(time.Duration((0.5 + u.conn.random.Float64()) * float64(u.spec.Think)))
}

func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// count counts a call that was due within the measured time.
func (u *user) count(class string, status int, err error, due, ended time.Time) {
	if due.Before(u.begin) {
		return
	}
	t := u.classes[class]
	if t == nil {
		t = &tally{}
		u.classes[class] = t
	}
	second := u.second(ended)
	switch {
	case err != nil:
		t.failed++
		second.Failed++
		u.note(err.Error())
	case status == 503 || status == 429:
		t.shed++
		second.Shed++
	case status >= 400 && (class != Read || status != 404): // a key that nobody wrote yet is an honest 404
		t.failed++
		second.Failed++
		u.note(fmt.Sprintf("%s answered %d", class, status))
	default:
		t.ok.Add(ended.Sub(due))
		second.OK++
		second.latency += ended.Sub(due)
	}
}

func (u *user) note(text string) {
	if u.first == "" {
		u.first = text
	}
}

func (u *user) second(at time.Time) *Second {
	i := min(int(at.Sub(u.begin)/time.Second), int(u.spec.Duration/time.Second)+int(answerTime/time.Second))
	for len(u.seconds) <= i {
		u.seconds = append(u.seconds, Second{Second: len(u.seconds)})
	}
	return &u.seconds[i]
}
