package server

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"fazt/server/op"
	"fazt/storage"
)

type eventCountIn struct {
	App      string `json:"app" doc:"the app" format:"app"`
	From     string `json:"from,omitzero" doc:"the first day, as 2026-11-24; 30 days up to the last one when left out" minLength:"1"`
	To       string `json:"to,omitzero" doc:"the last day; today when left out" minLength:"1"`
	Timezone string `json:"timezone" doc:"whose days, as in Europe/Berlin" default:"UTC"`
}

type eventCountOut struct {
	FromAt   int64 `json:"from_at" doc:"where the range begins, in Unix ms"`
	ToAt     int64 `json:"to_at" doc:"where it ends"`
	Views    int64 `json:"views" doc:"page views of browsers"`
	Visitors int64 `json:"visitors" doc:"visitors, each counted once a day of UTC"`
	Events   int64 `json:"events" doc:"custom events"`
	Bots     int64 `json:"bots" doc:"views and events of programs, which are nowhere else"`
}

func (s *Service) opEventCount() *op.Operation {
	return op.Define(op.Operation{
		Name: "event_count", Summary: "Count an app's page views, visitors and events", Scope: "events:read", Effect: op.Read,
		Method: "GET", Path: "/api/apps/{app}/events:count",
		Examples: []op.Example{{
			Title: "The last 30 days", Given: viewed(), In: `{"app":"shop"}`,
			Out: `{"from_at":1764000000000,"to_at":1764000000000,"views":3,"visitors":2,"events":1,"bots":0}`,
		}},
	}, func(ctx context.Context, in eventCountIn) (eventCountOut, error) {
		r, err := rangeOf(s.Now(), in.From, in.To, in.Timezone)
		if err != nil {
			return eventCountOut{}, err
		}
		return s.eventCount(ctx, in.App, r)
	})
}

func (s *Service) eventCount(ctx context.Context, app string, r eventRange) (eventCountOut, error) {
	out := eventCountOut{FromAt: r.from.UnixMilli(), ToAt: r.to.UnixMilli()}
	for _, c := range []struct {
		dim storage.EventDim
		add func(storage.EventSum)
	}{
		{storage.EventViews, func(e storage.EventSum) { out.Views += e.Events; out.Visitors += e.Visitors }},
		{storage.EventNames, func(e storage.EventSum) { out.Events += e.Events }},
		{storage.EventBots, func(e storage.EventSum) { out.Bots += e.Events }},
	} {
		if err := s.DB.EventSums(ctx, app, r.query(c.dim, false), c.add); err != nil {
			return out, ErrorOf(err)
		}
	}
	return out, nil
}

const (
	bucketHour = "hour"
	bucketDay  = "day"
	maxBuckets = 5000
)

type eventSeriesIn struct {
	App      string `json:"app" doc:"the app" format:"app"`
	Bucket   string `json:"bucket" doc:"what each item sums: an hour or a day" default:"day" enum:"hour,day"`
	Name     string `json:"name,omitzero" doc:"count only custom events of this name" minLength:"1" maxLength:"100"`
	From     string `json:"from,omitzero" doc:"the first day, as 2026-11-24; 30 days up to the last one when left out" minLength:"1"`
	To       string `json:"to,omitzero" doc:"the last day; today when left out" minLength:"1"`
	Timezone string `json:"timezone" doc:"whose days, as in Europe/Berlin" default:"UTC"`
}

type eventBucket struct {
	At       int64 `json:"at" doc:"when it begins, in Unix ms"`
	Views    int64 `json:"views" doc:"page views"`
	Visitors int64 `json:"visitors" doc:"visitors whose first view of their day of UTC is here"`
	Events   int64 `json:"events" doc:"custom events"`
}

type eventSeriesOut struct {
	Items []eventBucket `json:"items" doc:"every hour or day of the range, also those without an event"`
}

func (s *Service) opEventSeries() *op.Operation {
	return op.Define(op.Operation{
		Name: "event_series", Summary: "Count an app's views and events by hour or day", Scope: "events:read", Effect: op.Read,
		Description: "Hours are kept for 62 days; what is older stands in the bucket in which its day of UTC begins.",
		Method:      "GET", Path: "/api/apps/{app}/events:series",
		Examples: []op.Example{{
			Title: "One day long ago", Given: viewed(), In: `{"app":"shop","from":"2025-01-01","to":"2025-01-02","timezone":"Europe/Berlin"}`,
			Out: `{"items":[{"at":1735686000000,"views":0,"visitors":0,"events":0},{"at":1735772400000,"views":0,"visitors":0,"events":0}]}`,
		}},
	}, s.eventSeries)
}

