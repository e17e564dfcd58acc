package ariatest

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"fazt/clientjs/browsertest"
)

var seed = flag.Uint64("seed", 0, "the seed of the generated pages; 0 takes a new one")

// pages and elements bound a run of the generated pages: enough to meet every
// kind of thing, and a few seconds.
const (
	randomPages    = 20
	randomElements = 120
)

// TestRandomPagesAgainstChromium compares pages that are made up anew each run.
func TestRandomPagesAgainstChromium(t *testing.T) {
	t.Parallel()
	page := chromium.Open(t).Page(t, `<p>`)
	page.Inject(t, browsertest.Isolated, buildProbe(t))
	first := newSeed(t)
	total := newTally()
	for i := range uint64(randomPages) {
		g := newGenerator(first + i)
		page.SetContent(t, g.page())
		total.add(fmt.Sprintf("seed %d", first+i), look(t, page))
	}
	for _, d := range total.list {
		t.Logf("%s\n      %s", d, d.source)
	}
	total.report(t)
}

func newSeed(t testing.TB) uint64 {
	t.Helper()
	first := *seed
	if first == 0 {
		first = uint64(time.Now().UnixNano())
	}
	t.Logf("seed %d", first)
	return first
}

// generator makes up pages of the kinds of things that pages are made of.
type generator struct {
	r    *rand.Rand
	out  strings.Builder
	left int
	ids  int
}

func newGenerator(seed uint64) *generator {
	return &generator{r: rand.New(rand.NewPCG(seed, 1)), left: randomElements}
}

func (g *generator) page() string {
	g.out.WriteString("<!doctype html><title>t</title><style>.b::before{content:\"¶ \"}.a::after{content:\" *\"}.i{display:inline-block}.f{display:flex}.u{text-transform:uppercase}</style>")
	for g.left > 0 {
		g.block(3)
	}
	return g.out.String()
}

func (g *generator) pick(list string) string {
	words := strings.Fields(list)
	return words[g.r.IntN(len(words))]
}

func (g *generator) chance(percent int) bool { return g.r.IntN(100) < percent }

const nouns = "save item order apple Gizmo delete edit name Größe 12 € price of the a über weiter café x1"

func (g *generator) text() string {
	words := make([]string, 1+g.r.IntN(3))
	for i := range words {
		words[i] = g.pick(nouns)
	}
	return strings.Join(words, g.pick("_ _ __ -")) // an underscore stands for a space
}

func (g *generator) write(format string, args ...any) {
	fmt.Fprintf(&g.out, format, args...)
}

func (g *generator) words() { g.out.WriteString(strings.ReplaceAll(g.text(), "_", " ")) }

// attributes makes up some that any element may have.
func (g *generator) attributes() string {
	var a strings.Builder
	add := func(percent int, format string, args ...any) {
		if g.chance(percent) {
			fmt.Fprintf(&a, " "+format, args...)
		}
	}
	add(8, `aria-label="%s"`, strings.ReplaceAll(g.text(), "_", " "))
	add(6, `title="%s"`, strings.ReplaceAll(g.text(), "_", " "))
	add(4, `aria-hidden=%s`, g.pick("true true false"))
	add(3, `hidden`)
	add(2, `style="%s"`, g.pick("display:none visibility:hidden opacity:0 display:block display:inline display:contents"))
	add(6, `class=%s`, g.pick("a b i f u"))
	add(3, `tabindex=%s`, g.pick("0 -1"))
	if g.ids > 0 {
		add(5, `aria-labelledby="i%d"`, 1+g.r.IntN(g.ids))
		add(4, `aria-describedby="i%d i%d"`, 1+g.r.IntN(g.ids), 1+g.r.IntN(g.ids+1))
	}
	if g.chance(25) {
		g.ids++
		fmt.Fprintf(&a, " id=i%d", g.ids)
	}
	return a.String()
}

// element writes one with the content that inside writes.
func (g *generator) element(tag string, inside func()) {
	g.left--
	g.write("<%s%s>", tag, g.attributes())
	if inside != nil {
		inside()
	}
	g.write("</%s>", strings.Fields(tag)[0])
	if g.chance(30) {
		g.write(" ")
	}
}

// plain writes an element that names another. It has no attributes: where it is
// hidden the sides differ on purpose (AccName 1.2, 2A; see exceptions.txt).
func (g *generator) plain(tag string) {
	g.write("<%s>", tag)
	g.words()
	g.inline(1)
	g.write("</%s>", tag)
}

func (g *generator) times(most int, f func()) {
	for range 1 + g.r.IntN(most) {
		f()
	}
}

