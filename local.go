package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// The local socket lets the same user on the same machine ask a running server
// for a sign-in link or a token, without a secret: the file's permissions are
// the proof. Nothing else is served on it.

// maxSocketPath is what a Unix socket address holds on every system (macOS 104
// bytes, Linux 108, each with a final zero).
const maxSocketPath = 103

// socketPath returns where the socket of a database is: beside it, or in the
// user's runtime folder where that path would be too long.
func socketPath(db string, getenv func(string) string) (string, error) {
	full, err := filepath.Abs(db)
	if err != nil {
		return "", fmt.Errorf("find %s: %w", db, err)
	}
	if real, err := filepath.EvalSymlinks(full); err == nil {
		full = real
	}
	if beside := full + ".sock"; len(beside) <= maxSocketPath {
		return beside, nil
	}
	dir := getenv("XDG_RUNTIME_DIR")
	if dir == "" {
		dir = filepath.Join(os.TempDir(), fmt.Sprintf("fazt-%d", os.Getuid()))
		if err := privateDir(dir); err != nil {
			return "", err
		}
	}
	sum := sha256.Sum256([]byte(full))
	return filepath.Join(dir, fmt.Sprintf("fazt-%x.sock", sum[:8])), nil
}

// privateDir makes a folder that only this user can enter, and refuses one
// that somebody else made first.
func privateDir(dir string) error {
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("make %s: %w", dir, err)
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return fmt.Errorf("look at %s: %w", dir, err)
	}
	if !info.IsDir() || info.Mode().Perm() != 0o700 || !ownedByUser(info) {
		return fmt.Errorf("%s is not a folder of this user alone; remove it, or set XDG_RUNTIME_DIR", dir)
	}
	return nil
}

// localRequest is what the commands ask for.
type localRequest struct {
	Do   string `json:"do"`             // link, or token
	Kind string `json:"kind,omitempty"` // of the token: person or agent
	Name string `json:"name,omitempty"` // of the token
}

type localAnswer struct {
	URL   string `json:"url"` // the server's address, or the link
	Token string `json:"token,omitempty"`
	Error string `json:"error,omitempty"`
}

// localServer answers on the socket.
type localServer struct {
	path   string
	server *http.Server
	done   chan struct{}
}

// serveLocal opens the socket. The database's lock is held, so a socket that
// is there already was left by a server that died.
func serveLocal(path string, answer func(context.Context, localRequest) (localAnswer, error)) (*localServer, error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("remove the old socket: %w", err)
	}
	listener, err := listenPrivate(path)
	if err != nil {
		return nil, fmt.Errorf("open the local socket: %w", err)
	}
	l := &localServer{path: path, done: make(chan struct{})}
	l.server = &http.Server{
		Handler: localHandler(answer), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second,
	}
	go func() {
		defer close(l.done)
		_ = l.server.Serve(listener) // ends with ErrServerClosed
	}()
	return l, nil
}

func (l *localServer) Close(ctx context.Context) error {
	err := l.server.Shutdown(ctx)
	<-l.done
	return err
}

func localHandler(answer func(context.Context, localRequest) (localAnswer, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var request localRequest
		var reply localAnswer
		err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 4096)).Decode(&request)
		if err == nil {
			reply, err = answer(r.Context(), request)
		}
		if err != nil {
			reply = localAnswer{Error: err.Error()}
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(reply) // the asker has gone
	})
}

// askLocal asks the server of a database on this machine.
func askLocal(ctx context.Context, db string, getenv func(string) string, request localRequest) (localAnswer, error) {
	var answer localAnswer
	path, err := socketPath(db, getenv)
	if err != nil {
		return answer, err
	}
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", path)
	}
	transport := &http.Transport{DialContext: dial, DisableKeepAlives: true}
	client := &http.Client{Transport: transport, Timeout: 10 * time.Second}
	body, err := json.Marshal(request)
	if err != nil {
		return answer, err
	}
	post, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://local/", bytes.NewReader(body))
	if err != nil {
		return answer, err
	}
	response, err := client.Do(post)
	if err != nil {
		return answer, &unreachableError{url: "the local socket of " + db, cause: errors.New("no server of this database runs on this machine as this user")}
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return answer, fmt.Errorf("read the local answer: %w", err)
	}
	if answer.Error != "" {
		return answer, errors.New(answer.Error)
	}
	return answer, nil
}
