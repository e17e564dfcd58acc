package server

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"fazt/server/capacity/plot"
	"fazt/server/op"
)

type eventTotalsIn struct {
	From     string `json:"from,omitzero" doc:"the first day, as 2026-11-24; 30 days up to the last one when left out" minLength:"1"`
	To       string `json:"to,omitzero" doc:"the last day; today when left out" minLength:"1"`
	Timezone string `json:"timezone" doc:"whose days, as in Europe/Berlin" default:"UTC"`
}

type eventTotal struct {
	App      string `json:"app" doc:"its id"`
	Views    int64  `json:"views" doc:"page views of browsers"`
	Visitors int64  `json:"visitors" doc:"visitors, each counted once a day of UTC"`
	Events   int64  `json:"events" doc:"custom events"`
}

type eventTotalsOut struct {
	Items []eventTotal `json:"items" doc:"every app, the one with the most views first"`
	More  bool         `json:"more" doc:"there are over 1,000 apps, and only the first by name are here"`
	Kept  eventKept    `json:"kept" doc:"what became of events since the server began"`
}

type eventKept struct {
	Accepted uint64 `json:"accepted" doc:"taken in"`
	Stored   uint64 `json:"stored" doc:"of those, on the disk"`
	Held     int    `json:"held" doc:"of those, not yet on the disk"`
	Dropped  uint64 `json:"dropped" doc:"lost: too many waited, the disk failed, or their app was gone"`
	Retried  uint64 `json:"retried" doc:"batches that were written at a later try"`
	Limited  uint64 `json:"limited" doc:"refused because too many came from one address"`
	Unasked  uint64 `json:"unasked" doc:"not counted because the browser asks for that"`
}

// maxTotalApps bounds how many apps one call looks at.
const maxTotalApps = 1000

func (s *Service) opEventTotals() *op.Operation {
	return op.Define(op.Operation{
		Name: "event_totals", Summary: "Compare apps by views, and say what was dropped", Scope: "events:read", Effect: op.Read,
		Method: "GET", Path: "/api/events",
		Examples: []op.Example{{
			Title: "The last 30 days", Given: viewed(), In: `{}`,
			Out: `{"items":[{"app":"shop","views":3,"visitors":2,"events":1}],"more":false,` +
				`"kept":{"accepted":4,"stored":4,"held":0,"dropped":0,"retried":0,"limited":0,"unasked":0}}`,
		}},
	}, s.eventTotals)
}

func (s *Service) eventTotals(ctx context.Context, in eventTotalsIn) (eventTotalsOut, error) {
	r, err := rangeOf(s.Now(), in.From, in.To, in.Timezone)
	if err != nil {
		return eventTotalsOut{}, err
	}
	apps, err := s.DB.Apps(ctx, "", maxTotalApps)
	if err != nil {
		return eventTotalsOut{}, ErrorOf(err)
	}
	out := eventTotalsOut{Items: []eventTotal{}, More: len(apps) == maxTotalApps}
	for _, app := range apps {
		count, err := s.eventCount(ctx, app.ID, r)
		if err != nil {
			if op.AsError(err).Code == "app_not_found" {
				continue // deleted meanwhile
			}
			return eventTotalsOut{}, err
		}
		out.Items = append(out.Items, eventTotal{App: app.ID, Views: count.Views, Visitors: count.Visitors, Events: count.Events})
	}
	slices.SortStableFunc(out.Items, func(a, b eventTotal) int { return cmp.Compare(b.Views, a.Views) })
	stats := s.DB.EventStats()
	out.Kept = eventKept{
		Accepted: stats.Accepted, Stored: stats.Stored, Held: stats.Held, Dropped: stats.Dropped, Retried: stats.Retried,
		Limited: s.Events.limited.Load(), Unasked: s.Events.unasked.Load(),
	}
	return out, nil
}

type eventPlotIn struct {
	App      string `json:"app" doc:"the app" format:"app"`
	Bucket   string `json:"bucket" doc:"what each point sums: an hour or a day" default:"day" enum:"hour,day"`
	From     string `json:"from,omitzero" doc:"the first day, as 2026-11-24; 30 days up to the last one when left out" minLength:"1"`
	To       string `json:"to,omitzero" doc:"the last day; today when left out" minLength:"1"`
	Timezone string `json:"timezone" doc:"whose days, as in Europe/Berlin" default:"UTC"`
	Themed   bool   `json:"themed,omitzero" doc:"take the colours of the page that the picture is put into, rather than its own"`
}

func (s *Service) opEventPlot() *op.Operation {
	return op.Define(op.Operation{
		Name: "event_plot", Summary: "Draw an app's views, visitors and events as SVG", Scope: "events:read", Effect: op.Read, Bytes: true,
		Description: "With a title and a description; event_series answers the same numbers.",
		Method:      "GET", Path: "/api/apps/{app}/events:plot",
	}, func(ctx context.Context, in eventPlotIn) (*op.Body, error) {
		series, err := s.eventSeries(ctx, eventSeriesIn{App: in.App, Bucket: in.Bucket, From: in.From, To: in.To, Timezone: in.Timezone})
		if err != nil {
			return nil, err
		}
		zone, err := time.LoadLocation(in.Timezone)
		if err != nil {
			return nil, err
		}
		svg := eventChart(series.Items, in, zone).SVG()
		return &op.Body{Type: "image/svg+xml", Filename: in.App + "-events.svg", Write: func(_ context.Context, w io.Writer) error {
			_, err := w.Write(svg)
			return err
		}}, nil
	})
}

func eventChart(items []eventBucket, in eventPlotIn, zone *time.Location) *plot.Chart {
	c := &plot.Chart{XLabel: in.Bucket + ", " + in.Timezone, YLabel: "count", Themed: in.Themed, Labels: make([]string, len(items))}
	form := "2 Jan"
	if in.Bucket == bucketHour {
		form = "2 Jan 15:04"
	}
	series := []plot.Series{{Name: "views"}, {Name: "visitors"}, {Name: "events"}}
	var sums [3]int64
	for i, b := range items {
		c.Labels[i] = time.UnixMilli(b.At).In(zone).Format(form)
		for j, n := range [...]int64{b.Views, b.Visitors, b.Events} {
			series[j].Points = append(series[j].Points, plot.Point{X: float64(i), Y: float64(n)})
			sums[j] += n
		}
	}
	c.Series = series
	c.Sentence = fmt.Sprintf("%s: views %d, visitors %d, events %d", in.App, sums[0], sums[1], sums[2])
	return c
}
