package storage

import (
	"errors"

	sqlite3 "modernc.org/sqlite/lib"
)

// trouble sorts the driver's error codes into what the writer does about them.
// This is the only place that knows the codes.
type trouble int

const (
	troubleNone     trouble = iota // not SQLite's, or about one statement only
	troubleBusy                    // somebody else holds the file: try again
	troubleFull                    // no room: this group fails, the next may not
	troubleGroup                   // the transaction is lost, nothing was written
	troubleForGood                 // what is on the disk is unknown: stop writing
	troubleDeadline                // interrupted
)

func troubleOf(err error) trouble {
	var coded interface{ Code() int }
	if !errors.As(err, &coded) {
		return troubleNone
	}
	switch coded.Code() & 0xff { // the primary code; the rest says where it happened
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return troubleBusy
	case sqlite3.SQLITE_FULL:
		return troubleFull
	case sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PROTOCOL:
		return troubleGroup
	case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_READONLY:
		// After a failed fsync the kernel may have dropped the dirty pages and
		// the next fsync succeeds: a later commit proves nothing.
		return troubleForGood
	case sqlite3.SQLITE_INTERRUPT:
		return troubleDeadline
	}
	return troubleNone
}
