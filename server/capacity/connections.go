package capacity

import (
	"container/list"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"sync"
)

// ConnectionsOptions are the bounds of a Connections. A zero field takes its
// default.
type ConnectionsOptions struct {
	// Most is how many connections are open. Default: what a part of the
	// memory and of the descriptors allows, see [MostConnections].
	Most int
	// PerAddress is how many one address may have. Default a quarter of Most.
	PerAddress int
	// Shared says that many clients come from this address, such as a proxy: it
	// has no bound of its own. Default: no address is.
	Shared func(netip.Addr) bool
}

// Connections bounds what is connected to a server. When all places are taken,
// whoever has asked nothing for longest makes room for who comes: a client that
// sends its request a byte at a time holds nobody up. Give Listener to the
// server, and StateChanged to its ConnState.
type Connections struct {
	options ConnectionsOptions

	mu        sync.Mutex
	open      map[net.Conn]*connection
	silent    *list.List // of *connection: no request came yet, the longest first
	idle      *list.List // of *connection: between requests
	byAddress map[netip.Addr]int
	counts    connectionCounts
}

type connectionCounts struct{ accepted, refused, evicted uint64 }

type connection struct {
	conn    net.Conn
	address netip.Addr
	in      *list.List    // silent or idle; nil while a request is answered
	at      *list.Element // in it
}

// ConnectionsLive is what is connected now.
type ConnectionsLive struct {
	Open       int    `json:"open" doc:"connections that are open"`
	Silent     int    `json:"silent" doc:"of these, who has not made a request yet"`
	Most       int    `json:"most" doc:"how many can be open"`
	PerAddress int    `json:"per_address" doc:"how many one address can have"`
	Accepted   uint64 `json:"accepted" doc:"since the start"`
	Refused    uint64 `json:"refused" doc:"closed at once since the start: no place, or too many of the address"`
	Evicted    uint64 `json:"evicted" doc:"silent ones closed to make room since the start"`
}

const (
	leastConnections = 64
	// reservedFiles are for the database, logs, browsers and workers.
	reservedFiles = 256
	// connectionShare is the part of the memory that connections may take.
	connectionShare = 0.5
)

// MostConnections is how many connections a part of the memory and of the
// descriptors of this machine allows.
func MostConnections(machine Machine) int {
	most := 1 << 20
	if machine.MemoryBytes > 0 {
		most = min(most, int(connectionShare*float64(machine.MemoryBytes)/1024/assumedModel().ConnectionKB))
	}
	if machine.Descriptors > 0 {
		most = min(most, int(min(machine.Descriptors-reservedFiles, int64(keepFree*float64(machine.Descriptors)))))
	}
	return max(most, leastConnections)
}

// NewConnections returns a Connections in which nobody is.
func NewConnections(o ConnectionsOptions) *Connections {
	if o.Most == 0 {
		o.Most = MostConnections(ThisMachine())
	}
	o.PerAddress = orElse(o.PerAddress, max(o.Most/4, leastConnections))
	if o.Shared == nil {
		o.Shared = func(netip.Addr) bool { return false }
	}
	return &Connections{options: o, open: map[net.Conn]*connection{}, silent: list.New(), idle: list.New(), byAddress: map[netip.Addr]int{}}
}

// Listener accepts what there is room for.
func (c *Connections) Listener(l net.Listener) net.Listener { return &boundedListener{l, c} }

type boundedListener struct {
	net.Listener
	connections *Connections
}

// Accept is of net.Listener: it returns the next connection that has a place.
func (l *boundedListener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		counted := &countedConn{Conn: conn, connections: l.connections}
		if l.connections.take(counted) {
			return counted, nil
		}
		if err := conn.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			continue // it is gone in any case
		}
	}
}

// countedConn gives its place back when it is closed, whoever closes it.
type countedConn struct {
	net.Conn
	connections *Connections
}

func (c *countedConn) Close() error {
	c.connections.left(c)
	return c.Conn.Close()
}

// take gives a connection a place, and reports whether there was one.
func (c *Connections) take(conn net.Conn) bool {
	address := addressOfConn(conn)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.byAddress[address] >= c.options.PerAddress && !c.options.Shared(address) {
		c.counts.refused++
		return false
	}
	if len(c.open) >= c.options.Most && !c.evict() {
		c.counts.refused++
		return false
	}
	x := &connection{conn: conn, address: address}
	c.move(x, c.silent)
	c.open[conn] = x
	c.byAddress[address]++
	c.counts.accepted++
	return true
}

// evict closes who has been silent for longest, or else idle; the caller holds
// mu.
func (c *Connections) evict() bool {
	front := c.silent.Front()
	if front == nil {
		front = c.idle.Front()
	}
	if front == nil {
		return false
	}
	x, _ := front.Value.(*connection)
	c.forget(x)
	c.counts.evicted++
	go func() { _ = x.conn.Close() }() // it takes mu; whoever it is hears a reset
	return true
}

// left forgets a connection that was closed.
func (c *Connections) left(conn net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if x := c.open[conn]; x != nil {
		c.forget(x)
	}
}

// forget frees a place; the caller holds mu.
func (c *Connections) forget(x *connection) {
	delete(c.open, x.conn)
	c.move(x, nil)
	if c.byAddress[x.address]--; c.byAddress[x.address] == 0 {
		delete(c.byAddress, x.address)
	}
}

// move puts a connection at the end of a list, or into none; the caller holds
// mu.
func (c *Connections) move(x *connection, to *list.List) {
	if x.in != nil {
		x.in.Remove(x.at)
	}
	x.in, x.at = to, nil
	if to != nil {
		x.at = to.PushBack(x)
	}
}

// StateChanged is for ConnState of an http.Server, which calls a connection
// active when the headers of its request have come whole.
func (c *Connections) StateChanged(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	x := c.open[conn]
	switch {
	case x == nil:
	case state == http.StateActive:
		c.move(x, nil)
	case state == http.StateIdle:
		c.move(x, c.idle)
	}
}

// Live returns what is connected now.
func (c *Connections) Live() ConnectionsLive {
	c.mu.Lock()
	defer c.mu.Unlock()
	return ConnectionsLive{
		Open: len(c.open), Silent: c.silent.Len(), Most: c.options.Most, PerAddress: c.options.PerAddress,
		Accepted: c.counts.accepted, Refused: c.counts.refused, Evicted: c.counts.evicted,
	}
}

// addressOfConn is the client's address, of IPv6 its /64.
func addressOfConn(conn net.Conn) netip.Addr {
	at, err := netip.ParseAddrPort(conn.RemoteAddr().String())
	if err != nil {
		return netip.Addr{}
	}
	return clientOf(at.Addr().Unmap())
}
