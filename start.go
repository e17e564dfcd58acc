package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"fazt/agent"
	"fazt/clientjs"
	"fazt/server"
	"fazt/server/auth"
	"fazt/server/op"
	"fazt/storage"
)

type startCommand struct {
	Port          int      `default:"8080" help:"The port; 0 takes any that is free."`
	Listen        string   `default:"127.0.0.1" help:"The address to listen on. Beyond this machine it needs --behind-proxy or --insecure." placeholder:"IP"`
	Domain        string   `help:"The name under which the admin page and, below it, the apps are reached." placeholder:"NAME"`
	DB            string   `name:"db" default:"data.db" help:"The database file; it is made when it is not there." placeholder:"FILE"`
	BehindProxy   []string `name:"behind-proxy" help:"A network of proxies that speak TLS; their word about the client is believed." placeholder:"CIDR"`
	Insecure      bool     `help:"Listen beyond this machine without TLS, on a network you trust."`
	Recipes       string   `help:"A folder whose *.ts files are saved as recipes whenever they change." placeholder:"DIR"`
	Log           string   `default:"info" enum:"debug,info,warn,error" help:"What goes to the log: debug (every request), info, warn or error."`
	NoCalibration bool     `name:"no-calibration" help:"Leave it to you to measure the machine; a new server does so by itself after a minute."`
	McpFixtures   bool     `name:"mcp-fixtures" hidden:""`
}

// Run serves until the context ends, by a signal, and then stops cleanly.
func (c *startCommand) Run(ctx context.Context, std *streams) error {
	if err := checkListen(c.Listen, c.BehindProxy, c.Insecure); err != nil {
		return err
	}
	if err := checkDomain(c.Domain); err != nil {
		return err
	}
	proxies, err := parseProxies(c.BehindProxy)
	if err != nil {
		return err
	}
	level := slog.LevelInfo
	if err := level.UnmarshalText([]byte(c.Log)); err != nil {
		return &usageError{message: err.Error(), hint: "--log debug, info, warn or error"}
	}
	ctx, cancel := withParent(ctx)
	defer cancel()
	logger := slog.New(slog.NewTextHandler(std.err, &slog.HandlerOptions{Level: level}))
	a, err := openApp(ctx, config{
		DB: c.DB, Address: c.Listen, Port: c.Port, Domain: c.Domain, Proxies: proxies, Owner: std.getenv("FAZT_ADMIN_TOKEN"),
		Logger: logger, Fixtures: c.McpFixtures, NoCalibration: c.NoCalibration, Getenv: std.getenv,
	})
	if err != nil {
		return explainStart(err, c.DB)
	}
	stopRecipes, err := a.watchRecipes(ctx, c.Recipes)
	if err != nil {
		return errors.Join(err, a.Close(context.WithoutCancel(ctx)))
	}
	if err := a.welcome(ctx, std.out); err != nil {
		stopRecipes()
		return errors.Join(err, a.Close(context.WithoutCancel(ctx)))
	}
	err = a.wait(ctx)
	stopRecipes()
	return errors.Join(err, a.Close(context.WithoutCancel(ctx)))
}

// wait returns when the context ends, or with the error of a listener that
// failed.
func (a *app) wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-a.served:
		a.served <- err // Close looks again
		return fmt.Errorf("serve: %w", err)
	}
}

// welcome says how to begin. The last line is what programs wait for.
func (a *app) welcome(ctx context.Context, out io.Writer) error {
	self, db := selfCommand(), ""
	if a.config.DB != "data.db" {
		db = " --db " + a.config.DB
	}
	text := fmt.Sprintf("sign in: %s open%s\n", self, db)
	if a.first.created {
		link, err := a.auth.Link(ctx)
		if err != nil {
			return err
		}
		text = fmt.Sprintf(`fazt %s made %s, with an owner's and an agent's token.

  sign in      %s%s
               (once, within %d minutes; later: %s open%s)
  your agent   claude mcp add --transport http fazt %s/mcp --header "Authorization: Bearer %s"
               (or let fazt write it: %s connect claude, cursor, vscode or codex%s)

The agent's token is shown only now.

`, version, a.db.Path(), a.url, link, int(auth.LinkLife/time.Minute), self, db, a.url, a.first.agentToken, self, db)
	}
	_, err := fmt.Fprintf(out, "%sfazt ready %s\n", text, a.url)
	return err
}

