-- +goose Up

-- What a run may do, so that its check can be made after a crash: a JSON
-- object of the caller's kind, scopes and app as they stood for the run.
ALTER TABLE run ADD COLUMN rights BLOB;

-- What its check said: ok, failed, none, or NULL while it is not known.
ALTER TABLE run ADD COLUMN verdict TEXT;

-- Lines of the console, a JSON array.
ALTER TABLE run ADD COLUMN console BLOB;

-- Runs that a crash cut off and that no check has settled yet.
CREATE INDEX run_unsettled ON run (id) WHERE state = 'unknown' AND verdict IS NULL;
