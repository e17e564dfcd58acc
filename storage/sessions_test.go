package storage

import (
	"slices"
	"testing"
	"time"
)

func TestSessions(t *testing.T) {
	t.Parallel()
	f := openApp(t)
	f.write(&Batch{Mutations: []Mutation{TokenCreate{Token{ID: "t1", Hash: [32]byte{1}, Name: "n", Kind: "agent", Scopes: []string{"kv:read", "kv:write"}}}}})
	plain := Session{Hash: [32]byte{2}, TokenID: "t1", ExpiresAt: f.clock.now().Add(time.Hour)}
	driven := Session{Hash: [32]byte{3}, TokenID: "t1", Driven: true, Run: "r_1", Scopes: []string{"kv:read"}, App: "a"}
	none := Session{Hash: [32]byte{4}, TokenID: "t1", Scopes: []string{}}
	for _, s := range []Session{plain, driven, none} {
		f.write(&Batch{Mutations: []Mutation{SessionCreate{s}}})
		got, k, err := f.SessionByHash(t.Context(), s.Hash)
		if err != nil || k.ID != "t1" {
			t.Fatalf("SessionByHash: %+v, %v", k, err)
		}
		if got.Driven != s.Driven || got.Run != s.Run || got.App != s.App ||
			!slices.Equal(got.Scopes, s.Scopes) || (got.Scopes == nil) != (s.Scopes == nil) {
			t.Errorf("session %+v, want %+v", got, s)
		}
	}
	f.clock.add(time.Hour)
	if _, _, err := f.SessionByHash(t.Context(), plain.Hash); KindOf(err) != KindSessionNotFound {
		t.Errorf("an expired session: %v", err)
	}
	f.fails(KindInvalid, &Batch{Mutations: []Mutation{SessionCreate{Session{TokenID: "t1", App: "A b"}}}})
	f.fails(KindInvalid, &Batch{Mutations: []Mutation{SessionCreate{Session{TokenID: "t1", Scopes: []string{""}}}}})
	f.write(&Batch{Mutations: []Mutation{TokenRevoke{"t1"}}})
	if _, _, err := f.SessionByHash(t.Context(), driven.Hash); KindOf(err) != KindSessionNotFound {
		t.Errorf("the session of a revoked token: %v", err)
	}
}
