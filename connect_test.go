package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestReplaceServer(t *testing.T) {
	t.Parallel()
	entry := []byte(`{"url":"http://x/mcp"}`)
	for name, c := range map[string]struct{ old, want string }{
		"no file":       {"", "{\n  \"mcpServers\": {\n    \"fazt\": {\n      \"url\": \"http://x/mcp\"\n    }\n  }\n}\n"},
		"others stay":   {`{"z":1.50,"mcpServers":{"other":{"a":1}},"b":"<é>"}`, "{\n  \"z\": 1.50,\n  \"mcpServers\": {\n    \"other\": {\n      \"a\": 1\n    },\n    \"fazt\": {\n      \"url\": \"http://x/mcp\"\n    }\n  },\n  \"b\": \"<é>\"\n}\n"},
		"ours replaced": {`{"mcpServers":{"fazt":{"url":"old"},"q":{}}}`, "{\n  \"mcpServers\": {\n    \"fazt\": {\n      \"url\": \"http://x/mcp\"\n    },\n    \"q\": {}\n  }\n}\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := replaceServer([]byte(c.old), "mcpServers", entry)
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != c.want {
				t.Errorf("got %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestReplaceServerRefusesWhatItDoesNotUnderstand(t *testing.T) {
	t.Parallel()
	for _, old := range []string{"[]", "{", `{"mcpServers":[]}`, "// comment\n{}"} {
		if got, err := replaceServer([]byte(old), "mcpServers", []byte(`{}`)); err == nil {
			t.Errorf("%q became %q; a file that is not as expected must be left alone", old, got)
		}
	}
}

func TestReplaceTable(t *testing.T) {
	t.Parallel()
	entry := []byte("[mcp_servers.fazt]\nurl = \"new\"\n")
	for name, c := range map[string]struct{ old, want string }{
		"no file":       {"", "[mcp_servers.fazt]\nurl = \"new\"\n"},
		"others stay":   {"model = \"x\"\n\n[mcp_servers.other]\nurl = \"o\"\n", "model = \"x\"\n\n[mcp_servers.other]\nurl = \"o\"\n\n[mcp_servers.fazt]\nurl = \"new\"\n"},
		"ours replaced": {"[mcp_servers.fazt]\nurl = \"old\"\n# gone\n[b]\nc = 1\n", "[b]\nc = 1\n\n[mcp_servers.fazt]\nurl = \"new\"\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := string(replaceTable([]byte(c.old), entry)); got != c.want {
				t.Errorf("got %q\nwant %q", got, c.want)
			}
		})
	}
}

func TestConnectWritesForItsOwnerOnly(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	for name, target := range clientConfigs(home) {
		if err := target.write("http://127.0.0.1:8080/mcp", "fazt_secret"); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		info, err := os.Stat(target.path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %s has mode %v, and it holds a token", name, target.path, info.Mode())
		}
		text, err := os.ReadFile(target.path)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(text), "Bearer fazt_secret") || !strings.Contains(string(text), "127.0.0.1:8080/mcp") {
			t.Errorf("%s: %s", name, text)
		}
	}
}

func TestProfileRoundTrip(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	getenv := func(name string) string {
		if name == "XDG_CONFIG_HOME" {
			return dir
		}
		return ""
	}
	if p, err := loadProfile(getenv); err != nil || p != (profile{}) {
		t.Fatalf("without a file: %v, %v", p, err)
	}
	saved := profile{URL: "http://h", Token: "t"}
	path, err := saved.save(getenv)
	if err != nil {
		t.Fatal(err)
	}
	if p, err := loadProfile(getenv); err != nil || p != saved {
		t.Errorf("got %v, %v", p, err)
	}
	if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := loadProfile(getenv); err == nil || !strings.Contains(err.Error(), "fazt login") {
		t.Errorf("a broken profile: %v", err)
	}
}

func TestSocketPath(t *testing.T) {
	t.Parallel()
	runtimeDir := t.TempDir()
	getenv := func(string) string { return runtimeDir }
	short := filepath.Join(t.TempDir(), "d.db")
	if got, err := socketPath(short, getenv); err != nil || len(short) < maxSocketPath-10 && !strings.HasSuffix(got, "d.db.sock") {
		t.Errorf("%s, %v", got, err)
	}
	long := filepath.Join(t.TempDir(), strings.Repeat("long", 30), "d.db")
	got, err := socketPath(long, getenv)
	if err != nil || filepath.Dir(got) != runtimeDir {
		t.Errorf("a long path gave %s, %v", got, err)
	}
	again, _ := socketPath(long, getenv)
	other, _ := socketPath(long+"2", getenv)
	if got != again || got == other {
		t.Errorf("%s, %s, %s: the name must follow from the path", got, again, other)
	}
}

func TestPrivateDirRefusesOthers(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "open")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := privateDir(dir); err == nil {
		t.Error("a folder that others can enter was accepted")
	}
	if err := privateDir(filepath.Join(t.TempDir(), "fresh")); err != nil {
		t.Error(err)
	}
}
