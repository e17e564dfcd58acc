package server

import (
	"context"
	"io"

	"fazt/server/op"
	"fazt/storage"
)

// draft makes an app and files that are not published yet.
func draft() []op.Given {
	return []op.Given{
		{Op: "app_create", In: `{"id":"shop","title":"Shop"}`},
		{Op: "blob_put", In: `{"app":"shop","key":"draft/index.html","text":"<h1>Shop</h1>"}`},
	}
}

func (s *Service) siteOperations() []*op.Operation {
	return []*op.Operation{s.opSiteDeploy(), s.opSiteRollback(), s.opSiteList()}
}

type siteDeployIn struct {
	App  string `json:"app" doc:"the app" format:"app"`
	Blob string `json:"blob,omitzero" doc:"the archive, where it is stored as a blob of the app rather than sent" format:"prefix"`
	From string `json:"from,omitzero" doc:"instead of an archive: the app's blobs under this prefix are the files, as in draft/" format:"prefix"`
}

type siteDeployOut struct {
	Deployment int64  `json:"deployment" doc:"its id, for site_rollback"`
	Version    uint64 `json:"version" doc:"of the commit that switched to it"`
	Files      int    `json:"files" doc:"how many it has"`
	Bytes      int64  `json:"bytes" doc:"how large they are together"`
}

func (s *Service) opSiteDeploy() *op.Operation {
	return op.Define(op.Operation{
		Name: "site_deploy", Summary: "Publish an archive as an app's site", Scope: "sites:write", Effect: op.Destructive, TakesBody: true,
		Description: "A zip, tar or tar.gz, with index.html at its top. All of it is unpacked first, then the site switches in one commit; " +
			"what else was under site/ goes. Ten deployments are kept, and site_rollback goes back to one. Links, absolute names, .. and names that " +
			"are there twice are refused; at most 5,000 files and 1 GiB. On the command line: fazt deploy ./dist --app shop. " +
			"Where bytes cannot be sent: upload the archive with blob_upload and name it as blob, or put the files under a prefix and name that as from.",
		Method: "POST", Path: "/api/apps/{app}/site:deploy",
		Examples: []op.Example{{
			Title: "Files that were put one by one, published together", Given: draft(), In: `{"app":"shop","from":"draft/"}`,
			Out: `{"deployment":1,"version":9,"files":1,"bytes":13}`,
		}},
	}, s.siteDeploy)
}

func (s *Service) siteDeploy(ctx context.Context, in siteDeployIn) (siteDeployOut, error) {
	if _, err := s.DB.App(ctx, in.App); err != nil {
		return siteDeployOut{}, ErrorOf(err)
	}
	if in.Blob != "" && in.From != "" {
		return siteDeployOut{}, op.Invalid("from", "the files are given twice: by blob and by from").WithHint("send one of the two")
	}
	if in.Blob == "" && in.From == "" {
		var out siteDeployOut
		err := s.receive(ctx, nil, func(got received) error {
			archive := got.upload.OpenContent(ctx, got.content)
			defer archive.Close()
			var err error
			out, err = s.deploy(ctx, in.App, archive)
			return err
		})
		return out, err
	}
	return s.deployStored(ctx, in)
}

// deployStored publishes what the app has stored already.
func (s *Service) deployStored(ctx context.Context, in siteDeployIn) (siteDeployOut, error) {
	inv := op.From(ctx)
	if !inv.Principal.Scopes.Has("blobs:read") {
		return siteDeployOut{}, op.Errorf(op.CodeForbidden, "publishing from blobs needs the scope blobs:read, which %q lacks", inv.Principal.Name).
			WithHint("send the archive as the body")
	}
	if inv.Body != nil {
		var one [1]byte
		if n, _ := io.ReadFull(inv.Body, one[:]); n > 0 {
			return siteDeployOut{}, op.Invalid("blob", "the files are given twice: as blobs and as the body").WithHint("send one of the two")
		}
	}
	if in.From != "" {
		return s.deployBlobs(ctx, in)
	}
	archive, err := s.DB.OpenBlob(ctx, in.App, in.Blob)
	if err != nil {
		e := op.AsError(ErrorOf(err))
		if e.Field == "key" {
			c := *e
			c.Field, e = "blob", &c
		}
		return siteDeployOut{}, e
	}
	defer archive.Close()
	inv.HashBody(archive.Blob.Hash)
	return s.deploy(ctx, in.App, archive)
}

// deploy unpacks an archive and switches the site to it. Unpacking is the
// machine's work, so it keeps the permit.
func (s *Service) deploy(ctx context.Context, app string, archive *storage.BlobReader) (siteDeployOut, error) {
	upload, err := s.DB.Upload(ctx)
	if err != nil {
		return siteDeployOut{}, ErrorOf(err)
	}
	defer upload.Close() // after the commit: until then nothing else keeps the files
	files, err := unpack(ctx, upload, archive)
	if err != nil {
		return siteDeployOut{}, err
	}
	return s.publish(ctx, app, files)
}

