package storage

import (
	"context"
	"fmt"
)

// A collection's full-text index is an FTS5 table of its own, named by the
// collection's number: ranking must not depend on other collections, and words
// of one app must not be seen from another. It stores no text, only where
// words are; a row has the document's number.

// textWriter are the statements of one such table.
type textWriter struct{ add, drop *stmt }

// textWriters are those in use, by the collection's number.
type textWriters map[int64]*textWriter

const sqlTextTable = `CREATE VIRTUAL TABLE doc_text_%d USING fts5(words, content='', contentless_delete=1, tokenize='porter unicode61 remove_diacritics 2')`

func (t *tx) createText(id int64) error {
	t.wrote = true
	return t.conn.exec(context.Background(), fmt.Sprintf(sqlTextTable, id))
}

// dropText removes the table. The statements must not outlive it.
func (w *writer) dropText(id int64) error {
	if tw := w.docs.texts[id]; tw != nil {
		delete(w.docs.texts, id)
		if err := tw.close(); err != nil {
			return err
		}
	}
	return w.conn.exec(context.Background(), fmt.Sprintf(`DROP TABLE IF EXISTS doc_text_%d`, id))
}

func (tw *textWriter) close() error {
	err := tw.add.close()
	if e := tw.drop.close(); err == nil {
		err = e
	}
	return err
}

func (w *writer) text(id int64) (*textWriter, error) {
	if tw := w.docs.texts[id]; tw != nil {
		return tw, nil
	}
	add, err := w.conn.temporary(fmt.Sprintf(`INSERT INTO doc_text_%d (rowid, words) VALUES (?, ?)`, id))
	if err != nil {
		return nil, err
	}
	drop, err := w.conn.temporary(fmt.Sprintf(`DELETE FROM doc_text_%d WHERE rowid = ?`, id))
	if err != nil {
		return nil, fmt.Errorf("%w, %w", err, add.close())
	}
	tw := &textWriter{add, drop}
	w.docs.texts[id] = tw
	return tw, nil
}

// close releases the statements of all text indexes, before their connection.
func (d *docWriter) close() error {
	var err error
	for _, tw := range d.texts {
		if e := tw.close(); err == nil {
			err = e
		}
	}
	return err
}

// storeText keeps the text index equal to a document that was written.
func (t *tx) storeText(c *collection, old *storedDoc, row int64, doc *value) error {
	if c.texts == nil || !covers(c.textBuilt, row) {
		return nil
	}
	words := textOf(doc, c.texts)
	if old != nil {
		before := storedValue(old.body)
		if textOf(&before, c.texts) == words {
			return nil
		}
		if err := t.eraseText(c, row); err != nil {
			return err
		}
	}
	return t.addText(c, row, words)
}

func (w *writer) addText(c *collection, row int64, words string) error {
	if words == "" {
		return nil
	}
	tw, err := w.text(c.id)
	if err == nil {
		_, err = tw.add.run(row, words)
	}
	return err
}

func (t *tx) eraseText(c *collection, row int64) error {
	if c.texts == nil || !covers(c.textBuilt, row) {
		return nil
	}
	tw, err := t.text(c.id)
	if err == nil {
		_, err = t.write(tw.drop, row)
	}
	return err
}
