package agent

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"path"
	"strings"

	"fazt/server/op"
)

// maxPageFile bounds a file on its way into a page: it travels in one message.
const maxPageFile = 8 << 20

// pageFile is a file on its way into a page's input. From names where it is
// stored, for a recipe that is written out of the step.
type pageFile struct {
	Name   string `json:"name"`
	Type   string `json:"type,omitempty"`
	Base64 string `json:"base64"`
	From   string `json:"from"`
}

const inert = "application/octet-stream"

// fileSource reads a stored file, "app:key", for p.
type fileSource func(ctx context.Context, p *op.Principal, ref string) (pageFile, error)

// file reads a stored file, "app:key", with p's own rights: it is a blob_get
// like any other.
func (a *Agent) file(ctx context.Context, p *op.Principal, ref string) (pageFile, error) {
	app, key, ok := strings.Cut(ref, ":")
	if !ok || op.CheckApp(app) != nil || op.CheckKey(key) != nil {
		return pageFile{}, op.Invalid("steps", "%q names no stored file", ref).
			WithHint("write app:key of a blob, as in shop:reports/may.csv; blob_list shows them, blob_put stores one")
	}
	input, err := op.Encode(map[string]string{"app": app, "key": key})
	if err != nil {
		return pageFile{}, err
	}
	result, err := a.options.Registry.Call(ctx, op.Request{Operation: "blob_get", Principal: p, Input: input, App: app})
	if err != nil {
		return pageFile{}, err
	}
	data, err := bytesOf(ctx, result.Body)
	if err != nil {
		return pageFile{}, err
	}
	kind := result.Body.Type
	if named := mime.TypeByExtension(path.Ext(key)); kind == inert && named != "" {
		kind = named // what a browser would run is sent out as bytes, and is a file like any other here
	}
	return pageFile{Name: path.Base(key), Type: kind, Base64: base64.StdEncoding.EncodeToString(data), From: ref}, nil
}

func bytesOf(ctx context.Context, body *op.Body) ([]byte, error) {
	r, err := body.Open(ctx)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	data, err := io.ReadAll(io.LimitReader(r, maxPageFile+1))
	if err == nil && len(data) > maxPageFile {
		err = op.Errorf(op.CodeTooLarge, "%s has more than %d MiB, which a page is not given in one step", body.Filename, maxPageFile>>20).
			WithHint("let a person choose it in the page, or store it with blob_put where it is needed")
	}
	return data, err
}

// filesNamed puts stored files in the place of their names, in a list too. Bytes
// that a recipe made itself stay.
func filesNamed(arg json.RawMessage, file func(ref string) (pageFile, error)) (json.RawMessage, error) {
	var list []json.RawMessage
	if err := json.Unmarshal(arg, &list); err != nil {
		list = []json.RawMessage{arg}
	}
	for i, one := range list {
		var ref string
		if json.Unmarshal(one, &ref) != nil {
			continue
		}
		found, err := file(ref)
		if err != nil {
			return nil, err
		}
		if list[i], err = json.Marshal(found); err != nil {
			return nil, fmt.Errorf("encode the file %s: %w", ref, err)
		}
	}
	return json.Marshal(list)
}
