-- +goose Up

-- What was there before a change that can be taken back: every delete, and
-- every write of an agent. before and after are the item's versions, 0 = not
-- there; value and expires_at are what it held before.
CREATE TABLE undo (
	id         INTEGER PRIMARY KEY,
	app        INTEGER NOT NULL,
	version    INTEGER NOT NULL, -- of the batch
	at         INTEGER NOT NULL,
	principal  TEXT,
	run        TEXT,
	kind       INTEGER NOT NULL, -- what sort of item, see undoKinds
	name       TEXT,
	key        TEXT NOT NULL,
	after      INTEGER NOT NULL,
	before     INTEGER NOT NULL,
	value      BLOB,
	expires_at INTEGER,
	size       INTEGER NOT NULL,
	class      INTEGER NOT NULL, -- 0 = a delete by others than agents, 1 = an agent's write
	until      INTEGER NOT NULL
) STRICT;
CREATE INDEX undo_app ON undo (app, id);
CREATE INDEX undo_principal ON undo (app, principal, id);
CREATE INDEX undo_run ON undo (app, run, id) WHERE run IS NOT NULL;
CREATE INDEX undo_until ON undo (class, until, size);
CREATE INDEX undo_deletes ON undo (app, until, size) WHERE class = 0;

-- Deleted apps stay as they were for a time. Rows of apps that were deleted
-- before have no name and are removed at once.
ALTER TABLE app_gone ADD COLUMN name TEXT;
ALTER TABLE app_gone ADD COLUMN title TEXT;
ALTER TABLE app_gone ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE app_gone ADD COLUMN born INTEGER NOT NULL DEFAULT 0;
ALTER TABLE app_gone ADD COLUMN created_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE app_gone ADD COLUMN at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE app_gone ADD COLUMN principal TEXT;
ALTER TABLE app_gone ADD COLUMN until INTEGER NOT NULL DEFAULT 0;
CREATE INDEX app_gone_until ON app_gone (until);
