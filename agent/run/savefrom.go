package run

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"fazt/agent/draft"
	"fazt/server/op"
)

// SaveFrom is a recipe to write out of what was done.
type SaveFrom struct {
	Name, Title string
	From        []string // ids of tabs and runs of the saver
	Params      json.RawMessage
	Enable      bool
}

// Written is a recipe that was saved so.
type Written struct {
	*Entry
	Inputs []string
	Check  string // what its check looks at, "" where it has none
	Tried  string // what a try without acting said
}

// SaveFrom writes the source of a recipe out of what its saver did, tries what
// can be tried without acting, and keeps it.
func (r *Runner) SaveFrom(ctx context.Context, p *op.Principal, s SaveFrom) (*Written, error) {
	stretch, err := r.options.Log.Take(p, s.From, s.Name)
	if err != nil {
		return nil, err
	}
	params, title, err := r.known(ctx, p, s)
	if err != nil {
		return nil, err
	}
	d, err := draft.Write(draft.Request{
		Name: s.Name, Title: title, From: strings.Join(s.From, ", "), Params: params,
		BaseURL: r.options.BaseURL(), Lookup: r.options.Registry.Lookup, May: p.Scopes.Has,
	}, stretch)
	if err != nil {
		return nil, err
	}
	e, err := r.Save(ctx, p, Save{Name: s.Name, Source: d.Source, Enable: s.Enable})
	if err != nil {
		return nil, err
	}
	if inv := op.From(ctx); inv == nil || !inv.Envelope.DryRun {
		r.options.Log.Saved(p, s.From, s.Name)
	}
	return &Written{Entry: e, Inputs: d.Inputs, Check: d.Check, Tried: r.try(ctx, p, s, d)}, nil
}

// known is what is given and what runs among the sources say: their input is
// what a param's literal was, and their recipe has a title.
func (r *Runner) known(ctx context.Context, p *op.Principal, s SaveFrom) (map[string]json.RawMessage, string, error) {
	params, title := map[string]json.RawMessage{}, s.Title
	for _, id := range s.From {
		if !strings.HasPrefix(id, "r_") {
			continue
		}
		record, err := r.Get(ctx, p, id, 0)
		if err != nil {
			return nil, "", err
		}
		if !record.State.Ended() {
			return nil, "", op.Errorf(op.CodeInProgress, "the run %s has not ended", id).WithHint("run_get %s waits for it", id)
		}
		for _, m := range draft.MembersOf(json.RawMessage(record.Input)) {
			if m.Value[0] == '"' && string(m.Value) != `""` || strings.ContainsRune("-0123456789tf", rune(m.Value[0])) {
				params[m.Name] = m.Value
			}
		}
		if e, err := r.Find(p, record.Recipe); err == nil && record.Recipe == s.Name {
			title = cmp.Or(title, e.Title)
		}
	}
	if len(s.Params) == 0 {
		return params, title, nil
	}
	given := map[string]json.RawMessage{}
	if err := decode(s.Params, &given); err != nil {
		return nil, "", op.Invalid("params", "params is an object: name → the value it had").WithHint(`{"key":"welcome"}`)
	}
	maps.Copy(params, given)
	return params, title, nil
}

// try looks whether the first step would find its target, where the tab is on
// the page of that step. Nothing is done in it.
func (r *Runner) try(ctx context.Context, p *op.Principal, s SaveFrom, d *draft.Draft) string {
	if len(d.First) == 0 {
		return ""
	}
	for _, tab := range r.options.Tabs.List(p) {
		if !tab.Own || !slices.Contains(s.From, tab.ID) {
			continue
		}
		raw, err := r.options.Tabs.Call(ctx, p, tab.ID, "resolve", map[string]any{"locator": d.First})
		var found struct {
			URL   string `json:"url"`
			Count int    `json:"count"`
		}
		switch {
		case err != nil || json.Unmarshal(raw, &found) != nil:
			return "the page could not be asked"
		case withoutHash(found.URL) != withoutHash(d.FirstAt): // only the page of the step can tell
		case found.Count == 1:
			return "the first step finds its target"
		default:
			return "the first step finds nothing on the page as it is now"
		}
	}
	return ""
}

func withoutHash(address string) string {
	address, _, _ = strings.Cut(address, "#")
	return address
}
