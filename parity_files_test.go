package main

import (
	"archive/tar"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"fazt/server/servertest"
)

// fileStart is what both servers begin with for files, sites, undo and the bin.
func fileStart() []parityCase {
	return []parityCase{
		{"app_create", `{"id":"media"}`},
		{"blob_put", `{"app":"media","key":"a.txt","text":"one"}`},
		{"blob_put", `{"app":"media","key":"b/c.txt","text":"two"}`},
		{"blob_put", `{"app":"media","key":"draft/index.html","text":"<h1>Media</h1>"}`},
		{"blob_put", `{"app":"media","key":"site.tar","text":` + jsonText(parityArchive()) + `}`},
		{"app_create", `{"id":"undone"}`},
		{"kv_set", `{"app":"undone","key":"gone","value":1}`},
		{"kv_set", `{"app":"undone","key":"changed","value":1}`},
		{"kv_delete", `{"app":"undone","key":"gone"}`},
		{"kv_delete", `{"app":"undone","key":"changed"}`},
		{"kv_set", `{"app":"undone","key":"changed","value":2}`},
		{"app_create", `{"id":"binned","title":"In the bin"}`},
		{"kv_set", `{"app":"binned","key":"a","value":1}`},
		{"app_delete", `{"app":"binned"}`},
	}
}

// parityArchive is a site as a tar, which is text where its files are.
func parityArchive() string {
	var archive strings.Builder
	files := tar.NewWriter(&archive)
	text := "<h1>From an archive</h1>"
	err := files.WriteHeader(&tar.Header{Name: "index.html", Mode: 0o644, Size: int64(len(text)), ModTime: time.Unix(0, 0)})
	_, writeErr := io.WriteString(files, text)
	if err := errors.Join(err, writeErr, files.Close()); err != nil {
		panic(err)
	}
	return archive.String()
}

// fileCases are the parity cases of files, sites, undo and the bin.
func fileCases() []parityGroup {
	return []parityGroup{
		{"blob_put", []string{
			`{"app":"media","key":"notes/new.txt","text":"line\none"}`,
			`{"app":"media","key":"notes/typed","text":"{}","type":"application/json"}`,
			`{"app":"media","key":"notes/ends.txt","text":"windows\r\nline"}`,
			`{"app":"media","key":" \"q\" ","text":"a name in quotes"}`,
			`{"app":"media","key":"..","text":"dots"}`,
			`{"app":"media","key":"notes/empty","text":""}`,
			`{"app":"media","key":"a.txt","text":"three","if_version":@blob:a.txt}`,
			`{"app":"media","key":"a.txt","text":"four","if_version":1}`,
			`{"app":"media","key":"a.txt","text":"five","create_only":true}`,
			`{"app":"none","key":"a.txt","text":"six"}`,
		}},
		{"blob_copy", []string{
			`{"app":"media","key":"a.txt","to":"copies/a.txt"}`,
			`{"app":"media","key":"a.txt","to":"copies/a.txt","create_only":true}`,
			`{"app":"media","key":"missing","to":"copies/b.txt"}`,
			`{"app":"media","key":"a.txt","to":"b/c.txt","if_version":@blob:a.txt}`,
			`{"app":"media","key":"a.txt","to":"b/c.txt","if_version":1}`,
		}},
		{"blob_move", []string{
			`{"app":"media","key":"copies/a.txt","to":"moved/a.txt"}`,
			`{"app":"media","key":"missing","to":"moved/b.txt"}`,
			`{"app":"media","key":"moved/a.txt","to":"a.txt","create_only":true}`,
			`{"app":"media","key":"moved/a.txt","to":"moved/\u00e9.txt","if_version":1}`,
			`{"app":"media","key":"moved/a.txt","to":"moved/\u00e9.txt"}`,
		}},
		{"blob_delete", []string{
			`{"app":"media","key":"notes/empty"}`,
			`{"app":"media","key":"missing"}`,
			`{"app":"media","key":"b/c.txt","if_version":1}`,
			`{"app":"media","key":"b/c.txt","if_version":@blob:b/c.txt}`,
			`{"app":"none","key":"a.txt"}`,
		}},
		{"site_deploy", []string{
			`{"app":"media","from":"draft/"}`,
			`{"app":"media","blob":"site.tar"}`,
			`{"app":"media","blob":"a.txt"}`,
			`{"app":"media","blob":"missing.zip"}`,
			`{"app":"media","from":"missing/"}`,
			`{"app":"media","from":"draft/","blob":"site.tar"}`,
		}},
		{"site_rollback", []string{
			`{"app":"media"}`,
			`{"app":"media","deployment":2}`,
			`{"app":"media","deployment":99}`,
			`{"app":"none"}`,
		}},
		{"undo_run", []string{
			`{"app":"undone"}`,
			`{"app":"undone","by":"t_nobody"}`,
			`{"app":"undone","since":0}`,
			`{"app":"none","since":0}`,
		}},
		{"app_restore", []string{
			`{"app":"binned"}`,
			`{"app":"binned"}`,
			`{"app":"none"}`,
		}},
	}
}

// files is what the server holds of files and sites, and what undo has left.
func (s *paritySide) files(t testing.TB) string {
	t.Helper()
	state := stateOf(t, s.face, s.registry, "undone") + stateOf(t, s.face, s.registry, "binned")
	for _, c := range []parityCase{{"blob_list", `{"app":"media"}`}, {"site_list", `{"app":"media"}`}, {"app_bin", `{}`}} {
		state += c.name + ": " + servertest.Normal(t, s.ask(t, c.name, c.input).JSON) + "\n"
	}
	return state
}
