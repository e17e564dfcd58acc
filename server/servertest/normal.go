package servertest

import (
	"regexp"
)

// Normal returns an answer with everything replaced that differs from run to
// run: versions, times, cursors, ids of tokens, secrets.
func Normal(answer string) string {
	for _, v := range volatile {
		answer = v.pattern.ReplaceAllString(answer, v.with)
	}
	return answer
}

type replacement struct {
	pattern *regexp.Regexp
	with    string
}

var volatile = []replacement{
	{regexp.MustCompile(`"(\w*version|at|\w+_at|\w+_ms|\w*bytes|\w+_us)":\d+`), `"$1":0`},
	{regexp.MustCompile(`"(next_cursor|cursor)":"[^"]*"`), `"$1":"…"`},
	{regexp.MustCompile(`"(secret|request_id)":"[^"]*"`), `"$1":"…"`},
	{regexp.MustCompile(`"(t_|tok_)[A-Za-z0-9_-]+"`), `"$1…"`},
}
