-- +goose Up

-- Numbers that belong to the whole file. 'version' is the commit sequence.
CREATE TABLE meta (
	name  TEXT PRIMARY KEY,
	value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO meta (name, value) VALUES ('version', 0);

-- AUTOINCREMENT: an app's number is never used again, so rows of a deleted app
-- that are still to be swept can not appear in another. 0 is the system feed.
CREATE TABLE app (
	id         INTEGER PRIMARY KEY AUTOINCREMENT,
	name       TEXT NOT NULL UNIQUE,
	title      TEXT NOT NULL,
	version    INTEGER NOT NULL,
	born       INTEGER NOT NULL, -- the version that created it
	created_at INTEGER NOT NULL, -- Unix milliseconds, as every time here
	updated_at INTEGER NOT NULL
) STRICT;

-- Deleted apps whose rows are still to be removed, in slices.
CREATE TABLE app_gone (id INTEGER PRIMARY KEY) STRICT;

-- A rowid table: values over about 1 KB in an index-organised one spill to
-- overflow pages. Values are JSON text kept in a BLOB, which is read with one
-- copy less than TEXT.
CREATE TABLE kv (
	id         INTEGER PRIMARY KEY,
	app        INTEGER NOT NULL,
	key        TEXT NOT NULL,
	value      BLOB NOT NULL,
	version    INTEGER NOT NULL,
	expires_at INTEGER, -- NULL = never
	UNIQUE (app, key)
) STRICT;
CREATE INDEX kv_expiry ON kv (expires_at) WHERE expires_at IS NOT NULL;

-- The change log. n counts an app's rows without gaps, so the number kept is
-- the difference of the ends. what: see the feed's table of kinds.
CREATE TABLE change (
	app       INTEGER NOT NULL,
	version   INTEGER NOT NULL,
	idx       INTEGER NOT NULL, -- from 1 within a version
	n         INTEGER NOT NULL,
	at        INTEGER NOT NULL,
	what      INTEGER NOT NULL,
	name      TEXT,
	key       TEXT NOT NULL,
	principal TEXT,
	PRIMARY KEY (app, version, idx)
) STRICT, WITHOUT ROWID;

-- The last change of an app that retention removed.
CREATE TABLE change_floor (
	app     INTEGER PRIMARY KEY,
	version INTEGER NOT NULL,
	idx     INTEGER NOT NULL
) STRICT;

CREATE TABLE token (
	id         INTEGER PRIMARY KEY,
	handle     TEXT NOT NULL UNIQUE,
	hash       BLOB NOT NULL UNIQUE,
	name       TEXT NOT NULL,
	kind       TEXT NOT NULL,
	app        TEXT, -- the app it is bound to
	scopes     TEXT NOT NULL, -- a JSON array
	created_at INTEGER NOT NULL,
	expires_at INTEGER,
	created_by TEXT NOT NULL
) STRICT;
CREATE INDEX token_app ON token (app) WHERE app IS NOT NULL;
CREATE INDEX token_expiry ON token (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE session (
	id         INTEGER PRIMARY KEY,
	hash       BLOB NOT NULL UNIQUE,
	token      INTEGER NOT NULL, -- token.id
	created_at INTEGER NOT NULL,
	expires_at INTEGER
) STRICT;
CREATE INDEX session_token ON session (token);
CREATE INDEX session_expiry ON session (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE setting (
	name    TEXT PRIMARY KEY,
	value   BLOB NOT NULL,
	version INTEGER NOT NULL
) STRICT;

-- Used idempotency keys, oldest first by id. result NULL = in progress.
CREATE TABLE idempotency (
	id         INTEGER PRIMARY KEY,
	principal  TEXT NOT NULL,
	operation  TEXT NOT NULL,
	key        TEXT NOT NULL,
	input_hash BLOB NOT NULL,
	result     BLOB,
	version    INTEGER NOT NULL,
	created_at INTEGER NOT NULL,
	UNIQUE (principal, operation, key)
) STRICT;

-- One row a call, oldest first by id.
CREATE TABLE audit (
	id         INTEGER PRIMARY KEY,
	at         INTEGER NOT NULL,
	principal  TEXT,
	kind       TEXT,
	face       TEXT,
	client     TEXT,
	operation  TEXT,
	app        TEXT,
	input_hash BLOB,
	code       TEXT,
	duration   INTEGER NOT NULL, -- microseconds
	version    INTEGER NOT NULL,
	request_id TEXT
) STRICT;
