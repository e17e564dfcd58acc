package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"syscall"
)

// checkListen refuses an address beyond this machine unless TLS is in front or
// the owner said that it is meant.
func checkListen(address string, proxies []string, insecure bool) error {
	if address != "localhost" {
		ip, err := netip.ParseAddr(address)
		if err != nil {
			return &usageError{
				message: fmt.Sprintf("--listen %q is no IP address", address),
				hint:    "as in --listen 127.0.0.1, or 0.0.0.0 for every interface",
			}
		}
		if !ip.Unmap().IsLoopback() && len(proxies) == 0 && !insecure {
			return &usageError{
				message: fmt.Sprintf("listening on %s would send tokens in the clear to the network", address),
				hint: "behind a proxy that speaks TLS, name its addresses with --behind-proxy CIDR; " +
					"on a network you trust, say --insecure",
			}
		}
	}
	return nil
}

// checkDomain holds a name to what can stand in a Host header and have apps
// below it: labels of letters, digits and inner hyphens (RFC 1123, 2.1).
func checkDomain(domain string) error {
	if domain == "" {
		return nil
	}
	bad := func(why string) error {
		return &usageError{message: fmt.Sprintf("--domain %q %s", domain, why), hint: "as in --domain example.org; IP addresses and localhost are always answered"}
	}
	if _, err := netip.ParseAddr(domain); err == nil {
		return bad("is an address, not a name")
	}
	const maxName = 253 // RFC 1035, section 2.3.4, without the root
	if len(domain) > maxName {
		return bad("is too long")
	}
	for label := range strings.SplitSeq(strings.ToLower(strings.TrimSuffix(domain, ".")), ".") {
		if !labelPattern.MatchString(label) {
			return bad("is no domain name")
		}
	}
	return nil
}

var labelPattern = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// parseProxies reads the networks whose word about the client is believed.
func parseProxies(cidrs []string) ([]netip.Prefix, error) {
	prefixes := make([]netip.Prefix, 0, len(cidrs))
	for _, text := range cidrs {
		prefix, err := netip.ParsePrefix(text)
		if ip, ipErr := netip.ParseAddr(text); err != nil && ipErr == nil {
			prefix, err = netip.PrefixFrom(ip, ip.BitLen()), nil
		}
		if err != nil {
			return nil, &usageError{
				message: fmt.Sprintf("--behind-proxy %q is no network", text),
				hint:    "as in --behind-proxy 127.0.0.1/32",
			}
		}
		prefixes = append(prefixes, prefix)
	}
	return prefixes, nil
}

// listen opens the port, and says who has it when it is taken.
func listen(address string, port int) (net.Listener, error) {
	listener, err := net.Listen("tcp", net.JoinHostPort(address, strconv.Itoa(port)))
	switch {
	case err == nil:
		return listener, nil
	case errors.Is(err, syscall.EADDRINUSE):
		message := fmt.Sprintf("port %d of %s is in use", port, address)
		if owner := portOwner(port); owner != "" {
			message += " by " + owner
		}
		return nil, &usageError{message: message, hint: fmt.Sprintf("choose another: fazt server start --port %d", port+1)}
	case errors.Is(err, syscall.EACCES):
		return nil, &usageError{
			message: fmt.Sprintf("this user may not listen on port %d", port),
			hint:    "ports below 1024 need a right of their own; choose another: fazt server start --port 8080",
		}
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return nil, &usageError{message: fmt.Sprintf("this machine has no address %s", address), hint: "as in --listen 127.0.0.1"}
	}
	return nil, fmt.Errorf("listen: %w", err)
}
