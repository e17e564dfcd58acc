package limit

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"fazt/server/op"
	"fazt/storage"
)

// SettingStopped names the setting that is there while agents are stopped.
const SettingStopped = "agents_stopped"

// Stop is who stopped the agents, and when.
type Stop struct {
	At int64  `json:"at"` // Unix ms
	By string `json:"by"`
}

// Options are what a Gate works with. All are required.
type Options struct {
	DB     *storage.DB
	Now    func() time.Time
	Logger *slog.Logger
}

// Gate decides whether calls may go on. Close it before the database.
type Gate struct {
	options Options
	watcher *storage.Watcher
	meters  meters
	ended   chan struct{} // closed by Close
	flushed sync.WaitGroup

	mu     sync.RWMutex
	loaded bool
	stop   *Stop // nil = agents may work
	until  context.Context
	cut    context.CancelCauseFunc
}

// New returns a gate that lets agents work until it has read otherwise.
func New(o Options) *Gate {
	g := &Gate{options: o, watcher: o.DB.Watch(""), ended: make(chan struct{})}
	g.meters.used = map[string]*hour{}
	g.until, g.cut = context.WithCancelCause(context.Background())
	return g
}

// Open reads what is stored, and begins to keep what is used up.
func (g *Gate) Open(ctx context.Context) error {
	if _, err := g.Stopped(ctx); err != nil {
		return err
	}
	kept, err := g.options.DB.TokensUsed(ctx)
	if err != nil {
		return err
	}
	g.meters.restore(kept, minuteOf(g.options.Now()))
	g.flushed.Go(g.keep)
	return nil
}

// Enter implements [op.Gate].
func (g *Gate) Enter(ctx context.Context, inv *op.Invocation, bytes int64) (op.Pass, error) {
	var pass op.Pass
	if ofAgent(inv) {
		until, err := g.working(ctx)
		if err != nil {
			return pass, err
		}
		pass.Until = until
	}
	p := inv.Principal
	if p.Budget == (op.Budget{}) {
		return pass, nil
	}
	asked := op.Budget{Calls: 1, Bytes: bytes}
	if inv.Operation.Effect != op.Read && !inv.Envelope.DryRun {
		asked.Writes = 1
	}
	if err := g.meters.charge(p, asked, g.options.Now()); err != nil {
		return pass, err
	}
	pass.Spent = func(bytes int64) { g.meters.add(p.ID, op.Budget{Bytes: bytes}, g.options.Now()) }
	return pass, nil
}

// ofAgent reports whether a stop is meant for a call: of an agent, or made in
// an agent's way by whoever's token. A person's own run began in person.
func ofAgent(inv *op.Invocation) bool {
	p := inv.Principal
	return p.Kind == op.KindAgent || inv.Face == op.FaceMCP || p.Driven && p.Run == ""
}

// working returns the context that a stop ends.
func (g *Gate) working(ctx context.Context) (context.Context, error) {
	if err := g.refresh(ctx); err != nil {
		return nil, err
	}
	g.mu.RLock()
	defer g.mu.RUnlock()
	if g.stop != nil {
		return nil, stopped(g.stop)
	}
	return g.until, nil
}

// Stopped returns who stopped the agents, nil while they may work.
func (g *Gate) Stopped(ctx context.Context) (*Stop, error) {
	if err := g.refresh(ctx); err != nil {
		return nil, err
	}
	g.mu.RLock()
	defer g.mu.RUnlock()
	return g.stop, nil
}

// refresh reads the setting again when something was committed since.
func (g *Gate) refresh(ctx context.Context) error {
	g.mu.RLock()
	fresh := g.loaded && len(g.watcher.C()) == 0
	g.mu.RUnlock()
	if fresh {
		return nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	select {
	case <-g.watcher.C(): // before reading: what is committed meanwhile wakes again
	default:
	}
	g.loaded = false
	settings, err := g.options.DB.Settings(ctx)
	if err != nil {
		return err
	}
	var now *Stop
	if raw, ok := settings[SettingStopped]; ok {
		if err := json.Unmarshal(raw, &now); err != nil {
			return fmt.Errorf("setting %q: %w", SettingStopped, err)
		}
	}
	g.loaded = true
	g.set(now)
	return nil
}

// set ends what agents have under way, or lets them begin again. The caller
// holds mu.
func (g *Gate) set(now *Stop) {
	switch {
	case now != nil && g.stop == nil:
		g.cut(stopped(now))
	case now == nil && g.stop != nil:
		g.until, g.cut = context.WithCancelCause(context.Background())
	}
	g.stop = now
}

// stopped is what an agent hears.
func stopped(s *Stop) error {
	return op.Errorf(op.CodeAgentsStopped, "%s has stopped all agents; nothing more is done for them", s.By).
		WithHint("do not try another way: tell the person what you were about to do; a person lets agents work again with the button on any admin page")
}

// Close writes what is used up and stops watching.
func (g *Gate) Close(ctx context.Context) error {
	close(g.ended)
	g.flushed.Wait()
	g.watcher.Close()
	return g.write(ctx)
}

// keepEvery is how much of what is used up a kill may forget.
const keepEvery = 30 * time.Second

func (g *Gate) keep() {
	tick := time.NewTicker(keepEvery)
	defer tick.Stop()
	for {
		select {
		case <-g.ended:
			return
		case <-tick.C:
			ctx, cancel := context.WithTimeout(context.Background(), keepEvery)
			if err := g.write(ctx); err != nil {
				g.options.Logger.Warn("what tokens have used up is not written down", "error", err)
			}
			cancel()
		}
	}
}

func (g *Gate) write(ctx context.Context) error {
	mutations, err := g.meters.changed(minuteOf(g.options.Now()))
	if err != nil || len(mutations) == 0 {
		return err
	}
	_, err = g.options.DB.Write(ctx, &storage.Batch{Mutations: mutations})
	return err
}

// Used returns what a token has used up within the hour.
func (g *Gate) Used(token string) op.Budget { return g.meters.sum(token, g.options.Now()) }
