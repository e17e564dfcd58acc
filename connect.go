package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// connectCommand writes an MCP client's configuration. Each connection gets an
// agent token of its own, so that it can be revoked alone.
type connectCommand struct {
	Client string `arg:"" enum:"claude,cursor,vscode,codex" help:"claude, cursor, vscode or codex."`
	DB     string `name:"db" default:"data.db" help:"The database of the server on this machine."`
	URL    string `name:"url" help:"The server's address, when it is not on this machine (with --token)."`
	Token  string `help:"The agent token to write; the default is a new one from the server on this machine."`
	Print  bool   `help:"Print the configuration instead of writing it."`
}

func (c *connectCommand) Run(ctx context.Context, std *streams) error {
	address, token := c.URL, c.Token
	if (address == "") != (token == "") {
		return &usageError{message: "--url and --token go together", hint: "leave both out for the server on this machine"}
	}
	if token == "" {
		answer, err := askLocal(ctx, c.DB, std.getenv, localRequest{Do: "token", Kind: "agent", Name: c.Client})
		if err != nil {
			return err
		}
		address, token = answer.URL, answer.Token
	}
	home, err := homeDir(std.getenv)
	if err != nil {
		return err
	}
	target := clientConfigs(home)[c.Client]
	endpoint := strings.TrimRight(address, "/") + "/mcp"
	if c.Print {
		_, err := fmt.Fprintf(std.out, "%s\n", target.entry(endpoint, token))
		return err
	}
	if err := target.write(endpoint, token); err != nil {
		return err
	}
	_, err = fmt.Fprintf(std.out, "%s now knows fazt at %s (in %s); restart it if it is running\n", c.Client, endpoint, target.path)
	return err
}

func homeDir(getenv func(string) string) (string, error) {
	if home := getenv("HOME"); home != "" {
		return home, nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("find the home folder: %w", err)
	}
	return home, nil
}

// clientConfig is where and how a client keeps its MCP servers.
type clientConfig struct {
	path  string
	list  string // the JSON member that holds the servers; "" = TOML
	entry func(endpoint, token string) []byte
}

// clientConfigs returns each client's user-wide configuration, as their
// documentation describes it.
func clientConfigs(home string) map[string]clientConfig {
	code := filepath.Join(home, ".config", "Code")
	switch runtime.GOOS {
	case "darwin":
		code = filepath.Join(home, "Library", "Application Support", "Code")
	case "windows":
		code = filepath.Join(home, "AppData", "Roaming", "Code")
	}
	return map[string]clientConfig{
		"claude": {filepath.Join(home, ".claude.json"), "mcpServers", httpEntry},
		"cursor": {filepath.Join(home, ".cursor", "mcp.json"), "mcpServers", urlEntry},
		"vscode": {filepath.Join(code, "User", "mcp.json"), "servers", httpEntry},
		"codex":  {filepath.Join(home, ".codex", "config.toml"), "", tomlEntry},
	}
}

func httpEntry(endpoint, token string) []byte {
	return fmt.Appendf(nil, `{"type":"http","url":%s,"headers":{"Authorization":%s}}`, quote(endpoint), quote("Bearer "+token))
}

func urlEntry(endpoint, token string) []byte {
	return fmt.Appendf(nil, `{"url":%s,"headers":{"Authorization":%s}}`, quote(endpoint), quote("Bearer "+token))
}

// tomlEntry relies on a JSON string of ASCII being a TOML basic string.
func tomlEntry(endpoint, token string) []byte {
	return fmt.Appendf(nil, "[mcp_servers.fazt]\nurl = %s\nhttp_headers = { Authorization = %s }\n", quote(endpoint), quote("Bearer "+token))
}

func quote(text string) []byte {
	quoted, err := jsontext.AppendQuote(nil, text)
	if err != nil {
		return []byte(`""`) // not UTF-8, which no address or token is
	}
	return quoted
}

// write puts the entry into the client's file and keeps all else that is in it.
func (t clientConfig) write(endpoint, token string) error {
	old, err := os.ReadFile(t.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("read %s: %w", t.path, err)
	}
	entry := t.entry(endpoint, token)
	updated := replaceTable(old, entry)
	if t.list != "" {
		if updated, err = replaceServer(old, t.list, entry); err != nil {
			return fmt.Errorf("%s is not as expected (%w); add this by hand: %s", t.path, err, entry)
		}
	}
	return writePrivate(t.path, updated)
}

// replaceServer sets the member fazt of the object's member list.
func replaceServer(config []byte, list string, entry []byte) ([]byte, error) {
	if len(bytes.TrimSpace(config)) == 0 {
		config = []byte("{}")
	}
	top, err := members(config)
	if err != nil {
		return nil, err
	}
	servers := jsontext.Value("{}")
	if i := indexMember(top, list); i >= 0 {
		servers = top[i].value
	}
	inner, err := members(servers)
	if err != nil {
		return nil, err
	}
	top = setMember(top, list, object(setMember(inner, "fazt", entry)))
	updated := jsontext.Value(object(top))
	if err := updated.Format(jsontext.WithIndent("  "), json.Deterministic(false)); err != nil {
		return nil, err
	}
	return append(updated, '\n'), nil
}

func indexMember(fields []member, name string) int {
	return slices.IndexFunc(fields, func(m member) bool { return m.name == name })
}

func setMember(fields []member, name string, value []byte) []member {
	if i := indexMember(fields, name); i >= 0 {
		fields[i].value = value
		return fields
	}
	return append(fields, member{name: name, value: value})
}

// replaceTable replaces the TOML table of the entry, or adds it at the end. A
// table lasts until the next line that opens one (TOML 1.0, Table).
func replaceTable(config, entry []byte) []byte {
	header, _, _ := bytes.Cut(entry, []byte("\n"))
	var kept [][]byte
	inside := false
	for line := range bytes.Lines(config) {
		if trimmed := bytes.TrimSpace(line); bytes.HasPrefix(trimmed, []byte("[")) {
			inside = bytes.Equal(trimmed, header)
		}
		if !inside {
			kept = append(kept, line)
		}
	}
	updated := bytes.TrimRight(bytes.Join(kept, nil), "\n")
	if len(updated) > 0 {
		updated = append(updated, "\n\n"...)
	}
	return append(updated, entry...)
}
