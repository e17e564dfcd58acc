package server

import (
	"context"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"fazt/server/op"
	"fazt/storage"
)

func (s *Service) eventOperations() []*op.Operation {
	return []*op.Operation{
		s.opEventTrack(), s.opEventCount(), s.opEventSeries(), s.opEventTop(), s.opEventVisitors(), s.opEventList(),
		s.opEventTotals(), s.opEventPlot(),
	}
}

// desktop is a browser as examples name it.
const desktop = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"

// viewed makes an app whose pages were looked at.
func viewed() []op.Given {
	return []op.Given{
		{Op: "app_create", In: `{"id":"shop","title":"Shop"}`},
		{Op: "event_track", In: `{"app":"shop","page":"/?utm_source=mail","referrer":"https://news.example/today","user_agent":"` + desktop + `","visitor":"ada"}`},
		{Op: "event_track", In: `{"app":"shop","page":"/prices","user_agent":"` + desktop + `","visitor":"ada"}`},
		{Op: "event_track", In: `{"app":"shop","page":"/prices","user_agent":"` + desktop + `","visitor":"bob"}`},
		{Op: "event_track", In: `{"app":"shop","name":"signed_up","page":"/prices","props":{"plan":"pro"}}`},
	}
}

type eventTrackIn struct {
	App       string         `json:"app" doc:"the app" format:"app"`
	Name      string         `json:"name,omitzero" doc:"what happened, as in signed_up; without it this is a view of page" minLength:"1"`
	Page      string         `json:"page,omitzero" doc:"the page's path or address; of its query only utm_source, utm_medium and utm_campaign are read"`
	Referrer  string         `json:"referrer,omitzero" doc:"the address or host that led to it; only the host is kept"`
	Props     jsontext.Value `json:"props,omitzero" doc:"of a named event: up to 20 members with short texts, numbers, true or false" type:"object"`
	UserAgent string         `json:"user_agent,omitzero" doc:"of the visitor's browser; programs are counted apart" maxLength:"2000"`
	Visitor   string         `json:"visitor,omitzero" doc:"any text that tells visitors apart; only a hash of it is kept, which means nothing tomorrow" maxLength:"256"`
}

type eventTrackOut struct {
	Accepted bool `json:"accepted" doc:"true: it is held, and on the disk within a second"`
}

func (s *Service) opEventTrack() *op.Operation {
	return op.Define(op.Operation{
		Name: "event_track", Summary: "Count a custom event or a page view", Scope: "events:write", Effect: op.Write,
		Description: "It is accepted before it is on the disk: a crash within the second loses it. Pages of an app's site use /track.js instead, which needs no token. " +
			"When too many wait, it is refused as overloaded and counted as dropped. It has no dry run and takes no idempotency key.",
		Method: "POST", Path: "/api/apps/{app}/events", Status: 202, ManyBatches: true,
		Examples: []op.Example{{
			Title: "Somebody has signed up", Given: viewed()[:1], In: `{"app":"shop","name":"signed_up","props":{"plan":"pro"}}`, Out: `{"accepted":true}`,
		}},
	}, s.eventTrack)
}

func (s *Service) eventTrack(ctx context.Context, in eventTrackIn) (eventTrackOut, error) {
	if op.From(ctx).Envelope.IdempotencyKey != "" {
		return eventTrackOut{}, op.Invalid("idempotency_key", "event_track takes no idempotency key").
			WithHint("call it without one; an event that was accepted need not be sent again")
	}
	v := visit{App: in.App, Name: in.Name, Page: in.Page, Referrer: in.Referrer, Props: in.Props, Agent: in.UserAgent, Visitor: in.Visitor}
	if err := checkVisit(&v); err != nil {
		return eventTrackOut{}, err
	}
	if _, err := s.DB.App(ctx, in.App); err != nil {
		return eventTrackOut{}, ErrorOf(err)
	}
	return eventTrackOut{Accepted: true}, ErrorOf(s.Events.take(v))
}

