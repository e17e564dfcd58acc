package storage

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"strings"

	"modernc.org/sqlite"
)

// conn is one SQLite connection with its prepared statements. It speaks to
// the driver directly: database/sql costs 4 % on writes and up to 30 % on
// reads, and it discards a connection, with everything prepared on it, when a
// context ends. A conn is used by one goroutine at a time.
type conn struct {
	dc    driver.Conn
	stmts []*stmt
}

// access is what a connection may do.
type access int

const (
	readOnly  access = iota
	readWrite        // the writer, and nothing else
	migrating        // before the writer exists: waits for locks and may create the file
	copying          // read-only too, but query_only would refuse VACUUM INTO
	detached         // a copy that nobody else has open and nothing writes to
)

const (
	walCheckpointPages = 4000      // 1000 → 4000 pages gave 20 % more writes a second; a WAL of 16 MB
	readMmapBytes      = 256 << 20 // address space, not memory
	migrateBusyMillis  = 2000
)

// pragmas lists what must hold on a connection, by its access. Open asserts
// every one of them after setting it, for a DSN that SQLite does not
// understand is dropped without a word.
func pragmas(a access) [][2]string {
	p := [][2]string{
		{"busy_timeout", "0"}, // the writer retries itself, by error code; readers never wait in WAL mode
		{"foreign_keys", "0"},
		{"trusted_schema", "0"},
		{"temp_store", "2"},
		{"cache_size", "-8192"},
	}
	switch a {
	case copying:
		p = append(p, [2]string{"query_only", "0"})
	case detached:
		return append(p, [2]string{"query_only", "1"})
	case readOnly:
		p = append(p, [2]string{"query_only", "1"}, [2]string{"mmap_size", fmt.Sprint(readMmapBytes)})
	case migrating:
		p[0][1] = fmt.Sprint(migrateBusyMillis)
		fallthrough
	case readWrite:
		p = append(p, [2]string{"synchronous", "2"}, [2]string{"wal_autocheckpoint", fmt.Sprint(walCheckpointPages)})
	}
	return append(p, [2]string{"journal_mode", "wal"})
}

// dsn writes the driver's name for a connection to an absolute path. It must
// begin with "file:", or the driver ignores mode=ro.
func dsn(path string, a access) string {
	v := url.Values{"_dqs": {"0"}, "_defensive": {"1"}}
	switch a {
	case readOnly, copying:
		v.Set("mode", "ro")
	case detached:
		v.Set("mode", "ro")
		v.Set("immutable", "1")
	case readWrite:
		v.Set("mode", "rw")
	case migrating:
		v.Set("mode", "rwc")
		v.Set("_auto_vacuum", "INCREMENTAL")
	}
	for _, p := range pragmas(a) {
		if a != readWrite && a != migrating && p[0] == "journal_mode" {
			continue // a property of the file, asserted but not set
		}
		v.Add("_pragma", p[0]+"("+p[1]+")")
	}
	u := url.URL{Path: filepath.ToSlash(path)}
	if !strings.HasPrefix(u.Path, "/") {
		u.Path = "/" + u.Path // C:/… on Windows, SQLite's URI form
	}
	return "file://" + u.EscapedPath() + "?" + v.Encode()
}

// dial opens one connection and asserts its pragmas.
func dial(ctx context.Context, path string, a access) (*conn, error) {
	connector, err := sqlite.NewConnector(dsn(path, a))
	if err != nil {
		return nil, err
	}
	dc, err := connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	c := &conn{dc: dc}
	if err := c.assertPragmas(a); err != nil {
		return nil, errors.Join(err, c.close())
	}
	return c, nil
}

func (c *conn) assertPragmas(a access) error {
	for _, p := range pragmas(a) {
		got, err := c.pragma(p[0])
		if err != nil {
			return fmt.Errorf("read PRAGMA %s: %w", p[0], err)
		}
		if got != p[1] {
			return fmt.Errorf("PRAGMA %s is %s on this connection, not %s", p[0], got, p[1])
		}
	}
	return nil
}

// pragma reads one value of the connection, as text.
func (c *conn) pragma(name string) (string, error) {
	s, err := c.temporary("PRAGMA " + name)
	if err != nil {
		return "", err
	}
	defer s.close()
	row, ok, err := s.one()
	if err != nil || !ok {
		return "", err
	}
	return fmt.Sprint(row[0]), nil
}

// exec runs a statement once, until ctx ends.
func (c *conn) exec(ctx context.Context, text string, args ...driver.Value) error {
	s, err := c.temporary(text)
	if err != nil {
		return err
	}
	_, err = s.exec.ExecContext(ctx, s.bind(args))
	return errors.Join(err, s.close())
}

