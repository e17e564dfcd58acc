package main

import (
	"context"
	"errors"
	"net/http"
	"time"
)

const (
	// closeTime is how long a stop may take in all. Service managers kill after
	// 10 s (Docker) or 90 s (systemd).
	closeTime = 9 * time.Second
	// graceTime is how long calls under way may go on before what waits, such
	// as a long poll, is ended.
	graceTime = 2 * time.Second
)

// Close stops in the reverse order of opening: no new connections, then the
// streams and tabs, then the calls under way, and last the database, which
// writes and answers what it has accepted. It may be called on an app that was
// opened half-way.
func (a *app) Close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, closeTime)
	defer cancel()
	var errs []error
	if a.local != nil {
		errs = append(errs, a.local.Close(ctx))
	}
	if a.meter != nil {
		a.meter.Close()
	}
	errs = append(errs, a.closeHTTP(ctx))
	if a.pool != nil {
		errs = append(errs, a.pool.Close(ctx))
	}
	if a.limits != nil {
		errs = append(errs, a.limits.Close(ctx))
	}
	if a.settings != nil {
		a.settings.Close()
	}
	if a.auth != nil {
		a.auth.Close()
	}
	if a.service != nil {
		a.service.CloseUploads()
	}
	if a.db != nil {
		errs = append(errs, a.db.Close(ctx))
	}
	return errors.Join(errs...)
}

// closeHTTP shuts the listener first. Shutdown then waits for connections that
// are not idle, so everything that would keep one open has to be ended while
// it waits.
func (a *app) closeHTTP(ctx context.Context) error {
	if a.http == nil {
		if a.listener != nil {
			a.listener.Close()
		}
		return a.closeAgent(ctx)
	}
	shut := make(chan error, 1)
	go func() { shut <- a.http.Shutdown(ctx) }()
	errs := []error{a.server.Drain(ctx), a.closeAgent(ctx)}
	grace := time.AfterFunc(graceTime, a.stop)
	err := <-shut
	grace.Stop()
	a.stop()
	if err != nil {
		errs = append(errs, a.http.Close()) // a connection that will not end
	}
	if err := <-a.served; !errors.Is(err, http.ErrServerClosed) {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

func (a *app) closeAgent(ctx context.Context) error {
	if a.agent == nil {
		return nil
	}
	return a.agent.Close(ctx)
}
