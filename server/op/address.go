package op

import (
	"context"
	"net/netip"
)

type addressKey struct{}

// WithAddress returns a context that says where its calls come from, for faces
// that do not see the connection.
func WithAddress(ctx context.Context, address netip.Addr) context.Context {
	return context.WithValue(ctx, addressKey{}, address)
}

// addressOf is where a call comes from: a call made inside another comes from
// where that does.
func addressOf(ctx context.Context, req *Request) netip.Addr {
	if req.Address.IsValid() {
		return req.Address
	}
	if inv := From(ctx); inv != nil {
		return inv.Address
	}
	address, _ := ctx.Value(addressKey{}).(netip.Addr)
	return address
}
