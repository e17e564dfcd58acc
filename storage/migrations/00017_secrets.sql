-- +goose Up

-- A secret is what may be typed into pages of its origins. Its value is sealed
-- before it comes here; nothing in this file opens it.
CREATE TABLE secret (
  name        TEXT PRIMARY KEY,
  origins     TEXT NOT NULL,    -- a JSON array
  sealed      BLOB NOT NULL,
  version     INTEGER NOT NULL,
  modified_at INTEGER NOT NULL  -- Unix ms
) STRICT, WITHOUT ROWID;
