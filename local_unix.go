//go:build unix

package main

import (
	"io/fs"
	"net"
	"os"
	"syscall"
)

// listenPrivate binds with a mask that leaves the socket to its owner from the
// first moment. The mask is the process's, so this runs at start only.
func listenPrivate(path string) (net.Listener, error) {
	old := syscall.Umask(0o177)
	defer syscall.Umask(old)
	return net.Listen("unix", path)
}

func ownedByUser(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Getuid()
}
