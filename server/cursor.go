package server

import (
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"

	"fazt/server/op"
)

// queryTag is the length of the query's digest in a cursor: enough that a
// cursor of another query never passes by accident. It is no secret, and a
// forged one gives nothing that a query could not.
const queryTag = 6

var cursorText = base64.RawURLEncoding.Strict()

// sealCursor makes the cursor of the page behind a place; "" is the end, which
// has none. query is what the place means nothing without: the operation, the
// app and the filters, in a fixed order.
func sealCursor(place string, query ...string) *string {
	if place == "" {
		return nil
	}
	text := cursorText.EncodeToString(append(digest(query), place...))
	return &text
}

// openCursor returns the place of a cursor, "" for none.
func openCursor(cursor string, query ...string) (string, error) {
	if cursor == "" {
		return "", nil
	}
	raw, err := cursorText.DecodeString(cursor)
	switch {
	case err != nil || len(raw) <= queryTag:
		return "", op.Invalid("cursor", "this is no cursor").WithHint("%s", cursorHint)
	case string(raw[:queryTag]) != string(digest(query)):
		return "", op.Invalid("cursor", "this cursor is of another query").WithHint("%s", cursorHint)
	}
	return string(raw[queryTag:]), nil
}

const cursorHint = "send next_cursor exactly as the last page gave it, with the same app and filters; leave cursor out to begin anew"

func digest(query []string) []byte {
	var text strings.Builder
	for _, part := range query {
		text.WriteString(strconv.Quote(part))
	}
	sum := sha256.Sum256([]byte(text.String()))
	return sum[:queryTag:queryTag]
}
