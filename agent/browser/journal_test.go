package browser

import (
	"strings"
	"testing"
)

// TestJournalTellsNoCredentials: what a page logs and asks for is answered to
// agents, so what lets others in is taken out, and nothing else.
func TestJournalTellsNoCredentials(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"404 «GET https://a.example/x?access_token=abc123&page=2»":       "404 «GET https://a.example/x?access_token=•••&page=2»",
		"500 «GET https://a.example/x?q=shoes&X-Amz-Signature=ff00&n=1»": "500 «GET https://a.example/x?q=shoes&X-Amz-Signature=•••&n=1»",
		"302 «GET https://a.example/cb#code=s3cr3t»":                     "302 «GET https://a.example/cb#code=•••»",
		"401 «GET https://ada:pw@a.example/»":                            "401 «GET https://•••@a.example/»",
		"log «Authorization: Bearer eyJhbGciOi.J9»":                      "log «Authorization: Bearer •••»",
		"log «{\"authorization\":\"abcdef123\"}»":                        "log «{\"authorization\":\"•••\"}»",
		"log «cookie=sid=1; other=2»":                                    "log «cookie=•••»",
		"log «Set-Cookie: sid=1; Path=/»":                                "log «Set-Cookie: •••»",
		"log «the tokens of the page=2 are basic»":                       "log «the tokens of the page=2 are basic»",
		"404 «GET https://a.example/keys?page=2&sort=name»":              "404 «GET https://a.example/keys?page=2&sort=name»",
	} {
		if got := redacted(line); got != want {
			t.Errorf("%s became %s, want %s", line, got, want)
		}
	}
}

// TestJournalIsBounded: a page that logs without end costs a bounded answer, which
// says what was left out.
func TestJournalIsBounded(t *testing.T) {
	t.Parallel()
	var j journal
	for range maxLines + 7 {
		j.failed("GET https://a.example/"+strings.Repeat("x", 4*maxLine), 404, "")
	}
	text := j.take("network")
	if n := len([]rune(text)); n > (maxLines+1)*(maxLine+2) {
		t.Errorf("the answer has %d signs", n)
	}
	if !strings.HasPrefix(text, "failed requests since the last look: 107, the oldest 7 left out\n") {
		t.Errorf("%.100s", text)
	}
	if again := j.take("network"); again != "failed requests: nothing since the last look" {
		t.Error(again)
	}
}
