package server

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"fazt/server/op"
	"fazt/storage"
)

// Secrets are sealed with a key that stands in a file of its own beside the
// database: who gets a backup or a copy of the database alone cannot open them.
// It is no guard against somebody who reads the server's whole disk.

const secretHint = "secret_list names the secrets; a person stores one under /secrets, or with fazt secret set NAME --origin URL"

// secretKeyBytes is the length of an AES-256 key.
const secretKeyBytes = 32

func (s *Service) secretKeyPath() string { return s.DB.Path() + ".key" }

// secretCipher opens the key file; where there is none and make is set, it is
// made.
func (s *Service) secretCipher(make bool) (cipher.AEAD, error) {
	text, err := os.ReadFile(s.secretKeyPath())
	if errors.Is(err, fs.ErrNotExist) && make {
		text, err = newSecretKey(s.secretKeyPath())
	}
	if err != nil {
		return nil, fmt.Errorf("the key of the secrets: %w", err)
	}
	key, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(key) != secretKeyBytes {
		return nil, fmt.Errorf("%s holds no key", s.secretKeyPath())
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// newSecretKey writes a key that is whole before it has its name, and takes the
// one that another call wrote first.
func newSecretKey(path string) ([]byte, error) {
	key := make([]byte, secretKeyBytes)
	if _, err := rand.Read(key); err != nil {
		return nil, err
	}
	text := []byte(hex.EncodeToString(key) + "\n")
	draft := path + "." + hex.EncodeToString(key[:4])
	file, err := os.OpenFile(draft, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	defer os.Remove(draft)
	_, err = file.Write(text)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return nil, err
	}
	if err := os.Link(draft, path); errors.Is(err, fs.ErrExist) {
		return os.ReadFile(path)
	} else if err != nil {
		return nil, err
	}
	return text, nil
}

// boundTo is what a sealed value is bound to: moved to another name or other
// origins, it does not open.
func boundTo(name string, origins []string) ([]byte, error) {
	return json.Marshal([]any{name, append([]string{}, origins...)})
}

func (s *Service) seal(name string, origins []string, value string) ([]byte, error) {
	aead, err := s.secretCipher(true)
	if err != nil {
		return nil, err
	}
	bound, err := boundTo(name, origins)
	if err != nil {
		return nil, err
	}
	return aead.Seal(nil, nil, []byte(value), bound), nil
}

func (s *Service) unseal(secret storage.Secret) (string, error) {
	aead, err := s.secretCipher(false)
	if err != nil {
		return "", err
	}
	bound, err := boundTo(secret.Name, secret.Origins)
	if err != nil {
		return "", err
	}
	value, err := aead.Open(nil, nil, secret.Sealed, bound)
	return string(value), err
}

// Secret returns a secret's value, to be typed into a page of origin for p. It
// is the only way out of the store.
func (s *Service) Secret(ctx context.Context, p *op.Principal, name, origin string) (string, error) {
	switch {
	case p.App != "":
		return "", op.NotFound("secret", "no secret %q", name).WithHint("this token is bound to app %q, and secrets are of none", p.App)
	case !p.Scopes.Has("secrets:read"):
		return "", op.Errorf(op.CodeForbidden, "typing a secret needs the scope secrets:read, which %q lacks", p.Name).
			WithHint("use a token with secrets:read; a recipe declares it under scopes")
	}
	secret, err := s.DB.Secret(ctx, name)
	if err != nil {
		return "", ErrorOf(err)
	}
	if !slices.Contains(secret.Origins, origin) {
		return "", op.Errorf(op.CodeForbidden, "the secret %q is not typed at %s, but only at %s", name, origin, strings.Join(secret.Origins, ", ")).
			WithHint("goto a page of these; or a person adds the origin under /secrets")
	}
	value, err := s.unseal(secret)
	if err != nil {
		return "", op.Errorf(op.CodeConflict, "the secret %q cannot be opened: the key beside the database is not the one that it was stored with", name).
			WithHint("a person stores it again under /secrets, or with fazt secret set %s --origin %s", name, origin)
	}
	return value, nil
}
