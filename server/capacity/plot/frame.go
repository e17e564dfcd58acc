package plot

import (
	"bytes"
	"fmt"
	"math"
)

// frame maps numbers to places.
type frame struct {
	maxX, maxY, wide float64
	head             float64 // what is left out at the top
	minY             float64 // of a logarithmic axis; 0 = the axis is none
}

func (f frame) x(v float64) float64 { return left + v/f.maxX*(f.wide-left-right) }

func (f frame) y(v float64) float64 {
	part := v / f.maxY
	if f.minY > 0 {
		part = max(0, math.Log10(max(v, f.minY)/f.minY)) / math.Log10(f.maxY/f.minY)
	}
	return height - under - part*(height-top-under)
}

// frame holds everything that is drawn, and never nothing.
func (c *Chart) frame() frame {
	f := frame{wide: broad}
	if c.Narrow {
		f.wide, f.head = narrow, 24 // the sentence stood there
	}
	for _, s := range c.Series {
		for _, p := range s.Points {
			if finite(p.X) && finite(p.Y) {
				f.maxX, f.maxY = max(f.maxX, p.X), max(f.maxY, p.Y)
			}
		}
	}
	if c.Band != nil && finite(c.Band.High) {
		f.maxY = max(f.maxY, c.Band.High)
	}
	if c.Span != nil && finite(c.Span.High) {
		f.maxX = max(f.maxX, c.Span.High)
	}
	if c.Labels != nil { // things are counted there: the grid has no fractions
		f.maxX, f.maxY = float64(max(1, len(c.Labels)-1)), nice(max(gridLines, f.maxY))
		return f
	}
	f.maxX, f.maxY = nice(f.maxX), nice(f.maxY)
	if c.LogY {
		f.minY, f.maxY = c.decades(f.maxY)
	}
	return f
}

// decades are the powers of ten around what is drawn.
func (c *Chart) decades(highest float64) (from, to float64) {
	lowest := highest
	for _, s := range c.Series {
		for _, p := range s.Points {
			if finite(p.Y) && p.Y > 0 {
				lowest = min(lowest, p.Y)
			}
		}
	}
	from, to = math.Pow(10, math.Floor(math.Log10(lowest))), math.Pow(10, math.Ceil(math.Log10(highest)))
	return from, max(to, 10*from)
}

// nice is the next number up that divides well.
func nice(v float64) float64 {
	if v <= 0 {
		return 1
	}
	unit := math.Pow(10, math.Floor(math.Log10(v)))
	for _, step := range []float64{1, 2, 2.5, 5} {
		if v <= step*unit {
			return step * unit
		}
	}
	return 10 * unit
}

func (c *Chart) grid(b *bytes.Buffer, f frame) {
	for _, y := range f.heights() {
		fmt.Fprintf(b, `<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="%s"%s/>`+"\n", left, f.y(y), f.wide-right, f.y(y), c.paint(rule), c.faint())
		text(b, left-6, f.y(y)+4, c.paint(dim), "end", number(y))
	}
	c.places(b, f)
	text(b, (left+f.wide-right)/2, height-8, c.paint(dim), "middle", c.XLabel)
	text(b, 6, top-8, c.paint(dim), "start", c.YLabel)
}

// heights are where lines of the grid are.
func (f frame) heights() []float64 {
	var list []float64
	for v := f.minY; v > 0 && v <= f.maxY*1.001; v *= 10 {
		list = append(list, v)
	}
	for i := 0; list == nil || f.minY == 0 && i <= gridLines; i++ {
		list = append(list, f.maxY*float64(i)/gridLines)
	}
	return list
}

// places writes what is below the picture.
func (c *Chart) places(b *bytes.Buffer, f frame) {
	lines, labels := gridLines, maxLabels
	if c.Narrow {
		lines, labels = 2, maxLabels/2
	}
	for i := 0; c.Labels == nil && i <= lines; i++ {
		x := f.maxX * float64(i) / float64(lines)
		anchor := "middle"
		if i == lines {
			anchor = "end" // it would stand out
		}
		text(b, f.x(x), height-under+16, c.paint(dim), anchor, number(x))
	}
	anchor := "end" // of the last one, which would stand out
	for i, step := len(c.Labels)-1, (len(c.Labels)-1)/labels+1; i >= 0; i -= step {
		text(b, f.x(float64(i)), height-under+16, c.paint(dim), anchor, c.Labels[i])
		anchor = "middle"
	}
}

// maxLabels is how many fit below the picture.
const maxLabels = 7
