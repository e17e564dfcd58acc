package auth

import (
	"context"
	"fmt"
	"time"

	"fazt/server/op"
	"fazt/storage"
)

// The ids of the tokens of a first start. Every other id is random.
const (
	OwnerID = "owner"
	AgentID = "agent"
)

// TokenSpec is a token to be made.
type TokenSpec struct {
	Name      string
	Kind      op.Kind
	Scopes    []op.Scope // nil = all that the kind may hold
	App       string     // bound to this app; "" = to none
	ExpiresAt time.Time  // zero = never
	CreatedBy string     // the id of who asked for it
	Budget    op.Budget
}

// CreateToken makes a token and its secret and writes nothing: the row goes
// into the caller's own batch as a [storage.TokenCreate], so that it is
// committed with the call's audit entry or not at all. The secret is to be
// shown once; nobody can find it again.
func (a *Auth) CreateToken(_ context.Context, spec TokenSpec) (storage.Token, string, error) {
	scopes, err := specScopes(spec)
	if err != nil {
		return storage.Token{}, "", err
	}
	id, err := randomText(a.rand, 7)
	if err != nil {
		return storage.Token{}, "", err
	}
	secret, err := newSecret(a.rand)
	if err != nil {
		return storage.Token{}, "", err
	}
	return storage.Token{
		ID: "t_" + id[:10], Hash: hashSecret(secret), Name: spec.Name, Kind: string(spec.Kind), App: spec.App,
		Scopes: scopes, CreatedAt: a.now(), ExpiresAt: spec.ExpiresAt, CreatedBy: spec.CreatedBy,
		Budget: storage.Budget(spec.Budget),
	}, secret, nil
}

func specScopes(spec TokenSpec) ([]string, error) {
	scopes := spec.Scopes
	if scopes == nil {
		for _, s := range op.AllScopes() {
			if op.ScopeAllowed(s, spec.Kind, spec.App != "") == nil {
				scopes = append(scopes, s)
			}
		}
	}
	names := make([]string, len(scopes))
	for i, s := range scopes {
		if err := op.ScopeAllowed(s, spec.Kind, spec.App != ""); err != nil {
			return nil, err
		}
		names[i] = string(s)
	}
	return names, nil
}

// IssueToken makes a token and writes it, for a caller on this machine who
// needs no token to ask: whoever may open the local socket.
func (a *Auth) IssueToken(ctx context.Context, spec TokenSpec) (secret string, err error) {
	token, secret, err := a.CreateToken(ctx, spec)
	if err != nil {
		return "", err
	}
	audit := storage.AuditEntry{Principal: spec.CreatedBy, Kind: string(op.KindPerson), Face: "local", Operation: "token_create", Code: "ok"}
	_, err = a.db.Write(ctx, &storage.Batch{Mutations: []storage.Mutation{storage.TokenCreate{Token: token}}, Audit: &audit})
	return secret, err
}

// FirstStart makes the owner's and the agent's token when the database holds
// no token at all; otherwise it returns "". ownerSecret is the owner's
// token, "" for one that nobody knows: sign-in is by link then.
func (a *Auth) FirstStart(ctx context.Context, ownerSecret string) (agentToken string, err error) {
	some, err := a.db.Tokens(ctx, "", 1)
	if err != nil || len(some) > 0 {
		return "", err
	}
	owner, _, err := a.ownerToken(ctx, ownerSecret)
	if err != nil {
		return "", err
	}
	agent, secret, err := a.CreateToken(ctx, TokenSpec{Name: "agent", Kind: op.KindAgent, CreatedBy: OwnerID})
	if err != nil {
		return "", err
	}
	agent.ID = AgentID
	_, err = a.db.Write(ctx, &storage.Batch{Mutations: []storage.Mutation{
		storage.TokenCreate{Token: owner}, storage.TokenCreate{Token: agent},
	}})
	if err != nil {
		return "", fmt.Errorf("store the first tokens: %w", err)
	}
	return secret, nil
}

// ResetOwner replaces the owner's token and ends the sessions opened with it.
func (a *Auth) ResetOwner(ctx context.Context) (secret string, err error) {
	owner, secret, err := a.ownerToken(ctx, "")
	if err != nil {
		return "", err
	}
	batch := &storage.Batch{Mutations: []storage.Mutation{storage.TokenCreate{Token: owner}}}
	switch _, err := a.db.Token(ctx, OwnerID); storage.KindOf(err) {
	case storage.KindTokenNotFound:
	case "":
		if err != nil {
			return "", err
		}
		batch.Mutations = append([]storage.Mutation{storage.TokenRevoke{ID: OwnerID}}, batch.Mutations...)
	default:
		return "", err
	}
	if _, err := a.db.Write(ctx, batch); err != nil {
		return "", fmt.Errorf("store the owner's token: %w", err)
	}
	return secret, nil
}

func (a *Auth) ownerToken(ctx context.Context, chosen string) (storage.Token, string, error) {
	token, secret, err := a.CreateToken(ctx, TokenSpec{Name: "owner", Kind: op.KindPerson, CreatedBy: OwnerID})
	if err != nil {
		return storage.Token{}, "", err
	}
	token.ID = OwnerID
	if chosen == "" {
		return token, secret, nil
	}
	if err := CheckOwnerSecret(chosen); err != nil {
		return storage.Token{}, "", err
	}
	token.Hash = hashSecret(chosen)
	return token, chosen, nil
}
