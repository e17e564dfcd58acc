package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"time"

	"fazt/agent"
	"fazt/clientjs"
	"fazt/server"
	"fazt/server/auth"
	"fazt/server/op"
	"fazt/storage"
)

// config is what a server is started with.
type config struct {
	DB       string
	Domain   string
	Proxies  []netip.Prefix
	Owner    string // FAZT_ADMIN_TOKEN: the owner's token of a first start
	Logger   *slog.Logger
	Fixtures bool // serve the MCP conformance fixtures
	Getenv   func(string) string
}

// app is the whole program: storage, registry, agent and server, opened in
// that order and closed in reverse.
type app struct {
	config config
	db     *storage.DB
	auth   *auth.Auth
	agent  *agent.Agent
	http   *http.Server
	local  *localServer
	stop   context.CancelFunc // ends streams and long polls

	first firstStart
}

// firstStart holds the secrets that only a first start prints.
type firstStart struct {
	created    bool
	agentToken string
}