// query runs a statement once and calls fn with every row, until ctx ends.
func (c *conn) query(ctx context.Context, text string, fn func([]driver.Value) error, args ...driver.Value) error {
	s, err := c.temporary(text)
	if err != nil {
		return err
	}
	return errors.Join(s.each(ctx, fn, args...), s.close())
}

// prepare makes a statement that lives as long as the connection.
func (c *conn) prepare(text string) (*stmt, error) {
	s, err := c.temporary(text)
	if err == nil {
		c.stmts = append(c.stmts, s)
	}
	return s, err
}

// temporary makes a statement that the caller closes.
func (c *conn) temporary(text string) (*stmt, error) {
	ds, err := c.dc.Prepare(text)
	if err != nil {
		return nil, fmt.Errorf("prepare %q: %w", text, err)
	}
	exec, canExec := ds.(driver.StmtExecContext)
	query, canQuery := ds.(driver.StmtQueryContext)
	if !canExec || !canQuery {
		return nil, errors.Join(fmt.Errorf("driver statement %T has no context methods", ds), ds.Close())
	}
	return &stmt{text: text, ds: ds, exec: exec, query: query}, nil
}

func (c *conn) close() error {
	var errs []error
	for _, s := range c.stmts {
		errs = append(errs, s.close())
	}
	return errors.Join(append(errs, c.dc.Close())...)
}

// stmt is a prepared statement. Its argument and row buffers are reused, so
// that a call allocates little.
type stmt struct {
	text  string
	ds    driver.Stmt
	exec  driver.StmtExecContext
	query driver.StmtQueryContext
	args  []driver.NamedValue
	row   []driver.Value
}

func (s *stmt) close() error { return s.ds.Close() }

func (s *stmt) bind(args []driver.Value) []driver.NamedValue {
	if len(s.args) != len(args) {
		s.args = make([]driver.NamedValue, len(args))
		for i := range s.args {
			s.args[i].Ordinal = i + 1
		}
	}
	for i, a := range args {
		s.args[i].Value = a
	}
	return s.args
}

// run executes a statement that returns no rows and says how many it changed.
// It runs on no context: a write that has begun is not given up half way.
func (s *stmt) run(args ...driver.Value) (int64, error) {
	res, err := s.exec.ExecContext(context.Background(), s.bind(args))
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// one returns the first row. The slice is valid until the next call, its
// values for ever. It takes no context, for a context costs a goroutine a
// call; use it for what ends by itself.
func (s *stmt) one(args ...driver.Value) (row []driver.Value, ok bool, err error) {
	err = s.all(func(r []driver.Value) error {
		row, ok = r, true
		return errStop
	}, args...)
	return row, ok, err
}

// all calls fn with every row, on no context.
func (s *stmt) all(fn func([]driver.Value) error, args ...driver.Value) error {
	return s.each(context.Background(), fn, args...)
}

// steps is each for what finds every row in a short time, by a key. The context
// is asked between the rows: given to the driver it would cost a goroutine for
// the call and a look at locks for every row, a fifth of a find by an index.
func (s *stmt) steps(ctx context.Context, fn func([]driver.Value) error, args ...driver.Value) error {
	return s.all(func(row []driver.Value) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return fn(row)
	}, args...)
}

// errStop ends an iteration early, without an error.
var errStop = errors.New("stop")

// each calls fn with every row until it returns an error.
func (s *stmt) each(ctx context.Context, fn func([]driver.Value) error, args ...driver.Value) (err error) {
	rows, err := s.query.QueryContext(ctx, s.bind(args))
	if err != nil {
		return err
	}
	defer func() {
		if e := rows.Close(); err == nil {
			err = e
		}
	}()
	if s.row == nil {
		s.row = make([]driver.Value, len(rows.Columns()))
	}
	for {
		switch err := rows.Next(s.row); {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		}
		switch err := fn(s.row); {
		case err == errStop:
			return nil
		case err != nil:
			return err
		}
	}
}

// preparer prepares many statements and keeps the first error.
type preparer struct {
	conn *conn
	err  error
}

func (p *preparer) stmt(text string) *stmt {
	if p.err != nil {
		return nil
	}
	s, err := p.conn.prepare(strings.TrimSpace(text))
	p.err = err
	return s
}

// Reading columns. A column's type is the schema's, held by STRICT tables, so
// only NULL needs care.

func asInt(v driver.Value) int64 {
	n, _ := v.(int64)
	return n
}

func asText(v driver.Value) string {
	s, _ := v.(string)
	return s
}

func asBytes(v driver.Value) []byte {
	b, _ := v.([]byte)
	return b
}

// orNull stores an empty text as NULL, which takes no room.
func bytesOrNull(b []byte) driver.Value {
	if b == nil {
		return nil
	}
	return b
}

func boolInt(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func orNull(s string) driver.Value {
	if s == "" {
		return nil
	}
	return s
}