// block writes flow content.
func (g *generator) block(depth int) {
	if depth == 0 {
		g.inline(1)
		return
	}
	inner := func() { g.times(3, func() { g.block(depth - 1) }) }
	switch g.r.IntN(14) {
	case 0:
		g.element(g.pick("section article nav aside main header footer form div div search"), inner)
	case 1:
		g.element(g.pick("h1 h2 h3 h4 h5 h6"), func() { g.times(3, func() { g.inline(2) }) })
	case 2, 3:
		g.element(g.pick("p pre blockquote address div"), func() { g.times(4, func() { g.inline(2) }) })
	case 4:
		g.list(depth)
	case 5:
		g.table()
	case 6:
		g.element("fieldset", func() {
			g.plain("legend")
			g.times(3, g.field)
		})
	case 7, 8:
		g.field()
	case 9:
		g.element("details open", func() {
			g.element("summary", func() { g.inline(1) })
			inner()
		})
	case 10:
		g.widget()
	case 11:
		g.element("figure", func() {
			g.image()
			g.element("figcaption", func() { g.inline(1) })
		})
	case 12:
		g.element("div role="+g.pick("group region banner main note alert status toolbar none presentation generic article form list"), inner)
	default:
		g.times(3, func() { g.inline(2) })
	}
}

func (g *generator) list(depth int) {
	g.element(g.pick("ul ol menu"), func() {
		g.times(4, func() {
			g.element("li", func() {
				g.inline(2)
				if depth > 1 && g.chance(20) {
					g.list(depth - 1)
				}
			})
		})
	})
}

func (g *generator) table() {
	g.element("table", func() {
		if g.chance(50) {
			g.plain("caption")
		}
		cell := g.pick("th td")
		for range 1 + g.r.IntN(3) {
			g.element("tr", func() {
				g.element(cell, func() { g.inline(1) })
				g.element("td", func() { g.inline(2) })
				g.element("td", func() { g.inline(1) })
			})
		}
	})
}

// widget writes one of ARIA's composites.
func (g *generator) widget() {
	kind := g.pick("tablist:tab menu:menuitem listbox:option radiogroup:radio tree:treeitem menubar:menuitemcheckbox")
	outer, inner, _ := strings.Cut(kind, ":")
	g.element("div role="+outer, func() {
		g.times(4, func() {
			g.element(fmt.Sprintf("%s role=%s", g.pick("div span button"), inner), func() { g.inline(1) })
		})
	})
}

// inline writes phrasing content.
func (g *generator) inline(depth int) {
	inner := func() { g.times(2, func() { g.inline(depth - 1) }) }
	kind := g.r.IntN(12)
	if depth <= 0 {
		kind = 11
	}
	switch kind {
	case 0, 1:
		g.element(g.pick("b i em strong span code small sub sup mark s u time kbd cite dfn"), inner)
	case 2:
		g.element("a href=x", inner)
	case 3, 4:
		g.element("button", inner)
	case 5:
		g.image()
	case 6:
		g.element("span role="+g.pick("button link checkbox switch tab heading text"), inner)
	case 7:
		g.write("<br>x")
	case 8:
		g.element("label", func() { g.words(); g.control() })
	case 9:
		g.write(`<svg width=9 height=9%s><title>%s</title><path d="M0 0h4v4z"/></svg>`, g.attributes(), strings.ReplaceAll(g.text(), "_", " "))
	default:
		g.words()
		if g.chance(30) {
			g.write(" ")
		}
	}
}

func (g *generator) image() {
	g.left--
	g.write("<img src=data:, %s%s>", g.pick(`alt alt="" alt=pic alt=picture data-x`), g.attributes())
}

// field writes a control with one of the ways to label it.
func (g *generator) field() {
	g.ids++
	id := g.ids
	if g.chance(60) {
		g.write("<label for=i%d>", id)
		g.words()
		g.inline(1)
		g.write("</label>")
	}
	g.left--
	attributes := strings.ReplaceAll(g.attributes(), " id=", " data-id=")
	switch g.r.IntN(3) {
	case 0:
		g.write("<input id=i%d type=%s%s>", id, g.pick("text text checkbox radio number range search email password submit reset button"), attributes)
	case 1:
		g.write("<select id=i%d%s><option>a</option><option selected>b</option></select>", id, attributes)
	default:
		g.write("<textarea id=i%d placeholder=p%s>v</textarea>", id, attributes)
	}
}

func (g *generator) control() {
	g.left--
	switch g.r.IntN(3) {
	case 0:
		g.write("<input type=%s value=7%s>", g.pick("text checkbox number range radio"), g.attributes())
	case 1:
		g.write("<select%s><option>o1<option selected>o2</select>", g.attributes())
	default:
		g.write("<meter value=.5%s></meter>", g.attributes())
	}
}
