package storage

import (
	"context"
	"database/sql/driver"
	"strings"
	"testing"
)

// scans are the statements that may walk a whole table or index, each because
// it stops by itself or the table is small. Any other scan is a mistake in an
// index.
func scans() map[string]string {
	return map[string]string{
		"SELECT class, app, sum(size) FROM undo WHERE class <> 1 GROUP BY class, app":                   "counts once, at the first round of retention",
		"SELECT id, title, created_at FROM app_gone WHERE name = ?":                                     "there are few deleted apps",
		"SELECT id, created_at FROM idempotency ORDER BY id LIMIT ?":                                    "walks from the oldest",
		"SELECT id, at FROM audit ORDER BY id LIMIT ?":                                                  "walks from the oldest",
		"SELECT id FROM audit ORDER BY id DESC LIMIT 1":                                                 "takes the last row",
		"SELECT id, started_at FROM run ORDER BY id LIMIT ?":                                            "walks from the oldest",
		"SELECT id FROM run ORDER BY id DESC LIMIT 1":                                                   "takes the last row",
		"UPDATE run SET state = 'unknown', ended_at = ? WHERE ended_at IS NULL":                         "walks the index of open runs, once a start",
		"SELECT count(*) FROM (SELECT 1 FROM kv":                                                        "counts what the inner search found",
		"SELECT count(*) FROM (SELECT 1 FROM doc":                                                       "counts what the inner search found",
		"SELECT collection FROM collection_index WHERE built IS NOT NULL":                               "walks the index of indexes that are not complete",
		"SELECT id FROM collection WHERE text_built IS NOT NULL LIMIT 1":                                "walks the index of texts that are not complete",
		"UPDATE app_gone SET until = ? WHERE name = ? AND until > ?":                                    "there are few deleted apps",
		"SELECT id FROM index_gone ORDER BY id LIMIT 1":                                                 "takes the first row",
		"DELETE FROM idempotency WHERE result IS NULL":                                                  "once a start",
		"SELECT handle, used FROM token WHERE used IS NOT NULL":                                         "once a start: there are few tokens",
		"SELECT count(*), coalesce(sum(state = 'ok'), 0) FROM ( SELECT state FROM run WHERE recipe = ?": "counts what the inner search found",
		"SELECT name, value FROM setting ORDER BY name":                                                 "there are few settings",
		"SELECT id, at FROM event ORDER BY id LIMIT ?":                                                  "walks from the oldest",
		"SELECT id FROM event ORDER BY id DESC LIMIT 1":                                                 "takes the last row",
		"SELECT handle, recipe, hash, mode, state, principal, principal_name, tab, input, output, error, steps, started_at, ended_at, id, console, rights, verdict FROM run WHERE state = 'unknown' AND verdict IS NULL": "walks the index of unsettled runs",
	}
}

// TestStatementsSearch asserts the plan of every statement that is prepared: it
// searches by an index, sorts nothing, and is no scan but the listed ones.
func TestStatementsSearch(t *testing.T) {
	t.Parallel()
	f := open(t)
	var texts []string
	for _, s := range f.readers.all[0].conn.stmts {
		texts = append(texts, s.text)
	}
	if err := f.onWriter(t.Context(), func(w *writer) error {
		for _, s := range w.conn.stmts {
			texts = append(texts, s.text)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	c, err := dial(t.Context(), f.path, readOnly)
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	seen := 0
	for _, text := range texts {
		switch strings.Fields(text)[0] {
		case "SELECT", "INSERT", "UPDATE", "DELETE", "WITH":
			seen++
			explain(t, c, text)
		}
	}
	if seen < 60 {
		t.Errorf("only %d statements were looked at", seen)
	}
}

func explain(t *testing.T, c *conn, text string) {
	t.Helper()
	args := make([]driver.Value, strings.Count(text, "?"))
	err := c.query(context.Background(), "EXPLAIN QUERY PLAN "+text, func(row []driver.Value) error {
		detail := asText(row[3])
		bad := strings.HasPrefix(detail, "SCAN") && detail != "SCAN CONSTANT ROW" || strings.Contains(detail, "TEMP B-TREE") || strings.Contains(detail, "AUTOMATIC")
		if !bad {
			return nil
		}
		for start := range scans() {
			if strings.HasPrefix(strings.Join(strings.Fields(text), " "), start) {
				return nil
			}
		}
		t.Errorf("%s\n  in the plan of %s", detail, text)
		return nil
	}, args...)
	if err != nil {
		t.Errorf("%s: %v", text, err)
	}
}
