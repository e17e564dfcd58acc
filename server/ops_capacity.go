package server

import (
	"context"
	"time"

	"fazt/server/capacity"
	"fazt/server/op"
)

func (s *Service) capacityOperations() []*op.Operation {
	return []*op.Operation{s.opCapacityGet(), s.opCapacityHistory(), s.opCapacityPlot(), s.opCapacityCalibrate(), s.opCapacityValidate()}
}

type capacityGetIn struct {
	Detail string `json:"detail" doc:"short is one sentence, full is everything" default:"full" enum:"short,full"`
}

// capacityGetOut is the sentence, and with it all the rest when it was asked
// for.
type capacityGetOut struct {
	Sentence       string                   `json:"sentence" doc:"how many people this machine serves, with bounds, pause and mix"`
	Schema         string                   `json:"schema,omitzero" doc:"of the full answer: fazt.capacity/1"`
	Calibration    *capacity.Progress       `json:"calibration,omitzero" doc:"the measuring that runs, or how the last one ended"`
	Machine        *capacity.Machine        `json:"machine,omitzero" doc:"what there is to work with"`
	Model          *capacity.Model          `json:"model,omitzero" doc:"what calls cost here"`
	Predictions    []capacity.Prediction    `json:"predictions,omitzero" doc:"what mixes of calls come to"`
	Live           *capacity.Live           `json:"live,omitzero" doc:"what happens now"`
	Bottleneck     *capacity.Bottleneck     `json:"bottleneck,omitzero" doc:"what ends first"`
	Recommendation *capacity.Recommendation `json:"recommendation,omitzero" doc:"what would help most"`
	Validation     *capacity.Validation     `json:"validation,omitzero" doc:"the last load test, and how far its prediction was off"`
	Tiers          []capacity.Tier          `json:"tiers,omitzero" doc:"machines that can be rented, with the old guess and this model's figures"`
}

func (s *Service) opCapacityGet() *op.Operation {
	return op.Define(op.Operation{
		Name: "capacity_get", Summary: "Say how many people this machine can serve", Scope: "system:read", Effect: op.Read,
		Description: "Measured on this machine, with bounds; before the first measuring it says assumed. People always have a pause and a mix.",
		Method:      "GET", Path: "/api/system/capacity",
		Examples: []op.Example{{
			Title: "In one sentence", In: `{"detail":"short"}`,
			Out: `{"sentence":"now 12 req/s (2 %) · fits ≈ 1,900 people at one action per 10 s, 70 % reads (1,610–2,150, measured 2026-11-20) · first limit: disk commits (111 µs each), then CPU"}`,
		}},
	}, func(_ context.Context, in capacityGetIn) (capacityGetOut, error) {
		r := s.Capacity.Report()
		if in.Detail == "short" {
			return capacityGetOut{Sentence: r.Sentence}, nil
		}
		return capacityGetOut{
			Sentence: r.Sentence, Schema: r.Schema, Calibration: &r.Calibration, Machine: &r.Machine, Model: &r.Model, Predictions: r.Predictions,
			Live: &r.Live, Bottleneck: &r.Bottleneck, Recommendation: &r.Recommendation, Validation: r.Validation, Tiers: r.Tiers,
		}, nil
	})
}

type capacityCalibrateIn struct {
	Quick bool `json:"quick,omitzero" doc:"a few seconds rather than up to 20, with wider bounds"`
}

type capacityCalibrateOut struct {
	State     string `json:"state" doc:"running; capacity_get shows under calibration how it goes on"`
	StartedAt int64  `json:"started_at" doc:"Unix ms"`
	EndsAt    int64  `json:"ends_at" doc:"Unix ms by which it has ended"`
}

// calibrateTime is how long calibrating may take in all.
const calibrateTime = 30 * time.Second

func (s *Service) opCapacityCalibrate() *op.Operation {
	return op.Define(op.Operation{
		Name: "capacity_calibrate", Summary: "Measure what calls cost on this machine", Scope: "system:write", Effect: op.Write, Idempotent: true,
		Description: "In the background, on a scratch database beside the real one, for at most 20 s. It is refused while the server is over 30 % busy; while one runs, it answers that one.",
		Method:      "POST", Path: "/api/system/capacity/calibrate", Status: 202, ManyBatches: true,
		Examples: []op.Example{{Title: "A quick look", In: `{"quick":true}`, Out: `{"state":"running","started_at":1764000000000,"ends_at":1764000030000}`}},
	}, func(_ context.Context, in capacityCalibrateIn) (capacityCalibrateOut, error) {
		p, err := s.Capacity.Calibrate(in.Quick)
		if err != nil {
			return capacityCalibrateOut{}, err
		}
		return capacityCalibrateOut{State: p.State, StartedAt: p.StartedAt, EndsAt: p.StartedAt + calibrateTime.Milliseconds()}, nil
	})
}

func (s *Service) opCapacityValidate() *op.Operation {
	return op.Define(op.Operation{
		Name: "capacity_validate", Summary: "Keep what a load test came to beside what was predicted", Scope: "system:write", Effect: op.Write, Idempotent: true,
		Description: "fazt loadtest does this at its end; capacity_get shows the last one under validation.",
		Method:      "POST", Path: "/api/system/capacity/validate", ManyBatches: true,
		Examples: []op.Example{{
			Title: "A load test of 64 callers",
			In:    `{"mode":"closed","mix":"read=70,write=30","users":64,"seconds":20,"rps":11840,"predicted_rps":12100,"predicted_lo":10900,"predicted_hi":13400,"error_percent":-2.1,"p99_ms":19.5,"shed":0,"failed":0,"valid":true,"doubts":[],"calibrated_at":1764000000000}`,
			Out:   `{"at":1764000100000,"test":{"mode":"closed","mix":"read=70,write=30","users":64,"seconds":20,"rps":11840,"predicted_rps":12100,"predicted_lo":10900,"predicted_hi":13400,"error_percent":-2.1,"p99_ms":19.5,"shed":0,"failed":0,"valid":true,"doubts":[],"calibrated_at":1764000000000}}`,
		}},
	}, func(_ context.Context, in capacity.Tested) (capacity.Validation, error) {
		return s.Capacity.Validate(in)
	})
}

// CapacityPart is the sentence for system_status.
func (s *Service) CapacityPart(context.Context, *op.Principal) (string, any) {
	return "capacity", s.Capacity.Sentence()
}
