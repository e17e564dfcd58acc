package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"strings"
	"time"

	"fazt/server/capacity"
	"fazt/server/capacity/load"
	"fazt/server/capacity/plot"
	"fazt/server/op"
)

type loadtestCommand struct {
	Users         int           `default:"2000" help:"How many people, each with a connection."`
	Duration      time.Duration `default:"20s" help:"How long is measured."`
	Mix           string        `default:"read=70,write=30" help:"Classes of calls with their weights: read, write, list, tool (MCP), insert, find, blob, site, code."`
	Think         time.Duration `help:"The pause between a person's calls; none by default."`
	Open          bool          `help:"Offer --rate calls a second, whatever comes back."`
	Rate          float64       `help:"Calls a second in all, with --open."`
	WS            int           `name:"ws" help:"Live tabs that are joined to the hub and follow the app meanwhile."`
	JSON          string        `name:"json" help:"Write the whole result as JSON to this file." placeholder:"FILE"`
	Plot          string        `help:"Draw throughput over time as SVG to this file." placeholder:"FILE"`
	BeyondMachine bool          `name:"beyond-this-machine" help:"Allow an address that is not this machine's: only for servers that are yours."`
}

const (
	loadtestApp   = "fazt-loadtest"
	loadtestKeys  = 50_000
	loadtestFill  = 2 * time.Second // of writes before, so that reads find something
	loadtestRamp  = time.Second
	loadtestUsers = 64 // while filling
)

// loadtestResult is what is written as JSON.
type loadtestResult struct {
	*load.Result
	URL        string              `json:"url"`
	Prediction capacity.Prediction `json:"prediction"`    // as it stood before the run
	Predicted  float64             `json:"predicted_rps"` // of this load: no more than is offered
	ErrorPC    float64             `json:"error_percent"` // of the prediction; above 0 = the server did better
	Foreign    float64             `json:"foreign_cpu"`   // processors that others used during the run
	// Subtracted is the same prediction without what others used.
	Subtracted   float64  `json:"predicted_rps_without_foreign"`
	SubtractedPC float64  `json:"error_percent_without_foreign"`
	ServerCPU    float64  `json:"server_cpu"`
	ServerMemory int64    `json:"server_resident_bytes"`
	CalibratedAt int64    `json:"calibrated_at"` // of the model that predicted
	Valid        bool     `json:"valid"`
	Doubts       []string `json:"doubts"`
}

func (c *loadtestCommand) spec(client *apiClient) (load.Spec, error) {
	mix, err := load.ParseMix(c.Mix)
	if err != nil {
		return load.Spec{}, &usageError{message: err.Error(), hint: "as in --mix read=70,write=30"}
	}
	if !c.BeyondMachine && !load.Loopback(client.url) {
		return load.Spec{}, &usageError{
			message: client.url + " is not on this machine, and a load test can bring a server down",
			hint:    "say --beyond-this-machine if that server is yours",
		}
	}
	if c.Open != (c.Rate > 0) {
		return load.Spec{}, &usageError{message: "--open and --rate belong together", hint: "as in --open --rate 5000"}
	}
	spec := load.Spec{
		URL: client.url, Token: client.token, App: loadtestApp, Users: c.Users, Mix: mix, Think: c.Think, Rate: c.Rate,
		Ramp: loadtestRamp, Duration: c.Duration, Keys: loadtestKeys, Bytes: scratchBytes,
		Sockets: c.WS, Joiners: make([]string, (max(c.WS, 0)+load.SocketsOfOne-1)/load.SocketsOfOne), // made later
	}
	if err := spec.Check(); err != nil {
		return load.Spec{}, &usageError{message: err.Error(), hint: "see fazt loadtest --help"}
	}
	return spec, nil
}

// Run plays a load against the server, in a process of its own, and compares
// what came of it with what the server predicted before.
func (c *loadtestCommand) Run(ctx context.Context, std *streams, registry *op.Registry) (err error) {
	client, err := newAPIClient(std)
	if err != nil {
		return err
	}
	spec, err := c.spec(client)
	if err != nil {
		return err
	}
	x := &loadtest{client: client, registry: registry, spec: spec}
	made, err := x.prepare(ctx)
	if made {
		defer func() { err = errors.Join(err, x.remove(context.WithoutCancel(ctx))) }()
	}
	if err != nil {
		return err
	}
	result, err := x.run(ctx)
	if err != nil {
		return err
	}
	if err := x.keep(ctx, result); err != nil {
		return err
	}
	if err := c.write(result); err != nil {
		return err
	}
	_, err = io.WriteString(std.out, result.table())
	return err
}

func (c *loadtestCommand) write(r *loadtestResult) error {
	if c.JSON != "" {
		text, err := json.MarshalIndent(r, "", "  ")
		if err != nil {
			return err
		}
		if err := os.WriteFile(c.JSON, append(text, '\n'), 0o644); err != nil {
			return fmt.Errorf("write the result: %w", err)
		}
	}
	if c.Plot != "" {
		if err := os.WriteFile(c.Plot, r.chart().SVG(), 0o644); err != nil {
			return fmt.Errorf("write the plot: %w", err)
		}
	}
	return nil
}

