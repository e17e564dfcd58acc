package browser

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"sync"

	cdplog "github.com/chromedp/cdproto/log"
	cdpruntime "github.com/chromedp/cdproto/runtime"
)

// journal keeps what a page wrote to its console and which of its requests
// failed, until the next look at them.
type journal struct {
	mu       sync.Mutex
	lines    []string // of the console
	requests []string // that failed
	lost     [2]int   // left out of each, oldest first
}

// Bounds of a journal.
const (
	maxLines = 100
	maxLine  = 500
)

func (j *journal) add(list *[]string, lost *int, line string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(*list) == maxLines {
		*list = (*list)[1:]
		*lost++
	}
	line = redacted(line)
	if r := []rune(line); len(r) > maxLine {
		line = string(r[:maxLine]) + "…"
	}
	*list = append(*list, strings.Join(strings.Fields(line), " "))
}

// secretish are the places in which addresses and consoles carry credentials.
var secretish = []struct {
	pattern *regexp.Regexp
	instead string
}{
	{regexp.MustCompile(`(?i)([?&#;](?:[a-z_.-]*(?:token|secret|passw(?:or)?d|pwd|api_?key|signature|session|jwt|credential)[a-z_.-]*|key|auth|code|sig|sid|pin|pass)=)[^&#\s»"']+`), "${1}•••"},
	{regexp.MustCompile(`(?i)\b((?:proxy-)?authorization["']?\s*[:=]\s*["']?(?:[a-z]+\s+)?)[^\s»"',}]{6,}`), "${1}•••"},
	{regexp.MustCompile(`(?i)\b((?:set-)?cookie["']?\s*[:=]\s*)[^»]+`), "${1}•••"},
	{regexp.MustCompile(`(?i)\b((?:bearer|basic)\s+)[A-Za-z0-9._~+/=-]{6,}`), "${1}•••"},
	{regexp.MustCompile(`(://)[^/@\s»]+@`), "${1}•••@"},
}

// redacted is a line without the credentials that it may carry.
func redacted(line string) string {
	for _, one := range secretish {
		line = one.pattern.ReplaceAllString(line, one.instead)
	}
	return line
}

func (j *journal) console(ev *cdpruntime.EventConsoleAPICalled) {
	parts := make([]string, len(ev.Args))
	for i, arg := range ev.Args {
		parts[i] = plain(arg)
	}
	j.add(&j.lines, &j.lost[0], fmt.Sprintf("%s «%s»", ev.Type, strings.Join(parts, " ")))
}

// plain renders a console argument: a string as it is, a value as JSON, and an
// object as Chromium describes it.
func plain(o *cdpruntime.RemoteObject) string {
	var text string
	if json.Unmarshal(o.Value, &text) == nil {
		return text
	}
	switch {
	case len(o.Value) > 0:
		return string(o.Value)
	case o.UnserializableValue != "":
		return string(o.UnserializableValue)
	case o.Description != "":
		return o.Description
	}
	return string(o.Type)
}

func (j *journal) exception(ev *cdpruntime.EventExceptionThrown) {
	d := ev.ExceptionDetails
	text := d.Text
	if d.Exception != nil && d.Exception.Description != "" {
		text, _, _ = strings.Cut(d.Exception.Description, "\n")
	}
	j.add(&j.lines, &j.lost[0], fmt.Sprintf("exception «%s» at %s:%d", text, d.URL, d.LineNumber+1))
}

func (j *journal) entry(ev *cdplog.EventEntryAdded) {
	if ev.Entry.Source == cdplog.EntrySourceNetwork {
		return // it is among the requests
	}
	j.add(&j.lines, &j.lost[0], fmt.Sprintf("%s «%s»", ev.Entry.Level, ev.Entry.Text))
}

func (j *journal) failed(request string, status int64, reason string) {
	if request == "" {
		return
	}
	if reason == "" {
		reason = fmt.Sprint(status)
	}
	j.add(&j.requests, &j.lost[1], reason+" «"+request+"»")
}

// take returns what came since the last time.
func (j *journal) take(what string) string {
	j.mu.Lock()
	defer j.mu.Unlock()
	list, lost, name := &j.lines, &j.lost[0], "console"
	if what == "network" {
		list, lost, name = &j.requests, &j.lost[1], "failed requests"
	}
	lines, left := *list, *lost
	*list, *lost = nil, 0
	if len(lines) == 0 {
		return name + ": nothing since the last look"
	}
	text := fmt.Sprintf("%s since the last look: %d", name, len(lines)+left)
	if left > 0 {
		text += fmt.Sprintf(", the oldest %d left out", left)
	}
	return text + "\n" + strings.Join(lines, "\n")
}

// looked answers a look at the console or the requests.
func (t *tab) looked(what string) (json.RawMessage, error) {
	return json.Marshal(map[string]any{"text": t.log.take(what), "rev": 0})
}
