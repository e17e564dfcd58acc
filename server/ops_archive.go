package server

import (
	"context"
	"io"

	"fazt/server/op"
)

func (s *Service) archiveOperations() []*op.Operation {
	return []*op.Operation{s.opAppExport()}
}

func (s *Service) opAppExport() *op.Operation {
	return op.Define(op.Operation{
		Name: "app_export", Summary: "Export an app as one archive", Scope: "kv:read", Effect: op.Read,
		Description: "A compressed tar of JSON lines with every key, as of one moment. `fazt import FILE` makes an app of it, here or elsewhere.",
		Method:      "GET", Path: "/api/apps/{app}/export", Bytes: true,
	}, func(ctx context.Context, in appIn) (*op.Body, error) {
		if _, err := s.DB.App(ctx, in.App); err != nil {
			return nil, ErrorOf(err)
		}
		return &op.Body{
			Type: "application/gzip", Filename: in.App + "-" + s.Now().UTC().Format("20060102-150405") + ".tar.gz",
			Write: func(ctx context.Context, w io.Writer) error { return ErrorOf(s.DB.Export(ctx, in.App, w)) },
		}, nil
	})
}
