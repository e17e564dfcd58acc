package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"time"

	"fazt/server/capacity"
	"fazt/server/capacity/load"
	"fazt/server/op"
	"fazt/storage"
)

// Calibrating measures a scratch server of this process on a database beside
// the real one: the same code, the same disk, and nothing of it is seen by
// anybody. The callers are a process of their own, so that what they need is
// not taken for the server's.

const (
	// settingModel is where the measured model is kept.
	settingModel = "capacity"
	// firstCalibration is when a new server measures itself for the first time.
	firstCalibration = time.Minute
	scratchApp       = "scratch"
	scratchPattern   = ".fazt-scratch-*"
	scratchKeys      = 5000
	scratchBytes     = 100 // of a value
	// So many idle connections and live tabs are weighed, for at most holdTime.
	scratchConnections = 400
	scratchTabs        = 4 * load.SocketsOfOne
	holdTime           = 5 * time.Second
	holdThink          = time.Second
	holdTick           = 10 * time.Millisecond
)

// newMeter returns the meter of a server. That of a scratch server measures
// nothing.
func (a *app) newMeter() *capacity.Meter {
	o := capacity.MeterOptions{Dir: filepath.Dir(a.db.Path()), Admission: a.gates, Now: time.Now, Logger: a.config.Logger, Connections: a.connections}
	if !a.config.Scratch {
		o.Relieve = a.relieve
		s := &scratch{dir: o.Dir, logger: slog.New(slog.DiscardHandler)}
		o.Probes, o.Writer, o.Load, o.Save = s.open, s.writer, a.loadModel, a.saveModel
		if a.first.created && !a.config.NoCalibration {
			o.First = firstCalibration
		}
	}
	return capacity.NewMeter(o)
}

// relieve gives up what can be had again. It is not called before the meter has
// started, when all of it is there.
func (a *app) relieve() {
	a.db.DropCaches()
	a.sites.DropCaches()
	a.agent.Relieve()
}

func (a *app) loadModel(ctx context.Context) ([]byte, error) {
	value, err := a.db.Setting(ctx, settingModel)
	if storage.KindOf(err) == storage.KindSettingNotFound {
		return nil, nil
	}
	return value, err
}

func (a *app) saveModel(ctx context.Context, model []byte) error {
	_, err := a.db.Write(ctx, &storage.Batch{Mutations: []storage.Mutation{storage.SettingSet{Name: settingModel, Value: model}}})
	return err
}

// scratch makes scratch servers.
type scratch struct {
	dir    string
	logger *slog.Logger
	db     atomic.Pointer[storage.DB] // of the one that runs
}

// writer is the counters of the scratch database's writer.
func (s *scratch) writer() capacity.WriterCounts {
	db := s.db.Load()
	if db == nil {
		return capacity.WriterCounts{}
	}
	stats := db.Stats()
	return capacity.WriterCounts{Batches: stats.Batches, Groups: stats.Groups, Busy: time.Duration(stats.CommitMicros.Sum) * time.Microsecond}
}

// open starts a scratch server and returns its probes.
func (s *scratch) open(ctx context.Context) (probes []op.Probe, end func(), err error) {
	left, err := filepath.Glob(filepath.Join(s.dir, scratchPattern)) // of a crash
	if err != nil {
		return nil, nil, err
	}
	for _, dir := range left {
		if err := os.RemoveAll(dir); err != nil {
			return nil, nil, fmt.Errorf("remove what an earlier calibration left: %w", err)
		}
	}
	dir, err := os.MkdirTemp(s.dir, scratchPattern)
	if err != nil {
		return nil, nil, fmt.Errorf("make room for a scratch database: %w", err)
	}
	token := rand.Text()
	a, err := openApp(ctx, config{
		DB: filepath.Join(dir, "data.db"), Address: "127.0.0.1", Owner: token, Logger: s.logger, Scratch: true,
		Getenv: func(name string) string { return map[string]string{"XDG_RUNTIME_DIR": dir}[name] },
	})
	if err != nil {
		return nil, nil, errors.Join(err, os.RemoveAll(dir))
	}
	s.db.Store(a.db)
	end = func() {
		s.db.Store(nil)
		if err := errors.Join(a.Close(context.WithoutCancel(ctx)), os.RemoveAll(dir)); err != nil {
			s.logger.Warn("the scratch server did not end well", "error", err)
		}
	}
	create := &storage.Batch{Mutations: []storage.Mutation{storage.AppCreate{ID: scratchApp, Title: "Scratch"}}}
	if _, err := a.db.Write(ctx, create); err != nil {
		end()
		return nil, nil, err
	}
	probes, err = s.probes(ctx, a, token)
	if err != nil {
		end()
		return nil, nil, err
	}
	return probes, end, nil
}

