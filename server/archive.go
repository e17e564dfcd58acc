package server

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"fazt/server/op"
	"fazt/storage"
)

// Limits of an archive, counted on what comes out of it and not on what it says
// of itself.
const (
	maxSiteBytes = 1 << 30  // of all files
	maxDirectory = 16 << 20 // of a zip's directory, which is read into memory
)

// unpacker stores the files of an archive. Nothing of it is visible before the
// commit that names them.
type unpacker struct {
	ctx    context.Context
	upload *storage.Upload
	files  []storage.SiteFile
	seen   map[string]bool
	left   int64 // bytes that may still come
}

// unpack stores every file of a zip, a tar or a gzipped tar.
func unpack(ctx context.Context, upload *storage.Upload, r *storage.BlobReader) ([]storage.SiteFile, error) {
	u := &unpacker{ctx: ctx, upload: upload, seen: map[string]bool{}, left: maxSiteBytes}
	head := make([]byte, 4)
	if _, err := r.ReadAt(head, 0); err != nil && err != io.EOF {
		return nil, err
	}
	var err error
	switch {
	case bytes.Equal(head, []byte("PK\x03\x04")) || bytes.Equal(head, []byte("PK\x05\x06")):
		err = u.zip(r)
	case bytes.Equal(head[:2], []byte{0x1f, 0x8b}):
		var plain *gzip.Reader
		if plain, err = gzip.NewReader(r); err == nil {
			err = u.tar(plain)
		}
	default:
		err = u.tar(r)
	}
	if err != nil {
		return nil, archiveError(err)
	}
	if len(u.files) == 0 {
		return nil, badArchive("the archive holds no file").WithHint("pack the folder that holds index.html")
	}
	return u.files, nil
}

func badArchive(format string, args ...any) *op.Error {
	return op.Errorf(op.CodeInvalidInput, format+"; nothing was changed", args...).
		WithHint("send a zip, a tar or a tar.gz of plain files with relative names")
}

// archiveError tells a broken archive from what failed in storing it.
func archiveError(err error) error {
	for _, broken := range []error{
		zip.ErrFormat, zip.ErrAlgorithm, zip.ErrChecksum, tar.ErrHeader, gzip.ErrHeader, gzip.ErrChecksum, io.ErrUnexpectedEOF, io.EOF,
	} {
		if errors.Is(err, broken) {
			return badArchive("this is no zip, tar or tar.gz that can be read (%v)", err)
		}
	}
	var known *op.Error
	if errors.As(err, &known) || storage.KindOf(err) != "" || errors.Is(err, context.Canceled) {
		return ErrorOf(err)
	}
	return badArchive("the archive cannot be read (%v)", err)
}

func (u *unpacker) zip(r *storage.BlobReader) error {
	source := &budget{r: r, left: maxDirectory}
	archive, err := zip.NewReader(source, r.Blob.Size)
	if source.over {
		return tooLargeSite("its directory is over %d bytes", maxDirectory)
	}
	if err != nil {
		return err
	}
	source.left = 1 << 62 // what comes out is counted from here on
	for _, f := range archive.File {
		if strings.HasSuffix(f.Name, "/") && f.UncompressedSize64 == 0 {
			continue
		}
		if f.Flags&1 != 0 {
			return badArchive("%q is encrypted", clipText(f.Name, 200))
		}
		if err := u.zipFile(f); err != nil {
			return err
		}
	}
	return nil
}

func (u *unpacker) zipFile(f *zip.File) error {
	if kind := f.Mode() & fs.ModeType; kind != 0 {
		return badArchive("%q is no plain file but %s", clipText(f.Name, 200), kindText(kind))
	}
	content, err := f.Open()
	if err != nil {
		return err
	}
	err = u.add(f.Name, content)
	return errors.Join(err, content.Close())
}

func kindText(kind fs.FileMode) string {
	if kind&fs.ModeSymlink != 0 {
		return "a link"
	}
	return "a folder or a device"
}

