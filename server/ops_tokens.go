package server

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"fazt/server/auth"
	"fazt/server/op"
	"fazt/storage"
)

type tokenItem struct {
	ID        string       `json:"id" doc:"what it is named by; safe to show"`
	Name      string       `json:"name" doc:"its name for people"`
	Kind      string       `json:"kind" doc:"person, agent or service"`
	App       string       `json:"app,omitzero" doc:"the only app it can reach"`
	Scopes    []string     `json:"scopes" doc:"what it may do"`
	CreatedAt int64        `json:"created_at" doc:"Unix ms"`
	CreatedBy string       `json:"created_by" doc:"the id of the token that made it"`
	ExpiresAt *int64       `json:"expires_at" doc:"Unix ms from which on it is refused, null = never"`
	Budget    *tokenBudget `json:"budget,omitzero" doc:"what it may use up in an hour; absent without limit"`
	Used      *tokenUsed   `json:"used,omitzero" doc:"of a token with a budget: what it has used up within the last hour"`
}

func (s *Service) tokenOf(t storage.Token) tokenItem {
	budget, used := s.budgetOf(t.ID, op.Budget(t.Budget))
	return tokenItem{
		Budget: budget, Used: used,
		ID: t.ID, Name: t.Name, Kind: t.Kind, App: t.App, Scopes: append([]string{}, t.Scopes...),
		CreatedAt: t.CreatedAt.UnixMilli(), CreatedBy: t.CreatedBy, ExpiresAt: millisOf(t.ExpiresAt),
	}
}

// firstAgent is the token of an agent that a first start makes, for examples.
func firstAgent() string {
	names := make([]string, 0, len(op.AgentScopes()))
	for _, scope := range op.AgentScopes() {
		names = append(names, strconv.Quote(string(scope)))
	}
	return `{"id":"agent","name":"agent","kind":"agent","scopes":[` + strings.Join(names, ",") +
		`],"created_at":1764000000000,"created_by":"owner","expires_at":null}`
}

func (s *Service) tokenOperations() []*op.Operation {
	return []*op.Operation{s.opTokenSelf(), s.opTokenList(), s.opTokenGet(), s.opTokenCreate(), s.opTokenRevoke()}
}

type tokenListIn struct {
	Limit  int    `json:"limit" doc:"how many at most" default:"100" minimum:"1" maximum:"1000"`
	Cursor string `json:"cursor,omitzero" doc:"next_cursor of the page before" minLength:"1"`
}

type tokenListOut struct {
	Items      []tokenItem `json:"items" doc:"tokens in the order of their ids, without secrets"`
	NextCursor *string     `json:"next_cursor" doc:"cursor of the next page, null at the end"`
}

func (s *Service) opTokenList() *op.Operation {
	return op.Define(op.Operation{
		Name: "token_list", Summary: "List the tokens", Scope: "tokens:read", Effect: op.Read,
		Description: "Revoked and expired ones are not in it.",
		Method:      "GET", Path: "/api/tokens",
		Examples: []op.Example{{
			Title: "One page", In: `{"limit":1}`,
			Out: `{"items":[` + firstAgent() + `],"next_cursor":"Zm9vYmFy"}`,
		}},
	}, func(ctx context.Context, in tokenListIn) (tokenListOut, error) {
		after, err := openCursor(in.Cursor, "token_list")
		if err != nil {
			return tokenListOut{}, err
		}
		page, next, err := pageOf(in.Limit, after, func(after string, limit int) ([]storage.Token, error) {
			return s.DB.Tokens(ctx, after, limit)
		}, func(t storage.Token) string { return t.ID })
		if err != nil {
			return tokenListOut{}, ErrorOf(err)
		}
		out := tokenListOut{Items: make([]tokenItem, len(page)), NextCursor: sealCursor(next, "token_list")}
		for i, t := range page {
			out.Items[i] = s.tokenOf(t)
		}
		return out, nil
	})
}

type tokenGetIn struct {
	Token string `json:"token" doc:"the token's id" minLength:"1" maxLength:"256"`
}

