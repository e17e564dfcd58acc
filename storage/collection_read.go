package storage

import (
	"context"
	"database/sql/driver"
)

// Collections returns one page of an app's collections in the order of their
// names, and the name to pass as after for the next, "" at the end.
func (db *DB) Collections(ctx context.Context, app, after string, limit int) (page []CollectionInfo, next string, err error) {
	if limit, err = pageLimit(limit); err != nil {
		return nil, "", err
	}
	err = db.readers.page(ctx, func(ctx context.Context, r *reader, _ int64) error {
		row, ok, err := r.docs.appID.one(app)
		if err != nil {
			return err
		}
		if !ok {
			return appNotFound(app)
		}
		names, err := r.collectionNames(asInt(row[0]), after, limit+1)
		if err != nil {
			return err
		}
		if len(names) > limit {
			names, next = names[:limit], names[limit-1]
		}
		for _, name := range names {
			info, err := r.collectionInfo(ctx, app, name)
			if err != nil {
				return err
			}
			page = append(page, info)
		}
		return nil
	})
	return page, next, err
}

func (r *reader) collectionNames(app int64, after string, limit int) (names []string, err error) {
	err = r.docs.catalogue.list.all(func(row []driver.Value) error {
		names = append(names, asText(row[1]))
		return nil
	}, app, after, int64(limit))
	return names, err
}

func (r *reader) collectionInfo(ctx context.Context, app, name string) (CollectionInfo, error) {
	c, err := r.collection(app, name)
	if err != nil {
		return CollectionInfo{}, err
	}
	info := c.info()
	err = r.docs.scanner.countAll.each(ctx, func(row []driver.Value) error {
		info.Count = asInt(row[0])
		return nil
	}, c.id)
	return info, err
}

// Collection returns one collection, or KindCollectionNotFound,
// KindAppNotFound.
func (db *DB) Collection(ctx context.Context, app, name string) (info CollectionInfo, err error) {
	if err := checkCollection("collection", name); err != nil {
		return CollectionInfo{}, err
	}
	err = db.readers.page(ctx, func(ctx context.Context, r *reader, _ int64) error {
		info, err = r.collectionInfo(ctx, app, name)
		return err
	})
	return info, err
}
