-- +goose Up

-- What a token may use up in an hour, as JSON, and what it has, for the next start.
ALTER TABLE token ADD COLUMN budget TEXT; -- NULL = without limit
ALTER TABLE token ADD COLUMN used TEXT;

-- A pinned recipe goes on running the version that it was pinned at.
ALTER TABLE recipe ADD COLUMN pinned INTEGER; -- recipe_version.id; NULL = not pinned