func (s *Service) opTokenGet() *op.Operation {
	return op.Define(op.Operation{
		Name: "token_get", Summary: "Get one token without its secret", Scope: "tokens:read", Effect: op.Read,
		Method: "GET", Path: "/api/tokens/{token}",
		Examples: []op.Example{{
			Title: "The one of the first agent", In: `{"token":"agent"}`, Out: firstAgent(),
		}},
	}, func(ctx context.Context, in tokenGetIn) (tokenItem, error) {
		t, err := s.DB.Token(ctx, in.Token)
		if err != nil {
			return tokenItem{}, renamed(ErrorOf(err), "id", "token")
		}
		return s.tokenOf(t), nil
	})
}

type tokenCreateIn struct {
	Name      string   `json:"name" doc:"its name for people" minLength:"1" maxLength:"60"`
	Kind      string   `json:"kind" doc:"who will use it; agents are asked to confirm, persons may approve" default:"agent" enum:"agent,service,person"`
	Scopes    []string `json:"scopes,omitzero" doc:"what it may do, as in kv:read; of an agent's or a person's token all it can hold when left out" minItems:"1" maxItems:"64"`
	App       string   `json:"app,omitzero" doc:"bind it to this app: it can reach no other" format:"app"`
	TTLMillis int64    `json:"ttl_ms,omitzero" doc:"it is refused after so many ms; without it never" minimum:"1" maximum:"3153600000000"`
	Calls     int64    `json:"calls_per_hour,omitzero" doc:"its budget: how many calls an hour, those inside runs too; without it no limit" minimum:"1" maximum:"1000000000"`
	Writes    int64    `json:"writes_per_hour,omitzero" doc:"its budget: how many of those may be ones that change something" minimum:"1" maximum:"1000000000"`
	Bytes     int64    `json:"bytes_per_hour,omitzero" doc:"its budget: how many bytes sent and answered, in all" minimum:"1" maximum:"1000000000000000"`
}

type tokenCreateOut struct {
	ID        string       `json:"id" doc:"what it is named by; safe to show"`
	Secret    string       `json:"secret,omitzero" doc:"the token itself, shown this once; left out in a dry run and when the call is repeated with its idempotency key"`
	Name      string       `json:"name" doc:"its name for people"`
	Kind      string       `json:"kind" doc:"person, agent or service"`
	App       string       `json:"app,omitzero" doc:"the only app it can reach"`
	Scopes    []string     `json:"scopes" doc:"what it may do"`
	CreatedAt int64        `json:"created_at" doc:"Unix ms"`
	CreatedBy string       `json:"created_by" doc:"the id of the token that made it"`
	ExpiresAt *int64       `json:"expires_at" doc:"Unix ms from which on it is refused, null = never"`
	Budget    *tokenBudget `json:"budget,omitzero" doc:"what it may use up in an hour; absent without limit"`
}

func (s *Service) opTokenCreate() *op.Operation {
	return op.Define(op.Operation{
		Name: "token_create", Summary: "Create a token", Scope: "tokens:write", Effect: op.Write,
		Description: "The secret is in this answer only. A token can give no scope that it does not hold, and only a person can make a person's token.",
		Method:      "POST", Path: "/api/tokens", Status: 201,
		Examples: []op.Example{{
			Title: "A program that reads one app for a day", Given: welcome()[:1],
			In: `{"name":"dashboard","kind":"service","scopes":["kv:read"],"app":"shop","ttl_ms":86400000}`,
			Out: `{"id":"t_7g2kq4nxdy","secret":"fazt_…","name":"dashboard","kind":"service","app":"shop","scopes":["kv:read"],` +
				`"created_at":1764000000000,"created_by":"owner","expires_at":1764086400000}`,
		}, {
			Title: "An agent that may do little", In: `{"name":"careful","scopes":["kv:read","kv:write"],"calls_per_hour":600,"writes_per_hour":60}`,
			Out: `{"id":"t_7g2kq4nxdy","secret":"fazt_…","name":"careful","kind":"agent","scopes":["kv:read","kv:write"],` +
				`"created_at":1764000000000,"created_by":"owner","expires_at":null,"budget":{"calls_per_hour":600,"writes_per_hour":60}}`,
		}},
	}, s.tokenCreate, op.WithRisk(tokenCreateRisk))
}

