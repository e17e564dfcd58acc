package hub_test

import (
	"context"
	"testing"
)

// BenchmarkLook is a look's way to a page on loopback and back, through a real
// websocket; the page answers at once.
func BenchmarkLook(b *testing.B) {
	w := newWorld(b, nil)
	p := w.join(ana, "e1", nil)
	stop := make(chan struct{})
	go func() {
		for {
			select {
			case call := <-p.calls:
				p.answer(call, map[string]any{"text": "rev 1 /apps \"fazt admin\"", "rev": 1})
			case <-stop:
				return
			}
		}
	}()
	defer close(stop)
	b.ResetTimer()
	for range b.N {
		if _, err := w.hub.Call(context.Background(), ana, "", "look", map[string]any{"budget": 600}); err != nil {
			b.Fatal(err)
		}
	}
}