// probes are what is measured of a scratch server, what matters most first:
// writes make what reads find.
func (s *scratch) probes(ctx context.Context, a *app, token string) ([]op.Probe, error) {
	spec := load.Spec{URL: a.url, Token: token, App: scratchApp, Keys: scratchKeys, Bytes: scratchBytes}
	one := func(class string) load.Mix { return load.Mix{{Class: class, Part: 1}} }
	var probes []op.Probe
	for _, class := range []string{load.Write, load.Read, load.List} {
		probes = append(probes, probeOf(class, one(class), spec))
	}
	probes = append(probes, probeOf("mixed", load.Mix{{Class: load.Read, Part: 0.7}, {Class: load.Write, Part: 0.3}}, spec))
	others := &loadtest{client: &apiClient{url: a.url, token: token, http: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}}, registry: a.registry, spec: spec}
	for _, class := range []string{load.Tool, load.Insert, load.Find, load.Blob, load.Site} {
		probe := probeOf(class, one(class), spec)
		probe.Brief = true
		probes = append(probes, probe)
		others.spec.Mix = append(others.spec.Mix, load.Share{Class: class, Part: 1})
	}
	others.spec.Joiners = make([]string, scratchTabs/load.SocketsOfOne)
	if err := others.prepareOthers(ctx); err != nil {
		return nil, err
	}
	tabs := spec
	tabs.Sockets, tabs.Joiners = scratchTabs, others.spec.Joiners
	return append(probes, refusedProbe(a, spec),
		holdProbe(capacity.ProbeConnection, scratchConnections, spec, func() int { live := a.connections.Live(); return live.Open - live.Silent }),
		holdProbe(capacity.ProbeSocket, scratchTabs, tabs, a.agent.Tabs)), nil
}

// refusedProbe makes calls that are all refused.
func refusedProbe(a *app, spec load.Spec) op.Probe {
	probe := probeOf(capacity.ProbeRefused, load.Mix{{Class: load.Read, Part: 1}}, spec)
	run := probe.Run
	probe.Brief = true
	probe.Run = func(ctx context.Context, callers int, d time.Duration) (op.Probed, error) {
		a.gates.Close()
		defer a.gates.Open()
		return run(ctx, callers, d)
	}
	return probe
}

// holdProbe keeps connections open that did something and now do nothing, until
// count has reached their number.
func holdProbe(name string, n int, spec load.Spec, count func() int) op.Probe {
	return op.Probe{Name: name, Held: n, Hold: func(ctx context.Context) (func(), error) {
		spec := spec
		spec.Users, spec.Think, spec.Duration = 1, holdThink, holdTime
		if spec.Sockets == 0 {
			spec.Users = n
		}
		spec.Mix = load.Mix{{Class: load.Read, Part: 1}}
		ctx, cancel := context.WithCancel(ctx)
		ended := make(chan error, 1)
		go func() {
			_, err := runLoad(ctx, spec)
			ended <- err
		}()
		end := func() {
			cancel()
			<-ended
		}
		tick := time.NewTicker(holdTick)
		defer tick.Stop()
		for count() < n {
			select {
			case err := <-ended:
				cancel()
				return nil, fmt.Errorf("hold %d connections: %w", n, cmp.Or(err, errors.New("they ended before they were all open")))
			case <-tick.C:
			}
		}
		return end, nil
	}}
}

func probeOf(name string, mix load.Mix, spec load.Spec) op.Probe {
	spec.Mix = mix
	return op.Probe{Name: name, Mixed: len(mix) > 1, Run: func(ctx context.Context, callers int, d time.Duration) (op.Probed, error) {
		spec := spec
		spec.Users, spec.Duration = callers, d
		r, err := runLoad(ctx, spec)
		if err != nil {
			return op.Probed{}, err
		}
		if r.Failed > 0 {
			return op.Probed{}, fmt.Errorf("%d calls failed: %s", r.Failed, r.First)
		}
		took := time.Duration(r.Seconds * float64(time.Second))
		return op.Probed{
			Calls: r.OK + r.Shed, Took: took, CallerCPU: time.Duration(r.GeneratorCPU * float64(took)),
			P50: millisOf(r.Latency.P50), P99: millisOf(r.Latency.P99),
		}, nil
	}}
}

func millisOf(ms float64) time.Duration { return time.Duration(ms * float64(time.Millisecond)) }

// loadWorkerCommand is the hidden argument of a process that only plays load.
const loadWorkerCommand = "load-worker"

// runLoad plays a load in a process of its own: its work and its memory are not
// the server's, and a profile of one does not show the other.
func runLoad(ctx context.Context, spec load.Spec) (*load.Result, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program to play load: %w", err)
	}
	input, err := json.Marshal(spec)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, loadWorkerCommand)
	var out, problem bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(input), &out, &problem
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("play load: %w: %s", err, bytes.TrimSpace(problem.Bytes()))
	}
	var r load.Result
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		return nil, fmt.Errorf("play load: %w", err)
	}
	return &r, nil
}

// loadWorkerMain is that process: a spec comes in, a result goes out.
func loadWorkerMain(ctx context.Context, in io.Reader, out, problem io.Writer) int {
	var spec load.Spec
	err := json.NewDecoder(in).Decode(&spec)
	var r *load.Result
	if err == nil {
		r, err = load.Run(ctx, spec)
	}
	if err == nil {
		err = json.NewEncoder(out).Encode(r)
	}
	if err != nil {
		fmt.Fprintln(problem, err)
		return exitFailed
	}
	return exitOK
}