// budget ends a reader after so many bytes.
type budget struct {
	r    io.ReaderAt
	left int64
	over bool
}

func (b *budget) ReadAt(p []byte, off int64) (int, error) {
	if b.left -= int64(len(p)); b.left < 0 {
		b.over = true
		return 0, io.ErrUnexpectedEOF
	}
	return b.r.ReadAt(p, off)
}

func (u *unpacker) tar(r io.Reader) error {
	// A bomb may be all headers and no file: what is read counts too.
	limited := &io.LimitedReader{R: r, N: 2 * maxSiteBytes}
	archive := tar.NewReader(limited)
	for {
		h, err := archive.Next()
		switch {
		case limited.N == 0:
			return tooLargeSite("it unpacks to over %d bytes", int64(maxSiteBytes))
		case err == io.EOF:
			_, err := io.Copy(io.Discard, limited) // to the checksum, or a torn archive passes for whole
			return err
		case err != nil:
			return err
		}
		switch h.Typeflag {
		case tar.TypeReg:
			if err := u.add(h.Name, archive); err != nil {
				return err
			}
		case tar.TypeDir, tar.TypeXGlobalHeader:
		case tar.TypeSymlink, tar.TypeLink:
			return badArchive("%q is a link", clipText(h.Name, 200))
		default:
			return badArchive("%q is no plain file", clipText(h.Name, 200))
		}
	}
}

// add stores one file.
func (u *unpacker) add(name string, content io.Reader) error {
	key, err := siteKey(name)
	switch {
	case err != nil:
		return err
	case u.seen[key]:
		return badArchive("%q is there twice", clipText(key, 200))
	case len(u.files) == storage.MaxSiteFiles:
		return tooLargeSite("it has over %d files", storage.MaxSiteFiles)
	}
	u.seen[key] = true
	if err := u.upload.Next(u.ctx); err != nil {
		return err
	}
	sniffed := &ticket{} // keeps the first bytes
	if err := u.upload.Copy(u.ctx, sniffed.sniffed(io.LimitReader(content, u.left+1))); err != nil {
		return err
	}
	if u.left -= u.upload.Size(); u.left < 0 {
		return tooLargeSite("it unpacks to over %d bytes", int64(maxSiteBytes))
	}
	stored, err := u.upload.Finish(u.ctx)
	if err != nil {
		return err
	}
	u.files = append(u.files, storage.SiteFile{Key: key, Type: typeOf("", key, sniffed.head), Content: stored})
	return nil
}

func tooLargeSite(format string, args ...any) error {
	return op.Errorf(op.CodeTooLarge, "the archive is too large: "+format+"; nothing was changed", args...).
		WithHint("a site has at most %d files and %d bytes; large files can be stored as blobs under site/", storage.MaxSiteFiles, int64(maxSiteBytes))
}

// siteKey is the key of an archive's file, or says why it may not be in a site.
func siteKey(name string) (string, error) {
	shown := clipText(fmt.Sprintf("%q", name), 200)
	key := strings.TrimPrefix(name, "./")
	switch {
	case strings.Contains(key, `\`):
		return "", badArchive("the name %s has a backslash", shown)
	case strings.HasPrefix(key, "/") || len(key) > 1 && key[1] == ':':
		return "", badArchive("the name %s is absolute", shown)
	case strings.ContainsFunc(key, func(c rune) bool { return c < ' ' || c == 0x7f }):
		return "", badArchive("the name %s has a control character", shown)
	}
	for segment := range strings.SplitSeq(key, "/") {
		if segment == "" || segment == "." || segment == ".." {
			return "", badArchive("the name %s has a segment %q", shown, segment)
		}
	}
	if err := op.CheckKey(storage.SitePrefix + key); err != nil {
		return "", badArchive("the name %s %v", shown, err)
	}
	return key, nil
}
