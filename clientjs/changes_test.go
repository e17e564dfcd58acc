package clientjs_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// feed writes server-sent events as a test says, connection by connection.
func feed(parts ...string) func(int, http.ResponseWriter, *http.Request) {
	return func(n int, w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept") != "text/event-stream" {
			_, _ = io.WriteString(w, `{"items":[],"next_cursor":"5.0"}`)
			return
		}
		w.Header().Set("Content-Type", "text/event-stream")
		if n > len(parts) {
			problemJSON(w, 410, `{"status":410,"code":"compacted","detail":"kept no longer","hint":"start anew"}`)
			return
		}
		// In pieces, so that lines and characters are cut anywhere.
		for _, piece := range strings.SplitAfter(parts[n-1], "¦") {
			_, _ = io.WriteString(w, strings.TrimSuffix(piece, "¦"))
			_ = http.NewResponseController(w).Flush()
		}
	}
}

func TestChangesGoOnAfterALostConnection(t *testing.T) {
	t.Parallel()
	h := newHost(t, feed(
		"retry: 1500\n\n: keepalive\n\nid: 7.1\nevent: change\nda¦ta: {\"cursor\":\"7.1\",\"key\":\"\u00e4\"}\n\nid: 7.2\r\n¦data: {\"cursor\":\r\ndata: \"7.2\"}\r\n\r\nid: 9.9\ndata: {\"cut\":",
		"id: 8.1\n\n",
		"data: {\"cursor\":\"8.2\"}\n\n",
	))
	page := chromium.Open(t).Page(t, h.URL+"/")
	var out struct {
		Seen []string
		Code string
	}
	run(t, page, "/agent/fazt.js", `
const fazt = await connect();
const seen = [];
try {
  for await (const change of fazt.changes({ app: "shop", since: "6.0", kinds: ["kv", "doc"], prefix: "a", values: true })) seen.push(change.cursor + (change.key ?? ""));
} catch (e) { return { seen, code: e.code }; }`, &out)
	if got := strings.Join(out.Seen, " "); got != "7.1ä 7.2 8.2" || out.Code != "compacted" {
		t.Errorf("seen %q, then %q", got, out.Code)
	}
	var since []string
	for _, r := range h.received() {
		since = append(since, strings.TrimPrefix(r.URI, "/api/apps/shop/changes?"))
	}
	const rest = "&kinds=kv%2Cdoc&prefix=a&values=true"
	for i, cursor := range []string{"6.0", "7.2", "8.1", "8.1"} {
		if i >= len(since) || !strings.Contains(since[i], "since="+cursor) || !strings.Contains("&"+since[i], strings.Split(rest, "&")[1]) {
			t.Errorf("connection %d asks %v, want since %s", i, since, cursor)
			break
		}
	}
}

// TestChangesFromNow: a connection lost before its first event must not lose
// what happened meanwhile.
func TestChangesFromNow(t *testing.T) {
	t.Parallel()
	h := newHost(t, feed("", "", "id: 6.1\ndata: {\"cursor\":\"6.1\"}\n\n"))
	page := chromium.Open(t).Page(t, h.URL+"/")
	var cursor string
	run(t, page, "/agent/fazt.js", `
const fazt = await connect();
for await (const change of fazt.changes({ app: "shop" })) return change.cursor;`, &cursor)
	requests := h.received()
	if cursor != "6.1" || len(requests) != 3 {
		t.Fatalf("saw %q after %d requests", cursor, len(requests))
	}
	for _, r := range requests[1:] {
		if !strings.Contains(r.URI, "since=5.0") {
			t.Errorf("a connection asks %s, want since=5.0", r.URI)
		}
	}
}

func TestChangesEnd(t *testing.T) {
	t.Parallel()
	h := newHost(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.Contains(r.URL.Path, "gone"):
			_, _ = io.WriteString(w, "event: error\ndata: {\"status\":404,\"code\":\"app_not_found\",\"detail\":\"deleted\",\"hint\":\"stop\"}\n\n")
		case strings.Contains(r.URL.Path, "denied"):
			problemJSON(w, 403, `{"status":403,"code":"forbidden","detail":"no","hint":"ask"}`)
		default:
			_, _ = io.WriteString(w, "id: 1.1\ndata: {\"cursor\":\"1.1\"}\n\n")
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		}
	})
	page := chromium.Open(t).Page(t, h.URL+"/")
	var out []string
	run(t, page, "/agent/fazt.js", `
const fazt = await connect();
const out = [];
for (const app of ["gone", "denied"]) {
  try { for await (const change of fazt.changes({ app, since: "0.0" })) out.push("unexpected"); out.push("ended"); } catch (e) { out.push(e.code); }
}
const stop = new AbortController();
for await (const change of fazt.changes({ app: "shop", since: "0.0", signal: stop.signal })) { out.push(change.cursor); stop.abort(); }
out.push("stopped");
return out;`, &out)
	if got := strings.Join(out, " "); got != "app_not_found forbidden 1.1 stopped" {
		t.Errorf("got %q", got)
	}
}

func TestStreamsOfOperations(t *testing.T) {
	t.Parallel()
	h := newHost(t, func(_ int, w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "id: a\nevent: tick\ndata: 1\n\ndata: 2\n\n")
	})
	page := chromium.Open(t).Page(t, h.URL+"/")
	var out []map[string]any
	run(t, page, "/agent/fazt.js", `
const fazt = await connect();
const out = [];
for await (const event of fazt.event.watch()) out.push(event);
return out;`, &out)
	if got := fmt.Sprint(out); got != "[map[data:1 id:a type:tick] map[data:2 id:a type:message]]" {
		t.Errorf("got %s", got)
	}
}
