package agent

import (
	"context"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"fazt/server/op"
)

type blobIn struct {
	App string `json:"app" format:"app" doc:"the app"`
	Key string `json:"key" format:"key" doc:"the blob's name"`
}

type textFile struct{ *strings.Reader }

func (textFile) Close() error { return nil }

// storedFile is a blob_get over two files.
func storedFile() *op.Operation {
	return op.Define(op.Operation{
		Name: "blob_get", Summary: "Get a file's bytes", Scope: "blobs:read", Effect: op.Read, Bytes: true,
		Method: "GET", Path: "/api/apps/{app}/blobs/{key...}",
	}, func(_ context.Context, in blobIn) (*op.Body, error) {
		text, ok := map[string]string{"in/may.csv": "a,b", "big.bin": strings.Repeat("x", maxPageFile+1)}[in.Key]
		if !ok {
			return nil, op.NotFound("blob", "no blob %q", in.Key).WithHint("blob_list shows them")
		}
		return &op.Body{Type: inert, Open: func(context.Context) (io.ReadSeekCloser, error) {
			return textFile{strings.NewReader(text)}, nil
		}}, nil
	})
}

// A recipe's setInputFiles names stored files, alone or in a list; what it made
// itself stays, and every other action is left as it is.
func TestFilesOfARecipe(t *testing.T) {
	t.Parallel()
	a := &Agent{options: Options{Registry: scriptedRegistry(t)}}
	p := tabUser(t, "a1", op.KindAgent)
	const may = `{"name":"may.csv","type":"text/csv; charset=utf-8","base64":"YSxi","from":"shop:in/may.csv"}`
	for _, c := range []struct{ action, args, want string }{
		{"setInputFiles", `["shop:in/may.csv"]`, `[[` + may + `]]`},
		{"setInputFiles", `[["shop:in/may.csv",{"name":"own","text":"x"}],{"timeout":9}]`, `[[` + may + `,{"name":"own","text":"x"}],{"timeout":9}]`},
		{"setInputFiles", `[[]]`, `[[]]`},
		{"fill", `["shop:in/may.csv"]`, `["shop:in/may.csv"]`},
		{"setInputFiles", `["shop:none"]`, "blob_not_found"},
		{"setInputFiles", `["shop:big.bin"]`, "too_large"},
		{"setInputFiles", `["may.csv"]`, "invalid_input"},
	} {
		params := map[string]any{"action": c.action, "args": json.RawMessage(c.args), "locator": []any{}}
		got, err := (&pages{file: a.file}).provided(t.Context(), p, "", params)
		if err != nil {
			if e := op.AsError(err); string(e.Code) != c.want || e.Hint == "" {
				t.Errorf("%s: %v, want %s", c.args, err, c.want)
			}
			continue
		}
		raw, err := json.Marshal(got)
		if err != nil || !strings.Contains(string(raw), `"args":`+c.want) {
			t.Errorf("%s became %s, %v", c.args, raw, err)
		}
	}
	stranger := tabUser(t, "a2", op.KindAgent)
	stranger.App = "blog"
	if _, err := a.file(t.Context(), stranger, "shop:in/may.csv"); err == nil || op.AsError(err).Code != "app_not_found" {
		t.Errorf("a file of an app that the token does not reach: %v", err)
	}
}

// storedSecret is a store of one secret.
func storedSecret(_ context.Context, _ *op.Principal, name, _ string) (string, error) {
	if name != "known" {
		return "", op.NotFound("secret", "no secret %q", name).WithHint("secret_list names them")
	}
	return `hünter "2" & more`, nil
}

// What was typed is blotted out in every form that an answer has of it, and only
// in that tab.
func TestSecretsAreBlottedOut(t *testing.T) {
	t.Parallel()
	value := "a&b \"c\"\nsecond line"
	s := &pages{typed: map[string][]string{"t1": writings(value)}}
	shown := []string{`a&b "c"`, `a&b \"c\"`, `a&b \\\"c\\\"`, `a\u0026b \"c\"`, "a%26b+%22c%22", "a%26b%20%22c%22", "second line", "second%20line"}
	for _, text := range shown {
		if got := s.blotted("t1", "say "+text+"!"); got != "say "+blot+"!" {
			t.Errorf("%s became %s", text, got)
		}
		if got := s.blotted("t2", text); got != text {
			t.Errorf("another tab shows %s", got)
		}
	}
	if got := s.blotted("t1", "a b c line"); got != "a b c line" {
		t.Errorf("plain words became %s", got)
	}
}
