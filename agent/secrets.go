package agent

import (
	"bytes"
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"sync"

	"fazt/agent/hub"
	"fazt/server/op"
)

// secretSource returns a stored secret that may be typed at an origin.
type secretSource func(ctx context.Context, p *op.Principal, name, origin string) (string, error)

// secretIn returns the name in $secret:NAME.
func secretIn(value string) (name string, ok bool) {
	name, ok = strings.CutPrefix(strings.TrimSpace(value), "$secret:")
	return name, ok && name != "" && !strings.ContainsAny(name, " \t\n")
}

// pages are the hub's tabs with what their calls need of the server: secrets,
// which are typed here and answered nowhere, and stored files.
type pages struct {
	*hub.Hub
	secret secretSource
	file   fileSource

	mu    sync.Mutex
	typed map[string][]string // by tab: how a secret that was typed there could be written in an answer
}

// given is what an engine is given to type, and where alone it may.
type given struct {
	Secrets map[string]string `json:"secrets,omitempty"`
	Origin  string            `json:"origin,omitempty"`
}

// secretFor looks a secret up for the page that the tab shows now.
func (s *pages) secretFor(ctx context.Context, p *op.Principal, tab, name string) (*given, error) {
	origin, err := s.Origin(p, tab)
	if err != nil {
		return nil, err
	}
	id := s.Named(p, tab)
	if !slices.ContainsFunc(s.List(p), func(t hub.Tab) bool { return t.ID == id && t.Kind == hub.Ours }) {
		return nil, op.Errorf(op.CodeForbidden, "no secret is typed in a person's own tab, whose page says itself where it is").
			WithHint("open the page with tab_open, or let the person type it")
	}
	value, err := s.secret(ctx, p, name, origin)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.typed == nil {
		s.typed = map[string][]string{}
	}
	if len(s.typed[id]) < maxTyped {
		s.typed[id] = append(s.typed[id], writings(value)...)
	}
	return &given{Secrets: map[string]string{name: value}, Origin: origin}, nil
}

// maxTyped bounds what is looked for in a tab's answers, and shortest is what is
// looked for at all: blotting out every "7" would spoil a page and hide little.
const (
	maxTyped = 200
	shortest = 4
	blot     = "•••"
)

// writings are the forms in which a page or an address could show a value.
func writings(value string) []string {
	var list []string
	for text := range strings.FieldsFuncSeq(value, func(r rune) bool { return r == '\n' || r == '\r' }) {
		if len(text) < shortest {
			continue
		}
		once := inString(text)
		for _, one := range []string{inString(once), once, text} {
			list = append(list, inHTML.Replace(one), one)
		}
		list = append(list, url.QueryEscape(text), inAddress.Replace(url.QueryEscape(text)))
	}
	return list
}

// inHTML makes of a JSON string what it is where it may stand in HTML.
var inHTML = strings.NewReplacer("&", `\u0026`, "<", `\u003c`, ">", `\u003e`)

// inAddress makes of a query's form what encodeURIComponent makes of a text.
var inAddress = strings.NewReplacer("+", "%20", "%21", "!", "%27", "'", "%28", "(", "%29", ")", "%2A", "*")

// inString is a text as it stands within a JSON string.
func inString(text string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(text) != nil {
		return text
	}
	line := strings.TrimSpace(b.String())
	return line[1 : len(line)-1]
}

// blotted is a text of a tab without the secrets that were typed there.
func (s *pages) blotted(id, text string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, one := range s.typed[id] {
		text = strings.ReplaceAll(text, one, blot)
	}
	return text
}

// Call is the hub's, with secrets and files put in, and with what a page shows
// of a secret blotted out of its answer.
func (s *pages) Call(ctx context.Context, p *op.Principal, tab, method string, params any) (json.RawMessage, error) {
	if method == "act" {
		var err error
		if params, err = s.provided(ctx, p, tab, params); err != nil {
			return nil, err
		}
	}
	id := s.Named(p, tab) // before the call: afterwards the tab may be gone
	raw, err := s.Hub.Call(ctx, p, tab, method, params)
	if err != nil {
		e := *op.AsError(err)
		e.Detail, e.Hint = s.blotted(id, e.Detail), s.blotted(id, e.Hint)
		return nil, &e
	}
	return json.RawMessage(s.blotted(id, string(raw))), nil
}

// List is the hub's, blotted like everything else.
func (s *pages) List(p *op.Principal) []hub.Tab {
	list := s.Hub.List(p)
	for i := range list {
		list[i].URL, list[i].Title = s.blotted(list[i].ID, list[i].URL), s.blotted(list[i].ID, list[i].Title)
	}
	return list
}

// provided adds what a recipe's action names: the file of
// setInputFiles("app:key"), the secret of fill("$secret:NAME").
func (s *pages) provided(ctx context.Context, p *op.Principal, tab string, params any) (any, error) {
	raw, err := json.Marshal(params)
	if err != nil {
		return nil, err
	}
	var call struct {
		Action string            `json:"action"`
		Args   []json.RawMessage `json:"args"`
	}
	if err := json.Unmarshal(raw, &call); err != nil || len(call.Args) == 0 {
		return params, nil
	}
	switch call.Action {
	case "fill":
		return s.withSecret(ctx, p, tab, raw, call.Args[0])
	case "setInputFiles":
		call.Args[0], err = filesNamed(call.Args[0], func(ref string) (pageFile, error) { return s.file(ctx, p, ref) })
		if err != nil {
			return nil, err
		}
		return with(raw, map[string]any{"args": call.Args})
	}
	return params, nil
}

func (s *pages) withSecret(ctx context.Context, p *op.Principal, tab string, raw, arg []byte) (any, error) {
	var text string
	_ = json.Unmarshal(arg, &text) // of what is no text the engine says what it takes
	name, ok := secretIn(text)
	if !ok {
		return json.RawMessage(raw), nil
	}
	given, err := s.secretFor(ctx, p, tab, name)
	if err != nil {
		return nil, err
	}
	return with(raw, map[string]any{"secrets": given.Secrets, "origin": given.Origin})
}

// with sets fields of an object.
func with(raw []byte, values map[string]any) (map[string]json.RawMessage, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		return nil, err
	}
	for name, value := range values {
		encoded, err := json.Marshal(value)
		if err != nil {
			return nil, err
		}
		fields[name] = encoded
	}
	return fields, nil
}
