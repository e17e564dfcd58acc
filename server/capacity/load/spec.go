package load

import (
	"cmp"
	"fmt"
	"maps"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Classes of calls.
const (
	Read  = "read"  // kv_get of a random key
	Write = "write" // kv_set of a random key and value
	List  = "list"  // kv_list of a page of 20 keys

	Tool   = "tool"   // kv_get of a random key, as a tool call over MCP
	Insert = "insert" // doc_insert of a small document
	Find   = "find"   // doc_find of a page of 20 documents by an indexed field
	Blob   = "blob"   // blob_get of a small file
	Site   = "site"   // a file of the app's site
	Code   = "code"   // code_run of a line, in the sandbox
)

// Classes returns the names of all classes.
func Classes() []string { return []string{Read, Write, List, Tool, Insert, Find, Blob, Site, Code} }

// What must be there for the classes that do not use keys alone.
const (
	Collection = "load" // of documents with a field n below Numbers, indexed
	BlobKey    = "load" // a blob
	SiteFile   = "load.txt"
	Numbers    = 1000
)

// Share is how much of a mix a class is.
type Share struct {
	Class string  `json:"class"`
	Part  float64 `json:"part"` // of 1
}

// Mix is the shares of a load; they add up to 1.
type Mix []Share

// ParseMix reads a mix such as read=70,write=30; the numbers are weights.
func ParseMix(text string) (Mix, error) {
	weights, sum := map[string]float64{}, 0.0
	for _, item := range strings.Split(text, ",") {
		class, number, ok := strings.Cut(strings.TrimSpace(item), "=")
		weight, err := strconv.ParseFloat(number, 64)
		switch {
		case !ok || err != nil || !(weight >= 0) || weight > 1e6:
			return nil, fmt.Errorf("the mix %q is not of the form read=70,write=30", text)
		case !slices.Contains(Classes(), class):
			return nil, fmt.Errorf("the mix names %q; classes are %s", class, strings.Join(Classes(), ", "))
		}
		if _, twice := weights[class]; twice {
			return nil, fmt.Errorf("the mix names %q twice", class)
		}
		weights[class] = weight
		sum += weight
	}
	if sum <= 0 {
		return nil, fmt.Errorf("the mix %q is of nothing", text)
	}
	var mix Mix
	for class, weight := range weights {
		if weight > 0 {
			mix = append(mix, Share{Class: class, Part: weight / sum})
		}
	}
	slices.SortFunc(mix, func(a, b Share) int { return cmp.Compare(b.Part, a.Part) })
	return mix, nil
}

func (m Mix) String() string {
	parts := make([]string, len(m))
	for i, s := range m {
		parts[i] = fmt.Sprintf("%s=%s", s.Class, strconv.FormatFloat(100*s.Part, 'f', -1, 64))
	}
	return strings.Join(parts, ",")
}

// pick returns a class by a number of [0, 1).
func (m Mix) pick(x float64) string {
	for _, s := range m {
		if x -= s.Part; x < 0 {
			return s.Class
		}
	}
	return m[len(m)-1].Class
}

// Spec is a load.
type Spec struct {
	URL      string        `json:"url"`
	Token    string        `json:"token"`
	App      string        `json:"app"`
	Users    int           `json:"users"`
	Mix      Mix           `json:"mix"`
	Think    time.Duration `json:"think"`    // between a user's calls, 0 = none; half to one and a half of it
	Rate     float64       `json:"rate"`     // calls a second in all, whatever comes back; 0 = closed
	Ramp     time.Duration `json:"ramp"`     // before the measured time, at full load
	Duration time.Duration `json:"duration"` // measured
	Keys     int           `json:"keys"`     // different keys
	Bytes    int           `json:"bytes"`    // of a value
	SLO      time.Duration `json:"slo"`      // within which an answer is a good one, 0 = whenever
	// Sockets is how many pages are joined to the hub meanwhile, and Joiners the
	// tokens of who has them open: each may have SocketsOfOne.
	Sockets int      `json:"sockets"`
	Joiners []string `json:"joiners"`
}

const (
	maxUsers    = 50_000
	maxRate     = 1e6
	maxDuration = time.Hour
)

// Check says what is wrong with a spec.
func (s *Spec) Check() error {
	switch {
	case s.Users < 1 || s.Users > maxUsers:
		return fmt.Errorf("%d users: 1 to %d can be played", s.Users, maxUsers)
	case s.Duration <= 0 || s.Duration > maxDuration:
		return fmt.Errorf("a load of %v: it must be longer than nothing and at most %v", s.Duration, maxDuration)
	case s.Think < 0 || s.Ramp < 0:
		return fmt.Errorf("a time below 0")
	case !(s.Rate >= 0) || s.Rate > maxRate:
		return fmt.Errorf("a rate of %v a second: up to %v can be offered", s.Rate, maxRate)
	case s.Sockets < 0 || s.Sockets > maxUsers || s.Sockets > SocketsOfOne*len(s.Joiners):
		return fmt.Errorf("%d live tabs of %d tokens: each may have %d", s.Sockets, len(s.Joiners), SocketsOfOne)
	case len(s.Mix) == 0 || s.Keys < 1 || s.Bytes < 1 || s.Bytes > 1<<19:
		return fmt.Errorf("a load without calls, keys or values")
	}
	return nil
}

// address returns host:port of the server, which must speak plain HTTP.
func (s *Spec) address() (string, error) {
	u, err := url.Parse(s.URL)
	if err != nil || u.Scheme != "http" || u.Host == "" {
		return "", fmt.Errorf("%q is no address that a load can go to: as in http://127.0.0.1:8080", s.URL)
	}
	if u.Port() == "" {
		return net.JoinHostPort(u.Hostname(), "80"), nil
	}
	return u.Host, nil
}

// Loopback reports whether an address is on this machine by its form: nothing
// is looked up, since a name can be made to point anywhere.
func Loopback(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	if strings.EqualFold(u.Hostname(), "localhost") {
		return true
	}
	ip := net.ParseIP(u.Hostname())
	return ip != nil && ip.IsLoopback()
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
