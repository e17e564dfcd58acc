package capacity

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"
)

// Disk is what a sync of the data volume takes.
type Disk struct {
	SyncP50US int64 `json:"sync_p50_us" doc:"half of the syncs of 4 KB took at most so long"`
	SyncP99US int64 `json:"sync_p99_us" doc:"99 of 100 took at most so long"`
	Syncs     int   `json:"syncs" doc:"how many were measured, 0 = none yet"`
}

const (
	syncPage  = 4096
	syncPages = 64 // overwritten in turn, as a write-ahead log is
)

// measureDisk writes and syncs pages of random bytes in a file of its own in
// dir, which it removes.
func measureDisk(dir string, d time.Duration) (disk Disk, err error) {
	f, err := os.CreateTemp(dir, ".fazt-probe-*")
	if err != nil {
		return Disk{}, fmt.Errorf("measure the disk: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(f.Name())) }()
	var page [syncPage]byte
	_, _ = rand.Read(page[:]) // never fails (crypto/rand)
	var took []int64
	for end := time.Now().Add(d); time.Now().Before(end) || len(took) < syncPages; {
		page[len(took)%syncPage]++
		began := time.Now()
		if _, err := f.WriteAt(page[:], int64(len(took)%syncPages)*syncPage); err != nil {
			return Disk{}, fmt.Errorf("measure the disk: %w", err)
		}
		if err := f.Sync(); err != nil {
			return Disk{}, fmt.Errorf("measure the disk: %w", err)
		}
		took = append(took, time.Since(began).Microseconds())
	}
	took = took[min(syncPages-1, len(took)/2):] // the first ones made the file longer
	slices.Sort(took)
	return Disk{SyncP50US: took[len(took)/2], SyncP99US: took[len(took)*99/100], Syncs: len(took)}, nil
}
