//go:build unix

package storage

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

const sectorBytes = 512 // what a disk writes whole

// disk is what the power loss leaves of each file: what was synced, and what
// was written since, of which anything may be there.
type disk map[string]*diskFile

type diskFile struct {
	durable []byte
	exists  bool // durably
	pending []ioOp
}

// apply takes the next operation of a log.
func (d disk) apply(op ioOp) {
	if op.kind == ioAck {
		return
	}
	f := d[op.file]
	if f == nil {
		f = &diskFile{}
		d[op.file] = f
	}
	if op.kind != ioSync {
		f.pending = append(f.pending, op)
		return
	}
	if f.fresh() {
		// SQLite syncs the folder with the first sync of a file that it made.
		for _, other := range d {
			other.settleDeletes()
		}
	}
	f.durable, f.exists = f.after(func(*ioOp) bool { return true }, func(int) bool { return true })
	f.pending = nil
}

// lastDelete is the place of the last deletion that is not durable, -1 for none.
func (f *diskFile) lastDelete() int {
	for i := len(f.pending) - 1; i >= 0; i-- {
		if f.pending[i].kind == ioDelete {
			return i
		}
	}
	return -1
}

// fresh says that the folder on the disk does not know the file.
func (f *diskFile) fresh() bool { return !f.exists || f.lastDelete() >= 0 }

// settleDeletes makes deletions durable, after a sync of the folder.
func (f *diskFile) settleDeletes() {
	if i := f.lastDelete(); i >= 0 {
		f.durable, f.exists, f.pending = nil, false, f.pending[i+1:]
	}
}

// after is the file when the pending operations that op selects were carried
// out, of writes the sectors that sector selects.
func (f *diskFile) after(op func(*ioOp) bool, sector func(int) bool) (data []byte, exists bool) {
	data, exists = append([]byte(nil), f.durable...), f.exists
	for i := range f.pending {
		p := &f.pending[i]
		if !op(p) {
			continue
		}
		switch p.kind {
		case ioDelete:
			data, exists = nil, false
		case ioTruncate:
			data, exists = resized(data, int(p.off)), true
		case ioWrite:
			exists = true
			data = writeSectors(data, p, sector)
		}
	}
	return data, exists
}

// writeSectors writes the parts of one write that lie in the chosen sectors.
func writeSectors(data []byte, p *ioOp, sector func(int) bool) []byte {
	for from := 0; from < len(p.data); {
		place := int(p.off) + from
		to := min(len(p.data), from+sectorBytes-place%sectorBytes)
		if sector(place / sectorBytes) {
			if len(data) < place+to-from {
				data = resized(data, place+to-from)
			}
			copy(data[place:], p.data[from:to])
		}
		from = to
	}
	return data
}

func resized(data []byte, size int) []byte {
	if size <= len(data) {
		return data[:size]
	}
	return append(data, make([]byte, size-len(data))...)
}

// loss is one way in which a power loss can leave the disk.
type loss int

const (
	lossAll  loss = iota // nothing unsynced is there
	lossNone             // everything is
	lossTorn             // any sectors of any operations
)

// write puts the image into a folder.
func (d disk) write(t testing.TB, dir string, how loss, rng *rand.Rand) {
	t.Helper()
	kept := rng.Float64()
	chance := func() bool { return rng.Float64() < kept }
	op, sector := func(*ioOp) bool { return how == lossNone }, func(int) bool { return true }
	if how == lossTorn {
		op = func(p *ioOp) bool { return p.kind == ioWrite || chance() }
		sector = func(int) bool { return chance() }
	}
	for name, f := range d {
		path := filepath.Join(dir, name)
		data, exists := f.after(op, sector)
		if !exists {
			if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
				t.Fatal(err)
			}
			continue
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