// startError is a start that cannot be, with the next step.
type startError struct {
	message, hint string
	cause         error
}

func (e *startError) Error() string { return e.message }

func (e *startError) Unwrap() error { return e.cause }

// explainStart says what keeps a database from being opened and what to do.
func explainStart(err error, db string) error {
	var locked *storage.LockedError
	var newer *storage.NewerSchemaError
	var coded *op.Error
	folder := filepath.Dir(db)
	switch {
	case errors.As(err, &locked):
		holder := "another process"
		if locked.PID != 0 {
			holder = fmt.Sprintf("process %d", locked.PID)
		}
		return &startError{
			message: fmt.Sprintf("%s is open in %s", db, holder),
			hint:    "stop that one first, or serve another file with --db FILE; " + selfCommand() + " open signs in to the one that runs", cause: err,
		}
	case errors.As(err, &newer):
		return &startError{
			message: fmt.Sprintf("%s was written by a newer fazt (schema %d; this one knows %d)", db, newer.Have, newer.Know),
			hint:    "start the newer program, or restore a backup that this one made", cause: err,
		}
	case errors.Is(err, fs.ErrNotExist):
		return &startError{message: fmt.Sprintf("there is no folder %s", folder), hint: "create it, or choose another file with --db FILE", cause: err}
	case errors.Is(err, fs.ErrPermission):
		return &startError{
			message: fmt.Sprintf("this user may not write %s, or not in its folder %s", db, folder),
			hint:    "give this user the right, or choose another file with --db FILE", cause: err,
		}
	case errors.As(err, &coded) && coded.Code == op.CodeInvalidInput:
		return &usageError{message: coded.Detail, hint: coded.Hint}
	}
	return err
}

type tokenResetCommand struct {
	DB string `name:"db" default:"data.db" help:"The database file." placeholder:"FILE"`
}

// Run replaces the owner's token. The server must be stopped: who may write
// its file could read everything in it anyway.
func (c tokenResetCommand) Run(ctx context.Context, std *streams) error {
	if _, err := os.Stat(c.DB); err != nil {
		return &usageError{message: fmt.Sprintf("there is no database %s", c.DB), hint: selfCommand() + " token reset --db FILE"}
	}
	logger := slog.New(slog.NewTextHandler(std.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
	secret, err := resetOwner(ctx, c.DB, logger)
	if err != nil {
		return explainStart(err, c.DB)
	}
	fmt.Fprintln(std.err, "the owner's new token, shown only now; the old one and its sessions have ended:")
	_, err = fmt.Fprintln(std.out, secret)
	return err
}

func resetOwner(ctx context.Context, path string, logger *slog.Logger) (secret string, err error) {
	db, err := storage.Open(ctx, storage.Options{Path: path, Now: time.Now, Logger: logger})
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, db.Close(context.WithoutCancel(ctx))) }()
	a := auth.New(auth.Options{DB: db, Now: time.Now, Rand: rand.Reader})
	defer a.Close()
	return a.ResetOwner(ctx)
}

// describe returns the registry of everything that can be done, without a
// database: for help, documents and the client.
func describe() (*op.Registry, error) {
	registry := op.NewRegistry(op.Ports{})
	if err := registry.Add((&server.Service{}).Operations()...); err != nil {
		return nil, err
	}
	return registry, registry.Add((&agent.Agent{}).Operations()...)
}

// bundle builds the ES module over a registry.
func bundle(registry *op.Registry) (*clientjs.Assets, error) {
	return clientjs.Bundle(clientjs.Options{Operations: op.ClientModule(registry), Declarations: op.Declarations(registry)})
}

// docInfo is the head of documents that no server serves.
func docInfo() op.DocInfo {
	return op.DocInfo{Title: "fazt", Version: version, ServerURL: "http://127.0.0.1:8080"}
}
