package clientjs_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"fazt/clientjs"
)

// testOperations is a table as the registry generates it.
const testOperations = `
export type CallOptions = { idempotencyKey?: string; dryRun?: boolean; confirm?: string; signal?: AbortSignal };
export type StreamEvent = { id: string; type: string; data: unknown };
export type OperationSpec = { method: string; path: string; body?: true; repeat?: true; stream?: true; bytes?: true };
export type Operations = Record<string, never>;
export const operations: Record<string, OperationSpec> = {
  kv_get: { method: "GET", path: "/api/apps/{app}/kv/{key...}", repeat: true },
  kv_set: { method: "PUT", path: "/api/apps/{app}/kv/{key...}", body: true, repeat: true },
  kv_increment: { method: "POST", path: "/api/apps/{app}/kv:increment", body: true },
  kv_list: { method: "GET", path: "/api/apps/{app}/kv", repeat: true },
  doc_find_and_update: { method: "POST", path: "/api/apps/{app}/collections/{collection}/docs:find_and_update", body: true },
  undo: { method: "POST", path: "/api/apps/{app}/undo", body: true },
  event_watch: { method: "GET", path: "/api/events", repeat: true, stream: true },
  system_backup: { method: "GET", path: "/api/system/backup", repeat: true, bytes: true },
};
`

func testAssets(t testing.TB) *clientjs.Assets {
	t.Helper()
	assets, err := clientjs.Bundle(clientjs.Options{Operations: testOperations, Declarations: "export interface Operations {}\n"})
	if err != nil {
		t.Fatal(err)
	}
	return assets
}

