package drivertest_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
)

// TestRandomPagesNameEveryControlOnce draws pages of controls in lists, tables,
// groups and hidden parts, and holds a full look of each to the page.
func TestRandomPagesNameEveryControlOnce(t *testing.T) {
	t.Parallel()
	pages := 6
	if os.Getenv("FAZT_LONG") != "" {
		pages = 300
	}
	p := openTab(t, `<p>`)
	for range pages {
		seed := rand.Uint64()
		html := randomPage(rand.New(rand.NewPCG(seed, 0)))
		p.Show(t, "<title>random</title>"+html)
		p.Eval(t, countClicks, nil)
		seen := p.look(params{"budget": 100_000})
		counts := namedTargets(seen)
		var controls int
		p.Eval(t, `everyControl().length`, &controls)
		if len(counts) != controls {
			t.Errorf("seed %d: the look names %d controls, the page has %d:\n%s\n%s", seed, len(counts), controls, seen, html)
		}
		for target, n := range counts {
			if n > 1 {
				t.Errorf("seed %d: %s is named %d times:\n%s", seed, target, n, seen)
			}
		}
	}
}

// randomPage is a document of a few parts, each control with a name of its own.
func randomPage(random *rand.Rand) string {
	n := 0
	control := func() string {
		n++
		return fmt.Sprintf([]string{`<button>Do %d</button>`, `<a href=#x>Go %d</a>`, `<label>Field %d <input></label>`, `<label><input type=checkbox> Box %d</label>`,
			`<select aria-label="Choice %d"><option>A<option>B</select>`, `<span role=button tabindex=0>Act %d</span>`, `<textarea aria-label="Text %d"></textarea>`}[random.IntN(7)], n)
	}
	var part func(depth int) string
	part = func(depth int) string {
		kind := random.IntN(8)
		if depth > 3 {
			kind = 0
		}
		var b strings.Builder
		switch kind {
		case 1:
			rows := 1 + random.IntN(7)
			b.WriteString(`<table aria-label=T><tr><th>Name<th>Do</tr>`)
			for i := range rows {
				fmt.Fprintf(&b, `<tr data-key=k%d.%d><td>Thing %d<td><button>Edit</button> <button>Remove</button></tr>`, n, i, i)
			}
			return b.String() + `</table>`
		case 2:
			fmt.Fprintf(&b, `<section aria-label="Part %d">`, n)
			for range 1 + random.IntN(3) {
				b.WriteString(part(depth + 1))
			}
			return b.String() + `</section>`
		case 3:
			return `<div ` + []string{`hidden`, `inert`, `aria-hidden=true`, `style="visibility:hidden"`}[random.IntN(4)] + `>` + part(depth+1) + `</div>`
		case 4:
			n++
			return `<details><summary>More ` + fmt.Sprint(n) + `</summary>` + part(depth+1) + `</details>`
		}
		return `<p>Words ` + fmt.Sprint(n) + ` ` + control() + `</p>`
	}
	var b strings.Builder
	b.WriteString(`<main>`)
	for range 3 + random.IntN(6) {
		b.WriteString(part(0))
	}
	return b.String() + `</main>`
}
