package drivertest_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
)

// TestNoActionOnAWrongElement draws a page in random ways between a look and an
// action and lets the page itself say which item was acted on. A ref may fail;
// it may never act on another item than the one it was given for.
func TestNoActionOnAWrongElement(t *testing.T) {
	t.Parallel()
	sequences := 200
	if os.Getenv("FAZT_LONG") != "" {
		sequences = 10_000
	}
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	for _, kind := range []string{"keyed", "ids", "plain", "cards"} {
		p := openShop(t, kind)
		acted, refused := 0, 0
		for n := range sequences / 4 {
			p.Eval(t, `items = [1,2,3,4,5,6].map((n) => ({ id: "k" + n, name: "Item " + n, note: "note " + n % 2 })); clicked = []; draw()`, nil)
			item := 1 + random.IntN(6)
			ref := refTo(t, p, fmt.Sprint("Item ", item))
			changes := someChanges(random)
			p.Eval(t, strings.Join(changes, ";")+";0", nil)
			err := p.call("step", params{"step": "click " + ref, "timeout_ms": 0}, nil)
			clicked := p.text("clicked")
			if clicked != "" && clicked != fmt.Sprint("k", item) {
				t.Fatalf("seed %d, %s, sequence %d: %s of k%d acted on %s after %v", seed, kind, n, ref, item, clicked, changes)
			}
			if (err == nil) != (clicked != "") {
				t.Fatalf("seed %d, %s, sequence %d: answered %v, but clicked %q after %v", seed, kind, n, err, clicked, changes)
			}
			if clicked == "" {
				refused++
			} else {
				acted++
			}
		}
		if acted == 0 || refused == 0 {
			t.Errorf("%s: %d acted, %d refused: the changes test nothing", kind, acted, refused)
		}
		t.Logf("%s: %d acted, %d refused, none wrong", kind, acted, refused)
	}
}

func someChanges(random *rand.Rand) []string {
	all := []func() string{
		func() string { return `draw()` },
		func() string { return fmt.Sprintf(`recycle(%d)`, random.IntN(6)) },
		func() string { return fmt.Sprintf(`items.splice(%d,1); draw()`, random.IntN(4)) },
		func() string {
			id := 10 + random.IntN(80)
			return fmt.Sprintf(`items.splice(%d,0,{id:"k%d",name:"Item %d",note:"note 1"}); draw()`, random.IntN(4), id, id)
		},
		func() string { return `items.reverse(); draw()` },
		func() string {
			id := 100 + random.IntN(80)
			return fmt.Sprintf(`items[%d] = {id:"k%d",name:"Item %d",note:"note 0"}; recycle(0)`, random.IntN(3), id, id)
		},
		func() string { return `items.push(items.shift()); recycle(0)` },
		func() string {
			return `document.querySelectorAll("button").forEach((b, n) => { if (n % 2) b.textContent = "Shut" })`
		},
	}
	changes := make([]string, 1+random.IntN(4))
	for i := range changes {
		changes[i] = all[random.IntN(len(all))]()
	}
	return changes
}
