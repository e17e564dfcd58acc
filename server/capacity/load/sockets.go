package load

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
)

// SocketsOfOne is how many live tabs one token may have.
const SocketsOfOne = 32

// Sockets is what became of the pages that were joined to the hub.
type Sockets struct {
	Open     int     `json:"open"`     // joined
	Lost     int     `json:"lost"`     // ended before the load did
	Messages int     `json:"messages"` // that they were told
	JoinMS   float64 `json:"join_ms"`  // that joining took, all of them
}

// sockets are pages that are joined to the hub and listen.
type sockets struct {
	spec     *Spec
	ctx      context.Context // ends with them
	stop     context.CancelFunc
	client   *http.Client
	reading  sync.WaitGroup
	mu       sync.Mutex
	conns    []*websocket.Conn
	lost     atomic.Int64
	messages atomic.Int64
	ending   atomic.Bool
	took     time.Duration
}

// joiners is how many pages join at the same time.
const joiners = 16

// joinSockets joins all pages of a spec, which may be none.
func joinSockets(ctx context.Context, spec *Spec) (*sockets, error) {
	s := &sockets{spec: spec, client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: joiners}}}
	s.ctx, s.stop = context.WithCancel(ctx)
	began := time.Now()
	var done sync.WaitGroup
	errs := make([]error, joiners)
	for i := range joiners {
		done.Go(func() {
			for j := i; j < spec.Sockets && errs[i] == nil; j += joiners {
				errs[i] = s.join(spec.Joiners[j%len(spec.Joiners)])
			}
		})
	}
	done.Wait()
	s.took = time.Since(began)
	if err := errors.Join(errs...); err != nil {
		s.end()
		return nil, fmt.Errorf("join %d pages: %w", spec.Sockets, err)
	}
	return s, nil
}

// join makes one page, with a ticket as the ES module gets it.
func (s *sockets) join(token string) error {
	ctx, cancel := context.WithTimeout(s.ctx, answerTime)
	defer cancel()
	ticket, err := s.ticket(ctx, token)
	if err != nil {
		return err
	}
	conn, _, err := websocket.Dial(ctx, s.spec.URL+"/agent/ws", &websocket.DialOptions{HTTPClient: s.client, HTTPHeader: http.Header{"Origin": {s.spec.URL}}})
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.conns = append(s.conns, conn)
	s.mu.Unlock()
	for _, text := range []string{
		fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"method":"hello","params":{"protocol":1,"ticket":%q,"epoch":"e","url":"/apps","title":"Load"}}`, ticket),
		fmt.Sprintf(`{"jsonrpc":"2.0","id":2,"method":"subscribe","params":{"topic":"changes","app":%q}}`, s.spec.App),
	} {
		if err := conn.Write(ctx, websocket.MessageText, []byte(text)); err != nil {
			return err
		}
	}
	if _, _, err := conn.Read(ctx); err != nil { // of the hello
		return err
	}
	s.reading.Go(func() { s.listen(conn) })
	return nil
}

func (s *sockets) ticket(ctx context.Context, token string) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.spec.URL+"/api/tabs:ticket", strings.NewReader("{}"))
	if err != nil {
		return "", err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	answer, err := s.client.Do(request)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	var out struct{ Ticket, Detail string }
	if err := json.NewDecoder(answer.Body).Decode(&out); err != nil {
		return "", err
	}
	if out.Ticket == "" {
		return "", fmt.Errorf("no ticket: %s", out.Detail)
	}
	return out.Ticket, nil
}

// listen counts what the page is told.
func (s *sockets) listen(conn *websocket.Conn) {
	for {
		if _, _, err := conn.Read(s.ctx); err != nil {
			if !s.ending.Load() {
				s.lost.Add(1)
			}
			return
		}
		s.messages.Add(1)
	}
}

// end closes the pages and says what became of them.
func (s *sockets) end() *Sockets {
	s.ending.Store(true)
	s.stop()
	for _, conn := range s.conns {
		_ = conn.CloseNow() // the server sees it gone
	}
	s.reading.Wait()
	s.client.CloseIdleConnections()
	if s.spec.Sockets == 0 {
		return nil
	}
	return &Sockets{Open: len(s.conns), Lost: int(s.lost.Load()), Messages: int(s.messages.Load()), JoinMS: millis(s.took)}
}
