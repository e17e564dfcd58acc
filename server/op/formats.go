package op

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// MaxKeyBytes bounds a key and a blob's name.
const MaxKeyBytes = 1024

// appPattern is a DNS label (RFC 1123, section 2.1), since an app's id is the
// first label of its host.
var appPattern = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// reservedApps are labels that mean something else as a host or path.
var reservedApps = []string{"admin", "api", "www", "mcp", "agent", "up", "static", "localhost"}

// formats are the named checks a field's format tag may ask for.
var formats = map[string]func(string) error{
	"app":    CheckApp,
	"newapp": CheckNewApp,
	"key":    CheckKey,
	"prefix": func(s string) error {
		if s == "" {
			return nil
		}
		return CheckKey(s)
	},
}

// CheckKey reports why text cannot be a key: 1 to 1,024 bytes of valid UTF-8
// without U+0000.
func CheckKey(text string) error {
	switch {
	case text == "":
		return errors.New("must not be empty: a key has 1 to 1024 bytes")
	case len(text) > MaxKeyBytes:
		return fmt.Errorf("has %d bytes, over the limit of %d", len(text), MaxKeyBytes)
	case !utf8.ValidString(text):
		return errors.New("must be valid UTF-8")
	case strings.IndexByte(text, 0) >= 0:
		return errors.New("must not contain U+0000")
	}
	return nil
}

// CheckApp reports why text cannot be the id of an app.
func CheckApp(text string) error {
	if !appPattern.MatchString(text) || strings.HasPrefix(text, "xn--") {
		return fmt.Errorf("must be an app id, 1 to 63 of a-z, 0-9 and inner hyphens, and %q is not", clip(text))
	}
	return nil
}

// CheckNewApp also refuses the ids that mean something else.
func CheckNewApp(text string) error {
	if err := CheckApp(text); err != nil {
		return err
	}
	if slices.Contains(reservedApps, text) {
		return fmt.Errorf("must not be %q, which is reserved", text)
	}
	return nil
}
