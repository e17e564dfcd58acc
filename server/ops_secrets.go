package server

import (
	"context"
	"fmt"

	"fazt/server/op"
	"fazt/storage"
)

type secretItem struct {
	Name       string   `json:"name" doc:"what a step names it by, as in $secret:NAME"`
	Origins    []string `json:"origins" doc:"the origins of the pages that it is typed into"`
	Version    uint64   `json:"version" doc:"of its last change"`
	ModifiedAt int64    `json:"modified_at" doc:"Unix ms"`
}

func (s *Service) secretOperations() []*op.Operation {
	return []*op.Operation{s.opSecretList(), s.opSecretSet(), s.opSecretDelete()}
}

type secretListIn struct {
	Limit  int    `json:"limit" doc:"how many at most" default:"100" minimum:"1" maximum:"1000"`
	Cursor string `json:"cursor,omitzero" doc:"next_cursor of the page before" minLength:"1"`
}

type secretListOut struct {
	Items      []secretItem `json:"items" doc:"secrets by name, without their values"`
	NextCursor *string      `json:"next_cursor" doc:"cursor of the next page, null at the end"`
}

var oneSecret = []op.Given{{Op: "secret_set", In: `{"name":"erp","origins":["https://erp.example"],"value":"a long one"}`}}

func (s *Service) opSecretList() *op.Operation {
	return op.Define(op.Operation{
		Name: "secret_list", Summary: "List the secrets that can be typed, without their values", Scope: "secrets:read", Effect: op.Read,
		Description: "tab_do types one with fill T = $secret:NAME, in pages of its origins only. No operation answers a value.",
		Method:      "GET", Path: "/api/secrets",
		Examples: []op.Example{{
			Title: "What can be typed where", Given: oneSecret, In: `{}`,
			Out: `{"items":[{"name":"erp","origins":["https://erp.example"],"version":7,"modified_at":1764000000000}],"next_cursor":null}`,
		}},
	}, s.secretList)
}

func (s *Service) secretList(ctx context.Context, in secretListIn) (secretListOut, error) {
	after, err := openCursor(in.Cursor, "secret_list")
	if err != nil {
		return secretListOut{}, err
	}
	page, next, err := pageOf(in.Limit, after, func(after string, limit int) ([]storage.Secret, error) {
		return s.DB.Secrets(ctx, after, limit)
	}, func(s storage.Secret) string { return s.Name })
	if err != nil {
		return secretListOut{}, ErrorOf(err)
	}
	out := secretListOut{Items: make([]secretItem, len(page)), NextCursor: sealCursor(next, "secret_list")}
	for i, one := range page {
		out.Items[i] = secretItem{Name: one.Name, Origins: append([]string{}, one.Origins...), Version: one.Version, ModifiedAt: one.ModifiedAt.UnixMilli()}
	}
	return out, nil
}

type secretSetIn struct {
	Name    string   `json:"name" doc:"what it is named by" minLength:"1" maxLength:"60" pattern:"^[A-Za-z0-9][A-Za-z0-9_.-]*$"`
	Origins []string `json:"origins" doc:"the origins of the pages that it may be typed into, such as https://erp.example" minItems:"1" maxItems:"20"`
	Value   string   `json:"value" doc:"what is typed; it is never answered" minLength:"1" maxLength:"8192"`
}

type secretSetOut struct {
	Name    string   `json:"name" doc:"its name"`
	Origins []string `json:"origins" doc:"where it may be typed"`
	Created bool     `json:"created" doc:"whether the name was free before"`
	Version uint64   `json:"version" doc:"of the change"`
}

func (s *Service) opSecretSet() *op.Operation {
	return op.Define(op.Operation{
		Name: "secret_set", Summary: "Store a secret that may be typed into pages of its origins", Scope: "secrets:write", Effect: op.Write,
		Description: "It replaces the one of its name. Only a person stores one, so it has no page form and no run keeps its value; " +
			"the value is sealed with a key beside the database, which no backup holds.",
		Method: "PUT", Path: "/api/secrets/{name}", PeopleOnly: true, Idempotent: true,
		Examples: []op.Example{{
			Title: "A password of one page", In: `{"name":"mail","origins":["https://mail.example"],"value":"correct horse"}`,
			Out: `{"name":"mail","origins":["https://mail.example"],"created":true,"version":7}`,
		}},
	}, s.secretSet)
}

func (s *Service) secretSet(ctx context.Context, in secretSetIn) (secretSetOut, error) {
	// The record of a key has a plain hash of the input, from which whoever
	// reads the database could guess a weak value.
	if op.From(ctx).Envelope.IdempotencyKey != "" {
		return secretSetOut{}, op.Invalid("idempotency_key", "secret_set takes no idempotency key").
			WithHint("call it without one; setting the same secret again changes nothing more")
	}
	for i, origin := range in.Origins {
		if err := checkOrigin(fmt.Sprintf("origins[%d]", i), origin); err != nil {
			return secretSetOut{}, err
		}
	}
	sealed, err := s.seal(in.Name, in.Origins, in.Value)
	if err != nil {
		return secretSetOut{}, err
	}
	b := &storage.Batch{Mutations: []storage.Mutation{storage.SecretSet{Name: in.Name, Origins: in.Origins, Sealed: sealed}}}
	return answer(ctx, s, b, func(o *storage.Outcome) secretSetOut {
		return secretSetOut{Name: in.Name, Origins: in.Origins, Created: o.Results[0].Created, Version: o.Version}
	})
}

type secretDeleteIn struct {
	Name string `json:"name" doc:"the secret's name" minLength:"1" maxLength:"60"`
}

type secretDeleteOut struct {
	Deleted bool   `json:"deleted" doc:"always true; a missing secret is an error"`
	Version uint64 `json:"version" doc:"of the deletion"`
}

func (s *Service) opSecretDelete() *op.Operation {
	return op.Define(op.Operation{
		Name: "secret_delete", Summary: "Forget a secret", Scope: "secrets:write", Effect: op.Destructive,
		Method: "DELETE", Path: "/api/secrets/{name}", PeopleOnly: true, Idempotent: true,
		Examples: []op.Example{{Title: "One that is not used any more", Given: oneSecret, In: `{"name":"erp"}`, Out: `{"deleted":true,"version":8}`}},
	}, func(ctx context.Context, in secretDeleteIn) (secretDeleteOut, error) {
		b := &storage.Batch{Mutations: []storage.Mutation{storage.SecretDelete{Name: in.Name}}}
		return answer(ctx, s, b, func(o *storage.Outcome) secretDeleteOut {
			return secretDeleteOut{Deleted: o.Results[0].Deleted, Version: o.Version}
		})
	}, op.WithRisk(func(_ context.Context, in secretDeleteIn) (op.Risk, error) {
		return op.Risk{Summary: fmt.Sprintf("the secret %q", in.Name)}, nil
	}))
}
