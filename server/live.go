package server

import (
	"context"
	"slices"
	"sync"
	"time"

	"fazt/storage"
)

// SettingOrigins names the setting that lists the origins whose pages may call
// with a token: a JSON array of strings such as "https://shop.example".
const SettingOrigins = "origins"

// LiveSettings are the settings for those who ask at every request: read once,
// and again after a commit that touched them. Close it before the database.
type LiveSettings struct {
	service *Service
	watcher *storage.Watcher

	mu     sync.RWMutex
	loaded bool
	values Settings
}

// NewLiveSettings returns the settings of a service.
func NewLiveSettings(s *Service) *LiveSettings {
	return &LiveSettings{service: s, watcher: s.DB.Watch("")}
}

// Close stops watching.
func (l *LiveSettings) Close() { l.watcher.Close() }

// Get returns the settings, which must not be changed.
func (l *LiveSettings) Get(ctx context.Context) (Settings, error) {
	l.mu.RLock()
	fresh, values := l.loaded && len(l.watcher.C()) == 0, l.values
	l.mu.RUnlock()
	if fresh {
		return values, nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-l.watcher.C(): // before reading: what is committed meanwhile wakes again
	default:
	}
	values, err := l.service.Settings(ctx)
	l.loaded, l.values = err == nil, values
	return values, err
}

// OriginListed reports whether pages of an origin may call with a token. While
// the settings cannot be read, none may.
func (l *LiveSettings) OriginListed(ctx context.Context, origin string) bool {
	values, err := l.Get(ctx)
	return err == nil && slices.Contains(values.Origins, origin)
}

// SlowAfter is how long a call takes that is slow. While the settings cannot be
// read, it is what it is by itself.
func (l *LiveSettings) SlowAfter(ctx context.Context) time.Duration {
	values, err := l.Get(ctx)
	if err != nil {
		return SlowMillis * time.Millisecond
	}
	return time.Duration(values.SlowMS) * time.Millisecond
}
