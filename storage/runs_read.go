package storage

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"math"
)

type runReader struct {
	get, list, listOf, recipe, recipeOf, unsettled, rate *stmt
}

const runColumns = `handle, recipe, hash, mode, state, principal, principal_name, tab, input, output, error, steps, started_at, ended_at, id, console, rights, verdict`

func newRunReader(p *preparer) runReader {
	const columns = `SELECT ` + runColumns + ` FROM run `
	return runReader{
		get:      p.stmt(columns + `WHERE handle = ?`),
		list:     p.stmt(columns + `WHERE id < ? ORDER BY id DESC LIMIT ?`),
		listOf:   p.stmt(columns + `WHERE principal = ? AND id < ? ORDER BY id DESC LIMIT ?`),
		recipe:   p.stmt(columns + `WHERE recipe = ? AND id < ? ORDER BY id DESC LIMIT ?`),
		recipeOf: p.stmt(columns + `WHERE recipe = ? AND principal = ? AND id < ? ORDER BY id DESC LIMIT ?`),
		rate: p.stmt(`SELECT count(*), coalesce(sum(state = 'ok'), 0) FROM (
			SELECT state FROM run WHERE recipe = ? AND ended_at IS NOT NULL ORDER BY id DESC LIMIT ?)`),
		unsettled: p.stmt(columns + `WHERE state = 'unknown' AND verdict IS NULL ORDER BY id DESC LIMIT ?`),
	}
}

// Run returns one run, or KindRunNotFound.
func (db *DB) Run(ctx context.Context, id string) (run Run, err error) {
	err = db.readers.read(ctx, func(r *reader, _ int64) error {
		row, ok, err := r.runs.get.one(id)
		if err == nil && !ok {
			err = runNotFound(id)
		}
		if err == nil {
			run = runEntry(row)
		}
		return err
	})
	return run, err
}

// UnsettledRuns returns the newest runs that a crash cut off and that no
// verdict has settled, at most MaxPage.
func (db *DB) UnsettledRuns(ctx context.Context) (list []Run, err error) {
	err = db.readers.page(ctx, func(ctx context.Context, r *reader, _ int64) error {
		return r.runs.unsettled.each(ctx, func(row []driver.Value) error {
			list = append(list, runEntry(row))
			return nil
		}, int64(MaxPage))
	})
	return list, err
}

// RunRate says how a recipe's newest runs ended.
type RunRate struct{ Ended, OK int64 }

// RunRates returns of each recipe how its newest runs ended, at most limit each;
// recipes that never ran are left out.
func (db *DB) RunRates(ctx context.Context, recipes []string, limit int) (map[string]RunRate, error) {
	rates := map[string]RunRate{}
	err := db.readers.page(ctx, func(_ context.Context, r *reader, _ int64) error {
		for _, name := range recipes {
			row, ok, err := r.runs.rate.one(name, int64(limit))
			if err != nil {
				return err
			}
			if ok && asInt(row[0]) > 0 {
				rates[name] = RunRate{Ended: asInt(row[0]), OK: asInt(row[1])}
			}
		}
		return nil
	})
	return rates, err
}

// RunQuery asks for one page of runs, newest first.
type RunQuery struct {
	Principal string // of this token only, when not empty
	Recipe    string // of this recipe only, when not empty
	Before    int64  // what the last page answered, 0 for the newest
	Limit     int
}

// Runs returns one page, and what to pass as Before for the next, 0 at the end.
func (db *DB) Runs(ctx context.Context, q RunQuery) (page []Run, next int64, err error) {
	limit, err := pageLimit(q.Limit)
	if err != nil {
		return nil, 0, err
	}
	if q.Before == 0 {
		q.Before = math.MaxInt64
	}
	err = db.readers.page(ctx, func(ctx context.Context, r *reader, _ int64) error {
		s, args := r.runs.list, []driver.Value{q.Before, int64(limit)}
		switch {
		case q.Recipe != "" && q.Principal != "":
			s, args = r.runs.recipeOf, append([]driver.Value{q.Recipe, q.Principal}, args...)
		case q.Recipe != "":
			s, args = r.runs.recipe, append([]driver.Value{q.Recipe}, args...)
		case q.Principal != "":
			s, args = r.runs.listOf, append([]driver.Value{q.Principal}, args...)
		}
		return s.each(ctx, func(row []driver.Value) error {
			page = append(page, runEntry(row))
			next = asInt(row[14])
			return nil
		}, args...)
	})
	if len(page) < limit {
		next = 0
	}
	return page, next, err
}

func runEntry(row []driver.Value) Run {
	data := func(v driver.Value) json.RawMessage {
		if v == nil {
			return nil
		}
		return append(json.RawMessage(nil), asBytes(v)...)
	}
	return Run{
		ID: asText(row[0]), Recipe: asText(row[1]), Hash: asText(row[2]), Mode: asText(row[3]), State: asText(row[4]),
		Principal: asText(row[5]), PrincipalName: asText(row[6]), Tab: asText(row[7]),
		Input: data(row[8]), Output: data(row[9]), Error: data(row[10]), Steps: data(row[11]),
		StartedAt: millis(row[12]), EndedAt: millis(row[13]),
		Console: data(row[15]), Rights: data(row[16]), Verdict: asText(row[17]),
	}
}
