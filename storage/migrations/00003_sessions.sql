-- +goose Up

-- A session may stand for less than its token: a driven tab acts with what its
-- caller's call was narrowed to, and for the run that opened it.
ALTER TABLE session ADD COLUMN run TEXT;    -- the run it acts for
ALTER TABLE session ADD COLUMN scopes TEXT; -- a JSON array; NULL = the token's
ALTER TABLE session ADD COLUMN app TEXT;    -- bound to this app; NULL = as the token