// loadtest is one run.
type loadtest struct {
	client   *apiClient
	registry *op.Registry
	spec     load.Spec
	tokens   []string // ids of the tokens that were made for live tabs
}

// ask calls an operation and decodes its answer.
func (x *loadtest) ask(ctx context.Context, name, input string, envelope op.Envelope, out any) error {
	o, err := x.registry.Find(name)
	if err != nil {
		return err
	}
	answer, err := x.client.call(ctx, o, []byte(input), envelope)
	if err != nil {
		return err
	}
	defer answer.Close()
	return json.NewDecoder(answer).Decode(out)
}

// prepare makes the app and fills it, and says whether the app is this run's to
// remove.
func (x *loadtest) prepare(ctx context.Context) (made bool, err error) {
	var ignored any
	err = x.ask(ctx, "app_create", `{"id":"`+loadtestApp+`","title":"Load test"}`, op.Envelope{}, &ignored)
	var e *op.Error
	if errors.As(err, &e) && e.Code == op.CodeAlreadyExists {
		return false, op.Errorf(op.CodeAlreadyExists, "there is an app %s already, of another load test or of an earlier one", loadtestApp).
			WithHint("delete it first: fazt app delete --app %s", loadtestApp)
	}
	if err != nil {
		return false, err
	}
	fill := x.spec
	fill.Users, fill.Rate, fill.Think, fill.Ramp, fill.Duration = loadtestUsers, 0, 0, 0, loadtestFill
	fill.Mix = load.Mix{{Class: load.Write, Part: 1}}
	fill.Sockets, fill.Joiners = 0, nil
	if _, err = runLoad(ctx, fill); err != nil {
		return true, err
	}
	return true, x.prepareOthers(ctx)
}

func (x *loadtest) remove(ctx context.Context) error {
	var ignored any
	x.revoke(ctx)
	return x.ask(ctx, "app_delete", `{"app":"`+loadtestApp+`"}`, op.Envelope{Confirm: loadtestApp}, &ignored)
}

func (x *loadtest) run(ctx context.Context) (*loadtestResult, error) {
	var report capacity.Report
	if err := x.ask(ctx, "capacity_get", `{}`, op.Envelope{}, &report); err != nil {
		return nil, err
	}
	ask := capacity.Ask{Think: x.spec.Think, SLO: time.Second, Beside: load.Loopback(x.client.url)}
	for _, s := range x.spec.Mix {
		ask.Mix = append(ask.Mix, capacity.Share{Class: s.Class, Part: s.Part})
	}
	frozen := report.Model.Predict(report.Machine, ask)
	before, err := x.usage(ctx)
	if err != nil {
		return nil, err
	}
	began, busy := time.Now(), capacity.MachineBusy()
	played, err := runLoad(ctx, x.spec)
	if err != nil {
		return nil, err
	}
	took := time.Since(began).Seconds()
	busy = capacity.MachineBusy() - busy
	after, err := x.usage(ctx)
	if err != nil {
		return nil, err
	}
	r := &loadtestResult{Result: played, URL: x.client.url, Prediction: frozen, ServerMemory: after.resident, CalibratedAt: report.Model.CalibratedAt}
	r.ServerCPU = (after.cpu - before.cpu) / took
	r.Foreign = max(0, busy.Seconds()/took-r.ServerCPU-played.GeneratorCPU)
	ask.Foreign = r.Foreign
	r.judge(&x.spec, report.Model.Predict(report.Machine, ask))
	return r, nil
}

// keep tells the server what came of its prediction.
func (x *loadtest) keep(ctx context.Context, r *loadtestResult) error {
	input, err := json.Marshal(capacity.Tested{
		Mode: r.Mode, Mix: r.Mix, Users: r.Users, ThinkMS: r.ThinkMS, Seconds: r.Seconds, RPS: r.RPS, PredictedRPS: r.Predicted,
		PredictedLow: r.Prediction.RPSLow, PredictedHigh: r.Prediction.RPSHigh, ErrorPercent: r.ErrorPC, P99MS: r.Latency.P99,
		Shed: r.Shed, Failed: r.Failed, Valid: r.Valid, Doubts: r.Doubts, CalibratedAt: r.CalibratedAt,
	})
	if err != nil {
		return err
	}
	var ignored any
	return x.ask(ctx, "capacity_validate", string(input), op.Envelope{}, &ignored)
}

// judge compares with the prediction and collects reasons to doubt.
func (r *loadtestResult) judge(spec *load.Spec, without capacity.Prediction) {
	r.Predicted, r.Subtracted = predictedOf(spec, r.Prediction), predictedOf(spec, without)
	r.ErrorPC, r.SubtractedPC = errorOf(r.RPS, r.Predicted), errorOf(r.RPS, r.Subtracted)
	r.Doubts = append([]string{}, r.Result.Doubts()...)
	if r.Foreign > 0.1 {
		r.Doubts = append(r.Doubts, fmt.Sprintf("others used %.2f processors meanwhile; the figure without them is %.0f/s", r.Foreign, r.Subtracted))
	}
	r.Valid = len(r.Doubts) == 0
}

