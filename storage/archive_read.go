package storage

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// maxArchiveBytes bounds what an archive unpacks to, headers included: a small
// file can stand for any amount.
const maxArchiveBytes = 64 << 30

// ArchiveReader reads what Export wrote, in constant memory. Nothing in an
// archive is used as a name of a file.
type ArchiveReader struct {
	Manifest Manifest

	zip    *gzip.Reader
	plain  *io.LimitedReader
	tar    *tar.Reader
	lines  *bufio.Scanner
	kind   string // of the lines
	folder string // that the lines are in
	part   int    // its last part
	seen   archiveTotals
	totals archiveTotals
}

// ArchiveItem is one thing in an archive: the field of its kind is set.
type ArchiveItem struct {
	Key     *KVEntry
	Content *ArchiveContent

	collection *archivedCollection
	doc        json.RawMessage
	in         string // the document's collection
	site       *archivedSite
	blob       *archivedBlob
}

// ArchiveContent is the bytes of files. They are read before the next item.
type ArchiveContent struct {
	Hash  [32]byte // as the archive says; who reads the bytes compares
	Size  int64
	Bytes io.Reader
}

// damaged says that an archive is not what Export wrote. The cause can be the
// connection's that it comes through.
func damaged(cause error, format string, args ...any) *Error {
	e := invalid("archive", "the archive is damaged: "+format, args...)
	e.Cause = cause
	return e
}

// NewArchiveReader reads the head of an archive. What is no archive of this
// program, or of a later format, is KindInvalid.
func NewArchiveReader(r io.Reader) (*ArchiveReader, error) {
	zip, err := gzip.NewReader(r)
	if err != nil {
		e := invalid("archive", "this is no archive of an app: %v", err)
		e.Cause = err
		return nil, e
	}
	zip.Multistream(false) // what is behind the end is no part of it
	plain := &io.LimitedReader{R: zip, N: maxArchiveBytes}
	a := &ArchiveReader{zip: zip, plain: plain, tar: tar.NewReader(plain), seen: archiveTotals{}}
	header, err := a.tar.Next()
	if err != nil || header.Name != archiveManifest {
		return nil, invalid("archive", "this is no archive of an app: it does not begin with %s", archiveManifest)
	}
	if err := a.decode(&a.Manifest); err != nil {
		return nil, err
	}
	if a.Manifest.Fazt != archiveFormat {
		return nil, invalid("archive", "the archive has format %d and this program knows %d: use a newer program", a.Manifest.Fazt, archiveFormat)
	}
	return a, checkApp("archive.app", a.Manifest.App)
}

func (a *ArchiveReader) decode(into any) error {
	data, err := io.ReadAll(io.LimitReader(a.tar, maxArchivePart))
	if err == nil {
		err = json.Unmarshal(data, into)
	}
	if err != nil {
		return a.broken(err)
	}
	return nil
}

// broken tells an archive that is too large from one that cannot be read.
func (a *ArchiveReader) broken(err error) *Error {
	if a.plain.N <= 0 {
		return tooLarge("archive", "the archive unpacks to over %d bytes", int64(maxArchiveBytes))
	}
	return damaged(err, "%v", err)
}

// Next returns the next item, or io.EOF behind the last of a complete archive.
func (a *ArchiveReader) Next() (ArchiveItem, error) {
	for {
		if a.lines == nil {
			content, err := a.member()
			if err != nil || content != nil {
				return ArchiveItem{Content: content}, err
			}
			continue
		}
		if a.lines.Scan() {
			a.seen[a.kind]++
			item, err := a.item(bytes.Clone(a.lines.Bytes()))
			if err != nil {
				err = damaged(err, "%s %d: %v", a.kind, a.seen[a.kind], err)
			}
			return item, err
		}
		if err := a.lines.Err(); err != nil {
			return ArchiveItem{}, a.broken(err)
		}
		a.lines = nil
	}
}

