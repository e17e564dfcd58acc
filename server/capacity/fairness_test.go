package capacity

import (
	"context"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"fazt/server/op"
)

// TestAddressesTakeTurns: of two addresses that share a token, the one that asks
// a hundred times does not hold up the one that asks once; and a token with many
// addresses has no more turns than another.
func TestAddressesTakeTurns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := NewAdmission(AdmissionOptions{Processors: 1})
		var mu sync.Mutex
		var order []string
		var done sync.WaitGroup
		from := func(name, id, address string) {
			done.Go(func() {
				place, _, err := a.reads.enter(t.Context(), token(id), netip.MustParseAddr(address))
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				order = append(order, name)
				mu.Unlock()
				place.Release()
			})
			synctest.Wait()
		}
		first := admit(t, a, token("other"), operation("kv_get", op.Read))
		for range 100 {
			from("greedy", "site", "10.0.0.1")
		}
		from("modest", "site", "10.0.0.2")
		from("token", "alone", "10.0.0.1")
		first.Release()
		done.Wait()
		if got := strings.Join(order[:4], " "); got != "greedy token modest greedy" && got != "greedy token greedy modest" {
			t.Errorf("served in the order %s", got)
		}
		if left := len(a.reads.others.byID); left != 0 || a.reads.others.ring.n != 0 {
			t.Errorf("%d flows are left", left)
		}
	})
}

// TestAddressQuota: one address has a bound of its own within a token's.
func TestAddressQuota(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := NewAdmission(AdmissionOptions{Processors: 1, PerAddress: 2, PerToken: 4})
		first := admit(t, a, token("x"), operation("kv_get", op.Read))
		var done sync.WaitGroup
		join := func(address string) {
			done.Go(func() {
				place, _, err := a.reads.enter(t.Context(), token("site"), netip.MustParseAddr(address))
				if err == nil {
					place.Release()
				}
			})
			synctest.Wait()
		}
		join("10.0.0.1")
		join("10.0.0.1")
		_, _, err := a.reads.enter(t.Context(), token("site"), netip.MustParseAddr("10.0.0.1"))
		if codeOf(err) != op.CodeQuota || !strings.Contains(err.Error(), "address") {
			t.Errorf("the third of an address heard %v", err)
		}
		join("10.0.0.2")
		first.Release()
		done.Wait()
	})
}

// TestClientOf: one client of IPv6 is its /64.
func TestClientOf(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{"10.0.0.1": "10.0.0.1", "2001:db8:1:2:3::4": "2001:db8:1:2::", "::1": "::1"} {
		if got := clientOf(netip.MustParseAddr(address)); got.String() != want {
			t.Errorf("%s is %s, want %s", address, got, want)
		}
	}
	if got := addressOf(context.Background()); got.IsValid() {
		t.Errorf("a call from nowhere is from %s", got)
	}
}
