package auth

import (
	"context"
	"sync"
	"time"
)

// LinkLife is how long a sign-in link can be used.
const LinkLife = 15 * time.Minute

// SignInPath is where the pages of sign-in are.
const SignInPath = "/sign-in/"

// OpenAtOnce is added to a link whose page need not wait for its button: one
// that goes straight into this user's own browser. It is a fragment, so that
// what follows links without running scripts does not use it up.
const OpenAtOnce = "#open"

// maxLinks bounds the links that are open at a time; the oldest goes first.
const maxLinks = 100

// links are the codes that can still be used, by their hash, oldest first.
type links struct {
	mu   sync.Mutex
	open []link
}

type link struct {
	code    [32]byte
	expires time.Time
}

func newLinks() *links { return &links{} }

// Link returns the path of a new link that signs the owner in once.
func (a *Auth) Link(context.Context) (path string, err error) {
	code, err := randomText(a.rand, randomBytes)
	if err != nil {
		return "", err
	}
	a.links.add(link{hashSecret(code), a.now().Add(LinkLife)})
	return SignInPath + code, nil
}

func (l *links) add(n link) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.open) >= maxLinks {
		l.open = l.open[1:]
	}
	l.open = append(l.open, n)
}

// valid reports whether a code can be used, and uses it up when take is set.
func (l *links) valid(code string, now time.Time, take bool) bool {
	if len(code) > maxOwnerSecret {
		return false
	}
	sum := hashSecret(code)
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, n := range l.open {
		if n.code != sum {
			continue
		}
		if take {
			l.open = append(l.open[:i:i], l.open[i+1:]...)
		}
		return now.Before(n.expires)
	}
	return false
}
