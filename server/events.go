package server

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/medama-io/go-useragent"

	"fazt/server/op"
	"fazt/storage"
)

// Events takes page views and custom events, from pages by POST /track and
// from programs by event_track.
//
// Nothing that leads to a person is kept. A visitor is a hash of the address
// and the browser's name with a secret of the day, which is only in memory and
// is gone with the day or the process; so after a restart a visitor counts once
// more. Addresses are in no table and no log of events. Of an address' query
// only the utm_ parts are read.
type Events struct {
	db     *storage.DB
	now    func() time.Time
	limits addressLimits

	parse func() *useragent.Parser // made when it is first needed: 5 MB and 40 ms

	mu   sync.Mutex
	day  int64
	salt [32]byte
	seen map[string]time.Time // apps that were there a moment ago

	limited, unasked atomic.Uint64
}

// NewEvents returns what takes events into a database.
func NewEvents(db *storage.DB, now func() time.Time) *Events {
	return &Events{db: db, now: now, parse: sync.OnceValue(useragent.NewParser)}
}

// visit is a page view or a custom event as it was sent, with who sent it.
type visit struct {
	App      string
	Name     string // of a custom event, "" = a page view
	Page     string // a path, or a whole address
	Referrer string // an address or a host
	Props    []byte // a JSON object, nil = none
	Agent    string // the User-Agent; "" = a program that says nothing of a browser
	Visitor  string // what tells visitors apart; "" = nothing does
	Host     string // of the page, so that it is no referrer of its own
}

// take holds a visit for the next flush. Its error is a storage.Error.
func (v *Events) take(in visit) error {
	e := storage.Event{App: in.App, At: v.now(), Name: in.Name, Props: in.Props, Referrer: referrerHost(in.Referrer, in.Host)}
	e.Page, e.Source, e.Medium, e.Campaign = addressOf(in.Page)
	if in.Agent != "" {
		v.client(&e, in.Agent)
	}
	if in.Visitor != "" {
		e.Visitor = v.visitor(in.App, in.Visitor+"\x00"+in.Agent)
	}
	return v.db.Track(e)
}

// knows returns an error when an app is not there. It asks the database once a
// second: an event of an app that has gone meanwhile is dropped by the writer,
// and counted.
func (v *Events) knows(ctx context.Context, app string) error {
	now := v.now()
	if v.recently(app, now) {
		return nil
	}
	if _, err := v.db.App(ctx, app); err != nil {
		return ErrorOf(err)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.seen == nil || len(v.seen) >= maxSeenApps {
		v.seen = map[string]time.Time{}
	}
	v.seen[app] = now
	return nil
}

const (
	seenFor     = time.Second
	maxSeenApps = 1000
)

func (v *Events) recently(app string, now time.Time) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	at, ok := v.seen[app]
	return ok && now.Sub(at) < seenFor
}

// client reads the User-Agent. Whoever is no browser that anybody knows is
// taken for a program.
func (v *Events) client(e *storage.Event, agent string) {
	ua := v.parse().Parse(printable(agent, maxAgent))
	e.Browser, e.System, e.Device = string(ua.Browser()), string(ua.OS()), string(ua.Device())
	e.Bot = ua.IsBot() || e.Browser == ""
}

// visitor is a visitor's number for today, never 0.
func (v *Events) visitor(app, who string) int64 {
	v.mu.Lock()
	defer v.mu.Unlock()
	if day := v.now().Unix() / 86_400; day != v.day || v.salt == [32]byte{} {
		_, _ = rand.Read(v.salt[:]) // never fails (crypto/rand); the secret of the day before is overwritten
		v.day = day
	}
	mac := hmac.New(sha256.New, v.salt[:])
	mac.Write([]byte(app + "\x00" + who))
	return int64(binary.LittleEndian.Uint64(mac.Sum(nil))) | 1
}

// Limits of what is sent.
const (
	maxPage     = 2000 // bytes of an address
	maxAgent    = 512  // of a User-Agent; the rest says nothing new
	maxName     = 100
	maxProps    = 20
	maxPropText = 300
)

