package server_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"fazt/server/auth"
	"fazt/server/op"
	"fazt/server/servertest"
)

func TestTokens(t *testing.T) {
	t.Parallel()
	w := openShop(t)
	made := createToken(t, w, servertest.Owner, `{"name":"robot","app":"shop","ttl_ms":60000}`, op.Envelope{})
	principal, err := w.Service.Auth.Principal(t.Context(), made.Secret)
	if err != nil {
		t.Fatal(err)
	}
	if principal.ID != made.ID || principal.Kind != op.KindAgent || principal.App != "shop" || principal.Scopes.Has("tokens:read") || !principal.Scopes.Has("kv:write") {
		t.Errorf("the token is %+v with %v", principal, principal.Scopes.List())
	}
	hash := sha256.Sum256([]byte(made.Secret))
	secrets := []string{made.Secret, `"hash"`, `"secret"`, hex.EncodeToString(hash[:])}
	play(t, w, []scenario{
		{name: "listed without its secret", op: "token_list", input: `{}`, want: []string{`"robot"`, made.ID, `"expires_at":1764000060000`, `"created_by":"t_owner"`}, not: secrets},
		{name: "got without its secret", op: "token_get", input: `{"token":"` + made.ID + `"}`, want: []string{`"app":"shop"`}, not: secrets},
		{name: "not in the feed", op: "system_changes", input: `{"since":"0.0"}`, want: []string{made.ID}, not: secrets},
		{name: "revoked", op: "token_revoke", input: `{"token":"` + made.ID + `"}`, want: []string{`"deleted":true`}},
		{name: "gone", op: "token_list", input: `{}`, not: []string{"robot"}},
	})
	if _, err := w.Service.Auth.Principal(t.Context(), made.Secret); err == nil {
		t.Error("a revoked token still opens")
	}
	if items, pages := walk(t, w, "token_list", `"limit":1`); items != "agentowner" || pages != 2 {
		t.Errorf("%q in %d pages", items, pages)
	}
}

type madeToken struct {
	ID, Secret string
	Scopes     []string
}

func createToken(t *testing.T, w *servertest.World, role servertest.Role, input string, envelope op.Envelope) madeToken {
	t.Helper()
	result, err := w.Call(role, "token_create", input, envelope)
	if err != nil {
		t.Fatal(err)
	}
	var made madeToken
	if err := json.Unmarshal(result.JSON, &made); err != nil {
		t.Fatal(err)
	}
	return made
}

// TestTokenSecretIsShownOnce: a repetition answers the same token, and the
// secret is nowhere in the database.
func TestTokenSecretIsShownOnce(t *testing.T) {
	t.Parallel()
	w := servertest.Open(t)
	first := createToken(t, w, servertest.Owner, `{"name":"robot"}`, op.Envelope{IdempotencyKey: "k"})
	second := createToken(t, w, servertest.Owner, `{"name":"robot"}`, op.Envelope{IdempotencyKey: "k"})
	if first.Secret == "" || second.Secret != "" || second.ID != first.ID {
		t.Errorf("first %+v, then %+v", first, second)
	}
	var copied strings.Builder
	if err := w.DB.Backup(t.Context(), &copied); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(copied.String(), first.Secret) || strings.Contains(copied.String(), servertest.OwnerSecret) {
		t.Error("the database holds a secret")
	}
}

// TestTokenScopes: a token gives no more than it holds.
func TestTokenScopes(t *testing.T) {
	t.Parallel()
	w := openShop(t)
	for _, c := range []struct {
		role    servertest.Role
		members string
		want    string
	}{
		{servertest.Minter, `"kind":"service","scopes":["kv:read"]`, "kv:read"},
		{servertest.Minter, `"kind":"agent"`, "kv:read"}, // not tokens:write, which no agent holds
		{servertest.Admin, `"kind":"service","scopes":["tokens:write","kv:read"]`, "tokens:write kv:read"},
		{servertest.Owner, `"kind":"person","scopes":["people:write"]`, "people:write"},
	} {
		made := createToken(t, w, c.role, `{"name":"n",`+c.members+`}`, op.Envelope{})
		if got := strings.Join(made.Scopes, " "); got != c.want {
			t.Errorf("%s with %s: %q, want %q", c.role, c.members, got, c.want)
		}
	}
	driven := servertest.Owner.Principal()
	driven.Driven = true
	_, err := w.Registry.Call(t.Context(), op.Request{Operation: "token_create", Principal: driven, Input: []byte(`{"name":"n","kind":"person"}`)})
	if e := op.AsError(err); err == nil || e.Code != op.CodeForbidden {
		t.Errorf("a driven tab made a person's token: %v", err)
	}
	_, err = w.Registry.Call(t.Context(), op.Request{
		Operation: "token_create", Principal: servertest.Owner.Principal(), Face: op.FaceMCP, Input: []byte(`{"name":"n","kind":"person"}`),
	})
	if e := op.AsError(err); err == nil || e.Code != op.CodeForbidden {
		t.Errorf("a call over MCP made a person's token: %v", err)
	}
}

// TestTokenExpires with its clock, and leaves every list.
func TestTokenExpires(t *testing.T) {
	t.Parallel()
	w := servertest.Open(t)
	made := createToken(t, w, servertest.Owner, `{"name":"robot","ttl_ms":1000}`, op.Envelope{})
	w.Clock.Add(time.Second)
	refused(t, w, servertest.Owner, "token_get", `{"token":"`+made.ID+`"}`, op.Envelope{}, "token_not_found")
	if _, err := w.Service.Auth.Principal(t.Context(), made.Secret); err == nil {
		t.Error("an expired token still opens")
	}
	if _, err := w.Service.Auth.Principal(t.Context(), servertest.OwnerSecret); err != nil {
		t.Errorf("the token %q: %v", auth.OwnerID, err)
	}
}
