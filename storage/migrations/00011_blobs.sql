-- +goose Up

-- Bytes, by their hash. AUTOINCREMENT: a content's number is never used again,
-- so a reader of it can not meet other bytes. refs counts the rows of blob and
-- site_file that name it. hash NULL: not whole yet, or being removed.
CREATE TABLE content (
	id         INTEGER PRIMARY KEY AUTOINCREMENT,
	hash       BLOB UNIQUE, -- SHA-256
	size       INTEGER NOT NULL,
	refs       INTEGER NOT NULL
) STRICT;
CREATE INDEX content_unused ON content (id) WHERE refs = 0;

-- 256 KiB of a content each, but for the last. id = content * 32768 + n: one
-- number, so that no second index holds the pair.
CREATE TABLE chunk (
	id   INTEGER PRIMARY KEY,
	data BLOB NOT NULL
) STRICT;

CREATE TABLE blob (
	id          INTEGER PRIMARY KEY,
	app         INTEGER NOT NULL,
	key         TEXT NOT NULL,
	content     INTEGER NOT NULL,
	size        INTEGER NOT NULL,
	type        TEXT NOT NULL,
	version     INTEGER NOT NULL,
	modified_at INTEGER NOT NULL,
	UNIQUE (app, key)
) STRICT;
CREATE INDEX blob_content ON blob (content);

-- What a site was at each of its last deployments.
CREATE TABLE site (
	id      INTEGER PRIMARY KEY AUTOINCREMENT,
	app     INTEGER NOT NULL,
	version INTEGER NOT NULL,
	at      INTEGER NOT NULL,
	by      TEXT,
	files   INTEGER NOT NULL,
	bytes   INTEGER NOT NULL,
	active  INTEGER NOT NULL -- 1 = the one that was switched to last
) STRICT;
CREATE INDEX site_app ON site (app, id);

CREATE TABLE site_file (
	id      INTEGER PRIMARY KEY,
	site    INTEGER NOT NULL,
	key     TEXT NOT NULL,
	content INTEGER NOT NULL,
	size    INTEGER NOT NULL,
	type    TEXT NOT NULL
) STRICT;
CREATE INDEX site_file_site ON site_file (site, content);
