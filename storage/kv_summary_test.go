package storage

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

func TestKVSummary(t *testing.T) {
	t.Parallel()
	f := openApp(t)
	var all []Mutation
	for i := range 1200 {
		all = append(all, set(fmt.Sprintf("user/%04d", i), "1"))
	}
	for i := range 25 {
		all = append(all, set(fmt.Sprintf("word-%02d", i), "1"))
	}
	all = append(all, set("cart:ada", "1"), set("cart:bob", "1"), set("é/x", "1"), set("/lead", "1"),
		KVSet{Key: "gone/1", Value: []byte("1"), TTL: time.Minute})
	f.in(all...)
	f.clock.add(time.Hour)
	sum, err := f.KVSummary(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	want := []KVPrefix{{"cart:", "cart:ada", 2}, {"user/", "user/0000", maxPrefixCount}, {"é/", "é/x", 1}}
	if !slices.Equal(sum.Prefixes, want) {
		t.Errorf("prefixes %+v, want %+v", sum.Prefixes, want)
	}
	if sum.Count != 1200+25+4 || len(sum.Plain) != maxPlain || sum.Plain[0] != "/lead" || !sum.PlainMore || sum.More {
		t.Errorf("summary %+v", sum)
	}
	if _, err := f.KVSummary(t.Context(), "b"); KindOf(err) != KindAppNotFound {
		t.Errorf("a missing app: %v", err)
	}
}

// TestKVSummaryEnds: the work is bounded however many families there are.
func TestKVSummaryEnds(t *testing.T) {
	t.Parallel()
	f := openApp(t)
	var all []Mutation
	for i := range 2000 {
		all = append(all, set(fmt.Sprintf("%04d/x", i), "1"))
	}
	f.in(all...)
	sum, err := f.KVSummary(t.Context(), "a")
	if err != nil || len(sum.Prefixes) != maxPrefixes || !sum.More {
		t.Errorf("%d prefixes, more %v, %v", len(sum.Prefixes), sum.More, err)
	}
}
