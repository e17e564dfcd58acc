package clientjs

import (
	"encoding/json"
	"fmt"
	"strings"
)

// entryPoints returns, by the path of each output, the entry it was made from.
func entryPoints(metafile string) (map[string]string, error) {
	var meta struct {
		Outputs map[string]struct {
			EntryPoint string `json:"entryPoint"`
		} `json:"outputs"`
	}
	if err := json.Unmarshal([]byte(metafile), &meta); err != nil {
		return nil, fmt.Errorf("read the bundler's metafile: %w", err)
	}
	entries := map[string]string{}
	for name, output := range meta.Outputs {
		entry := strings.TrimPrefix(strings.TrimPrefix(output.EntryPoint, ours+":"), virtual+":")
		entries["/"+strings.TrimPrefix(name, "/")] = entry
	}
	return entries, nil
}
