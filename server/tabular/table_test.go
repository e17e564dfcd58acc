package tabular

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// read surveys a text and lists its rows: a document or a problem each.
func read(t testing.TB, text string, o Options) (*Shape, []string) {
	t.Helper()
	file := strings.NewReader(text)
	shape, err := Survey(file, o)
	if err != nil {
		t.Fatal(err)
	}
	if shape.Has("id") {
		shape.ID = "id"
	}
	rows, err := shape.Rows(file)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for {
		row, err := rows.Next()
		if errors.Is(err, io.EOF) {
			return shape, list
		}
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case row.Problem != nil:
			list = append(list, row.Problem.Error())
		default:
			list = append(list, strings.TrimPrefix(row.ID+" ", " ")+string(row.Doc))
		}
	}
}

func TestTable(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, text, want string
		o                Options
	}{
		{"exact numbers", "name,n,zip\nAda,1.50,01234\nBob,-7,80331\n", `{"name":"Ada","n":1.50,"zip":"01234"} {"name":"Bob","n":-7,"zip":"80331"}`, Options{}},
		{"what a float would lose", "card,phone,code\n1234567890123456,+49 1,1e5\n", `{"card":"1234567890123456","phone":"+49 1","code":"1e5"}`, Options{}},
		{"empty is null", "a,b\n,1\nx,\n", `{"a":null,"b":1} {"a":"x","b":null}`, Options{}},
		{"truth and dates", "ok;on\nTRUE;2026-01-31\nfalse;2026-02-30\n", `{"ok":true,"on":"2026-01-31"} {"ok":false,"on":"2026-02-30"}`, Options{}},
		{"semicolons", "a;b\n1,5;x\n", `{"a":"1,5","b":"x"}`, Options{}},
		{"tabs", "a\tb\r\n1\t2\r\n", `{"a":1,"b":2}`, Options{}},
		{"bars", "a|b\r1|2\r", `{"a":1,"b":2}`, Options{}},
		{"declared delimiter", "sep=:\na:b\n1,1:2\n", `{"a":"1,1","b":2}`, Options{}},
		{"quotes", "a,b\n\"x,\"\"y\"\"\nz\",2\n", `{"a":"x,\"y\"\nz","b":2}`, Options{}},
		{"a quote in the middle", "a,b\n5\" pipe,2\n", `{"a":"5\" pipe","b":2}`, Options{}},
		{"no header", "Ada,36\nBob,41\n", `{"column_1":"Ada","column_2":36} {"column_1":"Bob","column_2":41}`, Options{}},
		{"names", "a,a, ,x.y,$z\n1,2,3,4,5\n", `{"a":1,"a_2":2,"column_3":3,"x_y":4,"z":5}`, Options{}},
		{"ids", "id,a\n007,1\n,2\n", `007 {"a":1} line 3 id is empty, and it is the document's id`, Options{}},
		{"ragged", "a,b\n1\n1,2,3\n1,2,\n", `line 2 has 1 cells, and the first row has 2 line 3 has 3 cells, and the first row has 2 {"a":1,"b":2}`, Options{}},
		{"formulas are text", "a,b\n=1+1,+5\n@x,-5\n", `{"a":"=1+1","b":"+5"} {"a":"@x","b":"-5"}`, Options{}},
		{"NUL", "a,b\n" + strings.Repeat("x", 600) + ",1\na\x00b,2\n", `{"a":"` + strings.Repeat("x", 600) + `","b":1} line 3 a «a·b» has a NUL byte`, Options{}},
		{"blank lines", "a,b\n\n1,2\n\n\n3,4", `{"a":1,"b":2} {"a":3,"b":4}`, Options{}},
		{"declared types", "a,b,c\n1,yes,[1]\nx,no,{\n", `{"a":"1","b":true,"c":[1]} line 3 c «{» is not JSON`, Options{Types: map[string]Type{"a": Text, "b": Boolean, "c": JSON}}},
		{"not the declared type", "a\n1\nx\n", `{"a":1} line 3 a «x» is not a number`, Options{Types: map[string]Type{"a": Number}}},
		{"lines of a quoted cell count", "a,b\n\"x\ny\",1\n1\n", `{"a":"x\ny","b":1} line 4 has 1 cells, and the first row has 2`, Options{}},
		{"JSON lines", "{\"a\":1.0,\"id\":7}\n\n[1]\n{\"a\":}\n{\"a\":1,\"a\":2}\n", `7 {"a":1.0} line 3 «[1]» is no object line 4 «{"a":}» is not JSON: ` +
			`invalid character '}' at start of value line 5 «{"a":1,"a":2}» is not JSON: duplicate object member name`, Options{}},
		{"a JSON array", ` [{"a":1}, 2, {"a":[1, 2]}]`, `{"a":1} line 2 «2» is no object {"a":[1, 2]}`, Options{}},
		{"CSV that begins like JSON", "[a],b\n1,2\n", `{"[a]":1,"b":2}`, Options{CSV: true}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, rows := read(t, test.text, test.o)
			if got := strings.Join(rows, " "); got != test.want {
				t.Errorf("\n got %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestEncodings(t *testing.T) {
	t.Parallel()
	text := "näme;preis\nMüller;5 €\n"
	latin, err := charmap.Windows1252.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	wide := func(e unicode.Endianness, bom unicode.BOMPolicy) string {
		s, err := unicode.UTF16(e, bom).NewEncoder().String(text)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	for encoding, texts := range map[string][]string{
		utf8Name:    {text, "\ufeff" + text},
		windows1252: {latin, strings.Repeat("a;b\n", 40_000) + latin}, // the first umlaut is far behind the head
		utf16LE:     {wide(unicode.LittleEndian, unicode.UseBOM), wide(unicode.LittleEndian, unicode.IgnoreBOM)},
		utf16BE:     {wide(unicode.BigEndian, unicode.UseBOM), wide(unicode.BigEndian, unicode.IgnoreBOM)},
	} {
		for i, text := range texts {
			shape, rows := read(t, text, Options{})
			if shape.Encoding != encoding || !strings.Contains(rows[len(rows)-1], `"Müller"`) && !strings.Contains(rows[len(rows)-1], "Müller") {
				t.Errorf("%s %d: %s, last row %s", encoding, i, shape.Encoding, rows[len(rows)-1])
			}
		}
	}
}

func TestColumns(t *testing.T) {
	t.Parallel()
	shape, _ := read(t, "id,email,age,town,when\n1,a@x,36,Ulm,2026-01-01\n2,b@x,,Ulm,2026-01-02T10:00:00Z\n", Options{})
	var got []string
	for _, c := range shape.Columns {
		got = append(got, fmt.Sprint(c.Name, " ", c.Type, " ", c.Empty, " ", c.Unique))
	}
	want := "id text 0 true,email text 0 true,age number 1 false,town text 0 false,when date 0 true"
	if strings.Join(got, ",") != want {
		t.Errorf("\n got %s\nwant %s", strings.Join(got, ","), want)
	}
}

// TestUnreadable: what can not be read to its end says so before anything is
// done, and holds no more memory than a row has.
func TestUnreadable(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ text, want string }{
		"empty":               {"", "the file is empty"},
		"only a header":       {"a,b\n", "no rows"},
		"a quote":             {"a,b\n1,\"2\n3,4\n", "line 2 the quote that opens in cell 2 is not closed"},
		"a quote in a long":   {"a,b\n1,\"" + strings.Repeat("x\n", 3<<20), "line 2 the quote"},
		"a workbook":          {"PK\x03\x04....", "xlsx"},
		"bytes":               {"\x00\x01\x02\x03\x04\x05", "NUL"},
		"an array that stops": {`[{"a":1},`, "line 2"},
		"an array of garbage": {`[{"a":1} {"a":2}]`, "cannot be read"},
		"a huge element":      {`[{"a":"` + strings.Repeat("x", 5<<20) + `"}]`, "over 2 MiB"},
		"too many columns":    {strings.Repeat("a,", 2000) + "\n1\n", "over 1000 cells"},
	} {
		_, err := Survey(strings.NewReader(test.text), Options{})
		var p *Problem
		if !errors.As(err, &p) || !strings.Contains(p.Error(), test.want) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
	_, rows := read(t, "a,b\n"+strings.Repeat("x", 3<<20)+",1\n"+strings.Repeat("y", 1<<20)+",2\n", Options{})
	if len(rows) != 2 || rows[0] != "line 2 the row is over 2 MiB" || len(rows[1]) < 1<<20 {
		t.Errorf("%d rows, first %.60s", len(rows), rows[0])
	}
	if _, err := Survey(strings.NewReader("a\n1\n"), Options{Types: map[string]Type{"b": Text}}); err == nil {
		t.Error("a type for no column was taken")
	}
}

func FuzzTable(f *testing.F) {
	for _, text := range []string{"a,b\n1,2\n", "sep=;\na;b\n\"x;\"\"", "\xff\xfea\x00,\x00b\x00", "{\"a\":1}\n{}", `[{"a":[1]},2`, "\xef\xbb\xbfä;b\r\n1", "id\n\"\"\n"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		file := bytes.NewReader(data)
		shape, err := Survey(file, Options{})
		if err != nil {
			var p *Problem
			if !errors.As(err, &p) {
				t.Fatalf("%v", err)
			}
			return
		}
		rows, err := shape.Rows(file)
		if err != nil {
			t.Fatal(err)
		}
		n := int64(0)
		for {
			row, err := rows.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("the survey read it, and then: %v", err)
			}
			n++
			if row.Problem == nil && !json.Valid(row.Doc) {
				t.Fatalf("no document: %q", row.Doc)
			}
		}
		if n != shape.Count {
			t.Fatalf("%d rows, and the survey counted %d", n, shape.Count)
		}
	})
}
