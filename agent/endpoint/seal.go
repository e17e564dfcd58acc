package endpoint

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"time"
)

// stateTTL is how long a client may take to answer a question.
const stateTTL = 10 * time.Minute

// sealer signs the state that a client carries between the rounds of one
// request, bound to who asked, the tool and its arguments. Its key lives as
// long as the process: a state of before a restart is refused, and the client
// begins again.
type sealer struct {
	now func() time.Time
	key []byte
}

func newSealer(now func() time.Time, rand io.Reader) *sealer {
	s := &sealer{now: now, key: make([]byte, sha256.Size)}
	if _, err := io.ReadFull(rand, s.key); err != nil {
		s.key = nil // then nothing opens
	}
	return s
}

// sealed is what a state holds.
type sealed struct {
	Principal string    `json:"p"`
	Tool      string    `json:"t"`
	Arguments []byte    `json:"a"` // hash
	Expires   time.Time `json:"e"`
	State     string    `json:"s"`
}

func (s *sealer) binding(x *exchange, arguments []byte) sealed {
	hash := sha256.Sum256(arguments)
	return sealed{Principal: x.principal.ID, Tool: x.message.Params.Name, Arguments: hash[:]}
}

// seal returns state as a token for the client.
func (s *sealer) seal(x *exchange, arguments []byte, state string) string {
	c := s.binding(x, arguments)
	c.Expires, c.State = s.now().Add(stateTTL), state
	body, err := json.Marshal(c)
	if err != nil {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(append(s.sum(body), body...))
}

func (s *sealer) sum(body []byte) []byte {
	mac := hmac.New(sha256.New, s.key)
	mac.Write(body)
	return mac.Sum(nil)
}

// open returns the state of a token that this server made for this caller and
// call.
func (s *sealer) open(x *exchange, arguments []byte, token string) (string, error) {
	bad := invalidParams("requestState is not one that this server gave for this call")
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(raw) < sha256.Size || s.key == nil {
		return "", bad
	}
	body := raw[sha256.Size:]
	var c sealed
	if !hmac.Equal(raw[:sha256.Size], s.sum(body)) || json.Unmarshal(body, &c) != nil {
		return "", bad
	}
	want := s.binding(x, arguments)
	if c.Principal != want.Principal || c.Tool != want.Tool || !hmac.Equal(c.Arguments, want.Arguments) {
		return "", bad
	}
	if !s.now().Before(c.Expires) {
		return "", invalidParams("requestState has expired; make the call again from the start")
	}
	return c.State, nil
}