func (s *Service) eventSeries(ctx context.Context, in eventSeriesIn) (eventSeriesOut, error) {
	r, err := rangeOf(s.Now(), in.From, in.To, in.Timezone)
	if err != nil {
		return eventSeriesOut{}, err
	}
	starts := r.buckets(in.Bucket)
	if len(starts) > maxBuckets {
		return eventSeriesOut{}, op.Invalid("bucket", "that would be %d hours, over %d", len(starts), maxBuckets).WithHint("ask for days, or for a shorter range")
	}
	out := eventSeriesOut{Items: make([]eventBucket, len(starts))}
	for i, at := range starts {
		out.Items[i].At = at.UnixMilli()
	}
	in1 := func(at time.Time) *eventBucket {
		i, exact := slices.BinarySearchFunc(starts, at, time.Time.Compare)
		if !exact {
			i--
		}
		return &out.Items[max(i, 0)]
	}
	byHour := in.Bucket == bucketHour || in.Timezone != "UTC"
	err = s.DB.EventSums(ctx, in.App, r.query(storage.EventNames, byHour), func(e storage.EventSum) {
		if in.Name == "" || in.Name == e.Value {
			in1(e.At).Events += e.Events
		}
	})
	if err == nil && in.Name == "" {
		err = s.DB.EventSums(ctx, in.App, r.query(storage.EventViews, byHour), func(e storage.EventSum) {
			b := in1(e.At)
			b.Views += e.Events
			b.Visitors += e.Visitors
		})
	}
	return out, ErrorOf(err)
}

// eventDims are the dimensions by the names that callers use.
func eventDims() map[string]storage.EventDim {
	return map[string]storage.EventDim{
		"page": storage.EventPages, "referrer": storage.EventReferrers, "browser": storage.EventBrowsers, "system": storage.EventSystems,
		"device": storage.EventDevices, "name": storage.EventNames, "source": storage.EventSources, "medium": storage.EventMediums,
		"campaign": storage.EventCampaigns,
	}
}

type eventTopIn struct {
	App      string `json:"app" doc:"the app" format:"app"`
	By       string `json:"by" doc:"what to rank; name is of custom events, source, medium and campaign are the utm_ parts of addresses" default:"page" enum:"page,referrer,browser,system,device,name,source,medium,campaign"`
	From     string `json:"from,omitzero" doc:"the first day, as 2026-11-24; 30 days up to the last one when left out" minLength:"1"`
	To       string `json:"to,omitzero" doc:"the last day; today when left out" minLength:"1"`
	Timezone string `json:"timezone" doc:"whose days, as in Europe/Berlin" default:"UTC"`
	Limit    int    `json:"limit" doc:"how many at most" default:"10" minimum:"1" maximum:"1000"`
}

type eventTopItem struct {
	Value    string `json:"value" doc:"the page, host, browser …"`
	Count    int64  `json:"count" doc:"its views, or events of that name"`
	Visitors int64  `json:"visitors" doc:"visitors whose first view of the day it was"`
}

type eventTopOut struct {
	Items []eventTopItem `json:"items" doc:"the most frequent first"`
	More  bool           `json:"more" doc:"there are others"`
}

func (s *Service) opEventTop() *op.Operation {
	return op.Define(op.Operation{
		Name: "event_top", Summary: "Rank an app's pages, referrers, browsers or events", Scope: "events:read", Effect: op.Read,
		Description: "Of a dimension with over 1,000 values a day, the rest of that day is one value: (other).",
		Method:      "GET", Path: "/api/apps/{app}/events:top",
		Examples: []op.Example{
			{
				Title: "The pages", Given: viewed(), In: `{"app":"shop"}`,
				Out: `{"items":[{"value":"/prices","count":2,"visitors":1},{"value":"/","count":1,"visitors":1}],"more":false}`,
			},
			{
				Title: "Where visitors come from", Given: viewed(), In: `{"app":"shop","by":"referrer"}`,
				Out: `{"items":[{"value":"news.example","count":1,"visitors":1}],"more":false}`,
			},
		},
	}, s.eventTop)
}

