-- +goose Up

-- Raised whenever a collection, an index or a flag of one changes: what readers
-- remember of the catalogue is of one generation.
INSERT INTO meta (name, value) VALUES ('catalogue', 1);

-- AUTOINCREMENT: the number of a deleted collection or index is never used
-- again, so rows that are still to be swept can not appear in another.
CREATE TABLE collection (
	id         INTEGER PRIMARY KEY AUTOINCREMENT,
	app        INTEGER NOT NULL,
	name       TEXT NOT NULL,
	version    INTEGER NOT NULL,
	created_at INTEGER NOT NULL,
	updated_at INTEGER NOT NULL,
	schema     BLOB, -- a JSON Schema, NULL = none
	texts      TEXT, -- a JSON array of the paths in its full-text index, NULL = none
	text_built INTEGER, -- doc.id up to which that index is built, NULL = complete
	UNIQUE (app, name)
) STRICT;

CREATE TABLE collection_gone (id INTEGER PRIMARY KEY) STRICT;

CREATE TABLE collection_index (
	id         INTEGER PRIMARY KEY AUTOINCREMENT,
	collection INTEGER NOT NULL,
	name       TEXT NOT NULL,
	fields     TEXT NOT NULL, -- a JSON array of paths
	one        INTEGER NOT NULL, -- 1 = unique
	sparse     INTEGER NOT NULL, -- 1 = without documents that lack every field
	many       INTEGER NOT NULL, -- 1 = a document with an array is in it
	built      INTEGER, -- doc.id up to which it is built, NULL = complete
	failed     TEXT,    -- why it can not be built
	UNIQUE (collection, name)
) STRICT;
CREATE INDEX collection_index_open ON collection_index (id) WHERE built IS NOT NULL AND failed IS NULL;

CREATE TABLE index_gone (id INTEGER PRIMARY KEY) STRICT;

-- A document is compact JSON whose first member is its id, which is answered
-- as it is. A rowid table, for the reasons kv is one.
CREATE TABLE doc (
	id         INTEGER PRIMARY KEY,
	collection INTEGER NOT NULL,
	name       TEXT NOT NULL, -- the document's id
	body       BLOB NOT NULL,
	version    INTEGER NOT NULL,
	UNIQUE (collection, name)
) STRICT;

-- The declared indexes of all collections. key is an order-preserving encoding
-- of the indexed values; an array has one row for each element. name is here
-- so that the order is (key, name): a page ends at a place, whatever the plan.
CREATE TABLE doc_entry (
	idx  INTEGER NOT NULL,
	key  BLOB NOT NULL,
	name TEXT NOT NULL,
	doc  INTEGER NOT NULL,
	PRIMARY KEY (idx, key, name)
) STRICT, WITHOUT ROWID;