// predictedOf is what a load comes to: what the server can do, or what people
// ask for when that is less.
func predictedOf(spec *load.Spec, p capacity.Prediction) float64 {
	switch {
	case spec.Rate > 0:
		return min(p.RPS, spec.Rate)
	case spec.Think > 0:
		return min(p.RPS, float64(spec.Users)/(spec.Think+5*time.Millisecond).Seconds())
	}
	return p.RPS
}

func errorOf(got, predicted float64) float64 {
	if predicted <= 0 {
		return 0
	}
	return math.Round(1000*(got-predicted)/predicted) / 10
}

// usage is what the server has used; see its /metrics.
type usage struct {
	cpu      float64 // seconds
	resident int64
}

func (x *loadtest) usage(ctx context.Context) (usage, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, x.client.url+"/metrics", nil)
	if err != nil {
		return usage{}, err
	}
	answer, err := x.client.send(request)
	if err != nil {
		return usage{}, err
	}
	defer answer.Close()
	text, err := io.ReadAll(answer)
	if err != nil {
		return usage{}, fmt.Errorf("read /metrics: %w", err)
	}
	var u usage
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "process_cpu_seconds_total "); ok {
			if _, err := fmt.Sscan(rest, &u.cpu); err != nil {
				return u, fmt.Errorf("read /metrics: %w", err)
			}
		}
		if rest, ok := strings.CutPrefix(line, "process_resident_memory_bytes "); ok {
			var bytes float64
			if _, err := fmt.Sscan(rest, &bytes); err != nil {
				return u, fmt.Errorf("read /metrics: %w", err)
			}
			u.resident = int64(bytes)
		}
	}
	return u, nil
}

func (r *loadtestResult) chart() *plot.Chart {
	c := &plot.Chart{
		Sentence: fmt.Sprintf("%.0f calls a second answered, %.0f predicted (%+.0f %%)", r.RPS, r.Predicted, r.ErrorPC),
		XLabel:   "seconds", YLabel: "calls a second",
		Band: &plot.Band{Name: "predicted", Low: min(r.Prediction.RPSLow, r.Predicted), High: min(r.Prediction.RPSHigh, 3*max(r.RPS, r.Predicted))},
	}
	answered, shed := plot.Series{Name: "answered"}, plot.Series{Name: "shed or failed"}
	for _, s := range r.Timeline {
		if float64(s.Second) < r.Seconds { // behind it are only late answers
			answered.Points = append(answered.Points, plot.Point{X: float64(s.Second), Y: float64(s.OK)})
			shed.Points = append(shed.Points, plot.Point{X: float64(s.Second), Y: float64(s.Shed + s.Failed)})
		}
	}
	c.Series = []plot.Series{answered, shed}
	return c
}

// table is the result for people.
func (r *loadtestResult) table() string {
	var b strings.Builder
	total := max(1, r.OK+r.Shed+r.Failed)
	fmt.Fprintf(&b, "%d users, %s, %s, %.0f s against %s\n\n", r.Users, r.Mode, r.Mix, r.Seconds, r.URL)
	fmt.Fprintf(&b, "answered   %d (%.2f %%), %.0f/s   shed %d   failed %d\n", r.OK, 100*float64(r.OK)/float64(total), r.RPS, r.Shed, r.Failed)
	if r.First != "" {
		fmt.Fprintf(&b, "           first failure: %s\n", r.First)
	}
	fmt.Fprintf(&b, "latency    p50 %.1f ms   p90 %.1f   p99 %.1f   p99.9 %.1f   max %.1f\n", r.Latency.P50, r.Latency.P90, r.Latency.P99, r.Latency.P999, r.Latency.Max)
	for _, class := range load.Classes() {
		if c, ok := r.Classes[class]; ok {
			fmt.Fprintf(&b, "  %-8s %.0f/s   p50 %.1f ms   p99 %.1f   shed %d   failed %d\n", class, c.RPS, c.Latency.P50, c.Latency.P99, c.Shed, c.Failed)
		}
	}
	if s := r.Sockets; s != nil {
		fmt.Fprintf(&b, "live tabs  %d joined in %.1f s   lost %d   told %d messages\n", s.Open, s.JoinMS/1000, s.Lost, s.Messages)
	}
	fmt.Fprintf(&b, "predicted  %.0f/s (%.0f–%.0f, %s): %+.1f %%", r.Predicted, r.Prediction.RPSLow, r.Prediction.RPSHigh, r.Prediction.Confidence, r.ErrorPC)
	fmt.Fprintf(&b, "; without what others used %.0f/s: %+.1f %%\n", r.Subtracted, r.SubtractedPC)
	fmt.Fprintf(&b, "processors server %.2f   generator %.2f   others %.2f   server's memory %d MB\n", r.ServerCPU, r.GeneratorCPU, r.Foreign, r.ServerMemory>>20)
	fmt.Fprintf(&b, "valid      %v\n", r.Valid)
	for _, d := range r.Doubts {
		fmt.Fprintf(&b, "           %s\n", d)
	}
	return b.String()
}
