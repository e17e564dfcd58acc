package op

import (
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// CommandHelp is the help of one operation's command, for a terminal.
func CommandHelp(o *Operation) string {
	var b strings.Builder
	fmt.Fprintf(&b, "fazt %s: %s\n\n", o.CLIName(), o.Summary)
	if o.Description != "" {
		b.WriteString(wrap(o.Description, "  ", helpWidth) + "\n")
	}
	fmt.Fprintf(&b, "usage: %s\n\n", o.usage())
	writeFlags(&b, o)
	fmt.Fprintf(&b, "\n%s · needs %s%s\n", o.Effect, o.Scope, otherForms(o))
	if len(o.Examples) > 0 {
		b.WriteString("\nexamples:\n")
	}
	for _, example := range o.Examples {
		fmt.Fprintf(&b, "  # %s\n  %s\n", example.Title, commandLine(o, example.In))
	}
	return b.String()
}

// writeFlags lists the flags that mean something to the operation.
func writeFlags(b *strings.Builder, o *Operation) {
	files := false
	for _, f := range o.flags() {
		switch {
		case strings.HasSuffix(f.name, "-file"):
			files = true
		case f.field != "" || o.heeds(f.name):
			writeFlagHelp(b, o, f)
		}
	}
	if files {
		b.WriteString("\nA text can be read from a file: --NAME-file FILE, with - for standard input.\n")
	}
}

// heeds reports whether a flag of the envelope means something here.
func (o *Operation) heeds(flag string) bool {
	for _, f := range envelopeFields(o) {
		if flagName(f.Name) == flag {
			return true
		}
	}
	return false
}

// otherForms names the operation on the other faces. A recipe has no path.
func otherForms(o *Operation) string {
	if o.Recipe {
		return " · fazt.recipes." + o.Name + "(input)"
	}
	return fmt.Sprintf(" · %s %s · fazt.%s(input)", o.Method, o.Path, o.JSName())
}

// helpWidth fits a terminal of 100 columns.
const helpWidth = 96

// usage is a command with what it requires.
func (o *Operation) usage() string {
	parts := []string{"fazt " + o.CLIName()}
	optional := false
	for _, f := range o.Fields() {
		if !f.Required {
			optional = true
			continue
		}
		form := fieldFlag(f).usage()
		if f.Type == "any" {
			form = fmt.Sprintf("(--%s JSON | --%s-text TEXT | @file | -)", flagName(f.Name), flagName(f.Name))
		}
		parts = append(parts, form)
	}
	if optional {
		parts = append(parts, "[flags]")
	}
	return strings.Join(parts, " ")
}

func writeFlagHelp(b *strings.Builder, o *Operation, f *flag) {
	const column = 30
	doc := f.doc
	if field, ok := o.field(f.field); ok && flagName(field.Name) == f.name {
		if field.Required {
			doc += " (required)"
		}
		if field.Default != "" {
			doc += fmt.Sprintf(" (default %s)", field.Default)
		}
	}
	left := "  " + f.usage()
	if len(left) >= column {
		fmt.Fprintf(b, "%s\n%*s", left, column, "")
	} else {
		fmt.Fprintf(b, "%-*s", column, left)
	}
	b.WriteString(strings.TrimLeft(wrap(doc, strings.Repeat(" ", column), helpWidth), " "))
}

// wrap breaks text into lines of at most width columns, each after the indent.
func wrap(text, indent string, width int) string {
	var b strings.Builder
	for paragraph := range strings.SplitSeq(text, "\n") {
		line := indent
		for _, word := range strings.Fields(paragraph) {
			if line != indent && len([]rune(line))+1+len([]rune(word)) > width {
				b.WriteString(line + "\n")
				line = indent
			}
			if line != indent {
				line += " "
			}
			line += word
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return b.String()
}

// commandLine writes an input as the command that gives it.
func commandLine(o *Operation, input string) string {
	parts := []string{"fazt", o.CLIName()}
	for _, m := range exampleMembers(input) {
		parts = append(parts, flagsOf(o, m.name, m.value.(jsontext.Value))...)
	}
	return strings.Join(parts, " ")
}

func flagsOf(o *Operation, name string, value jsontext.Value) []string {
	f, _ := o.field(name)
	text := flagText(f, value)
	switch {
	case f.Type == "boolean" && text == "true":
		return []string{"--" + flagName(name)}
	case f.Type == "boolean" || strings.HasPrefix(text, "--"):
		return []string{"--" + flagName(name) + "=" + shellQuote(text)}
	}
	return []string{"--" + flagName(name), shellQuote(text)}
}

// flagText is a value as its flag takes it.
func flagText(f Field, value jsontext.Value) string {
	if f.Type == "string" && value.Kind() == '"' {
		return unquote(value)
	}
	return strings.TrimSpace(string(value))
}

// shellQuote quotes text for a POSIX shell where it needs that.
func shellQuote(text string) string {
	plain := text != ""
	for _, c := range text {
		plain = plain && (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("-_./:,=@+%", c))
	}
	if plain {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
