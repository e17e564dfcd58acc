package main

import (
	"context"

	"github.com/go-json-experiment/json"

	"fazt/server/op"
)

// originCommands list the sites whose scripts may call the server. They are
// the origins of the settings, under the words that people look for.
type originCommands struct {
	Add    originAddCommand    `cmd:"" help:"Let scripts of a site call this server with a token: fazt origin add https://example.org."`
	Remove originRemoveCommand `cmd:"" help:"Take a site off the list again."`
}

type originAddCommand struct {
	URL []string `arg:"" name:"url" help:"The origin: scheme, host and port, as in https://example.org."`
}

func (c originAddCommand) Run(ctx context.Context, std *streams, registry *op.Registry) error {
	return changeOrigins(ctx, std, registry, "add_origins", c.URL)
}

type originRemoveCommand struct {
	URL []string `arg:"" name:"url" help:"The origin, as it was added."`
}

func (c originRemoveCommand) Run(ctx context.Context, std *streams, registry *op.Registry) error {
	return changeOrigins(ctx, std, registry, "remove_origins", c.URL)
}

func changeOrigins(ctx context.Context, std *streams, registry *op.Registry, field string, origins []string) error {
	o, err := registry.Find("setting_update")
	if err != nil {
		return err
	}
	input, err := json.Marshal(map[string][]string{field: origins})
	if err != nil {
		return err
	}
	client, err := newAPIClient(std)
	if err != nil {
		return err
	}
	answer, err := client.call(ctx, o, input, op.Envelope{})
	if err != nil {
		return err
	}
	defer answer.Close()
	return printAnswer(std, o, answer)
}
