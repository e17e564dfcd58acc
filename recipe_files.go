package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"fazt/recipes"
	"fazt/server/op"
)

// recipeCommands are what is done with recipes as files.
type recipeCommands struct {
	New  recipeNewCommand  `cmd:"" help:"Write a file to begin with."`
	Push recipePushCommand `cmd:"" help:"Save files as recipes."`
	Pull recipePullCommand `cmd:"" help:"Write recipes into files."`
	Show recipeShowCommand `cmd:"" help:"Print a recipe's source."`
	Test recipeTestCommand `cmd:"" help:"Run a file's api without changing anything, and print its steps."`
}

type recipeNewCommand struct {
	Name string `arg:"" help:"The recipe's name, such as key_add."`
}

const recipeTemplate = `import { defineRecipe, expect } from "fazt";

export default defineRecipe({
  name: "NAME",
  title: "Store a greeting",
  effect: "write",
  scopes: ["kv:read", "kv:write"],
  input: { type: "object", properties: { app: { type: "string" } }, required: ["app"], additionalProperties: false },
  async api({ fazt, input }) {
    return fazt.kv.set({ app: input.app, key: "greeting", value: "hello" });
  },
  async check({ fazt, input }) {
    expect((await fazt.kv.get({ app: input.app, key: "greeting" })).value).toBe("hello");
  },
});
`

