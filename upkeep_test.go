package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestUpkeep backs up, loses, restores, checks, exports and imports with the
// real program, as its owner would.
func TestUpkeep(t *testing.T) {
	t.Parallel()
	p := serve(t)
	dir := t.TempDir()
	run := p.runner(t)
	run(exitOK, "shop", "app", "create", "--id", "shop", "--title", "The shop")
	run(exitOK, "", "kv", "set", "--app", "shop", "--key", "a/1", "--value", `{"n":1.50}`)
	run(exitOK, "", "kv", "set", "--app", "shop", "--key", "ü", "--value", `null`)
	run(exitOK, "https://b.example", "origin", "add", "https://a.example", "https://b.example")
	run(exitOK, `["https://b.example"]`, "origin", "remove", "https://a.example")
	run(exitFailed, "invalid_input", "origin", "add", "no-origin")
	backup := strings.TrimSpace(run(exitOK, dir, "backup", "--dir", dir))
	run(exitUsage, "create the folder", "backup", "--dir", filepath.Join(dir, "none"))
	run(exitOK, "is sound", "db", "check", "--db", p.db)

	archive := filepath.Join(dir, "shop.tar.gz")
	if err := os.WriteFile(archive, []byte(run(exitOK, "", "export", "--app", "shop")), 0o600); err != nil {
		t.Fatal(err)
	}
	run(exitOK, "imported 2 keys, 0 documents and 0 files into app copy", "import", archive, "--app", "copy")
	run(exitOK, `{"n":1.50}`, "kv", "get", "--app", "copy", "--key", "a/1")
	run(exitFailed, "already_exists", "import", archive)
	run(exitFailed, "app_not_found", "export", "--app", "none")
	torn := filepath.Join(dir, "torn.tar.gz")
	whole, err := os.ReadFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(torn, whole[:len(whole)-9], 0o600); err != nil {
		t.Fatal(err)
	}
	run(exitFailed, "nothing was imported", "import", torn, "--app", "half")
	run(exitFailed, "app_not_found", "app", "get", "--app", "half")

	run(exitOK, "", "kv", "set", "--app", "shop", "--key", "a/1", "--value", `"lost"`)
	run(exitFailed, "is open in process", "restore", backup, "--db", p.db, "--overwrite")
	if code := p.terminate(t); code != exitOK {
		t.Fatalf("the server ended with %d", code)
	}
	run(exitFailed, "--overwrite", "restore", backup, "--db", p.db)
	run(exitFailed, "nothing was changed", "restore", archive, "--db", p.db, "--overwrite")
	run(exitOK, "before-restore", "restore", backup, "--db", p.db, "--overwrite")
	run(exitOK, "is sound: version 42949", "db", "check", "--db", p.db)

	p = serveDB(t, p.db)
	run = p.runner(t)
	run(exitOK, `{"n":1.50}`, "kv", "get", "--app", "shop", "--key", "a/1")
	run(exitFailed, "app_not_found", "app", "get", "--app", "copy")
}