func (s *Service) tokenCreate(ctx context.Context, in tokenCreateIn) (tokenCreateOut, error) {
	inv := op.From(ctx)
	scopes, err := in.grant(inv.Principal, inv.Face)
	if err != nil {
		return tokenCreateOut{}, err
	}
	token, secret, err := s.Auth.CreateToken(ctx, auth.TokenSpec{
		Name: in.Name, Kind: op.Kind(in.Kind), Scopes: scopes, App: in.App,
		ExpiresAt: expiryOf(s.Now(), in.TTLMillis), CreatedBy: inv.Principal.ID, Budget: in.budget(),
	})
	if err != nil {
		return tokenCreateOut{}, err
	}
	b := &storage.Batch{Mutations: []storage.Mutation{storage.TokenCreate{Token: token}}}
	// The stored result of an idempotency key lies in the database for a day,
	// so it is the answer without the secret.
	out, err := answer(ctx, s, b, func(*storage.Outcome) tokenCreateOut { return s.createdToken(token) })
	if err == nil && !inv.Envelope.DryRun {
		out.Secret = secret
	}
	return out, err
}

func (s *Service) createdToken(t storage.Token) tokenCreateOut {
	i := s.tokenOf(t)
	return tokenCreateOut{
		Budget: i.Budget,
		ID:     i.ID, Name: i.Name, Kind: i.Kind, App: i.App, Scopes: i.Scopes,
		CreatedAt: i.CreatedAt, CreatedBy: i.CreatedBy, ExpiresAt: i.ExpiresAt,
	}
}

func expiryOf(now time.Time, ttl int64) time.Time {
	if ttl == 0 {
		return time.Time{}
	}
	return now.Add(ttlOf(ttl))
}

// grant returns the scopes of the new token: what was asked for, or all that
// the kind can hold, and nothing that the giver does not hold itself.
func (in tokenCreateIn) grant(giver *op.Principal, face string) ([]op.Scope, error) {
	kind, bound := op.Kind(in.Kind), in.App != ""
	if giver.Budget != (op.Budget{}) {
		return nil, op.Errorf(op.CodeForbidden, "%q has a budget, so it makes no tokens: each would be another budget", giver.Name).
			WithHint("ask a person to make it under /tokens")
	}
	if kind == op.KindPerson && (giver.Kind != op.KindPerson || giver.Driven || face == op.FaceMCP) {
		return nil, fieldForbidden("kind", "only a person, in person, can make a person's token").
			WithHint("make one of kind agent or service, or ask a person to do it under /tokens")
	}
	if in.Scopes == nil {
		return in.allScopes(giver, kind, bound)
	}
	scopes := make([]op.Scope, 0, len(in.Scopes))
	for i, name := range in.Scopes {
		scope, field := op.Scope(name), fmt.Sprintf("scopes[%d]", i)
		if err := op.ScopeAllowed(scope, kind, bound); err != nil {
			return nil, renamed(err, "scopes", field)
		}
		if !giver.Scopes.Has(scope) {
			return nil, fieldForbidden(field, "%q does not hold %s, so it cannot give it", giver.Name, name).
				WithHint("leave it out, or ask somebody who holds it")
		}
		scopes = append(scopes, scope)
	}
	return scopes, nil
}

// allScopes is what a token may do when its maker did not say. A program's must
// be said: it has no person who looks at what it does.
func (in tokenCreateIn) allScopes(giver *op.Principal, kind op.Kind, bound bool) ([]op.Scope, error) {
	if kind == op.KindService {
		return nil, op.Invalid("scopes", "a token of kind service needs scopes").
			WithHint(`say the least that it needs, as in ["kv:read"]`)
	}
	scopes := []op.Scope{}
	for _, scope := range op.AllScopes() {
		if op.ScopeAllowed(scope, kind, bound) == nil && giver.Scopes.Has(scope) {
			scopes = append(scopes, scope)
		}
	}
	return scopes, nil
}

func fieldForbidden(field, format string, args ...any) *op.Error {
	e := op.Errorf(op.CodeForbidden, format, args...)
	e.Field = field
	return e
}

// tokenCreateRisk: giving rights away is always a person's business.
func tokenCreateRisk(_ context.Context, in tokenCreateIn) (op.Risk, error) {
	return op.Risk{Wide: true, Summary: fmt.Sprintf("a new token %q of kind %s", in.Name, in.Kind)}, nil
}

