//go:build unix

package storage

import (
	"path/filepath"
	"sync"
	"testing"
	"unsafe"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// The recording file system is a copy of SQLite's unix VFS that is the default
// of the whole test process. What is opened in a recorder's folder has its
// writes, truncations, syncs and deletes logged, and may be made to fail; every
// other file passes through untouched. So the code under test is the real one,
// with no hook of its own.

type ioKind int

const (
	ioWrite ioKind = iota
	ioTruncate
	ioSync
	ioDelete
	ioAck // no operation: a caller was told that batch number n is written
)

// ioOp is one operation on a file, in the order in which they happened.
type ioOp struct {
	kind ioKind
	file string // the name in the recorder's folder
	off  int64  // of a write; the size of a truncation; the batch of an acknowledgement
	data []byte
}

// recorder logs what happens in one folder.
type recorder struct {
	dir string

	mu      sync.Mutex
	ops     []ioOp
	off     bool                // log nothing
	inject  func(op ioOp) int32 // an SQLite result code to answer instead of doing it
	writers []string            // files opened for writing, once an opening
}

// record starts recording a folder, until the test ends.
func record(t testing.TB, dir string) *recorder {
	t.Helper()
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		t.Fatal(err)
	}
	r := &recorder{dir: dir}
	s := installed()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.recorders[dir] = r
	t.Cleanup(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.recorders, dir)
	})
	return r
}

// note logs one operation, or returns the code that is to be answered instead.
func (r *recorder) note(op ioOp) int32 {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.inject != nil && op.kind != ioAck {
		if rc := r.inject(op); rc != sqlite3.SQLITE_OK {
			return rc
		}
	}
	if !r.off {
		r.ops = append(r.ops, op)
	}
	return sqlite3.SQLITE_OK
}

func (r *recorder) ack(n int) { r.note(ioOp{kind: ioAck, off: int64(n)}) }

// failing sets what is answered instead of operations from now on.
func (r *recorder) failing(inject func(ioOp) int32) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.inject = inject
}

func (r *recorder) log() []ioOp {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.ops
}

// openings returns how often a file was opened for writing.
func (r *recorder) openings(name string) (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, w := range r.writers {
		if w == name {
			n++
		}
	}
	return n
}

// shim is the registered file system.
type shim struct {
	base *sqlite3.Tsqlite3_vfs // SQLite's own

	mu        sync.RWMutex
	recorders map[string]*recorder
	methods   map[uintptr]uintptr // its methods → the copy with ours
	files     map[uintptr]shimFile
}

type shimFile struct {
	rec  *recorder
	name string
	base *sqlite3.Tsqlite3_io_methods
}

type (
	openFunc   = func(tls *libc.TLS, vfs, name, file uintptr, flags int32, outFlags uintptr) int32
	deleteFunc = func(tls *libc.TLS, vfs, name uintptr, syncDir int32) int32
	closeFunc  = func(tls *libc.TLS, file uintptr) int32
	writeFunc  = func(tls *libc.TLS, file, data uintptr, n int32, off int64) int32
	truncFunc  = func(tls *libc.TLS, file uintptr, size int64) int32
	syncFunc   = func(tls *libc.TLS, file uintptr, flags int32) int32
)

// installed registers the file system once for the process.
var installed = sync.OnceValue(func() *shim {
	tls := libc.NewTLS()
	defer tls.Close()
	base := at[sqlite3.Tsqlite3_vfs](sqlite3.Xsqlite3_vfs_find(tls, 0))
	theShim = &shim{
		base: base, recorders: map[string]*recorder{},
		methods: map[uintptr]uintptr{}, files: map[uintptr]shimFile{},
	}
	p := allocate[sqlite3.Tsqlite3_vfs](tls)
	own := at[sqlite3.Tsqlite3_vfs](p)
	*own = *base
	own.FpNext = 0
	name, err := libc.CString("recording")
	if err != nil {
		panic(err)
	}
	own.FzName = name
	own.FxOpen = address[openFunc](shimOpen)
	own.FxDelete = address[deleteFunc](shimDelete)
	if rc := sqlite3.Xsqlite3_vfs_register(tls, p, 1); rc != sqlite3.SQLITE_OK {
		panic(rc)
	}
	return theShim
})

var theShim *shim // set by installed, before SQLite can call

