package server

import (
	"bytes"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"io"
	"path"
	"strconv"
	"strings"

	"fazt/server/tabular"
)

// reject keeps a row with its reason.
func (i *csvImporter) reject(row tabular.Row, p *tabular.Problem) error {
	out := &i.columns
	if out.Skipped++; len(out.Problems) < shownProblems {
		out.Problems = append(out.Problems, csvProblem{p.Line, p.Column, p.Value, p.Reason})
	}
	if i.inv.Envelope.DryRun || !i.inv.Principal.Scopes.Has("blobs:write") {
		return nil
	}
	var text bytes.Buffer
	if i.rejected == nil {
		var err error
		if i.rejected, err = i.s.DB.Upload(i.ctx); err != nil {
			return ErrorOf(err)
		}
		out.RejectedIn = i.rejectedKey()
		i.rejectedHead(&text)
	}
	i.rejectedRow(&text, row, p)
	return ErrorOf(i.rejected.Copy(i.ctx, &text))
}

// rejectedKey is the same for the same file, so that imports of it do not pile
// up what they reject.
func (i *csvImporter) rejectedKey() string {
	kind := ".csv"
	if i.shape.Format != tabular.CSV {
		kind = ".jsonl"
	}
	name := strings.TrimSuffix(path.Base(i.in.Key), path.Ext(i.in.Key))
	return importsPrefix + clipText(name, 100) + "-" + hex.EncodeToString(i.file.Blob.Hash[:4]) + "-rejected" + kind
}

func (i *csvImporter) rejectedHead(w io.Writer) {
	if i.shape.Format != tabular.CSV {
		return
	}
	head := []string{tabular.RejectedLine, tabular.RejectedReason}
	for _, c := range i.shape.Columns {
		if !ofRejected(c.Name) {
			head = append(head, c.Name)
		}
	}
	writeCSV(w, head)
}

func (i *csvImporter) rejectedRow(w io.Writer, row tabular.Row, p *tabular.Problem) {
	why := strings.TrimSpace(strings.Join([]string{p.Column, p.Reason}, " "))
	if i.shape.Format == tabular.CSV {
		cells := []string{strconv.Itoa(row.Line), why}
		for n, cell := range row.Cells {
			if n >= len(i.shape.Columns) || !ofRejected(i.shape.Columns[n].Name) {
				cells = append(cells, cell)
			}
		}
		writeCSV(w, cells)
		return
	}
	line, err := json.Marshal(map[string]any{tabular.RejectedLine: row.Line, tabular.RejectedReason: why, "row": string(row.Raw)})
	if err == nil {
		_, _ = w.Write(append(line, '\n')) // to memory
	}
}

// ofRejected reports whether a column is one that such a file has of its own.
func ofRejected(name string) bool {
	return name == tabular.RejectedLine || name == tabular.RejectedReason
}

func writeCSV(w io.Writer, cells []string) {
	c := csv.NewWriter(w)
	_ = c.Write(cells) // the caller's writer keeps its error
	c.Flush()
}
