package server

import (
	"bytes"
	"container/list"
	"testing"
)

// TestSiteCache: what was used longest ago goes first, and all of it when the
// caches are dropped.
func TestSiteCache(t *testing.T) {
	t.Parallel()
	s := &Sites{cache: siteCache{by: map[cacheKey]*list.Element{}}}
	file := bytes.Repeat([]byte("x"), cacheFile)
	key := func(i int) cacheKey { return cacheKey{hash: [32]byte{byte(i), byte(i >> 8)}} }
	const fits = cacheBytes / cacheFile
	for i := range fits {
		s.cache.put(key(i), file)
	}
	s.cache.get(key(0)) // used again
	s.cache.put(key(fits), file)
	if s.cache.get(key(0)) == nil || s.cache.get(key(1)) != nil || s.cache.bytes != cacheBytes {
		t.Errorf("%d bytes; the one used again is kept: %v, the oldest: %v", s.cache.bytes, s.cache.get(key(0)) != nil, s.cache.get(key(1)) != nil)
	}
	s.DropCaches()
	if s.cache.get(key(0)) != nil || s.cache.bytes != 0 || s.cache.order.Len() != 0 {
		t.Errorf("after dropping: %d bytes, %d files", s.cache.bytes, s.cache.order.Len())
	}
	s.cache.put(key(0), file)
	if s.cache.get(key(0)) == nil {
		t.Error("nothing is kept any more")
	}
}
