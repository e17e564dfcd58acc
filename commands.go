package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"runtime"

	"fazt/agent"
	"fazt/server/op"
)

type versionCommand struct{}

func (versionCommand) Run(std *streams) error {
	_, err := fmt.Fprintf(std.out, "fazt %s (%s %s/%s)\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}

type openapiCommand struct{}

func (openapiCommand) Run(std *streams, registry *op.Registry) error {
	document, err := op.OpenAPI(registry, docInfo())
	if err != nil {
		return err
	}
	_, err = std.out.Write(document)
	return err
}

type skillCommand struct{}

func (skillCommand) Run(std *streams) error {
	_, err := io.WriteString(std.out, agent.SkillText())
	return err
}

type moduleCommand struct {
	Output string `short:"o" help:"The file to write; the default is standard output." placeholder:"FILE"`
}

func (c moduleCommand) Run(std *streams, registry *op.Registry) error {
	assets, err := bundle(registry)
	if err != nil {
		return err
	}
	if c.Output == "" {
		_, err = std.out.Write(assets.Module())
		return err
	}
	if err := os.WriteFile(c.Output, assets.Module(), 0o644); err != nil {
		return fmt.Errorf("write the module: %w", err)
	}
	return nil
}

type backupCommand struct {
	Dir string `help:"Write it into this folder as fazt-DATE-TIME.db, checked once more, instead." placeholder:"DIR"`
}

func (c backupCommand) Run(ctx context.Context, std *streams, registry *op.Registry) error {
	if c.Dir != "" {
		return backupTo(ctx, c.Dir, std, registry)
	}
	if std.terminal {
		return &usageError{message: "a database is no text for a terminal", hint: "fazt backup > f.db"}
	}
	return fetch(ctx, std, registry, "system_backup", "{}", std.out)
}

type mcpCommand struct {
	Dir string `default:"." help:"The folder whose files tools may read, as in \"@./contacts.csv\"." placeholder:"DIR"`
}

func (c mcpCommand) Run(ctx context.Context, std *streams) error {
	client, err := newAPIClient(std)
	if err != nil {
		return err
	}
	return agent.Bridge(ctx, std.in, std.out, agent.BridgeOptions{URL: client.url + "/mcp", Token: client.token, Dir: c.Dir})
}

type openCommand struct {
	DB    string `name:"db" default:"data.db" help:"The database of the server on this machine."`
	Print bool   `help:"Print the link instead of opening it."`
}

// Run opens a link that signs in by itself: it was made for this user over the
// local socket and is used up by the browser that opens it.
func (c openCommand) Run(ctx context.Context, std *streams) error {
	answer, err := askLocal(ctx, c.DB, std.getenv, localRequest{Do: "link"})
	if err != nil {
		return err
	}
	if !c.Print && openBrowser(ctx, answer.URL) == nil {
		_, err := fmt.Fprintln(std.out, "opened the admin page in your browser")
		return err
	}
	_, err = fmt.Fprintln(std.out, answer.URL)
	return err
}

// openBrowser starts the desktop's browser and does not wait for it.
func openBrowser(ctx context.Context, address string) error {
	name, args := "xdg-open", []string{address}
	switch runtime.GOOS {
	case "darwin":
		name = "open"
	case "windows":
		name, args = "rundll32", []string{"url.dll,FileProtocolHandler", address}
	}
	return exec.CommandContext(context.WithoutCancel(ctx), name, args...).Run()
}

type loginCommand struct {
	URL   string `arg:"" optional:"" help:"The server's address, for one that is not on this machine; the token is read from standard input."`
	DB    string `name:"db" default:"data.db" help:"The database of the server on this machine."`
	Agent bool   `help:"Ask the server on this machine for an agent's token rather than a person's."`
}

func (c loginCommand) Run(ctx context.Context, std *streams) error {
	saved := profile{URL: c.URL}
	if c.URL == "" {
		kind := "person"
		if c.Agent {
			kind = "agent"
		}
		answer, err := askLocal(ctx, c.DB, std.getenv, localRequest{Do: "token", Kind: kind, Name: "cli"})
		if err != nil {
			return err
		}
		saved.URL, saved.Token = answer.URL, answer.Token
	} else {
		fmt.Fprint(std.err, "token: ")
		if _, err := fmt.Fscanln(std.in, &saved.Token); err != nil {
			return &usageError{message: "no token was given", hint: "paste it, or: fazt login URL < token.txt"}
		}
	}
	if err := checkLogin(ctx, saved); err != nil {
		return err
	}
	path, err := saved.save(std.getenv)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(std.out, "operations now go to %s (saved in %s)\n", saved.URL, path)
	return err
}

// checkLogin asks the server before anything is saved.
func checkLogin(ctx context.Context, saved profile) error {
	client := &apiClient{url: saved.URL, token: saved.Token, http: &http.Client{}}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, saved.URL+"/api/apps?limit=1", nil)
	if err != nil {
		return &usageError{message: fmt.Sprintf("%q is no address", saved.URL), hint: "as in http://127.0.0.1:8080"}
	}
	answer, err := client.send(request)
	if err != nil {
		return err
	}
	return answer.Close()
}
