-- +goose Up

-- A session of a tab that an agent drives.
ALTER TABLE session ADD COLUMN driven INTEGER NOT NULL DEFAULT 0;

-- The catalogue. enabled is the version that everyone runs, NULL when there are
-- drafts only; drafts are run by their authors.
CREATE TABLE recipe (
	name       TEXT PRIMARY KEY,
	enabled    INTEGER, -- recipe_version.id
	version    INTEGER NOT NULL,
	updated_at INTEGER NOT NULL
) STRICT;

-- Every source that was saved, by its content's hash.
CREATE TABLE recipe_version (
	id          INTEGER PRIMARY KEY AUTOINCREMENT,
	name        TEXT NOT NULL,
	hash        TEXT NOT NULL,
	source      BLOB NOT NULL,
	definition  BLOB NOT NULL, -- JSON
	author      TEXT NOT NULL, -- a token's id
	author_name TEXT NOT NULL,
	author_kind TEXT NOT NULL,
	scopes      TEXT NOT NULL, -- of the author when it was saved, a JSON array
	app         TEXT,          -- the author's token was bound to it
	created_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX recipe_version_name ON recipe_version (name, id);

-- Runs, oldest first by id.
CREATE TABLE run (
	id             INTEGER PRIMARY KEY,
	handle         TEXT NOT NULL UNIQUE,
	recipe         TEXT NOT NULL,
	hash           TEXT NOT NULL,
	mode           TEXT NOT NULL,
	state          TEXT NOT NULL,
	principal      TEXT NOT NULL,
	principal_name TEXT NOT NULL,
	tab            TEXT,
	input          BLOB NOT NULL,
	output         BLOB,
	error          BLOB,
	steps          BLOB,
	started_at     INTEGER NOT NULL,
	ended_at       INTEGER
) STRICT;
CREATE INDEX run_principal ON run (principal, id);
CREATE INDEX run_recipe ON run (recipe, id);
CREATE INDEX run_open ON run (state) WHERE ended_at IS NULL;
