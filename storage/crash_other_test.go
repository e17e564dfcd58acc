//go:build !unix

package storage

// runKillChild is of the tests that kill, which need a unix system.
func runKillChild(string) int { return 1 }
