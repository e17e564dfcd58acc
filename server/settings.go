package server

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"fazt/server/op"
	"fazt/storage"
)

// Settings are what the owner has decided about this server.
type Settings struct {
	Browse    []string // outside origins that tabs may open
	Origins   []string // origins of pages that may call with a token (CORS)
	Approvals string   // which calls of agents ask a person: never, destructive, wide or all

	EventDays  int64 // for which events are kept one by one
	EventYears int64 // for which their sums are kept
	SlowMS     int64 // calls that take so long are in the log of slow ones
}

// setting describes one of them.
type setting struct {
	name, doc string
	field     func(*Settings) any // a pointer to it
}

// settings returns every setting by name, in the order people are shown them.
func settings() []setting {
	return []setting{
		{"approvals", "which calls of agents ask a person first: never, destructive, wide (the default: whole apps, over 100 things, rights) or all", func(s *Settings) any { return &s.Approvals }},
		{"browse", "outside origins that tabs may open, such as https://erp.example", func(s *Settings) any { return &s.Browse }},
		{storage.SettingEventDays, "days for which events are kept as they came", func(s *Settings) any { return &s.EventDays }},
		{storage.SettingEventYears, "years for which counts of events are kept", func(s *Settings) any { return &s.EventYears }},
		{SettingOrigins, "origins of pages that may call the API with a token, such as https://app.example", func(s *Settings) any { return &s.Origins }},
		{"slow_ms", "calls that take this many milliseconds are in system_slow", func(s *Settings) any { return &s.SlowMS }},
	}
}

// Settings returns the settings, with defaults for what was never set.
func (s *Service) Settings(ctx context.Context) (Settings, error) {
	values, _, err := s.settings(ctx)
	return values, err
}

// settings also returns what is stored of each, nil for what was never set.
func (s *Service) settings(ctx context.Context) (Settings, map[string]json.RawMessage, error) {
	stored, err := s.DB.Settings(ctx)
	if err != nil {
		return Settings{}, nil, ErrorOf(err)
	}
	values := Settings{Browse: []string{}, Origins: []string{}, Approvals: "wide", EventDays: storage.EventDays, EventYears: storage.EventYears, SlowMS: SlowMillis}
	for _, one := range settings() {
		raw, ok := stored[one.name]
		if !ok {
			continue
		}
		if err := json.Unmarshal(raw, one.field(&values)); err != nil {
			return Settings{}, nil, fmt.Errorf("setting %q: %w", one.name, err)
		}
	}
	return values, stored, nil
}

// maxOrigins bounds a list of origins.
const maxOrigins = 100

// originEdit is how a call changes a list of origins: all of it, or some.
type originEdit struct {
	field            string
	set, add, remove []string
	check            func(field, origin string) error
}

func (e originEdit) given() bool { return e.set != nil || len(e.add) > 0 || len(e.remove) > 0 }

// apply returns the list after the change, sorted, each origin once.
func (e originEdit) apply(list []string) ([]string, error) {
	if e.set != nil && (len(e.add) > 0 || len(e.remove) > 0) {
		return nil, op.Invalid(e.field, "%s replaces the whole list, so nothing is left to add or remove", e.field).
			WithHint("send %s, or add_%s and remove_%s", e.field, e.field, e.field)
	}
	next := slices.Clone(list)
	if e.set != nil {
		next = slices.Clone(e.set)
	}
	next = append(next, e.add...)
	for i, origin := range slices.Concat(e.set, e.add) { // one of the two is empty
		name := e.field
		if e.set == nil {
			name = "add_" + e.field
		}
		if err := e.check(fmt.Sprintf("%s[%d]", name, i), origin); err != nil {
			return nil, err
		}
	}
	next = slices.DeleteFunc(next, func(origin string) bool { return slices.Contains(e.remove, origin) })
	slices.Sort(next)
	if next = slices.Compact(next); len(next) > maxOrigins {
		return nil, op.Invalid(e.field, "that would be %d origins, over %d", len(next), maxOrigins).WithHint("remove some first")
	}
	return next, nil
}

// checkOrigin holds a text to an origin as browsers write it (RFC 6454,
// section 6.1): scheme, host and a port that is not the scheme's own.
func checkOrigin(field, text string) error {
	bad := func(why, hint string) error {
		return op.Invalid(field, "%q is no origin: %s", text, why).WithHint("%s", hint)
	}
	const shape = "an origin is SCHEME://HOST[:PORT], such as https://erp.example"
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Opaque != "" || u.Host == "" || u.Hostname() == "":
		return bad("it has no host", shape)
	case u.Scheme != "https" && u.Scheme != "http":
		return bad(fmt.Sprintf("its scheme is %q", u.Scheme), "only http and https are origins here")
	case u.User != nil:
		return bad("it holds a user name", shape)
	case strings.ContainsAny(u.Host, "*"):
		return bad("it holds a wildcard", "list each origin by itself")
	}
	plain := u.Scheme + "://" + strings.TrimSuffix(strings.ToLower(u.Host), map[string]string{"http": ":80", "https": ":443"}[u.Scheme])
	switch {
	case strings.IndexFunc(u.Host, func(r rune) bool { return r > '~' || r <= ' ' }) >= 0:
		return bad("its host is not ASCII", "write the host in its xn-- form")
	case plain != text:
		return bad("it says more than, or other than, browsers do", fmt.Sprintf("send %q", plain))
	}
	return nil
}

// checkBrowse also holds an address inside this network to its literal, with a
// port: a name could point elsewhere tomorrow, and a whole machine is more than
// anyone means to open.
func checkBrowse(field, text string) error {
	if err := checkOrigin(field, text); err != nil {
		return err
	}
	u, err := url.Parse(text)
	if err != nil {
		return op.Invalid(field, "%q is no origin", text)
	}
	host := u.Hostname()
	ip, err := netip.ParseAddr(host)
	isIP := err == nil
	inside := isIP && (ip.IsPrivate() || ip.IsLoopback() || ip.IsLinkLocalUnicast() || ip.IsUnspecified())
	switch {
	case inside && u.Port() == "":
		return op.Invalid(field, "%q is inside this network, and only one port of it can be opened", text).
			WithHint("add the port, as in %s:8080", text)
	case !isIP && !strings.Contains(host, ".") || strings.HasSuffix(host, ".localhost") || strings.HasSuffix(host, ".local"):
		return op.Invalid(field, "%q is a name inside this network", text).
			WithHint("give the address itself with its port, as in http://127.0.0.1:8080")
	}
	return nil
}
