package plot

import (
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"math"
	"os"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden file")

func chart() *Chart {
	return &Chart{
		Sentence: "about 1,900 a second, as predicted", XLabel: "seconds", YLabel: "calls a second",
		Band: &Band{"predicted", 1700, 2100},
		Series: []Series{
			{Name: "answered", Points: []Point{{0, 1500}, {1, 1900}, {2, 1880}}},
			{Name: "shed", Points: []Point{{0, 0}, {1, 12}, {2, 0}}},
		},
	}
}

// themed is a chart for a page, by days.
func themed() *Chart {
	return &Chart{
		Sentence: "43 views in 3 days", XLabel: "day", YLabel: "views", Themed: true, Labels: []string{"22 Nov", "23 Nov", "24 Nov"},
		Series: []Series{{Name: "views", Points: []Point{{0, 20}, {1, 0}, {2, 23}}}},
	}
}

// latency is a chart with all that a number line can bear.
func latency() *Chart {
	return &Chart{
		Sentence: "the knee is near 900 a second", XLabel: "calls a second", YLabel: "ms", LogY: true, Narrow: true,
		Span: &Band{"predicted", 800, 1000}, Mark: &Mark{"knee", 900},
		Series: []Series{
			{Name: "by the model", Points: []Point{{100, 2}, {500, 3}, {880, 140}}},
			{Name: "measured", Points: []Point{{120, 2.5}, {870, 90}}, Dots: true},
		},
	}
}

// TestLogarithmic: each power of ten is as high as the next, and what is marked
// is where it belongs.
func TestLogarithmic(t *testing.T) {
	t.Parallel()
	c := latency()
	f := c.frame()
	if f.minY != 1 || f.maxY != 1000 {
		t.Errorf("the axis is from %v to %v", f.minY, f.maxY)
	}
	if low, high := f.y(1)-f.y(10), f.y(100)-f.y(1000); math.Abs(low-high) > 1e-9 || low <= 0 {
		t.Errorf("a power of ten is %v high, another %v", low, high)
	}
	svg := string(c.SVG())
	wellFormed(t, []byte(svg))
	for _, part := range []string{`viewBox="0 24 360 296"`, "<circle", "stroke-dasharray", ">knee<", "knee at 900."} {
		if !strings.Contains(svg, part) {
			t.Errorf("no %s in %s", part, svg)
		}
	}
	if strings.Contains(svg, ">the knee is near 900 a second</text>") {
		t.Error("a narrow picture draws the sentence, which does not fit")
	}
}

func TestGoldenSVG(t *testing.T) {
	t.Parallel()
	golden(t, "testdata/chart.svg", string(chart().SVG()))
	golden(t, "testdata/themed.svg", string(themed().SVG()))
	golden(t, "testdata/latency.svg", string(latency().SVG()))
}

// TestThemed: a picture for a page has no colour that is not the page's to
// change, and names its places.
func TestThemed(t *testing.T) {
	t.Parallel()
	svg := string(themed().SVG())
	if left := regexp.MustCompile(`(fill|stroke)="#`).FindString(svg); left != "" {
		t.Errorf("a literal colour %s in %s", left, svg)
	}
	for _, part := range []string{">22 Nov<", ">24 Nov<", `stroke="var(--plot-1, `, "<title>43 views"} {
		if !strings.Contains(svg, part) {
			t.Errorf("no %s in %s", part, svg)
		}
	}
	if got, want := themed().Table(), "day\tviews\n22 Nov\t20\n23 Nov\t0\n24 Nov\t23\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil || got != string(want) {
		t.Errorf("%s differs (%v); run make generate and look at the difference", path, err)
	}
}

// wellFormed holds a picture to XML.
func wellFormed(t *testing.T, svg []byte) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(string(svg)))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatalf("%v in %s", err, svg)
		}
	}
}

func TestSVGOfAnything(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]*Chart{
		"nothing": {}, "log of nothing": {LogY: true, Narrow: true, Mark: &Mark{X: math.NaN()}, Span: &Band{High: math.Inf(1)}},
		"hostile":    {Sentence: `<script>&"'`, XLabel: "</svg>", YLabel: "\x00", Series: []Series{{Name: "<b>", Points: []Point{{0, 1}}}}},
		"no numbers": {Band: &Band{High: math.Inf(1)}, Series: []Series{{Points: []Point{{math.NaN(), 1}, {1, math.Inf(1)}, {1, -1}}}}},
	} {
		svg := c.SVG()
		wellFormed(t, svg)
		if strings.Contains(string(svg), "<script") || strings.Contains(string(svg), "NaN") || strings.Contains(string(svg), "Inf") {
			t.Errorf("%s: %s", name, svg)
		}
	}
	if svg := string(chart().SVG()); !strings.Contains(svg, "<title>about 1,900") || !strings.Contains(svg, "shed: 0 to 12.") {
		t.Errorf("no title or no description: %s", svg)
	}
}

func TestTable(t *testing.T) {
	t.Parallel()
	const want = "seconds\tanswered\tshed\n0\t1500\t0\n1\t1900\t12\n2\t1880\t0\n"
	if got := chart().Table(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
