package server

import (
	"context"
	"time"

	"fazt/server/op"
	"fazt/storage"
)

// feedQuery asks for changes of an app, or of the system when app is empty.
type feedQuery struct {
	storage.ChangeQuery
	app   string
	since string
}

// begin checks the cursor, or takes the one of now.
func (s *Service) begin(ctx context.Context, q *feedQuery) error {
	if q.since == "" {
		page, err := s.DB.Changes(ctx, q.app, storage.ChangeQuery{})
		q.Since = &page.Next
		return ErrorOf(err)
	}
	cursor, err := storage.ParseCursor(q.since)
	q.Since = &cursor
	return ErrorOf(err)
}

// next reads on until something matches or the feed's end is reached, and moves
// the query behind what was read: a page of storage may be empty because
// nothing in it matched.
func (s *Service) next(ctx context.Context, q *feedQuery) ([]storage.Change, error) {
	for {
		page, err := s.DB.Changes(ctx, q.app, q.ChangeQuery)
		if err != nil {
			return nil, ErrorOf(err)
		}
		atEnd := page.Next == *q.Since
		q.Since = &page.Next
		if len(page.Items) > 0 || atEnd {
			return page.Items, nil
		}
	}
}

// changes answers one page, and waits for its first change up to waitMS.
func (s *Service) changes(ctx context.Context, q feedQuery, waitMS int) (changeListOut, error) {
	watcher := s.DB.Watch(q.app) // before the first read, so that nothing falls between
	defer watcher.Close()
	if err := s.begin(ctx, &q); err != nil {
		return changeListOut{}, err
	}
	items, err := s.next(ctx, &q)
	if err == nil && len(items) == 0 && waitMS > 0 {
		items, err = s.await(ctx, &q, watcher, time.Duration(waitMS)*time.Millisecond)
	}
	if err != nil {
		return changeListOut{}, err
	}
	out := changeListOut{Items: make([]changeItem, len(items)), NextCursor: q.Since.String()}
	for i, c := range items {
		out.Items[i] = changeOf(c)
	}
	return out, nil
}

// await reads again after each wake-up until something matches or the time is
// over. While it waits, the call holds no permit.
func (s *Service) await(ctx context.Context, q *feedQuery, watcher *storage.Watcher, limit time.Duration) ([]storage.Change, error) {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	for over := false; !over; {
		err := op.From(ctx).Idle(ctx, func() error {
			select {
			case <-watcher.C():
			case <-timer.C:
				over = true
			case <-ctx.Done():
				return ctx.Err()
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		if items, err := s.next(ctx, q); len(items) > 0 || err != nil {
			return items, err
		}
	}
	return nil, nil
}

// follow opens a stream of changes.
func (s *Service) follow(ctx context.Context, q feedQuery) (op.Stream, error) {
	f := &feed{service: s, query: q, watcher: s.DB.Watch(q.app)}
	if err := s.begin(ctx, &f.query); err != nil {
		f.watcher.Close()
		return nil, err
	}
	// A cursor that is too old is the call's error, before the stream begins.
	items, err := s.next(ctx, &f.query)
	if err != nil {
		f.watcher.Close()
		return nil, err
	}
	f.items = items
	return f, nil
}

// feed is the stream of an app's changes, or the system's. It ends with an
// error when the app is deleted or the reader falls behind what is kept.
type feed struct {
	service *Service
	query   feedQuery
	watcher *storage.Watcher
	items   []storage.Change // read and not yet given
}

// Next waits for the next change.
func (f *feed) Next(ctx context.Context) (op.Event, error) {
	for len(f.items) == 0 {
		items, err := f.service.next(ctx, &f.query)
		if err != nil {
			return op.Event{}, err
		}
		if f.items = items; len(items) > 0 {
			break
		}
		select {
		case <-f.watcher.C():
		case <-ctx.Done():
			return op.Event{}, ctx.Err()
		}
	}
	c := f.items[0]
	f.items = f.items[1:]
	return op.Event{ID: c.Cursor.String(), Type: "change", Data: changeOf(c)}, nil
}

// Close ends the wake-ups.
func (f *feed) Close() error {
	f.watcher.Close()
	return nil
}
