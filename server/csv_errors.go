package server

import (
	"errors"

	"fazt/server/op"
	"fazt/server/tabular"
	"fazt/storage"
)

// tableError says why a file cannot be read as a table.
func tableError(key string, err error) error {
	var p *tabular.Problem
	var unknown *tabular.UnknownColumn
	switch {
	case errors.As(err, &p):
		return op.Invalid("key", "%q cannot be imported: %v; nothing was stored", key, p).
			WithHint("correct the file there, upload it again and import it")
	case errors.As(err, &unknown):
		return op.Invalid("id", "%q has no column %q", key, clipText(unknown.Name, 80)).
			WithHint("csv_import with dry_run and without id and types answers the columns")
	}
	return ErrorOf(err)
}

// failed is the error of a batch: where it is about one row, in its terms.
func (i *csvImporter) failed(err error) error {
	var e *storage.Error
	if !errors.As(err, &e) || e.Index < 0 || e.Index >= len(i.rows) {
		return ErrorOf(err)
	}
	return i.stopped(i.problem(i.rows[e.Index], e), codeOf(e.Kind))
}

// stopped says at which row an import stopped, and what stands by then.
func (i *csvImporter) stopped(p *tabular.Problem, code op.Code) error {
	out := &i.columns
	stored := out.Inserted + out.Replaced + out.Present
	e := op.Errorf(code, "%v; nothing was stored", p)
	if stored > 0 && !i.inv.Envelope.DryRun {
		e = op.Errorf(code, "%v; the %d rows before line %d are stored", p, stored, i.firstLine(p.Line))
	}
	e.Field = "key"
	return e.WithHint("correct the file and import it again, or say on_error: skip; dry_run lists what is wrong")
}

// firstLine is where the batch that was not stored begins.
func (i *csvImporter) firstLine(line int) int {
	if len(i.rows) > 0 {
		return i.rows[0].Line
	}
	return line
}