func (s *Service) eventTop(ctx context.Context, in eventTopIn) (eventTopOut, error) {
	r, err := rangeOf(s.Now(), in.From, in.To, in.Timezone)
	if err != nil {
		return eventTopOut{}, err
	}
	by := map[string]*eventTopItem{}
	err = s.DB.EventSums(ctx, in.App, r.query(eventDims()[in.By], false), func(e storage.EventSum) {
		item := by[e.Value]
		if item == nil {
			item = &eventTopItem{Value: e.Value}
			by[e.Value] = item
		}
		item.Count += e.Events
		item.Visitors += e.Visitors
	})
	if err != nil {
		return eventTopOut{}, ErrorOf(err)
	}
	out := eventTopOut{Items: []eventTopItem{}}
	for _, item := range by {
		out.Items = append(out.Items, *item)
	}
	slices.SortFunc(out.Items, func(a, b eventTopItem) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(b.Visitors, a.Visitors), strings.Compare(a.Value, b.Value))
	})
	if out.More = len(out.Items) > in.Limit; out.More {
		out.Items = out.Items[:in.Limit]
	}
	return out, nil
}

type eventVisitorsIn struct {
	App      string `json:"app" doc:"the app" format:"app"`
	From     string `json:"from,omitzero" doc:"the first day, as 2026-11-24; 30 days up to the last one when left out" minLength:"1"`
	To       string `json:"to,omitzero" doc:"the last day; today when left out" minLength:"1"`
	Timezone string `json:"timezone" doc:"whose days, as in Europe/Berlin" default:"UTC"`
}

type eventVisitorsOut struct {
	Online   int64   `json:"online" doc:"visitors of the last five minutes"`
	Visitors int64   `json:"visitors" doc:"of the range, each counted once a day of UTC"`
	Days     int     `json:"days" doc:"of the range, that have begun"`
	Average  float64 `json:"average" doc:"visitors a day"`
	Pages    float64 `json:"pages" doc:"views a visitor"`
	Most     int64   `json:"most" doc:"visitors of the day that had the most"`
	MostAt   *int64  `json:"most_at" doc:"when that day begins, in Unix ms; null when nobody came"`
}

func (s *Service) opEventVisitors() *op.Operation {
	return op.Define(op.Operation{
		Name: "event_visitors", Summary: "Say how many visitors an app has, now and by day", Scope: "events:read", Effect: op.Read,
		Description: "Without cookies: a visitor is a hash with a secret that changes each day, so nobody is known again tomorrow.",
		Method:      "GET", Path: "/api/apps/{app}/events:visitors",
		Examples: []op.Example{{
			Title: "Two days long ago", Given: viewed(), In: `{"app":"shop","from":"2020-01-01","to":"2020-01-02"}`,
			Out: `{"online":2,"visitors":0,"days":2,"average":0,"pages":0,"most":0,"most_at":null}`,
		}},
	}, s.eventVisitors)
}

func (s *Service) eventVisitors(ctx context.Context, in eventVisitorsIn) (out eventVisitorsOut, err error) {
	series, err := s.eventSeries(ctx, eventSeriesIn{App: in.App, Bucket: bucketDay, From: in.From, To: in.To, Timezone: in.Timezone})
	if err != nil {
		return out, err
	}
	var views int64
	for _, b := range series.Items {
		if b.At > s.Now().UnixMilli() {
			break
		}
		out.Days++
		out.Visitors += b.Visitors
		views += b.Views
		if b.Visitors > out.Most {
			out.Most, out.MostAt = b.Visitors, &b.At
		}
	}
	out.Average = ratio(out.Visitors, int64(out.Days))
	out.Pages = ratio(views, out.Visitors)
	out.Online, err = s.DB.EventVisitors(ctx, in.App, s.Now().Add(-onlineTime))
	return out, ErrorOf(err)
}

// ratio has two decimals, and is 0 of nothing.
func ratio(a, b int64) float64 {
	if b == 0 {
		return 0
	}
	return float64((a*100+b/2)/b) / 100
}