var recipeFileName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,29}$`)

func (c recipeNewCommand) Run(std *streams) error {
	if !recipeFileName.MatchString(c.Name) {
		return &usageError{message: fmt.Sprintf("%q cannot name a recipe", c.Name), hint: "a small letter, then up to 29 of a-z 0-9 _"}
	}
	path := c.Name + ".ts"
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if _, err := io.WriteString(file, strings.ReplaceAll(recipeTemplate, "NAME", c.Name)); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	fmt.Fprintf(std.out, "wrote %s; next: fazt recipe test %s --input '{\"app\":\"…\"}', then fazt recipe push %s\n", path, path, path)
	return file.Close()
}

type recipePushCommand struct {
	Files []string `arg:"" help:"The files, one recipe each." type:"existingfile"`
}

func (c recipePushCommand) Run(ctx context.Context, std *streams, registry *op.Registry) error {
	client, err := newAPIClient(std)
	if err != nil {
		return err
	}
	for _, path := range c.Files {
		source, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("read %s: %w", path, err)
		}
		var saved struct{ Name, State, Hash string }
		if err := client.ask(ctx, registry, "recipe_save", map[string]string{"source": string(source)}, &saved); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		fmt.Fprintf(std.out, "%s: %s is %s (%.8s)\n", path, saved.Name, saved.State, saved.Hash)
	}
	return nil
}

type recipePullCommand struct {
	Names []string `arg:"" optional:"" help:"Which; the default is all that were saved."`
	Dir   string   `short:"o" default:"." help:"The folder to write to." type:"existingdir"`
}

func (c recipePullCommand) Run(ctx context.Context, std *streams, registry *op.Registry) error {
	client, err := newAPIClient(std)
	if err != nil {
		return err
	}
	if len(c.Names) == 0 {
		if c.Names, err = savedRecipes(ctx, client, registry); err != nil {
			return err
		}
	}
	for _, name := range c.Names {
		source, err := recipeSource(ctx, client, registry, name)
		if err != nil {
			return err
		}
		path := filepath.Join(c.Dir, filepath.Base(name)+".ts")
		if err := os.WriteFile(path, []byte(source), 0o644); err != nil {
			return fmt.Errorf("write %s: %w", path, err)
		}
		fmt.Fprintln(std.out, path)
	}
	return nil
}

func savedRecipes(ctx context.Context, client *apiClient, registry *op.Registry) ([]string, error) {
	var list struct {
		Items []struct{ Name, State string }
	}
	if err := client.ask(ctx, registry, "recipe_list", struct{}{}, &list); err != nil {
		return nil, err
	}
	var names []string
	for _, item := range list.Items {
		if item.State != "shipped" && (len(names) == 0 || names[len(names)-1] != item.Name) {
			names = append(names, item.Name)
		}
	}
	return names, nil
}

func recipeSource(ctx context.Context, client *apiClient, registry *op.Registry, name string) (string, error) {
	var got struct{ Source string }
	err := client.ask(ctx, registry, "recipe_get", map[string]string{"name": name}, &got)
	return got.Source, err
}

type recipeShowCommand struct {
	Name string `arg:"" help:"The recipe's name."`
}

func (c recipeShowCommand) Run(ctx context.Context, std *streams, registry *op.Registry) error {
	client, err := newAPIClient(std)
	if err != nil {
		return err
	}
	source, err := recipeSource(ctx, client, registry, c.Name)
	if err != nil {
		return err
	}
	_, err = io.WriteString(std.out, source)
	return err
}

// ask makes a call and reads its answer.
func (c *apiClient) ask(ctx context.Context, registry *op.Registry, name string, input, into any) error {
	o, err := registry.Find(name)
	if err != nil {
		return err
	}
	raw, err := json.Marshal(input)
	if err != nil {
		return err
	}
	answer, err := c.call(ctx, o, raw, op.Envelope{})
	if err != nil {
		return err
	}
	defer answer.Close()
	if err := json.NewDecoder(answer).Decode(into); err != nil {
		return fmt.Errorf("read the answer of %s: %w", name, err)
	}
	return nil
}

type recipeTestCommand struct {
	File  string `arg:"" help:"The recipe's file." type:"existingfile"`
	Input string `default:"{}" help:"Its input, a JSON object." placeholder:"JSON"`
}

// Run carries the api out on this machine. What it reads comes from the server,
// what it would write the server tries without doing it.
func (c recipeTestCommand) Run(ctx context.Context, std *streams, registry *op.Registry) error {
	source, err := os.ReadFile(c.File)
	if err != nil {
		return fmt.Errorf("read %s: %w", c.File, err)
	}
	client, err := newAPIClient(std)
	if err != nil {
		return err
	}
	pool, err := recipes.NewPool(recipes.PoolOptions{Logger: slog.New(slog.NewTextHandler(std.err, &slog.HandlerOptions{Level: slog.LevelWarn}))})
	if err != nil {
		return err
	}
	defer pool.Close(context.WithoutCancel(ctx))
	compiled, err := pool.Compile(ctx, recipes.Source{Name: filepath.Base(c.File), Code: string(source)})
	if err != nil {
		return err
	}
	if !compiled.Definition.HasAPI {
		return &usageError{message: c.File + " has no api", hint: "a test runs the api; run its ui with fazt recipe run --mode ui"}
	}
	dry := &dryHost{client: client, registry: registry, out: std.out}
	result, err := pool.Run(ctx, recipes.RunRequest{
		Compiled: compiled, Entry: recipes.EntryAPI, Host: dry.call, Args: json.RawMessage(`{"input":` + c.Input + `}`),
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(std.out, "ok %s; nothing was changed\n", result.Value)
	return nil
}

// dryHost carries out the calls of a test.
type dryHost struct {
	client   *apiClient
	registry *op.Registry
	out      io.Writer
}

func (h *dryHost) call(ctx context.Context, kind string, args json.RawMessage) (json.RawMessage, error) {
	var c recipes.OpCall
	if kind != recipes.CallOp || json.Unmarshal(args, &c) != nil {
		return nil, &recipes.HostError{Code: "invalid_input", Message: "a test has operations only", Hint: "save the recipe and run it"}
	}
	o, err := h.registry.Find(c.Name)
	if err != nil {
		return nil, &recipes.HostError{Code: string(op.AsError(err).Code), Message: op.AsError(err).Detail}
	}
	note := "read"
	if o.Effect != op.Read {
		note = "tried"
	}
	value, err := h.answer(ctx, o, c.Input)
	if err != nil {
		e := op.AsError(err)
		fmt.Fprintf(h.out, "%s %s: %s %s\n", o.Name, c.Input, e.Code, e.Detail)
		return nil, &recipes.HostError{Code: string(e.Code), Message: e.Detail, Hint: e.Hint, Field: e.Field}
	}
	fmt.Fprintf(h.out, "%s %s: %s %s\n", o.Name, c.Input, note, value)
	return value, nil
}

func (h *dryHost) answer(ctx context.Context, o *op.Operation, input []byte) (json.RawMessage, error) {
	answer, err := h.client.call(ctx, o, input, op.Envelope{DryRun: o.Effect != op.Read})
	if err != nil {
		return nil, err
	}
	defer answer.Close()
	return io.ReadAll(answer)
}
