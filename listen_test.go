package main

import (
	"errors"
	"net"
	"runtime"
	"strings"
	"testing"
)

func TestCheckListen(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		address  string
		proxies  []string
		insecure bool
		refused  string
	}{
		{address: "127.0.0.1"},
		{address: "::1"},
		{address: "localhost"},
		{address: "127.9.9.9"},
		{address: "0.0.0.0", refused: "--insecure"},
		{address: "::", refused: "--behind-proxy"},
		{address: "192.168.1.4", refused: "--behind-proxy"},
		{address: "::ffff:10.0.0.1", refused: "--insecure"},
		{address: "0.0.0.0", proxies: []string{"10.0.0.0/8"}},
		{address: "0.0.0.0", insecure: true},
		{address: "example.org", refused: "127.0.0.1"},
	} {
		err := checkListen(c.address, c.proxies, c.insecure)
		var usage *usageError
		switch {
		case c.refused == "" && err != nil:
			t.Errorf("%s: %v", c.address, err)
		case c.refused != "" && (!errors.As(err, &usage) || !strings.Contains(usage.hint, c.refused)):
			t.Errorf("%s: %v, want a hint with %s", c.address, err, c.refused)
		}
	}
}

func TestParseProxies(t *testing.T) {
	t.Parallel()
	got, err := parseProxies([]string{"10.0.0.0/8", "::1", "127.0.0.1"})
	if err != nil || len(got) != 3 || got[2].Bits() != 32 {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := parseProxies([]string{"proxy"}); err == nil {
		t.Error("a name was taken for a network")
	}
}

func TestListenSaysWhoHasThePort(t *testing.T) {
	t.Parallel()
	first, err := listen("127.0.0.1", 0)
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	port := first.Addr().(*net.TCPAddr).Port
	_, err = listen("127.0.0.1", port)
	var usage *usageError
	if !errors.As(err, &usage) || !strings.Contains(usage.hint, "--port") {
		t.Fatalf("%v", err)
	}
	if runtime.GOOS == "linux" && !strings.Contains(usage.message, "(pid ") {
		t.Errorf("%q does not name the process", usage.message)
	}
}

func TestUnderGoRun(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]bool{
		"/tmp/go-build123/b001/exe/fazt":  true,
		"/tmp/go-build123/b001/fazt.test": false,
		"/usr/local/bin/fazt":             false,
		"/tmp/fazt":                       false,
		"/home/go-build/exe/fazt":         false,
	} {
		if got := underGoRun(path, "/tmp"); got != want {
			t.Errorf("%s: %v", path, got)
		}
	}
}
