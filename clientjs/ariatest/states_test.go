package ariatest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fazt/clientjs/browsertest"
)

// stateNames are the states that both sides know, by the driver's name and by
// Chromium's, which leaves out what is false.
var stateNames = map[string]string{
	"checked": "checked", "pressed": "pressed", "expanded": "expanded", "selected": "selected", "disabled": "disabled",
	"required": "required", "readonly": "readonly", "invalid": "invalid", "level": "level", "busy": "busy",
}

// TestStatesAgainstChromium compares the states of the pages about them.
func TestStatesAgainstChromium(t *testing.T) {
	t.Parallel()
	page := chromium.Open(t).Page(t, `<p>`)
	page.Inject(t, browsertest.Isolated, buildProbe(t))
	compared, missed := 0, 0
	for _, pattern := range []string{"state-*", "widget-*", "form-*", "role-input*", "role-select", "role-buttons"} {
		files, _ := filepath.Glob(corpus + "/" + pattern + ".html")
		for _, file := range files {
			html, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			page.SetContent(t, string(html))
			for _, p := range look(t, page) {
				if !p.exposed {
					continue
				}
				for ours, theirs := range stateNames {
					compared++
					if a, b := stateText(p.ours.States[ours]), stateText(p.theirs.Properties[theirs]); a != b {
						missed++
						t.Logf("%s: %s: %s is %q, Chromium says %q", filepath.Base(file), p.ours.Path, ours, a, b)
					}
				}
			}
		}
	}
	share := 1 - float64(missed)/float64(compared)
	t.Logf("states: %d of %d equal, %.2f %%", compared-missed, compared, 100*share)
	if compared < 1000 || share < 0.98 {
		t.Errorf("%.2f %% of %d states are equal to Chromium's", 100*share, compared)
	}
}

// stateText is a state as text, with "" for all that says no.
func stateText(v any) string {
	text := strings.ToLower(fmt.Sprint(v))
	if v == nil || text == "false" {
		return ""
	}
	return text
}
