package server

import (
	"context"
	"io"

	"fazt/server/capacity"
	"fazt/server/op"
)

type capacityHistoryIn struct{}

type capacityHistoryOut struct {
	Moments []capacity.Moment `json:"moments" doc:"one for every 5 s, oldest first"`
}

func (s *Service) opCapacityHistory() *op.Operation {
	return op.Define(op.Operation{
		Name: "capacity_history", Summary: "List the calls of the last ten minutes", Scope: "system:read", Effect: op.Read,
		Description: "How many were let in and how many refused, every 5 s.",
		Method:      "GET", Path: "/api/system/capacity/history",
		Examples: []op.Example{{Title: "The last minutes", In: `{}`, Out: `{"moments":[{"at":1764000000000,"rps":12.4,"shed_rps":0,"cpu":0.02}]}`}},
	}, func(context.Context, capacityHistoryIn) (capacityHistoryOut, error) {
		return capacityHistoryOut{Moments: s.Capacity.History()}, nil
	})
}

type capacityPlotIn struct {
	What     string `json:"what" doc:"load: how long answers take against the rate of calls; time: what was let in and refused in the last ten minutes" default:"load" enum:"load,time"`
	Timezone string `json:"timezone" doc:"whose times, as in Europe/Berlin" default:"UTC"`
	Themed   bool   `json:"themed,omitzero" doc:"take the colours of the page that the picture is put into, rather than its own"`
	Narrow   bool   `json:"narrow,omitzero" doc:"half as wide, for a small screen"`
}

func (s *Service) opCapacityPlot() *op.Operation {
	return op.Define(op.Operation{
		Name: "capacity_plot", Summary: "Draw latency against load, or throughput over time, as SVG", Scope: "system:read", Effect: op.Read, Bytes: true,
		Description: "With a title and a description; capacity_get answers the numbers under model.curve, capacity_history those over time.",
		Method:      "GET", Path: "/api/system/capacity/plot",
	}, func(_ context.Context, in capacityPlotIn) (*op.Body, error) {
		zone, err := zoneOf(in.Timezone)
		if err != nil {
			return nil, err
		}
		chart := s.Capacity.LoadChart()
		if in.What == "time" {
			chart = s.Capacity.TimeChart(zone)
		}
		chart.Themed, chart.Narrow = in.Themed, in.Narrow
		svg := chart.SVG()
		return &op.Body{Type: "image/svg+xml", Filename: "capacity-" + in.What + ".svg", Write: func(_ context.Context, w io.Writer) error {
			_, err := w.Write(svg)
			return err
		}}, nil
	})
}
