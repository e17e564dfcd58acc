// Package plot draws lines over a number line as SVG, for pages and reports.
//
// # Model
//
// A [Chart] is one sentence, axes with units, an optional band such as a
// prediction with its bounds, and series. Every colour is a literal attribute,
// so the picture looks the same wherever it is put; a Themed one takes the
// colours of the page that it is put into, light or dark. It has a title and a
// description for those who cannot see it, and [Chart.Table] holds the same
// numbers as text.
//
// # Concurrency and errors
//
// A Chart is data and drawing changes nothing. There is nothing that can fail:
// points that are no numbers are left out.
//
// # Testing
//
// A golden file, and the properties that hold for any numbers.
package plot

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Chart is what is drawn.
type Chart struct {
	Sentence string // what the picture says
	XLabel   string // with its unit
	YLabel   string
	Band     *Band // nil = none
	Series   []Series
	Labels   []string // of the places 0, 1, 2 … of X, such as days; nil = X is a number
	Themed   bool     // colours are the page's: currentColor and the CSS variables --plot-1, --plot-2 …
	Narrow   bool     // half as wide, for a screen that is held in a hand; the sentence is in the title only
	LogY     bool     // each power of ten is as high as the next
	Span     *Band    // a range of X, over the whole height; nil = none
	Mark     *Mark    // a place of X that is named; nil = none
}

// Band is a range across the whole width.
type Band struct {
	Name      string
	Low, High float64
}

// Series is one line.
type Series struct {
	Name   string
	Points []Point
	Dots   bool // what was measured, each for itself, rather than a line
}

// Point is one of its points.
type Point struct{ X, Y float64 }

const (
	broad, narrow, height   = 720.0, 360.0, 320.0
	left, right, top, under = 64.0, 16.0, 64.0, 44.0
	gridLines               = 5
)

// colours tell series apart for most kinds of colour vision (Okabe and Ito,
// 2008) and stand out on the white that is drawn below them.
func colour(i int) string {
	list := []string{"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9"}
	return list[i%len(list)]
}

// Colours of a picture that stands alone.
const (
	ink, dim, rule = "#1a1a1a", "#555555", "#dddddd"
	bandColour     = "#009e73"
)

// paint is a colour, or what the page has for it.
func (c *Chart) paint(literal string) string {
	if c.Themed {
		return "currentColor"
	}
	return literal
}

// stroke is the colour of a series.
func (c *Chart) stroke(i int) string {
	if c.Themed {
		return fmt.Sprintf("var(--plot-%d, %s)", i+1, colour(i))
	}
	return colour(i)
}

