package server

import (
	"mime"
	"net/http"
	"path"
	"strings"
)

// typeOf is the media type of stored bytes: as given, else by the name, else as
// the first bytes look.
func typeOf(given, key string, head []byte) string {
	if kind, params, err := mime.ParseMediaType(given); err == nil && strings.Contains(kind, "/") && kind != "application/octet-stream" {
		if text := mime.FormatMediaType(kind, params); text != "" {
			return text
		}
	}
	if kind, ok := typeNames()[strings.ToLower(path.Ext(key))]; ok {
		return kind
	}
	return http.DetectContentType(head)
}

// typeNames are media types by extension. They are ours, because those of the
// system differ from machine to machine.
func typeNames() map[string]string {
	return map[string]string{
		".html": "text/html; charset=utf-8", ".htm": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8",
		".js": "text/javascript; charset=utf-8", ".mjs": "text/javascript; charset=utf-8",
		".json": "application/json", ".map": "application/json", ".webmanifest": "application/manifest+json",
		".txt": "text/plain; charset=utf-8", ".log": "text/plain; charset=utf-8", ".md": "text/markdown; charset=utf-8",
		".csv": "text/csv; charset=utf-8", ".tsv": "text/tab-separated-values; charset=utf-8", ".ics": "text/calendar; charset=utf-8",
		".xml": "application/xml", ".rss": "application/rss+xml", ".atom": "application/atom+xml",
		".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif",
		".webp": "image/webp", ".avif": "image/avif", ".ico": "image/x-icon", ".bmp": "image/bmp",
		".woff": "font/woff", ".woff2": "font/woff2", ".ttf": "font/ttf", ".otf": "font/otf",
		".mp3": "audio/mpeg", ".ogg": "audio/ogg", ".opus": "audio/ogg", ".wav": "audio/wav", ".flac": "audio/flac", ".m4a": "audio/mp4",
		".mp4": "video/mp4", ".webm": "video/webm", ".mov": "video/quicktime",
		".pdf": "application/pdf", ".zip": "application/zip", ".gz": "application/gzip", ".tar": "application/x-tar",
		".wasm": "application/wasm",
	}
}

// inertType is what stored bytes are called on the admin host: there no type
// goes out that a browser would run or lay out as a document.
func inertType(kind string) string {
	lower := strings.ToLower(kind)
	for _, active := range []string{
		"html", "xml", "svg", "script", "css", "pdf", "wasm", "java", "flash", "multipart/", "message/", "manifest",
	} {
		if strings.Contains(lower, active) {
			return "application/octet-stream"
		}
	}
	return kind
}

// compressible reports whether a type is text, which gzip makes smaller.
func compressible(kind string) bool {
	kind, _, _ = strings.Cut(strings.ToLower(kind), ";")
	switch strings.TrimSpace(kind) {
	case "application/json", "application/xml", "application/wasm", "image/svg+xml", "font/ttf", "font/otf":
		return true
	}
	return strings.HasPrefix(kind, "text/") || strings.HasSuffix(kind, "+json") || strings.HasSuffix(kind, "+xml")
}
