package capacity

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// serveBounded serves behind a Connections.
func serveBounded(t *testing.T, o ConnectionsOptions) (*Connections, string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := NewConnections(o)
	server := &http.Server{ReadHeaderTimeout: time.Minute, ConnState: c.StateChanged, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "ok") // the client looks
	})}
	done := make(chan error, 1)
	go func() { done <- server.Serve(c.Listener(listener)) }()
	t.Cleanup(func() {
		if err := errors.Join(server.Close()); err != nil {
			t.Error(err)
		}
		<-done
	})
	return c, listener.Addr().String()
}

func dialled(t *testing.T, address string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return conn
}

// asks makes a request and reports whether it was answered.
func asks(conn net.Conn) bool {
	if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		return false
	}
	var answer [512]byte
	n, err := conn.Read(answer[:])
	return err == nil && strings.HasPrefix(string(answer[:n]), "HTTP/1.1 200")
}

// isClosed waits for the other side to end a connection.
func isClosed(conn net.Conn) bool {
	var b [1]byte
	_, err := conn.Read(b[:])
	var late net.Error
	return err != nil && !(errors.As(err, &late) && late.Timeout())
}

// TestSilentMakeRoom: who has asked nothing is closed for who comes, the longest
// silent one first; who has asked stays until nobody else can go.
func TestSilentMakeRoom(t *testing.T) {
	t.Parallel()
	c, address := serveBounded(t, ConnectionsOptions{Most: 3, PerAddress: 10})
	asked := dialled(t, address)
	if !asks(asked) {
		t.Fatal("no answer")
	}
	slow := dialled(t, address)
	if _, err := io.WriteString(slow, "GET / HTTP/1.1\r\nHost: x\r\nSlow: "); err != nil {
		t.Fatal(err)
	}
	second := dialled(t, address)
	if !asks(second) || !asks(asked) {
		t.Fatal("no answer beside a slow one")
	}
	third := dialled(t, address)
	if !asks(third) {
		t.Fatal("nobody made room")
	}
	if !isClosed(slow) {
		t.Error("the silent one is still there")
	}
	if live := c.Live(); live.Evicted != 1 || live.Open != 3 || live.Silent != 0 || live.Refused != 0 {
		t.Errorf("%+v", live)
	}
	if fourth := dialled(t, address); !asks(fourth) || !isClosed(second) {
		t.Error("the one that was idle for longest did not make room")
	}
}

// TestPerAddress: one address has its bound, and shared ones have none.
func TestPerAddress(t *testing.T) {
	t.Parallel()
	c, address := serveBounded(t, ConnectionsOptions{Most: 10, PerAddress: 2})
	first, second, third := dialled(t, address), dialled(t, address), dialled(t, address)
	if !isClosed(third) || !asks(first) || !asks(second) {
		t.Error("the third of an address was let in, or the others were not")
	}
	if live := c.Live(); live.Refused != 1 || live.Open != 2 {
		t.Errorf("%+v", live)
	}
	shared, address := serveBounded(t, ConnectionsOptions{Most: 10, PerAddress: 2, Shared: netip.Addr.IsLoopback})
	for range 4 {
		if !asks(dialled(t, address)) {
			t.Error("a shared address was bounded")
		}
	}
	if live := shared.Live(); live.Refused != 0 {
		t.Errorf("%+v", live)
	}
}

func TestMostConnections(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		machine Machine
		want    int
	}{
		{Machine{MemoryBytes: 1 << 30, Descriptors: 1 << 20}, 11650}, // half of it at 45 KB each
		{Machine{MemoryBytes: 64 << 30, Descriptors: 1024}, 768},
		{Machine{Descriptors: 256}, leastConnections},
	} {
		if got := MostConnections(c.machine); got != c.want {
			t.Errorf("%+v: %d, want %d", c.machine, got, c.want)
		}
	}
}
