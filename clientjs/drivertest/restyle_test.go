package drivertest_test

import (
	"strings"
	"testing"
)

// TestLookSeesWhatStylesChangeAfar: a rule with :has(), and style sheets that a
// script changes without a change of the document, hide and show what lies
// elsewhere; a look after a look must not remember it as it was.
func TestLookSeesWhatStylesChangeAfar(t *testing.T) {
	t.Parallel()
	const page = `<style>main:has(.on) ~ aside button { display: none } .off { display: none }</style>
		<main><p id=p>Text</p></main><aside><button>Far</button></aside>`
	for name, act := range map[string]struct{ hide, show string }{
		"has":         {`p.className = "on"`, `p.className = ""`},
		"rule":        {`document.styleSheets[0].insertRule("aside button { display: none }", 0)`, `document.styleSheets[0].deleteRule(0)`},
		"adopted":     {`const s = new CSSStyleSheet(); s.replaceSync("aside button { visibility: hidden }"); document.adoptedStyleSheets = [s]`, `document.adoptedStyleSheets = []`},
		"whole sheet": {`document.styleSheets[0].insertRule("aside { display: none }", 0)`, `document.styleSheets[0].disabled = true`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := openTab(t, page)
			shows := func(want bool) {
				t.Helper()
				var out struct{ Text string }
				if err := p.call("look", params{}, &out); err != nil {
					t.Fatal(err)
				}
				if strings.Contains(out.Text, `"Far"`) != want {
					t.Errorf("the button shows: want %v in\n%s", want, out.Text)
				}
			}
			shows(true)
			p.Eval(t, "{"+act.hide+"}; 0", nil)
			shows(false)
			p.Eval(t, "{"+act.show+"}; 0", nil)
			shows(true)
		})
	}
}

// TestUploadFollowsAButton: the field that a button opens is found where it is
// the only one near it, and not guessed where there are two.
func TestUploadFollowsAButton(t *testing.T) {
	t.Parallel()
	const field = `<input type=file style="display:none">`
	for name, c := range map[string]struct {
		page string
		want bool
	}{
		"one": {`<section><button>Attach</button>` + field + `</section><section>` + field + `</section>`, true},
		"two": {`<section><button>Attach</button>` + field + field + `</section>`, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := openTab(t, c.page)
			err := p.call("step", params{"step": `upload button "Attach" = app:a.txt`, "files": []params{{"name": "a.txt", "text": "hello"}}, "timeout_ms": 500}, nil)
			var chosen string
			p.Eval(t, `document.querySelector("input").files[0]?.name ?? ""`, &chosen)
			if (err == nil) != c.want || (chosen == "a.txt") != c.want {
				t.Errorf("chosen %q, %v; want it done: %v", chosen, err, c.want)
			}
		})
	}
}
