-- +goose Up

-- Page views and custom events as they came, oldest first by id. No address and
-- no text of a client is here: visitor is a hash with a secret that is gone the
-- next day.
CREATE TABLE event (
	id       INTEGER PRIMARY KEY,
	app      INTEGER NOT NULL,
	at       INTEGER NOT NULL,
	name     TEXT, -- of a custom event, NULL = a page view
	page     TEXT,
	referrer TEXT,
	browser  TEXT,
	system   TEXT,
	device   TEXT,
	visitor  INTEGER,
	props    BLOB  -- a JSON object
) STRICT;
CREATE INDEX event_app ON event (app);

-- Sums by the hour (span 0) and by the day of UTC (span 1). at counts hours or
-- days since 1970; dim says what value is, see EventDim. visitors counts each
-- visitor once a day, in the hour and with the values of their first view.
CREATE TABLE event_sum (
	app      INTEGER NOT NULL,
	span     INTEGER NOT NULL,
	dim      INTEGER NOT NULL,
	at       INTEGER NOT NULL,
	value    TEXT NOT NULL,
	events   INTEGER NOT NULL,
	visitors INTEGER NOT NULL,
	PRIMARY KEY (app, span, dim, at, value)
) STRICT, WITHOUT ROWID;

-- Who was here today, so that each is counted once. Rows of other days go.
CREATE TABLE event_visitor (
	day     INTEGER NOT NULL,
	app     INTEGER NOT NULL,
	visitor INTEGER NOT NULL,
	PRIMARY KEY (day, app, visitor)
) STRICT, WITHOUT ROWID;
