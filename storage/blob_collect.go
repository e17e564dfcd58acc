package storage

import (
	"database/sql/driver"
	"time"
)

// collectChunks are removed in one slice: 4 MiB, some milliseconds.
const collectChunks = 16

// unusedContents removes the bytes that nothing names and nobody reads: of
// replaced and deleted blobs, of duplicates, and of uploads that were torn.
func (r *retainer) unusedContents(w *writer, _ time.Time) (more bool, err error) {
	for {
		row, ok, err := w.blobs.unused.one(r.lastContent)
		if err != nil || !ok {
			r.lastContent = 0
			return false, err
		}
		id := asInt(row[0])
		if w.pins.doom(id) {
			if err := w.collect(id); err != nil {
				w.pins.spare() // it is as it was
				return false, err
			}
			return true, nil
		}
		r.lastContent = id // held: look at it in the next round
	}
}

// collect removes a slice of a content. The first takes its hash away, so that
// no upload can adopt what is half gone.
func (w *writer) collect(id int64) error {
	return w.transact(func() error {
		if _, err := w.blobs.disown.run(id); err != nil {
			return err
		}
		n, err := w.blobs.dropChunks.run(id*chunkIDs, (id+1)*chunkIDs, int64(collectChunks))
		if err != nil || n == collectChunks {
			return err
		}
		_, err = w.blobs.erase.run(id)
		return err
	})
}

// dropGone removes a slice of a deleted app's blobs and of its deployments.
func (w *blobWriter) dropGone(app int64) (more bool, err error) {
	var keys []string
	var contents []int64
	err = w.goneBlobs.all(func(row []driver.Value) error {
		keys, contents = append(keys, asText(row[0])), append(contents, asInt(row[1]))
		return nil
	}, app, int64(retainRows))
	for i := 0; i < len(keys) && err == nil; i++ {
		if _, err = w.addRef.run(int64(-1), contents[i]); err == nil {
			_, err = w.remove.run(app, keys[i])
		}
	}
	if err != nil || len(keys) > 0 {
		return true, err
	}
	row, ok, err := w.goneSites.one(app)
	if err != nil || !ok {
		return false, err
	}
	return true, w.site.drop(asInt(row[0]))
}
