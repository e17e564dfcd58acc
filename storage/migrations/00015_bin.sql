-- +goose Up

-- A deleted or replaced blob keeps its content through the row here, whose
-- value is then the media type. What removes such a row, whichever statement,
-- lets go of the content.
ALTER TABLE undo ADD COLUMN content INTEGER;
CREATE INDEX undo_content ON undo (content) WHERE content IS NOT NULL;
-- +goose StatementBegin
CREATE TRIGGER undo_content_free AFTER DELETE ON undo WHEN old.content IS NOT NULL
BEGIN
	UPDATE content SET refs = refs - 1 WHERE id = old.content;
END;
-- +goose StatementEnd

-- Class 2 is what collections that keep a history held before each write.
CREATE INDEX undo_history ON undo (app, until, size) WHERE class = 2;
ALTER TABLE collection ADD COLUMN history INTEGER NOT NULL DEFAULT 0; -- days

-- Deleted collections stay as they were for a time, like apps. Rows of those
-- that were deleted before have no name and are removed at once.
ALTER TABLE collection_gone ADD COLUMN app INTEGER;
ALTER TABLE collection_gone ADD COLUMN name TEXT;
ALTER TABLE collection_gone ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE collection_gone ADD COLUMN created_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE collection_gone ADD COLUMN schema BLOB;
ALTER TABLE collection_gone ADD COLUMN texts TEXT;
ALTER TABLE collection_gone ADD COLUMN text_built TEXT;
ALTER TABLE collection_gone ADD COLUMN history INTEGER NOT NULL DEFAULT 0;
ALTER TABLE collection_gone ADD COLUMN at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE collection_gone ADD COLUMN principal TEXT;
ALTER TABLE collection_gone ADD COLUMN until INTEGER NOT NULL DEFAULT 0;
CREATE INDEX collection_gone_until ON collection_gone (until);
CREATE INDEX collection_gone_app ON collection_gone (app, id);
