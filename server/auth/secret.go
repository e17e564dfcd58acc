package auth

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"strings"

	"fazt/server/op"
)

// A secret of ours is prefix, 160 random bits and a CRC-32 of all before it,
// in the lower-case alphabet of RFC 4648. The checksum lets scanners for leaked
// secrets, and our hints, tell a damaged token from an unknown one.
const (
	prefix      = "fazt_"
	randomBytes = 20
	randomChars = randomBytes * 8 / 5
	sumChars    = 7 // 32 bits, five a character
)

var alphabet = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

func newSecret(random io.Reader) (string, error) {
	body, err := randomText(random, randomBytes)
	if err != nil {
		return "", err
	}
	return prefix + body + checksum(prefix+body), nil
}

func randomText(random io.Reader, n int) (string, error) {
	raw := make([]byte, n)
	if _, err := io.ReadFull(random, raw); err != nil {
		return "", fmt.Errorf("read randomness: %w", err)
	}
	return alphabet.EncodeToString(raw), nil
}

func checksum(text string) string {
	var sum [4]byte
	binary.BigEndian.PutUint32(sum[:], crc32.ChecksumIEEE([]byte(text)))
	return alphabet.EncodeToString(sum[:])
}

// damaged reports whether text was one of our tokens and is not any more. A
// first owner's token may be any text, so only the checksum can say.
func damaged(text string) bool {
	if !strings.HasPrefix(text, prefix) {
		return false
	}
	if len(text) != len(prefix)+randomChars+sumChars {
		return true
	}
	end := len(text) - sumChars
	return checksum(text[:end]) != text[end:]
}

// hashSecret is what a secret is looked up by. One pass of SHA-256 is enough:
// secrets are random, and slow hashing would stand on the hot path.
func hashSecret(secret string) [32]byte {
	var room [maxOwnerSecret]byte
	return sha256.Sum256(append(room[:0], secret...))
}

// Bounds of an owner's token that was chosen by its owner.
const (
	minOwnerSecret = 16
	maxOwnerSecret = 256
)

// CheckOwnerSecret reports why text cannot be the owner's token of a first
// start. It never repeats the text.
func CheckOwnerSecret(text string) error {
	bad := func(format string, args ...any) error {
		return op.Invalid("FAZT_ADMIN_TOKEN", "FAZT_ADMIN_TOKEN "+format, args...).
			WithHint("set it to 16 to 256 printable ASCII characters, such as the output of openssl rand -hex 24, or leave it out")
	}
	if len(text) < minOwnerSecret || len(text) > maxOwnerSecret {
		return bad("has %d bytes; an owner's token has %d to %d", len(text), minOwnerSecret, maxOwnerSecret)
	}
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return bad("has a byte at position %d that is not printable ASCII", i+1)
		}
	}
	if strings.Trim(text, " ") != text {
		return bad("begins or ends with a space, which a header cannot carry")
	}
	return nil
}
