package storage

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Limits of what is stored. They are part of the contract with callers.
const (
	MaxKeyBytes       = 1024    // a key, also a prefix
	MaxValueBytes     = 1 << 20 // a JSON value, after white space is removed
	MaxBatchMutations = 5000    // in one batch; the public API allows fewer
	MaxBatchBytes     = 16 << 20
	MaxPrefixDelete   = 10_000 // keys removed by one KVDeletePrefix
	MaxPage           = 1000   // items in one page of a list
	DefaultPage       = 100
	MaxPageBytes      = 8 << 20 // a page ends early over this, always with one item at least

	maxAppBytes     = 63 // a DNS label, RFC 1035 §2.3.4
	maxNameBytes    = 256
	maxTitleBytes   = 1000
	maxScopes       = 200
	maxManyBytes    = 64 << 20 // values answered by one KVGetMany
	mutationBytes   = 64       // what a mutation weighs in the queue beside its data
	batchBytes      = 512      // what a batch weighs
	maxAuditBytes   = 256      // each text of an audit entry; longer ones are cut
	maxJSONMeasured = 1 << 22  // a value longer than this is refused before it is parsed
)

func invalid(field, format string, args ...any) *Error {
	return &Error{Kind: KindInvalid, Field: field, Index: -1, Message: fmt.Sprintf(format, args...)}
}

func tooLarge(field, format string, args ...any) *Error {
	return &Error{Kind: KindTooLarge, Field: field, Index: -1, Message: fmt.Sprintf(format, args...)}
}

// checkKey holds a key to the format: 1 to 1,024 bytes of UTF-8 without NUL.
func checkKey(field, key string) error {
	if key == "" {
		return invalid(field, "the key is empty: use 1 to %d bytes of UTF-8", MaxKeyBytes)
	}
	return checkPrefix(field, key)
}

// checkPrefix is checkKey for a text that may be empty.
func checkPrefix(field, key string) error {
	switch {
	case len(key) > MaxKeyBytes:
		return tooLarge(field, "%d bytes are too many: at most %d", len(key), MaxKeyBytes)
	case !utf8.ValidString(key):
		return invalid(field, "%q is not valid UTF-8", key)
	case strings.IndexByte(key, 0) >= 0:
		return invalid(field, "%q contains U+0000", key)
	}
	return nil
}

// checkName holds an identifier that the program itself chooses: not empty,
// short, valid UTF-8 without NUL.
func checkName(field, name string) error {
	if name == "" {
		return invalid(field, "must not be empty")
	}
	return checkText(field, name, maxNameBytes)
}

func checkText(field, s string, max int) error {
	switch {
	case len(s) > max:
		return tooLarge(field, "%d bytes are too many: at most %d", len(s), max)
	case !utf8.ValidString(s) || strings.IndexByte(s, 0) >= 0:
		return invalid(field, "%q is not valid UTF-8 without U+0000", s)
	}
	return nil
}

// checkApp holds an app's id to a DNS label. Which labels are reserved is the
// server's business.
func checkApp(field, id string) error {
	ok := id != "" && len(id) <= maxAppBytes && id[0] != '-' && id[len(id)-1] != '-'
	for i := 0; ok && i < len(id); i++ {
		c := id[i]
		ok = c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-'
	}
	if !ok {
		return invalid(field, "%q is no app id: use 1 to %d of a–z, 0–9 and inner hyphens", id, maxAppBytes)
	}
	return nil
}

// clip cuts a text to at most max bytes at a character's boundary.
func clip(s string, max int) string {
	if len(s) <= max {
		return s
	}
	for max > 0 && !utf8.RuneStart(s[max]) {
		max--
	}
	return s[:max]
}

// pageLimit applies the default and the bound.
func pageLimit(n int) (int, error) {
	switch {
	case n == 0:
		return DefaultPage, nil
	case n < 0 || n > MaxPage:
		return 0, invalid("limit", "%d is out of range: 1 to %d", n, MaxPage)
	}
	return n, nil
}
