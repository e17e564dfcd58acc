package server_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"fazt/server/op"
	"fazt/server/servertest"
)

// TestEventSeries: hours and days begin where they do in the time zone asked
// for, also where clocks change, and every event is in one of them.
func TestEventSeries(t *testing.T) {
	t.Parallel()
	w := servertest.Open(t)
	w.Must("app_create", `{"id":"shop"}`)
	for range 48 {
		w.Must("event_track", `{"app":"shop","page":"/","visitor":"ada"}`)
		w.Must("event_track", `{"app":"shop","name":"bought"}`)
		w.Clock.Add(time.Hour)
	}
	for _, c := range []struct {
		input string
		items int
		want  map[string]string // by when a bucket begins, "views visitors events"
	}{
		{`{"app":"shop","to":"2025-11-26","from":"2025-11-24"}`, 3, map[string]string{
			"2025-11-24T00:00:00Z": "8 1 8", "2025-11-25T00:00:00Z": "24 1 24", "2025-11-26T00:00:00Z": "16 1 16",
		}},
		{`{"app":"shop","to":"2025-11-26","from":"2025-11-24","timezone":"Asia/Tokyo"}`, 3, map[string]string{
			"2025-11-23T15:00:00Z": "0 0 0", "2025-11-24T15:00:00Z": "23 2 23", "2025-11-25T15:00:00Z": "24 1 24",
		}},
		{`{"app":"shop","to":"2025-11-25","from":"2025-11-25","bucket":"hour"}`, 24, map[string]string{
			"2025-11-25T00:00:00Z": "1 1 1", "2025-11-25T23:00:00Z": "1 0 1",
		}},
		{`{"app":"shop","to":"2025-11-25","from":"2025-11-25","name":"bought"}`, 1, map[string]string{"2025-11-25T00:00:00Z": "0 0 24"}},
		{`{"app":"shop","to":"2025-11-25","from":"2025-11-25","name":"sold"}`, 1, map[string]string{"2025-11-25T00:00:00Z": "0 0 0"}},
		{`{"app":"shop","to":"2025-10-26","from":"2025-10-26","timezone":"Europe/Berlin","bucket":"hour"}`, 25, nil},
	} {
		var out struct {
			Items []struct{ At, Views, Visitors, Events int64 }
		}
		if err := json.Unmarshal([]byte(w.Must("event_series", c.input)), &out); err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for _, b := range out.Items {
			got[time.UnixMilli(b.At).UTC().Format(time.RFC3339)] = fmt.Sprint(b.Views, " ", b.Visitors, " ", b.Events)
		}
		if len(got) != c.items {
			t.Errorf("%s: %d buckets, want %d", c.input, len(got), c.items)
		}
		for at, want := range c.want {
			if got[at] != want {
				t.Errorf("%s at %s: %q, want %q", c.input, at, got[at], want)
			}
		}
	}
}

// TestEventRights: events have scopes of their own, and a bound token sees its
// app alone.
func TestEventRights(t *testing.T) {
	t.Parallel()
	w := openShop(t)
	w.Must("event_track", `{"app":"shop","page":"/"}`)
	refused(t, w, servertest.Reader, "event_track", `{"app":"shop","name":"x"}`, op.Envelope{}, op.CodeForbidden)
	refused(t, w, servertest.Scoped, "event_count", `{"app":"shop"}`, op.Envelope{}, op.CodeForbidden)
	refused(t, w, servertest.Bound, "event_count", `{"app":"other"}`, op.Envelope{}, "app_not_found")
	refused(t, w, servertest.Bound, "event_totals", `{}`, op.Envelope{}, op.CodeForbidden)
	refused(t, w, servertest.Owner, "event_track", `{"app":"shop","name":"x"}`, op.Envelope{DryRun: true}, op.CodeInvalidInput)
	refused(t, w, servertest.Owner, "event_track", `{"app":"shop","name":"x"}`, op.Envelope{IdempotencyKey: "k"}, op.CodeInvalidInput)
	for _, role := range []servertest.Role{servertest.Agent, servertest.Bound} {
		if _, err := w.Call(role, "event_track", `{"app":"shop","name":"x"}`, op.Envelope{}); err != nil {
			t.Errorf("%s: %v", role, err)
		}
	}
	if got := w.Must("event_top", `{"app":"shop","by":"name"}`); !strings.Contains(got, `"count":2`) {
		t.Error(got)
	}
}

// TestEventPlot: the picture says its numbers in words and fits a page.
func TestEventPlot(t *testing.T) {
	t.Parallel()
	f := openFace(t)
	f.Must("event_track", `{"app":"shop","page":"/","visitor":"ada"}`)
	a := f.get("/api/apps/shop/events:plot?themed=true")
	if a.status != 200 || a.header.Get("Content-Type") != "image/svg+xml" {
		t.Fatalf("%d %v %s", a.status, a.header, a.body)
	}
	for _, part := range []string{"<title>shop: views 1, visitors 1, events 0</title>", "currentColor", "24 Nov"} {
		if !strings.Contains(a.body, part) {
			t.Errorf("no %s in %s", part, a.body)
		}
	}
}