// addressOf takes a page's path out of its address, and the utm_ parts of its
// query. Everything else of the query is left out, for it may hold anything.
func addressOf(address string) (page, source, medium, campaign string) {
	u, err := url.Parse(address)
	if err != nil || address == "" {
		path, _, _ := strings.Cut(address, "?")
		return printable(path, storage.MaxEventText), "", "", ""
	}
	query := u.Query()
	part := func(name string) string { return printable(query.Get(name), maxName) }
	if page = printable(u.Path, storage.MaxEventText); page == "" {
		page = "/"
	}
	return page, part("utm_source"), part("utm_medium"), part("utm_campaign")
}

// printable makes a text one that can be shown on a line, of at most so many
// bytes.
func printable(text string, most int) string {
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '\u2028' || r == '\u2029' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "\ufffd"))
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "")
	}
	return text
}

// referrerHost is the host that a referrer names, "" for the page's own.
func referrerHost(referrer, own string) string {
	if referrer == "" {
		return ""
	}
	host := referrer
	if u, err := url.Parse(referrer); err == nil && u.Host != "" {
		if u.Scheme != "http" && u.Scheme != "https" {
			return ""
		}
		host = u.Host
	}
	if host = strings.ToLower(host); host == strings.ToLower(own) || strings.ContainsAny(host, " /?#@") {
		return ""
	}
	return printable(strings.TrimPrefix(host, "www."), maxName)
}

// checkVisit holds what was sent to the limits. The props must be a flat object.
func checkVisit(in *visit) error {
	switch {
	case len(in.Name) > maxName:
		return tooLong("name", len(in.Name), maxName, "use a short name, and put the rest into props")
	case in.Name != printable(in.Name, maxName) || strings.TrimSpace(in.Name) != in.Name:
		return op.Invalid("name", "%q has characters at its ends or inside that nobody sees", clipText(in.Name, 50)).WithHint("name an event as in signed_up")
	case len(in.Page) > maxPage:
		return tooLong("page", len(in.Page), maxPage, utmHint)
	case len(in.Referrer) > maxPage:
		return tooLong("referrer", len(in.Referrer), maxPage, utmHint)
	case in.Name == "" && in.Page == "":
		return op.Invalid("name", "neither a name nor a page was given").WithHint("send name for an event, or page for a page view")
	case in.Name == "" && in.Props != nil:
		return op.Invalid("props", "a page view has no props").WithHint("give the event a name")
	}
	return checkProps(in.Props)
}

const utmHint = "leave the query out; only its utm_ parts are read"

func tooLong(field string, has, most int, hint string) error {
	e := op.Errorf(op.CodeTooLarge, "%s has %d bytes, over %d", field, has, most)
	e.Field = field
	return e.WithHint("%s", hint)
}

// addressLimits lets each address send so many events, so that none of them can
// fill what is held. It remembers addresses for a minute, in memory only.
type addressLimits struct {
	mu       sync.Mutex
	now, old map[netip.Addr]*allowance
	turned   time.Time
}

// allowance is what an address may still send.
type allowance struct {
	left float64
	at   time.Time
}

const (
	addressBurst  = 60.0
	addressRate   = 10.0 // a second
	addressMemory = time.Minute
	maxAddresses  = 20_000
)

// allow takes one event from an address' allowance. Of IPv6 a whole /64 is one
// address, for that is what one subscriber has.
func (l *addressLimits) allow(ip netip.Addr, now time.Time) bool {
	if ip.Is6() {
		if net, err := ip.Prefix(64); err == nil {
			ip = net.Addr()
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.now == nil || len(l.now) >= maxAddresses || now.Sub(l.turned) >= addressMemory {
		l.old, l.now, l.turned = l.now, map[netip.Addr]*allowance{}, now
	}
	a := l.now[ip]
	if a == nil {
		if a = l.old[ip]; a == nil {
			a = &allowance{addressBurst, now}
		}
		l.now[ip] = a
	}
	a.left = min(addressBurst, a.left+now.Sub(a.at).Seconds()*addressRate)
	a.at = now
	if a.left < 1 {
		return false
	}
	a.left--
	return true
}