// SVG draws the chart.
func (c *Chart) SVG() []byte {
	var b bytes.Buffer
	f := c.frame()
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 %.0f %.0f %.0f" role="img" font-family="system-ui, sans-serif" font-size="12">`+"\n", f.head, f.wide, height-f.head)
	fmt.Fprintf(&b, "<title>%s</title>\n<desc>%s</desc>\n", escaped(c.Sentence), escaped(c.describe()))
	if !c.Themed {
		fmt.Fprintf(&b, `<rect width="%.0f" height="%.0f" fill="#ffffff"/>`+"\n", f.wide, height)
	}
	if !c.Narrow {
		text(&b, left, 22, c.paint(ink), "start", c.Sentence)
	}
	c.grid(&b, f)
	c.marks(&b, f)
	if c.Band != nil && finite(c.Band.Low) && finite(c.Band.High) {
		fmt.Fprintf(&b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s" fill-opacity="0.15"/>`+"\n",
			left, f.y(c.Band.High), f.wide-left-right, max(1, f.y(c.Band.Low)-f.y(c.Band.High)), bandColour)
	}
	c.legend(&b)
	for i, s := range c.Series {
		c.line(&b, f, i, s)
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}

// legend names the series.
func (c *Chart) legend(b *bytes.Buffer) {
	at := left
	for i, s := range c.Series {
		fmt.Fprintf(b, `<rect x="%.1f" y="31" width="10" height="10" fill="%s"/>`+"\n", at, c.stroke(i))
		text(b, at+14, 40, c.paint(ink), "start", s.Name)
		at += 30 + 7*float64(len(s.Name))
	}
	for _, band := range []*Band{c.Band, c.Span} {
		if band != nil {
			fmt.Fprintf(b, `<rect x="%.1f" y="31" width="10" height="10" fill="%s" fill-opacity="0.3"/>`+"\n", at, bandColour)
			text(b, at+14, 40, c.paint(ink), "start", band.Name)
			at += 30 + 7*float64(len(band.Name))
		}
	}
}

func (c *Chart) line(b *bytes.Buffer, f frame, i int, s Series) {
	if s.Dots {
		c.dots(b, f, i, s)
		return
	}
	var at []string
	for _, p := range s.Points {
		if finite(p.X) && finite(p.Y) {
			at = append(at, fmt.Sprintf("%.1f,%.1f", f.x(p.X), f.y(p.Y)))
		}
	}
	fmt.Fprintf(b, `<polyline fill="none" stroke="%s" stroke-width="2" points="%s"/>`+"\n", c.stroke(i), strings.Join(at, " "))
}

func text(b *bytes.Buffer, x, y float64, fill, anchor, words string) {
	fmt.Fprintf(b, `<text x="%.1f" y="%.1f" fill="%s" text-anchor="%s">%s</text>`+"\n", x, y, fill, anchor, escaped(words))
}

// describe says in words what is drawn.
func (c *Chart) describe() string {
	parts := []string{c.YLabel + " against " + c.XLabel + "."}
	if c.Band != nil && finite(c.Band.Low) && finite(c.Band.High) {
		parts = append(parts, fmt.Sprintf("%s: %s to %s.", c.Band.Name, number(c.Band.Low), number(c.Band.High)))
	}
	if c.Span != nil && finite(c.Span.Low) && finite(c.Span.High) {
		parts = append(parts, fmt.Sprintf("%s: %s to %s.", c.Span.Name, number(c.Span.Low), number(c.Span.High)))
	}
	if c.Mark != nil && finite(c.Mark.X) {
		parts = append(parts, fmt.Sprintf("%s at %s.", c.Mark.Name, number(c.Mark.X)))
	}
	for _, s := range c.Series {
		points := slices.DeleteFunc(slices.Clone(s.Points), func(p Point) bool { return !finite(p.X) || !finite(p.Y) })
		if len(points) == 0 {
			continue
		}
		byY := func(a, b Point) int { return cmp.Compare(a.Y, b.Y) }
		parts = append(parts, fmt.Sprintf("%s: %s to %s.", s.Name, number(slices.MinFunc(points, byY).Y), number(slices.MaxFunc(points, byY).Y)))
	}
	return strings.Join(parts, " ")
}

// Table is the numbers of the chart, a line for each X, with tabs between.
func (c *Chart) Table() string {
	var b strings.Builder
	var xs []float64
	rows := map[float64][]string{}
	b.WriteString(c.XLabel)
	for i, s := range c.Series {
		b.WriteString("\t" + s.Name)
		for _, p := range s.Points {
			if rows[p.X] == nil {
				rows[p.X] = make([]string, len(c.Series))
				xs = append(xs, p.X)
			}
			rows[p.X][i] = number(p.Y)
		}
	}
	b.WriteByte('\n')
	slices.Sort(xs)
	for _, x := range xs {
		b.WriteString(c.place(x) + "\t" + strings.Join(rows[x], "\t") + "\n")
	}
	return b.String()
}

// place is how a place of X is called.
func (c *Chart) place(x float64) string {
	if i := int(x); i >= 0 && i < len(c.Labels) && float64(i) == x {
		return c.Labels[i]
	}
	return number(x)
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) && v >= 0 }

func number(v float64) string { return strconv.FormatFloat(math.Round(v*100)/100, 'f', -1, 64) }

func escaped(s string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(s)) // a buffer takes everything
	return b.String()
}
