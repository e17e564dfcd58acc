package browser

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"
)

// proxy carries all traffic of our tabs. It is the place where an address is
// looked up, judged and dialled in one step.
type proxy struct {
	browser *Browser
	address string
	server  *http.Server
	forward *httputil.ReverseProxy
	ended   chan struct{}
	tunnels sync.WaitGroup
	ctx     context.Context
	stop    context.CancelFunc

	mu      sync.Mutex
	reasons map[string]string // by host and port: why no tunnel led there
}

const dialTime = 20 * time.Second

func startProxy(b *Browser) (*proxy, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for the browser's traffic: %w", err)
	}
	p := &proxy{browser: b, address: listener.Addr().String(), ended: make(chan struct{}), reasons: map[string]string{}}
	p.ctx, p.stop = context.WithCancel(context.Background())
	quiet := log.New(io.Discard, "", 0) // a page's broken connections are the page's affair
	p.forward = &httputil.ReverseProxy{
		Rewrite:       func(*httputil.ProxyRequest) {}, // the request names its target already
		FlushInterval: -1,                              // feeds are passed on as they come
		ModifyResponse: func(r *http.Response) error { // only we say so
			r.Header.Del(refusedHeader)
			return nil
		},
		ErrorLog:     quiet,
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) { refuse(w, err) },
		Transport: &http.Transport{
			DialContext: p.dial, DisableCompression: true, IdleConnTimeout: 30 * time.Second, MaxIdleConnsPerHost: 8,
		},
	}
	p.server = &http.Server{Handler: p, ReadHeaderTimeout: dialTime, ErrorLog: quiet}
	go func() {
		defer close(p.ended)
		_ = p.server.Serve(listener) // it ends with close
	}()
	return p, nil
}

func (p *proxy) close() {
	p.stop()
	_ = p.server.Close()
	p.forward.Transport.(*http.Transport).CloseIdleConnections()
	<-p.ended
	p.tunnels.Wait()
}

// refusedHeader marks an answer as the proxy's own, and says why.
const refusedHeader = "Fazt-Refused"

func refuse(w http.ResponseWriter, err error) {
	w.Header().Set(refusedHeader, strings.Join(strings.Fields(err.Error()), " "))
	http.Error(w, "fazt does not connect there: "+err.Error(), http.StatusForbidden)
}

func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method == http.MethodConnect:
		p.tunnel(w, r)
	case r.URL.Host == "":
		http.Error(w, "this is the proxy of fazt's own browser", http.StatusBadRequest)
	default:
		p.forward.ServeHTTP(w, r)
	}
}

// tunnel connects the browser with what it speaks TLS or websocket with.
func (p *proxy) tunnel(w http.ResponseWriter, r *http.Request) {
	far, err := p.dial(r.Context(), "tcp", r.Host)
	p.remember(r.Host, err)
	if err != nil {
		refuse(w, err)
		return
	}
	defer far.Close()
	near, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, "no tunnel can be made here", http.StatusInternalServerError)
		return
	}
	defer near.Close()
	p.tunnels.Add(1)
	defer p.tunnels.Done()
	stop := context.AfterFunc(p.ctx, func() { near.Close(); far.Close() })
	defer stop()
	if _, err := near.Write([]byte("HTTP/1.1 200 Connection established\r\n\r\n")); err != nil {
		return
	}
	var both sync.WaitGroup
	both.Go(func() { copyAndEnd(far, buffered) })
	both.Go(func() { copyAndEnd(near, far) })
	both.Wait()
}

// maxReasons bounds the hosts of which it is known why no tunnel led there.
const maxReasons = 100

// remember keeps why no tunnel led to a host, which Chromium does not tell.
func (p *proxy) remember(host string, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.reasons, host)
	if err != nil {
		if len(p.reasons) == maxReasons {
			clear(p.reasons)
		}
		p.reasons[host] = err.Error()
	}
}

// reason says why no tunnel led to the host of an address.
func (p *proxy) reason(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.reasons[net.JoinHostPort(u.Hostname(), portOf(u))]
}

// copyAndEnd passes on until one side ends, and tells the other side so.
func copyAndEnd(to net.Conn, from io.Reader) {
	_, _ = io.Copy(to, from) // either side may leave at any time
	if half, ok := to.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
		return
	}
	to.Close()
}

// dial connects to addr if that is ours, listed or public.
func (p *proxy) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTime)
	defer cancel()
	to, err := p.judge(ctx, addr)
	if err != nil {
		return nil, err
	}
	return new(net.Dialer).DialContext(ctx, network, to)
}

// judge returns the address to dial for host and port: of a name it is the
// address that was judged, not the name, which may mean another one next time.
func (p *proxy) judge(ctx context.Context, addr string) (string, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "", err
	}
	if p.browser.ours(host, port) {
		return p.browser.ownAddress()
	}
	if literal, err := netip.ParseAddr(host); err == nil {
		if public(literal) || p.listed(host, port) {
			return addr, nil
		}
		return "", fmt.Errorf("%s is not on the public network", literal)
	}
	found, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return "", err
	}
	for _, a := range found {
		if !public(a) {
			return "", fmt.Errorf("%s leads to %s, which is not on the public network", host, a.Unmap())
		}
	}
	return net.JoinHostPort(found[0].Unmap().String(), port), nil
}

// listed reports whether the owner listed a private address by its literal.
func (p *proxy) listed(host, port string) bool {
	for _, scheme := range []string{"http", "https"} {
		if p.browser.options.AllowURL(&url.URL{Scheme: scheme, Host: net.JoinHostPort(host, port)}) {
			return true
		}
	}
	return false
}

// ownAddress is where this server listens: names like app.localhost lead there
// whatever a resolver says.
func (b *Browser) ownAddress() (string, error) {
	base, err := url.Parse(b.options.BaseURL())
	if err != nil {
		return "", err
	}
	return net.JoinHostPort(base.Hostname(), portOf(base)), nil
}

// tunnelReason is why no tunnel led to the host of an address.
func (b *Browser) tunnelReason(address string) string {
	b.mu.Lock()
	p := b.proxy
	b.mu.Unlock()
	if p == nil {
		return ""
	}
	return p.reason(address)
}
