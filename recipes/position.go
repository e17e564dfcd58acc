package recipes

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/go-sourcemap/sourcemap"
)

// evalFile is the engine's name for every script that the host evaluates. The
// prelude is on line 1 of its own, an author's script begins on line 2 (see
// scriptHead); text that eval or Function made carries another name.
const (
	evalFile        = "<eval>"
	firstAuthorLine = 2
)

// bodyLines is how many lines stand before the author's in a code run's body.
const bodyLines = 1

const (
	frameContext = 2   // lines shown before and after the one at fault
	frameWidth   = 160 // characters of a line; a longer one is cut around the place
	maxStack     = 20
)

// authored is a source as its author wrote it, and the way back to it from
// positions in the script that runs.
type authored struct {
	name    string
	code    string
	modules map[string]string
	body    bool
	mapping *sourcemap.Consumer
}

// newAuthored reads the source map; without one no position is known.
func newAuthored(name, code string, modules map[string]string, body bool, mapping []byte) *authored {
	a := &authored{name: name, code: code, modules: modules, body: body}
	if len(mapping) > 0 {
		if consumer, err := sourcemap.Parse("", mapping); err == nil {
			a.mapping = consumer
		}
	}
	return a
}

// at maps a place of the script, both counted from 1, to the author's source.
func (a *authored) at(line, column int) (Position, bool) {
	if a.mapping == nil || line < firstAuthorLine {
		return Position{}, false
	}
	file, _, srcLine, srcColumn, ok := a.mapping.Source(line-firstAuthorLine+1, column-1)
	if !ok {
		return Position{}, false
	}
	return a.position(file, srcLine, srcColumn+1)
}

// position turns a place as esbuild names it into one of the author's.
func (a *authored) position(file string, line, column int) (Position, bool) {
	file = strings.TrimPrefix(file, namespaceRecipe+":")
	if file == namespaceLibrary+":"+libraryModule {
		return Position{}, false
	}
	if file == a.name && a.body {
		line = min(max(line-bodyLines, 1), strings.Count(a.code, "\n")+1)
	}
	return Position{File: file, Line: line, Column: column}, true
}

// stackLine is one line of the engine's stack text.
var stackLine = regexp.MustCompile(`^\s*at (.*?) ?\(?(<[a-z]+>):(\d+):(\d+)\)?$`)

// stack returns the author's own frames of the engine's stack text.
func (a *authored) stack(text string) []StackFrame {
	var frames []StackFrame
	for line := range strings.Lines(text) {
		match := stackLine.FindStringSubmatch(strings.TrimRight(line, "\n"))
		if match == nil || match[2] != evalFile {
			continue
		}
		row, _ := strconv.Atoi(match[3])
		column, _ := strconv.Atoi(match[4])
		place, ok := a.at(row, column)
		if !ok {
			continue
		}
		function := match[1]
		if strings.HasPrefix(function, "<") {
			function = ""
		}
		frames = append(frames, StackFrame{Position: place, Function: function})
		if len(frames) == maxStack {
			break
		}
	}
	return frames
}

func (a *authored) source(file string) string {
	if file == a.name {
		return a.code
	}
	return a.modules[file]
}

// excerpt shows the lines around a place, the one at fault marked.
func (a *authored) excerpt(at Position) string {
	lines := strings.Split(a.source(at.File), "\n")
	if at.Line < 1 || at.Line > len(lines) {
		return ""
	}
	var out strings.Builder
	for number := max(1, at.Line-frameContext); number <= min(len(lines), at.Line+frameContext); number++ {
		line := strings.TrimRight(lines[number-1], "\r")
		if number != at.Line {
			fmt.Fprintf(&out, "  %4d | %s\n", number, clip(line, 0))
			continue
		}
		offset := runesBefore(line, at.Column)
		start := 0
		if offset > frameWidth*3/4 {
			start = offset - frameWidth/2
		}
		fmt.Fprintf(&out, "> %4d | %s\n", number, clip(line, start))
		fmt.Fprintf(&out, "       | %s^\n", padding(line, start, offset))
	}
	return out.String()
}

// clip returns at most frameWidth characters of line from start on.
func clip(line string, start int) string {
	runes := []rune(line)
	return string(runes[min(start, len(runes)):min(start+frameWidth, len(runes))])
}

// padding is as wide as what stands before the mark; tabs stay tabs.
func padding(line string, start, offset int) string {
	runes := []rune(line)
	var out strings.Builder
	for i := start; i < offset; i++ {
		if i < len(runes) && runes[i] == '\t' {
			out.WriteByte('\t')
		} else {
			out.WriteByte(' ')
		}
	}
	return out.String()
}

// runesBefore returns how many characters stand before a column in UTF-16.
func runesBefore(line string, column int) int {
	units, runes := 1, 0
	for _, r := range line {
		if units >= column {
			break
		}
		units += max(utf16.RuneLen(r), 1)
		runes++
	}
	return runes
}

// columnOf turns a byte offset in a line into a column.
func columnOf(line string, offset int) int {
	column := 1
	for _, r := range line[:min(offset, len(line))] {
		if r == utf8.RuneError {
			column++
			continue
		}
		column += max(utf16.RuneLen(r), 1)
	}
	return column
}