// deployBlobs publishes the blobs under a prefix. They are held until the
// commit, which does not copy them.
func (s *Service) deployBlobs(ctx context.Context, in siteDeployIn) (siteDeployOut, error) {
	var files []storage.SiteFile
	for after := ""; ; {
		page, err := s.DB.Blobs(ctx, in.App, storage.BlobQuery{Prefix: in.From, After: after, Limit: storage.MaxPage})
		if err != nil {
			return siteDeployOut{}, ErrorOf(err)
		}
		for _, b := range page.Blobs {
			r, err := s.DB.OpenRead(ctx, b)
			if err != nil {
				return siteDeployOut{}, ErrorOf(err)
			}
			defer r.Close()
			key, err := siteKey(b.Key[len(in.From):])
			if err != nil {
				return siteDeployOut{}, err
			}
			files = append(files, storage.SiteFile{Key: key, Type: b.Type, Content: r.Content()})
		}
		if after = page.Next; after == "" || len(files) > storage.MaxSiteFiles {
			break
		}
	}
	if len(files) == 0 {
		return siteDeployOut{}, op.Invalid("from", "no blob is under %q", in.From).WithHint("blob_list lists the files of an app")
	}
	return s.publish(ctx, in.App, files)
}

// publish commits a deployment.
func (s *Service) publish(ctx context.Context, app string, files []storage.SiteFile) (siteDeployOut, error) {
	bytes := int64(0)
	for _, f := range files {
		bytes += f.Content.Size
	}
	b := &storage.Batch{App: app, Mutations: []storage.Mutation{storage.SiteDeploy{Files: files}}}
	return answer(ctx, s, b, func(o *storage.Outcome) siteDeployOut {
		return siteDeployOut{Deployment: o.Results[0].Count, Version: o.Version, Files: len(files), Bytes: bytes}
	})
}

type siteRollbackIn struct {
	App        string `json:"app" doc:"the app" format:"app"`
	Deployment int64  `json:"deployment,omitzero" doc:"which to go back to; without it, the one before the active one" minimum:"1"`
}

type siteRollbackOut struct {
	Deployment int64  `json:"deployment" doc:"the one that is shown now"`
	Version    uint64 `json:"version" doc:"of the commit that switched to it"`
}

func (s *Service) opSiteRollback() *op.Operation {
	return op.Define(op.Operation{
		Name: "site_rollback", Summary: "Make an earlier deployment an app's site again", Scope: "sites:write", Effect: op.Destructive,
		Description: "In one commit. Files that were put under site/ one by one since the deployment go.",
		Method:      "POST", Path: "/api/apps/{app}/site:rollback",
		Examples: []op.Example{{
			Title: "To the one before", Given: append(draft(), op.Given{Op: "site_deploy", In: `{"app":"shop","from":"draft/"}`}, op.Given{Op: "site_deploy", In: `{"app":"shop","from":"draft/"}`}),
			In: `{"app":"shop"}`, Out: `{"deployment":1,"version":11}`,
		}},
	}, func(ctx context.Context, in siteRollbackIn) (siteRollbackOut, error) {
		b := &storage.Batch{App: in.App, Mutations: []storage.Mutation{storage.SiteRollback{Deployment: in.Deployment}}}
		return answer(ctx, s, b, func(o *storage.Outcome) siteRollbackOut {
			return siteRollbackOut{Deployment: o.Results[0].Count, Version: o.Version}
		})
	})
}

type siteListIn struct {
	App string `json:"app" doc:"the app" format:"app"`
}

type siteListOut struct {
	Items      []siteItem `json:"items" doc:"deployments, the newest first; ten at most"`
	NextCursor *string    `json:"next_cursor" doc:"always null"`
}

type siteItem struct {
	Deployment int64  `json:"deployment" doc:"its id"`
	DeployedAt int64  `json:"deployed_at" doc:"when, in Unix ms"`
	Principal  string `json:"principal" doc:"who deployed it"`
	Files      int64  `json:"files" doc:"how many it has"`
	Bytes      int64  `json:"bytes" doc:"how large they are together"`
	Active     bool   `json:"active" doc:"it is the one that the site was switched to last"`
}

func (s *Service) opSiteList() *op.Operation {
	return op.Define(op.Operation{
		Name: "site_list", Summary: "List the deployments of an app's site", Scope: "sites:read", Effect: op.Read,
		Method: "GET", Path: "/api/apps/{app}/site",
		Examples: []op.Example{{
			Title: "Before the first", Given: notes()[:1], In: `{"app":"shop"}`, Out: `{"items":[],"next_cursor":null}`,
		}},
	}, func(ctx context.Context, in siteListIn) (siteListOut, error) {
		list, err := s.DB.Deployments(ctx, in.App)
		if err != nil {
			return siteListOut{}, ErrorOf(err)
		}
		out := siteListOut{Items: make([]siteItem, len(list))}
		for i, d := range list {
			out.Items[i] = siteItem{
				Deployment: d.ID, DeployedAt: d.At.UnixMilli(), Principal: d.By, Files: d.Files, Bytes: d.Bytes, Active: d.Active,
			}
		}
		return out, nil
	})
}
