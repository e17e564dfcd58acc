package endpoint

import (
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"fazt/server/op"
)

const (
	// sessionTTL is how long a session lives without a request.
	sessionTTL = 30 * time.Minute
	// maxSessions bounds a principal's sessions; the one longest unused goes.
	maxSessions = 64
)

// sessions are those of clients that can be asked something. A session belongs
// to the principal that opened it; for anyone else it does not exist.
type sessions struct {
	now  func() time.Time
	rand io.Reader

	mu   sync.Mutex
	byID map[string]*sessionEntry
}

type sessionEntry struct {
	principal string
	client    string
	used      time.Time
}

func newSessions(now func() time.Time, rand io.Reader) *sessions {
	return &sessions{now: now, rand: rand, byID: map[string]*sessionEntry{}}
}

// ResolveSessionIdManager implements server.SessionIdManagerResolver. mcp-go's
// sweeper asks without a request.
func (s *sessions) ResolveSessionIdManager(r *http.Request) server.SessionIdManager {
	if r == nil {
		return sweeperSessions{s}
	}
	x := from(r.Context())
	opens := x.message.Method == string(mcp.MethodInitialize)
	if opens && x.message.asksBack() || !opens && x.session != "" {
		return &callerSessions{sessions: s, x: x}
	}
	return &server.StatelessSessionIdManager{}
}

func (s *sessions) holds(id string, p *op.Principal) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.find(id, p) != nil
}

// count returns how many sessions there are.
func (s *sessions) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.byID)
}

// find returns a live session of the principal. The caller holds mu.
func (s *sessions) find(id string, p *op.Principal) *sessionEntry {
	entry := s.byID[id]
	if entry == nil || entry.principal != p.ID || s.now().Sub(entry.used) >= sessionTTL {
		return nil
	}
	entry.used = s.now()
	return entry
}

// client returns what a session's client called itself.
func (s *sessions) client(id string, p *op.Principal) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if entry := s.find(id, p); entry != nil {
		return entry.client
	}
	return ""
}

func (s *sessions) remove(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.byID, id)
}

func (s *sessions) open(x *exchange) string {
	id, err := randomName(s.rand, 26)
	if err != nil {
		return "" // the client goes on without a session
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.makeRoom(x.principal.ID)
	s.byID[id] = &sessionEntry{principal: x.principal.ID, client: x.client, used: s.now()}
	return id
}

// makeRoom drops a principal's oldest session when it has too many. The caller
// holds mu.
func (s *sessions) makeRoom(principal string) {
	count, oldest := 0, ""
	for id, entry := range s.byID {
		if entry.principal != principal {
			continue
		}
		count++
		if oldest == "" || entry.used.Before(s.byID[oldest].used) {
			oldest = id
		}
	}
	if count >= maxSessions {
		delete(s.byID, oldest)
	}
}

// callerSessions is the view of one request.
type callerSessions struct {
	sessions *sessions
	x        *exchange
}

var errNoSession = errors.New("no such session")

// Generate implements server.SessionIdManager.
func (c *callerSessions) Generate() string { return c.sessions.open(c.x) }

// Validate implements server.SessionIdManager: an error is answered with 404.
func (c *callerSessions) Validate(id string) (terminated bool, err error) {
	if !c.sessions.holds(id, c.x.principal) {
		return false, errNoSession
	}
	return false, nil
}

// Terminate implements server.SessionIdManager.
func (c *callerSessions) Terminate(id string) (notAllowed bool, err error) {
	if c.sessions.holds(id, c.x.principal) {
		c.sessions.remove(id)
	}
	return false, nil
}

// sweeperSessions lets mcp-go end what was idle too long.
type sweeperSessions struct{ sessions *sessions }

// Generate implements server.SessionIdManager; the sweeper opens none.
func (sweeperSessions) Generate() string { return "" }

// Validate implements server.SessionIdManager.
func (sweeperSessions) Validate(string) (bool, error) { return false, errNoSession }

// Terminate implements server.SessionIdManager.
func (s sweeperSessions) Terminate(id string) (bool, error) {
	s.sessions.remove(id)
	return false, nil
}

// randomName returns n characters of 5 random bits each, without those that
// look alike in lower case base32.
func randomName(source io.Reader, n int) (string, error) {
	b := make([]byte, (n*5+7)/8)
	if _, err := io.ReadFull(source, b); err != nil {
		return "", fmt.Errorf("random name: %w", err)
	}
	text := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b)
	return strings.ToLower(text[:n]), nil
}
