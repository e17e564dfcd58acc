package plot

import (
	"bytes"
	"fmt"
)

// Mark is a place of X that is named, such as where a limit is.
type Mark struct {
	Name string
	X    float64
}

// faint makes what lies behind the lines of a themed picture weak.
func (c *Chart) faint() string {
	if c.Themed {
		return ` stroke-opacity="0.15"`
	}
	return ""
}

// marks draws what stands behind the series: a range of X and a named place.
func (c *Chart) marks(b *bytes.Buffer, f frame) {
	if s := c.Span; s != nil && finite(s.Low) && finite(s.High) {
		fmt.Fprintf(b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s" fill-opacity="0.15"/>`+"\n",
			f.x(s.Low), top, max(1, f.x(s.High)-f.x(s.Low)), height-top-under, bandColour)
	}
	m := c.Mark
	if m == nil || !finite(m.X) || m.X > f.maxX {
		return
	}
	at, anchor, gap := f.x(m.X), "start", 4.0
	if at > f.wide*2/3 {
		anchor, gap = "end", -4
	}
	fmt.Fprintf(b, `<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="%s" stroke-dasharray="4 3"/>`+"\n", at, top, at, height-under, c.paint(dim))
	text(b, at+gap, top+12, c.paint(dim), anchor, m.Name)
}

// dots draws points that are no line.
func (c *Chart) dots(b *bytes.Buffer, f frame, i int, s Series) {
	for _, p := range s.Points {
		if finite(p.X) && finite(p.Y) {
			fmt.Fprintf(b, `<circle cx="%.1f" cy="%.1f" r="4" fill="%s"/>`+"\n", f.x(p.X), f.y(p.Y), c.stroke(i))
		}
	}
}
