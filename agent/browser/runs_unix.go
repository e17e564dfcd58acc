//go:build unix

package browser

import (
	"errors"
	"syscall"
)

// runs reports whether a process has this pid.
func runs(pid int) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}
