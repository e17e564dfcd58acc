package storage

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

// LockedError says that another process, or this one, has the database open.
type LockedError struct {
	Path string
	PID  int // 0 when the holder could not be read
}

func (e *LockedError) Error() string {
	if e.PID == 0 {
		return fmt.Sprintf("the database %s is open in another process", e.Path)
	}
	return fmt.Sprintf("the database %s is open in process %d: stop that first", e.Path, e.PID)
}

// fileLock is a lock of the operating system on a file beside the database. It
// ends with the process that holds it, however that ends; the file stays and
// means nothing. The database file itself is not used, for SQLite's own locks
// on it would get in the way.
type fileLock struct{ file *os.File }

func lockDatabase(path string) (*fileLock, error) {
	f, err := os.OpenFile(path+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the database %s: %w: its folder must be writable, also for the files beside it", path, err)
	}
	if err := tryLock(f); err != nil {
		defer f.Close()
		if !errors.Is(err, errLocked) {
			return nil, fmt.Errorf("lock the database %s: %w", path, err)
		}
		text, _ := io.ReadAll(io.LimitReader(f, 32)) // best effort: the number only helps
		pid, _ := strconv.Atoi(strings.TrimSpace(string(text)))
		return nil, &LockedError{Path: path, PID: pid}
	}
	l := &fileLock{file: f}
	if err := l.sign(); err != nil {
		return nil, errors.Join(err, l.release())
	}
	return l, nil
}

// sign writes who holds the lock.
func (l *fileLock) sign() error {
	if err := l.file.Truncate(0); err != nil {
		return err
	}
	_, err := l.file.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return err
}

var errLocked = errors.New("locked")

// release gives the lock up. The file stays: removing it would let a third
// process lock a new file while a second waits on the old one.
//
// It unlocks before it closes: a child that is being started has a copy of the
// file until it executes, and that copy would hold the lock.
func (l *fileLock) release() error { return errors.Join(unlock(l.file), l.file.Close()) }