func (a *ArchiveReader) item(line []byte) (item ArchiveItem, err error) {
	switch a.kind {
	case "kv":
		var k archivedKey
		if err = json.Unmarshal(line, &k); err == nil && (k.Key == "" || k.Value == nil) {
			err = errors.New("no key with a value")
		}
		item.Key = &KVEntry{Key: k.Key, Value: k.Value}
		if k.ExpiresAt != 0 {
			item.Key.ExpiresAt = time.UnixMilli(k.ExpiresAt)
		}
	case "collections":
		item.collection = &archivedCollection{}
		err = json.Unmarshal(line, item.collection)
	case "docs":
		_, item.in, _ = strings.Cut(a.folder, "/")
		item.doc = line
	case "sites":
		item.site = &archivedSite{}
		err = json.Unmarshal(line, item.site)
	default:
		item.blob = &archivedBlob{}
		err = json.Unmarshal(line, item.blob)
	}
	return item, err
}

// member opens the next member; one that is no list of lines is returned.
func (a *ArchiveReader) member() (*ArchiveContent, error) {
	header, err := a.tar.Next()
	switch {
	case err == io.EOF && a.totals != nil:
		return nil, a.end()
	case err == io.EOF:
		return nil, invalid("archive", "the archive ends too early: it is not complete")
	case err != nil:
		return nil, a.broken(err)
	case a.totals != nil:
		return nil, invalid("archive", "the archive goes on behind its end")
	case header.Typeflag != tar.TypeReg:
		return nil, damaged(nil, "%q is no plain member", clip(header.Name, 80))
	case header.Name == archiveEnd:
		a.totals = archiveTotals{}
		return nil, a.decode(&a.totals)
	}
	kind, rest, _ := strings.Cut(header.Name, "/")
	switch kind {
	case "content":
		return a.content(header, rest)
	case "kv", "collections", "docs", "sites", "blobs":
		return nil, a.open(kind, header.Name)
	}
	return nil, invalid("archive", "the archive holds %q, which this program does not know: use a newer program", clip(kind, 40))
}

func (a *ArchiveReader) content(header *tar.Header, name string) (*ArchiveContent, error) {
	c := &ArchiveContent{Size: header.Size, Bytes: archiveBytes{a}}
	hash, err := hex.DecodeString(name)
	if err != nil || len(hash) != len(c.Hash) {
		return nil, damaged(err, "%q is no SHA-256", clip(name, 80))
	}
	if header.Size > MaxBlobBytes {
		return nil, tooLarge("archive", "a file of %d bytes is over %d, the most that a blob may have", header.Size, int64(MaxBlobBytes))
	}
	a.seen["content"]++
	copy(c.Hash[:], hash)
	return c, nil
}

// archiveBytes gives the errors of a member's bytes their kind.
type archiveBytes struct{ a *ArchiveReader }

func (b archiveBytes) Read(p []byte) (int, error) {
	n, err := b.a.tar.Read(p)
	if err != nil && err != io.EOF {
		err = b.a.broken(err)
	}
	return n, err
}

// open begins a member of lines. Parts follow each other by their number, so
// none is there twice.
func (a *ArchiveReader) open(kind, name string) error {
	folder, _, _ := cutLast(name, "/")
	if kind == "docs" {
		_, collection, _ := strings.Cut(folder, "/")
		if err := checkCollection("archive", collection); err != nil {
			return err
		}
	}
	if folder != a.folder {
		a.folder, a.part = folder, 0
	}
	if a.part++; name != fmt.Sprintf(archivePartName, folder, a.part) || kind != "docs" && folder != kind {
		return damaged(nil, "%q is not what follows", clip(name, 80))
	}
	a.kind = kind
	a.lines = bufio.NewScanner(a.tar)
	a.lines.Buffer(make([]byte, 0, 64<<10), maxArchivePart)
	return nil
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// end holds a complete archive to what it says of itself.
func (a *ArchiveReader) end() error {
	// The rest is padding, and the sum that says that all of it is right.
	n, err := io.Copy(io.Discard, io.LimitReader(a.plain, archivePart))
	if err == nil && n == archivePart {
		err = errors.New("it goes on behind its end")
	}
	if err != nil {
		return a.broken(err)
	}
	for _, totals := range []archiveTotals{a.seen, a.totals} {
		for kind := range totals {
			if a.seen[kind] != a.totals[kind] {
				return damaged(nil, "it holds %d of %s and says %d", a.seen[kind], clip(kind, 40), a.totals[kind])
			}
		}
	}
	return io.EOF
}
