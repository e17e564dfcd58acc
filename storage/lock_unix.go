//go:build unix

package storage

import (
	"os"

	"golang.org/x/sys/unix"
)

// tryLock takes flock(2), which belongs to the open file: unlike a POSIX
// record lock it also keeps out a second Open in this process.
func tryLock(f *os.File) error {
	err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if err == unix.EWOULDBLOCK {
		return errLocked
	}
	return err
}

func unlock(f *os.File) error { return unix.Flock(int(f.Fd()), unix.LOCK_UN) }
