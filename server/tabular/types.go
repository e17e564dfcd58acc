package tabular

import (
	"regexp"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// Type is what a column's cells are.
type Type string

// The types of columns. A date is text of ISO 8601; json is a JSON value,
// which is never inferred; mixed is of JSON members of several types.
const (
	Text    Type = "text"
	Number  Type = "number"
	Boolean Type = "boolean"
	Date    Type = "date"
	JSON    Type = "json"
	Empty   Type = "empty"
	Mixed   Type = "mixed"
)

// Declarable are the types that a caller can name.
func Declarable() []Type { return []Type{Text, Number, Boolean, Date, JSON} }

// exactDigits is what a 64-bit float keeps of any decimal number.
const exactDigits = 15

var (
	plainNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?$`)
	jsonNumber  = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)
	isoDate     = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?)?$`)
)

// kindOf is the narrowest type of one cell.
func kindOf(cell string) Type {
	switch {
	case cell == "":
		return Empty
	case strings.EqualFold(cell, "true"), strings.EqualFold(cell, "false"):
		return Boolean
	case cell[0] > '9':
		return Text
	case isNumber(cell):
		return Number
	case isDate(cell):
		return Date
	}
	return Text
}

func isNumber(cell string) bool {
	digits := len(cell) - strings.Count(cell, "-") - strings.Count(cell, ".")
	return digits <= exactDigits && plainNumber.MatchString(cell)
}

func isDate(cell string) bool {
	if len(cell) < 10 || !isoDate.MatchString(cell) {
		return false
	}
	_, err := time.Parse(time.DateOnly, cell[:10])
	return err == nil
}

// widened is the type of a column that has cells of both.
func widened(a, b Type) Type {
	switch {
	case a == Empty || a == b:
		return b
	case b == Empty:
		return a
	}
	return Text
}

// appendCell appends a cell as a JSON value of the column's type, or says why
// it is none.
func appendCell(b []byte, cell string, kind Type) (_ []byte, reason string) {
	if cell == "" {
		return append(b, "null"...), ""
	}
	switch kind {
	case Number:
		if !jsonNumber.MatchString(cell) {
			return b, "is not a number"
		}
		return append(b, cell...), ""
	case Boolean:
		switch strings.ToLower(cell) {
		case "true", "yes", "1":
			return append(b, "true"...), ""
		case "false", "no", "0":
			return append(b, "false"...), ""
		}
		return b, "is neither true nor false"
	case JSON:
		value := jsontext.Value(cell)
		if err := value.Compact(); err != nil {
			return b, "is not JSON"
		}
		return append(b, value...), ""
	case Date:
		if !isDate(cell) {
			return b, "is not a date such as 2026-01-31"
		}
	}
	return appendText(b, cell)
}

func appendText(b []byte, text string) ([]byte, string) {
	if strings.IndexByte(text, 0) >= 0 {
		return b, "has a NUL byte"
	}
	quoted, err := jsontext.AppendQuote(b, text)
	if err != nil {
		return b, "is not valid UTF-8"
	}
	return quoted, ""
}

// cut keeps a value short in a report.
func cut(text string) string {
	const most = 80
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return '·'
		}
		return r
	}, strings.ToValidUTF8(text[:min(len(text), most+4)], ""))
	if len(text) > most {
		return strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}