type tokenRevokeOut struct {
	Deleted bool   `json:"deleted" doc:"always true; a missing token is an error"`
	Version uint64 `json:"version" doc:"of the deletion"`
}

func (s *Service) opTokenRevoke() *op.Operation {
	return op.Define(op.Operation{
		Name: "token_revoke", Summary: "Revoke a token and end its sessions at once", Scope: "tokens:write", Effect: op.Destructive, Idempotent: true,
		Description: "An agent must confirm with the token's name. The owner's own is replaced by fazt token reset instead.",
		Method:      "DELETE", Path: "/api/tokens/{token}",
		Examples: []op.Example{{Title: "The one of the first agent", In: `{"token":"agent"}`, Out: `{"deleted":true,"version":8}`}},
	}, s.tokenRevoke, op.WithRisk(s.tokenRevokeRisk))
}

func (s *Service) tokenRevoke(ctx context.Context, in tokenGetIn) (tokenRevokeOut, error) {
	if in.Token == auth.OwnerID {
		e := op.Errorf(op.CodeConflict, "the owner's token is the way back in, so it cannot be revoked")
		e.Field = "token"
		return tokenRevokeOut{}, e.WithHint("replace it with fazt token reset --db FILE while the server is stopped")
	}
	b := &storage.Batch{Mutations: []storage.Mutation{storage.TokenRevoke{ID: in.Token}}}
	out, err := answer(ctx, s, b, func(o *storage.Outcome) tokenRevokeOut {
		return tokenRevokeOut{Deleted: o.Results[0].Deleted, Version: o.Version}
	})
	return out, renamed(err, "id", "token")
}

func (s *Service) tokenRevokeRisk(ctx context.Context, in tokenGetIn) (op.Risk, error) {
	t, err := s.DB.Token(ctx, in.Token)
	if err != nil {
		return op.Risk{}, renamed(ErrorOf(err), "id", "token")
	}
	return op.Risk{Confirm: t.Name, Wide: true, Summary: fmt.Sprintf("the token %q of kind %s with its sessions", t.Name, t.Kind)}, nil
}

// callerOut is the caller as it is known here: what a page needs to show the
// rooms that its person may enter.
type callerOut struct {
	ID     string       `json:"id" doc:"the token's id"`
	Name   string       `json:"name" doc:"the token's name"`
	Kind   op.Kind      `json:"kind" doc:"person, agent or service"`
	App    string       `json:"app,omitzero" doc:"the only app it can reach"`
	Driven bool         `json:"driven,omitzero" doc:"it acts through a tab that an agent drives"`
	Scopes []op.Scope   `json:"scopes" doc:"what it may do"`
	Budget *tokenBudget `json:"budget,omitzero" doc:"what it may use up in an hour; absent without limit"`
	Used   *tokenUsed   `json:"used,omitzero" doc:"of a token with a budget: what it has used up within the last hour"`
}

func (s *Service) callerOf(p *op.Principal) callerOut {
	budget, used := s.budgetOf(p.ID, p.Budget)
	return callerOut{Budget: budget, Used: used, ID: p.ID, Name: p.Name, Kind: p.Kind, App: p.App, Driven: p.Driven, Scopes: p.Scopes.List()}
}

type tokenSelfIn struct{}

func (s *Service) opTokenSelf() *op.Operation {
	return op.Define(op.Operation{
		Name: "token_self", Summary: "Say who calls, and what it may do", Scope: op.Anyone, Effect: op.Read,
		Method: "GET", Path: "/api/tokens:self", AppFree: true,
		Examples: []op.Example{{
			Title: "Who am I", In: `{}`, Out: `{"id":"t_owner","name":"owner","kind":"person","scopes":[` + quotedScopes() + `]}`,
		}},
	}, func(ctx context.Context, _ tokenSelfIn) (callerOut, error) { return s.callerOf(caller(ctx)), nil })
}

// quotedScopes is every scope as the example's list.
func quotedScopes() string {
	var quoted []string
	for _, scope := range op.AllScopes() {
		quoted = append(quoted, strconv.Quote(string(scope)))
	}
	return strings.Join(quoted, ",")
}
