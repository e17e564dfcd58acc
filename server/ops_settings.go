package server

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"fazt/server/op"
	"fazt/storage"
)

type settingItem struct {
	Name  string         `json:"name" doc:"its name"`
	Value jsontext.Value `json:"value" doc:"its value, the default when it was never set"`
	Doc   string         `json:"doc" doc:"what it decides"`
}

func (s *Service) settingOperations() []*op.Operation {
	return []*op.Operation{s.opSettingList(), s.opSettingGet(), s.opSettingUpdate()}
}

type settingListIn struct{}

type settingListOut struct {
	Items      []settingItem `json:"items" doc:"every setting, by name"`
	NextCursor *string       `json:"next_cursor" doc:"always null: they fit one page"`
}

func (s *Service) opSettingList() *op.Operation {
	return op.Define(op.Operation{
		Name: "setting_list", Summary: "List the server's settings", Scope: "settings:read", Effect: op.Read,
		Method: "GET", Path: "/api/system/settings",
		Examples: []op.Example{{
			Title: "On a fresh server", In: `{}`,
			Out: `{"items":[` +
				`{"name":"approvals","value":"wide","doc":"which calls of agents ask a person first: never, destructive, wide (the default: whole apps, over 100 things, rights) or all"},` +
				`{"name":"browse","value":[],"doc":"outside origins that tabs may open, such as https://erp.example"},` +
				`{"name":"event_days","value":30,"doc":"days for which events are kept as they came"},` +
				`{"name":"event_years","value":3,"doc":"years for which counts of events are kept"},` +
				`{"name":"origins","value":[],"doc":"origins of pages that may call the API with a token, such as https://app.example"},` +
				`{"name":"slow_ms","value":500,"doc":"calls that take this many milliseconds are in system_slow"}],"next_cursor":null}`,
		}},
	}, func(ctx context.Context, _ settingListIn) (settingListOut, error) {
		values, err := s.Settings(ctx)
		if err != nil {
			return settingListOut{}, err
		}
		out := settingListOut{}
		for _, one := range settings() {
			item, err := one.item(&values)
			if err != nil {
				return settingListOut{}, err
			}
			out.Items = append(out.Items, item)
		}
		return out, nil
	})
}

func (one setting) item(values *Settings) (settingItem, error) {
	value, err := op.Encode(one.field(values))
	return settingItem{Name: one.name, Value: value, Doc: one.doc}, err
}

type settingGetIn struct {
	Name string `json:"name" doc:"the setting's name" minLength:"1" maxLength:"100"`
}

func (s *Service) opSettingGet() *op.Operation {
	return op.Define(op.Operation{
		Name: "setting_get", Summary: "Get one of the server's settings", Scope: "settings:read", Effect: op.Read,
		Method: "GET", Path: "/api/system/settings/{name}",
		Examples: []op.Example{{
			Title: "What tabs may open", In: `{"name":"browse"}`,
			Out: `{"name":"browse","value":[],"doc":"outside origins that tabs may open, such as https://erp.example"}`,
		}},
	}, func(ctx context.Context, in settingGetIn) (settingItem, error) {
		var names []string
		for _, one := range settings() {
			if names = append(names, one.name); one.name != in.Name {
				continue
			}
			values, err := s.Settings(ctx)
			if err != nil {
				return settingItem{}, err
			}
			return one.item(&values)
		}
		e := op.NotFound("setting", "no setting %q%s", in.Name, op.Suggest(in.Name, names))
		e.Field = "name"
		return settingItem{}, e.WithHint("the settings are %s", strings.Join(names, ", "))
	})
}

type settingUpdateIn struct {
	Browse        []string `json:"browse,omitzero" doc:"the outside origins that tabs may open, replacing the list" maxItems:"100"`
	AddBrowse     []string `json:"add_browse,omitzero" doc:"add these to browse" maxItems:"100"`
	RemoveBrowse  []string `json:"remove_browse,omitzero" doc:"take these out of browse" maxItems:"100"`
	Origins       []string `json:"origins,omitzero" doc:"the origins of pages that may call with a token, replacing the list" maxItems:"100"`
	AddOrigins    []string `json:"add_origins,omitzero" doc:"add these to origins" maxItems:"100"`
	RemoveOrigins []string `json:"remove_origins,omitzero" doc:"take these out of origins" maxItems:"100"`
	Approvals     string   `json:"approvals,omitzero" doc:"which calls of agents ask a person first" enum:"never,destructive,wide,all"`
	EventDays     int64    `json:"event_days,omitzero" doc:"days for which events are kept as they came" minimum:"1" maximum:"3660"`
	EventYears    int64    `json:"event_years,omitzero" doc:"years for which counts of events are kept" minimum:"1" maximum:"100"`
	SlowMS        int64    `json:"slow_ms,omitzero" doc:"calls that take this many milliseconds are in system_slow" minimum:"1" maximum:"3600000"`
}

type settingUpdateOut struct {
	Browse    []string `json:"browse" doc:"outside origins that tabs may open"`
	Origins   []string `json:"origins" doc:"origins of pages that may call with a token"`
	Approvals string   `json:"approvals" doc:"which calls of agents ask a person first"`

	EventDays  int64  `json:"event_days" doc:"days for which events are kept as they came"`
	EventYears int64  `json:"event_years" doc:"years for which counts of events are kept"`
	SlowMS     int64  `json:"slow_ms" doc:"calls that take this many milliseconds are in system_slow"`
	Version    uint64 `json:"version" doc:"of the change"`
}

