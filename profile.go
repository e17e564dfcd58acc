package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// profile is what `fazt login` saves: where operations go and with which
// token. The file can be read by its owner only.
type profile struct {
	URL   string `json:"url"`
	Token string `json:"token"`
}

func profilePath(getenv func(string) string) (string, error) {
	if dir := getenv("XDG_CONFIG_HOME"); dir != "" {
		return filepath.Join(dir, "fazt", "profile.json"), nil
	}
	home := getenv("HOME")
	if home == "" {
		var err error
		if home, err = os.UserHomeDir(); err != nil {
			return "", fmt.Errorf("find the home folder: %w", err)
		}
	}
	return filepath.Join(home, ".config", "fazt", "profile.json"), nil
}

// loadProfile returns the saved profile, or an empty one when none was saved.
func loadProfile(getenv func(string) string) (profile, error) {
	var p profile
	path, err := profilePath(getenv)
	if err != nil {
		return p, err
	}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return p, nil
	}
	if err != nil {
		return p, fmt.Errorf("read the profile: %w", err)
	}
	if err := json.Unmarshal(data, &p); err != nil {
		return p, fmt.Errorf("%s is not a profile (%w); run fazt login again", path, err)
	}
	return p, nil
}

func (p profile) save(getenv func(string) string) (string, error) {
	path, err := profilePath(getenv)
	if err != nil {
		return "", err
	}
	data, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return "", err
	}
	return path, writePrivate(path, append(data, '\n'))
}

// writePrivate replaces a file whole, readable by its owner only.
func writePrivate(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("make the folder of %s: %w", path, err)
	}
	temp, err := os.CreateTemp(filepath.Dir(path), ".fazt-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer os.Remove(temp.Name())
	if _, err := temp.Write(data); err != nil {
		temp.Close()
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := temp.Close(); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return os.Rename(temp.Name(), path)
}
