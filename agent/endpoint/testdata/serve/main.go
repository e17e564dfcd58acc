// Serve is a server of fixtures for trying the endpoint by hand.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"

	"fazt/agent/endpoint"
	"fazt/server/op"
)

func main() {
	e := endpoint.New(endpoint.Options{
		Registry:     op.NewRegistry(op.Ports{Admitter: op.AdmitAll{}, Recorder: op.RecordNone{}, Approver: op.ApproveAll{}}),
		Authenticate: func(*http.Request) (*op.Principal, error) { return nil, nil },
		Hosts:        func(h string) bool { return strings.HasPrefix(h, "127.0.0.1") || strings.HasPrefix(h, "localhost") },
		Origins:      func(string) bool { return false },
		Version:      "0", Fixtures: true, Logger: slog.Default(),
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println("http://" + l.Addr().String() + "/mcp")
	s := &http.Server{Handler: e.Handler()}
	go s.Serve(l)
	ctx, _ := signal.NotifyContext(context.Background(), os.Interrupt)
	<-ctx.Done()
	e.Close(context.Background())
}
