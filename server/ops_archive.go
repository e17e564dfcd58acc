package server

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"

	"fazt/server/op"
	"fazt/storage"
)

func (s *Service) archiveOperations() []*op.Operation {
	return []*op.Operation{s.opAppExport(), s.opAppImport()}
}

func (s *Service) opAppExport() *op.Operation {
	return op.Define(op.Operation{
		Name: "app_export", Summary: "Export an app as one archive", Scope: "kv:read", Effect: op.Read,
		Description: "A compressed tar with keys, collections, documents, files and the site's deployments, as of one moment. " +
			"`fazt import FILE` makes an app of it, here or elsewhere. It needs kv:read, docs:read and blobs:read.",
		Method: "GET", Path: "/api/apps/{app}/export", Bytes: true,
	}, func(ctx context.Context, in appIn) (*op.Body, error) {
		if err := needs(caller(ctx), "an export holds everything of the app", "docs:read", "blobs:read"); err != nil {
			return nil, err
		}
		if _, err := s.DB.App(ctx, in.App); err != nil {
			return nil, ErrorOf(err)
		}
		return &op.Body{
			Type: "application/gzip", Filename: in.App + "-" + s.Now().UTC().Format("20060102-150405") + ".tar.gz",
			Write: func(ctx context.Context, w io.Writer) error { return ErrorOf(s.DB.Export(ctx, in.App, w)) },
		}, nil
	})
}

// needs holds a caller to scopes beside the operation's own.
func needs(p *op.Principal, why string, scopes ...op.Scope) error {
	for _, scope := range scopes {
		if !p.Scopes.Has(scope) {
			return op.Errorf(op.CodeForbidden, "%s: it needs the scope %s, which %q lacks", why, scope, p.Name).
				WithHint("use a token with %s", scope)
		}
	}
	return nil
}

type appImportIn struct {
	App   string  `json:"id,omitzero" doc:"the id of the app to make; the archive's when left out" minLength:"1" maxLength:"63"`
	Title *string `json:"title" doc:"its name for people; the archive's when left out" minLength:"1" maxLength:"200"`
}

type appImportOut struct {
	ID          string `json:"id" doc:"the new app's id"`
	Title       string `json:"title" doc:"its name for people"`
	Version     uint64 `json:"version" doc:"its version"`
	Keys        int64  `json:"keys" doc:"how many keys it has"`
	Collections int64  `json:"collections" doc:"how many collections were declared"`
	Docs        int64  `json:"docs" doc:"how many documents"`
	Blobs       int64  `json:"blobs" doc:"how many files"`
	Deployments int64  `json:"deployments" doc:"how many deployments of its site"`
}

func (s *Service) opAppImport() *op.Operation {
	return op.Define(op.Operation{
		Name: "app_import", Summary: "Make an app of an archive", Scope: "apps:write", Effect: op.Write, TakesBody: true,
		Description: "The body is what app_export answered. The app appears whole, in one commit, or not at all; a dry run reads and checks the archive. " +
			"It needs kv:write, docs:write, blobs:write and sites:write.",
		Method: "POST", Path: "/api/apps:import",
	}, s.appImport)
}

// appImport reads the archive as it comes, which can take long, and so holds no
// permit meanwhile.
func (s *Service) appImport(ctx context.Context, in appImportIn) (out appImportOut, err error) {
	inv := op.From(ctx)
	if err := needs(inv.Principal, "an import writes everything of an app", "kv:write", "docs:write", "blobs:write", "sites:write"); err != nil {
		return out, err
	}
	source, err := bodyOf(inv, nil)
	if err != nil {
		return out, err
	}
	sum := sha256.New()
	body := io.TeeReader(source, sum)
	imported, err := s.DB.NewImport(ctx, body)
	if err != nil {
		return out, importError(err)
	}
	defer func() { err = errors.Join(err, imported.Close(ctx)) }()
	err = inv.Idle(ctx, func() error {
		if err := imported.Load(ctx); err != nil {
			return importError(err)
		}
		_, err := io.Copy(io.Discard, body)
		return err
	})
	if err != nil {
		return out, err
	}
	inv.HashBody([32]byte(sum.Sum(nil)))
	return s.adopt(ctx, in, imported)
}

func (s *Service) adopt(ctx context.Context, in appImportIn, i *storage.Import) (appImportOut, error) {
	out := appImportOut{
		ID: in.App, Title: i.Manifest.Title, Keys: i.Counts.Keys, Collections: i.Counts.Collections,
		Docs: i.Counts.Docs, Blobs: i.Counts.Blobs, Deployments: i.Counts.Deployments,
	}
	if out.ID == "" {
		out.ID = i.Manifest.App
	}
	if in.Title != nil {
		out.Title = *in.Title
	}
	if out.Title == "" {
		out.Title = out.ID
	}
	return answer(ctx, s, &storage.Batch{Mutations: []storage.Mutation{i.Adopt(out.ID, out.Title)}}, func(o *storage.Outcome) appImportOut {
		out.Version = o.Version
		return out
	})
}

// importError gives an archive's fault its next step. What broke the
// connection is told as that.
func importError(err error) error {
	var cause *op.Error
	var e *storage.Error
	if errors.As(err, &cause) || !errors.As(err, &e) || e.Field == "" {
		return ErrorOf(err)
	}
	return op.AsError(ErrorOf(err)).WithHint("nothing was imported; export the app again with app_export, and send all of it")
}
