package tabular

import (
	"bytes"
	"errors"
	"io"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// The encodings that are told apart. Latin-1 text is read as Windows-1252,
// which WHATWG's Encoding standard prescribes for it.
const (
	utf8Name    = "utf-8"
	utf16LE     = "utf-16le"
	utf16BE     = "utf-16be"
	windows1252 = "windows-1252"
)

// headBytes are looked at to tell what a file is.
const headBytes = 64 << 10

// headOf reads the first bytes of a file and goes back to its begin.
func headOf(r io.ReadSeeker) ([]byte, error) {
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	head, err := io.ReadAll(io.LimitReader(r, headBytes))
	if err != nil {
		return nil, err
	}
	_, err = r.Seek(0, io.SeekStart)
	return head, err
}

// encodingOf tells how a file is encoded. It reads all of it where no byte
// order mark and no NUL says so: valid UTF-8 of any length is hardly anything
// else, and statistics over a sample would be wrong for the file whose first
// umlaut is in its last line.
func encodingOf(r io.ReadSeeker, head []byte) (string, error) {
	switch {
	case bytes.HasPrefix(head, []byte{0xef, 0xbb, 0xbf}):
		return utf8Name, nil
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}):
		return utf16LE, nil
	case bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		return utf16BE, nil
	}
	if name := nulEncoding(head); name != "" {
		return name, nil
	}
	_, err := io.Copy(io.Discard, transform.NewReader(r, encoding.UTF8Validator))
	if _, back := r.Seek(0, io.SeekStart); back != nil {
		return "", back
	}
	if errors.Is(err, encoding.ErrInvalidUTF8) {
		return windows1252, nil
	}
	return utf8Name, err
}

// nulEncoding recognises UTF-16 without a mark: of mostly Latin text every
// other byte is NUL.
func nulEncoding(head []byte) string {
	var zeros [2]int
	for i, c := range head {
		if c == 0 {
			zeros[i%2]++
		}
	}
	half := len(head) / 2
	switch {
	case zeros[1] > half*6/10 && zeros[0] < half/10+1:
		return utf16LE
	case zeros[0] > half*6/10 && zeros[1] < half/10+1:
		return utf16BE
	}
	return ""
}

// decoded reads a file as UTF-8 without a byte order mark.
func decoded(r io.Reader, name string) io.Reader {
	switch name {
	case utf16LE:
		return transform.NewReader(r, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder())
	case utf16BE:
		return transform.NewReader(r, unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewDecoder())
	case windows1252:
		return transform.NewReader(r, charmap.Windows1252.NewDecoder())
	}
	return transform.NewReader(r, unicode.UTF8BOM.NewDecoder())
}
