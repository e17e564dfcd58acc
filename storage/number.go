package storage

import (
	"encoding/json"
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// number is a JSON number as an increment sees it: an integer when its text is
// one, a 64-bit float otherwise.
type number struct {
	integer bool
	i       int64
	f       float64
}

// parseNumber reads the text of a JSON number. An integer that needs more than
// 64 bits is refused: as a float it would lose digits without a word.
func parseNumber(field, s string) (number, error) {
	v := jsontext.Value(s)
	if v.Kind() != '0' || !v.IsValid() || strings.TrimSpace(s) != s {
		return number{}, invalid(field, "%q is no JSON number", clip(s, 40))
	}
	if !strings.ContainsAny(s, ".eE") {
		i, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return number{}, invalid(field, "%s does not fit a 64-bit integer", clip(s, 40))
		}
		return number{integer: true, i: i}, nil
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return number{}, invalid(field, "%s does not fit a 64-bit float", clip(s, 40))
	}
	return number{f: f}, nil
}

func parseBound(field string, n json.Number) (*number, error) {
	b, err := parseNumber(field, string(n))
	return &b, err
}

func (n number) float() float64 {
	if n.integer {
		return float64(n.i)
	}
	return n.f
}

// plus adds. over says on which side the result leaves the type's range.
func (n number) plus(m number) (sum number, over int) {
	if n.integer && m.integer {
		s := n.i + m.i
		switch {
		case m.i > 0 && s < n.i:
			return number{integer: true}, 1
		case m.i < 0 && s > n.i:
			return number{integer: true}, -1
		}
		return number{integer: true, i: s}, 0
	}
	f := n.float() + m.float()
	switch {
	case math.IsInf(f, 1):
		return number{}, 1
	case math.IsInf(f, -1):
		return number{}, -1
	}
	return number{f: f}, 0
}

// compare orders by value, exactly also between an integer and a float.
func (n number) compare(m number) int {
	return n.exact().Cmp(m.exact())
}

func (n number) exact() *big.Float {
	if n.integer {
		return new(big.Float).SetPrec(64).SetInt64(n.i)
	}
	return new(big.Float).SetFloat64(n.f)
}

// String is the shortest text that reads back as the same number. A float out
// of the integers' range has an exponent, so that it is not taken for one.
func (n number) String() string {
	if n.integer {
		return strconv.FormatInt(n.i, 10)
	}
	format := byte('f')
	if a := math.Abs(n.f); a != 0 && (a < 1e-6 || a >= 1<<63) {
		format = 'e'
	}
	return strconv.FormatFloat(n.f, format, -1, 64)
}