func (s *Service) opSettingUpdate() *op.Operation {
	return op.Define(op.Operation{
		Name: "setting_update", Summary: "Change the server's settings", Scope: "settings:write", Effect: op.Write, Idempotent: true,
		Description: "What is left out stays. An origin is SCHEME://HOST[:PORT]; in browse, an address inside this network goes by its number, with a port.",
		Method:      "PATCH", Path: "/api/system/settings",
		Examples: []op.Example{
			{
				Title: "Let a page elsewhere call the API", In: `{"add_origins":["https://app.example"]}`,
				Out: `{"browse":[],"origins":["https://app.example"],"approvals":"wide","event_days":30,"event_years":3,"slow_ms":500,"version":7}`,
			},
			{
				Title: "Let tabs open an outside page, let no page elsewhere call, ask about every deletion, and keep events for a week",
				In:    `{"browse":["https://erp.example"],"origins":[],"approvals":"destructive","event_days":7}`,
				Out:   `{"browse":["https://erp.example"],"origins":[],"approvals":"destructive","event_days":7,"event_years":3,"slow_ms":500,"version":7}`,
			},
		},
	}, s.settingUpdate, op.WithRisk(s.settingRisk))
}

// maxSettingTries bounds how often a change begins anew because another one
// came between its read and its commit.
const maxSettingTries = 5

func (s *Service) settingUpdate(ctx context.Context, in settingUpdateIn) (settingUpdateOut, error) {
	for try := 1; ; try++ {
		before, stored, err := s.settings(ctx)
		if err != nil {
			return settingUpdateOut{}, err
		}
		after, err := in.apply(before)
		if err != nil {
			return settingUpdateOut{}, err
		}
		b, err := in.batch(after, stored)
		if err != nil {
			return settingUpdateOut{}, err
		}
		out, err := answer(ctx, s, b, func(o *storage.Outcome) settingUpdateOut {
			return settingUpdateOut{
				Browse: after.Browse, Origins: after.Origins, Approvals: after.Approvals,
				EventDays: after.EventDays, EventYears: after.EventYears, SlowMS: after.SlowMS, Version: o.Version,
			}
		})
		if !isVersionMismatch(err) || try == maxSettingTries {
			return out, err
		}
	}
}

func isVersionMismatch(err error) bool {
	var e *op.Error
	return errors.As(err, &e) && e.Code == op.CodeVersionMismatch
}

func (in settingUpdateIn) edits() (browse, origins originEdit) {
	return originEdit{"browse", in.Browse, in.AddBrowse, in.RemoveBrowse, checkBrowse},
		originEdit{"origins", in.Origins, in.AddOrigins, in.RemoveOrigins, checkOrigin}
}

// apply returns the settings after the change.
func (in settingUpdateIn) apply(values Settings) (Settings, error) {
	browse, origins := in.edits()
	if len(in.given()) == 0 {
		return Settings{}, op.Errorf(op.CodeInvalidInput, "nothing to change: no setting was given").
			WithHint(`send at least one, as in {"add_origins":["https://app.example"]}`)
	}
	var err error
	if values.Browse, err = browse.apply(values.Browse); err != nil {
		return Settings{}, err
	}
	if values.Origins, err = origins.apply(values.Origins); err != nil {
		return Settings{}, err
	}
	values.Approvals = cmp.Or(in.Approvals, values.Approvals)
	values.EventDays = cmp.Or(in.EventDays, values.EventDays)
	values.EventYears = cmp.Or(in.EventYears, values.EventYears)
	values.SlowMS = cmp.Or(in.SlowMS, values.SlowMS)
	return values, nil
}

// given names the settings that the call changes.
func (in settingUpdateIn) given() map[string]bool {
	browse, origins := in.edits()
	all := map[string]bool{
		"browse": browse.given(), SettingOrigins: origins.given(), "approvals": in.Approvals != "",
		storage.SettingEventDays: in.EventDays != 0, storage.SettingEventYears: in.EventYears != 0, "slow_ms": in.SlowMS != 0,
	}
	maps.DeleteFunc(all, func(_ string, given bool) bool { return !given })
	return all
}

// batch writes what was given, if it still stands as it was read.
func (in settingUpdateIn) batch(after Settings, stored map[string]json.RawMessage) (*storage.Batch, error) {
	given := in.given()
	b := &storage.Batch{}
	for _, one := range settings() {
		if !given[one.name] {
			continue
		}
		value, err := op.Encode(one.field(&after))
		if err != nil {
			return nil, fmt.Errorf("encode setting %q: %w", one.name, err)
		}
		b.Checks = append(b.Checks, storage.CheckSetting{Name: one.name, Value: stored[one.name]})
		b.Mutations = append(b.Mutations, storage.SettingSet{Name: one.name, Value: value})
	}
	return b, nil
}

// settingRisk asks a person about every change an agent makes: each one opens
// something or loosens what agents are asked about.
func (s *Service) settingRisk(ctx context.Context, in settingUpdateIn) (op.Risk, error) {
	before, err := s.Settings(ctx)
	if err != nil {
		return op.Risk{}, err
	}
	after, err := in.apply(before)
	if err != nil {
		return op.Risk{}, err
	}
	return op.Risk{Wide: true, Summary: fmt.Sprintf("settings: browse %v to %v, origins %v to %v, approvals %s to %s, event_days %d to %d, event_years %d to %d, slow_ms %d to %d",
		before.Browse, after.Browse, before.Origins, after.Origins, before.Approvals, after.Approvals,
		before.EventDays, after.EventDays, before.EventYears, after.EventYears, before.SlowMS, after.SlowMS)}, nil
}