func shimOpen(tls *libc.TLS, vfs, name, file uintptr, flags int32, outFlags uintptr) int32 {
	rc := callee[openFunc](theShim.base.FxOpen)(tls, vfs, name, file, flags, outFlags)
	if rc == sqlite3.SQLITE_OK && name != 0 {
		theShim.adopt(tls, file, libc.GoString(name), flags)
	}
	return rc
}

// adopt replaces the methods of a file in a recorder's folder.
func (s *shim) adopt(tls *libc.TLS, file uintptr, path string, flags int32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	rec := s.recorders[filepath.Dir(path)]
	if rec == nil {
		return
	}
	name := filepath.Base(path)
	if flags&sqlite3.SQLITE_OPEN_READWRITE != 0 && flags&sqlite3.SQLITE_OPEN_MAIN_DB != 0 {
		rec.mu.Lock()
		rec.writers = append(rec.writers, name)
		rec.mu.Unlock()
	}
	f := at[sqlite3.Tsqlite3_file](file)
	base := f.FpMethods
	s.files[file] = shimFile{rec, name, at[sqlite3.Tsqlite3_io_methods](base)}
	if s.methods[base] == 0 {
		p := allocate[sqlite3.Tsqlite3_io_methods](tls)
		own := at[sqlite3.Tsqlite3_io_methods](p)
		*own = *at[sqlite3.Tsqlite3_io_methods](base)
		own.FxClose = address[closeFunc](shimClose)
		own.FxWrite = address[writeFunc](shimWrite)
		own.FxTruncate = address[truncFunc](shimTruncate)
		own.FxSync = address[syncFunc](shimSync)
		s.methods[base] = p
	}
	f.FpMethods = s.methods[base]
}

func (s *shim) file(p uintptr) shimFile {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.files[p]
}

func shimClose(tls *libc.TLS, file uintptr) int32 {
	f := theShim.file(file)
	theShim.mu.Lock()
	delete(theShim.files, file)
	theShim.mu.Unlock()
	return callee[closeFunc](f.base.FxClose)(tls, file)
}

func shimWrite(tls *libc.TLS, file, data uintptr, n int32, off int64) int32 {
	f := theShim.file(file)
	bytes := append([]byte(nil), unsafe.Slice(at[byte](data), n)...)
	if rc := f.rec.note(ioOp{kind: ioWrite, file: f.name, off: off, data: bytes}); rc != sqlite3.SQLITE_OK {
		return rc
	}
	return callee[writeFunc](f.base.FxWrite)(tls, file, data, n, off)
}

func shimTruncate(tls *libc.TLS, file uintptr, size int64) int32 {
	f := theShim.file(file)
	if rc := f.rec.note(ioOp{kind: ioTruncate, file: f.name, off: size}); rc != sqlite3.SQLITE_OK {
		return rc
	}
	return callee[truncFunc](f.base.FxTruncate)(tls, file, size)
}

// shimSync only notes the sync: the disk of a test is the log.
func shimSync(_ *libc.TLS, file uintptr, _ int32) int32 {
	f := theShim.file(file)
	return f.rec.note(ioOp{kind: ioSync, file: f.name})
}

func shimDelete(tls *libc.TLS, vfs, name uintptr, syncDir int32) int32 {
	path := libc.GoString(name)
	theShim.mu.RLock()
	rec := theShim.recorders[filepath.Dir(path)]
	theShim.mu.RUnlock()
	if rec != nil {
		if rc := rec.note(ioOp{kind: ioDelete, file: filepath.Base(path)}); rc != sqlite3.SQLITE_OK {
			return rc
		}
	}
	return callee[deleteFunc](theShim.base.FxDelete)(tls, vfs, name, syncDir)
}

// at is the Go view of memory that C owns.
func at[T any](p uintptr) *T { return *(**T)(unsafe.Pointer(&p)) }

// address is what C stores to call a Go function that is never collected.
func address[F any](f F) uintptr { return *(*uintptr)(unsafe.Pointer(&f)) }

// callee is the Go function at an address.
func callee[F any](p uintptr) F { return *(*F)(unsafe.Pointer(&p)) }

func allocate[T any](tls *libc.TLS) uintptr {
	var t T
	p := libc.Xcalloc(tls, 1, libc.Tsize_t(unsafe.Sizeof(t)))
	if p == 0 {
		panic("out of memory")
	}
	return p
}