func get(t *testing.T, h http.Handler, path string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestModuleIsServedByReExport(t *testing.T) {
	t.Parallel()
	assets := testAssets(t)
	h := assets.Handler()
	plain := get(t, h, "/agent/fazt.js")
	m := regexp.MustCompile(`^export \* from "\./(fazt-([A-Z0-9]+)\.js)";\n$`).FindStringSubmatch(plain.Body.String())
	if plain.Code != 200 || m == nil {
		t.Fatalf("fazt.js answers %d %q, want a re-export of a hashed file", plain.Code, plain.Body)
	}
	if m[2] != assets.Hash() {
		t.Errorf("Hash() is %q, but the module is %q", assets.Hash(), m[1])
	}
	if got := plain.Header().Get("Cache-Control"); got != "no-cache" {
		t.Errorf("fazt.js has Cache-Control %q, want no-cache", got)
	}
	hashed := get(t, h, "/agent/"+m[1])
	if got := hashed.Header().Get("Cache-Control"); hashed.Code != 200 || !strings.Contains(got, "immutable") {
		t.Errorf("the hashed module answers %d with Cache-Control %q", hashed.Code, got)
	}
	for name, want := range map[string]string{
		"Content-Type": "text/javascript; charset=utf-8", "X-Content-Type-Options": "nosniff", "Access-Control-Allow-Origin": "*",
	} {
		if got := hashed.Header().Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func TestUnchangedFilesAnswer304(t *testing.T) {
	t.Parallel()
	h := testAssets(t).Handler()
	for _, path := range []string{"/agent/fazt.js", "/agent/fazt.d.ts"} {
		etag := get(t, h, path).Header().Get("ETag")
		if etag == "" {
			t.Fatalf("%s has no ETag", path)
		}
		for _, header := range []string{etag, "W/" + etag, `"other", ` + etag, "*"} {
			if w := get(t, h, path, "If-None-Match", header); w.Code != 304 || w.Body.Len() > 0 {
				t.Errorf("%s with If-None-Match %s answers %d and %d bytes, want a bare 304", path, header, w.Code, w.Body.Len())
			}
		}
		if w := get(t, h, path, "If-None-Match", `"other"`); w.Code != 200 {
			t.Errorf("%s with another ETag answers %d", path, w.Code)
		}
	}
}

func TestCompressionHasItsOwnETag(t *testing.T) {
	t.Parallel()
	h := testAssets(t).Handler()
	plain := get(t, h, "/agent/fazt.d.ts")
	zipped := get(t, h, "/agent/fazt.d.ts", "Accept-Encoding", "br, gzip;q=0.8")
	if zipped.Header().Get("Content-Encoding") != "gzip" || zipped.Body.Len() >= plain.Body.Len() {
		t.Errorf("gzip was accepted, but %d of %d bytes came", zipped.Body.Len(), plain.Body.Len())
	}
	if zipped.Header().Get("ETag") == plain.Header().Get("ETag") {
		t.Error("both encodings have one ETag, so a cache would mix them")
	}
	if got := get(t, h, "/agent/fazt.d.ts", "Accept-Encoding", "gzip;q=0").Header().Get("Content-Encoding"); got != "" {
		t.Errorf("gzip was refused, but came as %q", got)
	}
}

func TestSourceMaps(t *testing.T) {
	t.Parallel()
	assets := testAssets(t)
	h := assets.Handler()
	module := get(t, h, "/agent/fazt-"+assets.Hash()+".js").Body.String()
	m := regexp.MustCompile(`//# sourceMappingURL=(\S+)\s*$`).FindStringSubmatch(module)
	if m == nil {
		t.Fatal("the module names no source map")
	}
	var sourceMap struct {
		Sources        []string
		SourcesContent []string
	}
	w := get(t, h, "/agent/"+m[1])
	if err := json.Unmarshal(w.Body.Bytes(), &sourceMap); err != nil {
		t.Fatalf("%s answers %d: %v", m[1], w.Code, err)
	}
	if !strings.Contains(strings.Join(sourceMap.Sources, " "), "src/transport.ts") || len(sourceMap.SourcesContent) != len(sourceMap.Sources) {
		t.Errorf("the map has %v with %d contents", sourceMap.Sources, len(sourceMap.SourcesContent))
	}
	for name, code := range map[string][]byte{"Module": assets.Module(), "Driver": assets.Driver()} {
		if bytes.Contains(code, []byte("sourceMappingURL")) {
			t.Errorf("%s() names a source map, which nobody serves beside it", name)
		}
	}
}

func TestOtherRequestsAreRefused(t *testing.T) {
	t.Parallel()
	h := testAssets(t).Handler()
	for _, path := range []string{"/agent/fazt-OLD.js", "/agent/", "/agent/../agent/fazt.js", "/agent/src/fazt.ts", "/agent/\xff"} {
		r := httptest.NewRequest(http.MethodGet, "/agent/x", nil)
		r.URL.Path = path
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		var body struct{ Code, Hint string }
		if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil || w.Code != 404 || body.Code != "not_found" || body.Hint == "" {
			t.Errorf("GET %q answers %d %s", path, w.Code, w.Body)
		}
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/agent/fazt.js", nil))
	if w.Code != 405 || w.Header().Get("Allow") != "GET, HEAD" {
		t.Errorf("POST answers %d, Allow %q", w.Code, w.Header().Get("Allow"))
	}
	w = httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodHead, "/agent/fazt.js", nil))
	if w.Code != 200 || w.Body.Len() != 0 || w.Header().Get("Content-Length") == "" {
		t.Errorf("HEAD answers %d with %d bytes", w.Code, w.Body.Len())
	}
}

func TestBundleIsDeterministic(t *testing.T) {
	t.Parallel()
	a, b := testAssets(t), testAssets(t)
	if a.Hash() != b.Hash() || !bytes.Equal(a.Module(), b.Module()) {
		t.Error("two bundles of the same sources differ")
	}
	other, err := clientjs.Bundle(clientjs.Options{Operations: strings.Replace(testOperations, "kv_list", "kv_page", 1)})
	if err != nil {
		t.Fatal(err)
	}
	if other.Hash() == a.Hash() {
		t.Error("another table of operations has the same hash, so pages would keep the old one")
	}
}

// TestImportsStayInside: esbuild would otherwise read whatever an import names.
func TestImportsStayInside(t *testing.T) {
	t.Parallel()
	secret := filepath.Join(t.TempDir(), "secret.ts")
	if err := os.WriteFile(secret, []byte("export default 1"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, imported := range []string{secret, "../" + secret, "fs", "./missing", "https://example.com/x.js", "/etc/passwd", "data:text/javascript,1"} {
		files := fstest.MapFS{"a.ts": {Data: []byte("import x from " + string(must(json.Marshal(imported))) + ";\nconsole.log(x);")}}
		_, err := clientjs.Build(clientjs.BuildOptions{Files: files, Entries: []string{"a.ts"}, Format: clientjs.ESM})
		if err == nil || !strings.Contains(err.Error(), "a.ts:1:") || !strings.Contains(err.Error(), "none of our sources") {
			t.Errorf("import of %q: %v, want a refusal that names the place", imported, err)
		}
	}
}

func must(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}

func TestSyntaxErrorsNameTheirPlace(t *testing.T) {
	t.Parallel()
	_, err := clientjs.Bundle(clientjs.Options{Operations: "export const operations = {\n  kv_set: \n};"})
	if err == nil || !strings.Contains(err.Error(), "fazt:operations:3:1") {
		t.Errorf("got %v, want the line of the error", err)
	}
}

func TestTypesHoldEveryModule(t *testing.T) {
	t.Parallel()
	text := get(t, testAssets(t).Handler(), "/agent/fazt.d.ts").Body.String()
	for _, want := range []string{
		`declare module "fazt" {`, `declare module "*/agent/fazt.js" {`, `declare module "*/fazt.mjs" {`,
		"export function defineRecipe", "export function connect", "export interface Operations {}",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("fazt.d.ts lacks %s", want)
		}
	}
	if n := strings.Count(text, "interface Operations"); n != 1 {
		t.Errorf("the operations are declared %d times", n)
	}
}

// TestModuleImportsInNode runs the module as a script would.
func TestModuleImportsInNode(t *testing.T) {
	t.Parallel()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("skipped: no Node here to import the module with")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "fazt.mjs"), testAssets(t).Module(), 0o600); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]string{"path": r.URL.EscapedPath(), "auth": r.Header.Get("Authorization")})
	}))
	t.Cleanup(server.Close)
	script := `import { connect, FaztError } from "./fazt.mjs";
const missing = await connect().catch((e) => e);
const fazt = await connect({ url: process.argv[2], token: "fazt_t" });
const got = await fazt.kv.get({ app: "shop", key: "a/b c" });
console.log(JSON.stringify([missing instanceof FaztError, missing.code, got.path, got.auth]));`
	if err := os.WriteFile(filepath.Join(dir, "main.mjs"), []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), node, filepath.Join(dir, "main.mjs"), server.URL).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	want := `[true,"invalid_input","/api/apps/shop/kv/a%2Fb%20c","Bearer fazt_t"]`
	if got := strings.TrimSpace(string(out)); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
