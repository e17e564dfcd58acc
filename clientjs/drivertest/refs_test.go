package drivertest_test

import (
	"fmt"
	"strings"
	"testing"
)

// shop draws a list from data, in the ways that pages draw anew: keyed rows,
// rows that only their text tells apart, and a window of recycled rows.
const shop = `<title>shop</title><main><div id=list></div></main><script>
let kind = "KIND", from = 0, clicked = [];
let items = [1,2,3,4,5,6].map((n) => ({ id: "k" + n, name: "Item " + n, note: "note " + n }));
const hit = (id) => clicked.push(id);
const key = (i) => kind === "keyed" ? ' data-key="' + i.id + '"' : kind === "ids" ? ' id="' + i.id + '"' : "";
const row = (i) => kind === "cards"
  ? '<div class=card><span>' + i.name + '</span> <span>' + i.note + '</span><button onclick="hit(this.dataset.i)" data-i="' + i.id + '">Open</button></div>'
  : '<tr' + key(i) + '><td>' + i.name + '<td>' + i.note + '<td><button onclick="hit(this.dataset.i)" data-i="' + i.id + '">Open</button></tr>';
function draw() { list.innerHTML = kind === "cards" ? items.map(row).join("") : '<table aria-label=Things><tr><th>Name<th>Note<th></tr>' + items.map(row).join("") + '</table>'; }
// recycle gives the present rows the content of other items, as virtual lists do.
function recycle(shift) {
  const rows = [...list.querySelectorAll(kind === "cards" ? ".card" : "tr")].filter((r) => r.querySelector("button"));
  rows.forEach((r, n) => {
    const i = items[(n + shift) % items.length], parts = r.querySelectorAll("span, td");
    if (kind === "keyed") r.dataset.key = i.id; else if (kind === "ids") r.id = i.id;
    parts[0].textContent = i.name; parts[1].textContent = i.note; r.querySelector("button").dataset.i = i.id;
  });
}
draw();
</script>`

func openShop(t *testing.T, kind string) *tab {
	t.Helper()
	return openTab(t, strings.ReplaceAll(shop, "KIND", kind))
}

// refTo returns the ref of the Open button of an item, as an agent learns it.
func refTo(t *testing.T, p *tab, item string) string {
	t.Helper()
	var found struct{ Candidates []string }
	for _, target := range []string{`row "` + item + `" > btn "Open"`, `css ".card:has([data-i=k` + strings.TrimPrefix(item, "Item ") + `])" > btn "Open"`} {
		if err := p.call("resolve", params{"target": target}, &found); err != nil {
			t.Fatal(err)
		}
		if len(found.Candidates) == 1 {
			ref, _, _ := strings.Cut(found.Candidates[0], " ")
			return ref
		}
	}
	t.Fatalf("no button of %s: %v", item, found)
	return ""
}

func TestRefsKeepTheirMeaning(t *testing.T) {
	t.Parallel()
	changes := []struct {
		name, js string
		works    bool
	}{
		{"nothing", ``, true},
		{"same content drawn anew", `draw()`, true},
		{"row above", `items.unshift({id:"k0",name:"Item 0",note:"note 0"}); draw()`, true},
		{"rows reversed", `items.reverse(); draw()`, true},
		{"other row removed", `items.splice(4,1); draw()`, true},
		{"row removed", `items.splice(2,1); draw()`, false},
		{"button renamed", `document.querySelector("[data-i=k3]").textContent = "Shut"`, false},
		{"row of another item", `items[2] = {id:"k9",name:"Item 9",note:"note 9"}; draw()`, false},
		{"recycled row, item gone", `items = items.filter((i) => i.id !== "k3"); items.push({id:"k8",name:"Item 8",note:"note 8"}); recycle(0)`, false},
		{"recycled rows, item moved", `recycle(1)`, true},
	}
	for _, kind := range []string{"keyed", "ids", "plain", "cards"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			p := openShop(t, kind)
			for _, change := range changes {
				p.Eval(t, resetShop, nil)
				ref := refTo(t, p, "Item 3")
				p.Eval(t, change.js+";0", nil)
				err := p.try("click " + ref)
				clicked := p.text("clicked")
				switch {
				case clicked != "" && clicked != "k3":
					t.Errorf("%s: %s acted on %s", change.name, ref, clicked)
				case change.works && (err != nil || clicked != "k3"):
					t.Errorf("%s: %s should still work: %v", change.name, ref, err)
				case !change.works && (clicked != "" || code(err) != "gone"):
					t.Errorf("%s: %s should be refused as gone: clicked %q, %v", change.name, ref, clicked, err)
				}
			}
		})
	}
}

// resetShop draws what the page began with.
const resetShop = `items = [1,2,3,4,5,6].map((n) => ({ id: "k" + n, name: "Item " + n, note: "note " + n })); clicked = []; draw(); 0`

func TestRowPathsKeepTheirMeaning(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"keyed", "ids", "plain"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			p := openShop(t, kind)
			path := rowPath(t, p, "Item 3")
			p.Eval(t, `items.unshift({id:"k33",name:"Item 33",note:"x"}); draw()`, nil)
			p.do("click " + path + "/Open")
			if got := p.text("clicked"); got != "k3" {
				t.Fatalf("%s acted on %q", path, got)
			}
			p.Eval(t, `clicked = []; items = items.filter((i) => i.id !== "k3"); draw()`, nil)
			if err := p.try("click " + path + "/Open"); code(err) != "gone" || p.text("clicked") != "" {
				t.Errorf("%s after its row is gone: %v, clicked %q", path, err, p.text("clicked"))
			}
			p.Eval(t, `items[0].name = "Item 3"; draw()`, nil)
			_ = p.try("click " + path + "/Open")
			if got := p.text("clicked"); got != "" {
				t.Errorf("%s acted on %q, which took the name", path, got)
			}
		})
	}
}

// rowPath finds the row in a look, as an agent would read it.
func rowPath(t *testing.T, p *tab, item string) string {
	t.Helper()
	text := p.look(params{"find": item})
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "t1#") {
			if quoted, ok := strings.CutPrefix(line, `t1#"`); ok {
				key, _, _ := strings.Cut(quoted, `"`)
				return `t1#"` + key + `"`
			}
			path, _, _ := strings.Cut(line, " ")
			return path
		}
	}
	t.Fatalf("no row of %s in\n%s", item, text)
	return ""
}

func TestRefNumbersAreNeverReused(t *testing.T) {
	t.Parallel()
	p := openTab(t, `<main id=m><button>One</button><button>Two</button></main>`)
	seen := map[string]string{}
	for n := range 6 {
		p.Eval(t, fmt.Sprintf(`m.innerHTML = "<button>New %d</button><button>Other %d</button>"`, n, n), nil)
		for line := range strings.Lines(p.look(params{})) {
			fields := strings.Fields(line)
			ref := fields[len(fields)-1]
			if !strings.HasPrefix(ref, "b") {
				continue
			}
			if was, ok := seen[ref]; ok {
				t.Errorf("%s was %s and is %s", ref, was, line)
			}
			seen[ref] = line
		}
	}
	if len(seen) != 12 {
		t.Errorf("saw %d refs, want 12: %v", len(seen), seen)
	}
}
