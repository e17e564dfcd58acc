package browsertest

import (
	"sync"
	"testing"
)

// Shared is one Browser for all tests of a package, started by the first test
// that asks for it. Its zero value is ready.
type Shared struct {
	once    sync.Once
	browser *Browser
	err     error
}

// Main runs the tests, ends the browser and returns the exit code, for
// TestMain. The checks run after the browser is gone and may turn the code of a
// success into a failure, such as one that looks for leaked goroutines.
func (s *Shared) Main(m *testing.M, checks ...func() error) int {
	code := m.Run()
	s.Close()
	for _, check := range checks {
		if err := check(); err != nil && code == 0 {
			println(err.Error())
			code = 1
		}
	}
	return code
}

// Open returns the browser; the end of the test does not close it.
func (s *Shared) Open(t testing.TB) *Browser {
	t.Helper()
	s.once.Do(func() { s.browser, s.err = Start() })
	if s.err != nil {
		giveUp(t, s.err)
	}
	return s.browser
}

// Close ends the browser if one was started.
func (s *Shared) Close() {
	s.once.Do(func() { s.err = ErrNoChromium })
	if s.browser != nil {
		s.browser.Close()
	}
}
