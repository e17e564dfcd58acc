package run

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"regexp"
	"slices"
	"strings"

	"fazt/server/op"
)

// A recipe can import what another one exports beside its default, by
// "./NAME". It is the source of the version that the saver would run, kept with
// the importing version: what somebody changes later does not change what was
// saved, enabled or approved before.

var moduleImport = regexp.MustCompile(`["']\./([a-z][a-z0-9_]{0,29})["']`)

// modules finds the recipes that a source imports, and those that they import.
// One that p may not run, or that does not exist, is left out: the compiler then
// says where it is imported.
func (c *Catalogue) modules(p *op.Principal, source string) map[string]string {
	found := map[string]string{}
	for queue := []string{source}; len(queue) > 0; queue = queue[1:] {
		for _, m := range moduleImport.FindAllStringSubmatch(queue[0], -1) {
			path := "./" + m[1]
			if _, known := found[path]; known {
				continue
			}
			e, err := c.Find(p, m[1])
			if err != nil {
				continue
			}
			found[path] = e.Source
			queue = append(queue, e.Source)
			for name, text := range e.modules { // of a shipped one: what it shares with others
				if _, known := found[name]; !known && strings.HasPrefix(name, "./_") {
					found[name] = text
				}
			}
		}
	}
	if len(found) == 0 {
		return nil
	}
	return found
}

// hashWith is the version of a source together with what it imports.
func hashWith(hash string, modules map[string]string) string {
	if len(modules) == 0 {
		return hash
	}
	sum := sha256.New()
	sum.Write([]byte(hash))
	for _, name := range slices.Sorted(maps.Keys(modules)) {
		sum.Write([]byte("\x00" + name + "\x00" + modules[name]))
	}
	return hex.EncodeToString(sum.Sum(nil))
}