type eventListIn struct {
	App    string `json:"app" doc:"the app" format:"app"`
	Name   string `json:"name,omitzero" doc:"only custom events of this name; without it page views too" minLength:"1" maxLength:"100"`
	Limit  int    `json:"limit" doc:"how many at most" default:"100" minimum:"1" maximum:"1000"`
	Cursor string `json:"cursor,omitzero" doc:"next_cursor of the page before" minLength:"1"`
}

func (in eventListIn) query() []string { return []string{"event_list", in.App, in.Name} }

type eventItem struct {
	At       int64          `json:"at" doc:"when it was accepted, in Unix ms"`
	Name     string         `json:"name,omitzero" doc:"of a custom event; absent of a page view"`
	Page     string         `json:"page,omitzero" doc:"the page's path"`
	Referrer string         `json:"referrer,omitzero" doc:"the host that led to it"`
	Browser  string         `json:"browser,omitzero" doc:"the browser"`
	System   string         `json:"system,omitzero" doc:"the operating system"`
	Device   string         `json:"device,omitzero" doc:"Desktop, Mobile, Tablet or TV"`
	Props    jsontext.Value `json:"props,omitzero" doc:"as they were sent"`
}

type eventListOut struct {
	Items      []eventItem `json:"items" doc:"events, newest first"`
	NextCursor *string     `json:"next_cursor" doc:"cursor of the next page, null at the end"`
}

func (s *Service) opEventList() *op.Operation {
	return op.Define(op.Operation{
		Name: "event_list", Summary: "List an app's events as they came", Scope: "events:read", Effect: op.Read,
		Description: "As long as they are kept one by one: the setting event_days. Counts of all times are in event_count, event_series and event_top.",
		Method:      "GET", Path: "/api/apps/{app}/events",
		Examples: []op.Example{{
			Title: "Who signed up", Given: viewed(), In: `{"app":"shop","name":"signed_up"}`,
			Out: `{"items":[{"at":1764000000000,"name":"signed_up","page":"/prices","props":{"plan":"pro"}}],"next_cursor":null}`,
		}},
	}, s.eventList)
}

func (s *Service) eventList(ctx context.Context, in eventListIn) (eventListOut, error) {
	place, err := openCursor(in.Cursor, in.query()...)
	if err != nil {
		return eventListOut{}, err
	}
	q := storage.EventListQuery{Name: in.Name, Limit: in.Limit}
	if place != "" {
		if q.Before, err = strconv.ParseUint(place, 10, 63); err != nil {
			return eventListOut{}, op.Invalid("cursor", "this is no cursor").WithHint("%s", cursorHint)
		}
	}
	page, next, err := s.DB.EventList(ctx, in.App, q)
	if err != nil {
		return eventListOut{}, ErrorOf(err)
	}
	out := eventListOut{Items: make([]eventItem, len(page))}
	for i, e := range page {
		out.Items[i] = eventItem{
			At: e.At.UnixMilli(), Name: e.Name, Page: e.Page, Referrer: e.Referrer, Browser: e.Browser, System: e.System, Device: e.Device,
			Props: jsontext.Value(e.Props),
		}
	}
	if next != 0 {
		out.NextCursor = sealCursor(strconv.FormatUint(next, 10), in.query()...)
	}
	return out, nil
}

// onlineTime is how long ago somebody who is here now looked at a page last.
const onlineTime = 5 * time.Minute

// EventsPart tells system_status what became of events.
func (s *Service) EventsPart(context.Context, *op.Principal) (string, any) {
	if s.Events == nil {
		return "", nil
	}
	stats := s.DB.EventStats()
	return "events", map[string]uint64{
		"held": uint64(stats.Held), "accepted": stats.Accepted, "stored": stats.Stored, "dropped": stats.Dropped, "retried": stats.Retried,
		"limited": s.Events.limited.Load(), "not_asked_for": s.Events.unasked.Load(),
	}
}
